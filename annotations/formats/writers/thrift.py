"""The compact protocol of Thrift, in which Parquet describes itself: as much of it as Parquet needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: A value: the code of its type, and its bytes.
Encoded = tuple[int, bytes]

_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_SHORT_LIST = 15


def encode_varint(number: int) -> bytes:
    """Return an integer ≥ 0 in groups of seven bits, the lowest first."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def i32(number: int) -> Encoded:
    """Return an integer of 32 bits that is not negative."""
    return _I32, encode_varint(number << 1)


def i64(number: int) -> Encoded:
    """Return an integer of 64 bits that is not negative."""
    return _I64, encode_varint(number << 1)


def text(value: str) -> Encoded:
    """Return a string."""
    data = value.encode()
    return _BINARY, encode_varint(len(data)) + data


def items(values: Sequence[Encoded]) -> Encoded:
    """Return a list of values of one type, at least one."""
    kind, size = values[0][0], len(values)
    head = bytes([size << 4 | kind]) if size < _SHORT_LIST else bytes([0xF0 | kind]) + encode_varint(size)
    return _LIST, head + b"".join(data for _, data in values)


def struct(fields: Iterable[tuple[int, Encoded]]) -> Encoded:
    """Return a structure of fields by their ascending numbers, which are at most fifteen apart."""
    found, last = bytearray(), 0
    for number, (kind, data) in fields:
        found.append((number - last) << 4 | kind)
        found += data
        last = number
    return _STRUCT, bytes(found) + b"\0"
