"""Judgements of pairs that look alike, and what the lists of pairs show of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from annotations.exceptions import InvalidInputError, NotInCorpusError, error_at
from annotations.messages import message, term
from annotations.models import Corpus, DuplicatePair, EntryKind, Judgement, Span, Verdict, uuid7
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import events
from annotations.services.core.sets import lock_corpus, require_not_archived
from annotations.services.registry.duplicates import SPAN_COLUMNS, refresh_pairs
from annotations.services.registry.names import REGISTRY_MODELS
from annotations.visibility import visible

#: The state of a pair about which nothing is decided.
OPEN_STATE = "open"
STATES = (OPEN_STATE, *Verdict)
MAX_CONTEXTS = 3


@dataclass(frozen=True)
class ListedPair:
    """A pair with its entries, and what the caller sees of where they occur."""

    pair: DuplicatePair
    left: Any
    right: Any
    together: int
    contexts: Mapping[str, Sequence[Span]] = field(default_factory=dict)

    @property
    def score(self) -> int:
        """The score of the pair, 0 to 100."""
        return self.pair.score

    @property
    def rank(self) -> str:
        """The place of the pair in the list."""
        return self.pair.rank

    @property
    def reasons(self) -> list[str]:
        """The reasons of the score, as sentences without an end."""
        return [describe_reason(reason) for reason in self.pair.reasons]


def describe_reason(reason: Sequence[Any]) -> str:
    """Return a stored reason in words."""
    code, *values = reason
    return _REASONS[code](*values)


_REASONS: Mapping[str, Callable[..., str]] = {
    "name": lambda score: message("name {score}", score=score),
    "alias": lambda left, right, score: message(
        "alias {left}/{right} {score}", left=left, right=right, score=score
    ),
    "qid": lambda: message("same qid"),
    "first_name": lambda: message("other first name"),
    "together": lambda: message("both in one set"),
}


@transaction.atomic
def judge_pair(
    by: User,
    seen: VisibleRow[Corpus],
    left: UUID,
    right: UUID,
    *,
    verdict: Verdict | None,
    reason: str = "",
) -> tuple[Judgement, bool]:
    """Store what somebody judges of two entries, or with None take it back; return it and whether it is new.

    A judgement that was taken back is returned without a verdict, and is not stored.
    """
    corpus = require_permission(by, Permission.JUDGE_PAIR, seen)
    kind = _common_kind(corpus, left, right)
    left, right = min(left, right), max(left, right)
    stored = Judgement.objects.filter(left=left, right=right).first()
    before = stored.verdict if stored else None
    new = {"verdict": verdict or "", "reason": reason if verdict else ""}
    if (stored and (stored.verdict, stored.reason) == (new["verdict"], new["reason"])) or (
        stored is None and verdict is None
    ):
        return stored or Judgement(corpus=corpus, kind=kind, left=left, right=right, by=by), False
    require_not_archived(corpus)
    lock_corpus(corpus)
    Judgement.objects.filter(left=left, right=right).delete()
    row = Judgement(
        id=uuid7(), corpus=corpus, kind=kind, left=left, right=right, by=by, at=timezone.now(), **new
    )
    if verdict:
        row.save(force_insert=True)
    refresh_pairs(kind, corpus.pk, [left])
    pair = {"kind": str(kind), "left": str(left), "right": str(right)}
    events.record_event(
        "pair_judged",
        by=by,
        corpus_id=corpus.pk,
        before={**pair, "verdict": before},
        after={**pair, "verdict": verdict and str(verdict), "reason": new["reason"]},
    )
    return row, stored is None


def _common_kind(corpus: Corpus, left: UUID, right: UUID) -> EntryKind:
    """Return the kind of two entries of a corpus; raise if they are one, of two kinds, or elsewhere."""
    if left == right:
        with error_at("/right"):
            raise InvalidInputError(message("These are the same entry; name two."))
    for kind, model in REGISTRY_MODELS.items():
        rows: Any = model._default_manager.filter(corpus=corpus)
        found = set(rows.filter(pk__in=(left, right)).values_list("pk", flat=True))
        if len(found) == 2:
            return kind
        if found:
            missing, pointer = (right, "/right") if left in found else (left, "/left")
            with error_at(pointer):
                raise NotInCorpusError(
                    message(
                        "There is no {what} with the id {id} in this corpus.",
                        what=term("model", str(kind)),
                        id=missing,
                    )
                )
    with error_at("/left"):
        raise NotInCorpusError(
            message("There is no entry of the registry with the id {id} in this corpus.", id=left)
        )


def filter_pairs(corpus: Corpus, kind: EntryKind, state: str, min_score: int = 0) -> QuerySet[DuplicatePair]:
    """Return the pairs of a kind in a state."""
    rows = DuplicatePair.objects.filter(corpus=corpus, kind=kind)
    if min_score:
        rows = rows.filter(rank__lt=f"{101 - min_score:03d}")
    judged = Judgement.objects.filter(left=OuterRef("left"), right=OuterRef("right"))
    if state == OPEN_STATE:
        return rows.filter(~Exists(judged))
    return rows.filter(Exists(judged.filter(verdict=state)))


def describe_pairs(
    by: User, kind: EntryKind, pairs: Sequence[DuplicatePair], entries: QuerySet[Any]
) -> list[ListedPair]:
    """Return pairs with their entries, quotes, and in how many sets that the caller sees both occur."""
    ids = {id for pair in pairs for id in (pair.left, pair.right)}
    rows = entries.in_bulk(ids)
    contexts = entry_contexts(by, kind, ids)
    sets = _sets_of(by, kind, {id for pair in pairs if pair.together for id in (pair.left, pair.right)})
    return [
        ListedPair(
            pair,
            rows[pair.left],
            rows[pair.right],
            len(sets[pair.left] & sets[pair.right]),
            {"left": contexts[pair.left], "right": contexts[pair.right]},
        )
        for pair in pairs
        if pair.left in rows and pair.right in rows
    ]


def entry_contexts(by: User, kind: EntryKind, ids: Collection[UUID]) -> Mapping[UUID, list[Span]]:
    """Return the newest spans that the user sees of each entry, with their sets, in one query."""
    column = SPAN_COLUMNS[kind]
    place = Window(RowNumber(), partition_by=F(column), order_by=F("pk").desc())
    spans = visible(by, Span.objects.filter(**{f"{column}__in": ids}))
    rows = spans.select_related("set").annotate(entry=F(column), place=place).filter(place__lte=MAX_CONTEXTS)
    found: dict[UUID, list[Span]] = defaultdict(list)
    for row in rows.order_by("-pk"):
        annotated: Any = row
        found[annotated.entry].append(row)
    return found


def _sets_of(by: User, kind: EntryKind, ids: Collection[UUID]) -> Mapping[UUID, set[UUID]]:
    column = SPAN_COLUMNS[kind]
    rows = visible(by, Span.objects.filter(**{f"{column}__in": ids})).order_by()
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for entry, set_id in rows.values_list(column, "set_id").distinct() if ids else ():
        found[entry].add(set_id)
    return found
