"""Tokens and invitations: secrets that are shown once, end, and work for one person."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from annotations.enums import Scope
from annotations.exceptions import (
    DuplicateError,
    IdTakenError,
    InsufficientRoleError,
    InvalidInputError,
    NotAllowedNowError,
    NotVisibleError,
)
from annotations.models import AccessToken, Event, Invitation, Membership, Role, uuid7
from annotations.services.core import access_tokens
from annotations.services.team import invitations
from tests import factories
from tests.newsroom import Newsroom

PASSWORD = "a ferry in the morning"


def invite(newsroom: Newsroom, role: Role = Role.ANNOTATOR, **fields: str) -> tuple[Invitation, str]:
    """Invite somebody to ``lake``."""
    max_ = newsroom.user("max")
    return invitations.create_invitation(max_, factories.seen_by(max_, newsroom.lake), role, **fields)  # type: ignore[arg-type]


def test_a_token_is_stored_as_its_digest_only(newsroom: Newsroom) -> None:
    ann = newsroom.user("ann")
    row, secret = access_tokens.create_token(ann, "A script", [Scope.ANNOTATE, Scope.READ])
    assert row.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret.startswith(row.prefix)
    assert secret not in str(AccessToken.objects.filter(pk=row.pk).values())
    assert set(row.scopes) == {"read", "annotate"}
    with pytest.raises(IdTakenError):
        access_tokens.create_token(ann, "Another", [Scope.READ], id=row.pk)


def test_one_revokes_ones_own_tokens_only(newsroom: Newsroom) -> None:
    row, _ = access_tokens.create_token(newsroom.user("ann"), "A script", [Scope.READ])
    for name in ("max", "ada"):
        with pytest.raises(NotVisibleError):
            access_tokens.revoke_token(newsroom.user(name), row.pk)
    access_tokens.revoke_token(newsroom.user("ann"), row.pk)
    assert not AccessToken.objects.filter(pk=row.pk).exists()


def test_an_invitation_makes_one_account_a_member(newsroom: Newsroom) -> None:
    invitation, token = invite(newsroom, Role.REVIEWER, email="kim@example.org")
    kim = invitations.accept_invitation(token, "kim", PASSWORD)
    assert (kim.email, kim.is_staff, kim.check_password(PASSWORD)) == ("kim@example.org", True, True)
    assert Membership.objects.get(user=kim, corpus=newsroom.lake).role == Role.REVIEWER
    with pytest.raises(NotVisibleError):
        invitations.accept_invitation(token, "joe", PASSWORD)
    with pytest.raises(NotAllowedNowError, match="accepted"):
        invitations.delete_invitation(newsroom.user("max"), invitation.pk)
    said = str(list(Event.objects.filter(action__startswith="invitation").values_list("data", flat=True)))
    assert token not in said


def test_who_has_an_account_joins_once(newsroom: Newsroom) -> None:
    _, token = invite(newsroom)
    with pytest.raises(DuplicateError, match="member"):
        invitations.join_corpus(token, newsroom.user("vic"))
    assert invitations.join_corpus(token, newsroom.user("sam")).role == Role.ANNOTATOR
    with pytest.raises(NotVisibleError):
        invitations.find_invitation(token)


@pytest.mark.parametrize(
    ("username", "password", "error"),
    [
        ("ANN", PASSWORD, DuplicateError),
        ("a b", PASSWORD, InvalidInputError),
        ("kim", "short", InvalidInputError),
        ("kim", "kim", InvalidInputError),
    ],
)
def test_an_account_has_a_free_name_and_a_good_password(
    newsroom: Newsroom, username: str, password: str, error: type[Exception]
) -> None:
    _, token = invite(newsroom)
    with pytest.raises(error):
        invitations.accept_invitation(token, username, password)
    assert invitations.find_invitation(token).used_by is None


def test_an_old_unknown_or_withdrawn_invitation_is_refused_in_the_same_words(newsroom: Newsroom) -> None:
    old, first = invite(newsroom)
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    back, second = invite(newsroom)
    invitations.delete_invitation(newsroom.user("max"), back.pk)
    said = set()
    for token in (first, second, "si_unknown"):
        with pytest.raises(NotVisibleError) as refused:
            invitations.find_invitation(token)
        said.add(str(refused.value))
    assert len(said) == 1


def test_only_a_manager_invites_and_the_link_is_mailed(
    newsroom: Newsroom, django_capture_on_commit_callbacks: object
) -> None:
    rae = newsroom.user("rae")
    with pytest.raises(InsufficientRoleError):
        invitations.create_invitation(rae, factories.seen_by(rae, newsroom.lake), Role.VIEWER, id=uuid7())
    invitation, token = invite(newsroom, email="kim@example.org")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        invitations.send_invitation(invitation, f"https://example.org{invitations.invitation_path(token)}")
    assert [message.to for message in mail.outbox] == [["kim@example.org"]]
    assert token in mail.outbox[0].body
