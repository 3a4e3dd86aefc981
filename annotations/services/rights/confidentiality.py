"""Protecting actors: one manager protects at once, two lift the protection.

Protection belongs to all that is merged into one entry: an actor is protected where any of those is that
stand for the same. Rows are never moved by a merge, so that undoing it leaves each as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from annotations.exceptions import NotAllowedNowError
from annotations.messages import message
from annotations.models import Actor, ConfidentialActor, Corpus
from annotations.permissions import Permission, require_permission
from annotations.services.core import events
from annotations.services.core.errors import require_current_version
from annotations.services.registry import entries
from annotations.services.registry.merge_checks import require_unmerged
from annotations.visibility import get_visible, get_visible_row

_PEOPLE = ("by", "lift_asked_by")
_PREFETCHED = "protections"


def with_protection(rows: QuerySet[Actor]) -> QuerySet[Actor]:
    """Return actors with what ``protection_of`` needs of them, in one more query."""
    protected = Actor.objects.filter(confidential__isnull=False).order_by("pk")
    protected = protected.select_related(*(f"confidential__{name}" for name in ("actor", *_PEOPLE)))
    joined = rows.select_related("canonical").defer("canonical__note")
    return joined.prefetch_related(Prefetch("canonical__variants", protected, to_attr=_PREFETCHED))


def protection_of(actor: Actor) -> ConfidentialActor | None:
    """Return the protection of an actor and of all that stands for the same, or None.

    Where there are several, it is one whose end was not asked for, if there is any.
    """
    cached = actor._state.fields_cache.get("canonical")
    found = getattr(cached, _PREFETCHED, None)
    rows = _rows_of(actor) if found is None else [one.confidential for one in found]
    return next((row for row in rows if row.lift_asked_by_id is None), next(iter(rows), None))


def protected_actors(corpus: Corpus) -> QuerySet[Actor]:
    """Return the protected actors of a corpus, each in its canonical form."""
    rows = ConfidentialActor.objects.filter(actor__canonical=OuterRef("pk"))
    return Actor.objects.filter(Exists(rows), corpus=corpus, merged_into__isnull=True)


@transaction.atomic
def update_actor(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Actor:
    """Update an actor as ``entries.update_actor`` does, and its protection if ``confidential`` is sent."""
    fields = {name: value for name, value in changes.items() if name != "confidential"}
    if "confidential" not in changes:
        return entries.update_actor(by, id, fields, version=version)
    if fields:
        changed = entries.update_actor(by, id, fields, version=version)
        version = changed.version if changed.version == version + 1 else version
    sent = changes["confidential"]
    if sent is None:
        return lift_protection(by, id, version=version)
    return protect_actor(by, id, sent["reason"], version=version)


@transaction.atomic
def protect_actor(by: User, id: UUID, reason: str, *, version: int) -> Actor:
    """Protect an actor at once; where it is protected, the reason is replaced and its end not asked for."""
    actor = _lock_actor(by, id)
    rows = _rows_of(actor)
    members = list(Actor.objects.filter(canonical=actor.pk).values_list("pk", flat=True))
    if len(rows) == len(members) and all(row.reason == reason and not row.lift_asked_by_id for row in rows):
        return actor
    require_current_version("actor", actor.version, version)
    require_unmerged(actor)
    before, now = _payload(actor, rows), timezone.now()
    known = {row.actor_id: row for row in rows}
    for member in members:
        row = known.get(member) or ConfidentialActor(actor_id=member, by=by, at=now)
        row.reason, row.lift_asked_by, row.lift_asked_at = reason, None, None
        row.save()
    return _close(by, actor, "actor_protected", before)


@transaction.atomic
def lift_protection(by: User, id: UUID, *, version: int) -> Actor:
    """Ask for the end of a protection; if another manager has asked, it ends.

    Nobody confirms what they have asked for themselves; the request sent again is a repeat.
    """
    actor = _lock_actor(by, id)
    rows = _rows_of(actor)
    if not rows:
        return actor
    own = [row for row in rows if row.lift_asked_by_id == by.pk]
    waiting = [row for row in rows if row.lift_asked_by_id is None]
    if own and not waiting:
        if actor.version == version + 1:
            return actor
        raise _second_manager_error(actor)
    require_current_version("actor", actor.version, version)
    require_unmerged(actor)
    before = _payload(actor, rows)
    if waiting:
        for row in waiting:
            row.lift_asked_by, row.lift_asked_at = by, timezone.now()
            row.save(update_fields=["lift_asked_by", "lift_asked_at"])
        return _close(by, actor, "actor_unprotection_asked", before)
    ConfidentialActor.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return _close(by, actor, "actor_unprotected", before)


def _lock_actor(by: User, id: UUID) -> Actor:
    locked = Actor.objects.select_for_update(of=("self",)).select_related("corpus")
    return require_permission(by, Permission.PROTECT_ACTOR, get_visible_row(by, locked, pk=id))


def _rows_of(actor: Actor) -> list[ConfidentialActor]:
    rows = ConfidentialActor.objects.filter(actor__canonical=actor.canonical_id)
    return list(rows.select_related("actor", *_PEOPLE).order_by("actor"))


def _second_manager_error(actor: Actor) -> NotAllowedNowError:
    return NotAllowedNowError(
        message(
            "You have asked yourself that the protection of “{name}” ends; a second manager has to confirm "
            "it. To keep the protection, send its reason again.",
            name=actor.name,
        ),
        state="lift-asked",
        allowed=[],
    )


def _payload(actor: Actor, rows: Sequence[ConfidentialActor]) -> dict[str, Any]:
    """Return the payload of an event: never the name, which is what must not get around."""
    first = rows[0] if rows else None
    asked = next((row.lift_asked_by for row in rows if row.lift_asked_by is not None), None)
    return {
        "id": str(actor.pk),
        "reason": None if first is None else first.reason,
        "lift_asked_by": None if asked is None else asked.get_username(),
    }


def _close(by: User, actor: Actor, action: str, before: dict[str, Any]) -> Actor:
    actor.version += 1
    actor.save(update_fields=["version"], force_update=True)
    after = _payload(actor, _rows_of(actor))
    events.record_event(action, by=by, corpus_id=actor.corpus_id, before=before, after=after)
    return get_visible(by, with_protection(Actor.objects.prefetch_related("aliases")), pk=actor.pk)
