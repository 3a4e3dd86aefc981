"""Rows of the service by their addresses: read, created, changed and deleted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from standpoint_client.errors import ProblemError
from standpoint_client.transport import Transport

Row = dict[str, Any]


class Api:
    """The paths of the API, relative to ``/api/v1/``."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def get(self, path: str, **params: Any) -> Row:
        """Return what stands at an address."""
        return cast(Row, self.transport.send("GET", path, params=params).json())

    def rows(self, path: str, **params: Any) -> Iterator[Row]:
        """Yield all rows of a list, page after page."""
        page = self.get(path, **params)
        while True:
            yield from page["results"]
            if page["next"] is None:
                return
            page = self.get(page["next"])

    def create(self, path: str, row: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Any:
        """Create a row, or a list of rows, and return what was stored.

        Rows without an ``id`` get one here, so that a request whose answer was lost creates nothing twice.
        """
        named = _with_id(row) if isinstance(row, Mapping) else [_with_id(one) for one in row]
        return self.transport.send("POST", path, json=named).json()

    def act(self, path: str, body: Mapping[str, Any] | None = None, *, version: int | None = None) -> Any:
        """Do what an address does, such as ``sets/{id}/submit/``, at the version that was seen."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.transport.send("POST", path, json=dict(body or {}), headers=headers).json()

    def edit(self, path: str, **changes: Any) -> Row:
        """Change fields of a row, whatever else changes of it meanwhile, and return the row.

        If somebody else changed one of the same fields after it was read here, the refusal (412) is raised.
        """
        seen = self._read(path)
        current = seen
        while True:
            headers = {"If-Match": f'"{current["version"]}"'}
            try:
                return cast(Row, self.transport.send("PATCH", path, json=changes, headers=headers).json())
            except ProblemError as refusal:
                if refusal.status != 412:
                    raise
                current = self._read(path)
                if any(current.get(name) != seen.get(name) for name in changes):
                    raise

    def delete(self, path: str, *, version: int) -> None:
        """Delete a row at the version that was seen; one that is gone already is no error."""
        try:
            self.transport.send("DELETE", path, headers={"If-Match": f'"{version}"'})
        except ProblemError as refusal:
            if refusal.status != 404:
                raise

    def _read(self, path: str) -> Row:
        response = self.transport.send("GET", path)
        row = cast(Row, response.json())
        return {**row, "version": int(response.headers["ETag"].removeprefix("W/").strip('"'))}


def _with_id(row: Mapping[str, Any]) -> Row:
    return {"id": str(uuid.uuid4()), **row}
