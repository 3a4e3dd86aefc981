"""Limits of sign-ins: by account and by address with a growing delay, and of how many are looked at at once.

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
from annotations.services.core.usernames import fold_username

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
                row.failures = 0 if kind == "account" else max(0, row.failures - 1)
                row.blocked_until = now + LIMITS[kind].delay(row.failures)
                row.save()
            SignInFailures.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()


@contextmanager
def attempt(username: str, address: str) -> Iterator[Attempt]:
    """Count a sign-in, and hold the right to look at its password; raise ``TooManySignInsError``."""
    if not _entrance.acquire(blocking=False):
        raise _refusal(2)
    try:
        keys = _keys(username, address)
        current = Attempt(keys)
        failures = _count(keys, username, address)
        try:
            with _hashing:
                yield current
        finally:
            if not current.has_succeeded:
                logger.warning(
                    "A sign-in as %r from %s failed; failures in a row: %s.",
                    username[: limits.MAX_USERNAME],
                    address or "an unknown address",
                    failures,
                )
    finally:
        _entrance.release()


def _count(keys: dict[str, str], username: str, address: str) -> int:
    """Count a failure for each key and return the highest number; raise if one of them has to wait."""
    now = timezone.now()
    with transaction.atomic():
        rows = [_locked(key, now) for key in sorted(keys)]
        waits = [row.blocked_until - now for row in rows if row.blocked_until and row.blocked_until > now]
        if waits:
            seconds = math.ceil(max(waits).total_seconds())
            logger.warning(
                "A sign-in as %r from %s was not looked at; the next one is in %s seconds.",
                username[: limits.MAX_USERNAME],
                address or "an unknown address",
                seconds,
            )
            raise _refusal(seconds)
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


def _keys(username: str, address: str) -> dict[str, str]:
    """Return what is counted: digest → kind."""
    folded = fold_username(username[: limits.MAX_USERNAME])
    names = {"account": folded, "address": _network(address)}
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


def _refusal(seconds: int) -> TooManySignInsError:
    return TooManySignInsError(
        message("There were too many sign-ins; try again in {seconds} seconds.", seconds=seconds),
        wait=seconds,
    )
