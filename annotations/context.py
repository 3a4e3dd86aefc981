"""Values of the current request that no function passes on as an argument."""

from __future__ import annotations

from contextvars import ContextVar

#: The id of the request in the log, in the audit trail and in its response. None outside a request,
#: as in management commands.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

#: The position in the log of the database that a replica must have replayed for the request to be read
#: there. None: everything up to now.
read_after: ContextVar[int | None] = ContextVar("read_after", default=None)
