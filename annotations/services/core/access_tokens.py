"""Access tokens of users: shown once, stored as a digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.exceptions import error_at
from annotations.models import AccessToken, uuid7
from annotations.permissions import Scope
from annotations.services.core.constraints import translate_integrity_errors
from annotations.services.core.errors import id_taken_error
from annotations.services.core.sets import lock_user
from annotations.visibility import get_visible

TOKEN_PREFIX = "sp_"  # noqa: S105 - a prefix is no secret


def token_digest(token: str) -> str:
    """Return the digest that is stored instead of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_token(
    user: User,
    name: str,
    scopes: Sequence[Scope],
    *,
    expires_at: datetime | None = None,
    id: UUID | None = None,
) -> tuple[AccessToken, str]:
    """Create a token; return it and its secret, which cannot be shown again."""
    lock_user(user)
    with error_at("/id"):
        if id is not None and AccessToken.objects.filter(pk=id).exists():
            raise id_taken_error(id)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = AccessToken(
        id=id or uuid7(),
        user=user,
        name=name,
        digest=token_digest(secret),
        prefix=secret[:9],
        scopes=[str(scope) for scope in Scope if scope in scopes],
        expires_at=expires_at,
    )
    with translate_integrity_errors({}):
        row.save(force_insert=True)
    return row, secret


def expires_in(days: int) -> datetime:
    """Return the time that many days from now."""
    return timezone.now() + timedelta(days=days)


def revoke_token(by: User, id: UUID) -> None:
    """Delete a token of the caller; it stops working at once."""
    get_visible(by, AccessToken.objects.all(), pk=id).delete()


def count_tokens(user: User) -> int:
    """Return how many tokens a user has, those that have expired included."""
    return AccessToken.objects.filter(user=user).count()


@transaction.atomic
def end_tokens(user: User) -> int:
    """Delete all tokens of a user, such as after a change of the password; return how many there were."""
    lock_user(user)
    number, _ = AccessToken.objects.filter(user=user).delete()
    return number
