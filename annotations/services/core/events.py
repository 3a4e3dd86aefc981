"""The only writer of events, the audit trail: each service records its changes in its own transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import (
    Case,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Least, Substr
from django.utils import timezone

from annotations.context import request_id
from annotations.enums import ArticleStatus
from annotations.models import AnnotationSet, Article, Comment, Event, Relation, Span, bulk
from annotations.services.core.span_values import span_content
from annotations.workflow import TRANSITIONS

CREATED, IMPORTED = "created", "imported"
SPAN_ADDED, SPAN_CHANGED, SPAN_DELETED = "span_added", "span_changed", "span_deleted"
RELATION_ADDED, RELATION_DELETED = "relation_added", "relation_deleted"
COMMENT_ADDED, COMMENT_CHANGED = "comment_added", "comment_changed"
MERGED, SOURCE_CHANGED = "merged", "source_changed"
DECISION_SETTLED, DECISION_REOPENED = "decision_settled", "decision_reopened"
DOUBLED, SINGLE_AGAIN = "article_doubled", "article_single_again"
DUE_CHANGED = "due_changed"
ITEM_SETTLED = "item_settled"
#: What follows from other changes, and is told to those outside.
ARTICLE_DONE, ADJUDICATION_READY = "article_done", "adjudication_ready"
RELEASE_READY, JOB_FAILED = "release_ready", "job_failed"

#: The actions that say that an article has come to a status.
STATUS_ACTIONS: Mapping[ArticleStatus, str] = {
    ArticleStatus.DONE: ARTICLE_DONE,
    ArticleStatus.READY_FOR_ADJUDICATION: ADJUDICATION_READY,
}

#: The actions that make their user an author of the set.
CONTENT_ACTIONS = (SPAN_ADDED, SPAN_CHANGED, SPAN_DELETED, RELATION_ADDED, RELATION_DELETED, IMPORTED)

#: All actions of sets, and all other actions.
SET_ACTIONS = (
    *TRANSITIONS, CREATED, *CONTENT_ACTIONS, COMMENT_ADDED, COMMENT_CHANGED,
    MERGED, DECISION_SETTLED, DECISION_REOPENED, SOURCE_CHANGED, DUE_CHANGED,
    ITEM_SETTLED,
)  # fmt: skip
OTHER_ACTIONS = (
    "corpus_created", "corpus_changed", "corpus_deleted",
    "member_added", "member_changed", "member_removed",
    "article_added", "article_changed", "article_deleted", "article_excluded", "article_included",
    "revision_added", DOUBLED, SINGLE_AGAIN,
    "invitation_added", "invitation_accepted", "invitation_deleted",
    "actor_added", "actor_changed", "topic_added", "topic_changed",
    "affiliation_added", "affiliation_changed", "affiliation_deleted", "pair_judged",
    "story_lead_chosen", "copy_confirmed", "copy_set_apart",
    "proposition_added", "proposition_changed", "proposition_accepted",
    "actor_merged", "actor_unmerged", "topic_merged", "topic_unmerged",
    "proposition_merged", "proposition_unmerged",
    "release_created", "release_withdrawn", "release_amended",
    "article_rights_changed", "corpus_rights_changed", "article_taken_down", "article_restored",
    "actor_protected", "actor_unprotection_asked", "actor_unprotected", "article_erased",
    RELEASE_READY, ARTICLE_DONE, ADJUDICATION_READY, JOB_FAILED,
    "webhook_added", "webhook_changed", "webhook_rotated", "webhook_replayed", "webhook_disabled",
    "webhook_deleted",
)  # fmt: skip


def build_event(
    action: str,
    *,
    by: User | None,
    corpus_id: UUID,
    article_id: UUID | None = None,
    set_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Event:
    """Return an event that is not yet stored; ``by`` is None for the system."""
    return Event(
        corpus_id=corpus_id,
        article_id=article_id,
        set_id=set_id,
        user_id=by.pk if by else None,
        username=by.get_username() if by else "",
        action=action,
        data={"before": before, "after": after},
        request_id=request_id.get() or "",
        time=timezone.now(),
    )


def record_event(action: str, **details: Any) -> None:
    """Store one event."""
    build_event(action, **details).save(force_insert=True)


def build_set_event(action: str, row: AnnotationSet, by: User | None, **change: Any) -> Event:
    """Return an event about a set or its content, not yet stored."""
    return build_event(
        action, by=by, corpus_id=row.corpus_id, article_id=row.article_id, set_id=row.pk, **change
    )


def build_article_event(action: str, article: Article, by: User | None, **change: Any) -> Event:
    """Return an event about an article, not yet stored."""
    return build_event(action, by=by, corpus_id=article.corpus_id, article_id=article.pk, **change)


def store_events(events: list[Event]) -> None:
    """Store several events in their order."""
    bulk.create_objects(events)


def set_payload(row: AnnotationSet) -> dict[str, Any]:
    """Return the payload of an event about a set."""
    return {"state": row.state, "version": row.version}


def span_payload(span: Span) -> dict[str, Any]:
    """Return the payload of an event about a span: with a digest of its words, which the text still has."""
    values = span_content(span)
    quote = values.pop("quote")
    return {**values, "digest": hashlib.sha256(quote.encode()).hexdigest()}


def with_external_ids(trail: QuerySet[Event]) -> QuerySet[Event]:
    """Return events with ``external_id``, that of their article; None where it is gone or has none."""
    article = Article.objects.filter(pk=OuterRef("article_id"))
    return trail.annotate(external_id=Subquery(article.values("external_id")))


def with_quote(payload: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return a payload with the words of its span in the place of their digest.

    ``text`` is that of the revision of the set, which never changes. Older events hold the words themselves.
    """
    quote = payload.get("quote", text[payload["start"] : payload["end"]])
    values: dict[str, Any] = {}
    for name, value in payload.items():
        if name not in ("digest", "quote"):
            values[name] = value
        if name == "end":
            values["quote"] = quote
    return values


def with_span_quotes(queryset: QuerySet[Event], longest: int) -> QuerySet[Event]:
    """Return events with ``span_quote``: the first ``longest`` code points of their spans."""
    start, end = (
        Cast(Coalesce(KT(f"data__after__{name}"), KT(f"data__before__{name}")), IntegerField())
        for name in ("start", "end")
    )
    start_of_words: Any = OuterRef("_start") + 1
    length_of_words: Any = OuterRef("_length")
    words = Substr("revision__text", start_of_words, length_of_words)
    text = AnnotationSet.objects.filter(pk=OuterRef("set_id")).values(words=words)
    about_span = Q(action__in=(SPAN_ADDED, SPAN_CHANGED, SPAN_DELETED))
    rows = queryset.annotate(
        _start=Case(When(about_span, then=start), output_field=IntegerField()),
        _length=Case(When(about_span, then=Least(end - start, Value(longest))), output_field=IntegerField()),
    )
    return rows.annotate(span_quote=Case(When(about_span, then=Subquery(text)), output_field=TextField()))


def relation_payload(relation: Relation) -> dict[str, Any]:
    """Return the payload of an event about a relation."""
    return {
        "id": str(relation.pk),
        "type": relation.type,
        "source": str(relation.source_id),
        "target": str(relation.target_id),
    }


def comment_payload(comment: Comment) -> dict[str, Any]:
    """Return the payload of an event about a comment."""
    return {
        "id": str(comment.pk),
        "span": comment.span_id and str(comment.span_id),
        "start": comment.start,
        "end": comment.end,
        "text": comment.text,
        "blocking": comment.blocking,
        "suggestion": comment.suggestion,
        "resolved": comment.resolved_at is not None,
    }


#: The upper 16 bits of the advisory locks that the trigger of the table takes (migration 0007); the lower 48
#: are the last ``seq`` that was given out before the transaction added its first event.
_FLOOR_LOCK = 21328
_LOWEST_FLOOR = """
SELECT min((classid::bigint & 65535) << 32 | objid::bigint)
FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = %s AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def max_committed_seq() -> int:
    """Return the highest ``seq`` up to which the trail is complete: no event can still appear below it.

    PostgreSQL assigns sequence numbers before the transactions commit, so a reader could see 12 before
    11 and never ask for 11 again. Each transaction publishes the number below which it adds nothing; the
    order of the two queries matters, since whoever publishes after the first adds above its answer. Nobody
    waits (ADR 0025). SQLite runs one writing transaction after the other.
    """
    last: int = Event.objects.aggregate(last=Max("seq"))["last"] or 0
    if connection.vendor != "postgresql":
        return last
    with connection.cursor() as cursor:
        cursor.execute(_LOWEST_FLOOR, [_FLOOR_LOCK])
        floor: int | None = cursor.fetchone()[0]
    return last if floor is None else min(last, floor)
