"""What a broken database constraint means to the person whose write broke it.

Services look before they write, in the same transaction, so this is for the write that lost a race.
On SQLite none can: its transactions are IMMEDIATE, and the look and the write are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError

from annotations.exceptions import Duplicate, IdTaken, StandpointError
from annotations.says import says

P = ParamSpec("P")
R = TypeVar("R")


def constraint_name(error: IntegrityError) -> str | None:
    """The constraint that was broken, where the database tells it (PostgreSQL does)."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


@contextmanager
def meaning(refusals: Mapping[str, StandpointError]) -> Iterator[None]:
    """Turn the break of a named constraint, or of a primary key, into a refusal."""
    try:
        yield
    except IntegrityError as error:
        name = constraint_name(error) or ""
        if name.endswith("_pkey"):
            raise IdTaken(says("This id was taken a moment ago; choose another one.")) from error
        if name in refusals:
            raise refusals[name] from error
        raise


def repeatable(write: Callable[P, R]) -> Callable[P, R]:
    """Let a write that found its id or its name taken look once more.

    Of two equal requests at the same moment one comes second, when its first look is over already.
    The second look finds what the other one stored: the same, which is a repeat, or another thing.
    """

    @wraps(write)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return write(*args, **kwargs)
        except (Duplicate, IdTaken):
            return write(*args, **kwargs)

    return again
