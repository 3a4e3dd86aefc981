"""TokenColumns: every character that shows is in exactly one."""

from __future__ import annotations

import itertools
import sys

import pytest
from hypothesis import given

from annotations.formats.core import tokenizer as module
from annotations.formats.core.tokenizer import TokenColumns
from tests.text.strategies import nasty_texts


def words(text: str) -> list[list[str]]:
    found = TokenColumns(text)
    assert found.words == [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)]
    return [found.words[first:behind] for first, behind in found.line_ranges()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ardenia says no.", [["Ardenia", "says", "no", "."]]),
        ("one\r\n\r\ntwo\u2028three", [["one"], ["two"], ["three"]]),
        ("e\u0301tude n\u0303", [["e\u0301tude", "n\u0303"]]),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467!",
            [["\U0001f468\u200d\U0001f469\u200d\U0001f467", "!"]],
        ),
        ("中文。", [["中", "文", "。"]]),
        ("हिन्दी", [["हिन्दी"]]),
        ("", []),
        (" \n ", []),
    ],
)
def test_words_and_signs(text: str, found: list[list[str]]) -> None:
    assert words(text) == found


def test_the_quick_way_finds_the_same() -> None:
    quick = [char for char in map(chr, range(sys.maxunicode + 1)) if not module._NOT_SIMPLE.match(char)]
    assert len(quick) > 5_000
    for char in quick:
        text = f"a{char}b{char}{char} x\u00e9{char}"
        assert module._simple_pattern().findall(text) == module._full_pattern().findall(text), hex(ord(char))


@given(nasty_texts)
def test_nothing_that_shows_is_left_out(text: str) -> None:
    found = TokenColumns(text)
    assert all(one < other for one, other in zip(found.starts, found.ends, strict=True))
    assert all(one <= other for one, other in zip(found.ends, found.starts[1:], strict=False))
    covered = "".join(itertools.chain.from_iterable(words(text)))
    assert "".join(covered.split()) == "".join(text.split())


def test_a_range_knows_its_tokens() -> None:
    cover = TokenColumns("one two three")
    assert cover.find_tokens(4, 7) == (1, 2)
    assert cover.matches_tokens(4, 7, 1, 2)
    assert cover.find_tokens(5, 9) == (1, 3)
    assert not cover.matches_tokens(5, 9, 1, 3)
    first, behind = cover.find_tokens(3, 4)
    assert first >= behind
