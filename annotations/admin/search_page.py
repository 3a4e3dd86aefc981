"""The page "Search" of a corpus: hits in their sentences, facets, and searches that are saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from annotations import limits
from annotations.addresses import api_url
from annotations.admin.access import current_user
from annotations.admin.labels import LazyText
from annotations.admin.search_results import CONTEXT, list_results
from annotations.admin.team import pages
from annotations.exceptions import StandpointError
from annotations.messages import message_of
from annotations.models import Actor, Article, Corpus
from annotations.models.ordering import text_order
from annotations.permissions import Permission, VisibleRow, is_allowed
from annotations.scheme import LABEL_NAMES
from annotations.services.exchange.filters import ARTICLE_FILTERS, filter_articles
from annotations.services.knowledge.grammar import ARTICLE_PARAMETERS
from annotations.services.knowledge.parameters import StatementParameter, choice, identifier
from annotations.services.search import saved
from annotations.services.search.facets import count_facets
from annotations.services.search.pages import ArticleSearch, FoundPage, Place
from annotations.services.search.requests import PLACES, SORTS, SearchRequest
from annotations.translation import translate_message
from annotations.visibility import visible

TEMPLATE = "admin/annotations/corpus/search.html"
PER_PAGE = 20
PLACE_LABELS: Mapping[str, LazyText] = {
    "texts": pgettext_lazy("search", "texts"),
    "quotes": pgettext_lazy("search", "what is marked"),
    "titles": pgettext_lazy("search", "titles"),
    "comments": pgettext_lazy("search", "comments"),
}
SORT_LABELS: Mapping[str, LazyText] = {
    "date": gettext_lazy("the newest first"),
    "relevance": gettext_lazy("words in the title first"),
}
FACET_LABELS: Mapping[str, LazyText] = {
    "source": gettext_lazy("Source"),
    "month": gettext_lazy("Month"),
    "language": gettext_lazy("Language"),
    "actor": gettext_lazy("Actor"),
}
#: Questions, and what they find.
EXAMPLES: Mapping[str, LazyText] = {
    "harbour dues": gettext_lazy("both words, in any spelling of their letters"),
    '"harbour dues"': gettext_lazy("the words side by side"),
    "harb*": gettext_lazy("words that begin so, with three letters or more"),
    "lock OR toll -bridge": gettext_lazy("one of the words; not the word"),
    "title:lock source:post": gettext_lazy("in the title; of a source"),
    'actor:"Mira Halvorsen" stance:oppose issue:toll': gettext_lazy(
        "a marked statement of this actor, with this stance, on this issue"
    ),
}
#: What an address of the page may say beside the question.
PARAMETERS: Mapping[str, StatementParameter] = {
    "in": choice("Where it looks.", PLACES, name="SearchPlace", default=PLACES[0]),
    "sort": choice("In which order.", SORTS, name="SearchSort", default=SORTS[0]),
    "label": choice("The label of spans.", LABEL_NAMES, name="Label"),
    "actor": identifier("The actor of spans."),
    **ARTICLE_PARAMETERS,
}


class SaveForm(forms.Form):
    """Form for the name of a search."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=limits.MAX_SEARCH_NAME)
    shared = forms.BooleanField(label=gettext_lazy("All members see it"), required=False)


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render what an address asks for, or save or delete a search."""
    corpus = pages.get_corpus(request, pk, Permission.VIEW_ARTICLE)
    texts = {name: str(value) for name, value in request.GET.dict().items() if value}
    if request.method == "POST":
        return _change_saved(request, corpus, texts)
    by = current_user(request)
    question = texts.get("q", "")[: limits.MAX_QUESTION]
    values = _parse(request, texts)
    asked = SearchRequest(
        question=question,
        place=values.get("in", PLACES[0]),
        sort=values.get("sort", SORTS[0]),
        label=values.get("label"),
        actor=values.get("actor"),
        context=CONTEXT,
    )
    articles = {name: values[name] for name in ARTICLE_PARAMETERS if name in values}
    rows = filter_articles(visible(by, Article.objects.filter(corpus=corpus)), by, articles)
    search = ArticleSearch(by, corpus, asked, rows)
    found = search.page(PER_PAGE, **_side(texts)) if question else None
    kept = {name: texts[name] for name in ("q", *PARAMETERS) if name in texts}
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Search"),
        question=question,
        examples=list(EXAMPLES.items()),
        understood=asked.query.understood,
        asked=asked,
        places=list(PLACE_LABELS.items()),
        sorts=list(SORT_LABELS.items()),
        kept={name: value for name, value in kept.items() if name not in ("q", "in", "sort")},
        chips=_chips(corpus, by, kept),
        results=list_results(by, found, asked.place) if found else None,
        facets=_facets(corpus, search, kept) if found and found.results else [],
        earlier=_turn(corpus, kept, found, texts, forwards=False),
        later=_turn(corpus, kept, found, texts, forwards=True),
        kwic_url=_kwic_url(corpus, kept, asked) if found and found.results else "",
        uses=_uses(request, corpus, kept) if found and found.results else [],
        save_form=SaveForm(initial={"name": asked.query.understood[:60]}),
        saved=_saved(by, corpus),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _parse(request: HttpRequest, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the parsed parameters; one that cannot be read is told, and left out."""
    values = {}
    for name, row in PARAMETERS.items():
        if name in texts:
            try:
                values[name] = row.parse(texts[name])
            except ValueError as error:
                messages.error(request, f"{name}: {translate_message(message_of(error))}")
    return values


def _side(texts: Mapping[str, str]) -> dict[str, Place]:
    """Return the place behind or before which the page begins; one that is none is left out."""
    for name in ("after", "before"):
        if name in texts:
            try:
                return {name: Place.parse(texts[name])}
            except ValueError:
                return {}
    return {}


def _url(corpus: Corpus, query: Mapping[str, str]) -> str:
    return f"{pages.page_url(corpus, 'search')}?{urlencode(query)}"


def _turn(
    corpus: Corpus,
    kept: Mapping[str, str],
    found: FoundPage | None,
    texts: Mapping[str, str],
    *,
    forwards: bool,
) -> str:
    """Return the address of the next page or of the one before, "" where there is none."""
    if found is None:
        return ""
    backwards = "before" in texts
    if forwards != backwards:
        place = found.end if found.goes_on else None
    else:
        came_from_there = found.places and (backwards or "after" in texts)
        place = found.places[-1 if forwards else 0] if came_from_there else None
    return _url(corpus, {**kept, "after" if forwards else "before": str(place)}) if place else ""


# --- Addresses


def _kwic_url(corpus: Corpus, kept: Mapping[str, str], asked: SearchRequest) -> str:
    """Return the address of all hits as a table, "" where no table has these."""
    if asked.place != "texts" or asked.label or not asked.query.text_atoms:
        return ""
    query = {name: value for name, value in kept.items() if name in ARTICLE_FILTERS}
    return (
        f"{api_url(f'corpora/{corpus.slug}/export/')}?{urlencode({'format': 'kwic', 'sets': 'all', **query})}"
    )


def _uses(request: HttpRequest, corpus: Corpus, kept: Mapping[str, str]) -> list[pages.PageLink]:
    """Return the pages that take up the question: they know no other filters of this one, and no places."""
    if set(kept) - {"q", "in", "sort"} or kept.get("in", PLACES[0]) != PLACES[0]:
        return []
    return [
        pages.PageLink(label, f"{pages.page_url(corpus, name)}?{urlencode({parameter: kept['q']})}", False)
        for name, (label, permission, parameter) in _USES.items()
        if pages.has_corpus_permission(request, permission, corpus)
    ]


#: The pages that take up a question: what a link there says, who may open it, and the parameter.
_USES: Mapping[str, tuple[LazyText, Permission, str]] = {
    "hand_out": (gettext_lazy("Hand these articles out"), Permission.ASSIGN_SET, "words"),
    "export": (gettext_lazy("Export these articles"), Permission.EXPORT_CORPUS, "q"),
}


# --- Facets and filters


def _facets(corpus: Corpus, search: ArticleSearch, kept: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "label": FACET_LABELS[name],
            "rows": [
                {
                    "name": value.name,
                    "count": value.count,
                    "url": _url(corpus, {**kept, **_facet_query(name, value.value)}),
                }
                for value in values
            ],
        }
        for name, values in count_facets(search).items()
        if values
    ]


def _facet_query(name: str, value: str) -> dict[str, str]:
    if name != "month":
        return {name: value}
    year, month = map(int, value.split("-"))
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return {
        "published_after": f"{value}-01T00:00:00Z",
        "published_before": f"{following[0]:04}-{following[1]:02}-01T00:00:00Z",
    }


#: The parts of an address that are shown as chips, which take them away.
_CHIP_LABELS: Mapping[str, LazyText] = {
    "source": gettext_lazy("Source"),
    "language": gettext_lazy("Language"),
    "actor": gettext_lazy("Actor"),
    "label": gettext_lazy("Label"),
    "published_after": gettext_lazy("Published from"),
    "published_before": gettext_lazy("Published before"),
    "status": gettext_lazy("Status"),
    "story_key": gettext_lazy("Story"),
    "search": gettext_lazy("Title, author or source"),
    "external_id": gettext_lazy("External id"),
}


def _chips(corpus: Corpus, by: User, kept: Mapping[str, str]) -> list[dict[str, Any]]:
    chips = []
    for name, label in _CHIP_LABELS.items():
        if name in kept:
            shown = kept[name].removesuffix("T00:00:00Z")
            if name == "actor":
                shown = _actor_name(by, kept[name])
            rest = {key: value for key, value in kept.items() if key != name}
            chips.append({"label": label, "value": shown, "url": _url(corpus, rest)})
    return chips


def _actor_name(by: User, sent: str) -> str:
    try:
        id = PARAMETERS["actor"].parse(sent)
    except ValueError:
        return sent
    names: Iterable[str] = visible(by, Actor.objects.filter(pk=id)).values_list("canonical__name", flat=True)
    return next(iter(names), sent)


# --- Saved searches


def _saved(by: User, corpus: Corpus) -> list[dict[str, Any]]:
    rows = saved.saved_searches(by, corpus).order_by(text_order("name"), "pk")
    return [
        {
            "row": row,
            "url": _url(corpus, {"q": row.query, **row.filters}),
            "is_mine": row.owner_id == by.pk,
            "may_delete": is_allowed(by, Permission.CHANGE_SEARCH, VisibleRow.of(row)),
        }
        for row in rows
    ]


def _change_saved(request: HttpRequest, corpus: Corpus, texts: Mapping[str, str]) -> HttpResponse:
    by = current_user(request)
    values = _parse(request, texts)
    kept = {name: texts[name] for name in ("q", *PARAMETERS) if name in ("q", *values) and name in texts}
    try:
        if "delete" in request.POST:
            id, version = _sent_search(request)
            saved.delete_search(by, id, version=version)
            messages.success(request, gettext("The saved search was deleted."))
        else:
            form = SaveForm(request.POST)
            if form.is_valid() and kept.get("q"):
                filters = {name: value for name, value in kept.items() if name != "q"}
                values = {**form.cleaned_data, "query": kept["q"][: limits.MAX_QUESTION], "filters": filters}
                saved.save_search(by, VisibleRow.of(corpus), values)
                messages.success(request, gettext("The search was saved."))
            else:
                messages.error(request, gettext("A search needs a question and a name to be saved."))
    except (StandpointError, ValueError) as error:
        messages.error(request, translate_message(message_of(error)))
    return HttpResponseRedirect(_url(corpus, kept))


def _sent_search(request: HttpRequest) -> tuple[UUID, int]:
    id, _, version = request.POST["delete"].partition(" ")
    return UUID(id), int(version)
