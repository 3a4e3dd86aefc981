"""The registry: creating and updating actors with their aliases, topics and propositions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from annotations.exceptions import DuplicateError, InUseError, InvalidInputError, NotInCorpusError, error_at
from annotations.messages import message
from annotations.models import (
    Actor,
    Alias,
    AliasKind,
    Corpus,
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
from annotations.services.registry.merge_checks import ancestors, require_unmerged
from annotations.services.registry.search import fold_name
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
    _require_parent(actor)
    if not values.get("id"):
        _require_new_actor(actor, aliases)
    actor.folded_name = fold_name(actor.name)
    with translate_integrity_errors({}):
        actor.save(force_insert=True)
    _write_aliases(actor, aliases)
    events.record_event("actor_added", by=by, corpus_id=corpus.pk, after=actor_payload(actor))
    return actor, True


def _require_new_actor(actor: Actor, aliases: Sequence[Mapping[str, str]]) -> None:
    """Raise ``DuplicateError`` if the corpus has an actor with the same name, kind, links, note and aliases.

    Somebody with the same name is told apart by any of these. A client that sends an id knows what it adds.
    """
    lock_corpus(actor.corpus)
    columns = ("corpus_id", "name", "kind", "qid", "parent_id", "note")
    rows = Actor.objects.filter(merged_into__isnull=True, **{name: getattr(actor, name) for name in columns})
    sent = [{"language": "", "kind": AliasKind.NAME, **alias} for alias in aliases]
    equal = next((row for row in rows.prefetch_related("aliases") if alias_payload(row) == sent), None)
    if equal is not None:
        raise DuplicateError(
            message(
                "The corpus has this actor already, under the id {id}; use it, or say in the note how "
                "the two differ.",
                id=equal.pk,
            )
        )


def _require_new_proposition(proposition: Proposition) -> None:
    """Raise ``DuplicateError`` if the corpus has a proposition with the same words, kind and topic."""
    lock_corpus(proposition.corpus)
    columns = ("corpus_id", "text", "kind", "topic_id")
    rows = Proposition.objects.filter(
        merged_into__isnull=True, **{name: getattr(proposition, name) for name in columns}
    )
    equal = rows.values_list("pk", flat=True).first()
    if equal is not None:
        with error_at("/text"):
            raise DuplicateError(
                message("The corpus has this proposition already, under the id {id}; use that one.", id=equal)
            )


def _repeated_entry(by: User, corpus: Corpus, stored: RegistryRow, same: bool) -> RegistryRow:
    """Return the stored entry of a repeated id if it is the same; raise ``IdTakenError`` if not."""
    with error_at("/id"):
        if not same or stored.corpus_id != corpus.pk:
            raise id_taken_error(stored.pk)
    return get_visible(by, type(stored).objects.all(), pk=stored.pk)


def _require_parent(actor: Actor) -> None:
    """Raise if the parent belongs to another corpus or is, after all merges, a part of the actor itself."""
    if actor.parent_id is None:
        return
    rows = Actor.objects.filter(corpus_id=actor.corpus_id, pk=actor.parent_id)
    parent = rows.values_list("canonical_id", flat=True).first()
    with error_at("/parent"):
        if parent is None:
            raise NotInCorpusError(
                message("There is no actor with the id {id} in this corpus.", id=actor.parent_id)
            )
        if actor.pk == parent or actor.pk in ancestors(parent):
            raise InvalidInputError(message("An actor is not a part of itself; choose another parent."))


def _write_aliases(actor: Actor, aliases: Sequence[Mapping[str, str]]) -> None:
    """Replace the aliases of an actor."""
    keys = [(alias["text"], alias.get("language", "")) for alias in aliases]
    if len(set(keys)) < len(keys):
        with error_at("/aliases"):
            raise DuplicateError(
                message("Two of the aliases are the same; send each text and language once.")
            )
    actor.aliases.all().delete()
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
        _write_aliases(actor, aliases)
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
    _require_new_topic(topic)
    with translate_integrity_errors({"topic_once": _topic_taken_error(topic)}):
        topic.save(force_insert=True)
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
    topic.version += 1
    with translate_integrity_errors({"topic_once": _topic_taken_error(topic)}):
        _require_new_topic(topic)
        topic.save(force_update=True)
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
    _require_topic(proposition)
    if not values.get("id"):
        _require_new_proposition(proposition)
    with translate_integrity_errors({}):
        proposition.save(force_insert=True)
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
    _require_topic(proposition)
    _store(proposition, by, "proposition_changed", before)
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
