"""The index of names: kept with every write of an entry, so that a search reads it and not every name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from annotations.models import (
    Actor,
    Alias,
    EntryKind,
    NameGram,
    Proposition,
    RegistryName,
    Topic,
    bulk,
)
from annotations.models.bulk import batched
from annotations.text.names import distinct_names, fold_name, name_grams

RegistryModel = type[Actor] | type[Topic] | type[Proposition]

REGISTRY_MODELS: Mapping[EntryKind, RegistryModel] = {
    EntryKind.ACTOR: Actor,
    EntryKind.TOPIC: Topic,
    EntryKind.PROPOSITION: Proposition,
}
KINDS_BY_MODEL = {model: kind for kind, model in REGISTRY_MODELS.items()}
#: The column of the words by which an entry is known.
NAME_COLUMNS: Mapping[EntryKind, str] = {
    EntryKind.ACTOR: "name",
    EntryKind.TOPIC: "name",
    EntryKind.PROPOSITION: "text",
}
_NAME_COLUMNS = ("corpus_id", "kind", "entry", "text", "folded", "is_alias")
_GRAM_COLUMNS = ("corpus_id", "gram", "name_id")
#: How many ids go into one query.
_BATCH_SIZE = 400

NameKey = tuple[UUID, str, str, bool]
NameRow = tuple[int, UUID, str, str, bool]


def prefixed_grams(kind: EntryKind, grams: Iterable[str]) -> list[str]:
    """Return trigrams as the index has them, behind the first letter of the kind."""
    return [f"{kind[0]}{gram}" for gram in grams]


def expected_names(kind: EntryKind, ids: Collection[UUID]) -> set[NameKey]:
    """Return ``(entry, text, folded, is_alias)`` for all names that the index should have of entries."""
    model: Any = REGISTRY_MODELS[kind]
    live = model.objects.filter(pk__in=ids, merged_into__isnull=True).order_by()
    written: dict[UUID, list[tuple[str, bool]]] = {
        pk: [(name, False)] for pk, name in live.values_list("pk", NAME_COLUMNS[kind])
    }
    if kind == EntryKind.ACTOR and written:
        aliases = Alias.objects.filter(actor__in=list(written)).order_by("pk")
        for actor_id, text in aliases.values_list("actor_id", "text"):
            written[actor_id].append((text, True))
    return {(entry, *name) for entry, names in written.items() for name in distinct_names(names)}


def indexed_names(kind: EntryKind, ids: Collection[UUID]) -> set[NameKey]:
    """Return the same of the names that the index has with all their trigrams."""
    rows = RegistryName.objects.filter(entry__in=ids, kind=kind).order_by()
    stored = list(rows.values_list("pk", "entry", "text", "folded", "is_alias"))
    grams: dict[int, set[str]] = defaultdict(set)
    postings = NameGram.objects.filter(name_id__in=[row[0] for row in stored])
    corpora = rows.values("corpus_id").distinct()
    for pk, gram in postings.filter(corpus__in=corpora).order_by().values_list("name_id", "gram"):
        grams[pk].add(gram)
    return {
        (entry, text, folded, is_alias)
        for pk, entry, text, folded, is_alias in stored
        if grams[pk] == set(prefixed_grams(kind, name_grams(folded)))
    }


def group_names(names: Iterable[NameKey]) -> dict[UUID, set[NameKey]]:
    """Return names by their entries."""
    found: dict[UUID, set[NameKey]] = defaultdict(set)
    for name in names:
        found[name[0]].add(name)
    return found


def add_names(entry: Actor | Topic | Proposition, aliases: Iterable[str]) -> list[NameRow]:
    """Add the names of a new entry to the index and return them; call it within the change."""
    kind = KINDS_BY_MODEL[type(entry)]
    written = [(getattr(entry, NAME_COLUMNS[kind]), False), *((alias, True) for alias in aliases)]
    rows = RegistryName.objects.bulk_create(
        RegistryName(
            corpus_id=entry.corpus_id, kind=kind, entry=entry.pk, text=text, folded=folded, is_alias=is_alias
        )
        for text, folded, is_alias in distinct_names(written)
    )
    _insert_grams(kind, entry.corpus_id, {row.pk: row.folded for row in rows})
    return [(row.pk, row.entry, row.text, row.folded, row.is_alias) for row in rows]


def refresh_names(kind: EntryKind, corpus_id: UUID, ids: Collection[UUID]) -> list[NameRow]:
    """Bring the index up to date with the names of entries and return them; call it within the change."""
    return [row for batch in batched(ids, _BATCH_SIZE) for row in _refresh_batch(kind, corpus_id, batch)]


def _refresh_batch(kind: EntryKind, corpus_id: UUID, ids: Collection[UUID]) -> list[NameRow]:
    rows = RegistryName.objects.filter(entry__in=ids).order_by()
    columns = rows.values_list("pk", "entry", "text", "folded", "is_alias")
    stored: dict[NameKey, int] = {row[1:]: row[0] for row in columns}
    expected = expected_names(kind, ids)
    _delete_names(kind, corpus_id, {pk: key[2] for key, pk in stored.items() if key not in expected})
    kept = [(pk, *key) for key, pk in stored.items() if key in expected]
    missing = sorted(expected - stored.keys())
    if not missing:
        return kept
    bulk.insert_rows(RegistryName, _NAME_COLUMNS, [(corpus_id, str(kind), *key) for key in missing])
    added = list(columns.filter(entry__in={key[0] for key in missing}).exclude(pk__in=list(stored.values())))
    _insert_grams(kind, corpus_id, {pk: folded for pk, _, _, folded, _ in added})
    return [*kept, *added]


def _insert_grams(kind: EntryKind, corpus_id: UUID, folded_by_pk: Mapping[int, str]) -> None:
    grams = [
        (corpus_id, gram, pk)
        for pk, folded in folded_by_pk.items()
        for gram in prefixed_grams(kind, name_grams(folded))
    ]
    bulk.insert_rows(NameGram, _GRAM_COLUMNS, sorted(grams, key=lambda row: row[1:]))


def _delete_names(kind: EntryKind, corpus_id: UUID, folded_by_pk: Mapping[int, str]) -> None:
    for pk, folded in folded_by_pk.items():
        grams = prefixed_grams(kind, name_grams(folded))
        NameGram.objects.filter(corpus=corpus_id, gram__in=grams, name_id=pk).delete()
    if folded_by_pk:
        RegistryName.objects.filter(pk__in=folded_by_pk).delete()


def entries_named(kind: EntryKind, corpus_id: UUID, texts: Iterable[str]) -> QuerySet[Any]:
    """Return the ids of the entries that have a name which folds like one of these."""
    folded = {fold_name(text) for text in texts}
    return RegistryName.objects.filter(corpus=corpus_id, kind=kind, folded__in=folded).values("entry")


def entries_with_name(kind: EntryKind, corpus_id: UUID, entry: UUID, limit: int) -> list[UUID]:
    """Return the ids of other entries that have a name which folds like one of this entry's."""
    own = RegistryName.objects.filter(entry=entry).values("folded")
    rows = RegistryName.objects.filter(Q(corpus=corpus_id, kind=kind, folded__in=own) & ~Q(entry=entry))
    return list(rows.order_by("entry").values_list("entry", flat=True).distinct()[:limit])
