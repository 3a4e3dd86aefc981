"""Names as they are compared: folded, cut into trigrams, and scored against one another."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from annotations.text.folding import latin_form

#: The length of the column. A compatibility character can fold to many characters.
MAX_FOLDED_LENGTH = 600
#: The similarity from which a spelling is near: Abdullaev and Abdulloyev have 84.
NEAR_SIMILARITY = 84
GRAM_LENGTH = 3

_NO_WORD = re.compile(r"[\W_]+")


def fold_name(text: str) -> str:
    """Return a name for comparison: in Latin letters, without accents and case, from any script."""
    return latin_form(text).strip()[:MAX_FOLDED_LENGTH]


def name_words(folded: str) -> list[str]:
    """Return the words of a folded name without punctuation; “halvorsen, mira” begins with mira."""
    if folded.count(",") == 1:
        last, first = folded.split(",")
        folded = f"{first} {last}"
    return _NO_WORD.sub(" ", folded).split()


def name_grams(folded: str) -> set[str]:
    """Return the trigrams of a folded name; a space stands before, between and after its words."""
    return _cut_grams(f" {_joined_words(folded)} ")


def inner_grams(folded: str) -> set[str]:
    """Return trigrams that every folded name has which contains this text, none if it is too short."""
    return _cut_grams(_NO_WORD.sub(" ", folded).strip())


def _joined_words(folded: str) -> str:
    return _NO_WORD.sub(" ", folded).strip() or folded


def _cut_grams(text: str) -> set[str]:
    return {text[at : at + GRAM_LENGTH] for at in range(len(text) - GRAM_LENGTH + 1)}


def name_similarity(typed: str, name: str) -> float:
    """Return the similarity, 0 to 100, of a typed text to a folded name or to the nearest of its words."""
    return max(fuzz.ratio(typed, part, score_cutoff=NEAR_SIMILARITY) for part in (name, *name.split()))


def comparable_forms(folded: str) -> tuple[str, str]:
    """Return the words of a folded name in their order, and in the order of the alphabet."""
    words = name_words(folded) or [folded]
    return " ".join(words), " ".join(sorted(words))


def differ_in_first_name(left: str, right: str) -> bool:
    """Return whether two folded names look like those of two people of one family.

    Their first names differ, and their other words are the same or the first names are not even near.
    An initial is a short form of any name that begins with it.
    """
    one, other = name_words(left), name_words(right)
    if min(len(one), len(other)) < 2 or one[0] == other[0]:
        return False
    if sorted(one) == sorted(other) or _is_initial(one[0], other[0]) or _is_initial(other[0], one[0]):
        return False
    return one[1:] == other[1:] or fuzz.ratio(one[0], other[0]) < NEAR_SIMILARITY


def _is_initial(short: str, name: str) -> bool:
    return len(short) == 1 and name.startswith(short)


def distinct_names(names: Iterable[tuple[str, bool]]) -> list[tuple[str, str, bool]]:
    """Return ``(text, folded, is_alias)`` for each folded form of an entry's names, the first of each."""
    found: dict[str, tuple[str, str, bool]] = {}
    for text, is_alias in names:
        folded = fold_name(text)
        found.setdefault(folded, (text, folded, is_alias))
    return list(found.values())
