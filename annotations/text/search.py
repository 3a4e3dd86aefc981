"""The analyser of searches: the words of a text as the terms that an index holds, with their places.

Both databases index these terms, and a question is read by the same rules, so that both find the same.
A term has a position, the number of its word, and the code points that it covers. A word stands in the
index by its folded form: without case, accents and invisible signs. The Latin form of other scripts is a
second term at the same place. In scripts without spaces each character is a word (``text.tokens``), so
that a longer word is a phrase.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from annotations.text.folding import fold_text, latin_form
from annotations.text.tokens import find_words

#: Longer words are cut, in texts as in questions; PostgreSQL takes 2,046 bytes.
MAX_TERM = 200
#: How many different words are remembered with their forms: those of a language repeat.
_REMEMBERED = 65_536
#: Apostrophes that keyboards and presses write differently.
_ONE_APOSTROPHE = str.maketrans(dict.fromkeys("\u2019\u02bc\u02b9\u05f3\uff07", "'"))
#: What divides words, or would: a ligature may unfold into words, and a number into one in brackets.
_DIVIDES = re.compile(r"[^\w',.\u0080-\U0010ffff]|[\s_]")


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
    """Yield the terms of a text in order; each letter and digit is in exactly one."""
    for position, found in enumerate(find_words(text)):
        start, end = found.span()
        folded, latin = term_forms(found[0])
        yield Term(position, start, end, folded, latin)


@lru_cache(_REMEMBERED)
def term_forms(word: str) -> TermForms:
    """Return the forms of one word, in which no white space stands."""
    if word.isascii():
        return TermForms(word[:MAX_TERM].lower(), "")
    folded = _DIVIDES.sub("", fold_text(word).translate(_ONE_APOSTROPHE)) or word
    if folded.isascii():
        return TermForms(folded[:MAX_TERM], "")
    # Signs for letters without a Latin one are written by nobody: the soft sign, ayin.
    latin = "".join(filter(str.isalnum, fold_text(latin_form(folded))))
    return TermForms(folded[:MAX_TERM], latin[:MAX_TERM] if latin.isascii() else "")


class TermBlock(NamedTuple):
    """A run of terms that an index takes as one row: the first of them has this position."""

    first: int
    terms: list[Term]


#: PostgreSQL keeps 256 positions of a lexeme, none above 16,383, in a vector of a megabyte: it drops others.
MAX_REPEATS = 256
MAX_BLOCK_TERMS = 16_000
MAX_BLOCK_BYTES = 500_000
#: The longest phrase of a question.
MAX_PHRASE = 64


def split_terms(words: Iterable[Term]) -> Iterator[TermBlock]:
    """Yield the terms of a text in blocks, at least one; phrases across a seam are whole in the later one."""
    found = list(words)
    if _fits_one_block(found):
        yield TermBlock(0, found)
    else:
        yield from _split_long(found)


def _fits_one_block(words: list[Term]) -> bool:
    """Return whether all terms of a text fit into one block, as those of most articles do."""
    if len(words) >= MAX_BLOCK_TERMS:
        return False
    forms = [term.folded for term in words] + [term.latin for term in words if term.latin]
    often = max(Counter(forms).values(), default=0)
    return often < MAX_REPEATS and 4 * sum(map(len, forms)) < MAX_BLOCK_BYTES


def _split_long(words: Iterable[Term]) -> Iterator[TermBlock]:
    block: list[Term] = []
    counts: Counter[str] = Counter()
    size = new = 0
    for term in words:
        block.append(term)
        new += 1
        counts[term.folded] += 1
        counts[term.latin or "\n"] += bool(term.latin)
        size += 4 * (len(term.folded) + len(term.latin))
        is_repeated = max(counts[term.folded], counts[term.latin]) >= MAX_REPEATS
        if is_repeated or len(block) >= MAX_BLOCK_TERMS or size >= MAX_BLOCK_BYTES:
            yield TermBlock(block[0].position, block)
            block = block[-(MAX_PHRASE - 1) :]
            counts = Counter(form for each in block for form in each[3:] if form)
            size, new = 4 * sum(len(each.folded) + len(each.latin) for each in block), 0
    if new or not counts:
        yield TermBlock(block[0].position if block else 0, block)
