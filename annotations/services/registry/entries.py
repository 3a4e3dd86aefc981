"""The registry: creating and updating actors with their aliases, topics and propositions.

A request that is sent again makes no second entry. With an id, the id tells; without one, it is the same
entry if it says the same: an actor with the same name, kind, Wikidata id, parent, note and aliases; a topic
with the same name; a proposition with the same text and kind. Two actors that share a name differ in one of
the others. A client that sends an id knows what it adds, and may add an equal one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects

from annotations.exceptions import DuplicateError, InUseError, InvalidInputError, NotInCorpusError, error_at
from annotations.messages import message
from annotations.models import (
    Actor,
    Alias,
    AliasKind,
    Corpus,
    EntryKind,
    Proposition,
    PropositionKind,
    PropositionStatus,
    Span,
    Topic,
    uuid7,
)
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import events
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import lock_corpus, require_not_archived
from annotations.services.registry.belonging import load_wholes
from annotations.services.registry.duplicates import add_entry, refresh_entries
from annotations.services.registry.merge_checks import require_unmerged
from annotations.text.folding import search_key
from annotations.text.names import fold_name
from annotations.visibility import get_visible, get_visible_row

RegistryRow = TypeVar("RegistryRow", Actor, Topic, Proposition)


def actor_payload(actor: Actor) -> dict[str, Any]:
    """Return the payload of an event about an actor."""
    return {
        "id": str(actor.pk),
        "name": actor.name,
        "kind": actor.kind,
        "qid": actor.qid,
        "parent": actor.parent_id and str(actor.parent_id),
        "note": actor.note,
        "aliases": alias_payload(actor),
    }


def alias_payload(actor: Actor) -> list[dict[str, str]]:
    """Return the aliases of an actor as the API shows them, in the order in which they were written."""
    return [
        {"text": alias.text, "language": alias.language, "kind": alias.kind} for alias in actor.aliases.all()
    ]


@retry_on_conflict
@transaction.atomic
def add_actor(by: User, seen: VisibleRow[Corpus], values: Mapping[str, Any]) -> tuple[Actor, bool]:
    """Add an actor with its aliases; return it and whether it is new."""
    corpus = require_permission(by, Permission.ADD_ACTOR, seen)
    fields = {name: value for name, value in values.items() if name != "aliases"}
    aliases = values.get("aliases", [])
    stored = Actor.objects.filter(pk=values["id"]).first() if values.get("id") else None
    if stored is not None:
        same = all(getattr(stored, name) == value for name, value in fields.items())
        same &= alias_payload(stored) == aliases
        return _repeated_entry(by, corpus, stored, same), False
    require_not_archived(corpus)
    actor = Actor(**{"id": uuid7(), **fields}, corpus=corpus)
    _require_parent(actor, is_new=True)
    equal = None if values.get("id") else _equal_actor(actor, aliases)
    if equal is not None:
        return get_visible(by, Actor.objects.all(), pk=equal.pk), False
    actor.folded_name = fold_name(actor.name)
    with translate_integrity_errors({}):
        actor.save(force_insert=True)
    _add_aliases(actor, aliases)
    add_entry(actor, [alias["text"] for alias in aliases])
    prefetch_related_objects([actor], "aliases")  # for the event and for the answer
    events.record_event("actor_added", by=by, corpus_id=corpus.pk, after=actor_payload(actor))
    return actor, True


def _equal_actor(actor: Actor, aliases: Sequence[Mapping[str, str]]) -> Actor | None:
    """Return the actor of the corpus that is the same as one that is to be added."""
    lock_corpus(actor.corpus)
    columns = ("corpus_id", "name", "kind", "qid", "parent_id", "note")
    rows = Actor.objects.filter(merged_into__isnull=True, **{name: getattr(actor, name) for name in columns})
    sent = [{"language": "", "kind": AliasKind.NAME, **alias} for alias in aliases]
    same = (row for row in rows.prefetch_related("aliases") if alias_payload(row) == sent)
    return next(same, None)


def _equal_proposition(proposition: Proposition) -> Proposition | None:
    """Return the proposition that is the same; raise ``DuplicateError`` if it is about another topic."""
    lock_corpus(proposition.corpus)
    columns = ("corpus_id", "text", "kind")
    values = {name: getattr(proposition, name) for name in columns}
    rows = list(Proposition.objects.filter(merged_into__isnull=True, **values))
    equal = next((row for row in rows if row.topic_id == proposition.topic_id), None)
    if equal is None and rows:
        with error_at("/topic"):
            raise DuplicateError(
                message(
                    "The corpus has this proposition already, under the id {id} and about another topic; use "
                    "that one, or change its topic.",
                    id=rows[0].pk,
                )
            )
    return equal


def _repeated_entry(by: User, corpus: Corpus, stored: RegistryRow, same: bool) -> RegistryRow:
    """Return the stored entry of a repeated id if it is the same; raise ``IdTakenError`` if not."""
    with error_at("/id"):
        if not same or stored.corpus_id != corpus.pk:
            raise id_taken_error(stored.pk)
    return get_visible(by, type(stored).objects.all(), pk=stored.pk)


def _require_parent(actor: Actor, *, is_new: bool = False) -> None:
    """Raise if the parent belongs to another corpus or is, after all merges, a part of the actor itself.

    A new actor has no parts.
    """
    if actor.parent_id is None:
        return
    rows = Actor.objects.filter(corpus_id=actor.corpus_id, pk=actor.parent_id)
    parent = rows.values_list("canonical_id", flat=True).first()
    with error_at("/parent"):
        if parent is None:
            raise NotInCorpusError(
                message("There is no actor with the id {id} in this corpus.", id=actor.parent_id)
            )
        if not is_new and actor.pk in load_wholes(parent):
            raise InvalidInputError(message("An actor is not a part of itself; choose another parent."))


def _add_aliases(actor: Actor, aliases: Sequence[Mapping[str, str]]) -> None:
    """Add aliases to an actor that has none; raise ``DuplicateError`` if two are the same."""
    keys = [(alias["text"], alias.get("language", "")) for alias in aliases]
    if len(set(keys)) < len(keys):
        with error_at("/aliases"):
            raise DuplicateError(
                message("Two of the aliases are the same; send each text and language once.")
            )
    Alias.objects.bulk_create(
        Alias(
            actor=actor,
            text=alias["text"],
            folded=fold_name(alias["text"]),
            language=alias.get("language", ""),
            kind=alias.get("kind", AliasKind.NAME),
        )
        for alias in aliases
    )


@transaction.atomic
def update_actor(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Actor:
    """Update an actor; ``aliases`` are replaced whole."""
    actor = _lock_entry(by, Actor.objects.all(), id, Permission.CHANGE_ACTOR)
    fields = {name: value for name, value in changes.items() if name != "aliases"}
    aliases = changes.get("aliases", alias_payload(actor))
    same = all(getattr(actor, name) == value for name, value in fields.items())
    if same and aliases == alias_payload(actor):
        return actor
    require_current_version("actor", actor.version, version)
    require_not_archived(actor.corpus)
    require_unmerged(actor)
    before = actor_payload(actor)
    for name, value in fields.items():
        setattr(actor, name, value)
    actor.folded_name = fold_name(actor.name)
    _require_parent(actor)
    actor.version += 1
    actor.save(force_update=True)
    if aliases != alias_payload(actor):
        actor.aliases.all().delete()
        _add_aliases(actor, aliases)
    if {"name", "qid", "kind", "aliases"} & changes.keys():
        refresh_entries(EntryKind.ACTOR, actor.corpus_id, [actor.pk])
    events.record_event(
        "actor_changed", by=by, corpus_id=actor.corpus_id, before=before, after=actor_payload(actor)
    )
    return actor


def _lock_entry(by: User, rows: QuerySet[RegistryRow], id: UUID, permission: Permission) -> RegistryRow:
    locked = rows.select_for_update(of=("self",)).select_related("corpus")
    return require_permission(by, permission, get_visible_row(by, locked, pk=id))


@retry_on_conflict
@transaction.atomic
def add_topic(by: User, seen: VisibleRow[Corpus], values: Mapping[str, Any]) -> tuple[Topic, bool]:
    """Add a topic, whose name is unique in the corpus; return it and whether it is new."""
    corpus = require_permission(by, Permission.ADD_TOPIC, seen)
    stored = Topic.objects.filter(pk=values["id"]).first() if values.get("id") else None
    if stored is not None:
        return _repeated_entry(by, corpus, stored, stored.name == values["name"]), False
    require_not_archived(corpus)
    topic = Topic(**{"id": uuid7(), **values}, corpus=corpus)
    if not values.get("id"):
        lock_corpus(corpus)
        equal = Topic.objects.filter(corpus=corpus, name=topic.name).values_list("pk", flat=True).first()
        if equal is not None:
            return get_visible(by, Topic.objects.all(), pk=equal), False
    topic.search_key = search_key(topic.name)
    _require_new_topic(topic)
    with translate_integrity_errors({"topic_once": _topic_taken_error(topic)}):
        topic.save(force_insert=True)
    add_entry(topic)
    payload = {"id": str(topic.pk), "name": topic.name}
    events.record_event("topic_added", by=by, corpus_id=corpus.pk, after=payload)
    return topic, True


def _topic_taken_error(topic: Topic) -> DuplicateError:
    return DuplicateError(message("The corpus has a topic called {name!r} already.", name=topic.name))


def _require_new_topic(topic: Topic) -> None:
    if Topic.objects.filter(corpus=topic.corpus, name=topic.name).exclude(pk=topic.pk).exists():
        with error_at("/name"):
            raise _topic_taken_error(topic)


@transaction.atomic
def update_topic(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Topic:
    """Rename a topic."""
    topic = _lock_entry(by, Topic.objects.all(), id, Permission.CHANGE_TOPIC)
    if all(getattr(topic, name) == value for name, value in changes.items()):
        return topic
    require_current_version("topic", topic.version, version)
    require_not_archived(topic.corpus)
    require_unmerged(topic)
    before = {"name": topic.name}
    topic.name = changes["name"]
    topic.search_key = search_key(topic.name)
    topic.version += 1
    with translate_integrity_errors({"topic_once": _topic_taken_error(topic)}):
        _require_new_topic(topic)
        topic.save(force_update=True)
    refresh_entries(EntryKind.TOPIC, topic.corpus_id, [topic.pk])
    payload = {"id": str(topic.pk), "name": topic.name}
    events.record_event("topic_changed", by=by, corpus_id=topic.corpus_id, before=before, after=payload)
    return topic


def proposition_payload(proposition: Proposition) -> dict[str, Any]:
    """Return the payload of an event about a proposition."""
    return {
        "id": str(proposition.pk),
        "topic": proposition.topic_id and str(proposition.topic_id),
        "text": proposition.text,
        "kind": proposition.kind,
        "status": proposition.status,
    }


@retry_on_conflict
@transaction.atomic
def add_proposition(
    by: User, seen: VisibleRow[Corpus], values: Mapping[str, Any]
) -> tuple[Proposition, bool]:
    """Add a proposition as proposed, for a reviewer to accept; return it and whether it is new."""
    corpus = require_permission(by, Permission.ADD_PROPOSITION, seen)
    stored = Proposition.objects.filter(pk=values["id"]).first() if values.get("id") else None
    if stored is not None:
        same = all(getattr(stored, name) == value for name, value in values.items())
        return _repeated_entry(by, corpus, stored, same), False
    require_not_archived(corpus)
    proposition = Proposition(**{"id": uuid7(), **values}, corpus=corpus)
    proposition.search_key = search_key(proposition.text)
    _require_topic(proposition)
    equal = None if values.get("id") else _equal_proposition(proposition)
    if equal is not None:
        return get_visible(by, Proposition.objects.all(), pk=equal.pk), False
    with translate_integrity_errors({}):
        proposition.save(force_insert=True)
    add_entry(proposition)
    payload = proposition_payload(proposition)
    events.record_event("proposition_added", by=by, corpus_id=corpus.pk, after=payload)
    return proposition, True


def _require_topic(proposition: Proposition) -> None:
    id = proposition.topic_id
    if id is not None and not Topic.objects.filter(corpus_id=proposition.corpus_id, pk=id).exists():
        with error_at("/topic"):
            raise NotInCorpusError(message("There is no topic with the id {id} in this corpus.", id=id))


@transaction.atomic
def update_proposition(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Proposition:
    """Update the text, the topic or the kind of a proposition."""
    proposition = _lock_entry(by, Proposition.objects.all(), id, Permission.CHANGE_PROPOSITION)
    if all(getattr(proposition, name) == value for name, value in changes.items()):
        return proposition
    require_current_version("proposition", proposition.version, version)
    require_not_archived(proposition.corpus)
    require_unmerged(proposition)
    before = proposition_payload(proposition)
    if changes.get("kind", proposition.kind) != proposition.kind:
        _require_kind_free(proposition)
    for name, value in changes.items():
        setattr(proposition, name, value)
    proposition.search_key = search_key(proposition.text)
    _require_topic(proposition)
    _store(proposition, by, "proposition_changed", before)
    if "text" in changes:
        refresh_entries(EntryKind.PROPOSITION, proposition.corpus_id, [proposition.pk])
    return proposition


def _require_kind_free(proposition: Proposition) -> None:
    positions = Span.objects.filter(proposition__canonical=proposition, label="position")
    if proposition.kind == PropositionKind.ISSUE and positions.exists():
        with error_at("/kind"):
            raise InUseError(message("Positions are taken on this issue, so that it has to stay one."))


@transaction.atomic
def accept_proposition(by: User, id: UUID, *, version: int | None = None) -> Proposition:
    """Accept a proposed proposition; accepting it again changes nothing."""
    proposition = _lock_entry(by, Proposition.objects.all(), id, Permission.ACCEPT_PROPOSITION)
    if proposition.status == PropositionStatus.ACCEPTED:
        return proposition
    if version is not None:
        require_current_version("proposition", proposition.version, version)
    require_not_archived(proposition.corpus)
    require_unmerged(proposition)
    require_unmerged(proposition)
    before = proposition_payload(proposition)
    proposition.status = PropositionStatus.ACCEPTED
    _store(proposition, by, "proposition_accepted", before)
    return proposition


def _store(proposition: Proposition, by: User, action: str, before: dict[str, Any]) -> None:
    proposition.version += 1
    proposition.save(force_update=True)
    after = proposition_payload(proposition)
    events.record_event(action, by=by, corpus_id=proposition.corpus_id, before=before, after=after)
