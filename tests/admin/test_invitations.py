"""Invitations from the pages of a team: the link, who comes in by it, and what made-up links come to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.models import (
    Invitation,
    Membership,
    Role,
    uuid7,
)
from annotations.services.team import invitations
from tests.admin.conftest import TwoNewsrooms
from tests.admin.team_work import url
from tests.factories import seen_by

PASSWORD = "a ferry in the morning"


def invitation(newsrooms: TwoNewsrooms, role: Role = Role.ANNOTATOR) -> str:
    """The token of an invitation to corpus a."""
    return invitations.create_invitation(newsrooms.max, seen_by(newsrooms.max, newsrooms.a.corpus), role)[1]


def test_the_link_is_shown_once_and_mailed(
    newsrooms: TwoNewsrooms, django_capture_on_commit_callbacks: object
) -> None:
    client = newsrooms.client("max")
    sent = {"role": "reviewer", "email": "kim@example.org", "days": "3", "new_id": str(uuid7())}
    answer = client.post(url(newsrooms, "invitations"), sent)
    link = answer.context["link"]
    assert link in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert link not in client.get(url(newsrooms, "invitations")).content.decode()
    client.post(url(newsrooms, "invitations"), sent)
    assert Invitation.objects.filter(corpus=newsrooms.a.corpus).count() == 1, "sent twice, it invites once"
    assert not mail.outbox or link in str(mail.outbox[0].body)


def test_somebody_comes_in_without_a_superuser(newsrooms: TwoNewsrooms) -> None:
    path = invitations.invitation_path(invitation(newsrooms, Role.REVIEWER))
    client = Client()
    assert b"kiwi-corpus" in client.get(path).content
    sent = {"username": "kim", "password": PASSWORD, "again": PASSWORD}
    assert client.post(path, sent)["Location"] == reverse("admin:index")
    member = Membership.objects.get(user__username="kim")
    assert (member.corpus, member.role) == (newsrooms.a.corpus, Role.REVIEWER)
    assert not member.user.is_superuser
    assert client.get(url(newsrooms, "overview")).status_code == 200, "and is signed in"
    assert Client().get(path).status_code == 404, "the link works once"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"username": "ann"}, "There is somebody of this name already"),
        ({"username": "a b"}, "valid username"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"again": "another one"}, "The two passwords differ"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    newsrooms: TwoNewsrooms, sent: dict[str, str], says: str
) -> None:
    path = invitations.invitation_path(invitation(newsrooms))
    body = Client().post(path, {"username": "kim", "password": PASSWORD, "again": PASSWORD, **sent})
    assert body.status_code == 200
    assert says in body.content.decode()
    assert not Membership.objects.filter(user__username="kim").exists()


def test_who_has_an_account_joins_with_it_once(newsrooms: TwoNewsrooms) -> None:
    token = invitation(newsrooms)
    client = newsrooms.client("sam")
    assert b"Join as sam" in client.get(invitations.invitation_path(token)).content
    client.post(invitations.invitation_path(token))
    assert Membership.objects.get(user=newsrooms.sam, corpus=newsrooms.a.corpus).role == Role.ANNOTATOR
    again = invitation(newsrooms)
    newsrooms.client("sam").post(invitations.invitation_path(again))
    assert Invitation.objects.filter(used_at__isnull=True).exists(), "a member uses none up"


def test_an_invitation_is_taken_back(newsrooms: TwoNewsrooms) -> None:
    token = invitation(newsrooms)
    row = Invitation.objects.get()
    revoke = reverse("admin:annotations_corpus_invitation_delete", args=(newsrooms.a.corpus.pk, row.pk))
    for name, status in (("ann", 403), ("rae", 403), ("sam", 404)):
        assert newsrooms.client(name).post(revoke).status_code == status
    other = reverse("admin:annotations_corpus_invitation_delete", args=(newsrooms.b.corpus.pk, row.pk))
    assert newsrooms.client("sue").post(other).status_code == 404
    assert newsrooms.client("max").get(revoke).status_code == 405
    newsrooms.client("max").post(revoke)
    assert Client().get(invitations.invitation_path(token)).status_code == 404


def test_old_and_made_up_links_look_the_same(newsrooms: TwoNewsrooms) -> None:
    token = invitation(newsrooms)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    bodies = {
        Client().get(invitations.invitation_path(each)).status_code for each in (token, "si_x", "x" * 300)
    }
    assert bodies == {404}
