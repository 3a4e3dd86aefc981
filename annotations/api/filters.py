"""The filters of lists: each parameter with what it does to the rows.

A filter that looks into sets or spans looks only into those that the caller sees. The same table
serves lists, exports and the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import Exists, Model, OuterRef, QuerySet

from annotations import limits
from annotations.api import parameters
from annotations.api.parameters import Parameter
from annotations.enums import ArticleStatus, DecisionState, DifferenceKind, Round, SetKind, State
from annotations.exceptions import FieldError, InvalidInputError
from annotations.messages import join_list, message, message_of
from annotations.models import (
    ITEM_STATUSES,
    AnnotationSet,
    CarryItem,
    Corpus,
    EntryKind,
    Event,
    PropositionKind,
    PropositionStatus,
    Span,
)
from annotations.scheme import LABEL_NAMES
from annotations.services.core.candidates import narrow_to_candidates
from annotations.services.core.events import OTHER_ACTIONS, SET_ACTIONS
from annotations.services.exchange import filters
from annotations.services.registry.canonical import linked_to
from annotations.text.parsing import MAX_LANGUAGE
from annotations.visibility import visible_with_content

RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A query parameter, and the lookup or the function that applies its value to a queryset."""

    parameter: Parameter
    lookup: str = ""
    apply: Callable[[QuerySet[Any], User, Any], QuerySet[Any]] | None = None


Filters = Mapping[str, Filter]


def list_parameters(filters: Filters) -> dict[str, Parameter]:
    """Return the query parameters of a list with these filters, those of paging included."""
    return {**parameters.PAGE, **{name: row.parameter for name, row in filters.items()}}


def apply_filters(
    filters: Filters, rows: QuerySet[RowT], user: User, values: Mapping[str, Any]
) -> QuerySet[RowT]:
    """Return the rows that fit all filters in ``sent``; other parameters are ignored."""
    for name, row in filters.items():
        if name in values:
            rows = (
                row.apply(rows, user, values[name])
                if row.apply
                else rows.filter(**{row.lookup: values[name]})
            )
    return rows


def parse_filters(filters: Filters, texts: Mapping[str, str], *, pointer: str) -> dict[str, Any]:
    """Return the parsed values of filters that came in a request body.

    ``pointer`` is the JSON pointer of the object. Raises ``InvalidInputError`` for unknown filters and wrong
    values.
    """
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, text in texts.items():
        if name not in filters:
            detail = message("There is no filter of this name; there are {names}.", names=join_list(filters))
            errors.append(
                FieldError(code="unknown-field", detail=detail, pointer=f"{pointer}/{escape_pointer(name)}")
            )
            continue
        try:
            values[name] = filters[name].parameter.parse(text)
        except ValueError as error:
            errors.append(FieldError(code="value", detail=message_of(error), pointer=f"{pointer}/{name}"))
    if errors:
        raise InvalidInputError(
            message("The filter needs mending: {detail}", detail=errors[0].detail), errors=errors
        )
    return values


def escape_pointer(name: str) -> str:
    """Return a name escaped as a segment of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


_ARTICLES: Mapping[str, Parameter] = {
    "status": parameters.choice("Where the article stands.", ArticleStatus),
    "language": parameters.text("Its BCP 47 tag.", max_length=MAX_LANGUAGE),
    "source": parameters.text("Its source.", max_length=limits.MAX_SOURCE),
    "story_key": parameters.text("What its editors call the event."),
    "story": parameters.identifier("The story of which it is a copy: the same text, as it was found."),
    "copies": parameters.choice(
        "`leads` leaves out the copies of other articles.", filters.COPIES_CHOICES, name="ArticleCopies"
    ),
    "published_after": parameters.time("Published at this time or later."),
    "published_before": parameters.time("Published before this time."),
    "updated_after": parameters.time("It, or a set on it that the caller sees, changed then or later."),
    "approved_after": parameters.time("Its approved set was approved at this time or later."),
    "search": parameters.text(
        "Part of title, external id, author or source. Case and accents make no difference, and Latin "
        "letters find other scripts."
    ),
    "q": parameters.text(
        'Words of its text: words, "phrases", -word, word*, a OR b, title:, source:, actor:"…", stance:, '
        "issue:.",
        max_length=limits.MAX_QUESTION,
    ),
    "external_id": parameters.text("Its external id."),
    "actor": parameters.identifier("An actor to whom a visible span is linked."),
    "proposition": parameters.identifier("A proposition to which a visible span is linked."),
}
ARTICLES: Filters = {
    name: Filter(parameter=parameter, apply=filters.ARTICLE_FILTERS[name])
    for name, parameter in _ARTICLES.items()
}


def _filter_updated_sets(rows: QuerySet[Any], _: User, time: datetime) -> QuerySet[Any]:
    return rows.filter(Exists(Event.objects.filter(set_id=OuterRef("pk"), time__gte=time)))


SETS: Filters = {
    "state": Filter(parameter=parameters.choice("Where the set stands.", State), lookup="state"),
    "owner": Filter(
        parameter=parameters.text("The username of its owner.", max_length=limits.MAX_USERNAME),
        lookup="owner__username",
    ),
    "reviewer": Filter(
        parameter=parameters.text("The username of its reviewer.", max_length=limits.MAX_USERNAME),
        lookup="reviewer__username",
    ),
    "article": Filter(parameter=parameters.identifier("Its article."), lookup="article_id"),
    "kind": Filter(parameter=parameters.choice("What it is.", SetKind), lookup="kind"),
    "round": Filter(parameter=parameters.choice("What it is for.", Round), lookup="round"),
    "updated_after": Filter(
        parameter=parameters.time("It or its content changed at this time or later."),
        apply=_filter_updated_sets,
    ),
    "approved_after": Filter(
        parameter=parameters.time("Approved at this time or later."), lookup="approved_at__gte"
    ),
}

DECISIONS: Filters = {
    "state": Filter(parameter=parameters.choice("Whether it is settled.", DecisionState), lookup="state"),
    "kind": Filter(parameter=parameters.choice("In what the sides differ.", DifferenceKind), lookup="kind"),
    "source_changed": Filter(
        parameter=parameters.boolean("Whether a source has changed since."), lookup="source_changed"
    ),
}


def _filter_waiting(rows: QuerySet[Any], _: User, state: str) -> QuerySet[Any]:
    waiting = CarryItem.objects.waiting().values("pk")
    return rows.filter(pk__in=waiting) if state == DecisionState.OPEN else rows.exclude(decision="")


CARRY_ITEMS: Filters = {
    "state": Filter(
        parameter=parameters.choice("Whether it is settled.", DecisionState), apply=_filter_waiting
    ),
    "article": Filter(parameter=parameters.identifier("Its article."), lookup="set__article_id"),
    "status": Filter(
        parameter=parameters.choice("What became of it.", ITEM_STATUSES, name="CarryItemStatus"),
        lookup="status",
    ),
}


def _filter_linked(link: str) -> Callable[[QuerySet[Any], User, Any], QuerySet[Any]]:
    def narrow(rows: QuerySet[Any], _: User, sent: Any) -> QuerySet[Any]:
        return rows.filter(linked_to(link, sent))

    return narrow


def _filter_canonical(rows: QuerySet[Any], _: User, canonical: bool) -> QuerySet[Any]:
    return rows.filter(merged_into__isnull=True) if canonical else rows


#: The filter of each list of the registry.
ENTRIES: Filters = {
    "canonical": Filter(
        parameter=parameters.boolean("Whether merged entries are left out: true unless it is sent."),
        apply=_filter_canonical,
    ),
}

MERGES: Filters = {
    "kind": Filter(parameter=parameters.choice("What was merged.", EntryKind), lookup="kind"),
    "loser": Filter(parameter=parameters.identifier("What was merged into another."), lookup="loser"),
    "winner": Filter(parameter=parameters.identifier("Into what it was merged."), lookup="winner"),
}

SPANS: Filters = {
    "label": Filter(parameter=parameters.choice("Its label.", LABEL_NAMES, name="Label"), lookup="label"),
    "actor": Filter(
        parameter=parameters.identifier("The actor it is linked to, after all merges."),
        apply=_filter_linked("actor"),
    ),
    "proposition": Filter(
        parameter=parameters.identifier("The proposition it is linked to, after all merges."),
        apply=_filter_linked("proposition"),
    ),
    "state": Filter(parameter=parameters.choice("Where its set stands.", State), lookup="set__state"),
    "article": Filter(parameter=parameters.identifier("Its article."), lookup="set__article_id"),
}


def apply_span_filters(
    rows: QuerySet[Span], user: User, corpus: Corpus, values: Mapping[str, Any]
) -> QuerySet[Span]:
    """Return the spans of a corpus that fit all filters, by way of the few candidates where one has few."""
    rows = apply_filters(SPANS, rows, user, values)
    linked = Span.objects.filter(**({"label": values["label"]} if "label" in values else {}))
    for link in ("actor", "proposition"):
        if link in values:
            found = linked.filter(linked_to(link, values[link]))
            rows = narrow_to_candidates(rows, "pk", found.values_list("pk", flat=True))
    of_sets = {SPANS[name].lookup.removeprefix("set__"): values[name] for name in _OF_SETS if name in values}
    if of_sets:
        sets = visible_with_content(user, AnnotationSet.objects.filter(corpus=corpus, **of_sets))
        rows = narrow_to_candidates(rows, "set", sets.values_list("pk", flat=True))
    return rows


#: The filters of spans that look at their sets.
_OF_SETS = ("state", "article")

PROPOSITIONS: Filters = {
    **ENTRIES,
    "topic": Filter(
        parameter=parameters.identifier("Its topic, after all merges."), apply=_filter_linked("topic")
    ),
    "kind": Filter(parameter=parameters.choice("What it is.", PropositionKind), lookup="kind"),
    "status": Filter(
        parameter=parameters.choice("Whether it is accepted.", PropositionStatus), lookup="status"
    ),
}


def _filter_unread(rows: QuerySet[Any], _: User, unread: bool) -> QuerySet[Any]:
    return rows.filter(read_at__isnull=unread)


NOTIFICATIONS: Filters = {
    "unread": Filter(parameter=parameters.boolean("Whether it still has to be read."), apply=_filter_unread),
}

EVENTS: Filters = {
    "after": Filter(parameter=parameters.number("Events after this seq."), lookup="seq__gt"),
    "action": Filter(
        parameter=parameters.choice("What was done.", (*SET_ACTIONS, *OTHER_ACTIONS), name="EventAction"),
        lookup="action",
    ),
}
