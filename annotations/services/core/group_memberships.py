"""What the groups of the sign-in service do here: memberships and superusers, at each sign-in.

Only what groups have given is ever changed or taken away: a membership that a manager has given, or has
changed, stays as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from django.contrib.auth.models import User
from django.db.models import Q

from annotations.issuers import ROLES
from annotations.models import Corpus, Membership, Role
from annotations.services.core.corpora import is_last_manager, record_member_event

logger = logging.getLogger(__name__)

REASON = "single sign-on"


def apply_group_roles(user: User, roles: Mapping[str, str], known: Collection[str] = ()) -> None:
    """Give, change and take away the memberships that groups decide on; ``roles`` is slug → role.

    ``known`` are all slugs that the settings name, of which those without a corpus are logged. The caller
    has opened the transaction. Rows are locked in the order of their keys, as everywhere.
    """
    given_before = Q(memberships__user=user, memberships__from_sso=True)
    keys = Corpus.objects.filter(Q(slug__in=roles) | given_before).values("pk")
    # The same rows are locked by whoever changes members by hand.
    corpora = list(Corpus.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    members = {row.corpus_id: row for row in Membership.objects.filter(user=user, corpus__in=corpora)}
    for corpus in corpora:
        wanted, member = roles.get(corpus.slug), members.get(corpus.pk)
        if member is None and wanted is not None:
            _give(user, corpus, Role(wanted))
        elif member is not None and member.from_sso and wanted is None:
            _take_away(member, corpus)
        elif member is not None and wanted is not None and member.from_sso and member.role != wanted:
            _change(member, corpus, Role(wanted))
    missing = set(known) - set(Corpus.objects.filter(slug__in=known).values_list("slug", flat=True))
    if missing:
        logger.warning("OIDC_GROUP_ROLES names corpora that there are not: %s.", ", ".join(sorted(missing)))


def _give(user: User, corpus: Corpus, role: Role) -> None:
    if corpus.archived:
        return
    member = Membership.objects.create(corpus=corpus, user=user, role=role, from_sso=True)
    record_member_event(None, "member_added", member, after={"role": role, "reason": REASON})


def _change(member: Membership, corpus: Corpus, role: Role) -> None:
    is_less = ROLES.index(role) < ROLES.index(member.role)
    # An archived corpus is read-only, but nobody keeps there what a group no longer gives.
    if (corpus.archived and not is_less) or (is_less and _must_stay(member, corpus)):
        return
    before = {"role": member.role}
    member.role = role
    member.version += 1
    member.save(force_update=True)
    record_member_event(None, "member_changed", member, before=before, after={"role": role, "reason": REASON})


def _take_away(member: Membership, corpus: Corpus) -> None:
    if _must_stay(member, corpus):
        return
    record_member_event(
        None, "member_removed", member, before={"role": member.role}, after={"reason": REASON}
    )
    member.delete()


def _must_stay(member: Membership, corpus: Corpus) -> bool:
    if not is_last_manager(member):
        return False
    logger.warning(
        "%s stays manager of %s without a group that says so, as its last one; make somebody else a manager.",
        member.user.get_username(),
        corpus.slug,
    )
    return True
