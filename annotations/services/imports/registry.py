"""The registry of a file: actors, topics and propositions, before the articles that link to them.

An entry that the corpus has already stays as it is; what differs is told as a loss. Entries may point
forward to others (a part to its whole, a merged entry to what it became), so those that stand together
in a file are stored together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Model

from annotations.exceptions import Duplicate, FieldError
from annotations.formats import records
from annotations.formats.fields import Faults
from annotations.formats.records import Entry
from annotations.models import Actor, Proposition, Topic
from annotations.services.imports import registry_rows
from annotations.services.imports.run import Link, Run, Tally, assign, chunks, lock

#: So many entries are kept for one another; a pointer across such a border finds nothing.
MOST_ENTRIES = 20_000

Kind = type[Entry]
Stored = Mapping[str, Mapping[str, Any]]

MODELS: Mapping[Kind, type[Model]] = {
    records.Actor: Actor,
    records.Topic: Topic,
    records.Proposition: Proposition,
}
#: Which fields of an entry point to other entries, and of which kind those are.
POINTERS: Mapping[Kind, Mapping[str, Kind]] = {
    records.Actor: {"parent": records.Actor, "merged_into": records.Actor},
    records.Topic: {"merged_into": records.Topic},
    records.Proposition: {"topic": records.Topic, "merged_into": records.Proposition},
}
#: What of a stored entry is compared with the one in the file.
_COMPARED: Mapping[type[Model], tuple[str, ...]] = {
    Actor: ("name", "kind", "qid", "note"),
    Topic: ("name",),
    Proposition: ("text", "kind"),
}


class Waiting(NamedTuple):
    """A line of the registry."""

    line: int
    entry: Entry


def write(run: Run, waiting: Sequence[Waiting]) -> None:
    """Store the entries that the corpus does not have; topics before what stands under them."""
    for kind in MODELS:
        of_kind = [one for one in waiting if type(one.entry) is kind]
        if of_kind:
            tally = Tally()
            try:
                with transaction.atomic():
                    lock(run)
                    _write(run, kind, of_kind, tally)
            except IntegrityError:
                tally = Tally()
                for one in of_kind:
                    says = "Somebody changed the registry a moment ago; import this line again."
                    tally.fail(one.line, [FieldError(code=Duplicate.code, detail=says, pointer="")])
            tally.enter(run.report)


def _write(run: Run, kind: Kind, waiting: list[Waiting], tally: Tally) -> None:
    known, fresh = _split(run, kind, waiting, tally)
    pointers = _pointers(run, kind, fresh, known)
    fresh = _pointing_right(fresh, pointers, tally)
    wanted = [(str(run.corpus.pk), one.entry.id) for one in fresh]
    ids = assign(run, MODELS[kind], wanted, tally)
    new = {one.entry.id: id for one, id in zip(fresh, ids, strict=True)}
    if run.dry_run:
        for one in fresh:
            link = Link(new[one.entry.id], getattr(one.entry, "kind", ""))
            run.mapped[MODELS[kind], one.entry.id] = link
        return
    pointers[kind] = {**pointers.get(kind, {}), **new}
    registry_rows.insert(run, [_resolved(one.entry, new[one.entry.id], pointers) for one in fresh])


def _resolved(entry: Entry, id: str, pointers: Mapping[Kind, Mapping[str, str]]) -> Entry:
    """The entry with the ids under which it and others are stored."""
    changes: dict[str, Any] = {
        name: pointers[of][getattr(entry, name)]
        for name, of in POINTERS[type(entry)].items()
        if getattr(entry, name) is not None
    }
    return entry._replace(id=id, **changes)


def _split(
    run: Run, kind: Kind, waiting: list[Waiting], tally: Tally
) -> tuple[dict[str, str], list[Waiting]]:
    """What entries of the file are called that the corpus has already, and the entries that are new."""
    model = MODELS[kind]
    stored = _stored(run, model, [one.entry for one in waiting])
    topics = _topics(run, [one.entry for one in waiting])
    known: dict[str, str] = {}
    fresh: list[Waiting] = []
    seen: set[str] = set()
    for one in waiting:
        entry = one.entry
        row = next((stored[id] for id in run.candidates(entry.id) if id in stored), None)
        if row is None and isinstance(entry, records.Topic) and entry.name in topics:
            row = topics[entry.name]
            run.mapped[model, entry.id] = Link(row["id"], "")
        keys = {entry.id, f"name {entry.name}"} if isinstance(entry, records.Topic) else {entry.id}
        if row is not None:
            known[entry.id] = row["id"]
            if any(getattr(entry, name) != row[name] for name in _COMPARED[model]):
                tally.losses.append(("registry", [entry.id]))
        elif keys & seen:
            says = "It stands twice in the file; leave one of them out."
            tally.fail(one.line, [FieldError(code=Duplicate.code, detail=says, pointer="/id")])
        else:
            fresh.append(one)
        seen |= keys
    return known, fresh


def _stored(run: Run, model: type[Model], entries: Sequence[Entry]) -> Stored:
    """The rows of this corpus that have one of these ids."""
    found: dict[str, Mapping[str, Any]] = {}
    for chunk in chunks([id for entry in entries for id in run.candidates(entry.id)]):
        known = model._default_manager.filter(corpus=run.corpus, pk__in=chunk)
        for id, *values in known.values_list("pk", *_COMPARED[model]):
            found[str(id)] = {"id": str(id), **dict(zip(_COMPARED[model], values, strict=True))}
    return found


def _topics(run: Run, entries: Sequence[Entry]) -> Stored:
    """Topics of this corpus by name: two of one name cannot be."""
    names = [entry.name for entry in entries if isinstance(entry, records.Topic)]
    found: dict[str, Mapping[str, Any]] = {}
    for chunk in chunks(names):
        known = Topic.objects.filter(corpus=run.corpus, name__in=chunk).values_list("pk", "name")
        found |= {name: {"id": str(id), "name": name} for id, name in known}
    return found


def _pointers(
    run: Run, kind: Kind, fresh: Sequence[Waiting], known: Mapping[str, str]
) -> dict[Kind, dict[str, str]]:
    """What the pointers of new entries lead to, by kind and by the id of the file."""
    found: dict[Kind, dict[str, str]] = {}
    for of in set(POINTERS[kind].values()):
        asked = {
            sent
            for one in fresh
            for name, other in POINTERS[kind].items()
            if other is of and (sent := getattr(one.entry, name)) is not None
        }
        found[of] = dict(known) if of is kind else {}
        model = MODELS[of]
        for sent in asked - found[of].keys():
            if (model, sent) in run.mapped:
                found[of][sent] = run.mapped[model, sent].id
        wanted = {sent: run.candidates(sent) for sent in asked - found[of].keys()}
        stored: set[str] = set()
        for chunk in chunks([id for ids in wanted.values() for id in ids]):
            here = model._default_manager.filter(corpus=run.corpus, pk__in=chunk)
            stored |= {str(id) for id in here.values_list("pk", flat=True)}
        leads = {sent: [id for id in ids if id in stored] for sent, ids in wanted.items()}
        found[of] |= {sent: ids[0] for sent, ids in leads.items() if ids}
    return found


def _pointing_right(
    fresh: list[Waiting], pointers: Mapping[Kind, Mapping[str, str]], tally: Tally
) -> list[Waiting]:
    """The entries whose pointers lead somewhere and not in a circle; who points to others fails with them."""
    while True:
        here = {one.entry.id: one.entry for one in fresh}
        left = []
        for one in fresh:
            faults = _faults(one.entry, here, pointers)
            if faults:
                tally.fail(one.line, faults)
            else:
                left.append(one)
        if len(left) == len(fresh):
            return left
        fresh = left


def _faults(entry: Entry, here: Mapping[str, Entry], pointers: Mapping[Kind, Mapping[str, str]]) -> Faults:
    faults = Faults()
    for name, of in POINTERS[type(entry)].items():
        sent = getattr(entry, name)
        own = here if of is type(entry) else {}
        if sent is None or sent in pointers[of]:
            continue
        if sent not in own:
            what = of.__name__.lower()
            says = f"There is no {what} with the id {sent} in this corpus, nor near it in the file."
            faults.say("not-in-corpus", f"/{name}", says)
        elif _in_circle(entry, name, own):
            faults.say("invalid", f"/{name}", "It leads back to this entry, step by step; break the circle.")
    return faults


def _in_circle(entry: Entry, name: str, here: Mapping[str, Entry]) -> bool:
    at: str | None = getattr(entry, name)
    for _ in range(len(here)):
        if at is None or at not in here:
            return False
        if at == entry.id:
            return True
        at = getattr(here[at], name)
    return True
