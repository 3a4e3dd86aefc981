"""Who asks: an access token, or a browser that is signed in."""

from __future__ import annotations

import hashlib
import logging
import re
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import DatabaseError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework import authentication
from rest_framework.authentication import CSRFCheck
from rest_framework.request import Request

from annotations.api.problems import CSRFFailed, Unauthenticated
from annotations.models import AccessToken
from annotations.models.prepared import Prepared
from annotations.says import says

logger = logging.getLogger(__name__)

# One sentence for every reason: whoever tries tokens learns nothing from the answer.
BAD_TOKEN = says("The access token is not valid; make a new one, or ask whoever made it.")
CSRF = says(
    "The session wants to write without a valid CSRF token; send the token of the page as X-CSRFToken."
)
USED_AT_MOST_EVERY = timedelta(minutes=1)

_BEARER = re.compile(r"\Abearer ([A-Za-z0-9._~+/=-]{1,200})\Z", re.ASCII | re.IGNORECASE)


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer <token>``; ``request.auth`` becomes the ``AccessToken``.

    One query, by the digest. Another scheme than Bearer is left to the other authenticators.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """The person and the token, or None where no token was sent."""
        header = request.headers.get("Authorization", "")
        if header.split(" ", 1)[0].lower() != "bearer":
            return None
        sent = _BEARER.match(header.strip())
        token = _find(sent[1]) if sent else None
        if token is None or not _is_valid(token):
            raise Unauthenticated(BAD_TOKEN)
        _mark_used(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What makes DRF answer 401 and not 403."""
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the browser; writing needs the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        """Refuse a write that does not prove where it comes from.

        Asked of Django's request and not of DRF's: DRF's would parse the body to look for a form
        field, and so refuse its kind (415) and shape (400) before this (403).
        """
        http_request = request._request
        check = CSRFCheck(_unused)
        check.process_request(http_request)
        if check.process_view(http_request, _unused, (), {}):
            raise CSRFFailed(CSRF)

    def authenticate_header(self, request: Request) -> str:
        """What makes DRF answer 401 and not 403."""
        return "Bearer"


def _unused(_request: HttpRequest) -> HttpResponse:
    raise AssertionError("The check of the CSRF token calls no view.")


_BY_DIGEST = Prepared(lambda digest: AccessToken.objects.select_related("user").filter(digest=digest), str)


def _find(secret: str) -> AccessToken | None:
    return _BY_DIGEST.first(hashlib.sha256(secret.encode("ascii")).hexdigest())


def _is_valid(token: AccessToken) -> bool:
    expired = token.expires_at is not None and token.expires_at <= timezone.now()
    return token.user.is_active and not expired


def _mark_used(token: AccessToken) -> None:
    now = timezone.now()
    before = now - USED_AT_MOST_EVERY
    if token.last_used_at is not None and token.last_used_at > before:
        return
    unmarked = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    try:
        AccessToken.objects.filter(unmarked, pk=token.pk).update(last_used_at=now)
    except DatabaseError:
        # A read must not fail because somebody else is writing; the next request marks the token.
        logger.warning("The use of an access token could not be noted.", exc_info=True)
