"""Gazetteers: lists of known actors, of which each line is matched with the registry or added to it.

A line is the actor that has its Wikidata item, else the only one that has its name. What the registry knows
already stays; a line adds what is missing: aliases, the item, the parent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.exceptions import InvalidInputError, StandpointError
from annotations.formats.core import records
from annotations.formats.core.object_reader import FieldErrors
from annotations.formats.core.record_parser import read_record
from annotations.messages import message
from annotations.models import Actor, ActorKind, Corpus, EntryKind, RegistryName
from annotations.permissions import VisibleRow
from annotations.services.registry import entries
from annotations.text import strictjson
from annotations.text.names import fold_name
from annotations.visibility import get_visible_row

COLUMNS = ("name", "kind", "qid", "parent", "aliases")
#: What separates the aliases of a cell, and the parts of an alias: text, language, kind.
ALIAS_SEPARATOR, PART_SEPARATOR = ";", "|"
#: What can become of a line.
ADDED, UPDATED, UNCHANGED, UNMATCHED, AMBIGUOUS, FAILED = OUTCOMES = (
    "added", "updated", "unchanged", "unmatched", "ambiguous", "failed",
)  # fmt: skip


class GazetteerLine(NamedTuple):
    """A line of the file: an object as JSONL has it, or why there is none."""

    number: int
    values: Mapping[str, Any]
    fault: str = ""


@dataclass
class LineResult:
    """What became of a line."""

    number: int
    name: str
    outcome: str
    detail: str = ""
    actor: UUID | None = None


@dataclass
class Gazetteer:
    """The loading of one list into a corpus, by somebody who may add actors."""

    by: User
    corpus: Corpus
    adds: bool
    parents: dict[int, tuple[UUID, str]] = field(default_factory=dict)

    def load(self, lines: Iterable[GazetteerLine], *, dry_run: bool = False) -> list[LineResult]:
        """Load the lines, each by itself; then the parents, which may stand further down in the list."""
        with transaction.atomic():
            results = [self._load_line(line) for line in lines]
            by_number = {result.number: result for result in results}
            for number, (actor, parent) in self.parents.items():
                self._run(by_number[number], partial(self._set_parent, by_number[number], actor, parent))
            if dry_run:
                transaction.set_rollback(True)
        return results

    def _load_line(self, line: GazetteerLine) -> LineResult:
        result = LineResult(line.number, str(line.values.get("name") or ""), FAILED, line.fault)
        if not line.fault:
            self._run(result, partial(self._match_or_add, line, result))
        return result

    def _run(self, result: LineResult, step: Callable[[], None]) -> None:
        """Run a step of a line; what it refuses is undone and told."""
        try:
            with transaction.atomic():
                step()
        except StandpointError as error:
            result.outcome, result.detail = FAILED, str(error.detail)

    def _match_or_add(self, line: GazetteerLine, result: LineResult) -> None:
        parent = line.values.get("parent")
        actor = _parse_actor({**line.values, "parent": None}, needs_kind=False)
        found = self._find(actor, line.values.get("kind"))
        if len(found) > 1:
            ids = ", ".join(map(str, found))
            result.outcome = AMBIGUOUS
            result.detail = message("Several actors have this name: {ids}. Give the line a qid.", ids=ids)
            return
        if found:
            result.actor = found[0]
            result.outcome = UPDATED if self._complete(found[0], actor) else UNCHANGED
        elif self.adds:
            result.actor, result.outcome = self._add(_parse_actor({**line.values, "parent": None})), ADDED
        else:
            result.outcome = UNMATCHED
        if parent and result.actor:
            self.parents[line.number] = result.actor, str(parent)

    def _find(self, actor: records.Actor, kind: object) -> list[UUID]:
        """Return the actors that a line may be: those with its item, else those with its name."""
        live = Actor.objects.filter(corpus=self.corpus, merged_into__isnull=True)
        same_item = list(live.filter(qid=actor.qid).values_list("pk", flat=True)) if actor.qid else []
        if same_item:
            return same_item
        named = RegistryName.objects.filter(
            corpus=self.corpus, kind=EntryKind.ACTOR, folded=fold_name(actor.name)
        )
        rows = live.filter(pk__in=named.values("entry"))
        if kind:
            rows = rows.filter(kind=actor.kind)
        if actor.qid:
            rows = rows.filter(qid="")  # another item is another actor
        return list(rows.order_by("pk").values_list("pk", flat=True))

    def _add(self, actor: records.Actor) -> UUID:
        values = {
            "name": actor.name,
            "kind": actor.kind,
            "qid": actor.qid,
            "parent_id": None,
            "note": actor.note,
            "aliases": [alias._asdict() for alias in actor.aliases],
        }
        return entries.add_actor(self.by, self._seen(), values)[0].pk

    def _complete(self, pk: UUID, actor: records.Actor) -> bool:
        """Add to an actor what it lacks; return whether that was anything."""
        stored = Actor.objects.get(pk=pk)
        aliases = entries.alias_payload(stored)
        known = {(alias["text"], alias["language"]) for alias in aliases}
        names = {stored.name, *(alias["text"] for alias in aliases)}
        wanted = [alias._asdict() for alias in actor.aliases]
        if actor.name not in names:
            wanted.append({"text": actor.name, "language": "", "kind": "name"})
        new = [alias for alias in wanted if (alias["text"], alias["language"]) not in known]
        changes: dict[str, Any] = {"aliases": [*aliases, *new]} if new else {}
        if actor.qid and not stored.qid:
            changes["qid"] = actor.qid
        if changes:
            entries.update_actor(self.by, pk, changes, version=stored.version)
        return bool(changes)

    def _set_parent(self, result: LineResult, pk: UUID, parent: str) -> None:
        """Set the parent of an actor that has none; it is named by its item or by its name."""
        stored = Actor.objects.get(pk=pk)
        if stored.parent_id is not None:
            return
        is_item = parent[:1] == "Q" and parent[1:].isdigit()
        named = records.Actor("", parent, "", parent if is_item else "", None, "", (), None)
        found = self._find(named, None)
        if len(found) != 1:
            raise InvalidInputError(
                message("There is no single actor called {name} that could be the parent.", name=parent)
            )
        entries.update_actor(self.by, pk, {"parent_id": found[0]}, version=stored.version)
        if result.outcome == UNCHANGED:
            result.outcome = UPDATED

    def _seen(self) -> VisibleRow[Corpus]:
        return get_visible_row(self.by, Corpus.objects.defer("guideline"), pk=self.corpus.pk)


def _parse_actor(values: Mapping[str, Any], *, needs_kind: bool = True) -> records.Actor:
    """Return the actor of a line, checked as a line of an import; raise ``InvalidInputError``."""
    faults = FieldErrors()
    raw = {"type": "actor", "id": "line", **{name: value for name, value in values.items() if value != ""}}
    if not needs_kind and not raw.get("kind"):
        raw["kind"] = str(ActorKind.OTHER)
    actor = read_record(raw, faults)
    if not isinstance(actor, records.Actor):
        first = faults[0]
        where = (first.pointer or "").strip("/")
        raise InvalidInputError(message("{where}: {detail}", where=where, detail=first.detail))
    return actor


# --- Files ----------------------------------------------------------------------------------------


def read_jsonl(text: str) -> Iterator[GazetteerLine]:
    """Yield the lines of a JSONL file."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = strictjson.loads(line)
        except ValueError as error:
            yield GazetteerLine(number, {}, str(error))
            continue
        if isinstance(values, dict):
            yield _checked_line(number, values)
        else:
            yield GazetteerLine(number, {}, message("It has to be an object."))


def read_csv(text: str) -> Iterator[GazetteerLine]:
    """Yield the lines of a CSV file, whose first row has the names of the columns."""
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="")
    columns = [column.strip().lower() for column in reader.fieldnames or ()]
    if "name" not in columns:
        raise InvalidInputError(message("The first row has to name the columns; name is one of them."))
    reader.fieldnames = columns
    for row in reader:
        if "" in row:
            yield GazetteerLine(reader.line_num, {}, message("The row has more cells than the first one."))
            continue
        values: dict[str, Any] = {name: (value or "").strip() or None for name, value in row.items()}
        if values.get("aliases"):
            cells = str(values["aliases"]).split(ALIAS_SEPARATOR)
            values["aliases"] = [_parse_alias(cell) for cell in cells if cell.strip()]
        yield _checked_line(reader.line_num, values)


def _checked_line(number: int, values: Mapping[str, Any]) -> GazetteerLine:
    unknown = [name for name in values if name not in COLUMNS]
    fault = ""
    if unknown:
        known = ", ".join(COLUMNS)
        fault = message(
            "There is no field {name} here; the fields are {known}.", name=unknown[0], known=known
        )
    elif not isinstance(values.get("parent"), str | None):
        fault = message("The parent is the name or the qid of an actor.")
    return GazetteerLine(number, values, fault)


def _parse_alias(cell: str) -> dict[str, str]:
    parts = [part.strip() for part in cell.split(PART_SEPARATOR)]
    named = dict(zip(("text", "language", "kind"), parts, strict=False))
    extra = {"extra": parts[3]} if len(parts) > 3 else {}  # refused by its name
    return {**{name: value for name, value in named.items() if value}, **extra}


READERS: Mapping[str, Callable[[str], Iterator[GazetteerLine]]] = {
    ".csv": read_csv,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
}
