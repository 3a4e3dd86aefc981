"""Patterns of names: the forms in which a name can be written, and how each is found in a folded text.

A name is a whole word, where its script has words; it may have the ending of a case. German and English
have -s, Slavic surnames in -ov and -ev their own, and a text in another alphabet those of Slavic languages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from annotations.text.folding import latin_form
from annotations.text.name_folds import fold_chars
from annotations.text.rough_words import rough_text, rough_words

#: A name whose words are written as one (#AnnaKovacs) is found from so many letters: “Li Na” is not “Lina”.
MIN_JOINED_LETTERS = 8
#: A name whose letters stand apart (K o v a c s) is found from so many: fewer are initials, or a list.
_MIN_SPACED_LETTERS = 4
#: A word of a name has endings from so many letters.
_MIN_DECLINED_LETTERS = 3
#: Scripts that put no space between words, or none between a name and a particle.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
#: Arabic and Hebrew words of one letter, which are written together with the word behind them.
_PREFIXES = "وفبلكהובלמשכ"
#: Signs of vowels, which belong to the letter before them.
_SIGNS = "".join(
    char
    for char in map(chr, range(0x300, 0xE00))
    if unicodedata.category(char).startswith("M") and not unicodedata.combining(char)
)
_LETTER = f"[^\\W\\d_{UNSPACED}]"
_RUN = re.compile(f"(?:[^\\W\\d_]|[{_SIGNS}])+|\\d+")
_WORD = re.compile(f"(?:[^\\W_]|[{_SIGNS}])+")
_IS_UNSPACED = re.compile(f"[{UNSPACED}]")
#: What goes on with the letter before it: Korean vowels and final consonants, Japanese marks.
_GOES_ON = "\u1160-\u11ff\u3099\u309a"
#: What may stand between the words of a name: spaces, with a point or the like before them, or one or two
#: signs that join words, as in addresses; a line may end behind both, and the next one be a quote in a mail.
_BETWEEN = r"(?:[.'’,]?\s+(?:>+\s*)?|[-‐‑‒–_+~./=:'’·・]{1,2}(?:\s*\n\s*)?)"
#: What stands behind the family name where it comes first, as in lists and file names; and between letters.
_REVERSED = r"(?:,?\s+|[,_+~.-])"
_SPACED = r"[\s._·-]{1,3}"
_TRANSCRIBED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "ß": "ss"})
#: The endings of cases in Latin letters: of names in Slavic languages, and of those that they decline.
_SLAVIC = (
    "a", "u", "y", "i", "e", "o", "ya", "yu", "ye", "om", "em", "oy", "ey", "oyu", "eyu", "ym", "im", "ykh",
    "ikh", "ymi", "imi", "am", "yam", "ami", "yami", "akh", "yakh", "ov", "ev", "ovi", "evi", "ogo", "ego",
    "omu", "emu", "aya", "uyu", "ie", "ieiu", "yeyu", "oi", "ou",
)  # fmt: skip
#: What names in -y have in their own alphabet: Anatoly, Dmitry and Yury end in two letters there.
_OF_Y = ("iy", "iya", "iyu", "iyem", "iem", "iyi", "ii")
_OWN_ENDINGS = ("s",)
_SLAVIC_SURNAME = re.compile(r"[oe][vw]$")
#: What gives way to an ending: the last vowel, or that of an adjective.
_LAST_VOWEL = re.compile(r"(?:[iy][iy]|[aeiouy])$")


class NamePattern(NamedTuple):
    """A form of a name: how it is found in folded texts, and the words that such texts have.

    ``foreign`` finds it in the Latin reading of another alphabet. ``keys`` are groups of rough words, of each
    of which a text with the name has one. Names in scripts without a Latin reading have ``runs`` in their
    place, which stand in a folded text with the name; a name without both is looked for in every text. Of a
    name whose ``letters`` stand apart, each is a word.
    """

    owner: str
    keys: tuple[frozenset[bytes], ...]
    runs: frozenset[str]
    pattern: str
    foreign: str = ""
    letters: bool = False


def compile_names(names: Iterable[tuple[str, str]]) -> list[NamePattern]:
    """Return the patterns of names, each with the id of its owner."""
    forms = {(owner, form): None for owner, name in names for form in _name_forms(name)}
    return [pattern for owner, form in forms for pattern in _compile_name(owner, form)]


def _name_forms(name: str) -> Iterator[str]:
    """Yield a name as it can be written: folded, and in the Latin letters of addresses."""
    yield fold_chars(name)
    if not name.isascii():
        yield fold_chars(latin_form(name))
        yield fold_chars(latin_form(unicodedata.normalize("NFC", name).lower().translate(_TRANSCRIBED)))


def _compile_name(owner: str, form: str) -> Iterator[NamePattern]:
    words = _WORD.findall(form)
    if not words:
        if form.strip():
            yield NamePattern(owner, (), frozenset(), re.escape(form.strip()))
        return
    ends = [match.span() for match in _WORD.finditer(form)]
    gaps = [_between(form[left:right]) for (_, left), (right, _) in pairwise(ends)]
    yield _pattern(owner, words, gaps)
    for order in _word_orders(words):
        if order != words:
            # Before the family name, the given name is one of the next mention: “Anna Kovács, Anna Kovács”.
            yield _pattern(owner, order, [_REVERSED] * len(gaps), f"(?!{_BETWEEN}{re.escape(order[0])})")
        if len(words) > 1 and len("".join(order)) >= MIN_JOINED_LETTERS:
            yield _pattern(owner, ["".join(order)], [])
    for letters in _letters_apart(words):
        yield _pattern(owner, letters, [_SPACED] * (len(letters) - 1))._replace(letters=True)


def _word_orders(words: list[str]) -> list[list[str]]:
    """Return the words of a name as they stand, and with the family name first: the last, or all but one."""
    orders = [words]
    if all(map(str.isalpha, words)):
        orders += [words[-1:] + words[:-1], words[1:] + words[:1]]
    return list(map(list, dict.fromkeys(map(tuple, orders))))


def _letters_apart(words: list[str]) -> Iterator[list[str]]:
    """Yield the words of a name with spaces between the letters: of all words, and of the last alone."""
    if all(word.isascii() and word.isalpha() for word in words):
        if len("".join(words)) >= _MIN_SPACED_LETTERS:
            yield list("".join(words))
        if len(words) > 1 and len(words[-1]) >= _MIN_SPACED_LETTERS:
            yield [*words[:-1], *words[-1]]


def _between(own: str) -> str:
    parts = r"\s+".join(map(re.escape, re.split(r"\s+", own)))
    return f"(?:{parts}|{_BETWEEN})"


def _pattern(owner: str, words: Sequence[str], gaps: Sequence[str], behind: str = "") -> NamePattern:
    foreign = _foreign_pattern(words, gaps) + behind if "".join(words).isascii() else ""
    keys = tuple(keys for word in words if (keys := _keys(word)))
    runs = frozenset(run for word in words for run in _RUN.findall(word) if not run.isdecimal())
    has_keys = len(keys) == sum(not word.isdecimal() for word in words)
    own = _own_pattern(words, gaps) + behind
    if has_keys:
        return NamePattern(owner, keys, frozenset(), own, foreign)
    return NamePattern(owner, (), runs, own, foreign)


def _keys(word: str) -> frozenset[bytes]:
    """Return the rough words, one of which stands in a text with a word of a name."""
    forms = (word, *(f"{word}{ending}" for ending in _own_endings(word)), *_foreign_forms(word))
    return frozenset(rough for form in forms for rough in rough_words(rough_text(form))[-1:])


def _is_declined(word: str) -> bool:
    return word.isascii() and word.isalpha() and len(word) >= _MIN_DECLINED_LETTERS


def _own_endings(word: str) -> tuple[str, ...]:
    """Return the endings that a word has in a text of its own alphabet."""
    if not _is_declined(word):
        return ()
    return (*_OWN_ENDINGS, *_SLAVIC) if _SLAVIC_SURNAME.search(word) else _OWN_ENDINGS


def _foreign_forms(word: str) -> tuple[str, ...]:
    """Return a word in Latin letters as it is, and with all endings that it has in another alphabet."""
    if not _is_declined(word):
        return (word,)
    stem = _LAST_VOWEL.sub("", word)
    endings = (*_SLAVIC, *_OF_Y) if word[-1] in "iy" else _SLAVIC
    return (word, *(f"{stem}{ending}" for ending in endings))


def _own_pattern(words: Sequence[str], gaps: Sequence[str]) -> str:
    """Return the pattern of a name, as a whole word where the script at that end has words.

    It begins with its first word, which is searched for fast; what stands before that is looked at then.
    """
    first, last = words[0], words[-1][-1]
    head = re.escape(first)
    before, after = "", f"(?![{_GOES_ON}])"
    if first[0].isdecimal():
        before = f"(?<!\\d{head})"
    elif not _IS_UNSPACED.match(first):
        whole = f"(?<!{_LETTER}{head})(?<![{_SIGNS}]{head})"
        before = f"(?:{whole}|(?<=[{_PREFIXES}]{head})(?<!{_LETTER}[{_PREFIXES}]{head}))"
    if last.isdecimal():
        after = r"(?!\d)"
    elif not _IS_UNSPACED.match(last):
        after = f"(?!{_LETTER}|[{_SIGNS}])"
    rest = "".join(
        f"{gap}{re.escape(word)}{_choice(_own_endings(word))}"
        for gap, word in zip(gaps, words[1:], strict=True)
    )
    return f"{head}{before}{_choice(_own_endings(first))}{rest}{after}"


def _foreign_pattern(words: Sequence[str], gaps: Sequence[str]) -> str:
    """Return the pattern of a name in the Latin reading of a text, in which i and y are one letter."""
    forms = [f"(?:{'|'.join(map(re.escape, _foreign_forms(word)))})".replace("y", "i") for word in words]
    rest = "".join(f"{gap}{form}" for gap, form in zip(gaps, forms[1:], strict=True))
    return f"(?<!{_LETTER}){forms[0]}{rest}(?!{_LETTER})"


def _choice(endings: Iterable[str]) -> str:
    found = "|".join(endings)
    return f"(?:{found})?" if found else ""
