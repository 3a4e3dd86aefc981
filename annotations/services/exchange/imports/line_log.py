"""The line-by-line report of an import, a file that can be downloaded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotations.services.jobs import storage


class LineLog:
    """A log of the outcome of each line, written in the order of lines, batch by batch.

    A row is ``{"line", "external_id", "outcome", "article", "errors"}``; outcome is created, updated,
    skipped or failed. ``size`` is the valid length of the file in bytes: a resumed attempt has cut off the
    rest.
    """

    def __init__(self, file: storage.AppendLog, size: int = 0) -> None:
        self._file = file
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
        """Write the pending rows for good; return the size of the file in bytes."""
        pending, self._waiting = sorted(self._waiting), []
        data = "".join(f"{row}\n" for _, row in pending).encode()
        self._file.append(data)
        self.size += len(data)
        return self.size

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_failures(key: str, size: int) -> Iterator[dict[str, Any]]:
    """Yield the failed lines of a log, up to its valid length."""
    with storage.open_file(key, 0, size) as file:
        for raw in file:
            row = json.loads(raw)
            if row["outcome"] == "failed":
                yield row
