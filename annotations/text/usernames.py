"""Usernames as they are compared: one fold for everything that looks a person up by name."""

from __future__ import annotations

import unicodedata


def fold_username(name: str) -> str:
    """Return a username for comparison: in its compatibility form and without case.

    Folding case can undo the compatibility form, so that is made again.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
