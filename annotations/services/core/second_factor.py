"""The second factor of accounts that sign in with a password: codes of an app, and codes on paper.

A code is good once, on all processes: the step of the clock that it belongs to is stored, and no code of
that step or of an earlier one is taken again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from annotations.models import Membership, Role
from annotations.services.core.sets import lock_user

logger = logging.getLogger(__name__)

_BLANKS = re.compile(r"[\s-]+")


class SecretAdapter(DefaultMFAAdapter):
    """The library's adapter, which stores secrets encrypted with a key that is made from ``SECRET_KEY``.

    Whoever has a copy of the database alone can make no codes.
    """

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return str(_cipher().encrypt(text.encode()).decode())

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret; raise ``InvalidToken`` if it was stored with another key."""
        return str(_cipher().decrypt(encrypted_text.encode()).decode())


def _cipher() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (hashlib.sha256(b"standpoint second factor " + str(key).encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def has_second_factor(user: User) -> bool:
    """Return whether the account has an app that gives codes."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def is_second_factor_required(user: User) -> bool:
    """Return whether the account may not be without one."""
    if settings.MFA_REQUIRED == "MANAGERS":
        manages = Membership.objects.filter(user=user, role=Role.MANAGER)
        return user.is_superuser or manages.exists()
    return bool(settings.MFA_REQUIRED == "ALL")


@transaction.atomic
def add_second_factor(user: User, secret: str, code: str) -> list[str] | None:
    """Store the secret of an app that gives the right code; return recovery codes, or None if it is wrong.

    An account has one app; where there is one already, nothing is changed.
    """
    lock_user(user)
    counter = _matching_counter(secret, code, after=-1)
    if counter is None or has_second_factor(user):
        return None
    row = TOTP.activate(user, secret).instance
    row.data["last_counter"] = counter
    row.save(update_fields=["data"])
    logger.info("%s has a second factor now.", user.get_username())
    return renew_recovery_codes(user)


@transaction.atomic
def check_code(user: User, code: str) -> bool:
    """Return whether a code of the app or of the list is right; it is used up by that."""
    rows = Authenticator.objects.select_for_update().filter(user=user).order_by("pk")
    by_type = {row.type: row for row in rows}
    app, paper = by_type.get(Authenticator.Type.TOTP), by_type.get(Authenticator.Type.RECOVERY_CODES)
    if app is None:
        return False
    try:
        return _use_app_code(app, code) or (
            paper is not None and bool(RecoveryCodes(paper).validate_code(_BLANKS.sub("", code)))
        )
    except InvalidToken:
        logger.error(  # noqa: TRY400 - the sentence says all
            "The second factor of %s was stored with another SECRET_KEY; remove_second_factor ends it.",
            user.get_username(),
        )
        return False


@transaction.atomic
def renew_recovery_codes(user: User) -> list[str]:
    """Return new recovery codes; the old ones end. They are shown this once."""
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    return [f"{code[:4]} {code[4:]}" for code in codes]


def count_recovery_codes(user: User) -> int:
    """Return how many recovery codes are left."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    try:
        return len(RecoveryCodes(row).get_unused_codes()) if row else 0
    except InvalidToken:
        return 0


@transaction.atomic
def remove_second_factor(user: User) -> bool:
    """Remove the app and the recovery codes of an account; return whether there was something."""
    deleted, _ = Authenticator.objects.filter(user=user).delete()
    if deleted:
        logger.warning("The second factor of %s was removed.", user.get_username())
    return bool(deleted)


def _use_app_code(row: Authenticator, code: str) -> bool:
    counter = _matching_counter(decrypt(row.data["secret"]), code, after=row.data.get("last_counter", -1))
    if counter is None:
        return False
    row.data["last_counter"] = counter
    row.save(update_fields=["data"])
    return True


def _matching_counter(secret: str, code: str, *, after: int) -> int | None:
    """Return the step of the clock that a code belongs to, if it is a later one than ``after``."""
    sent = _BLANKS.sub("", code).encode(errors="replace")
    for counter in yield_hotp_counters_from_time():
        right = format_hotp_value(hotp_value(secret, counter)).encode()
        if hmac.compare_digest(right, sent) and counter > after:
            return int(counter)
    return None
