"""The frame of the pages that count statements: the request of an address, its filters, its links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from annotations.admin import labels
from annotations.admin.access import current_user
from annotations.admin.labels import LazyText
from annotations.admin.team import pages
from annotations.exceptions import InvalidInputError
from annotations.models import Actor, Corpus, Proposition, Statement, Topic
from annotations.models.ordering import text_order
from annotations.permissions import Permission
from annotations.services.knowledge.grammar import STATEMENT_PARAMETERS, StatementRequest, parse_request
from annotations.translation import translate_message
from annotations.visibility import visible

#: The pages below "Positions", by the last part of the name of their address.
SECTIONS: Mapping[str, LazyText] = {
    "positions": pgettext_lazy("page", "Matrix"),
    "changes": pgettext_lazy("page", "Changes of mind"),
    "quoted": pgettext_lazy("page", "Who is quoted"),
    "network": pgettext_lazy("page", "Network"),
    "statements": pgettext_lazy("page", "Statements"),
}

#: The filters that people set by hand, with their labels; others of an address are kept as they are.
FIELD_LABELS: Mapping[str, LazyText] = {
    "from": pgettext_lazy("day", "From"),
    "to": pgettext_lazy("day", "Before"),
    "source": gettext_lazy("Source"),
    "topic": gettext_lazy("Topic"),
    "kind": gettext_lazy("Statements"),
    "stance": gettext_lazy("Stance"),
    "basis": gettext_lazy("Shown by"),
    "dedup": gettext_lazy("Count once"),
    "dedup_key": gettext_lazy("What is the same"),
    "copies": gettext_lazy("Copies of a text"),
    "rollup_actor": gettext_lazy("Actors as"),
    "rollup_issue": gettext_lazy("Issues as"),
    "time": gettext_lazy("Over time, by"),
    "order": gettext_lazy("Order"),
    "min_statements": gettext_lazy("Statements, at least"),
    "descendants": gettext_lazy("Of the actor"),
    "rows": gettext_lazy("Rows"),
    "columns": gettext_lazy("Columns"),
}
#: The name by which an address chooses articles without a source: forms send empty fields that mean all.
WITHOUT = "without"
_EVERY = gettext_lazy("all")
#: The choices of a filter; those of the scheme are named by it.
CHOICES: Mapping[str, Mapping[str, LazyText]] = {
    "kind": {
        "": gettext_lazy("positions and claims"),
        "position": gettext_lazy("positions"),
        "claim": gettext_lazy("claims"),
    },
    "stance": {
        "": _EVERY,
        **{value: pgettext_lazy("stance", value) for value in ("support", "oppose", "mixed", "undecided")},
    },
    "basis": {
        "stated,conduct": gettext_lazy("own words or acts"),
        "stated": gettext_lazy("own words"),
        "conduct": gettext_lazy("acts"),
        "ascribed": gettext_lazy("what others ascribe"),
        "stated,conduct,ascribed": _EVERY,
    },
    "dedup": {
        "none": gettext_lazy("nothing: count all"),
        "article": gettext_lazy("in an article"),
        "week": gettext_lazy("in a week"),
        "month": gettext_lazy("in a month"),
        "year": gettext_lazy("in a year"),
        "range": gettext_lazy("in the whole range"),
    },
    "dedup_key": {
        "stance": gettext_lazy("actor, issue and stance"),
        "issue": gettext_lazy("actor and issue: the latest stance counts"),
    },
    "copies": {
        "one": gettext_lazy("count once what they say alike"),
        "all": gettext_lazy("count each"),
    },
    "descendants": {
        "": gettext_lazy("its own statements"),
        "true": gettext_lazy("those of its parts and affiliates, too"),
    },
    "rollup_actor": {
        "none": gettext_lazy("themselves"),
        "parent": gettext_lazy("the body they are part of"),
        "affiliation": gettext_lazy("their affiliation that day"),
        "kind": gettext_lazy("their kind"),
    },
    "rollup_issue": {"none": gettext_lazy("themselves"), "topic": gettext_lazy("their topic")},
    "time": {
        "none": gettext_lazy("automatic"),
        "year": gettext_lazy("years"),
        "quarter": gettext_lazy("quarters"),
        "month": gettext_lazy("months"),
        "week": gettext_lazy("weeks"),
    },
    "order": {
        "salience": gettext_lazy("most statements"),
        "name": gettext_lazy("name"),
        "score": gettext_lazy("score"),
    },
}
_MOST_TOPICS = 200


@dataclass(frozen=True)
class FilterField:
    """A field of the form: a list of choices, or an input of a type."""

    name: str
    label: LazyText
    value: str
    choices: Sequence[tuple[str, LazyText]] = ()
    input_type: str = "text"
    hint: str = ""


@dataclass(frozen=True)
class FilterChip:
    """A filter that was followed, not filled in: its value by name, and the address without it."""

    label: LazyText
    value: str
    url: str


@dataclass(frozen=True)
class KnowledgeFrame:
    """What a page knows of its request: the corpus, the parameters, and the addresses made of them."""

    http_request: HttpRequest
    site: AdminSite
    corpus: Corpus
    section: str
    request: StatementRequest

    def url(self, section: str, request: StatementRequest, **more: str) -> str:
        """Return the address of a page with a request."""
        query = request.as_query()
        if query.get("source") == "":
            query[WITHOUT] = "source"
        return section_url(self.corpus, section, {**query, **more})

    def context(self, title: LazyText, fields: Sequence[str], **extra: object) -> dict[str, Any]:
        """Return the context that the frame of these pages needs."""
        query = self.request.as_query()
        if fields and self.request.actor is not None:
            fields = (*fields, "descendants")
        return pages.page_context(
            self.http_request,
            self.site,
            self.corpus,
            title,
            sections=self._section_links(),
            fields=[self._field(name, query) for name in fields],
            kept={name: value for name, value in self._sent().items() if name not in fields},
            chips=self._chips(),
            has_statements=Statement.objects.filter(corpus=self.corpus).exists(),
            reset_url=section_url(self.corpus, self.section, {}),
            is_filtered=bool(self._sent()),
            **extra,
        )

    def _sent(self) -> dict[str, str]:
        """Return the parameters of the address that say something."""
        skipped = ("format", "page")
        sent = self.http_request.GET.dict()
        return {name: str(value) for name, value in sent.items() if value and name not in skipped}

    def _section_links(self) -> list[pages.PageLink]:
        """Return the links between these pages; the filters go along."""
        shared = self.request.listing().as_query()
        shared = {
            name: value for name, value in shared.items() if name not in ("row", "column", "window", "kind")
        }
        return [
            pages.PageLink(label, section_url(self.corpus, name, shared), name == self.section)
            for name, label in SECTIONS.items()
        ]

    def _field(self, name: str, query: Mapping[str, str]) -> FilterField:
        label = FIELD_LABELS[name]
        if name == "topic":
            return FilterField(name, label, query.get(name, ""), choices=self._topics())
        if name in CHOICES:
            default = next(iter(CHOICES[name]))
            return FilterField(name, label, query.get(name, default), choices=list(CHOICES[name].items()))
        is_number = STATEMENT_PARAMETERS[name].schema["type"] == "integer" if name != "source" else False
        hint = "YYYY-MM-DD" if name in ("from", "to") else ""
        return FilterField(name, label, query.get(name, ""), (), "number" if is_number else "text", hint)

    def _topics(self) -> list[tuple[str, LazyText]]:
        live = Topic.objects.filter(corpus=self.corpus, merged_into__isnull=True)
        rows = live.order_by(text_order("search_key"), "pk")
        return [
            ("", _EVERY),
            *((str(pk), name) for pk, name in rows.values_list("pk", "name")[:_MOST_TOPICS]),
        ]

    def _chips(self) -> list[FilterChip]:
        """Return the entries to which the address limits the page, with the address that does not."""
        chips = []
        for name, (model, field) in _CHIP_MODELS.items():
            id = self.request.value_of(name)
            if id is not None:
                rows: Any = visible(current_user(self.http_request), model._default_manager.filter(pk=id))
                found = rows.values_list(field, flat=True).first()
                rest = {key: value for key, value in self._sent().items() if key != name}
                url = section_url(self.corpus, self.section, rest)
                chips.append(FilterChip(labels.field_label(name), str(found or id), url))
        return chips


_CHIP_MODELS: Mapping[str, tuple[type[Actor | Proposition], str]] = {
    "actor": (Actor, "name"),
    "proposition": (Proposition, "text"),
}


def section_url(corpus: Corpus, section: str, query: Mapping[str, str]) -> str:
    """Return the address of a page below "Positions"."""
    url = reverse(f"admin:annotations_corpus_{section}", args=(corpus.pk,))
    return f"{url}?{urlencode(query)}" if query else url


def open_frame(
    request: HttpRequest, pk: UUID, site: AdminSite, section: str, **defaults: object
) -> KnowledgeFrame:
    """Return the frame of a page; a parameter that cannot be read is told, and the defaults are shown."""
    corpus = pages.get_corpus(request, pk, Permission.VIEW_CORPUS)
    texts = {name: str(value) for name, value in request.GET.dict().items() if value}
    try:
        parsed = parse_request(texts, **defaults)
    except InvalidInputError as error:
        messages.error(request, translate_message(str(error)))
        parsed = parse_request({}, **defaults)
    if request.GET.get(WITHOUT) == "source":
        parsed = replace(parsed, articles={**parsed.articles, "source": ""})
    if section != "statements":  # only a list is of one cell
        parsed = replace(parsed, row=None, column=None, window=None)
    return KnowledgeFrame(request, site, corpus, section, parsed)


def article_url(article_id: UUID) -> str:
    """Return the address of an article."""
    return reverse("admin:annotations_article_change", args=(article_id,))


def span_url(set_id: UUID, span_id: UUID) -> str:
    """Return the address of a span in its text."""
    workbench = reverse("admin:annotations_annotationset_workbench", args=(set_id,))
    return f"{workbench}#span={span_id}"
