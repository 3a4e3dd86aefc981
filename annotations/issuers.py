"""The sign-in service of the house, as the settings describe it, and what its groups may do here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from annotations import limits

#: The roles that a group may give, lowest first; as in ``models.Role``.
ROLES = ("viewer", "annotator", "reviewer", "manager")
SUPERUSER = "superuser"

_SLUG = re.compile(rf"\A{limits.SLUG_PATTERN}\Z")


@dataclass(frozen=True, slots=True)
class GroupRule:
    """A rule: whoever is in the group has the role in the corpus, or is a superuser (``corpus`` is empty)."""

    group: str
    corpus: str
    role: str


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """The sign-in service: how it calls itself, how it knows us, and what its groups may do."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    groups_claim: str = "groups"
    rules: tuple[GroupRule, ...] = ()

    def roles_of(self, groups: Iterable[str]) -> dict[str, str]:
        """Return the highest role that these groups give in each corpus: slug → role."""
        roles: dict[str, str] = {}
        for rule in self._rules_for(groups):
            if rule.corpus and ROLES.index(rule.role) >= ROLES.index(roles.get(rule.corpus, ROLES[0])):
                roles[rule.corpus] = rule.role
        return roles

    def gives_superuser(self, groups: Iterable[str]) -> bool:
        """Return whether one of these groups makes people superusers."""
        return any(not rule.corpus for rule in self._rules_for(groups))

    def _rules_for(self, groups: Iterable[str]) -> Iterator[GroupRule]:
        names = frozenset(groups)
        return (rule for rule in self.rules if rule.group in names)


def parse_group_rules(text: str) -> tuple[GroupRule, ...]:
    """Return the rules of ``group=corpus:role;group=superuser``; raise ``ValueError`` with a sentence.

    A group may hold ``=`` itself, as the names of a directory do: the last one divides.
    """
    return tuple(_parse_rule(part.strip()) for part in text.split(";") if part.strip())


def _parse_rule(part: str) -> GroupRule:
    group, equals, target = (piece.strip() for piece in part.rpartition("="))
    if not equals or not group or not target:
        raise ValueError(f"{part!r} is no rule; write group=corpus:role or group=superuser.")
    if target == SUPERUSER:
        return GroupRule(group, "", SUPERUSER)
    corpus, colon, role = target.partition(":")
    if not colon:
        raise ValueError(f"{part!r} names no role; write group=corpus:role or group=superuser.")
    if not _SLUG.fullmatch(corpus) or len(corpus) > limits.MAX_SLUG:
        raise ValueError(
            f"{corpus!r} in {part!r} is no slug of a corpus: lower-case letters, digits and hyphens."
        )
    if role not in ROLES:
        raise ValueError(f"{role!r} in {part!r} is no role; there are {', '.join(ROLES)}.")
    return GroupRule(group, corpus, role)
