"""Events described in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin.words import Text, field, relation
from annotations.models import AnnotationSet, Event
from annotations.models.words import spelled
from annotations.services.events import COMMENT_ADDED, with_span_quotes
from annotations.told import told_lazily
from annotations.workflow import TRANSITIONS

LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Told:
    """One event in words: who did what, a quote of what it was about, and the reason.

    ``set_owner`` is the owner of the set, if it is somebody else.
    """

    time: datetime
    username: str
    message: str
    quote: str
    note: str
    set_owner: str = ""


@dataclass(frozen=True)
class Words:
    """The wording of an action. ``quote`` are the payload fields to quote; the first that exists is taken."""

    message: Text
    quote: tuple[str, ...] = ()
    changes: bool = False


#: The wording of every action; a message follows the username.
WORDS: Mapping[str, Words] = {
    **{row.name: Words(told_lazily(row.history)) for row in TRANSITIONS.values()},
    "created": Words(gettext_lazy("started a set for"), ("owner",)),
    "imported": Words(gettext_lazy("imported its content")),
    "merged": Words(gettext_lazy("merged what the sources have alike")),
    "decision_settled": Words(gettext_lazy("settled a difference"), ("kind",), changes=True),
    "decision_reopened": Words(gettext_lazy("opened a decision again"), ("kind",)),
    "source_changed": Words(gettext_lazy("changed a source of the adjudication"), ("by",)),
    "due_changed": Words(gettext_lazy("changed the due date"), changes=True),
    "span_added": Words(gettext_lazy("marked"), ("quote",)),
    "span_changed": Words(gettext_lazy("changed the mark on"), ("quote",), changes=True),
    "span_deleted": Words(gettext_lazy("removed the mark from"), ("quote",)),
    "relation_added": Words(gettext_lazy("related two marks"), ("type",)),
    "relation_deleted": Words(gettext_lazy("removed a relation"), ("type",)),
    "comment_added": Words(gettext_lazy("commented"), ("text",)),
    "comment_changed": Words(gettext_lazy("changed a comment"), ("text",), changes=True),
    "corpus_created": Words(gettext_lazy("founded the corpus"), ("name",)),
    "corpus_changed": Words(gettext_lazy("changed the corpus"), changes=True),
    "corpus_deleted": Words(gettext_lazy("deleted the corpus"), ("name",)),
    "member_added": Words(gettext_lazy("added a member"), ("username",), changes=True),
    "member_changed": Words(gettext_lazy("changed the role of"), ("username",), changes=True),
    "member_removed": Words(gettext_lazy("removed the member"), ("username",)),
    "article_added": Words(gettext_lazy("added the article"), ("title", "external_id")),
    "article_changed": Words(gettext_lazy("changed the article"), ("title", "external_id"), changes=True),
    "article_deleted": Words(gettext_lazy("deleted the article"), ("title", "external_id")),
    "article_excluded": Words(gettext_lazy("excluded the article")),
    "article_included": Words(gettext_lazy("included the article again")),
    "revision_added": Words(gettext_lazy("added a revision")),
    "article_doubled": Words(gettext_lazy("took the article as its second annotator, for the silent share")),
    "article_single_again": Words(gettext_lazy("left the article to one annotator again")),
    "invitation_added": Words(gettext_lazy("invited somebody"), ("email", "role")),
    "invitation_accepted": Words(gettext_lazy("accepted an invitation"), ("username",)),
    "invitation_deleted": Words(gettext_lazy("took an invitation back"), ("email", "role")),
    "actor_added": Words(gettext_lazy("added the actor"), ("name",)),
    "actor_changed": Words(gettext_lazy("changed the actor"), ("name",), changes=True),
    "topic_added": Words(gettext_lazy("added the topic"), ("name",)),
    "topic_changed": Words(gettext_lazy("renamed the topic"), ("name",)),
    "proposition_added": Words(gettext_lazy("proposed"), ("text",)),
    "proposition_changed": Words(gettext_lazy("changed the proposition"), ("text",), changes=True),
    "proposition_accepted": Words(gettext_lazy("accepted the proposition"), ("text",)),
    "release_created": Words(gettext_lazy("made the release"), ("name", "number")),
    "release_withdrawn": Words(gettext_lazy("withdrew the release"), ("name", "number")),
}

#: Frequent actions, which the history shows and the page of the set does not.
SMALL = (
    "span_added",
    "span_changed",
    "span_deleted",
    "relation_added",
    "relation_deleted",
    "comment_changed",
    "decision_settled",
    "decision_reopened",
)

#: Fields of a payload that say nothing to people, or repeat the quote.
SILENT = frozenset(
    {"id", "version", "state", "digest", "sha256", "search_key", "span", "source", "target", "reason"}
)


def tell(event: Event, comments: int = 0, set_owner: str = "") -> Told:
    """Return one event in words.

    ``comments`` is the number of comments that came with it, ``set_owner`` the owner of the set.
    """
    words = WORDS.get(event.action, Words(spelled(event.action)))
    before, after = event.data.get("before") or {}, event.data.get("after") or {}
    payload = {**before, **after}
    # Events of spans hold no quote; a page that lists them has annotated it. Older events hold it themselves.
    payload.setdefault("quote", getattr(event, "span_quote", None))
    quote = next((_quoted(name, payload[name]) for name in words.quote if payload.get(name)), "")
    notes = [_text(after.get("reason"))]
    message = str(words.message)
    if comments:
        message = f"{message}: {ngettext('%(n)s comment', '%(n)s comments', comments) % {'n': comments}}"
    if words.changes:
        notes.append(_changed(before, after))
    return Told(
        time=event.time,
        username=event.username or "Standpoint",
        message=message,
        quote=_cut(quote),
        note=" · ".join(filter(None, notes)),
        set_owner=set_owner,
    )


def comments_before(returned: Event) -> int:
    """Return the number of comments of a return: those of the reviewer since the review began."""
    events = Event.objects.filter(set_id=returned.set_id, seq__lt=returned.seq)
    began = events.filter(action="start_review").order_by("-seq").values("seq")[:1]
    comments = events.filter(action=COMMENT_ADDED, user_id=returned.user_id, seq__gt=Subquery(began))
    return comments.count()


def action_name(action: str) -> str:
    """Return the name of an action for a list of choices."""
    return str(WORDS[action].message) if action in WORDS else spelled(action)


def story(events: QuerySet[Event]) -> QuerySet[Event]:
    """Return the main events of a set, without every single mark."""
    return events.exclude(action__in=SMALL)


def tell_all(rows: Iterable[Event], *, names_sets: bool = False) -> list[Told]:
    """Return events in words; of several sets, with the owner of each.

    The rows are visible ones already.
    """
    events = list(rows)
    ids = {row.set_id for row in events if row.set_id} if names_sets else set()
    owners: dict[UUID | None, str] = {}
    if ids:
        owners.update(AnnotationSet.objects.filter(pk__in=ids).values_list("pk", "owner__username"))
    return [
        tell(
            row,
            comments_before(row) if row.action == "return" else 0,
            _set_owner(row, owners.get(row.set_id)),
        )
        for row in events
    ]


def with_quotes(events: QuerySet[Event]) -> QuerySet[Event]:
    """Return events annotated with as much of their quotes as a page shows."""
    return with_span_quotes(events, LONGEST_QUOTE + 1)


def _set_owner(row: Event, owner: str | None) -> str:
    """Return the owner of the set, if the event is not their own."""
    return owner if owner is not None and owner != row.username else ""


def _quoted(name: str, value: object) -> str:
    """Return a quote of what an event was about: words of somebody, or the name of a relation."""
    return relation(str(value)) if name == "type" else str(value)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return the fields that differ with their new values."""
    names = [name for name in after if before.get(name) != after[name] and name not in SILENT]
    return ", ".join(f"{field(name)}: {_text(after[name]) or gettext('empty')}" for name in names)


def _text(value: object) -> str:
    return "" if value is None else _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
