"""The audit trail in words that people read."""

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
    """One event: who did what, with a quote of what it was about and the reason that was given."""

    time: datetime
    who: str
    says: str
    quote: str
    note: str
    whose: str = ""


@dataclass(frozen=True)
class Words:
    """How an action is told. ``quote`` names the facts to quote, the first that is there."""

    says: Text
    quote: tuple[str, ...] = ()
    changes: bool = False


#: A sentence for every action of the trail, to stand after the name of whoever did it.
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

#: What happens many times in an hour of work: the history has it, the page of the set has not.
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

#: Facts that say nothing to people, or what the quote says already.
SILENT = frozenset(
    {"id", "version", "state", "digest", "sha256", "search_key", "span", "source", "target", "reason"}
)


def tell(event: Event, said: int = 0, whose: str = "") -> Told:
    """One event in words; ``said``: so many comments came with it, ``whose``: the owner of the set."""
    words = WORDS.get(event.action, Words(spelled(event.action)))
    before, after = event.data.get("before") or {}, event.data.get("after") or {}
    facts = {**before, **after}
    # The page that lists events of spans has asked for their words; events of earlier days hold them.
    facts.setdefault("quote", getattr(event, "span_quote", None))
    quote = next((_quoted(name, facts[name]) for name in words.quote if facts.get(name)), "")
    notes = [_shown(after.get("reason"))]
    says = str(words.says)
    if said:
        says = f"{says}: {ngettext('%(n)s comment', '%(n)s comments', said) % {'n': said}}"
    if words.changes:
        notes.append(_changed(before, after))
    return Told(
        time=event.time,
        who=event.username or "Standpoint",
        says=says,
        quote=_cut(quote),
        note=" · ".join(filter(None, notes)),
        whose=whose,
    )


def comments_before(returned: Event) -> int:
    """How many comments came with a return: those of the reviewer since the review began."""
    trail = Event.objects.filter(set_id=returned.set_id, seq__lt=returned.seq)
    began = trail.filter(action="start_review").order_by("-seq").values("seq")[:1]
    said = trail.filter(action=COMMENT_ADDED, user_id=returned.user_id, seq__gt=Subquery(began))
    return said.count()


def action_name(action: str) -> str:
    """An action in a list to choose from: what is told of it, without what it was done to."""
    return str(WORDS[action].says) if action in WORDS else spelled(action)


def story(trail: QuerySet[Event]) -> QuerySet[Event]:
    """The steps of a set that people ask about, without every single mark."""
    return trail.exclude(action__in=SMALL)


def tell_all(rows: Iterable[Event], *, names_sets: bool = False) -> list[Told]:
    """Several events in words; of several sets, with whose each is. They went through the gate before."""
    found = list(rows)
    ids = {row.set_id for row in found if row.set_id} if names_sets else set()
    owners: dict[UUID | None, str] = {}
    if ids:
        owners.update(AnnotationSet.objects.filter(pk__in=ids).values_list("pk", "owner__username"))
    return [
        tell(row, comments_before(row) if row.action == "return" else 0, _whose(row, owners.get(row.set_id)))
        for row in found
    ]


def with_quotes(trail: QuerySet[Event]) -> QuerySet[Event]:
    """Events with as much of what they are about as a page shows."""
    return with_span_quotes(trail, LONGEST_QUOTE + 1)


def _whose(row: Event, owner: str | None) -> str:
    """Whose set an event is about, where it is not the doer's own."""
    return owner if owner is not None and owner != row.username else ""


def _quoted(name: str, value: object) -> str:
    """What an event was about: the words of somebody, or the name of a relation."""
    return relation(str(value)) if name == "type" else str(value)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What became of the facts that differ."""
    names = [name for name in after if before.get(name) != after[name] and name not in SILENT]
    return ", ".join(f"{field(name)}: {_shown(after[name]) or gettext('empty')}" for name in names)


def _shown(value: Any) -> str:
    return "" if value is None else _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
