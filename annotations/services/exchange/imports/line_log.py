"""The line-by-line report of an import, a file that can be downloaded."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


class LineLog:
    """A log of the outcome of each line, written in the order of lines, batch by batch.

    A row is ``{"line", "external_id", "outcome", "article", "errors"}``; outcome is created, updated,
    skipped or failed. ``size`` is the valid length of the file in bytes: a resumed attempt cuts off the
    rest.
    """

    def __init__(self, path: Path, size: int = 0) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        self._file.truncate(size)
        self._file.seek(size)
        self._waiting: list[tuple[int, str]] = []
        self.size = size

    def add(
        self,
        line: int,
        external_id: str | None,
        outcome: str,
        article: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Add the outcome of a line; it is written with its batch."""
        row = {
            "line": line,
            "external_id": external_id,
            "outcome": outcome,
            "article": article,
            "errors": list(errors),
        }
        self._waiting.append((line, json.dumps(row, ensure_ascii=False)))

    def flush(self) -> int:
        """Write the pending rows to the disk; return the size of the file in bytes."""
        pending, self._waiting = sorted(self._waiting), []
        self.size += self._file.write("".join(f"{row}\n" for _, row in pending).encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        return self.size

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_failures(path: Path, size: int) -> Iterator[dict[str, Any]]:
    """Yield the failed lines of a log, up to its valid length."""
    with path.open("rb") as file:
        while file.tell() < size and (raw := file.readline()):
            row = json.loads(raw)
            if row["outcome"] == "failed":
                yield row
