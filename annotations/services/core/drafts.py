"""Drafts: rows that a client asks for, which may be stored already because the request is a repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from django.db.models import Model

from annotations.exceptions import InvalidInputError, error_at
from annotations.messages import TranslatableMessage

Row = TypeVar("Row", bound=Model)


class IdentifiedDraft(Protocol):
    """A row as the client sent it; ``pointer`` is its JSON pointer in the request."""

    @property
    def id(self) -> UUID | None:
        """The id that the client has given, if it has."""

    @property
    def pointer(self) -> str:
        """The JSON pointer of the draft."""


def find_stored(
    model: type[Row], drafts: Sequence[IdentifiedDraft], repeated: Callable[[UUID], TranslatableMessage]
) -> dict[UUID | None, Row]:
    """Return the stored rows with the ids of drafts; raise ``InvalidInputError`` if two have the same id.

    ``repeated`` makes the message about an id that stands twice.
    """
    ids = [draft.id for draft in drafts if draft.id]
    if len(set(ids)) < len(ids):
        counts = Counter(ids)
        repeated_id = next(id for id in ids if counts[id] > 1)
        second = [draft for draft in drafts if draft.id == repeated_id][1]
        with error_at(f"{second.pointer}/id"):
            raise InvalidInputError(repeated(repeated_id))
    return {row.pk: row for row in model._default_manager.filter(pk__in=ids)} if ids else {}
