"""A store on the disk for values that a file holds in another order than the records need."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from typing import Any

from annotations.formats.archive.zip_reader import open_scratch_file


class Spool:
    """A store of JSON values by key; it yields keys in the order in which they were added."""

    def __init__(self) -> None:
        self._file = open_scratch_file()
        self._offsets: dict[str, array[int]] = {}
        self._end = 0

    def add(self, key: str, value: object) -> None:
        """Store a JSON value."""
        self._offsets.setdefault(key, array("Q")).append(self._end)
        self._end += self._file.write(json.dumps(value).encode() + b"\n")

    def pop(self, key: str) -> list[Any]:
        """Return the values of a key, and remove it."""
        return self._read_values(self._offsets.pop(key, array("Q")))

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        for key, places in self._offsets.items():
            yield key, self._read_values(places)

    def _read_values(self, places: array[int]) -> list[Any]:
        values = []
        for place in places:
            self._file.seek(place)
            values.append(json.loads(self._file.readline()))
        return values

    def close(self) -> None:
        """Delete the store."""
        self._file.close()
