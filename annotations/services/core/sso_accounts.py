"""The accounts of people who come from the sign-in service of the house.

A person is known by the issuer and by the subject that it gives, and by nothing else: names and mail
addresses pass from one person to another. An account that was here before is linked by its owner only.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from annotations import limits
from annotations.exceptions import (
    DuplicateError,
    InsufficientRoleError,
    NotAllowedNowError,
    TextNotAllowedError,
)
from annotations.issuers import IssuerSettings
from annotations.messages import message
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.group_memberships import apply_group_roles
from annotations.services.core.sets import lock_user
from annotations.services.core.usernames import choose_username
from annotations.text.gate import check_line

logger = logging.getLogger(__name__)

_TAKEN = DuplicateError(message("Somebody is signing in with this name at this moment; try again."))
#: Of the libraries and of Django, on both engines.
_CONSTRAINTS = {
    "auth_user_username_key": _TAKEN,
    "socialaccount_socialaccount_provider_uid_fc810c6e_uniq": _TAKEN,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the sign-in service describes them; ``username`` and the rest only fill a new account."""

    issuer: str
    subject: str
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    groups: frozenset[str] = frozenset()


@retry_on_conflict
@transaction.atomic
def admit_person(identity: Identity, issuer: IssuerSettings) -> User:
    """Return the account of a person, made if there is none, with what their groups give at this moment."""
    link = _find_link(identity)
    if link is None:
        with translate_integrity_errors(_CONSTRAINTS):
            link = _create_account(identity)
    user: User = link.user
    if not user.is_active or not user.is_staff:
        raise InsufficientRoleError(
            message(
                "The account {user} is deactivated here; ask whoever administers this service.",
                user=user.get_username(),
            )
        )
    apply_group_roles(
        user, issuer.roles_of(identity.groups), {rule.corpus for rule in issuer.rules if rule.corpus}
    )
    _apply_superuser(link, issuer.gives_superuser(identity.groups))
    return user


@retry_on_conflict
@transaction.atomic
def link_account(user: User, identity: Identity) -> None:
    """Link the account of a user to an identity; the same link again is a repeat."""
    lock_user(user)
    link = _find_link(identity)
    if link is not None and link.user_id != user.pk:
        raise DuplicateError(
            message(
                "“{name}” belongs to another account of this service; sign in with it, and end that there.",
                name=identity.username or identity.subject,
            )
        )
    if link is not None:
        return
    if find_link(user, identity.issuer) is not None:
        raise DuplicateError(
            message("Your account is connected to somebody else there; disconnect it before.")
        )
    with translate_integrity_errors(_CONSTRAINTS):
        _store_link(user, identity)
    logger.info("%s was linked to %s of %s.", user.get_username(), identity.subject, identity.issuer)


@transaction.atomic
def unlink_account(user: User, issuer: str) -> None:
    """End the link of an account, whose owner has a password to go on with; nothing to end is a repeat.

    What groups have given goes with it: nobody could take it away later.
    """
    lock_user(user)
    link = find_link(user, issuer)
    if link is None:
        return
    if not user.has_usable_password():
        raise NotAllowedNowError(
            message("Your account has no password, so that nobody could sign in to it any more."),
            state="linked",
            allowed=[],
        )
    apply_group_roles(user, {})
    _apply_superuser(link, False)
    link.delete()
    logger.info("%s was unlinked from %s of %s.", user.get_username(), link.uid, issuer)


def find_link(user: User, issuer: str) -> SocialAccount | None:
    """Return the link of an account with the sign-in service, if it has one."""
    return SocialAccount.objects.filter(user=user, provider=issuer).first()


def _find_link(identity: Identity) -> SocialAccount | None:
    rows = SocialAccount.objects.select_for_update(of=("self",)).select_related("user")
    return rows.filter(provider=identity.issuer, uid=identity.subject).first()


def _create_account(identity: Identity) -> SocialAccount:
    email = _clean_email(identity.email)
    user = User(
        username=choose_username(identity.username or email.partition("@")[0]),
        first_name=_clean_line(identity.first_name),
        last_name=_clean_line(identity.last_name),
        email=email,
        is_staff=True,
    )
    user.set_unusable_password()
    user.save(force_insert=True)
    logger.info("%s was made for %s of %s.", user.get_username(), identity.subject, identity.issuer)
    return _store_link(user, identity)


def _store_link(user: User, identity: Identity) -> SocialAccount:
    # The claims themselves are not kept: they are about people, and out of date tomorrow.
    return SocialAccount.objects.create(
        user=user,
        provider=identity.issuer,
        uid=identity.subject,
        extra_data={"name": _clean_line(identity.username)},
    )


def _apply_superuser(link: SocialAccount, is_given: bool) -> None:
    """Make a superuser of whom a group makes one, and take away only what a group has given."""
    was_given = bool(link.extra_data.get("superuser"))
    user = link.user
    if is_given == was_given or (is_given and user.is_superuser):
        return
    user.is_superuser = is_given
    user.save(update_fields=["is_superuser"])
    link.extra_data = {**link.extra_data, "superuser": is_given}
    link.save(update_fields=["extra_data"])
    logger.warning(
        "%s is %s a superuser, by single sign-on.", user.get_username(), "now" if is_given else "no longer"
    )


def _clean_line(value: str) -> str:
    """Return a name that may be stored, or nothing."""
    try:
        check_line(value, "name", limits.MAX_USERNAME)
    except TextNotAllowedError:
        return ""
    return value


def _clean_email(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        return ""
    return value if len(value) <= limits.MAX_EMAIL else ""
