"""The users whom a file names."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from annotations.formats.core import records
from annotations.formats.core.term_mapping import read_pairs
from annotations.messages import message
from annotations.models import Corpus, Role
from annotations.services.core.sets import find_user, require_member
from annotations.services.core.usernames import normalize_username
from annotations.services.exchange.imports.context import ImportContext, parameter_batches
from annotations.services.exchange.imports.options import invalid_parameter
from annotations.text.gate import excerpt

# A corpus has a few hundred users at most.
_MOST_KNOWN = 10_000


def names_in_sets(sets: Iterable[records.AnnotationSet]) -> set[str]:
    """Return the names of the users whom sets and their comments name."""
    rows = list(sets)
    names = {row.owner for row in rows} | {row.reviewer for row in rows}
    comments = [comment for row in rows for comment in row.comments]
    names |= {comment.author for comment in comments} | {comment.resolved_by for comment in comments}
    names |= {row.carry.by for row in rows if row.carry is not None}
    names |= {item.by for row in rows for item in row.carry_items}
    return {name for name in names if name}


def load_users(context: ImportContext, names: Iterable[str]) -> None:
    """Load the ids of users by name. An unknown name becomes a user who cannot sign in.

    Only a restore uses the names of the file; a plain import uses that of the owner alone.
    """
    if len(context.user_ids) > _MOST_KNOWN:
        context.user_ids.clear()
    unknown = sorted(set(names) - context.user_ids.keys())
    for chunk in parameter_batches(unknown):
        context.user_ids.update(User.objects.filter(username__in=chunk).values_list("username", "pk"))
    missing = {name: normalize_username(name) for name in unknown if name not in context.user_ids}
    if not missing:
        return
    known = set(User.objects.filter(username__in=missing.values()).values_list("username", flat=True))
    nobody = make_password(None)
    new = sorted(set(missing.values()) - known)
    User.objects.bulk_create(User(username=name, password=nobody, is_active=False) for name in new)
    ids = dict(User.objects.filter(username__in=missing.values()).values_list("username", "pk"))
    context.user_ids.update((name, ids[normal]) for name, normal in missing.items())


def find_members(corpus: Corpus, owners: str) -> dict[str, User]:
    """Return the members of a mapping such as ``ann:1,ben:2`` by the names that the file has for them."""
    found: dict[str, User] = {}
    for name, theirs in read_pairs(
        owners, "owners", "a user name, a colon and a name of the file, such as ann:1"
    ):
        if theirs in found:
            detail = f"“{excerpt(theirs)}” is named twice; name it once."
            raise invalid_parameter("owners", detail)
        user = find_user(name, location=message("the parameter owners"))
        require_member(user, corpus, Role.ANNOTATOR)
        found[theirs] = user
    return found
