"""Primary keys: UUIDs of version 7, so that rows of one time are adjacent in the index."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """Return a new UUID of version 7 (RFC 9562, section 5.7), strictly increasing within this process.

    The 12 bits after the millisecond are its fraction (method 3 of section 6.2); if the clock stands still
    or steps back, the last value is incremented instead.
    """
    global _last  # noqa: PLW0603 - makes the ids of one process increase
    nanoseconds = time.time_ns()
    stamp = (nanoseconds // 1_000_000) << 12 | (nanoseconds % 1_000_000) * 4096 // 1_000_000
    with _lock:
        stamp = _last = max(stamp, _last + 1)
    milliseconds, fraction = stamp >> 12, stamp & 0xFFF
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)
