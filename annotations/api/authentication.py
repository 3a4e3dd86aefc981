"""Authentication of API requests: by an access token, or by the session of a browser."""

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

from annotations.api.origins import origin_message, refused_origin
from annotations.api.problems import CSRFError, UnauthenticatedError
from annotations.messages import message
from annotations.models import AccessToken, FeedAddress
from annotations.models.compiled import CompiledQuery

logger = logging.getLogger(__name__)

# One message for every reason, so that guessing tokens reveals nothing.
INVALID_TOKEN_MESSAGE = message("The access token is not valid; make a new one, or ask whoever made it.")
CSRF_MESSAGE = message(
    "The session wants to write without a valid CSRF token; send the token of the page as X-CSRFToken."
)
LAST_USED_PRECISION = timedelta(minutes=1)

#: The parameter with the secret of a feed.
FEED_PARAMETER = "token"

_SECRET = re.compile(r"\A[A-Za-z0-9_-]{1,200}\Z", re.ASCII)
_BEARER = re.compile(r"\Abearer ([A-Za-z0-9._~+/=-]{1,200})\Z", re.ASCII | re.IGNORECASE)


class TokenAuthentication(authentication.BaseAuthentication):
    """Authentication by ``Authorization: Bearer <token>``; ``request.auth`` becomes the ``AccessToken``.

    One query, by the digest. Other schemes than Bearer are left to the other authenticators.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """Return the user and the token, or None if the request has no bearer token."""
        header = request.headers.get("Authorization", "")
        if header.split(" ", 1)[0].lower() != "bearer":
            return None
        match = _BEARER.match(header.strip())
        token = _find_token(match[1]) if match else None
        if token is None or not _is_valid(token):
            raise UnauthenticatedError(INVALID_TOKEN_MESSAGE)
        _mark_used(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the ``WWW-Authenticate`` value; with one, DRF answers 401 and not 403."""
        return "Bearer"


class FeedAuthentication(authentication.BaseAuthentication):
    """Authentication by the secret in the address of a feed; ``request.auth`` becomes the ``FeedAddress``.

    It takes tokens of the scope ``feed`` only: no other token is worth anything in an address, where it
    would be kept in histories and logs.
    """

    def authenticate(self, request: Request) -> tuple[User, FeedAddress] | None:
        """Return the user and the address, or None if there is no secret in the address."""
        secret = request._request.GET.get(FEED_PARAMETER)
        if secret is None:
            return None
        token = _find_token(secret) if _SECRET.match(secret) else None
        if token is None or not _is_valid(token):
            raise UnauthenticatedError(INVALID_TOKEN_MESSAGE)
        address = FeedAddress.objects.filter(token=token).first()
        if address is None:
            raise UnauthenticatedError(INVALID_TOKEN_MESSAGE)
        _mark_used(token)
        return token.user, address

    def authenticate_header(self, request: Request) -> str:
        """Return the ``WWW-Authenticate`` value; with one, DRF answers 401 and not 403."""
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """Authentication by the browser session; writing needs the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        """Raise ``CSRFError`` if a write does not carry a valid CSRF token.

        The check gets Django's request and not DRF's: DRF's would parse the body to look for a form
        field, and so refuse its type (415) and shape (400) before this (403).
        """
        http_request = request._request
        check = CSRFCheck(_unused)
        check.process_request(http_request)
        reason = check.process_view(http_request, _unused, (), {})
        if reason:
            origin = refused_origin(http_request, str(reason))
            raise CSRFError(origin_message(origin) if origin else CSRF_MESSAGE)

    def authenticate_header(self, request: Request) -> str:
        """Return the ``WWW-Authenticate`` value; with one, DRF answers 401 and not 403."""
        return "Bearer"


def _unused(_request: HttpRequest) -> HttpResponse:
    raise AssertionError("The check of the CSRF token calls no view.")


_BY_DIGEST = CompiledQuery(
    lambda digest: AccessToken.objects.select_related("user").filter(digest=digest), str
)


def _find_token(secret: str) -> AccessToken | None:
    return _BY_DIGEST.first(hashlib.sha256(secret.encode("ascii")).hexdigest())


def _is_valid(token: AccessToken) -> bool:
    expired = token.expires_at is not None and token.expires_at <= timezone.now()
    return token.user.is_active and not expired


def _mark_used(token: AccessToken) -> None:
    now = timezone.now()
    before = now - LAST_USED_PRECISION
    if token.last_used_at is not None and token.last_used_at > before:
        return
    unmarked = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    try:
        AccessToken.objects.filter(unmarked, pk=token.pk).update(last_used_at=now)
    except DatabaseError:
        # A read must not fail because another request is writing; the next request marks the token.
        logger.warning("The use of an access token could not be noted.", exc_info=True)
