"""Invitations: links that make their holder a member of a corpus, once and for a limited time."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext

from annotations.addresses import page_url
from annotations.exceptions import (
    DuplicateError,
    InvalidInputError,
    NotAllowedNowError,
    NotVisibleError,
    error_at,
)
from annotations.messages import message, term
from annotations.models import Corpus, Invitation, Membership, Role, uuid7
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import events
from annotations.services.core.access_tokens import token_digest
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error
from annotations.services.core.sets import lock_user, require_not_archived
from annotations.services.core.usernames import normalize_username, require_free_username
from annotations.text.gate import check_line
from annotations.text.parsing import format_timestamp
from annotations.visibility import get_visible_row

DEFAULT_DAYS = 14
MAX_DAYS = 90
TOKEN_PREFIX = "si_"  # noqa: S105 - a prefix is no secret


def invitation_payload(invitation: Invitation) -> dict[str, str | None]:
    """Return the payload of an event about an invitation, without its token."""
    return {
        "id": str(invitation.pk),
        "role": invitation.role,
        "email": invitation.email or None,
        "expires_at": format_timestamp(invitation.expires_at),
    }


def invitation_path(token: str) -> str:
    """Return the path of the page on which the invitation is accepted."""
    return page_url("admin:invitation", token)


@retry_on_conflict
@transaction.atomic
def create_invitation(
    by: User,
    seen: VisibleRow[Corpus],
    role: Role,
    *,
    email: str = "",
    days: int = DEFAULT_DAYS,
    id: UUID | None = None,
) -> tuple[Invitation, str]:
    """Create an invitation; return it and its token, which cannot be shown again.

    The same id with the same content is a repeat: the stored invitation is returned, with "" as its token.
    """
    corpus = require_permission(by, Permission.INVITE_MEMBER, seen)
    lock_user(by)
    stored = Invitation.objects.select_related("invited_by", "used_by").filter(pk=id).first() if id else None
    if stored is not None:
        same = (stored.corpus_id, stored.invited_by_id, stored.role, stored.email, stored.days)
        if same != (corpus.pk, by.pk, role, email, days):
            with error_at("/id"):
                raise id_taken_error(id)
        return stored, ""
    require_not_archived(corpus)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    invitation = Invitation(
        id=id or uuid7(),
        corpus=corpus,
        role=role,
        email=email,
        digest=token_digest(token),
        invited_by=by,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    with translate_integrity_errors({}):
        invitation.save(force_insert=True)
        events.record_event(
            "invitation_added", by=by, corpus_id=corpus.pk, after=invitation_payload(invitation)
        )
    return invitation, token


def send_invitation(invitation: Invitation, link: str) -> None:
    """Mail the link to the address of the invitation, after its transaction has been committed.

    The mail is in the language of the inviting user, since that of the invited one is not known yet.
    """
    if invitation.email:
        transaction.on_commit(partial(_mail, invitation, link, get_language() or settings.LANGUAGE_CODE))


def _mail(invitation: Invitation, link: str, language: str) -> None:
    by = invitation.invited_by
    with translation.override(language):
        values = {
            "by": by.get_full_name() or by.get_username(),
            "corpus": invitation.corpus.name,
            "role": invitation.get_role_display(),
            "until": f"{invitation.expires_at:%Y-%m-%d}",
        }
        lines = (
            gettext("%(by)s invites you to the corpus %(corpus)s, as %(role)s."),
            gettext("Open this address to accept; it works once and until %(until)s:"),
        )
        send_mail(
            subject=gettext("You are invited to work on %(corpus)s") % values,
            message="\n\n".join([*(line % values for line in lines), f"{link}\n"]),
            from_email=None,
            recipient_list=[invitation.email],
        )


@transaction.atomic
def delete_invitation(by: User, id: UUID) -> None:
    """Delete an invitation; a used one stays as a record."""
    seen = get_visible_row(by, Invitation.objects.select_for_update(of=("self",)), pk=id)
    invitation = require_permission(by, Permission.INVITE_MEMBER, seen)
    require_not_archived(invitation.corpus)
    if invitation.used_at is not None:
        raise NotAllowedNowError(
            message("The invitation was accepted; end the membership instead."), state="used", allowed=[]
        )
    events.record_event(
        "invitation_deleted", by=by, corpus_id=invitation.corpus_id, before=invitation_payload(invitation)
    )
    invitation.delete()


def find_invitation(token: str) -> Invitation:
    """Return the invitation of a token, or raise the same ``NotVisibleError`` whatever is wrong with it."""
    rows = Invitation.objects.select_related("corpus", "invited_by").filter(
        digest=token_digest(token),
        used_at__isnull=True,
        expires_at__gt=timezone.now(),
        corpus__archived=False,
    )
    invitation = rows.first()
    if invitation is None:
        raise NotVisibleError(message("This invitation is unknown, used or too old; ask for a new one."))
    return invitation


@transaction.atomic
def accept_invitation(token: str, username: str, password: str) -> User:
    """Create an account for the holder of the token, and make it a member of the corpus."""
    invitation = _lock_invitation(token)
    username = normalize_username(username)
    with error_at("/username"):
        check_line(username, term("field", "user name"), 150, required=True)
        _require_valid(username)
        require_free_username(username)
    user = User(username=username, email=invitation.email, is_staff=True)
    with error_at("/password"):
        _require_password(password, user)
    user.set_password(password)
    username_taken = DuplicateError(message("Somebody took this name a moment ago; choose another one."))
    with translate_integrity_errors({"auth_user_username_key": username_taken}):
        user.save(force_insert=True)
    _mark_used(invitation, user)
    return user


@transaction.atomic
def join_corpus(token: str, user: User) -> Membership:
    """Make a user who has an account a member of the corpus."""
    lock_user(user)
    invitation = _lock_invitation(token)
    if Membership.objects.filter(corpus=invitation.corpus, user=user).exists():
        raise DuplicateError(
            message("You are a member of this corpus already; somebody else may use the invitation.")
        )
    return _mark_used(invitation, user)


def _lock_invitation(token: str) -> Invitation:
    """Return the invitation locked, so that no two requests use it at the same time."""
    Invitation.objects.select_for_update(of=("self",)).filter(digest=token_digest(token)).first()
    return find_invitation(token)


def _require_valid(username: str) -> None:
    try:
        for validate in User._meta.get_field("username").validators:
            validate(username)
    except ValidationError as error:
        # Sentences of Django, already in the language of the reader.
        raise InvalidInputError(" ".join(error.messages)) from None


def _require_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        # Sentences of Django, already in the language of the reader.
        raise InvalidInputError(" ".join(error.messages)) from None


def _mark_used(invitation: Invitation, user: User) -> Membership:
    member = Membership.objects.create(corpus=invitation.corpus, user=user, role=invitation.role)
    invitation.used_by, invitation.used_at = user, timezone.now()
    invitation.version += 1
    invitation.save(force_update=True)
    values = {"id": str(invitation.pk), "username": user.get_username(), "role": invitation.role}
    events.record_event("invitation_accepted", by=user, corpus_id=invitation.corpus_id, after=values)
    events.record_event(
        "member_added",
        by=invitation.invited_by,
        corpus_id=invitation.corpus_id,
        after={"username": user.get_username(), "role": invitation.role},
    )
    return member
