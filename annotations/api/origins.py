"""The origin of a request that is refused because it is not ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.middleware import csrf

from annotations.messages import TranslatableMessage, message

MAX_ORIGIN = 300


def refused_origin(request: HttpRequest, reason: str) -> str:
    """Return the origin of the page that sent a request if Django refused it for that, else nothing."""
    sent, referer = request.headers.get("Origin", ""), request.headers.get("Referer", "")
    if sent and reason == csrf.REASON_BAD_ORIGIN % sent:
        return sent[:MAX_ORIGIN]
    if referer and reason == csrf.REASON_BAD_REFERER % referer:
        parts = urlsplit(referer)
        return f"{parts.scheme}://{parts.netloc}"[:MAX_ORIGIN]
    return ""


def origin_message(origin: str) -> TranslatableMessage:
    """Return what is wrong with the origin, and who can mend it."""
    return message(
        "The request comes from {origin}, which this service does not take for its own address; the operator "
        "names it in CSRF_TRUSTED_ORIGINS.",
        origin=origin,
    )
