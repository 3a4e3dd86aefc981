"""A long array, read in pieces, is what it would be in one."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.formats.core import json_stream
from annotations.formats.core.json_stream import read_elements
from annotations.text.strictjson import load_first

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text('ab"é', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def values(data: bytes, *arrays: str) -> list[Any]:
    found = list(read_elements(io.BytesIO(data), arrays))
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    return [one.code or one.value for one in found]


@given(st.lists(VALUES, max_size=6), st.integers(1, 7), st.booleans())
def test_an_array_in_small_pieces(items: list[Any], chunk: int, escaped: bool) -> None:
    data = json.dumps(items, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        assert values(data) == items
        wrapped = b'\n{"a": [1], "items": ' + data + b', "b": {}} \n'
        assert values(wrapped, "items") == items


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", []),
        (b" [] ", []),
        (b"[1, 2]", [1, 2]),
        (b'{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        (b'\xef\xbb\xbf[{"a": 1}]', [{"a": 1}]),
        (b"12 3", [12, 3]),
        (b"[1, 2", [1, 2, "syntax"]),
        (b"[1 2]", [1, "syntax"]),
        (b"[1,]", [1, "syntax"]),
        (b"[1], 2", [1, "syntax"]),
        (b'[{"a": 1, "a": 2}]', ["duplicate-key"]),
        (b"[NaN]", ["syntax"]),
        (b"[1e999]", ["number"]),
        (b"[\xff]", ["encoding"]),
        (b"[" * 100_000, ["too-deep"]),
        (b"nothing", ["syntax"]),
    ],
)
def test_what_stands_in_a_file(data: bytes, found: list[Any]) -> None:
    assert values(data) == found


def test_an_object_without_the_array_is_itself() -> None:
    assert values(b'{"uri": "x", "a": {"b": 1}}', "items") == [{"uri": "x", "a": {"b": 1}}]
    assert values(b'{"first": {"items": [1, 2]}, "items": [3]}', "items", "first") == [1, 2, 3]
    assert values(b'{"a": 1, "a": 2}', "items") == ["duplicate-key"]


def test_what_is_too_long_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_ELEMENT", 1_000)
    monkeypatch.setattr(json_stream, "_CHUNK", 100)
    stream = io.BytesIO(b'[{"a": "' + b"x" * 1_000_000 + b'"}]')
    (one,) = read_elements(stream)
    assert one.code == "too-large"
    assert stream.tell() < 10_000


def test_a_number_without_end_is_parsed_in_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window doubles, up to the longest element: few parses, however long the number is."""
    monkeypatch.setattr(json_stream, "_CHUNK", 16)
    monkeypatch.setattr(json_stream, "MAX_ELEMENT", 2_000)
    parsed = []

    def counted(text: str, start: int = 0) -> tuple[Any, int]:
        parsed.append(len(text) - start)
        return load_first(text, start)

    monkeypatch.setattr(json_stream, "load_first", counted)
    (element,) = read_elements(io.BytesIO(b"[1." + b"1" * 100_000))
    assert element.code == "too-large"
    assert sum(parsed) < 2 * 2_000
    assert values(b"[1." + b"1" * 500 + b", 2]") == [float("1." + "1" * 500), 2]
