"""The language of searches: what people type, as clauses of which each has to fit.

Words (all of them), "phrases", -word, word* (three letters at least), a OR b, title:word, source:name,
actor:"Mira Halvorsen", stance:oppose, issue:"fishing quotas". Nothing is an error: quotes that stay open
are closed at the end, signs without words are left out, and the query says how it was understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from annotations.text.search import MAX_PHRASE, Term, TermForms, term_forms, terms
from annotations.text.tokens import find_parts

#: Fewer letters before an asterisk stand in too many words.
MIN_PREFIX = 3
#: More parts of a question are left out.
MAX_ATOMS = 32
#: The parts of an article that a name and a colon choose, and those that say something of its spans.
TITLE = "title"
FIELDS = ("source", "actor", "stance", "issue")
SPAN_FIELDS = frozenset(FIELDS[1:])
#: The quotation marks that phones and presses write; and what no database takes: NUL and half characters.
_ONE_QUOTE = str.maketrans(
    dict.fromkeys("“”„‟«»＂", '"') | dict.fromkeys(map(chr, (0, *range(0xD800, 0xE000))), " ")
)
_FIELD = rf"(?:{'|'.join((TITLE, *FIELDS))})"
_PART = re.compile(
    rf"(?P<sign>-)?+(?:(?P<field>{_FIELD}):)?+"
    r'(?:"(?P<quoted>[^"]*+)(?:"(?P<star>\*?)|\Z)|(?P<word>[^\s"]++(?:"(?=\w)[^\s"]++)*+))'
    rf"|-?{_FIELD}:|\S",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\w+")
#: What stands between spaces, from a sign beyond ASCII.
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f][^ ]*+")


@dataclass(frozen=True, slots=True)
class WordsAtom:
    """Words that stand side by side, in the text or in the title; the last may be the start of a word."""

    words: tuple[TermForms, ...]
    is_prefix: bool
    in_title: bool
    written: str

    @property
    def is_latin(self) -> bool:
        """Return whether it is written in Latin letters, which also find other scripts."""
        return all(word.folded.isascii() for word in self.words)

    def matches(self, index: int, word: TermForms) -> bool:
        """Return whether a word of a text is the word of this number."""
        wanted = self.words[index].folded
        found = (word.folded, word.latin) if self.is_latin else (word.folded,)
        if self.is_prefix and index == len(self.words) - 1:
            return any(form.startswith(wanted) for form in found)
        return wanted in found

    def __str__(self) -> str:
        quoted = len(self.words) > 1 or self.written == "OR"
        words = f'"{self.written}"' if quoted else self.written
        return f"{'title:' if self.in_title else ''}{words}{'*' if self.is_prefix else ''}"


@dataclass(frozen=True, slots=True)
class FieldAtom:
    """What the article or one of its spans has in a field."""

    field: str
    value: str

    def __str__(self) -> str:
        value = self.value if _PLAIN.fullmatch(self.value) else f'"{self.value}"'
        return f"{self.field}:{value}"


Atom = WordsAtom | FieldAtom


@dataclass(frozen=True, slots=True)
class Clause:
    """Atoms, at least one of which has to fit; a negated clause has one atom, which must not fit."""

    atoms: tuple[Atom, ...]
    is_negated: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.is_negated else ''}{' OR '.join(map(str, self.atoms))}"


@dataclass(frozen=True)
class SearchQuery:
    """What a question means: clauses, all of which have to fit."""

    clauses: tuple[Clause, ...]

    @property
    def understood(self) -> str:
        """Return the question as it was understood; read again, it means the same."""
        return " ".join(map(str, self.clauses))

    @cached_property
    def text_atoms(self) -> tuple[WordsAtom, ...]:
        """Return the words that are looked for in texts, of which hits are made."""
        return tuple(atom for atom in self._words() if not atom.in_title)

    @cached_property
    def title_atoms(self) -> tuple[WordsAtom, ...]:
        """Return the words that are looked for in titles only."""
        return tuple(atom for atom in self._words() if atom.in_title)

    def _words(self) -> Iterator[WordsAtom]:
        for clause in self.clauses:
            for atom in () if clause.is_negated else clause.atoms:
                if isinstance(atom, WordsAtom):
                    yield atom


def parse_query(question: str) -> SearchQuery:
    """Return what a question means, in time that grows with its length; every text means something."""
    clauses: list[list[Atom]] = []
    negated: list[bool] = []
    joins = False
    for sign, atom in _read_atoms(question):
        if atom is None:
            joins = bool(clauses)
            continue
        if joins and not sign and not negated[-1]:
            clauses[-1].append(atom)
        else:
            clauses.append([atom])
            negated.append(sign)
        joins = False
    return SearchQuery(
        tuple(Clause(tuple(atoms), sign) for atoms, sign in zip(clauses, negated, strict=True))
    )


def _read_atoms(question: str) -> Iterator[tuple[bool, Atom | None]]:
    """Yield each atom and whether it is negated; None stands for OR."""
    number = 0
    for part in _PART.finditer(question.translate(_ONE_QUOTE)):
        if part[0] == "OR":
            yield False, None
            continue
        field = (part["field"] or "").lower()
        atom: Atom | None
        if field in FIELDS:
            value = " ".join((part["quoted"] or part["word"] or "").replace('"', " ").split())
            atom = FieldAtom(field, value) if value else None
        else:
            atom = _words_atom(part, in_title=bool(field))
        if atom is not None and number < MAX_ATOMS:
            number += 1
            yield bool(part["sign"]), atom


def _words_atom(part: re.Match[str], *, in_title: bool) -> WordsAtom | None:
    written = part["quoted"] or part["word"] or ""
    found: list[Term] = []
    for term in terms(written):
        if len(found) == MAX_PHRASE:
            break
        found.append(term)
    if not found:
        return None
    last = found[-1]
    starred = bool(part["star"]) or (part["word"] or "").endswith("*")
    is_prefix = starred and len(last.folded) >= MIN_PREFIX
    words = tuple(TermForms(term.folded, term.latin) for term in found)
    shown = " ".join(written[found[0].start : last.end].replace('"', " ").split())
    return WordsAtom(words, is_prefix, in_title, shown)


class HitFinder:
    """The finder of words in texts; it remembers which words begin a hit, for one text after the other.

    It looks at the words only around places where one may begin: at a first word as it was asked for, or at
    a sign beyond ASCII, since a word without one has no other spelling.
    """

    def __init__(self, atoms: Iterable[WordsAtom]) -> None:
        self._atoms = tuple(dict.fromkeys(atoms))
        self._starting: dict[str, tuple[WordsAtom, ...]] = {}
        first = sorted({atom.words[0].folded for atom in self._atoms if atom.words[0].folded.isascii()})
        # Looked at from behind, so that the search begins with a letter, which is fast.
        beginnings = [rf"{word}(?<![a-z0-9]{word})" for word in map(re.escape, first)]
        self._plain = re.compile("|".join(beginnings)) if beginnings else None

    def find(self, text: str) -> list[tuple[int, int]]:
        """Return the ranges of all hits, by their start; each range once."""
        hits: set[tuple[int, int]] = set()
        seen = 0
        for candidate in self._candidates(text):
            if candidate >= seen:
                # No word has a space in it, so that words begin and end anew at each.
                start = max(seen, text.rfind(" ", seen, candidate) + 1)
                seen = text.find(" ", candidate)
                seen = len(text) if seen < 0 else seen
                hits |= self._hits_between(text, start, seen)
        return sorted(hits)

    def _candidates(self, text: str) -> list[int]:
        """Return the places around which a hit may begin, in order."""
        if not self._atoms:
            return []
        # The only letter that becomes two.
        lower = text.replace("\u0130", "\u0131").lower()
        places = [found.start() for found in self._plain.finditer(lower)] if self._plain else []
        if not text.isascii():
            places = sorted([*places, *(found.start() for found in _BEYOND_ASCII.finditer(text))])
        return places

    def _hits_between(self, text: str, start: int, end: int) -> set[tuple[int, int]]:
        hits = set()
        for found in find_parts(text, start):
            if found.start() >= end:
                break
            for atom in self._beginning_with(found[0]):
                last = _phrase_end(atom, text, found.end())
                if last is not None:
                    hits.add((found.start(), last))
        return hits

    def _beginning_with(self, word: str) -> tuple[WordsAtom, ...]:
        """Return the atoms whose first word this is."""
        atoms = self._starting.get(word)
        if atoms is None:
            forms = term_forms(word)
            atoms = self._starting[word] = tuple(atom for atom in self._atoms if atom.matches(0, forms))
        return atoms


def _phrase_end(atom: WordsAtom, text: str, end: int) -> int | None:
    """Return where a phrase ends whose first word ends here; None where its other words do not follow."""
    number = len(atom.words)
    if number == 1:
        return end
    place = 0
    for place, found in enumerate(islice(find_parts(text, end), number - 1), start=1):
        if not atom.matches(place, term_forms(found[0])):
            return None
        end = found.end()
    return end if place == number - 1 else None
