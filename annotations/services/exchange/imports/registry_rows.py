"""The rows of imported registry entries, with their events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Model

from annotations.context import request_id
from annotations.formats.core import records
from annotations.formats.core.records import RegistryEntry
from annotations.models import Actor, Affiliation, Alias, Event, Proposition, Topic, bulk, uuid7
from annotations.services.exchange.imports.context import ImportContext
from annotations.text.folding import search_key
from annotations.text.names import fold_name

COLUMNS: Mapping[type[Model], tuple[str, ...]] = {
    Actor: (
        "id", "version", "corpus_id", "name", "folded_name", "kind", "qid", "parent_id", "note",
        "merged_into_id", "canonical_id",
    ),
    Affiliation: (
        "id", "version", "actor_id", "organisation_id", "role", "kind", "since", "until", "note",
    ),
    Alias: ("id", "actor_id", "text", "folded", "language", "kind"),
    Topic: ("id", "version", "corpus_id", "name", "search_key", "merged_into_id", "canonical_id"),
    Proposition: (
        "id", "version", "corpus_id", "topic_id", "text", "search_key", "kind", "status", "merged_into_id",
        "canonical_id",
    ),
    Event: ("corpus_id", "user_id", "username", "action", "data", "request_id", "time"),
}  # fmt: skip

Rows = dict[type[Model], list[tuple[Any, ...]]]


def insert_entries(context: ImportContext, entries: Sequence[RegistryEntry]) -> None:
    """Store entries whose ids and pointers are those of the database already."""
    rows: Rows = {model: [] for model in COLUMNS}
    corpus = str(context.corpus.pk)
    by = None if context.options.restore else context.by
    user_columns = (by.pk, by.get_username()) if by else (None, "")
    for entry in entries:
        action, add = _ADDERS[type(entry)]
        add(rows, corpus, entry)
        data = json.dumps({"before": None, "after": _event_payload(entry)})
        rows[Event].append((corpus, *user_columns, action, data, request_id.get() or "", context.now))
    for model, columns in COLUMNS.items():
        if rows[model]:
            bulk.insert_rows(model, columns, rows[model])


def _event_payload(entry: RegistryEntry) -> dict[str, Any]:
    payload: dict[str, Any] = entry._asdict()
    if isinstance(entry, records.Actor):
        payload["aliases"] = [alias._asdict() for alias in entry.aliases]
        payload["affiliations"] = [row._asdict() for row in entry.affiliations]
    return payload


def _actor(rows: Rows, corpus: str, entry: records.Actor) -> None:
    rows[Actor].append(
        (
            entry.id, 1, corpus, entry.name, fold_name(entry.name), entry.kind, entry.qid, entry.parent,
            entry.note, entry.merged_into, entry.id,
        )
    )  # fmt: skip
    rows[Alias] += [
        (str(uuid7()), entry.id, alias.text, fold_name(alias.text), alias.language, alias.kind)
        for alias in entry.aliases
    ]
    rows[Affiliation] += [(row.id, 1, entry.id, *row[1:]) for row in entry.affiliations]


def _topic(rows: Rows, corpus: str, entry: records.Topic) -> None:
    rows[Topic].append((entry.id, 1, corpus, entry.name, search_key(entry.name), entry.merged_into, entry.id))


def _proposition(rows: Rows, corpus: str, entry: records.Proposition) -> None:
    rows[Proposition].append(
        (
            entry.id, 1, corpus, entry.topic, entry.text, search_key(entry.text), entry.kind, entry.status,
            entry.merged_into, entry.id,
        )
    )  # fmt: skip


_ADDERS: Mapping[type[RegistryEntry], tuple[str, Callable[[Rows, str, Any], None]]] = {
    records.Actor: ("actor_added", _actor),
    records.Topic: ("topic_added", _topic),
    records.Proposition: ("proposition_added", _proposition),
}
