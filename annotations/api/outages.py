"""Answers while the database or the disk does not serve: what happened, and whether anything was stored."""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping
from typing import Any

from django.db import Error, InterfaceError, OperationalError

from annotations.api import problems
from annotations.api.operations import OperationTables, RequestBodySpec
from annotations.api.problems import ProblemResponse, problem_response
from annotations.messages import message
from annotations.services.core.read_only_server import discard_connections, is_read_only
from annotations.services.jobs.storage import StorageAwayError

logger = logging.getLogger(__name__)

RETRY_AFTER = {"Retry-After": problems.RETRY_AFTER}
#: Somebody has to make room first.
RETRY_AFTER_ROOM = {"Retry-After": "60"}

BUSY = message("The database cannot answer for the moment; nothing was changed; try again in a few seconds.")
UNKNOWN = message(
    "The database went away, and it is not known whether the change was stored. Send the same request again: "
    "an id or a version in it keeps it from being stored twice."
)
AWAY = message("The store of files does not answer for the moment; try again in a few seconds.")
FULL = message("The disk of the service is full or broken, so that nothing can be stored; tell the operator.")

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FULL = (errno.ENOSPC, errno.EDQUOT)
# PostgreSQL has a code for it, SQLite says it in words; it says the second where its log finds no room.
_FULL_STATE = "53100"
_FULL_WORDS = ("database or disk is full", "disk I/O error")
_LOCKED_WORDS = ("database is locked", "database table is locked")
# Classes of errors with which PostgreSQL ends the connection and not just the statement.
_LOST_STATES = ("08", "57P")


def is_outage(error: BaseException | None) -> bool:
    """Return whether an error says that the database or the disk does not serve, and no fault of ours."""
    return (
        is_full(error)
        or isinstance(error, (OperationalError, InterfaceError, StorageAwayError))
        or is_read_only(error)
    )


def is_full(error: BaseException | None) -> bool:
    """Return whether an error says that there is no room on a disk."""
    if isinstance(error, Error):
        return _state(error) == _FULL_STATE or any(words in str(error) for words in _FULL_WORDS)
    return isinstance(error, OSError) and error.errno in _FULL


def answer(error: Exception, context: Mapping[str, Any]) -> ProblemResponse:
    """Return the problem document for an outage during a request to the API; the log has the reason."""
    logger.error("The database or the disk could not serve.", exc_info=error)
    if is_read_only(error):
        discard_connections()
    if is_full(error):
        return problem_response("unavailable", FULL, headers=RETRY_AFTER_ROOM)
    if isinstance(error, StorageAwayError):
        return problem_response("unavailable", AWAY, headers=RETRY_AFTER)
    if _is_unchanged(error, context):
        return problem_response("unavailable", BUSY, headers=RETRY_AFTER)
    return problem_response("unavailable", UNKNOWN, headers=RETRY_AFTER, outcome="unknown")


def _is_unchanged(error: Exception, context: Mapping[str, Any]) -> bool:
    """Return whether nothing was stored for certain: the database has said no, or nothing was to be."""
    request, view = context.get("request"), context.get("view")
    method = getattr(request, "method", None)
    if method in _SAFE:
        return True
    body = view.request_bodies.get(str(method)) if isinstance(view, OperationTables) else None
    if isinstance(body, RequestBodySpec) and body.content is None:
        return False  # a file is stored in several transactions
    state = _state(error)
    if state:
        return not state.startswith(_LOST_STATES)
    return any(words in str(error) for words in _LOCKED_WORDS)


def _state(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""
