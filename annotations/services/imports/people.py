"""The users whom a file names."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from annotations.services.imports.run import Run, chunks

# A corpus has a few hundred users at most.
_MOST_KNOWN = 10_000


def find(context: Run, names: Iterable[str]) -> None:
    """Load the ids of users by name. An unknown name becomes a user who cannot sign in.

    Only a restore uses the names of the file; a plain import uses that of the owner alone.
    """
    if len(context.people) > _MOST_KNOWN:
        context.people.clear()
    unknown = sorted(set(names) - context.people.keys())
    for chunk in chunks(unknown):
        context.people.update(User.objects.filter(username__in=chunk).values_list("username", "pk"))
    missing = [name for name in unknown if name not in context.people]
    if missing:
        nobody = make_password(None)
        User.objects.bulk_create(User(username=name, password=nobody, is_active=False) for name in missing)
        find(context, missing)
