"""Usernames as they are compared: one fold for everything that looks a person up by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import count

from annotations import limits

#: What stands in for the name of somebody whose own has no letter or digit that may stay.
NAMELESS = "person"

_NOT_ALLOWED = re.compile(r"[^\w.@+-]+")


def fold_username(name: str) -> str:
    """Return a username for comparison: in its compatibility form and without case.

    Folding case can undo the compatibility form, so that is made again.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def derive_username(wanted: str, taken: Collection[str]) -> str:
    """Return a valid username like the one that is wanted, unlike all folded names that are taken.

    What no username may hold becomes a hyphen, and the second person of a name gets -2.
    """
    name = _NOT_ALLOWED.sub("-", unicodedata.normalize("NFKC", wanted)).strip("-")[: limits.MAX_USERNAME]
    name = name if any(map(str.isalnum, name)) else NAMELESS
    if fold_username(name) not in taken:
        return name
    suffixes = (f"-{number}" for number in count(2))
    names = (name[: limits.MAX_USERNAME - len(suffix)] + suffix for suffix in suffixes)
    return next(other for other in names if fold_username(other) not in taken)
