"""The analyser of searches, and the language of questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.text import search
from annotations.text.search import MAX_PHRASE, MAX_TERM, term_blocks, term_forms, terms
from annotations.text.search_query import MAX_ATOMS, FieldAtom, HitFinder, WordsAtom, parse_query
from tests.text.strategies import any_strings, nasty_texts

TERMS = [
    ("Straßenbau MÜLLER", "strassenbau muller"),
    ("İstanbul ISTANBUL", "istanbul istanbul"),
    ("O’Brien o'brien U.S 1,000.5", "o brien o brien u s 1 000 5"),
    ("п’ять пʼять п'ять ŉ ⒈", "п/p ять/yat п/p ять/yat п/p ять/yat ʼn/n 1"),
    ("co\u00adoperate ﬁne ＡＢＣ", "cooperate fine abc"),
    ("Душанбе Тоҷикистон", "душанбе/dushanbe тоҷикистон/tojikiston"),
    ("東京", "東/dong 京/jing"),
    ("ไทย", "ไ/ai ท/th ย/y"),
    ("مُحَمَّد שָׁלוֹם", "محمد/mhmd שלום/slvm"),
    ("e\u0301te\u0301 été", "ete ete"),
    ("⑴ ½ ㎏ ﷺ", "1 1⁄2/12 صلىاللهعليهوسلم/slallhlyhwslm"),
    ("👍🏿 … — ''", ""),
    ("well-known a_b", "well known a b"),
]

UNDERSTOOD = [
    ("harbour dues", "harbour dues"),
    ('"rote Linie" -hund', '"rote Linie" -hund'),
    ("“rote Linie” „so“", '"rote Linie" so'),
    ('a OR "b c', 'a OR "b c"'),
    ("OR a OR", "a"),
    ("a OR -b", "a -b"),
    ("a OR b OR c d", "a OR b OR c d"),
    ('"OR"', '"OR"'),
    ("fish* fi* *", "fish* fi"),
    ('"red fis"*', '"red fis"*'),
    ("東京*", '"東京"'),
    ('title:Straße TITLE:"a b"', 'title:Straße title:"a b"'),
    ('actor:"Mira Halvorsen" -stance:oppose', 'actor:"Mira Halvorsen" -stance:oppose'),
    ('source: actor:"" issue:-', 'issue:"-"'),
    ("name:value", '"name:value"'),
    ('צה"ל', '"צה ל"'),
    ("", ""),
    ("a\0b \ud800 issue:\0", "a b"),
    (' - "" ( ) !', ""),
]

HITS = [
    ("strasse", "Die Straße, die STRASSE", ["Straße", "STRASSE"]),
    ("dushanbe", "Душанбе", ["Душанбе"]),
    ("душанбе", "ДУШАНБЕ Dushanbe", ["ДУШАНБЕ"]),
    ('"京都"', "東京都庁", ["京都"]),
    ("dong", "東京", ["東"]),
    ('"in 東京"', "in 東京 in dong", ["in 東京"]),
    ('"東 jing"', "東京", []),
    ("harb*", "harbours Harbour arbour", ["harbours", "Harbour"]),
    ('"old harb"*', "the old harbours, old bar", ["old harbours"]),
    ("cooperate", "co\u00adoperate", ["co\u00adoperate"]),
    ("o'brien", "O’Brien’s, OʼBrien", ["O’Brien", "OʼBrien"]),
    ("osmanov europe", "Osmanov’s l’Europe, Osmanova", ["Osmanov", "Europe"]),
    ("u.s 1,000.5", "U.S. 1,000.5 us", ["U.S", "1,000.5"]),
    ("a OR b -c", "a b c", ["a", "b"]),
    ("fine title:x", "ﬁne x", ["ﬁne"]),
]


@pytest.mark.parametrize(("text", "expected"), TERMS)
def test_terms(text: str, expected: str) -> None:
    found = [f"{term.folded}{f'/{term.latin}' if term.latin else ''}" for term in terms(text)]
    assert " ".join(found) == expected


@pytest.mark.parametrize(("question", "expected"), UNDERSTOOD)
def test_what_is_understood(question: str, expected: str) -> None:
    assert parse_query(question).understood == expected


@pytest.mark.parametrize(("question", "text", "expected"), HITS)
def test_hits(question: str, text: str, expected: list[str]) -> None:
    hits = HitFinder(parse_query(question).text_atoms).find(text)
    assert [text[start:end] for start, end in hits] == expected


def test_more_parts_than_a_question_has_are_left_out() -> None:
    assert len(parse_query("a " * 100).clauses) == MAX_ATOMS


def test_fields_are_no_words() -> None:
    query = parse_query('actor:"Mira Halvorsen" title:lock toll')
    assert [type(clause.atoms[0]) for clause in query.clauses] == [FieldAtom, WordsAtom, WordsAtom]
    assert [str(atom) for atom in (*query.text_atoms, *query.title_atoms)] == ["toll", "title:lock"]


@given(nasty_texts)
def test_terms_are_in_order_and_fit_the_index(text: str) -> None:
    last = 0
    for number, term in enumerate(terms(text)):
        assert term.position == number
        assert last <= term.start < term.end <= len(text)
        last = term.end
        for form in (term.folded, *((term.latin,) if term.latin else ())):
            assert 0 < len(form) <= MAX_TERM
            assert not any(char.isspace() for char in form)
            assert not set(form) & set('"*:()[]{}^-+_\x00')


@given(any_strings)
def test_every_question_means_something(question: str) -> None:
    query = parse_query(question)
    again = parse_query(query.understood)
    assert again.understood == query.understood
    words = [[atom.words for atom in each.text_atoms + each.title_atoms] for each in (query, again)]
    assert words[0] == words[1]


@given(nasty_texts)
def test_a_text_is_found_by_its_words(text: str) -> None:
    for term in list(terms(text))[:5]:
        hits = HitFinder(parse_query(f'"{term.folded}"').text_atoms).find(text)
        assert hits == [] or all(start < end for start, end in hits)
        if term.folded.isalnum() and len(list(terms(term.folded))) == 1:
            assert (term.start, term.end) in hits


@given(nasty_texts, st.data())
def test_hits_are_those_of_all_words(text: str, data: st.DataObject) -> None:
    """The finder skips what cannot be a hit, and finds what is found word by word."""
    words = list(terms(text))
    if words:
        first = data.draw(st.integers(0, len(words) - 1))
        chosen = words[first : first + data.draw(st.integers(1, 3))]
        atoms = parse_query(f'"{" ".join(term.folded for term in chosen)}"').text_atoms
        length = len(atoms[0].words)
        expected = [
            (words[place].start, words[place + length - 1].end)
            for place in range(len(words) - length + 1)
            if all(
                atoms[0].matches(index, term_forms(text[word.start : word.end]))
                for index, word in enumerate(words[place : place + length])
            )
        ]
        assert HitFinder(atoms).find(text) == sorted(set(expected))


@given(st.lists(st.sampled_from(["the", "東", "a", "lock", "ж", "word" * 20]), max_size=2_000))
def test_blocks_keep_every_word_and_every_phrase(words: list[str]) -> None:
    text = " ".join(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MAX_BLOCK", 12_000)
        blocks = list(term_blocks(text))
    assert blocks
    folded = [term.folded for term in terms(text)]
    latin = [term.latin or term.folded for term in terms(text)]
    start = end = 0
    for block in blocks:
        assert len(block.folded) <= 12_000 + len(folded)
        found = block.folded.split()
        assert found == folded[start : start + len(found)]
        expected = latin[start : start + len(found)]
        assert block.latin.split() == (expected if expected != found else [])
        # the next block begins with as many words as a phrase has at most, less one
        end, start = start + len(found), start + len(found) - (MAX_PHRASE - 1)
    assert end == len(folded)
