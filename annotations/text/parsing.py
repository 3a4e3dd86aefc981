"""Strict parsing of strings to values, for fields of request bodies, query parameters and imported files.

Each function raises a ``ValueError`` with a whole sentence.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlsplit

from annotations.messages import message

_UUID = re.compile(r"\A[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.ASCII | re.IGNORECASE)
_INTEGER = re.compile(r"\A-?(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)
_TIMESTAMP = re.compile(
    r"\A\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)\Z", re.ASCII
)
_PARTIAL_DATE = re.compile(r"\A\d{4}(?:-\d\d(?:-\d\d)?)?\Z", re.ASCII)
_LANGUAGE = re.compile(r"\A(?:[A-Za-z]{2,8}|[xXiI])(?:-[A-Za-z0-9]{1,8})*\Z", re.ASCII)
# White space and controls of every kind, invisible characters, and characters that browsers repair or hide.
_NOT_IN_URL = re.compile(
    "[\x00-\x20\x7f-\xa0\\\\\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ud800-\udfff]"
)

MAX_LANGUAGE = 35
MAX_URL = 2_000


def parse_uuid(sent: str) -> uuid.UUID:
    """Return the UUID; only the form 8-4-4-4-12 is accepted, not the others that Python accepts."""
    if not _UUID.match(sent):
        raise ValueError(message("It takes a UUID such as 0193a4c1-7a3e-7c11-8f0e-0123456789ab."))
    return uuid.UUID(sent)


def parse_integer(sent: str, minimum: int, maximum: int) -> int:
    """Return the integer, written in ASCII digits without leading zeros."""
    if not _INTEGER.match(sent) or not minimum <= int(sent) <= maximum:
        raise ValueError(
            message("It takes a whole number from {minimum} to {maximum}.", minimum=minimum, maximum=maximum)
        )
    return int(sent)


def parse_timestamp(sent: str) -> datetime:
    """Return the RFC 3339 time, which needs an offset, in UTC. Digits beyond microseconds are cut off."""
    detail = message("It takes a time with its offset by RFC 3339, such as 2026-03-01T12:00:00Z.")
    if not _TIMESTAMP.match(sent):
        raise ValueError(detail)
    try:
        return datetime.fromisoformat(sent.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(detail) from None


def parse_partial_date(sent: str) -> str:
    """Return a date of the calendar that is written as YYYY, YYYY-MM or YYYY-MM-DD."""
    if not is_partial_date(sent):
        raise ValueError(message("It takes a date of the calendar as YYYY, YYYY-MM or YYYY-MM-DD."))
    return sent


def is_partial_date(sent: str) -> bool:
    """Return whether a text is a date of the calendar as exact as a day, a month or a year."""
    if not _PARTIAL_DATE.match(sent):
        return False
    year, month, day = (int(part) for part in f"{sent}-1-1".split("-")[:3])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def format_timestamp(value: datetime) -> str:
    """Return the time as RFC 3339 in UTC, with ``Z``."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def round_figure(value: float, places: int = 2) -> Decimal:
    """Return a figure as people round it: 2/3 is 0.67, 0.125 is 0.13, and nothing is minus zero."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0


def parse_language_tag(sent: str) -> str:
    """Return the BCP 47 tag; only its form is checked, not whether it is registered."""
    if len(sent) > MAX_LANGUAGE or not _LANGUAGE.match(sent):
        raise ValueError(
            message("It takes a BCP 47 language tag of at most 35 characters, such as en or tg-Cyrl.")
        )
    return sent


def parse_http_url(sent: str) -> str:
    """Return the absolute http or https URL, if it is safe to be shown as a link."""
    if len(sent) > MAX_URL:
        raise ValueError(
            message(
                "The address has {count:,} characters; at most {most:,} are taken.",
                count=len(sent),
                most=MAX_URL,
            )
        )
    if _NOT_IN_URL.search(sent):
        raise ValueError(message("The address holds spaces, backslashes or control characters; escape them."))
    if not _is_absolute(sent):
        raise ValueError(
            message("It takes an absolute address that begins with http:// or https:// and a host.")
        )
    if "@" in urlsplit(sent).netloc:
        raise ValueError(message("The address holds a user name or password; leave them out."))
    return sent


def _is_absolute(sent: str) -> bool:
    try:
        parts = urlsplit(sent)
        # Reading the port is what checks it.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
