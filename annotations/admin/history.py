"""Events described in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin.labels import LazyText, field_label, relation_label
from annotations.models import AnnotationSet, Event
from annotations.models.vocabulary import to_words
from annotations.services.core.events import COMMENT_ADDED, with_span_quotes
from annotations.translation import translate_message_lazy
from annotations.workflow import TRANSITIONS

MAX_QUOTE_LENGTH = 200


@dataclass(frozen=True)
class EventDescription:
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
class EventWording:
    """The wording of an action. ``quote`` are the payload fields to quote; the first that exists is taken."""

    message: LazyText
    quote: tuple[str, ...] = ()
    changes: bool = False


#: The wording of every action; a message follows the username.
EVENT_WORDINGS: Mapping[str, EventWording] = {
    **{row.name: EventWording(translate_message_lazy(row.history)) for row in TRANSITIONS.values()},
    "created": EventWording(gettext_lazy("started a set for"), ("owner",)),
    "imported": EventWording(gettext_lazy("imported its content")),
    "merged": EventWording(gettext_lazy("merged what the sources have alike")),
    "decision_settled": EventWording(gettext_lazy("settled a difference"), ("kind",), changes=True),
    "decision_reopened": EventWording(gettext_lazy("opened a decision again"), ("kind",)),
    "item_settled": EventWording(
        gettext_lazy("decided on a mark after a correction"), ("quote",), changes=True
    ),
    "source_changed": EventWording(gettext_lazy("changed a source of the adjudication"), ("by",)),
    "due_changed": EventWording(gettext_lazy("changed the due date"), changes=True),
    "span_added": EventWording(gettext_lazy("marked"), ("quote",)),
    "span_changed": EventWording(gettext_lazy("changed the mark on"), ("quote",), changes=True),
    "span_deleted": EventWording(gettext_lazy("removed the mark from"), ("quote",)),
    "relation_added": EventWording(gettext_lazy("related two marks"), ("type",)),
    "relation_deleted": EventWording(gettext_lazy("removed a relation"), ("type",)),
    "comment_added": EventWording(gettext_lazy("commented"), ("text",)),
    "comment_changed": EventWording(gettext_lazy("changed a comment"), ("text",), changes=True),
    "corpus_created": EventWording(gettext_lazy("founded the corpus"), ("name",)),
    "corpus_changed": EventWording(gettext_lazy("changed the corpus"), changes=True),
    "corpus_deleted": EventWording(gettext_lazy("deleted the corpus"), ("name",)),
    "member_added": EventWording(gettext_lazy("added a member"), ("username",), changes=True),
    "member_changed": EventWording(gettext_lazy("changed the role of"), ("username",), changes=True),
    "member_removed": EventWording(gettext_lazy("removed the member"), ("username",)),
    "article_added": EventWording(gettext_lazy("added the article"), ("title", "external_id")),
    "article_changed": EventWording(
        gettext_lazy("changed the article"), ("title", "external_id"), changes=True
    ),
    "article_deleted": EventWording(gettext_lazy("deleted the article"), ("title", "external_id")),
    "article_excluded": EventWording(gettext_lazy("excluded the article")),
    "article_included": EventWording(gettext_lazy("included the article again")),
    "revision_added": EventWording(gettext_lazy("added a revision")),
    "article_doubled": EventWording(
        gettext_lazy("took the article as its second annotator, for the silent share")
    ),
    "article_single_again": EventWording(gettext_lazy("left the article to one annotator again")),
    "invitation_added": EventWording(gettext_lazy("invited somebody"), ("email", "role")),
    "invitation_accepted": EventWording(gettext_lazy("accepted an invitation"), ("username",)),
    "invitation_deleted": EventWording(gettext_lazy("took an invitation back"), ("email", "role")),
    "actor_added": EventWording(gettext_lazy("added the actor"), ("name",)),
    "actor_changed": EventWording(gettext_lazy("changed the actor"), ("name",), changes=True),
    "affiliation_added": EventWording(gettext_lazy("added an affiliation"), ("role", "kind")),
    "affiliation_changed": EventWording(
        gettext_lazy("changed an affiliation"), ("role", "kind"), changes=True
    ),
    "affiliation_deleted": EventWording(gettext_lazy("deleted an affiliation"), ("role", "kind")),
    "pair_judged": EventWording(gettext_lazy("judged two entries that look alike"), ("verdict",)),
    "story_lead_chosen": EventWording(gettext_lazy("chose the lead of a story")),
    "copy_confirmed": EventWording(gettext_lazy("judged the article to be a copy")),
    "copy_set_apart": EventWording(gettext_lazy("judged the article to be no copy")),
    "topic_added": EventWording(gettext_lazy("added the topic"), ("name",)),
    "topic_changed": EventWording(gettext_lazy("renamed the topic"), ("name",)),
    "proposition_added": EventWording(gettext_lazy("proposed"), ("text",)),
    "proposition_changed": EventWording(gettext_lazy("changed the proposition"), ("text",), changes=True),
    "proposition_accepted": EventWording(gettext_lazy("accepted the proposition"), ("text",)),
    "actor_merged": EventWording(gettext_lazy("merged the actor into another"), ("name",)),
    "actor_unmerged": EventWording(gettext_lazy("took the merge of the actor back"), ("name",)),
    "topic_merged": EventWording(gettext_lazy("merged the topic into another"), ("name",)),
    "topic_unmerged": EventWording(gettext_lazy("took the merge of the topic back"), ("name",)),
    "proposition_merged": EventWording(gettext_lazy("merged the proposition into another"), ("name",)),
    "proposition_unmerged": EventWording(gettext_lazy("took the merge of the proposition back"), ("name",)),
    "release_created": EventWording(gettext_lazy("made the release"), ("name", "number")),
    "release_ready": EventWording(gettext_lazy("finished the release"), ("name", "number")),
    "release_withdrawn": EventWording(gettext_lazy("withdrew the release"), ("name", "number")),
    "release_amended": EventWording(gettext_lazy("amended the release"), ("name", "number")),
    "article_rights_changed": EventWording(gettext_lazy("changed the rights of the article"), changes=True),
    "corpus_rights_changed": EventWording(gettext_lazy("changed the rights of the corpus"), changes=True),
    "article_taken_down": EventWording(gettext_lazy("took the article down")),
    "article_restored": EventWording(gettext_lazy("restored the article")),
    "article_erased": EventWording(gettext_lazy("erased the article")),
    "actor_protected": EventWording(gettext_lazy("protected the actor")),
    "actor_unprotection_asked": EventWording(
        gettext_lazy("asked for the end of the protection of the actor")
    ),
    "actor_unprotected": EventWording(gettext_lazy("confirmed the end of the protection of the actor")),
    "article_done": EventWording(gettext_lazy("saw that the article is done")),
    "adjudication_ready": EventWording(gettext_lazy("saw that the sets of the article can be compared")),
    "job_failed": EventWording(gettext_lazy("gave up a job"), ("kind",)),
    "webhook_added": EventWording(gettext_lazy("added the webhook"), ("url",)),
    "webhook_changed": EventWording(gettext_lazy("changed the webhook"), ("url",), changes=True),
    "webhook_rotated": EventWording(gettext_lazy("gave a new secret to the webhook"), ("url",)),
    "webhook_replayed": EventWording(gettext_lazy("sent events again to the webhook"), ("url",)),
    "webhook_disabled": EventWording(gettext_lazy("disabled the webhook"), ("url", "reason")),
    "webhook_deleted": EventWording(gettext_lazy("deleted the webhook"), ("url",)),
}

#: Frequent actions, which the history shows and the page of the set does not.
MINOR_ACTIONS = (
    "span_added",
    "span_changed",
    "span_deleted",
    "relation_added",
    "relation_deleted",
    "comment_changed",
    "decision_settled",
    "decision_reopened",
    "item_settled",
)

#: Fields of a payload that say nothing to people, or repeat the quote.
HIDDEN_FIELDS = frozenset(
    {"id", "version", "state", "digest", "sha256", "search_key", "span", "source", "target", "reason"}
)


def describe_event(event: Event, comments: int = 0, set_owner: str = "") -> EventDescription:
    """Return one event in words.

    ``comments`` is the number of comments that came with it, ``set_owner`` the owner of the set.
    """
    words = EVENT_WORDINGS.get(event.action, EventWording(to_words(event.action)))
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
    return EventDescription(
        time=event.time,
        username=event.username or "Standpoint",
        message=message,
        quote=_cut(quote),
        note=" · ".join(filter(None, notes)),
        set_owner=set_owner,
    )


def count_review_comments(returned: Event) -> int:
    """Return the number of comments of a return: those of the reviewer since the review began."""
    events = Event.objects.filter(set_id=returned.set_id, seq__lt=returned.seq)
    began = events.filter(action="start_review").order_by("-seq").values("seq")[:1]
    comments = events.filter(action=COMMENT_ADDED, user_id=returned.user_id, seq__gt=Subquery(began))
    return comments.count()


def action_label(action: str) -> str:
    """Return the name of an action for a list of choices."""
    return str(EVENT_WORDINGS[action].message) if action in EVENT_WORDINGS else to_words(action)


def without_minor_events(events: QuerySet[Event]) -> QuerySet[Event]:
    """Return the main events of a set, without every single mark."""
    return events.exclude(action__in=MINOR_ACTIONS)


def describe_events(rows: Iterable[Event], *, names_sets: bool = False) -> list[EventDescription]:
    """Return events in words; of several sets, with the owner of each.

    The rows are visible ones already.
    """
    events = list(rows)
    ids = {row.set_id for row in events if row.set_id} if names_sets else set()
    owners: dict[UUID | None, str] = {}
    if ids:
        owners.update(AnnotationSet.objects.filter(pk__in=ids).values_list("pk", "owner__username"))
    return [
        describe_event(
            row,
            count_review_comments(row) if row.action == "return" else 0,
            _set_owner(row, owners.get(row.set_id)),
        )
        for row in events
    ]


def with_quotes(events: QuerySet[Event]) -> QuerySet[Event]:
    """Return events annotated with as much of their quotes as a page shows."""
    return with_span_quotes(events, MAX_QUOTE_LENGTH + 1)


def _set_owner(row: Event, owner: str | None) -> str:
    """Return the owner of the set, if the event is not their own."""
    return owner if owner is not None and owner != row.username else ""


def _quoted(name: str, value: object) -> str:
    """Return a quote of what an event was about: words of somebody, or the name of a relation."""
    return relation_label(str(value)) if name == "type" else str(value)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return the fields that differ with their new values."""
    names = [name for name in after if before.get(name) != after[name] and name not in HIDDEN_FIELDS]
    return ", ".join(f"{field_label(name)}: {_text(after[name]) or gettext('empty')}" for name in names)


def _text(value: object) -> str:
    return "" if value is None else _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_QUOTE_LENGTH else f"{text[:MAX_QUOTE_LENGTH]}…"
