"""The analyser of searches: the words of a text as the terms that an index holds, with their places.

Both databases index these terms, and a question is read by the same rules, so that both find the same.
A term has a position, the number of its word, and the code points that it covers. A word stands in the
index by its folded form: without case, accents and invisible signs. The Latin form of other scripts is a
second term at the same place. Words are those of ``text.tokens``, divided at apostrophes and stops as well,
so that a name is found in its genitive; what is divided is asked for as a phrase. In scripts without spaces
each character is a word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from annotations.text.folding import fold_text, latin_form
from annotations.text.tokens import find_parts, list_parts, read_by_piece

#: Longer words are cut, in texts as in questions; PostgreSQL takes 2,046 bytes.
MAX_TERM = 200
#: How many different words are remembered with their forms: those of a language repeat.
_REMEMBERED = 65_536
#: What divides words, or would: a ligature may unfold into words, and a number into one in brackets.
_DIVIDES = re.compile(r"[^\w\u0080-\U0010ffff]|[\s_]")


class TermForms(NamedTuple):
    """The forms of one word; ``latin`` is "" where it is no other than ``folded``."""

    folded: str
    latin: str


class Term(NamedTuple):
    """One word of a text: its number, its code points (half-open), and its forms."""

    position: int
    start: int
    end: int
    folded: str
    latin: str


def terms(text: str) -> Iterator[Term]:
    """Yield the terms of a text in order; each letter and digit is in exactly one, but for apostrophes."""
    for position, found in enumerate(find_parts(text)):
        start, end = found.span()
        folded, latin = term_forms(found[0])
        yield Term(position, start, end, folded, latin)


@lru_cache(_REMEMBERED)
def term_forms(word: str) -> TermForms:
    """Return the forms of one word, in which no white space stands."""
    if word.isascii():
        return TermForms(word[:MAX_TERM].lower(), "")
    folded = _DIVIDES.sub("", fold_text(word)) or word
    if folded.isascii():
        return TermForms(folded[:MAX_TERM], "")
    # Signs for letters without a Latin one are written by nobody: the soft sign, ayin.
    latin = "".join(filter(str.isalnum, fold_text(latin_form(folded))))
    return TermForms(folded[:MAX_TERM], latin[:MAX_TERM] if latin.isascii() else "")


class TermBlock(NamedTuple):
    """A run of the words of a text, which an index takes as one row; a space divides the words.

    ``latin`` repeats it in Latin letters where words have other ones, and is "" where none has.
    """

    folded: str
    latin: str


#: PostgreSQL takes the different words of a row up to a megabyte; a code point has four bytes at most.
MAX_BLOCK = 100_000
#: The longest phrase of a question.
MAX_PHRASE = 64


def term_blocks(text: str) -> Iterator[TermBlock]:
    """Yield the words of a text in blocks, at least one; phrases across a seam are whole in the later one."""
    forms = _read_forms(text)
    whole = _join_forms(forms)
    if len(whole.folded) + len(whole.latin or whole.folded) <= MAX_BLOCK:
        yield whole
        return
    sizes = list(accumulate((len(folded) + len(latin or folded) for folded, latin in forms), initial=0))
    start = end = 0
    while end < len(forms):
        end = bisect_right(sizes, sizes[start] + MAX_BLOCK) - 1
        yield _join_forms(forms[start:end])
        start = end - (MAX_PHRASE - 1)


@read_by_piece
def _read_forms(piece: str) -> tuple[TermForms, ...]:
    return tuple(map(term_forms, list_parts(piece)))


def _join_forms(forms: Sequence[TermForms]) -> TermBlock:
    has_latin = any(form.latin for form in forms)
    return TermBlock(
        " ".join([form.folded for form in forms]),
        " ".join([form.latin or form.folded for form in forms]) if has_latin else "",
    )
