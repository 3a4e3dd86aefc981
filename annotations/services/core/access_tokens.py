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

from annotations.enums import Scope
from annotations.exceptions import error_at
from annotations.models import AccessToken, uuid7
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error
from annotations.services.core.sets import lock_user
from annotations.visibility import get_visible

TOKEN_PREFIX = "sp_"  # noqa: S105 - a prefix is no secret


def token_digest(token: str) -> str:
    """Return the digest that is stored instead of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@retry_on_conflict
@transaction.atomic
def create_token(
    user: User,
    name: str,
    scopes: Sequence[Scope],
    *,
    expires_at: datetime | None = None,
    id: UUID | None = None,
) -> tuple[AccessToken, str]:
    """Create a token; return it and its secret, which cannot be shown again.

    The same id with the same content is a repeat: the stored token is returned, with "" as its secret.
    """
    lock_user(user)
    sorted_scopes = [str(scope) for scope in Scope if scope in scopes]
    stored = AccessToken.objects.filter(pk=id).first() if id else None
    if stored is not None:
        same = (stored.user_id, stored.name, stored.scopes, stored.expires_at)
        if same != (user.pk, name, sorted_scopes, expires_at):
            with error_at("/id"):
                raise id_taken_error(id)
        return stored, ""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = AccessToken(
        id=id or uuid7(),
        user=user,
        name=name,
        digest=token_digest(secret),
        prefix=secret[:9],
        scopes=sorted_scopes,
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
