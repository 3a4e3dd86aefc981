"""Searches against a naive scan: each text is read word by word, with nothing of what makes a search quick.

Texts and questions are drawn at random from words that break things; both engines have to find what the scan
finds, at the same places.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest

from annotations.models import Article, term_index
from annotations.text.search import Term, terms
from tests.newsroom import Newsroom

PROVES = False  # rows of others; the matrix asks for roles

AT = "corpora/lake/search/"
WORDS = (
    *("محمد", "مُحَمَّد", "الحكومة", "می\u200cخواهد", "שָׁלוֹם", "שלום", "צה״ל", "ไทย", "ภาษี", "東京都"),
    *("京", "がか", "か\u3099", "Тоҷикистон", "тоҷикистон", "Душанбе", "душанбе", "Україна", "Ё"),
    *("е\u0308", "Müller", "Mu\u0308ller", "muller", "Straße", "STRASSE", "STRAẞE", "strasse", "ﬁne"),
    *("fine", "ﬃ", "Ａｎｎ", "ann", "ŉ", "ǰ", "co\u00adop", "coop", "İstanbul", "istanbul", "ıstanbul"),
    *("ISTANBUL", "I\u0307", "Κνωσσός", "ΚΝΩΣΣΟΣ", "κνωσσος", "ᾳ", "ΑΙ", "👍🏿", "👩🏽\u200d✈\ufe0f"),
    *("\ufe0f", "toll\u200d", "toll", "Toll", "lo\u200bck", "lock", "locks", "the", "The", "a"),
    *("1,000.5", "1,000", "½", "⑴", "㎏", "ﷺ", "O’Brien", "o'brien", "U.S", "don't", "a_b"),
    *("well-known", "क्षि", "नि", "한글", "ᄒ\u1161\u11ab", "\u0301", "x\u0301\u0323", "x\u0323\u0301"),
    *("𝔸bc", "𐐀𐐨", "ǅ", "Ǆ", "ſ", "s", "K", "k", "'; --", "100%", "a:b", "NOT", "AND", "*"),
)  # fmt: skip
BETWEEN = (
    *(" " for _ in range(12)),
    *("\r\n", "\n", "\t", "\u00a0", "\u3000", ". ", ", ", "—", "", "-", "\u200b", " \u202e"),
)  # fmt: skip


class Part(NamedTuple):
    """What the scan looks for: words side by side, the last perhaps only begun."""

    words: Sequence[Term]
    is_begun: bool

    def ends(self, found: Sequence[Term], place: int) -> int | None:
        """Return where the words end that begin at a place of a text; None where they do not stand there."""
        there = found[place : place + len(self.words)]
        is_latin = all(word.folded.isascii() for word in self.words)
        for number, (wanted, word) in enumerate(zip(self.words, there, strict=False)):
            forms = {word.folded, word.latin} if is_latin else {word.folded}
            is_last = number == len(self.words) - 1
            fits = any(
                form.startswith(wanted.folded) if self.is_begun and is_last else form == wanted.folded
                for form in forms
            )
            if not fits:
                return None
        return there[-1].end if len(there) == len(self.words) else None


class Drawn(NamedTuple):
    """A question with what it means."""

    question: str
    wanted: list[list[Part]]
    unwanted: list[Part]


def draw_part(draw: random.Random) -> tuple[str, Part] | None:
    """Return a phrase or a word with its meaning; None where it has no word."""
    written = draw.choice(BETWEEN).join(draw.choices(WORDS, k=draw.choice((1, 1, 1, 2, 3))))
    written = written.replace("*", "").replace("\\", "")
    words = list(terms(written))
    if not words:
        return None
    is_begun = draw.random() < 0.2
    starred = is_begun and len(words[-1].folded) >= 3
    return f'"{written}"{"*" if is_begun else ""}', Part(words, starred)


def draw_question(draw: random.Random) -> Drawn:
    """Return a question of several parts."""
    clauses: list[str] = []
    wanted: list[list[Part]] = []
    unwanted: list[Part] = []
    while not wanted:
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            drawn = [part for part in (draw_part(draw) for _ in range(draw.choice((1, 1, 2)))) if part]
            if drawn and draw.random() < 0.2:
                clauses.append(f"-{drawn[0][0]}")
                unwanted.append(drawn[0][1])
            elif drawn:
                clauses.append(" OR ".join(text for text, _ in drawn))
                wanted.append([part for _, part in drawn])
    return Drawn(" ".join(clauses), wanted, unwanted)


def hits_of(parts: Sequence[Part], found: Sequence[Term]) -> set[tuple[int, int]]:
    """Return the ranges at which one of the parts stands."""
    ends = ((found[place].start, part.ends(found, place)) for part in parts for place in range(len(found)))
    return {(start, end) for start, end in ends if end is not None}


def scan(asked: Drawn, text: str) -> list[tuple[int, int]] | None:
    """Return the hits in a text, or None where it does not fit."""
    found = list(terms(text))
    clauses = [hits_of(parts, found) for parts in asked.wanted]
    if not all(clauses) or hits_of(asked.unwanted, found):
        return None
    return sorted(set().union(*clauses))


def draw_texts(draw: random.Random, number: int) -> Iterator[str]:
    """Yield texts of some words each."""
    for _ in range(number):
        words = draw.choices(WORDS, k=draw.randrange(1, 15))
        yield "x" + "".join(f"{draw.choice(BETWEEN)}{word}" for word in words)


def compare(newsroom: Newsroom, draw: random.Random, questions: int) -> int:
    """Fail where a search differs from the scan; return how many hits there were."""
    stored = {str(pk): text for pk, text in Article.objects.values_list("pk", "revision__text")}
    total = 0
    for _ in range(questions):
        asked = draw_question(draw)
        expected = {id: hits for id, text in stored.items() if (hits := scan(asked, text)) is not None}
        reply = newsroom.vic.get(AT, q=asked.question, page_size=500)
        assert reply.status == 200, (asked.question, reply)
        found = {
            row["article"]["id"]: [(hit["start"], hit["end"]) for hit in row["hits"]]
            for row in reply.data["results"]
        }
        assert found == expected, (asked.question, reply.data["understood"])
        for row in reply.data["results"]:
            text = stored[row["article"]["id"]]
            assert all(text[hit["start"] : hit["end"]] == hit["quote"] for hit in row["hits"])
        total += sum(map(len, expected.values()))
    return total


@pytest.mark.parametrize(
    ("seed", "texts", "questions"),
    [(1, 30, 40), *(pytest.param(seed, 150, 200, marks=pytest.mark.slow) for seed in range(2, 10))],
)
def test_a_search_finds_what_a_scan_finds(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, seed: int, texts: int, questions: int
) -> None:
    draw = random.Random(seed)
    for text in draw_texts(draw, texts):
        newsroom.article(text)
    assert compare(newsroom, draw, questions) > questions
    monkeypatch.setattr(term_index, "COMMON", 1)
    assert compare(newsroom, draw, questions // 3) > questions // 3


@pytest.mark.parametrize(
    ("unit", "question", "hits"),
    [
        ("x", f'"{"x" * 900}"', 1),
        *(
            pytest.param(*row, marks=pytest.mark.slow)
            for row in (
                ("x", "xxx*", 1), ("e\u0301", "ééé*", 1), ("word ", "word", 200_000), ("ท", "ทท", 999_999),
                ("ж\r\n", '"zh zh"', 333_332), ("’", "a", 0),
            )
        ),
    ],
)  # fmt: skip
def test_a_text_of_one_word(newsroom: Newsroom, unit: str, question: str, hits: int) -> None:
    """A million characters of one word are indexed and found, whichever word that is."""
    newsroom.article(unit * (1_000_000 // len(unit)))
    found = newsroom.vic.get(AT, q=question).data["results"]
    assert [row["hits_total"] for row in found] == ([hits] if hits else [])
