from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exceptions import EmptySpanError, OutOfBoundsError, QuoteMismatchError
from annotations.text.ranges import MAX_ACTUAL_QUOTE, Range, check_quote
from tests.text.strategies import FAMILY, texts_with_range


@given(st.integers(-5, 15), st.integers(-5, 15), st.integers(0, 10))
def test_checked_takes_exactly_the_ranges_inside(start: int, end: int, length: int) -> None:
    inside = {(a, b) for a in range(length) for b in range(a + 1, length + 1)}
    if (start, end) in inside:
        assert Range.from_offsets(start, end, length) == Range(start, end)
        return
    with pytest.raises((OutOfBoundsError, EmptySpanError)) as caught:
        Range.from_offsets(start, end, length)
    assert f"{start} to {end}" in caught.value.detail
    assert caught.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("start", "end", "error"),
    [
        (0, 0, EmptySpanError),
        (3, 2, EmptySpanError),
        (10, 10, EmptySpanError),
        (-1, 2, OutOfBoundsError),
        (0, -1, OutOfBoundsError),
        (0, 11, OutOfBoundsError),
        (11, 11, OutOfBoundsError),
        (12, 3, OutOfBoundsError),
        (2**70, 2**70 + 1, OutOfBoundsError),
    ],
)
def test_bounds_come_before_emptiness(start: int, end: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        Range.from_offsets(start, end, 10)


def test_offsets_inside_an_empty_text() -> None:
    with pytest.raises(EmptySpanError):
        Range.from_offsets(0, 0, 0)
    with pytest.raises(OutOfBoundsError):
        Range.from_offsets(0, 1, 0)


ranges = st.tuples(st.integers(0, 9), st.integers(1, 5)).map(lambda pair: Range(pair[0], sum(pair)))


@given(ranges, ranges)
def test_relations_of_ranges_are_those_of_sets_of_characters(one: Range, other: Range) -> None:
    left, right = set(range(one.start, one.end)), set(range(other.start, other.end))
    assert one.length == len(left)
    assert one.overlaps(other) == bool(left & right) == other.overlaps(one)
    assert one.contains(other) == (left >= right)


@given(texts_with_range())
def test_a_quote_is_compared_to_the_code_point(case: tuple[str, int, int]) -> None:
    text, start, end = case
    where = Range(start, end)
    assert list(where.quote(text)) == list(text)[start:end]
    check_quote(text, where, where.quote(text))
    for wrong in (where.quote(text) + "x", where.quote(text)[1:], "\ud800\x00\n"):
        with pytest.raises(QuoteMismatchError) as caught:
            check_quote(text, where, wrong)
        assert caught.value.data["actual"] == where.quote(text)
        caught.value.detail.encode("utf-8")
        assert "\n" not in caught.value.detail


def test_composed_and_decomposed_letters_differ() -> None:
    with pytest.raises(QuoteMismatchError):
        check_quote("caf\u00e9", Range(0, 4), "cafe\u0301")


def test_a_mismatch_says_where_the_quote_stands() -> None:
    text = f"{FAMILY} said Mira."
    with pytest.raises(QuoteMismatchError) as caught:
        check_quote(text, Range(14, 16), "Mira")  # UTF-16 offsets
    assert "stands from 11 to 15" in caught.value.detail
    with pytest.raises(QuoteMismatchError) as caught:
        check_quote(text, Range(6, 10), "Nora")
    assert caught.value.detail == "The text from 6 to 10 reads “said”, not “Nora”."
    assert caught.value.data == {"actual": "said"}


def test_a_difference_that_does_not_show_is_told() -> None:
    with pytest.raises(QuoteMismatchError) as caught:
        check_quote("that the lock leaks.", Range(4, 19), "the lock leaks")
    assert caught.value.detail == (
        "The text from 4 to 19 differs from “the lock leaks” where it does not show:"
        " in blanks, or further on; that stands from 5 to 19"
        " (offsets are Unicode code points, counted from 0)."
    )


def test_a_long_text_does_not_come_back_whole() -> None:
    with pytest.raises(QuoteMismatchError) as caught:
        check_quote("a" * 5000, Range(0, 5000), "b" * 5000)
    assert caught.value.data["actual"] == "a" * MAX_ACTUAL_QUOTE
    assert len(caught.value.detail) < 200
