"""The use of an entry of the registry: the work of which somebody may see that it links to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, F, Max, Min, Q, QuerySet

from annotations.models import Actor, EntryKind, Proposition, Span, Statement, Topic
from annotations.models.ordering import text_order
from annotations.services.registry.canonical import variant_ids
from annotations.visibility import visible

#: The lookup from a span to the canonical entry of each kind.
SPAN_LINKS = {
    EntryKind.ACTOR: "actor__canonical",
    EntryKind.TOPIC: "proposition__canonical__topic__canonical",
    EntryKind.PROPOSITION: "proposition__canonical",
}
#: How many sources and propositions are listed.
MAX_LISTED = 100


def linked_spans(by: User, kind: EntryKind, canonical: UUID) -> QuerySet[Span]:
    """Return the spans that link to an entry or to one that was merged into it, as far as ``by`` sees them.

    What is blind to ``by`` is neither found nor counted.
    """
    if kind == EntryKind.TOPIC:
        linked = Q((SPAN_LINKS[kind], canonical))
    else:
        linked = Q((f"{kind}__in", variant_ids(kind, canonical)))
    return visible(by, Span.objects.filter(linked).order_by())


def count_work(spans: QuerySet[Span]) -> dict[str, int]:
    """Return the number of spans, of their sets and of their articles."""
    return spans.aggregate(
        spans=Count("pk"),
        sets=Count("set_id", distinct=True),
        articles=Count("set__article_id", distinct=True),
    )


def count_actor_usage(by: User, actor: Actor) -> dict[str, Any]:
    """Return where an actor occurs, after all merges, and the propositions on which approved work counts it.

    The days are those of publication; articles without a date count, and have none.
    """
    spans = linked_spans(by, EntryKind.ACTOR, actor.canonical_id)
    published = F("set__article__published_at")
    times = spans.aggregate(first=Min(published), last=Max(published))
    sources = spans.values_list("set__article__source").annotate(
        spans=Count("pk"), articles=Count("set__article_id", distinct=True)
    )
    largest = sources.order_by("-spans", text_order("set__article__source"))
    return {
        **count_work(spans),
        "first_day": times["first"] and times["first"].date().isoformat(),
        "last_day": times["last"] and times["last"].date().isoformat(),
        "by_source": [
            {"source": source or None, "spans": number, "articles": articles}
            for source, number, articles in largest[:MAX_LISTED]
        ],
        "propositions": _propositions_of(actor),
    }


def _propositions_of(actor: Actor) -> list[dict[str, Any]]:
    """Return the propositions of the statements of an actor; all members see those of approved work."""
    rows = Statement.objects.filter(actor__canonical=actor.canonical_id, proposition__isnull=False)
    counted = rows.order_by().values_list("proposition__canonical_id").annotate(n=Count("pk"))
    found = list(counted.order_by("-n", "proposition__canonical_id")[:MAX_LISTED])
    texts = dict(Proposition.objects.filter(pk__in=[id for id, _ in found]).values_list("pk", "text"))
    return [{"id": id, "text": texts[id], "statements": number} for id, number in found]


def entry_kind(entry: Actor | Topic | Proposition) -> EntryKind:
    """Return the kind of an entry."""
    return EntryKind(type(entry).__name__.lower())
