"""The report of an import line by line, as a file that can be downloaded."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


class LineLog:
    """Gathers what became of each line, and writes it in the order of the lines, batch by batch.

    ``{"line", "external_id", "outcome", "article", "errors"}``; outcome is created, updated, skipped or
    failed. ``size`` is how much of the file counts: an attempt that went on from there cuts off the rest.
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
        """One line; it is written with its batch."""
        row = {
            "line": line,
            "external_id": external_id,
            "outcome": outcome,
            "article": article,
            "errors": list(errors),
        }
        self._waiting.append((line, json.dumps(row, ensure_ascii=False)))

    def flush(self) -> int:
        """Put what waits on the disk; answers the size of the file."""
        waiting, self._waiting = sorted(self._waiting), []
        self.size += self._file.write("".join(f"{row}\n" for _, row in waiting).encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        return self.size

    def close(self) -> None:
        """Nothing more will come."""
        self._file.close()


def failures(path: Path, size: int) -> Iterator[dict[str, Any]]:
    """The lines of a report that failed, up to where it counts."""
    with path.open("rb") as file:
        while file.tell() < size and (raw := file.readline()):
            row = json.loads(raw)
            if row["outcome"] == "failed":
                yield row
