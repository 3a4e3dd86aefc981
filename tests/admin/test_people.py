"""Accounts belong to superusers, and who has work is deactivated instead of deleted."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from annotations.models import Membership
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.forms import form_of
from tests.factories import make_user


@pytest.mark.parametrize("name", ["max", "tom"])
def test_django_s_own_permissions_open_no_account(newsrooms: TwoNewsrooms, name: str) -> None:
    """Not even every model permission that there is: roles decide, and superusers administer."""
    user = newsrooms.people[name]
    user.user_permissions.set(Permission.objects.all())
    client = newsrooms.client(name)
    password = reverse("admin:auth_user_password_change", args=(newsrooms.sue.pk,))
    urls = [page(model, what) for model in (User, Group) for what in ("changelist", "add")]
    urls += [page(User, what, newsrooms.sue.pk) for what in ("change", "delete", "history")]
    before = list(User.objects.order_by("pk").values_list("password", "is_superuser", "is_staff"))
    for url in [*urls, password]:
        sent = {"is_superuser": "on", "username": "x", "password1": "a-b-c-1-2-3", "password2": "a-b-c-1-2-3"}
        assert client.get(url).status_code == 403
        assert client.post(url, sent).status_code == 403
    assert list(User.objects.order_by("pk").values_list("password", "is_superuser", "is_staff")) == before


def test_who_has_work_or_a_membership_is_not_deleted_but_deactivated(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sue")
    for user in (newsrooms.ann, newsrooms.vic):
        url = page(User, "delete", user.pk)
        assert b"Deactivate it instead" in client.get(url).content
        client.post(url, {"post": "yes"})
        assert User.objects.filter(pk=user.pk).exists()
    assert b"annotation sets, as owner: 1" in client.get(page(User, "delete", newsrooms.ann.pk)).content
    assert Membership.objects.filter(user=newsrooms.vic).exists()
    change = page(User, "change", newsrooms.ann.pk)
    sent = form_of(client.get(change))
    sent.pop("is_active")
    assert client.post(change, sent).status_code == 302
    newsrooms.ann.refresh_from_db()
    assert not newsrooms.ann.is_active


def test_an_account_without_work_is_deleted(newsrooms: TwoNewsrooms) -> None:
    user = make_user()
    assert newsrooms.client("sue").post(page(User, "delete", user.pk), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=user.pk).exists()


def test_no_hash_of_a_password_is_shown_or_asked_for(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sue")
    for url in (page(User, "changelist"), page(User, "change", newsrooms.ann.pk)):
        assert newsrooms.ann.password.encode() not in client.get(url).content
        assert newsrooms.ann.password.rpartition("$")[2].encode() not in client.get(url).content
    for lookup in (
        "password",
        "password__startswith",
        "password__contains",
        "groups__user__password__contains",
    ):
        assert client.get(page(User, "changelist"), {lookup: "md5"}).status_code == 400


@pytest.mark.parametrize("value", ["a\u202eb", "a\x01b", "a\u2028b"])
def test_the_names_of_people_pass_the_gate(newsrooms: TwoNewsrooms, value: str) -> None:
    client, url = newsrooms.client("sue"), page(User, "change", newsrooms.ann.pk)
    answer = client.post(url, {**form_of(client.get(url)), "first_name": value})
    assert answer.status_code == 200
    assert "first_name" in answer.context["adminform"].form.errors


def test_a_superuser_makes_an_account(newsrooms: TwoNewsrooms) -> None:
    client, url = newsrooms.client("sue"), page(User, "add")
    word = "a long enough pass phrase"
    sent = {"username": "new", "usable_password": "true", "password1": word, "password2": word}
    assert client.post(url, {**form_of(client.get(url)), **sent}).status_code == 302
    assert User.objects.get(username="new").check_password(word)
