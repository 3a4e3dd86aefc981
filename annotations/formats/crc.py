"""The checksum of two pieces, one behind the other, from the checksums of each.

A CRC-32 is the rest of a division of polynomials whose coefficients are 0 and 1. What follows multiplies
the first piece by as many powers of x as it has bits, so its checksum is multiplied by their rest, and
that of the second is added. Bits are in the order of zip and zlib: the highest is x to the power 0.
"""

from __future__ import annotations

from functools import cache

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31


def crc_of_both(first: int, second: int, length: int) -> int:
    """The CRC-32 of two pieces from their own; ``length`` is that of the second, in bytes."""
    shift, power = _ONE, 3  # a byte is two to the third power of bits
    while length:
        if length & 1:
            shift = _product(shift, _x_to_two_to(power))
        length >>= 1
        power += 1
    return _product(first, shift) ^ second


def _product(a: int, b: int) -> int:
    """The rest of a product."""
    found = 0
    while a:
        if a & _ONE:
            found ^= b
        a = a << 1 & 0xFFFFFFFF
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return found


@cache
def _x_to_two_to(power: int) -> int:
    """The rest of x to the power of two to this power, by squaring."""
    if power == 0:
        return _ONE >> 1
    root = _x_to_two_to(power - 1)
    return _product(root, root)
