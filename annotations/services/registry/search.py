"""Search for actors by name or alias, in any script and with near spellings, in the index of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate
from uuid import UUID

from django.db.models import Count, QuerySet

from annotations.models import Actor, EntryKind, NameGram, RegistryName
from annotations.models.ordering import text_order
from annotations.services.registry.names import prefixed_grams
from annotations.text.names import (
    GRAM_LENGTH,
    NEAR_SIMILARITY,
    fold_name,
    inner_grams,
    name_grams,
    name_similarity,
)

MAX_SUGGESTIONS = 20
#: Shorter words are similar to too many others.
MIN_NEAR_LENGTH = 4
#: How many rows of the index are read for near spellings, the rarest trigrams first …
_MAX_POSTINGS = 1_500
#: … and how many names with the most of them are compared.
_MAX_COMPARED = 100
#: A trigram that more names have does not narrow a search down: the ordered names end it sooner.
_MAX_LISTED = 2_000
#: How many names are read for one page: an actor may be found by several.
_MAX_NAMES = 3 * MAX_SUGGESTIONS


def suggest_actors(actors: QuerySet[Actor], corpus_id: UUID, typed: str) -> list[Actor]:
    """Return the actors whose name or alias contains the typed text, then those with a near spelling.

    An ambiguous alias returns all its actors; the user chooses. ``actors`` are those of the corpus that the
    user sees, with what is shown of them.
    """
    folded = fold_name(typed)
    grams = name_grams(folded) | inner_grams(folded) if len(folded) >= GRAM_LENGTH else ()
    counts = gram_counts(EntryKind.ACTOR, corpus_id, grams)
    found = _containing(corpus_id, folded, counts)
    near: list[UUID] = []
    if len(found) < MAX_SUGGESTIONS and len(folded) >= MIN_NEAR_LENGTH:
        near = [pk for pk in _near(corpus_id, folded, counts) if pk not in found]
    ids = [*found, *near][:MAX_SUGGESTIONS]
    rows = actors.filter(merged_into__isnull=True).in_bulk(ids)
    exact = sorted((rows[pk] for pk in found if pk in rows), key=lambda actor: (actor.folded_name, actor.pk))
    return [*exact, *(rows[pk] for pk in near if pk in rows)]


def gram_counts(kind: EntryKind, corpus_id: UUID, grams: Iterable[str]) -> dict[str, int]:
    """Return how many names have each of these trigrams, the rarest first; those of no name have 0."""
    counts = dict.fromkeys(prefixed_grams(kind, grams), 0)
    if not counts:
        return counts
    rows = NameGram.objects.filter(corpus=corpus_id, gram__in=list(counts)).order_by()
    counts.update(rows.values_list("gram").annotate(number=Count("name_id")))
    return dict(sorted(counts.items(), key=lambda item: (item[1], item[0])))


def _containing(corpus_id: UUID, folded: str, counts: Mapping[str, int]) -> list[UUID]:
    """Return the entries of the first names, by the alphabet, that contain the text."""
    names = RegistryName.objects.filter(corpus=corpus_id, kind=EntryKind.ACTOR, folded__contains=folded)
    needed = prefixed_grams(EntryKind.ACTOR, inner_grams(folded))
    needed_counts = {gram: number for gram, number in counts.items() if gram in needed}
    if needed_counts and min(needed_counts.values()) <= _MAX_LISTED:
        # ids that are read first, since planners would rather look at every name than at those of a trigram
        names = names.filter(pk__in=_names_with_all(corpus_id, _rarest_grams(needed_counts, _MAX_LISTED)))
    rows = names.order_by(text_order("folded"), "entry").values_list("entry", flat=True)[:_MAX_NAMES]
    return list(dict.fromkeys(rows))[:MAX_SUGGESTIONS]


def _rarest_grams(counts: Mapping[str, int], budget: int) -> list[str]:
    """Return the rarest trigrams, which come first, that have no more names than this; at least one."""
    totals = accumulate(counts.values())
    return [
        gram
        for place, (gram, total) in enumerate(zip(counts, totals, strict=True))
        if not place or total <= budget
    ]


def _names_with_all(corpus_id: UUID, grams: Collection[str]) -> list[int]:
    """Return the names that have all of these trigrams."""
    postings = NameGram.objects.filter(corpus=corpus_id, gram__in=grams).order_by()
    numbers = Counter(postings.values_list("name_id", flat=True))
    return [pk for pk, number in numbers.items() if number == len(grams)]


def _near(corpus_id: UUID, folded: str, counts: Mapping[str, int]) -> list[UUID]:
    """Return the entries with a near spelling, the nearest first."""
    grams = _rarest_grams({gram: number for gram, number in counts.items() if number}, _MAX_POSTINGS)
    postings = NameGram.objects.filter(corpus=corpus_id, gram__in=grams).order_by()
    shared = Counter(postings.values_list("name_id", flat=True)[: 2 * _MAX_POSTINGS])
    names = RegistryName.objects.filter(pk__in=[pk for pk, _ in shared.most_common(_MAX_COMPARED)])
    scores: dict[UUID, float] = {}
    for entry, name in names.order_by().values_list("entry", "folded"):
        score = name_similarity(folded, name)
        if score >= NEAR_SIMILARITY:
            scores[entry] = max(score, scores.get(entry, 0))
    return sorted(scores, key=lambda pk: (-scores[pk], str(pk)))[:MAX_SUGGESTIONS]
