"""The names of accounts: stored as the sign-in form reads them, and unique by one fold on both engines."""

from __future__ import annotations

from django.contrib.auth.models import User

from annotations.exceptions import DuplicateError
from annotations.messages import message
from annotations.text.usernames import derive_username, fold_username


def normalize_username(name: str) -> str:
    """Return a name as Django's forms read it (NFKC): full-width letters and ligatures are plain ones."""
    return User.normalize_username(name)


def require_free_username(name: str, *, but: User | None = None) -> None:
    """Raise ``DuplicateError`` if another account has the name, in any case of its letters.

    Names are folded here and not in the database: SQLite would fold ASCII only.
    """
    rows = User.objects.all() if but is None else User.objects.exclude(pk=but.pk)
    wanted = fold_username(name)
    names = rows.order_by().values_list("username", flat=True)
    if any(fold_username(taken) == wanted for taken in names.iterator(chunk_size=2000)):
        raise DuplicateError(message("There is somebody of this name already; choose another one."))


def choose_username(wanted: str) -> str:
    """Return a free and valid username like the one that a sign-in service gives to a new person."""
    names = User.objects.order_by().values_list("username", flat=True)
    return derive_username(wanted, {fold_username(name) for name in names.iterator(chunk_size=2000)})
