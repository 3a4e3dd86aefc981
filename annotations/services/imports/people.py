"""The people whom a file names."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from annotations.services.imports.run import Run, chunks

# Whoever worked in a corpus is a few hundred people at most.
_MOST_KNOWN = 10_000


def find(run: Run, names: Iterable[str]) -> None:
    """Know the keys of these people. Who is unknown becomes somebody who cannot sign in.

    Only a restore names people of the file; a plain import names the owner alone.
    """
    if len(run.people) > _MOST_KNOWN:
        run.people.clear()
    unknown = sorted(set(names) - run.people.keys())
    for chunk in chunks(unknown):
        run.people.update(User.objects.filter(username__in=chunk).values_list("username", "pk"))
    missing = [name for name in unknown if name not in run.people]
    if missing:
        nobody = make_password(None)
        User.objects.bulk_create(User(username=name, password=nobody, is_active=False) for name in missing)
        find(run, missing)
