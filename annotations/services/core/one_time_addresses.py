"""Addresses with which a superuser comes in once, without a password and without the sign-in service."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

#: Seconds for which such an address works.
SECONDS = 15 * 60


class _OneTimeTokenGenerator(PasswordResetTokenGenerator):
    """Django's generator: what it makes ends with the next sign-in, and with a new password."""

    key_salt = "standpoint.one-time-address"


_generator = _OneTimeTokenGenerator()


def make_token(user: User) -> str:
    """Return the secret part of an address for a superuser."""
    return _generator.make_token(user)


def is_good(user: User, token: str) -> bool:
    """Return whether a token is of this superuser, unused, and not too old."""
    may_enter = user.is_active and user.is_staff and user.is_superuser
    return may_enter and _generator.check_token(user, token) and _age(token) <= SECONDS


def _age(token: str) -> float:
    seconds = base36_to_int(token.partition("-")[0])
    # as the generator counts: since 2001, in the clock of the machine
    return (_generator._now() - datetime(2001, 1, 1)).total_seconds() - seconds  # noqa: DTZ001
