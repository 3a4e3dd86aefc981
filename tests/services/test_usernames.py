"""The names of accounts: who makes one can sign in with it, and two never differ by case alone."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse

from annotations.exceptions import DuplicateError
from annotations.models import Role
from annotations.services.core.sets import find_user
from annotations.services.core.usernames import require_free_username
from annotations.services.team import invitations
from annotations.text.usernames import fold_username
from tests import factories
from tests.newsroom import Newsroom

PASSWORD = "Correct-horse-9"


def token_for(newsroom: Newsroom) -> str:
    """The token of a new invitation."""
    manager = newsroom.user("max")
    return invitations.create_invitation(manager, factories.seen_by(manager, newsroom.lake), Role.ANNOTATOR)[
        1
    ]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("\uff54\uff41\uff4e\uff41\uff4b\uff41", "tanaka"),
        ("\ufb01n", "fin"),
        ("Jo\u0308rg", "J\u00f6rg"),
        ("Eve", "Eve"),
    ],
)
def test_an_invitation_makes_an_account_that_can_sign_in(newsroom: Newsroom, typed: str, stored: str) -> None:
    page = reverse("admin:invitation", args=(token_for(newsroom),))
    sent = {"username": typed, "password": PASSWORD, "again": PASSWORD}
    assert Client().post(page, sent).status_code == 302
    assert User.objects.filter(username=stored).exists()
    client = Client()
    answer = client.post(reverse("admin:login"), {"username": typed, "password": PASSWORD})
    assert answer.status_code == 302, "with the name as it was typed"
    assert authenticate(RequestFactory().post("/"), username=stored, password=PASSWORD)
    assert find_user(typed, location="/owner").get_username() == stored


@pytest.mark.parametrize(
    ("taken", "typed"),
    [("Jörg", "JÖRG"), ("straße", "STRASSE"), ("ann", "\uff41\uff4e\uff4e"), ("Ёлка", "ёЛКА")],
)
def test_a_name_in_another_case_is_taken_on_both_engines(newsroom: Newsroom, taken: str, typed: str) -> None:
    if taken != "ann":
        factories.make_user(taken)
    with pytest.raises(DuplicateError):
        invitations.accept_invitation(token_for(newsroom), typed, PASSWORD)
    client = Client()
    client.force_login(factories.make_user("root", is_superuser=True))
    sent = {"username": typed, "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    answer = client.post(reverse("admin:auth_user_add"), sent)
    assert "There is somebody of this name already" in answer.content.decode()
    assert fold_username(taken) == fold_username(typed)


def test_somebody_may_change_the_case_of_their_own_name(newsroom: Newsroom) -> None:
    require_free_username("ANN", but=newsroom.user("ann"))
    with pytest.raises(DuplicateError):
        require_free_username("ANN")


def test_the_first_superuser_takes_no_name_in_another_case(newsroom: Newsroom) -> None:
    sent = {"username": "\uff21NN", "email": "a@example.org", "interactive": False}
    with pytest.raises(CommandError, match="There is somebody of this name already"):
        call_command("createsuperuser", **sent)
    call_command("createsuperuser", **{**sent, "username": "root"}, verbosity=0)
    assert User.objects.get(username="root").is_superuser
