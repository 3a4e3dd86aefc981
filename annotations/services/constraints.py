"""What a broken database constraint means to the person whose write broke it.

Services look before they write, so this is for the write that lost a race. On SQLite none can:
its transactions are IMMEDIATE, and the look and the write are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError

from annotations.exceptions import IdTaken, StandpointError


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
            raise IdTaken("This id was taken a moment ago; choose another one.") from error
        if name in refusals:
            raise refusals[name] from error
        raise
