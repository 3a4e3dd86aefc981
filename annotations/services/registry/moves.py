"""What moves when an entry of the registry is merged, and goes back when the merge is undone.

``moved`` of a live merge is exactly what its undoing returns. If the winner was itself merged since, an item
has travelled on, and stands in ``moved`` of the later merge too; when it goes home, it is taken out there.
So merges can be undone in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Model

from annotations.exceptions import FieldError
from annotations.messages import message, term
from annotations.models import Actor, Affiliation, Alias, AliasKind, EntryKind, Merge, Proposition, Topic
from annotations.text.names import fold_name


@dataclass(frozen=True)
class PointerMove:
    """A column that points to entries and follows them into the winner.

    ``key`` is the name of its rows in ``moved``. Rows whose column ``other_end`` is the winner stay behind,
    since nothing points to itself. If ``must_return``, a row that was changed or deleted since is a conflict;
    else the later change stands.
    """

    key: str
    model: type[Model]
    column: str
    other_end: str = ""
    must_return: bool = False
    #: The lookup of the corpus of a row.
    corpus: str = "corpus"


class AliasValue(NamedTuple):
    """An alias by what files and answers say of it."""

    text: str
    language: str
    kind: str

    @property
    def key(self) -> tuple[str, str]:
        """What is unique among the aliases of an actor."""
        return self.text, self.language


MODELS: Mapping[EntryKind, type[Actor | Topic | Proposition]] = {
    EntryKind.ACTOR: Actor,
    EntryKind.TOPIC: Topic,
    EntryKind.PROPOSITION: Proposition,
}
POINTER_MOVES: Mapping[EntryKind, Sequence[PointerMove]] = {
    EntryKind.ACTOR: (
        PointerMove("children", Actor, "parent"),
        PointerMove(
            "affiliations", Affiliation, "actor", "organisation", must_return=True, corpus="actor__corpus"
        ),
        PointerMove(
            "affiliates", Affiliation, "organisation", "actor", must_return=True, corpus="actor__corpus"
        ),
    ),
    EntryKind.TOPIC: (PointerMove("children", Proposition, "topic"),),
    EntryKind.PROPOSITION: (),
}
#: The keys of ``moved`` that hold ids.
POINTER_KEYS = tuple(dict.fromkeys(move.key for moves in POINTER_MOVES.values() for move in moves))


def empty_moved() -> dict[str, Any]:
    """Return ``moved`` of a merge with which nothing moves."""
    return {"aliases": [], "stayed": [], "name_added": False, **{key: [] for key in POINTER_KEYS}}


def is_implied(reason: str, moved: Mapping[str, Any]) -> bool:
    """Return whether a merge says no more than the ``merged_into`` of its loser: an import made it so."""
    return not reason and not any(moved.values())


def plan_aliases(loser: Model, winner: Model) -> tuple[list[AliasValue], list[AliasValue], bool]:
    """Return the aliases that move, those that stay because the winner has them, and whether the name is one.

    The loser's name is the last of those that move.
    """
    if not (isinstance(loser, Actor) and isinstance(winner, Actor)):
        return [], [], False
    taken = {AliasValue(*row).key for row in _aliases_of(winner.pk)}
    own = [AliasValue(*row) for row in _aliases_of(loser.pk)]
    moving = [alias for alias in own if alias.key not in taken]
    name = AliasValue(loser.name, "", AliasKind.NAME)
    adds_name = loser.name != winner.name and name.key not in taken | {alias.key for alias in own}
    return [*moving, name] if adds_name else moving, [a for a in own if a.key in taken], adds_name


def _aliases_of(actor: UUID) -> Iterable[tuple[str, str, str]]:
    return Alias.objects.filter(actor=actor).order_by("pk").values_list("text", "language", "kind")


def move_all(kind: EntryKind, loser: Model, winner: Model) -> dict[str, Any]:
    """Move everything from the loser to the winner, and return what moved."""
    moving, staying, adds_name = plan_aliases(loser, winner)
    moved = empty_moved()
    own = Alias.objects.filter(actor=loser.pk)
    for alias in moving[:-1] if adds_name else moving:
        own.filter(text=alias.text, language=alias.language).update(actor=winner.pk)
    if adds_name:
        name = moving[-1]
        Alias.objects.create(
            actor_id=winner.pk, text=name.text, folded=fold_name(name.text), language="", kind=name.kind
        )
    for move in POINTER_MOVES[kind]:
        rows = move.model._default_manager.filter(**{move.column: loser.pk})
        if move.other_end:
            rows = rows.exclude(**{move.other_end: winner.pk})
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        _point(move, ids, loser.pk, winner.pk)
        moved[move.key] = [str(id) for id in ids]
    moved |= {
        "aliases": [alias._asdict() for alias in moving],
        "stayed": [alias._asdict() for alias in staying],
        "name_added": adds_name,
    }
    return moved


def _point(move: PointerMove, ids: Sequence[UUID | str], old: UUID, new: UUID) -> int:
    """Let rows point to the new entry that point to the old one; return their number."""
    rows = move.model._default_manager.filter(pk__in=ids, **{move.column: old})
    return rows.update(**{move.column: new, "version": F("version") + 1})


@dataclass
class MergeUndoing:
    """The undoing of one merge: where each item is now, and what stands in the way."""

    merge: Merge
    #: The live merges through which the winner has gone since, in their order.
    later: Sequence[Merge]
    conflicts: list[FieldError]

    def run(self, loser_name: str) -> None:
        """Return everything; what cannot go back is a conflict, and the caller then undoes this."""
        for alias in [AliasValue(**value) for value in self.merge.moved["aliases"]]:
            self._return_alias(alias, is_name=self.merge.moved["name_added"] and alias.text == loser_name)
        for move in POINTER_MOVES[EntryKind(self.merge.kind)]:
            self._return_rows(move)
        for merge in self.later:
            merge.save(update_fields=["moved"])

    def _return_alias(self, alias: AliasValue, *, is_name: bool) -> None:
        value = alias._asdict()
        holder = self._holder("aliases", value)
        row = Alias.objects.filter(actor=holder, **value).first()
        if row is None:
            detail = message(
                "The alias “{alias}” was changed or deleted since the merge; add it to the winner again, "
                "then take the merge back.",
                alias=alias.text,
            )
            self.conflicts.append(FieldError(code="alias", detail=detail))
        elif is_name and not alias.language:
            row.delete()
        else:
            Alias.objects.filter(pk=row.pk).update(actor=self.merge.loser)

    def _return_rows(self, move: PointerMove) -> None:
        by_holder: dict[UUID, list[str]] = {}
        for id in self.merge.moved.get(move.key, ()):
            by_holder.setdefault(self._holder(move.key, id), []).append(id)
        for holder, ids in by_holder.items():
            number = _point(move, ids, holder, self.merge.loser)
            if move.must_return and number < len(ids):
                detail = message(
                    "{count} of the {what} that moved were changed or deleted since the merge.",
                    count=len(ids) - number,
                    what=term("model", move.key),
                )
                self.conflicts.append(FieldError(code=move.key, detail=detail))

    def _holder(self, key: str, item: object) -> UUID:
        """Return the entry that has an item now, and take the item out of the merges that brought it on."""
        holder = self.merge.winner
        for merge in self.later:
            items = merge.moved.get(key, [])
            if item not in items:
                break
            items.remove(item)
            holder = merge.winner
        return holder


def later_merges(merge: Merge) -> Iterator[Merge]:
    """Yield the live merges through which the winner of a merge has gone since, in their order."""
    at: Merge | None = merge
    while at is not None:
        at = Merge.objects.filter(loser=at.winner, undone_at__isnull=True).first()
        if at is not None:
            yield at
