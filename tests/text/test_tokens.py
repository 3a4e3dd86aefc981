from __future__ import annotations

import unicodedata
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exceptions import EmptySnapError
from annotations.text.edges import snap_range
from annotations.text.ranges import Range
from annotations.text.tokens import Tokens, split_words
from tests.text.strategies import FAMILY, FLAG, HEART, KEYCAP, WAVE, nasty_texts, texts_with_range
from tests.timing import SCALE, require_linear_time


def words(text: str) -> list[str]:
    return [word.quote(text) for word in Tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("The lock, he said, “opens”.", ["The", "lock", "he", "said", "opens"]),
        ("don't can’t l'eau 'tis dogs'", ["don't", "can’t", "l'eau", "tis", "dogs"]),
        ("the U.S. is e.g. here. There", ["the", "U.S", "is", "e.g", "here", "There"]),
        ("1,000.5 or 3.5mm, v2.0 at 10:30", ["1,000.5", "or", "3.5mm", "v2.0", "at", "10", "30"]),
        ("one,two 1.a a.1", ["one", "two", "1", "a", "a", "1"]),
        ("water-level and/or x_y", ["water", "level", "and", "or", "x", "y"]),
        ("col·lega צה״ל ג׳ירפה", ["col·lega", "צה״ל", "ג׳ירפה"]),
        ("cafe\u0301 e\u0301.t", ["cafe\u0301", "e\u0301.t"]),
        ("co\u00adoperate", ["co\u00adoperate"]),
        ("می\u200cخواهم مَرْحَبًا،", ["می\u200cخواهم", "مَرْحَبًا"]),
        ("हिन्दी की १२.५।", ["हिन्दी", "की", "१२.५"]),
        ("他说：“不行。”ABC１２", ["他", "说", "不", "行", "ABC１２"]),
        ("葛󠄀城 かがﾊﾟー々", ["葛󠄀", "城", "か", "が", "ﾊ", "ﾟ", "ー", "々"]),
        ("\U00020000\U0002a6d6", ["\U00020000", "\U0002a6d6"]),
        ("한국어 문장 \u1112\u1161\u11ab", ["한국어", "문장", "\u1112\u1161\u11ab"]),
        ("วันนี้", ["วั", "น", "นี้"]),
        (f"{FAMILY}{WAVE}{FLAG}{HEART} … — %", []),
        (f"{KEYCAP} x² ½", [KEYCAP, "x²", "½"]),
    ],
)
def test_words_in_many_scripts(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(nasty_texts)
def test_a_text_is_split_into_its_words_and_the_gaps_between_them(text: str) -> None:
    parts = split_words(text)
    assert "".join(parts) == text
    assert [part for part in parts if any(map(str.isalnum, part))] == words(text)
    assert "" not in parts


@given(nasty_texts)
def test_every_letter_and_digit_is_in_one_word(text: str) -> None:
    found = list(Tokens(text))
    assert len(found) == len(Tokens(text))
    assert all(one.end <= other.start for one, other in pairwise(found))
    inside = {index for word in found for index in range(word.start, word.end)}
    assert {index for index, char in enumerate(text) if char.isalnum()} <= inside
    for word in found:
        quote = word.quote(text)
        assert quote[0].isalnum()
        for char in quote:
            assert (
                char.isalnum()
                or char in "'’.,·\u05f3\u05f4\u200c\u200d\u00ad"
                or unicodedata.category(char)[0] == "M"
            )


@given(nasty_texts, nasty_texts)
def test_a_space_divides(text: str, other: str) -> None:
    """Words on either side of a space are what they would be alone; so articles can be joined."""
    together = Tokens(f"{text} {other}")
    shifted = [Range(word.start + len(text) + 1, word.end + len(text) + 1) for word in Tokens(other)]
    assert list(together) == [*Tokens(text), *shifted]


@given(texts_with_range())
def test_touched_words(case: tuple[str, int, int]) -> None:
    text, start, end = case
    found = Tokens(text)
    first, last = found.indices_in(start, end)
    assert list(found)[first:last] == [word for word in found if word.overlaps(Range(start, end))]


@given(texts_with_range())
def test_a_snapped_mark_starts_and_ends_in_a_word(case: tuple[str, int, int]) -> None:
    text, start, end = case
    try:
        where = snap_range(text, Range(start, end))
    except EmptySnapError:
        return
    found = Tokens(text)
    first, last = found.indices_in(where.start, where.end)
    touched = list(found)[first:last]
    assert touched
    assert touched[0].start <= where.start
    assert where.end <= touched[-1].end


@given(st.integers(0, 10), st.integers(0, 10))
def test_a_range_between_words_touches_none(start: int, length: int) -> None:
    found = Tokens("a" + " " * 30 + "b")
    assert found.indices_in(start + 1, start + 1 + length) == (1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["a", "a\u0301", "\u0301", "a.", "1,", "漢", "_", " ", "a'1."])
def test_hostile_texts_take_linear_time(part: str) -> None:
    small = part * (20_000 // len(part))
    require_linear_time(partial(Tokens, small), partial(Tokens, small * SCALE))
