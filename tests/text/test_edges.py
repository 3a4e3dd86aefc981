from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.exceptions import EmptySnapError
from annotations.text.edges import (
    MAX_COMBINING_MARKS,
    Paragraphs,
    find_overlaps,
    has_snapped_edges,
    snap_range,
)
from annotations.text.ranges import Range
from tests.text.strategies import FAMILY, FLAG, HEART, KEYCAP, WAVE, nasty_texts, texts_with_range


def letters(text: str) -> list[tuple[int, int]]:
    """Every letter or digit with the marks that belong to it, by walking the whole text."""
    found: list[tuple[int, int]] = []
    open_letter = False
    for index, char in enumerate(text):
        if unicodedata.category(char)[0] in "LN":
            found.append((index, index + 1))
            open_letter = True
            continue
        joins = char == "\u200d" or unicodedata.category(char)[0] == "M"
        after_virama = index > 0 and unicodedata.combining(text[index - 1]) == 9
        if open_letter and (joins or (char == "\u200c" and after_virama)):
            found[-1] = (found[-1][0], index + 1)
        else:
            open_letter = False
    return found


def shown(text: str, part: str) -> str:
    """What is marked when the first occurrence of ``part`` in ``text`` is snapped."""
    start = text.index(part)
    return snap_range(text, Range(start, start + len(part))).quote(text)


@given(texts_with_range())
def test_snapping_covers_the_letters_that_are_touched(case: tuple[str, int, int]) -> None:
    text, start, end = case
    touched = [letter for letter in letters(text) if letter[0] < end and start < letter[1]]
    where = Range(start, end)
    if not touched:
        assert not has_snapped_edges(text, where)
        with pytest.raises(EmptySnapError) as caught:
            snap_range(text, where)
        assert f"{start} to {end}" in caught.value.detail
        return
    expected = Range(touched[0][0], touched[-1][1])
    assert snap_range(text, where) == expected
    assert snap_range(text, expected) == expected
    assert has_snapped_edges(text, expected)
    assert has_snapped_edges(text, where) == (where == expected)


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("She said “no way”, twice.", "“no way”,", "no way"),
        ("the U.S. (north)", " U.S. (north)", "U.S. (north"),
        ("costs $5%", "$5%", "5"),
        ("a_b_", "_b_", "b"),
        (f"{FAMILY} Mira {WAVE}{FLAG}{HEART}", f"{FAMILY} Mira {WAVE}{FLAG}{HEART}", "Mira"),
        (f"{KEYCAP} lock", "1", KEYCAP),
        ("cafe\u0301 bar", "cafe", "cafe\u0301"),
        ("e\u0301tat", "\u0301tat", "e\u0301tat"),
        ("e\u0301", "\u0301", "e\u0301"),
        ("“\u0301no”", "\u0301no”", "no"),
        ("قال مَرْحَبًا، ثم", "مَرْحَب", "مَرْحَبً"),
        ("אמר שָׁלוֹם.", "ש", "שָׁ"),
        ("می\u200cخواهم", "می", "می"),
        ("میں \u200cکتاب", "\u200cکتاب", "کتاب"),
        ("अवन\u094d\u200d है", "अवन", "अवन\u094d\u200d"),
        ("हिन्दी।", "हिन्दी।", "हिन्दी"),
        ("हिन्दी।", "हिन्द", "हिन्दी"),
        ("他说：“不行。”", "“不行。”", "不行"),
        ("１２、", "１２、", "１２"),
        ("Σ² ½!", "² ½!", "² ½"),
        ("\u202eabc\u202c", "\u202eabc\u202c", "abc"),
        ("line\r\n", "line\r\n", "line"),
    ],
)
def test_snapping_in_many_scripts(text: str, part: str, expected: str) -> None:
    assert shown(text, part) == expected


@pytest.mark.parametrize("text", ["…", FAMILY, HEART, "\u0301", " \u0301", "\u200d\u200c", "\r\n", "_"])
def test_nothing_to_mark(text: str) -> None:
    with pytest.raises(EmptySnapError, match="no letter and no digit"):
        snap_range(text, Range(0, len(text)))


def test_hostile_texts_cost_no_more_than_a_look() -> None:
    marks = "a" + "\u0301" * 1_000_000
    assert snap_range(marks, Range(0, 1)) == Range(0, 1 + MAX_COMBINING_MARKS)
    assert snap_range(marks, Range(MAX_COMBINING_MARKS, MAX_COMBINING_MARKS + 1)) == Range(
        0, 1 + MAX_COMBINING_MARKS
    )
    assert snap_range(marks, Range(0, 1 + MAX_COMBINING_MARKS)) == Range(0, 1 + MAX_COMBINING_MARKS)
    assert not has_snapped_edges(marks, Range(500_000, 500_001))
    started = time.process_time()
    for start in range(1000):
        has_snapped_edges(marks, Range(500_000 + start, 500_010 + start))
    assert time.process_time() - started < 2  # some 0.1 s


LINE_ENDS = ["\n", "\r\n", "\r"]


@pytest.mark.parametrize("end", LINE_ENDS)
def test_an_empty_line_ends_a_paragraph(end: str) -> None:
    text = end.join(["Title", "", "one", "still one", " \t\u00a0", "", "two", ""])
    assert [where.quote(text) for where in Paragraphs(text)] == ["Title", f"one{end}still one", "two"]


@pytest.mark.parametrize("end", LINE_ENDS)
@pytest.mark.parametrize("around", ["", "\n\n", " \r\n\r\n"])
def test_without_an_empty_line_between_lines_every_line_is_one(end: str, around: str) -> None:
    text = around + end.join(["one", "two ", "three"]) + around
    assert [where.quote(text) for where in Paragraphs(text)] == ["one", "two ", "three"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\n\t", []),
        ("one", ["one"]),
        ("a\u2029b\n\nc\nd", ["a", "b", "c\nd"]),
        ("a\u2029b\nc", ["a", "b", "c"]),
        ("a\n\u2029\nb\nc", ["a", "b\nc"]),
        ("a\u2028b", ["a\u2028b"]),
        ("a\n\rb\nc", ["a", "b\nc"]),
        ("  a\n  b", ["a", "  b"]),
    ],
)
def test_paragraphs(text: str, expected: list[str]) -> None:
    assert [where.quote(text) for where in Paragraphs(text)] == expected
    assert len(Paragraphs(text)) == len(expected)


def lines_of(text: str) -> list[list[int]]:
    """Paragraphs by a walk over the lines: for each, the positions of its characters."""
    ends = [*re.finditer(r"\r\n|\n|\r|\u2029", text), None]
    lines: list[tuple[range, str]] = []
    start = 0
    for end in ends:
        lines.append((range(start, end.start() if end else len(text)), end[0] if end else ""))
        start = end.end() if end else len(text)
    blank = [not "".join(text[index] for index in line).strip() for line, _ in lines]
    while blank and blank[-1]:
        blank.pop(), lines.pop()
    while blank and blank[0]:
        blank.pop(0), lines.pop(0)
    separate = not any(blank)
    groups: list[list[int]] = [[]]
    for (line, end_text), is_blank in zip(lines, blank, strict=True):
        if is_blank or separate:
            groups.append([])
        if not is_blank:
            groups[-1].extend(line)
        if end_text == "\u2029":
            groups.append([])
    return [group for group in groups if group]


line_texts = st.lists(
    st.sampled_from(["\n", "\r\n", "\r", "\u2029", "\u2028", " ", "\t", "a", "bc", "\u00a0", "👋", "."]),
    max_size=16,
).map("".join)


def own(text: str, where: Range | list[int]) -> set[int]:
    """The positions that are not white space."""
    indexes = range(where.start, where.end) if isinstance(where, Range) else where
    return {index for index in indexes if not text[index].isspace()}


@given(line_texts)
@example("a\r\nb")
def test_paragraphs_agree_with_a_walk_over_the_lines(text: str) -> None:
    assert [own(text, where) for where in Paragraphs(text)] == [own(text, group) for group in lines_of(text)]


@given(line_texts.filter(bool), st.data())
def test_crossing_is_having_parts_in_two_paragraphs(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    where = Range(start, data.draw(st.integers(start + 1, len(text))))
    touched = [paragraph for paragraph in Paragraphs(text) if paragraph.overlaps(where)]
    assert Paragraphs(text).is_crossed_by(where) == (len(touched) > 1)


@given(nasty_texts)
def test_paragraphs_are_in_order_and_leave_out_no_letter(text: str) -> None:
    found = list(Paragraphs(text))
    assert found == sorted(found)
    covered = {index for where in found for index in range(where.start, where.end)}
    assert sum(where.length for where in found) == len(covered)
    assert covered >= {index for index, char in enumerate(text) if not char.isspace()}


def test_many_spans_on_a_large_text_are_cheap() -> None:
    text = "Some words in a line.\nAnd more of them.\n\n" * 25_000
    started = time.process_time()
    structure = Paragraphs(text)
    crossing = sum(
        structure.is_crossed_by(Range(start, start + 60)) for start in range(0, len(text) - 60, 50)
    )
    assert crossing
    assert time.process_time() - started < 2  # some 0.05 s
    started = time.process_time()
    Paragraphs("a" + "\n " * 500_000 + "b" + " " * 500_000 + "\nc")
    assert time.process_time() - started < 2


ranges = st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda pair: Range(pair[0], sum(pair)))


@given(st.lists(ranges, max_size=12))
def test_overlaps_agree_with_comparing_all_pairs(items: list[Range]) -> None:
    pairs = find_overlaps(items)
    assert all(items[first].overlaps(items[second]) for first, second in pairs)
    order = sorted(range(len(items)), key=lambda index: (items[index], index))
    expected = [
        later
        for place, later in enumerate(order)
        if any(items[earlier].overlaps(items[later]) for earlier in order[:place])
    ]
    assert [second for _, second in pairs] == expected


def test_five_thousand_overlapping_ranges_are_cheap() -> None:
    items = [Range(start * 7919 % 40_009, start * 7919 % 40_009 + 50_000) for start in range(5000)]
    started = time.process_time()
    assert len(find_overlaps(items)) == 4999
    assert time.process_time() - started < 1  # some 5 ms
