"""What the current request carries along without being passed from hand to hand."""

from __future__ import annotations

from contextvars import ContextVar

#: The id under which a request stands in the log, in the audit trail and in its own answer; None
#: outside a request, as in management commands.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
