"""The users whom a file names."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from annotations.formats.translation import read_pairs
from annotations.models import Corpus, Role
from annotations.says import says
from annotations.services.imports.options import invalid_parameter
from annotations.services.imports.run import Run, chunks
from annotations.services.sets import find_user, require_member
from annotations.text.gate import excerpt

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


def find_members(corpus: Corpus, owners: str) -> dict[str, User]:
    """Return the members of a mapping such as ``ann:1,ben:2`` by the names that the file has for them."""
    found: dict[str, User] = {}
    for name, theirs in read_pairs(
        owners, "owners", "a user name, a colon and a name of the file, such as ann:1"
    ):
        if theirs in found:
            detail = f"“{excerpt(theirs)}” is named twice; name it once."
            raise invalid_parameter("owners", detail)
        user = find_user(name, at=says("the parameter owners"))
        require_member(user, corpus, Role.ANNOTATOR)
        found[theirs] = user
    return found
