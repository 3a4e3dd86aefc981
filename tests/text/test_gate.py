from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exceptions import TextNotAllowedError
from annotations.text import gate
from tests.text.strategies import FAMILY, NASTY, any_strings, nasty_texts


def is_forbidden(char: str) -> bool:
    """The rule once more, from the Unicode database instead of a regex."""
    return unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\n\r"


def refusal(check: Any, *args: Any, **options: Any) -> TextNotAllowedError:
    with pytest.raises(TextNotAllowedError) as caught:
        check(*args, **options)
    error = caught.value
    assert error.detail.endswith(".")
    error.detail.encode("utf-8")  # can be sent
    assert not any(is_forbidden(char) for char in error.detail)
    return error


def test_every_code_point_is_judged_as_the_unicode_database_says() -> None:
    legal = "".join(char for char in map(chr, range(0x110000)) if not is_forbidden(char))
    gate.check_text(legal)
    for char in filter(is_forbidden, map(chr, range(0x110000))):
        assert gate.TEXT_RULE.forbidden.search(char), f"U+{ord(char):04X}"


@given(any_strings.filter(bool))
def test_the_first_forbidden_code_point_is_named_with_its_position(text: str) -> None:
    position = next((index for index, char in enumerate(text) if is_forbidden(char)), None)
    if position is None:
        gate.check_text(text)
        return
    error = refusal(gate.check_text, text)
    assert error.data == {"position": position}
    assert f"U+{ord(text[position]):04X}" in error.detail
    assert f"position {position} " in error.detail


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ab\x00", "U+0000, NUL, at position 2"),
        ("\ud83d", "U+D83D, half of a surrogate pair, at position 0"),
        ("a\x85", "U+0085, a control character,"),
        ("\U0001f44b\x7f", "U+007F, a control character, at position 1"),
        ("\x0b", "U+000B, a control character,"),
    ],
)
def test_sentences(text: str, says: str) -> None:
    assert f"The text holds {says}" in refusal(gate.check_text, text).detail


@pytest.mark.parametrize("text", [piece for piece in NASTY if piece])
def test_article_text_keeps_what_is_legal(text: str) -> None:
    gate.check_text(text)
    gate.check_prose(text, "comment", 100)


def test_length_is_counted_in_code_points() -> None:
    gate.check_text("\U0001f44b" * gate.MAX_TEXT)
    error = refusal(gate.check_text, "a" * (gate.MAX_TEXT + 1))
    assert error.data == {"length": 2_000_001, "limit": 2_000_000}
    assert "2,000,001" in error.detail
    assert "empty" in refusal(gate.check_text, "").detail
    gate.check_prose("", "comment", 10)
    assert "The comment has 11" in refusal(gate.check_prose, "a" * 11, "comment", 10).detail


ONE_LINE_ONLY = ["a\tb", "a\nb", "a\r\nb", "a\u2028b", "a\u2029b", "a\x00", "\udc00", "a\x9f"]
BIDI = [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]


@pytest.mark.parametrize("value", ONE_LINE_ONLY)
@pytest.mark.parametrize("check", [gate.check_line, gate.check_title])
def test_one_line_fields_refuse_line_breaks_and_controls(check: Any, value: str) -> None:
    assert "The name holds U+" in refusal(check, value, "name", 100).detail


@pytest.mark.parametrize("char", BIDI)
def test_bidi_controls_stand_in_titles_but_not_in_names(char: str) -> None:
    gate.check_title(f"a{char}b", "title", 100)
    error = refusal(gate.check_line, f"a{char}b", "name", 100)
    assert "a bidi control" in error.detail
    assert error.data == {"position": 1}


def test_names_of_all_scripts_pass() -> None:
    for name in ("Мира", "הרצל", "مَرْ", "می‌خواهم", "漢字", FAMILY, "a\u200fb", "", " a ", "\u00a0"):
        gate.check_line(name, "name", 100)


@pytest.mark.parametrize("value", ["", " ", "\u00a0\u3000", "\u200b", "\ufeff", "\u200e"])
def test_a_required_name_shows_something(value: str) -> None:
    assert "visible" in refusal(gate.check_line, value, "name", 10, required=True).detail
    refusal(gate.check_title, value, "title", 10, required=True)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_strings, inner, max_size=4),
    max_leaves=12,
)


def leaves(value: Any) -> Iterator[Any]:
    """Every value and every key inside."""
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, dict):
        yield from value
        yield from leaves(list(value.values()))
    else:
        yield value


def is_faulty(leaf: Any) -> bool:
    if isinstance(leaf, str):
        return any(map(is_forbidden, leaf))
    return json.dumps(leaf) in {"NaN", "Infinity", "-Infinity"}


@given(json_values)
def test_json_is_refused_where_one_of_its_leaves_is(value: Any) -> None:
    if any(map(is_faulty, leaves(value))):
        refusal(gate.check_json, value, "metadata")
    else:
        gate.check_json(value, "metadata")


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"a": {"b/c~": ["x", "\x00"]}}, "/a/b~1c~0/1"),
        ({"a": {"\x00": 1}}, "/a"),
        ({"\ud800": 1}, ""),
        ("\ud800", ""),
        ([{"n": float("nan")}], "/0/n"),
        ([float("-inf")], "/0"),
    ],
)
def test_json_faults_are_pointed_at(value: Any, pointer: str) -> None:
    error = refusal(gate.check_json, value, "metadata")
    assert error.data["pointer"] == pointer
    assert pointer in error.detail


def test_json_deeper_than_the_stack() -> None:
    value: Any = "\x00"
    for _ in range(50_000):
        value = [value]
    assert len(refusal(gate.check_json, value).data["pointer"]) == 100_000


@pytest.mark.parametrize("value", [b"a", {1: "a"}, {"a": object()}])
def test_what_is_no_json_is_a_mistake_of_the_caller(value: Any) -> None:
    with pytest.raises(TypeError):
        gate.check_json(value)


@given(nasty_texts)
def test_decoding_gives_back_every_byte(text: str) -> None:
    for raw in (text.encode(), b"\xef\xbb\xbf" + text.encode()):
        assert gate.decode_text(raw).encode() == raw


@given(st.binary())
def test_decoding_names_the_first_wrong_byte(raw: bytes) -> None:
    valid = raw.decode("utf-8", errors="ignore").encode() == raw
    if valid:
        assert gate.decode_text(raw).encode() == raw
        return
    error = refusal(gate.decode_text, raw)
    position = error.data["byte"]
    raw[:position].decode("utf-8")  # all before it is right
    assert f"byte position {position} " in error.detail
    assert f"0x{raw[position]:02X}" in error.detail


@pytest.mark.parametrize("raw", [b"\xed\xa0\x80", b"\xff\xfea\x00", b"a\xc3", b"\xc0\x80"])
def test_surrogates_utf16_and_cut_characters_are_not_utf8(raw: bytes) -> None:
    refusal(gate.decode_text, raw)


@given(any_strings, st.integers(1, 60))
def test_excerpts_are_safe_in_a_sentence(value: str, limit: int) -> None:
    shown = gate.excerpt(value, limit)
    shown.encode("utf-8")
    assert gate.LINE_RULE.forbidden.search(shown) is None
    assert len(shown) <= limit + 1
    assert shown.endswith("…") or len(value) <= limit


def test_excerpts_show_the_words() -> None:
    assert gate.excerpt("The lock,\n\nshe said") == "The lock, she said"
    assert gate.excerpt("a" * 41) == "a" * 40 + "…"
    assert gate.excerpt("a\ud800b\u202ec") == "a\ufffdb c"


def test_a_megabyte_passes_quickly() -> None:
    text = "漢字 and words. " * 80_000
    started = time.process_time()
    gate.check_text(text)
    assert time.process_time() - started < 0.5  # some 6 ms; generous for a busy machine
