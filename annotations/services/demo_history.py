"""The history of the demo: what its people did, at the times that the samples tell.

A restore writes one event for each set, at the time of the restore. The team of the demo has worked for
two months: its events are those of ``seeds/history.jsonl`` and of the comments, and whatever else the load
has recorded lies at the time that is in the id (UUIDv7) of its object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.contrib.auth.models import User

from annotations.enums import EDITABLE, State
from annotations.models import AnnotationSet, Article, Comment, Corpus, Event, Revision
from annotations.services.core import events
from annotations.services.review.transitions import set_digest
from annotations.workflow import TRANSITIONS

HISTORY = Path(__file__).resolve().parent.parent.parent / "seeds" / "history.jsonl"


@dataclass(frozen=True)
class Step:
    """A transition of a set, as a line of the file tells it."""

    set: UUID
    action: str
    user: str
    time: datetime
    more: Mapping[str, str]


def write_history(corpus: Corpus, people: Mapping[str, User]) -> None:
    """Put the history of the samples in the place of the events of the load.

    Call it in the transaction of the load: until that is committed nobody has read an event.
    """
    rows = Event.objects.filter(corpus_id=corpus.pk)
    loaded = list(rows.order_by("seq"))
    begun = {event.set_id: event for event in loaded if event.action == events.IMPORTED}
    trail = [_dated(event, corpus) for event in loaded if event.action != events.IMPORTED]
    steps = _read_steps()
    for row in AnnotationSet.objects.filter(corpus=corpus).select_related("owner").order_by("pk"):
        trail += _set_events(row, begun[row.pk], steps.get(row.pk, []), people)
    rows.delete()
    # The sort is stable: events of one time stay in the order in which the load recorded them.
    events.store_events(sorted(trail, key=lambda event: event.time))
    _date_articles(corpus)


def id_time(id: UUID | str) -> datetime:
    """Return the time that a UUIDv7 holds."""
    milliseconds = UUID(str(id)).int >> 80
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _read_steps() -> Mapping[UUID, list[Step]]:
    steps: dict[UUID, list[Step]] = {}
    for line in HISTORY.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        step = Step(
            set=UUID(row.pop("set")),
            action=row.pop("action"),
            user=row.pop("user"),
            time=datetime.fromisoformat(row.pop("time")),
            more=row,
        )
        steps.setdefault(step.set, []).append(step)
    return steps


def _dated(event: Event, corpus: Corpus) -> Event:
    """Return an event of the load at the time of its object: its article, its entry, or the corpus."""
    after = event.data.get("after") or {}
    return _at(id_time(event.article_id or after.get("id") or corpus.pk), event)


def _set_events(
    row: AnnotationSet, first: Event, steps: list[Step], people: Mapping[str, User]
) -> Iterator[Event]:
    """Yield the events of a set, and store when its review began."""
    digest, state, version = set_digest(row), State.OPEN, row.version - len(steps)
    before = {"state": str(state), "version": version}
    after = {**first.data["after"], **before, "reviewer": None}
    after.pop("digest", None)
    yield _at(row.created_at, _event(events.IMPORTED, row, None, before=None, after=after))
    for step in steps:
        state = TRANSITIONS[step.action].target or state
        version += 1
        after = {"state": str(state), "version": version, **step.more}
        if TRANSITIONS[step.action].target and state not in EDITABLE:
            after["digest"] = digest
        yield _at(step.time, _event(step.action, row, people[step.user], before=before, after=after))
        before = {"state": str(state), "version": version}
        if step.action == "start_review":
            AnnotationSet.objects.filter(pk=row.pk).update(review_started_at=step.time)
    yield from _comment_events(row)


def _comment_events(row: AnnotationSet) -> Iterator[Event]:
    for comment in Comment.objects.filter(set=row).select_related("author", "resolved_by").order_by("pk"):
        resolved = events.comment_payload(comment)
        added = {**resolved, "resolved": False}
        yield _at(comment.created_at, _event(events.COMMENT_ADDED, row, comment.author, after=added))
        if comment.resolved_at is not None:
            changed = _event(events.COMMENT_CHANGED, row, comment.resolved_by, before=added, after=resolved)
            yield _at(comment.resolved_at, changed)


def _event(action: str, row: AnnotationSet, by: User | None, **change: object) -> Event:
    return events.build_set_event(action, row, by, **change)


def _at(time: datetime, event: Event) -> Event:
    event.time = time
    return event


def _date_articles(corpus: Corpus) -> None:
    for model, rows in (
        (Article, Article.objects.filter(corpus=corpus)),
        (Revision, Revision.objects.filter(article__corpus=corpus)),
    ):
        for pk in rows.values_list("pk", flat=True):
            model._default_manager.filter(pk=pk).update(created_at=id_time(pk))
