"""Searches that people save, for themselves or for all members of the corpus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from annotations.exceptions import DuplicateError, error_at
from annotations.messages import message
from annotations.models import Corpus, SavedSearch, uuid7
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import require_not_archived
from annotations.visibility import get_visible_row, visible


def saved_searches(by: User, corpus: Corpus) -> QuerySet[SavedSearch]:
    """Return the searches of a corpus that somebody sees: their own, and those that are shared."""
    return visible(by, SavedSearch.objects.filter(corpus=corpus).select_related("owner"))


@retry_on_conflict
@transaction.atomic
def save_search(by: User, seen: VisibleRow[Corpus], values: Mapping[str, Any]) -> tuple[SavedSearch, bool]:
    """Save a search; return it and whether it is new. The same id with the same content is a repeat."""
    corpus = require_permission(by, Permission.SAVE_SEARCH, seen)
    stored = SavedSearch.objects.filter(pk=values["id"]).first() if values.get("id") else None
    if stored is not None:
        same = (stored.corpus_id, stored.owner_id) == (corpus.pk, by.pk)
        if not same or any(getattr(stored, name) != value for name, value in values.items()):
            with error_at("/id"):
                raise id_taken_error(stored.pk)
        return stored, False
    require_not_archived(corpus)
    row = SavedSearch(**{"id": uuid7(), **values}, corpus=corpus, owner=by)
    _store(row, force_insert=True)
    return row, True


@transaction.atomic
def update_search(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> SavedSearch:
    """Change a saved search; its owner stays."""
    row = _lock(by, id)
    if all(getattr(row, name) == value for name, value in changes.items()):
        return row
    require_current_version("saved search", row.version, version)
    require_not_archived(row.corpus)
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1
    _store(row, force_update=True)
    return row


@transaction.atomic
def delete_search(by: User, id: UUID, *, version: int) -> None:
    """Delete a saved search."""
    row = _lock(by, id)
    require_current_version("saved search", row.version, version)
    require_not_archived(row.corpus)
    row.delete()


def _lock(by: User, id: UUID) -> SavedSearch:
    rows = SavedSearch.objects.select_for_update(of=("self",)).select_related("owner", "corpus")
    rows = rows.defer("corpus__guideline")
    return require_permission(by, Permission.CHANGE_SEARCH, get_visible_row(by, rows, pk=id))


def _store(row: SavedSearch, **how: Any) -> None:
    others = SavedSearch.objects.filter(corpus=row.corpus_id, owner=row.owner_id, name=row.name)
    taken = DuplicateError(
        message("You have a saved search with the name “{name}” already; choose another.", name=row.name)
    )
    if others.exclude(pk=row.pk).exists():
        with error_at("/name"):
            raise taken
    with translate_integrity_errors({"saved_search_once": taken}):
        row.save(**how)
