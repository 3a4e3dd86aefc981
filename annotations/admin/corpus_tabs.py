"""The tabs of a corpus, which stand on every page of it and of what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from annotations.admin.access import current_user
from annotations.admin.corpus_pages import CORPUS_PAGES, CORPUS_PARAMETER, TAB_LABELS, CorpusPage
from annotations.admin.team.pages import PageLink, page_url
from annotations.models import Corpus, Role
from annotations.permissions import VisibleRow, is_allowed
from annotations.text.parsing import parse_uuid
from annotations.visibility import visible

View = TypeVar("View", bound=Callable[..., Any])

_PREFIX = "annotations_"
#: The corpus of a list, read once a request.
_listed: WeakKeyDictionary[HttpRequest, Corpus | None] = WeakKeyDictionary()


@dataclass(frozen=True)
class CorpusTabs:
    """The corpus of a page, the links to its tabs, and those to the pages of the current tab."""

    corpus: Corpus
    url: str
    tabs: list[PageLink]
    sections: list[PageLink]
    #: Whether the link of the tab leads to the page that is shown.
    is_leaf: bool


def with_tabs(view: View) -> View:
    """Return a view of the admin whose pages have the tabs of their corpus."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response: HttpResponse = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and not response.is_rendered:
            _add_tabs(request, response)
        return response

    return cast("View", wrapper)


def _add_tabs(request: HttpRequest, response: TemplateResponse) -> None:
    context = response.context_data
    match = request.resolver_match
    if context is None or context.get("is_popup") or match is None:
        return
    name = (match.url_name or "").removeprefix(_PREFIX)
    here = next(_pages_named(name), None)
    seen = _seen_corpus(request, context) if here is not None else None
    if here is not None and seen is not None:
        is_page = name in {f"corpus_{here.name}", f"{_model_name(here.model)}_changelist", "corpus_change"}
        context["corpus_tabs"] = make_tabs(request, seen, here, is_page=is_page)


def _pages_named(name: str) -> Iterator[CorpusPage]:
    """Yield the page of which this is the name, then the tables to which a page of this name belongs."""
    yield from (row for row in CORPUS_PAGES if row.view is not None and name == f"corpus_{row.name}")
    yield from (row for row in CORPUS_PAGES if row.model and name.startswith(f"{_model_name(row.model)}_"))


def _model_name(model: type[Model] | None) -> str:
    return str(model._meta.model_name) if model is not None else ""


def _seen_corpus(request: HttpRequest, context: Mapping[str, Any]) -> VisibleRow[Corpus] | None:
    """Return the corpus that a page is about, with the role of the user in it."""
    if "cl" in context:
        listed = listed_corpus(request)
        return VisibleRow.of(listed) if listed is not None else None
    row = next((context[name] for name in ("corpus", "original", "object") if context.get(name)), None)
    role = getattr(row, "my_role", None)
    corpus = row if isinstance(row, Corpus) else getattr(row, "corpus", None)
    return VisibleRow(corpus, Role(role)) if isinstance(corpus, Corpus) and role else None


def listed_corpus(request: HttpRequest) -> Corpus | None:
    """Return the corpus whose rows a list shows; None if it shows those of several."""
    if request not in _listed:
        _listed[request] = _read_listed(request)
    return _listed[request]


def _read_listed(request: HttpRequest) -> Corpus | None:
    try:
        pk = parse_uuid(request.GET.get(CORPUS_PARAMETER, ""))
    except ValueError:
        return None
    rows = Corpus.objects.filter(pk=pk).defer("guideline", "description")
    return visible(current_user(request), rows).first()


def make_tabs(
    request: HttpRequest, seen: VisibleRow[Corpus], here: CorpusPage, *, is_page: bool = True
) -> CorpusTabs:
    """Return the links that the user may follow; ``is_page``: the user is on ``here``, not on one below."""
    corpus, user = seen.row, current_user(request)
    rows = [
        row
        for row in CORPUS_PAGES
        if row.label and is_allowed(user, row.permission, seen) and not (row.is_writing and corpus.archived)
    ]
    first: dict[str, CorpusPage] = {}
    for row in rows:
        first.setdefault(row.tab, row)
    tabs = [PageLink(TAB_LABELS[tab], row.url(corpus), tab == here.tab) for tab, row in first.items()]
    below = [row for row in rows if row.tab == here.tab]
    sections = [PageLink(row.label, row.url(corpus), is_page and row is here) for row in below]
    if len(sections) == 1:
        sections = []
    return CorpusTabs(corpus, page_url(corpus, "overview"), tabs, sections, is_page and not sections)
