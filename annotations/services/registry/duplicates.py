"""Entries that look alike: found by rare trigrams of their names, scored, and stored as pairs.

The pairs of an entry are found anew with every write of its names, those of a whole corpus by a job. Nothing
is ever merged by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, starmap
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from rapidfuzz import fuzz, process

from annotations.models import (
    Actor,
    ActorKind,
    DuplicatePair,
    EntryKind,
    Judgement,
    NameGram,
    Proposition,
    RegistryName,
    Span,
    Topic,
)
from annotations.models.bulk import batched
from annotations.services.registry.names import (
    KINDS_BY_MODEL,
    REGISTRY_MODELS,
    NameRow,
    add_names,
    prefixed_grams,
    refresh_names,
)
from annotations.services.registry.search import gram_counts
from annotations.text.names import NEAR_SIMILARITY, comparable_forms, differ_in_first_name, name_grams

#: With about how many names one name is compared: those first that share its rarest trigrams.
MAX_COMPARED = 300
SAME_QID = 100
#: Two people, probably: other first names, or both in one set.
PENALTY = 20
#: Up to how many pairs the database joins the sets of both; it took as long as reading them for 3,000.
MAX_JOINED = 1_000

_BATCH_SIZE = 400

Reason = list[Any]
Pair = tuple[UUID, UUID]


class ComparedName(NamedTuple):
    """A name of the index with the forms in which it is compared.

    ``in_order``: its words stand in the order of the alphabet, so that both forms are the same.
    """

    pk: int
    entry: UUID
    text: str
    folded: str
    is_alias: bool
    forms: tuple[str, str]
    in_order: bool


class Match(NamedTuple):
    """The nearest names of two entries. ``differs``: these two differ in a first name."""

    score: int
    reason: Reason
    differs: bool


class EntryFacts(NamedTuple):
    """What the score of a pair needs to know of an entry beside its names."""

    is_person: bool
    qid: str


def add_entry(entry: Actor | Topic | Proposition, aliases: Iterable[str] = ()) -> None:
    """Index a new entry and store its pairs; call it within the change.

    It has no names in the index, no pairs, no judgements and no spans yet, so that nothing asks for them.
    """
    kind, corpus_id = KINDS_BY_MODEL[type(entry)], entry.corpus_id
    matches = _match_names(kind, corpus_id, [_compared(row) for row in sorted(add_names(entry, aliases))])
    wanted = set(matches)
    if isinstance(entry, Actor) and entry.qid:
        wanted |= _pairs_of_qid(corpus_id, [entry.pk])
    _insert_pairs(kind, corpus_id, wanted, matches, are_new=True)


def refresh_entries(kind: EntryKind, corpus_id: UUID, ids: Collection[UUID]) -> None:
    """Bring the index and the pairs up to date with changed entries; call it within the change."""
    own = [_compared(row) for row in sorted(refresh_names(kind, corpus_id, ids))]
    _store_pairs(kind, corpus_id, _match_names(kind, corpus_id, own), ids)


def refresh_pairs(kind: EntryKind, corpus_id: UUID, ids: Collection[UUID]) -> None:
    """Find the pairs of some entries anew."""
    own = [_compared(row) for row in _name_rows(RegistryName.objects.filter(entry__in=ids))]
    matches = _match_names(kind, corpus_id, own)
    _store_pairs(kind, corpus_id, matches, ids)


def rebuild_pairs(kind: EntryKind, corpus_id: UUID) -> int:
    """Find all pairs of a corpus anew; return how many there are."""
    rows = _name_rows(RegistryName.objects.filter(corpus=corpus_id, kind=kind))
    names = [_compared(row) for row in rows.iterator(chunk_size=5_000)]
    matches = _match_all(names)
    return _store_pairs(kind, corpus_id, matches, None)


# --- Names that are near ------------------------------------------------------------------------


def _name_rows(rows: Any) -> Any:
    return rows.order_by("pk").values_list("pk", "entry", "text", "folded", "is_alias")


def _compared(row: NameRow) -> ComparedName:
    forms = comparable_forms(row[3])
    return ComparedName(*row, forms, forms[0] == forms[1])


def rare_grams(counts: Mapping[str, int]) -> list[str]:
    """Return the rarest of the trigrams, of which the index has these counts, that lead to few enough names.

    Two are taken whatever they are: a slip of the pen may have spoilt the rarest.
    """
    shared = (gram for gram, number in counts.items() if number > 1)
    ordered = sorted(shared, key=lambda gram: (counts[gram], gram))
    totals = accumulate(counts[gram] for gram in ordered)
    return [
        gram
        for at, (gram, total) in enumerate(zip(ordered, totals, strict=True))
        if at < 2 or total <= MAX_COMPARED
    ]


def _match_names(kind: EntryKind, corpus_id: UUID, own: Sequence[ComparedName]) -> dict[Pair, Match]:
    """Return the matches of a few names, whose candidates the index finds."""
    counts = gram_counts(kind, corpus_id, set().union(*(name_grams(name.folded) for name in own)))
    rare = {
        name.pk: rare_grams({gram: counts[gram] for gram in prefixed_grams(kind, name_grams(name.folded))})
        for name in own
    }
    postings: dict[str, list[int]] = defaultdict(list)
    wanted = NameGram.objects.filter(corpus=corpus_id, gram__in=set().union(*rare.values())).order_by()
    for gram, pk in wanted.values_list("gram", "name_id"):
        postings[gram].append(pk)
    rows = _name_rows(RegistryName.objects.filter(pk__in=wanted.values("name_id")))
    others = [_compared(row) for row in rows]
    places = {name.pk: place for place, name in enumerate(others)}
    matches: dict[Pair, Match] = {}
    for name in own:
        near = {places[pk] for gram in rare[name.pk] for pk in postings[gram] if pk in places}
        _add_matches(matches, name, others, near)
    return matches


def _match_all(names: Sequence[ComparedName]) -> dict[Pair, Match]:
    """Return the matches of all names with one another."""
    grams = [name_grams(name.folded) for name in names]
    postings: dict[str, list[int]] = defaultdict(list)
    for place, own in enumerate(grams):
        for gram in own:
            postings[gram].append(place)
    counts = {gram: len(places) for gram, places in postings.items()}
    matches: dict[Pair, Match] = {}
    for name, own in zip(names, grams, strict=True):
        rare = rare_grams({gram: counts[gram] for gram in own})
        _add_matches(matches, name, names, set().union(*(postings[gram] for gram in rare)))
    return matches


def _add_matches(
    matches: dict[Pair, Match], name: ComparedName, names: Sequence[ComparedName], places: Collection[int]
) -> None:
    """Add the near ones of the candidates of a name, each pair of entries with its best match."""
    for form in range(2):
        if form and name.in_order:
            places = [place for place in places if not names[place].in_order]
        choices = {place: names[place].forms[form] for place in places}
        near = process.extract(
            name.forms[form], choices, scorer=fuzz.ratio, score_cutoff=NEAR_SIMILARITY, limit=None
        )
        for _, score, place in near:
            other = names[place]
            if other.entry == name.entry:
                continue
            pair = _ordered(name.entry, other.entry)
            best = matches.get(pair)
            if best is None or round(score) > best.score:
                matches[pair] = _match(name, other, round(score))


def _match(left: ComparedName, right: ComparedName, score: int) -> Match:
    left, right = sorted((left, right), key=lambda name: name.entry)
    is_alias = left.is_alias or right.is_alias
    reason = ["alias", left.text, right.text, score] if is_alias else ["name", score]
    return Match(score, reason, differ_in_first_name(left.folded, right.folded))


def _ordered(one: UUID, other: UUID) -> Pair:
    return (one, other) if one < other else (other, one)


# --- Pairs --------------------------------------------------------------------------------------


def _store_pairs(
    kind: EntryKind,
    corpus_id: UUID,
    matches: dict[Pair, Match],
    ids: Collection[UUID] | None,
) -> int:
    """Replace the stored pairs of some entries, or of all, by these; judged pairs stay in any case."""
    stored = DuplicatePair.objects.filter(corpus=corpus_id, kind=kind)
    judged = Judgement.objects.filter(corpus=corpus_id, kind=kind)
    if ids is not None:
        touched = Q(left__in=ids) | Q(right__in=ids)
        stored, judged = stored.filter(touched), judged.filter(touched)
    wanted = {*matches, *judged.order_by().values_list("left", "right")}
    if kind == EntryKind.ACTOR:
        wanted |= _pairs_of_qid(corpus_id, ids)
    stored.delete()
    return _insert_pairs(kind, corpus_id, wanted, matches)


def _insert_pairs(
    kind: EntryKind,
    corpus_id: UUID,
    wanted: Collection[Pair],
    matches: Mapping[Pair, Match],
    *,
    are_new: bool = False,
) -> int:
    """Store pairs of entries that are not merged; no set names both of a new pair."""
    facts = _entry_facts(kind, {id for pair in wanted for id in pair})
    pairs = sorted(pair for pair in wanted if pair[0] in facts and pair[1] in facts)
    together = set() if are_new else set(_pairs_together(kind, pairs))
    rows = [_pair_row(kind, corpus_id, pair, matches.get(pair), facts, pair in together) for pair in pairs]
    # another write may have found one of them at the same moment
    DuplicatePair.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_BATCH_SIZE)
    return len(rows)


def _entry_facts(kind: EntryKind, ids: Collection[UUID]) -> dict[UUID, EntryFacts]:
    """Return the facts of those entries that are not merged."""
    model: Any = REGISTRY_MODELS[kind]
    columns = ("pk", "kind", "qid") if kind == EntryKind.ACTOR else ("pk",)
    found: dict[UUID, EntryFacts] = {}
    for batch in batched(sorted(ids), _BATCH_SIZE):
        for pk, *values in model.objects.filter(pk__in=batch, merged_into__isnull=True).values_list(*columns):
            found[pk] = (
                EntryFacts(values[0] == ActorKind.PERSON, values[1]) if values else EntryFacts(False, "")
            )
    return found


def _pairs_of_qid(corpus_id: UUID, ids: Collection[UUID] | None) -> set[Pair]:
    """Return the pairs of actors that stand for one item of Wikidata."""
    live = Actor.objects.filter(corpus=corpus_id, merged_into__isnull=True).exclude(qid="").order_by()
    if ids is not None:
        live = live.filter(qid__in=live.filter(pk__in=ids).values("qid"))
    by_qid: dict[str, list[UUID]] = defaultdict(list)
    for pk, qid in live.order_by("pk").values_list("pk", "qid"):
        by_qid[qid].append(pk)
    wanted = None if ids is None else set(ids)
    return {
        _ordered(one, other)
        for group in by_qid.values()
        for at, one in enumerate(group)
        for other in group[at + 1 :]
        if wanted is None or one in wanted or other in wanted
    }


def _pairs_together(kind: EntryKind, pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Yield the pairs of which some set that is not blind names both entries."""
    find = _join_sets if len(pairs) <= MAX_JOINED else _read_sets
    return find(SPAN_COLUMNS[kind], pairs)


def _join_sets(column: str, pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Yield those of a few pairs that share a set, which the database finds."""
    for batch in batched(pairs, _BATCH_SIZE):
        wanted = set(batch)
        # the pairs of a changed entry have it in common, at either end
        numbers = Counter(chain.from_iterable(batch))
        ends = [sorted(pair, key=lambda end: numbers[end]) for pair in batch]
        others, shared = ({ids[side] for ids in ends} for side in range(2))
        rows = Span.objects.filter(
            Q(**{f"{column}__in": shared}), Q(**{f"set__spans__{column}__in": others}), set__blind=False
        ).order_by()
        found = rows.values_list(column, f"set__spans__{column}").distinct()
        yield from wanted.intersection(starmap(_ordered, found))


def _read_sets(column: str, pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Yield those of many pairs that share a set, with the sets of every entry read once."""
    sets: dict[UUID, set[UUID]] = defaultdict(set)
    for batch in batched(sorted({id for pair in pairs for id in pair}), _BATCH_SIZE):
        rows = Span.objects.filter(set__blind=False, **{f"{column}__in": batch}).order_by()
        for entry, set_id in rows.values_list(column, "set_id").distinct():
            sets[entry].add(set_id)
    for left, right in pairs:
        if not sets[left].isdisjoint(sets[right]):
            yield left, right


#: How a span leads to the entry of a kind, after all merges.
SPAN_COLUMNS: Mapping[EntryKind, str] = {
    EntryKind.ACTOR: "actor__canonical",
    EntryKind.TOPIC: "proposition__canonical__topic__canonical",
    EntryKind.PROPOSITION: "proposition__canonical",
}


def _pair_row(  # noqa: PLR0917 - what a row is made of
    kind: EntryKind,
    corpus_id: UUID,
    pair: Pair,
    match: Match | None,
    facts: Mapping[UUID, EntryFacts],
    together: bool,
) -> DuplicatePair:
    left, right = (facts[id] for id in pair)
    reasons: list[Reason] = [match.reason] if match else []
    score = match.score if match else 0
    is_same_item = bool(left.qid) and left.qid == right.qid
    if is_same_item:
        reasons, score = [*reasons, ["qid"]], SAME_QID
    elif match and match.differs and (left.is_person or right.is_person):
        reasons, score = [*reasons, ["first_name"]], max(score - PENALTY, 0)
    if together and not is_same_item:
        reasons, score = [*reasons, ["together"]], max(score - PENALTY, 0)
    rank = f"{100 - score:03d}{pair[0].hex}{pair[1].hex}"
    return DuplicatePair(
        corpus_id=corpus_id, kind=str(kind), left=pair[0], right=pair[1], score=score, reasons=reasons,
        together=together, rank=rank,
    )  # fmt: skip
