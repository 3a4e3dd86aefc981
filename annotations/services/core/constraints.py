"""Translating violated database constraints into errors of the service.

Services check before they write, in the same transaction, so a constraint is violated only by a write
that lost a race. On SQLite none can that looks and writes in one transaction: they are IMMEDIATE and run
one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError

from annotations.exceptions import DuplicateError, IdTakenError, StandpointError
from annotations.messages import message

# All keys of ours are called id or seq.
_SQLITE_KEY = re.compile(r"failed: (\w+)\.(?:id|seq)$")
P = ParamSpec("P")
R = TypeVar("R")


def constraint_name(error: IntegrityError) -> str | None:
    """Return the name of the violated constraint; on SQLite, which gives columns, only of a primary key."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None:
        match = _SQLITE_KEY.search(str(error))
        return f"{match[1]}_pkey" if match else None
    return getattr(diagnosis, "constraint_name", None)


@contextmanager
def translate_integrity_errors(errors_by_constraint: Mapping[str, StandpointError]) -> Iterator[None]:
    """Raise the error of a violated constraint, by its name, or ``IdTakenError`` for a primary key."""
    try:
        yield
    except IntegrityError as error:
        name = constraint_name(error) or ""
        if name.endswith("_pkey"):
            raise IdTakenError(message("This id was taken a moment ago; choose another one.")) from error
        if name in errors_by_constraint:
            raise errors_by_constraint[name] from error
        raise


def retry_on_conflict(write: Callable[P, R]) -> Callable[P, R]:
    """Call a write a second time if it found its id or its name taken.

    Of two equal requests at the same moment, the second one checks before the first one commits. Its
    second call sees the stored row: an equal one, which makes it a repeat, or another one, which raises.
    """

    @wraps(write)
    def with_retry(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return write(*args, **kwargs)
        except (DuplicateError, IdTakenError):
            return write(*args, **kwargs)

    return with_retry
