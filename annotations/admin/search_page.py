"""The page "Search" of a corpus: hits in their sentences, facets, and searches that are saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from annotations import limits
from annotations.addresses import api_url
from annotations.admin.access import current_user
from annotations.admin.labels import LazyText
from annotations.admin.team import pages
from annotations.exceptions import StandpointError
from annotations.messages import message_of
from annotations.models import Actor, AnnotationSet, Article, Corpus, Span
from annotations.models.ordering import text_order
from annotations.permissions import Permission, VisibleRow, is_allowed
from annotations.scheme import LABEL_NAMES
from annotations.services.exchange.filters import ARTICLE_FILTERS, filter_articles
from annotations.services.knowledge.grammar import ARTICLE_PARAMETERS
from annotations.services.knowledge.parameters import StatementParameter, choice, identifier
from annotations.services.search import saved
from annotations.services.search.conditions import FOUND_STATES
from annotations.services.search.facets import count_facets
from annotations.services.search.hits import ArticleHits, Hit
from annotations.services.search.pages import ArticleSearch, FoundPage, Place
from annotations.services.search.requests import PLACES, SORTS, SearchRequest
from annotations.translation import translate_message
from annotations.visibility import visible, visible_with_content

TEMPLATE = "admin/annotations/corpus/search.html"
PER_PAGE, HITS_SHOWN, CONTEXT = 20, 5, 160
#: Where a sentence ends, in the scripts that mark it.
_SENTENCE_END = re.compile(r"[.!?…。！？।؟۔]['”’»)\]]*\s+|[。！？]|\n")

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


@dataclass(frozen=True)
class HitRow:
    """A hit in its sentence, with the address where it stands."""

    before: str
    quote: str
    after: str
    url: str


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
        results=_results(by, found, asked.place) if found else None,
        facets=_facets(corpus, search, kept) if found and found.results else [],
        earlier=_turn(corpus, kept, found, texts, forwards=False),
        later=_turn(corpus, kept, found, texts, forwards=True),
        kwic_url=_kwic_url(corpus, kept, asked) if found and found.results else "",
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


# --- Results


def _results(by: Any, found: FoundPage, place: str) -> list[dict[str, Any]]:
    spans = {span for result in found.results for hit in result.hits for span in hit.spans[:1]}
    sets_of_spans = dict(
        visible(by, Span.objects.filter(pk__in=spans)).values_list("pk", "set") if spans else ()
    )
    sets = _sets_to_open(by, found.results)
    results = []
    for result in found.results:
        article: Any = result.article
        links = _Links(article["id"], sets.get(article["id"]), sets_of_spans, place)
        results.append(
            {
                "article": article,
                "title": article["title"] or article["external_id"] or str(article["id"]),
                "url": links.article,
                "hits": [_hit_row(hit, links) for hit in result.hits[:HITS_SHOWN]],
                "total": result.hits_total,
                "more": result.hits_total - HITS_SHOWN,
            }
        )
    return results


def _sets_to_open(by: Any, results: Sequence[ArticleHits]) -> dict[UUID, UUID]:
    """Return for each article the set in which a hit is shown: one's own before others, the newest first."""
    revisions = [result.revision.pk for result in results]
    rows = visible_with_content(
        by, AnnotationSet.objects.filter(revision__in=revisions, state__in=FOUND_STATES)
    )
    ordered = rows.order_by("pk").values_list("owner_id", "article_id", "pk")
    # of several, the last one stays
    return {article: pk for _, article, pk in sorted(ordered, key=lambda row: row[0] == by.pk)}


class _Links:
    """The addresses of one article and of the hits in it."""

    def __init__(
        self, article: UUID, opened: UUID | None, sets_of_spans: Mapping[UUID, UUID], place: str
    ) -> None:
        self.article = reverse("admin:annotations_article_change", args=(article,))
        self._opened = opened
        self._sets_of_spans = sets_of_spans
        self._place = place

    def of_hit(self, hit: Hit) -> str:
        """Return the address at which the text shows a hit."""
        if self._place in ("quotes", "comments") and hit.spans:
            return f"{self._workbench(self._sets_of_spans[hit.spans[0]])}#span={hit.spans[0]}"
        if self._place != "texts":
            return self.article
        at = f"{hit.start}-{hit.end}"
        if self._opened is not None:
            return f"{self._workbench(self._opened)}#at={at}"
        return f"{self.article}?at={at}#hit"

    def _workbench(self, set_id: UUID) -> str:
        return reverse("admin:annotations_annotationset_workbench", args=(set_id,))


def _hit_row(hit: Hit, links: _Links) -> HitRow:
    before, after = cut_to_sentence(hit.before, hit.after)
    return HitRow(before, hit.quote, after, links.of_hit(hit))


def cut_to_sentence(before: str, after: str) -> tuple[str, str]:
    """Return what stands of the sentence before and after a hit; an ellipsis where it goes on."""
    ends = [found.end() for found in _SENTENCE_END.finditer(before)]
    start = before[ends[-1] :] if ends else before
    if not ends and len(before) == CONTEXT:
        start = f"…{before[1:]}"
    found = _SENTENCE_END.search(after)
    end = after[: found.end()].rstrip() if found else after
    if not found and len(after) == CONTEXT:
        end = f"{after[:-1]}…"
    return start, end


def _kwic_url(corpus: Corpus, kept: Mapping[str, str], asked: SearchRequest) -> str:
    """Return the address of all hits as a table, "" where no table has these."""
    if asked.place != "texts" or asked.label or not asked.query.text_atoms:
        return ""
    query = {name: value for name, value in kept.items() if name in ARTICLE_FILTERS}
    return (
        f"{api_url(f'corpora/{corpus.slug}/export/')}?{urlencode({'format': 'kwic', 'sets': 'all', **query})}"
    )


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


def _chips(corpus: Corpus, by: Any, kept: Mapping[str, str]) -> list[dict[str, Any]]:
    chips = []
    for name, label in _CHIP_LABELS.items():
        if name in kept:
            shown = kept[name].removesuffix("T00:00:00Z")
            if name == "actor":
                shown = _actor_name(by, kept[name])
            rest = {key: value for key, value in kept.items() if key != name}
            chips.append({"label": label, "value": shown, "url": _url(corpus, rest)})
    return chips


def _actor_name(by: Any, sent: str) -> str:
    try:
        id = PARAMETERS["actor"].parse(sent)
    except ValueError:
        return sent
    names: Iterable[str] = visible(by, Actor.objects.filter(pk=id)).values_list("canonical__name", flat=True)
    return next(iter(names), sent)


# --- Saved searches


def _saved(by: Any, corpus: Corpus) -> list[dict[str, Any]]:
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
