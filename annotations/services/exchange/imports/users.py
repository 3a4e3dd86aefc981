"""The users whom a file names."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from annotations.services.exchange.imports.context import ImportContext, parameter_chunks

# A corpus has a few hundred users at most.
_MOST_KNOWN = 10_000


def load_users(context: ImportContext, names: Iterable[str]) -> None:
    """Load the ids of users by name. An unknown name becomes a user who cannot sign in.

    Only a restore uses the names of the file; a plain import uses that of the owner alone.
    """
    if len(context.user_ids) > _MOST_KNOWN:
        context.user_ids.clear()
    unknown = sorted(set(names) - context.user_ids.keys())
    for chunk in parameter_chunks(unknown):
        context.user_ids.update(User.objects.filter(username__in=chunk).values_list("username", "pk"))
    missing = [name for name in unknown if name not in context.user_ids]
    if missing:
        nobody = make_password(None)
        User.objects.bulk_create(User(username=name, password=nobody, is_active=False) for name in missing)
        load_users(context, missing)
