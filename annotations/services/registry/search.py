"""Search for actors by name or alias, in any script and with near spellings."""

from __future__ import annotations

import unicodedata
from itertools import chain
from uuid import UUID

from anyascii import anyascii
from django.db.models import Q, QuerySet
from rapidfuzz import fuzz

from annotations.models import Actor, Alias

MAX_SUGGESTIONS = 20
#: The similarity from which a spelling is near: Abdullaev and Abdulloyev have 84.
NEAR_SIMILARITY = 84
#: Shorter words are similar to too many others.
MIN_NEAR_LENGTH = 4
#: The length of the column. A compatibility character can fold to many characters.
MAX_FOLDED_LENGTH = 600


def fold_name(text: str) -> str:
    """Return a name for comparison: in Latin letters, without accents and case, from any script."""
    plain = unicodedata.normalize("NFKC", text)
    return (anyascii(plain) or plain).casefold().strip()[:MAX_FOLDED_LENGTH]


def suggest_actors(actors: QuerySet[Actor], typed: str) -> list[Actor]:
    """Return the actors whose name or alias contains the typed text, then those with a near spelling.

    An ambiguous alias returns all its actors; the user chooses.
    """
    folded = fold_name(typed)
    live = actors.filter(merged_into__isnull=True)
    named = Alias.objects.filter(folded__contains=folded).values("actor__canonical_id")
    found = live.filter(Q(folded_name__contains=folded) | Q(pk__in=named))
    result = list(found.order_by("folded_name", "pk")[:MAX_SUGGESTIONS])
    if len(result) < MAX_SUGGESTIONS and len(folded) >= MIN_NEAR_LENGTH:
        known = {actor.pk for actor in result}
        near = [pk for pk in _near(live, folded) if pk not in known][: MAX_SUGGESTIONS - len(result)]
        rows = live.in_bulk(near)
        result += [rows[pk] for pk in near]
    return result


def _near(actors: QuerySet[Actor], folded: str) -> list[UUID]:
    """Return the ids of the actors with a near spelling, the nearest first."""
    names = actors.prefetch_related(None).order_by().values_list("pk", "folded_name")
    aliases = Alias.objects.filter(
        actor__in=actors.prefetch_related(None).order_by().values("pk")
    ).values_list("actor_id", "folded")
    scores: dict[UUID, float] = {}
    for pk, name in chain(names.iterator(chunk_size=2000), aliases.iterator(chunk_size=2000)):
        score = name_similarity(folded, name)
        if score >= NEAR_SIMILARITY:
            scores[pk] = max(score, scores.get(pk, 0))
    return sorted(scores, key=lambda pk: (-scores[pk], str(pk)))


def name_similarity(typed: str, name: str) -> float:
    """Return the similarity, 0 to 100, of a typed text to a folded name or to the nearest of its words."""
    return max(fuzz.ratio(typed, part, score_cutoff=NEAR_SIMILARITY) for part in (name, *name.split()))
