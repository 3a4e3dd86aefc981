"""Affiliations of actors: adding, changing and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from annotations.exceptions import InvalidInputError, NotInCorpusError, error_at
from annotations.messages import message, message_of
from annotations.models import Actor, Affiliation, uuid7
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.scheme.affiliations import check_period, day_range
from annotations.services.core import events
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import require_not_archived
from annotations.services.registry.belonging import PART_OF, load_wholes
from annotations.services.registry.merge_checks import require_unmerged
from annotations.visibility import get_visible_row

#: The fields that a client may write, as columns.
FIELDS = ("organisation_id", "role", "kind", "since", "until", "note")


def affiliation_payload(row: Affiliation) -> dict[str, Any]:
    """Return the payload of an event about an affiliation."""
    values = {name.removesuffix("_id"): getattr(row, name) for name in FIELDS}
    return {"id": str(row.pk), "actor": str(row.actor_id), **values, "organisation": str(row.organisation_id)}


@retry_on_conflict
@transaction.atomic
def add_affiliation(by: User, seen: VisibleRow[Actor], values: Mapping[str, Any]) -> tuple[Affiliation, bool]:
    """Add an affiliation of an actor; return it and whether it is new."""
    actor = require_permission(by, Permission.CHANGE_AFFILIATION, seen)
    stored = Affiliation.objects.filter(pk=values["id"]).first() if values.get("id") else None
    if stored is not None:
        same = stored.actor_id == actor.pk
        if not same or any(getattr(stored, name) != value for name, value in values.items()):
            with error_at("/id"):
                raise id_taken_error(stored.pk)
        return stored, False
    require_not_archived(actor.corpus)
    require_unmerged(actor)
    row = Affiliation(**{"id": uuid7(), **values}, actor=actor)
    _require_sound(row, actor)
    with translate_integrity_errors({}):
        row.save(force_insert=True)
    _record("affiliation_added", by, actor, after=affiliation_payload(row))
    return row, True


@transaction.atomic
def update_affiliation(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Affiliation:
    """Update an affiliation; its actor stays."""
    row = _lock_affiliation(by, id)
    if all(getattr(row, name) == value for name, value in changes.items()):
        return row
    require_current_version("affiliation", row.version, version)
    require_not_archived(row.actor.corpus)
    before = affiliation_payload(row)
    for name, value in changes.items():
        setattr(row, name, value)
    _require_sound(row, row.actor)
    row.version += 1
    row.save(force_update=True)
    _record("affiliation_changed", by, row.actor, before=before, after=affiliation_payload(row))
    return row


@transaction.atomic
def delete_affiliation(by: User, id: UUID, *, version: int) -> None:
    """Delete an affiliation."""
    row = _lock_affiliation(by, id)
    require_current_version("affiliation", row.version, version)
    require_not_archived(row.actor.corpus)
    before = affiliation_payload(row)
    row.delete()
    _record("affiliation_deleted", by, row.actor, before=before)


def visible_affiliations() -> QuerySet[Affiliation]:
    """Return affiliations with what their permission needs."""
    return Affiliation.objects.select_related("actor__corpus").defer("actor__corpus__guideline")


def _lock_affiliation(by: User, id: UUID) -> Affiliation:
    rows = visible_affiliations().select_for_update(of=("self",))
    return require_permission(by, Permission.CHANGE_AFFILIATION, get_visible_row(by, rows, pk=id))


def _require_sound(row: Affiliation, actor: Actor) -> None:
    """Raise unless the organisation is another actor of the corpus, and the time does not end too early."""
    with error_at("/organisation"):
        if row.organisation_id == actor.pk:
            raise InvalidInputError(
                message("An actor is not affiliated with itself; choose another organisation.")
            )
        if not Actor.objects.filter(corpus_id=actor.corpus_id, pk=row.organisation_id).exists():
            raise NotInCorpusError(
                message("There is no actor with the id {id} in this corpus.", id=row.organisation_id)
            )
    with error_at("/until"):
        try:
            check_period(row.since, row.until)
        except ValueError as error:
            raise InvalidInputError(message_of(error)) from None
    if row.kind == PART_OF:
        _require_no_circle(row, actor)


def _require_no_circle(row: Affiliation, actor: Actor) -> None:
    """Raise if the organisation is, on a day of the affiliation, a part of the actor itself."""
    days = day_range(row)
    if any(days.shared(other) is not None for other in load_wholes(row.organisation_id).get(actor.pk, ())):
        with error_at("/organisation"):
            raise InvalidInputError(
                message(
                    "{organisation} is a part of {actor} in that time, so that {actor} is no part of it; "
                    "choose another organisation, another kind or other dates.",
                    organisation=row.organisation.name,
                    actor=actor.name,
                )
            )


def _record(action: str, by: User, actor: Actor, **payloads: object) -> None:
    events.record_event(action, by=by, corpus_id=actor.corpus_id, **payloads)
