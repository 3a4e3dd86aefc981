"""What differs between the problems of a set now and those that somebody was told before.

Nothing is stored for it. The problems are dealt into buckets by the last digits of their span's id, and
the reader keeps a short digest of each bucket, the state. Whoever sends the state again gets the problems
of those buckets alone that differ: after one edit that is one of a thousand.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from annotations.messages import message

MIN_BUCKETS, MAX_BUCKETS = 64, 1024
#: Bytes of a digest: two contents of a bucket are taken for one once in 16 million.
DIGEST_SIZE = 3
#: How many problems a bucket should have; a state is shown with every edit, and so are its buckets.
_BUCKET_SIZE = 8
MAX_STATE_LENGTH = MAX_BUCKETS * DIGEST_SIZE * 4 // 3

_Problem = Mapping[str, Any]


def parse_state(text: str) -> list[bytes]:
    """Return the digests of a state, or raise ``ValueError`` with a sentence."""
    try:
        digests = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        digests = b""
    count = len(digests) // DIGEST_SIZE
    if not _is_bucket_count(count) or len(digests) % DIGEST_SIZE:
        raise ValueError(message("It is no state of problems; take it from an earlier answer."))
    return [digests[at : at + DIGEST_SIZE] for at in range(0, len(digests), DIGEST_SIZE)]


def describe_changes(problems: list[dict[str, Any]], since: list[bytes] | None) -> dict[str, Any]:
    """Return the problems that differ from the state ``since``, and the state of them all.

    ``buckets`` are those that differ, of ``bucket_count``: their problems take the place of those that the
    reader has. It is null without ``since``, when ``problems`` are all.
    """
    shown = _bucket_count(len(problems))
    content: dict[str, Any] = {"state": _state_of(_deal(problems, shown)), "bucket_count": shown}
    if since is None:
        return {**content, "buckets": None, "problems": problems}
    count = len(since)
    now = [_digest(bucket) for bucket in _deal(problems, count)]
    changed = {index for index, (old, new) in enumerate(zip(since, now, strict=True)) if old != new}
    differing = [problem for problem in problems if _bucket_of(problem, count) in changed]
    return {**content, "bucket_count": count, "buckets": sorted(changed), "problems": differing}


def _is_bucket_count(count: int) -> bool:
    return MIN_BUCKETS <= count <= MAX_BUCKETS and count & (count - 1) == 0


def _bucket_count(problems: int) -> int:
    """Return the power of two that gives each bucket a handful of problems."""
    wanted = 1 << max(0, problems // _BUCKET_SIZE).bit_length()
    return max(MIN_BUCKETS, min(wanted, MAX_BUCKETS))


def _bucket_of(problem: _Problem, count: int) -> int:
    return int(problem["span"][-4:], 16) % count


def _deal(problems: Iterable[_Problem], count: int) -> list[list[_Problem]]:
    buckets: list[list[_Problem]] = [[] for _ in range(count)]
    for problem in problems:
        buckets[_bucket_of(problem, count)].append(problem)
    return buckets


def _digest(bucket: Iterable[_Problem]) -> bytes:
    # str: the detail as it is written, so that a state holds in every language
    rows = [[str(row[name]) for name in ("code", "span", "relation", "blocking", "detail")] for row in bucket]
    return hashlib.blake2b(repr(rows).encode(), digest_size=DIGEST_SIZE).digest()


def _state_of(buckets: Iterable[Iterable[_Problem]]) -> str:
    return base64.urlsafe_b64encode(b"".join(map(_digest, buckets))).decode()
