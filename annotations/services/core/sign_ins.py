"""Limits of sign-ins: by account and by address with a growing delay, and of how many are looked at at once.

Requests for a new password have the same limits, and count for their address like a failed sign-in. So have
the codes of a second factor, with a count of their own: a password that is right forgets no wrong codes.

A failure is counted before the password is looked at, so that a hundred tries at the same moment are not all
looked at. What is refused says nothing about the account: an unknown name is counted like a known one.
"""

from __future__ import annotations

import hashlib
import logging
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotations import limits
from annotations.exceptions import TooManySignInsError
from annotations.messages import message
from annotations.models import SignInFailures
from annotations.text.usernames import fold_username

logger = logging.getLogger(__name__)

#: After so long without a failure nothing is remembered.
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class _Limit:
    """How many failures cost nothing, and for how long at most one more is waited for, in seconds."""

    free: int
    longest: int

    def delay(self, failures: int) -> timedelta:
        """Return how long no more are looked at after so many failures: twice as long each time."""
        beyond = failures - self.free
        return timedelta(seconds=min(2 ** min(beyond, 20), self.longest) if beyond >= 0 else 0)


#: Many people can have one address, such as those of one office.
LIMITS = {
    "account": _Limit(limits.FREE_FAILURES_OF_ACCOUNT, limits.LONGEST_SIGN_IN_DELAY),
    "reset": _Limit(limits.FREE_FAILURES_OF_ACCOUNT, limits.LONGEST_SIGN_IN_DELAY),
    "code": _Limit(limits.FREE_FAILURES_OF_ACCOUNT, limits.LONGEST_SIGN_IN_DELAY),
    "address": _Limit(limits.FREE_FAILURES_OF_ADDRESS, limits.LONGEST_SIGN_IN_DELAY),
}

# Hashing a password takes a third of a second of a processor. One at a time leaves the other processors to
# everybody else, and a few may wait for it without taking all threads of the process.
_hashing = threading.Lock()
_entrance = threading.BoundedSemaphore(settings.SIGN_INS_AT_ONCE)


class Attempt:
    """A sign-in that is being looked at; a failed one unless ``succeed`` is called."""

    def __init__(self, keys: dict[str, str]) -> None:
        self._keys = keys
        self.has_succeeded = False

    def succeed(self) -> None:
        """Forget the failures of the account, and count none for the address."""
        self.has_succeeded = True
        now = timezone.now()
        with transaction.atomic():
            for row in SignInFailures.objects.select_for_update().filter(pk__in=self._keys).order_by("pk"):
                kind = self._keys[row.key]
                row.failures = max(0, row.failures - 1) if kind == "address" else 0
                row.blocked_until = now + LIMITS[kind].delay(row.failures)
                row.save()
            SignInFailures.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()


@contextmanager
def attempt(username: str, address: str, kind: str = "account") -> Iterator[Attempt]:
    """Count a sign-in, and hold the right to look at its password; raise ``TooManySignInsError``.

    ``kind``: the limit that counts for the account, ``code`` for a second factor.
    """
    if not _entrance.acquire(blocking=False):
        raise _sign_in_error(2)
    try:
        keys = _keys(kind, username, address)
        current = Attempt(keys)
        failures = _count_sign_in(keys, username, address)
        try:
            with _hashing:
                yield current
        finally:
            if not current.has_succeeded:
                logger.warning(
                    "A sign-in as %r from %s failed; failures in a row: %s.",
                    *_logged(username, address),
                    failures,
                )
    finally:
        _entrance.release()


def _count_sign_in(keys: dict[str, str], username: str, address: str) -> int:
    try:
        return _count(keys)
    except _TooSoonError as error:
        logger.warning(
            "A sign-in as %r from %s was not looked at; the next one is in %s seconds.",
            *_logged(username, address),
            error.seconds,
        )
        raise _sign_in_error(error.seconds) from None


def count_reset(email: str, address: str) -> None:
    """Count a request for a new password, whether there is such an account or not.

    Raises ``TooManySignInsError`` if the account or the address of the client has to wait.
    """
    try:
        _count(_keys("reset", email, address))
    except _TooSoonError as error:
        logger.warning(
            "A new password for %r was not mailed to %s; the next one is in %s seconds.",
            *_logged(email, address),
            error.seconds,
        )
        raise TooManySignInsError(
            message(
                "There were too many requests for a new password; try again in {seconds} seconds.",
                seconds=error.seconds,
            ),
            wait=error.seconds,
        ) from None
    logger.info("A new password for %r was asked for from %s.", *_logged(email, address))


def forget_failures(username: str) -> None:
    """Forget the failures of an account, whose owner has proved who they are in another way."""
    SignInFailures.objects.filter(pk__in=_keys("account", username, "")).delete()


class _TooSoonError(Exception):
    """A key has to wait for so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def _logged(name: str, address: str) -> tuple[str, str]:
    return name[: limits.MAX_USERNAME], address or "an unknown address"


def _count(keys: dict[str, str]) -> int:
    """Count a failure for each key and return the highest number; raise if one of them has to wait."""
    now = timezone.now()
    with transaction.atomic():
        rows = [_locked(key, now) for key in sorted(keys)]
        waits = [row.blocked_until - now for row in rows if row.blocked_until and row.blocked_until > now]
        if waits:
            raise _TooSoonError(math.ceil(max(waits).total_seconds()))
        for row in rows:
            row.failures += 1
            row.last_at = now
            row.blocked_until = now + LIMITS[keys[row.key]].delay(row.failures)
            row.save()
    return max((row.failures for row in rows), default=0)


def _locked(key: str, now: datetime) -> SignInFailures:
    row, _ = SignInFailures.objects.select_for_update().get_or_create(key=key, defaults={"last_at": now})
    if row.last_at < now - FORGOTTEN_AFTER:
        row.failures, row.blocked_until = 0, None
    return row


def _keys(kind: str, name: str, address: str) -> dict[str, str]:
    """Return what is counted: digest → kind."""
    names = {kind: fold_username(name[: limits.MAX_USERNAME]), "address": _network(address)}
    return {
        hashlib.sha256(f"{kind} {name}".encode(errors="replace")).hexdigest(): kind
        for kind, name in names.items()
        if name
    }


def _network(address: str) -> str:
    """Return the address, or the network of an IPv6 address, which is one client's; "" if it is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, 64), strict=False) if isinstance(found, IPv6Address) else found)


def _sign_in_error(seconds: int) -> TooManySignInsError:
    return TooManySignInsError(
        message("There were too many sign-ins; try again in {seconds} seconds.", seconds=seconds),
        wait=seconds,
    )
