"""The loader takes what everybody reads in the same way, and says where it stops."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.text.strictjson import MAX_DEPTH, StrictJSONError, loads
from tests.timing import SCALE, cpu_seconds, require_linear_time

keys = st.text().filter(lambda key: "\x00" not in key)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans())
def test_agrees_with_python_where_python_is_right(value: Any, ascii_only: bool) -> None:
    written = json.dumps(value, ensure_ascii=ascii_only)
    assert loads(written.encode()) == json.loads(written)
    assert loads(written) == json.loads(written)


def outcome(raw: bytes | str) -> tuple[str, Any]:
    """Return the value with its types, or the refusal."""
    try:
        return "value", repr(loads(raw))
    except StrictJSONError as error:
        return error.kind, (error.detail, error.line, error.column)


TOKENS = (
    *'{}[],:"', "null", "true", " ", "\t", '"a"', '"b"', '"é"', '"a": 1', '"a":1,"a" : 1', '"a\\"": 1',
    '"\\u0041"', '"\\ud800"', '"\\u0000": 1', "1", "1.0", "0.10", "-0", "1e5", "1e999", "9007199254740993",
    "18446744073709551615", "NaN", "-Infinity", "1" * 30, "[" * 70, "]" * 70,
)  # fmt: skip


@given(st.lists(st.sampled_from(TOKENS), max_size=12).map("".join))
@example('{"a": 1, "a": 1}')
@example('{"a":1,"a" :1}')
@example('{"a\\u0000":1}')
@example("[" * 65 + "]" * 65)
@example("9223372036854775808")
@example('[NaNx"')
def test_bytes_and_text_have_the_same_outcome(written: str) -> None:
    assert outcome(written.encode()) == outcome(written)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"[]", []),
        (b" \t\r\n{} \n", {}),
        (b'""', ""),
        (b"-0", 0),
        (b"1E3", 1000.0),
        (b"1e-999", 0.0),
        (b"[9223372036854775807, -9223372036854775808]", [2**63 - 1, -(2**63)]),
        (b'"\\u0000"', "\x00"),
        (b'"\\ud800"', "\ud800"),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'{"\\ud83d\\ude00": "\\udead"}', {"😀": "\udead"}),
        (b'"\x7f"', "\x7f"),
        ('"\u2028\uffff\U0010ffff"'.encode(), "\u2028\uffff\U0010ffff"),
        (b'{"a": {"a": [{"a": 1}, {"a": 2}]}}', {"a": {"a": [{"a": 1}, {"a": 2}]}}),
        (b'"[[[{{{' + b"[" * 200 + b'"', "[[[{{{" + "[" * 200),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)),
    ],
)
def test_takes(raw: bytes, value: Any) -> None:
    assert loads(raw) == value


SYNTAX = [
    b"",
    b" ",
    b"[",
    b"]",
    b"[1,]",
    b"[,1]",
    b"[1,,2]",
    b"[1 2]",
    b"[1",
    b'["a"',
    b'["a',
    b'{"a"',
    b'{"a":',
    b'{"a":}',
    b'{"a":1,}',
    b'{"a":1 "b":2}',
    b'{"a" 1}',
    b"{'a':1}",
    b"{a:1}",
    b"{1:1}",
    b"{[]:1}",
    b'{"a":1}}',
    b'{"a":1} x',
    b"[] []",
    b"nul",
    b"True",
    b"NaN",
    b"[Infinity]",
    b"[-Infinity]",
    b"[+1]",
    b"[01]",
    b"[-01]",
    b"[1.]",
    b"[.5]",
    b"[1e]",
    b"[1e+]",
    b"[0x1]",
    b"[-]",
    b"[- 1]",
    b"[1_000]",
    "[１]".encode(),
    "[1\u00a0]".encode(),
    b"[1]\x00",
    b'["\\x41"]',
    b'["\\u12"]',
    b'["\\u 123"]',
    b'["\\"]',
    b'["a\nb"]',
    b'["a\tb"]',
    b'["\x00"]',
    b"[\x0c]",
    b"/* */ []",
    b"[] // x",
    b"'a'",
    b"<html>",
]


@pytest.mark.parametrize("raw", SYNTAX)
def test_refuses_what_is_not_json(raw: bytes) -> None:
    with pytest.raises(StrictJSONError) as caught:
        loads(raw)
    assert caught.value.kind == "syntax"
    assert caught.value.line is not None
    assert " at line " in caught.value.detail


@pytest.mark.parametrize(
    ("raw", "kind", "line", "column"),
    [
        (b'{"a": 1,\n "a": 2}', "duplicate-key", 2, 2),
        (b'{"a": {"b": [{"b": 1}]}, "c": {"x": 1, "x": 2}}', "duplicate-key", 1, 40),
        (b'{"a\\u0061": 1, "aa": 2}', "duplicate-key", 1, 16),
        (b'["a", "a", {"b{": "b{", "b{": 1}]', "duplicate-key", 1, 25),
        (b'{"\\u0000": 1}', "key", 1, 2),
        (b'{"x": {"\\ud800": 1}}', "key", 1, 8),
        (b"[1,\n 1e999]", "number", 2, 2),
        (b'["NaN", nul, NaN', "syntax", 1, 9),
        (b'["NaN", null, NaNx"', "syntax", 1, 15),
        (b"[1.5, -Infinity]", "syntax", 1, 7),
        (b"[1e5, 1e999x", "number", 1, 7),
        (b'["1e999", -1e999]', "number", 1, 11),
        (b"[9223372036854775808]", "number", 1, 2),
        (b"[-9223372036854775809]", "number", 1, 2),
        (b"[" + b"9" * 5000 + b"]", "number", 1, 2),
        (b'"\xff"', "encoding", 1, 2),
        (b'{"a":\n"\xc3\xa9\xed\xa0\x80"}', "encoding", 2, 3),
        (b"\xc0\x80", "encoding", 1, 1),
        (b"\xef\xbb\xbf{}", "encoding", 1, 1),
        ('"a"'.encode("utf-16"), "encoding", 1, 1),
        (b"[" * 65 + b"]" * 65, "too-deep", None, None),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too-deep", None, None),
        (b"[" * 1_000_000, "too-deep", None, None),
        (b'{"a":' * 200_000, "too-deep", None, None),
    ],
)
def test_refuses_with_kind_and_place(raw: bytes, kind: str, line: int | None, column: int | None) -> None:
    with pytest.raises(StrictJSONError) as caught:
        loads(raw)
    error = caught.value
    assert (error.kind, error.line, error.column) == (kind, line, column)
    assert str(error) == error.detail
    assert error.detail.endswith(".")
    assert len(error.detail) < 200


def test_names_the_key_without_its_controls() -> None:
    with pytest.raises(StrictJSONError, match=r'^The key "a\ufffdb\{x\}"'):
        loads(b'{"a\\u001bb{x}": 1, "a\\u001bb{x}": 1}')


def test_refuses_long_input_without_the_place() -> None:
    """The place of a fault is not worth seconds."""
    raw = b"[" + b'{"a": 1},' * 120_000 + b'{"a": 1, "a": 2}]'
    with pytest.raises(StrictJSONError) as caught:
        loads(raw)
    assert caught.value.kind == "duplicate-key"
    assert (caught.value.line, caught.value.column) == (None, None)


#: Input of about ``n`` bytes that is refused, and might be refused slowly.
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "quotes after NaN": lambda n: b'[NaNx"' * (n // 6),
    "escaped quotes": lambda n: b'\\"' * (n // 2),
    "escaped quotes after NaN": lambda n: b'[NaNx"' + b'\\"' * (n // 2),
    "unterminated strings after a number": lambda n: b"[1e999x" + b'"\\' * (n // 2),
    "escaped quotes before a number": lambda n: b'["' + b'\\"' * (n // 2) + b'", 1e999]',
    "arrays": lambda n: b"[" * n,
    "objects": lambda n: b'{"a":' * (n // 5),
    "closed arrays": lambda n: b"[" * 70 + b"[]," * (n // 3) + b"1" + b"]" * 70,
    "digits": lambda n: b"9" * n,
    "digits and a fraction": lambda n: b"9" * n + b".5",
    "fraction": lambda n: b"[1." + b"1" * n,
    "exponent": lambda n: b"[1e" + b"9" * n + b"]",
    "minus signs": lambda n: b"[" + b"-" * n,
    "blanks": lambda n: b" " * n + b"x",
    "lines": lambda n: b"\n" * n + b"x",
    "lines that are not UTF-8": lambda n: b"\n" * n + b"\xff",
    "cut characters": lambda n: "é".encode() * (n // 2) + b"\xc3",
    "keys": lambda n: b"{" + b",".join(b'"%d":1' % i for i in range(n // 9)) + b',"0":1}',
    "equal keys": lambda n: b"{" + b",".join([b'"a":1'] * (n // 6)) + b"}",
    "escaped keys": lambda n: b"{" + b",".join(b'"\\u0061%d":1' % i for i in range(n // 14)) + b',"a0":1}',
    "unclean key": lambda n: b'{"' + b"a" * n + b'\\u0000":1}',
    "objects before a duplicate": lambda n: b"[" + b'{"a":1},' * (n // 8) + b'{"a":1,"a":1}]',
    "numbers before a number": lambda n: b"[" + b"1.5," * (n // 4) + b"1e999]",
    "words before a number": lambda n: b"[" + b"true," * (n // 5) + b"1e999]",
    "escapes": lambda n: b'"' + b"\\u00e9" * (n // 6),
    "surrogates": lambda n: b'{"a": "' + b"\\ud800" * (n // 6) + b'", "a": 1}',
}


def _refuse(raw: bytes) -> None:
    with pytest.raises(StrictJSONError):
        loads(raw)


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_refusal_takes_linear_time(kind: str) -> None:
    small, large = (HOSTILE[kind](size) for size in (25_000, 25_000 * SCALE))
    require_linear_time(partial(_refuse, small), partial(_refuse, large))


@pytest.mark.slow
def test_is_fast_enough_for_a_bulk_import() -> None:
    """Thirty spans a line, and far more than 500 lines a second."""
    span = {"label": "claim", "start": 1, "end": 9, "quote": "a quote", "attributes": {"mode": "direct"}}
    line = json.dumps({"external_id": "a", "text": "words " * 500, "spans": [span] * 30}).encode()
    assert cpu_seconds(lambda: [loads(line) for _ in range(200)]) < 2  # some 0.1 s
