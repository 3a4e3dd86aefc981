"""The pages of a corpus: one table of their names, their views, and who sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy, pgettext_lazy

from annotations.admin import (
    duplicates,
    exports,
    feeds,
    import_page,
    overview,
    releases,
    search_page,
    stories,
    webhooks,
)
from annotations.admin.knowledge import changes, matrix, network, quoted, statements, tie
from annotations.admin.labels import LazyText
from annotations.admin.rights import corpus_rights
from annotations.admin.scoped_admin import change_url, list_url
from annotations.admin.team import (
    agreement,
    assignments,
    calibration,
    confusion,
    invitations,
    pages,
    progress,
)
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Corpus,
    Job,
    Membership,
    Proposition,
    Release,
    Topic,
)
from annotations.permissions import Permission

PageView = Callable[..., HttpResponse]

#: The parameter by which the list of a table is that of a corpus.
CORPUS_PARAMETER = "corpus__id__exact"
OVERVIEW, ARTICLES, POSITIONS, REGISTRY, WORK, AGREEMENT, IMPORT, EXPORT, MEMBERS, SETTINGS = (
    "overview", "articles", "positions", "registry", "work", "agreement", "import", "export", "members",
    "settings",
)  # fmt: skip
TAB_LABELS: Mapping[str, LazyText] = {
    OVERVIEW: gettext_lazy("Overview"),
    ARTICLES: gettext_lazy("Articles"),
    POSITIONS: gettext_lazy("Positions"),
    REGISTRY: gettext_lazy("Registry"),
    WORK: pgettext_lazy("page", "Work"),
    AGREEMENT: gettext_lazy("Agreement"),
    IMPORT: gettext_lazy("Import"),
    EXPORT: gettext_lazy("Export and releases"),
    MEMBERS: gettext_lazy("Members"),
    SETTINGS: gettext_lazy("Settings"),
}


@dataclass(frozen=True, kw_only=True)
class CorpusPage:
    """A page of a corpus: a view of its own, or else the rows of a table that are in the corpus.

    ``name`` ends the name of its address. Without a ``label`` no link leads there from the tabs.
    ``is_writing``: an archived corpus has no such page.
    """

    tab: str
    permission: Permission
    label: LazyText = ""
    name: str = ""
    address: str = ""
    view: PageView | None = None
    model: type[Model] | None = None
    is_writing: bool = False

    def url(self, corpus: Corpus) -> str:
        """Return the address of the page."""
        if self.model is Corpus:
            return change_url(Corpus, corpus.pk)
        if self.model is not None:
            return list_url(self.model, urlencode({CORPUS_PARAMETER: corpus.pk}))
        return pages.page_url(corpus, self.name)


def _page(
    tab: str,
    address: str,
    view: PageView,
    permission: Permission,
    label: LazyText = "",
    *,
    name: str = "",
    is_writing: bool = False,
) -> CorpusPage:
    return CorpusPage(
        tab=tab,
        address=address,
        view=view,
        permission=permission,
        label=label,
        name=name or address.replace("-", "_"),
        is_writing=is_writing,
    )


def _table(tab: str, model: type[Model], permission: Permission, label: LazyText) -> CorpusPage:
    return CorpusPage(tab=tab, model=model, permission=permission, label=label)


#: The pages in the order of the tabs, and within each in the order of its links; the first leads the tab.
CORPUS_PAGES: tuple[CorpusPage, ...] = (
    _page(OVERVIEW, "overview", overview.page, Permission.VIEW_CORPUS, gettext_lazy("Overview")),
    _table(ARTICLES, Article, Permission.VIEW_ARTICLE, gettext_lazy("All articles")),
    _page(ARTICLES, "search", search_page.page, Permission.VIEW_ARTICLE, gettext_lazy("Search")),
    _page(ARTICLES, "stories", stories.list_page, Permission.VIEW_ARTICLE, gettext_lazy("Stories")),
    _page(ARTICLES, "stories/<uuid:story>", stories.story_page, Permission.VIEW_ARTICLE, name="story"),
    _page(POSITIONS, "positions", matrix.page, Permission.VIEW_CORPUS, gettext_lazy("Positions")),
    _page(POSITIONS, "positions/statements", statements.page, Permission.VIEW_CORPUS, name="statements"),
    _page(POSITIONS, "positions/changes", changes.page, Permission.VIEW_CORPUS, name="changes"),
    _page(POSITIONS, "positions/quoted", quoted.page, Permission.VIEW_CORPUS, name="quoted"),
    _page(POSITIONS, "positions/network", network.page, Permission.VIEW_CORPUS, name="network"),
    _page(POSITIONS, "positions/tie", tie.page, Permission.VIEW_CORPUS, name="tie"),
    _table(REGISTRY, Actor, Permission.VIEW_REGISTRY, gettext_lazy("Actors")),
    _table(REGISTRY, Topic, Permission.VIEW_REGISTRY, gettext_lazy("Topics")),
    _table(REGISTRY, Proposition, Permission.VIEW_REGISTRY, gettext_lazy("Propositions")),
    _page(REGISTRY, "duplicates", duplicates.page, Permission.VIEW_REGISTRY, gettext_lazy("Duplicates")),
    _page(WORK, "team", progress.page, Permission.VIEW_PROGRESS, gettext_lazy("Team")),
    _page(WORK, "hand-out", assignments.page, Permission.ASSIGN_SET, gettext_lazy("Hand out")),
    _page(WORK, "calibration", calibration.page, Permission.ASSIGN_SET, gettext_lazy("Calibration")),
    _table(WORK, AnnotationSet, Permission.VIEW_SET, gettext_lazy("Sets")),
    _page(AGREEMENT, "agreement", agreement.page, Permission.VIEW_OWN_AGREEMENT, gettext_lazy("Agreement")),
    _page(AGREEMENT, "agreement-marks", confusion.page, Permission.VIEW_AGREEMENT),
    _page(
        IMPORT,
        "import",
        import_page.page,
        Permission.IMPORT_CORPUS,
        gettext_lazy("Import files"),
        is_writing=True,
    ),
    _table(IMPORT, Job, Permission.VIEW_JOB, gettext_lazy("Jobs")),
    _page(EXPORT, "export", exports.page, Permission.EXPORT_CORPUS, gettext_lazy("Export")),
    _table(EXPORT, Release, Permission.VIEW_RELEASE, gettext_lazy("Releases")),
    _page(EXPORT, "feeds", feeds.page, Permission.READ_FEED, gettext_lazy("Feeds")),
    _page(EXPORT, "feeds/<uuid:feed>/delete", feeds.revoke, Permission.READ_FEED, name="feed_delete"),
    _page(
        EXPORT, "release", releases.release_form_view, Permission.CREATE_RELEASE,
        gettext_lazy("Make a release"),
    ),
    _table(MEMBERS, Membership, Permission.VIEW_MEMBERS, gettext_lazy("Members")),
    _page(MEMBERS, "invitations", invitations.page, Permission.INVITE_MEMBER, gettext_lazy("Invitations")),
    _page(
        MEMBERS,
        "invitations/<uuid:invitation>/delete",
        invitations.revoke,
        Permission.INVITE_MEMBER,
        name="invitation_delete",
    ),
    _table(SETTINGS, Corpus, Permission.VIEW_CORPUS, gettext_lazy("Settings")),
    _page(SETTINGS, "rights", corpus_rights.page, Permission.VIEW_RIGHTS, gettext_lazy("Rights")),
    _page(SETTINGS, "webhooks", webhooks.list_page, Permission.CHANGE_WEBHOOK, gettext_lazy("Webhooks")),
    _page(
        SETTINGS, "webhooks/<uuid:webhook>", webhooks.webhook_page, Permission.CHANGE_WEBHOOK, name="webhook"
    ),
)  # fmt: skip


def corpus_urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses of the pages that have a view of their own."""
    return [
        path(
            f"<uuid:pk>/{row.address}/",
            site.admin_view(row.view),
            {"site": site},
            name=f"annotations_corpus_{row.name}",
        )
        for row in CORPUS_PAGES
        if row.view is not None
    ]
