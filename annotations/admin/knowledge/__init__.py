"""The pages that say what approved work says: positions, changes of mind, who is quoted, networks."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from annotations.admin.knowledge import changes, matrix, network, quoted, statements, tie

PageView = Callable[..., HttpResponse]

#: The pages of a corpus by the end of their address, and the last part of their name.
KNOWLEDGE_PAGES: dict[str, tuple[str, PageView]] = {
    "positions": ("positions", matrix.page),
    "positions/statements": ("statements", statements.page),
    "positions/changes": ("changes", changes.page),
    "positions/quoted": ("quoted", quoted.page),
    "positions/network": ("network", network.page),
    "positions/tie": ("tie", tie.page),
}


def corpus_urls(site: AdminSite) -> list[URLPattern]:
    """Return the pages below a corpus."""
    return [
        path(
            f"<uuid:pk>/{address}/", site.admin_view(view), {"site": site}, name=f"annotations_corpus_{name}"
        )
        for address, (name, view) in KNOWLEDGE_PAGES.items()
    ]
