"""The checksum of two pieces is that of both together."""

from __future__ import annotations

import random
import zlib

import pytest

from annotations.formats.crc import crc_of_both

DICE = random.Random(5)


@pytest.mark.parametrize("second", [0, 1, 2, 3, 255, 256, 65_537, 1_000_003])
@pytest.mark.parametrize("first", [0, 1, 1_000])
def test_both(first: int, second: int) -> None:
    one, two = DICE.randbytes(first), DICE.randbytes(second)
    assert crc_of_both(zlib.crc32(one), zlib.crc32(two), second) == zlib.crc32(one + two)


def test_many_pieces() -> None:
    """64 MiB, put together from halves."""
    size, crc = 1, zlib.crc32(b"\0")
    while size < 1 << 26:
        size, crc = 2 * size, crc_of_both(crc, crc, size)
    assert crc == zlib.crc32(bytes(size))
