"""The pages of corrections: the new text, how revisions differ, and the marks that need a look."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from annotations.admin.correction import correct, diff, worklist


def article_urls(site: AdminSite) -> list[URLPattern]:
    """Return the pages below an article."""
    return [
        path(
            "<uuid:pk>/correct/",
            site.admin_view(correct.page),
            {"site": site},
            name="annotations_article_correct",
        ),
        path("<uuid:pk>/diff/", site.admin_view(diff.page), {"site": site}, name="annotations_article_diff"),
    ]


def set_urls(site: AdminSite) -> list[URLPattern]:
    """Return the worklist below a set."""
    view = site.admin_view(worklist.page)
    return [path("<uuid:pk>/items/", view, {"site": site}, name="annotations_annotationset_items")]
