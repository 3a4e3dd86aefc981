from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.exceptions import OutOfBoundsError
from annotations.text.offsets import _BLOCK, OffsetMap
from tests.text.strategies import FAMILY, nasty_texts

long_texts = st.builds(
    lambda texts, times: "".join(texts) * times, st.lists(nasty_texts, max_size=3), st.integers(1, 60)
)


@given(st.one_of(nasty_texts, long_texts))
@example("")
@example("\u00e9" * _BLOCK)
@example("\U0001f44b" * (2 * _BLOCK))
@example("a" * _BLOCK + "\U0001f44b")
@example("a" * (_BLOCK - 1) + "\U0001f44b" + "b" * 700)
def test_all_units_agree_with_the_codecs(text: str) -> None:
    offsets = OffsetMap(text)
    utf16 = [0]
    utf8 = [0]
    for char in text:
        utf16.append(utf16[-1] + len(char.encode("utf-16-le")) // 2)
        utf8.append(utf8[-1] + len(char.encode("utf-8")))
    points = range(len(text) + 1)
    assert [offsets.to_utf16(point) for point in points] == utf16
    assert [offsets.to_byte(point) for point in points] == utf8
    assert [offsets.from_utf16(unit) for unit in utf16] == list(points)
    assert [offsets.from_byte(unit) for unit in utf8] == list(points)


@given(nasty_texts)
def test_offsets_inside_a_character_are_refused(text: str) -> None:
    offsets = OffsetMap(text)
    for convert, encoding, width in ((offsets.from_utf16, "utf-16-le", 2), (offsets.from_byte, "utf-8", 1)):
        starts = [len(text[:point].encode(encoding)) // width for point in range(len(text) + 1)]
        for point, (start, end) in enumerate(pairwise(starts)):
            for inside in range(start + 1, end):
                with pytest.raises(OutOfBoundsError) as caught:
                    convert(inside)
                assert f"U+{ord(text[point]):04X}, which is code point {point} " in caught.value.detail


@pytest.mark.parametrize("text", ["", "abc", "é漢", FAMILY, "👋" * 1000])
def test_offsets_beyond_the_text_are_refused(text: str) -> None:
    offsets = OffsetMap(text)
    beyond = {
        offsets.to_utf16: len(text),
        offsets.to_byte: len(text),
        offsets.from_utf16: len(text.encode("utf-16-le")) // 2,
        offsets.from_byte: len(text.encode("utf-8")),
    }
    for convert, length in beyond.items():
        convert(length)
        for offset in (-1, length + 1, 2**70):
            with pytest.raises(OutOfBoundsError) as caught:
                convert(offset)
            assert str(offset) in caught.value.detail
            assert f"0 to {length})." in caught.value.detail


def test_known_numbers() -> None:
    offsets = OffsetMap("a👋é漢b")
    assert [offsets.to_utf16(point) for point in range(6)] == [0, 1, 3, 4, 5, 6]
    assert [offsets.to_byte(point) for point in range(6)] == [0, 1, 5, 7, 10, 11]


def test_thousands_of_spans_on_a_large_text_are_cheap() -> None:
    text = "👋漢é a" * 200_000
    started = time.process_time()
    offsets = OffsetMap(text)
    for point in range(0, len(text), 100):
        assert offsets.from_utf16(offsets.to_utf16(point)) == point
        assert offsets.from_byte(offsets.to_byte(point)) == point
    assert time.process_time() - started < 2  # some 0.2 s; generous for a busy machine
