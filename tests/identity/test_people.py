"""Who somebody from the sign-in service is here, and what their groups do."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.test import Client

from annotations.models import Corpus, Event, Membership, Role
from annotations.services.core import corpora
from annotations.text.usernames import derive_username
from tests.factories import make_corpus, make_user
from tests.identity.conftest import House

pytestmark = pytest.mark.django_db

ACCOUNT = "/admin/account/"


def role_of(name: str, corpus: Corpus) -> tuple[str, bool] | None:
    row = Membership.objects.filter(user__username=name, corpus=corpus).first()
    return (row.role, row.from_sso) if row else None


def test_nobody_is_known_by_a_name_or_a_mail_address(house: House) -> None:
    ann = make_user("ann", email="ann@news.example", is_superuser=True)
    house.issuer.person |= {
        "preferred_username": "ANN", "email": "ann@news.example", "email_verified": True,
    }  # fmt: skip
    client = Client()
    house.sign_in(client)
    stranger = User.objects.get(pk=client.session["_auth_user_id"])
    assert (stranger.username, stranger.is_superuser) == ("ANN-2", False)
    assert not SocialAccount.objects.filter(user=ann).exists()
    # the name of another subject is another person again
    house.issuer.person["sub"] = "2002"
    house.sign_in()
    assert set(User.objects.values_list("username", flat=True)) == {"ann", "ANN-2", "ANN-3"}


def test_another_issuer_knows_other_people(house: House) -> None:
    house.sign_in()
    SocialAccount.objects.update(provider="https://login.before.example")
    house.sign_in()
    assert set(User.objects.values_list("username", flat=True)) == {"ines", "ines-2"}


@pytest.mark.parametrize(
    ("wanted", "username"),
    [
        ("ines", "ines"),
        ("ines.marsh@news.example", "ines.marsh@news.example"),
        ("NEWS\\ines marsh", "NEWS-ines-marsh"),
        ("Инес", "Инес"),
        ("ｉｎｅｓ", "ines"),
        ("\u202esenI", "senI"),
        ("<script>", "script"),
        ("", "person"),
        (" \x00\n", "person"),
        ("--..--", "person"),
        ("x" * 500, "x" * 150),
    ],
)
def test_the_username_of_somebody_new(wanted: str, username: str) -> None:
    assert derive_username(wanted, ()) == username
    second = derive_username(wanted, {username.casefold()})
    assert second == f"{username[:148]}-2"


def test_claims_of_any_shape(house: House) -> None:
    house.issuer.person |= {
        "preferred_username": 7, "name": ["Ines"], "given_name": "a\nb", "email": "not an address",
    }  # fmt: skip
    assert house.sign_in().status_code == 302
    user = User.objects.get()
    assert (user.username, user.first_name, user.email) == ("person", "", "")
    house.issuer.person = {"sub": "3", "email": "kim@news.example", "email_verified": False}
    house.sign_in()
    assert User.objects.latest("pk").email == ""


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_a_deactivated_account_stays_out(house: House, field: str) -> None:
    house.set_rules("desk=lake:reviewer;it=superuser")
    make_corpus("lake")
    house.sign_in()
    User.objects.filter(username="ines").update(**{field: False})
    house.issuer.person["groups"] = ["desk", "it"]
    client = Client()
    answer = house.sign_in(client)
    assert answer.status_code == 403
    assert "is deactivated here" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert not Membership.objects.filter(user__username="ines").exists()
    assert not User.objects.get(username="ines").is_superuser


class Desk:
    """A corpus, and the groups of Ines."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.boss = make_user("max")
        self.corpus = make_corpus("lake", manager=self.boss)
        house.set_rules(
            "desk-lake=lake:reviewer;trainees=lake:annotator;CN=Chiefs,OU=x=lake:manager;it=superuser"
        )

    def sign_in_with(self, groups: Any) -> tuple[str, bool] | None:
        self.house.issuer.person["groups"] = groups
        assert self.house.sign_in().status_code == 302
        return role_of("ines", self.corpus)

    def events(self) -> list[tuple[str, str, Any]]:
        rows = Event.objects.filter(corpus_id=self.corpus.pk, action__startswith="member_").order_by("seq")
        return [(row.action, row.username, row.data) for row in rows]


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_groups_count_at_each_sign_in(desk: Desk) -> None:
    assert desk.sign_in_with(["desk-lake", "unknown", 7, None, {"a": 1}]) == ("reviewer", True)
    assert desk.sign_in_with(["desk-lake", "trainees"]) == ("reviewer", True), "the highest role"
    assert desk.sign_in_with("trainees") == ("annotator", True), "a group as a string"
    assert desk.sign_in_with(["CN=Chiefs,OU=x"]) == ("manager", True)
    assert desk.sign_in_with([]) is None, "the group is gone"
    reason = {"username": "ines", "reason": "single sign-on"}
    assert desk.events() == [
        ("member_added", "", {"before": None, "after": {**reason, "role": "reviewer"}}),
        (
            "member_changed",
            "",
            {"before": {"username": "ines", "role": "reviewer"}, "after": {**reason, "role": "annotator"}},
        ),
        (
            "member_changed",
            "",
            {"before": {"username": "ines", "role": "annotator"}, "after": {**reason, "role": "manager"}},
        ),
        ("member_removed", "", {"before": {"username": "ines", "role": "manager"}, "after": reason}),
    ]


def test_a_missing_claim_means_no_groups(desk: Desk) -> None:
    desk.sign_in_with(["desk-lake"])
    del desk.house.issuer.person["groups"]
    desk.house.sign_in()
    assert role_of("ines", desk.corpus) is None


def test_groups_from_the_user_info_and_from_inside_a_claim(desk: Desk) -> None:
    desk.house.issuer.userinfo = {"realm_access": {"roles": ["desk-lake"]}}
    desk.house.set(groups_claim="realm_access.roles")
    desk.house.sign_in()
    assert role_of("ines", desk.corpus) == ("reviewer", True)
    # a name with dots that is there goes before a way through claims
    desk.house.set(groups_claim="https://news.example/groups")
    desk.house.issuer.userinfo = {"https://news.example/groups": ["trainees"]}
    desk.house.sign_in()
    assert role_of("ines", desk.corpus) == ("annotator", True)


def test_what_was_given_by_hand_stays(desk: Desk) -> None:
    desk.sign_in_with([])
    ines = User.objects.get(username="ines")
    corpora.add_member(desk.boss, desk.corpus.pk, ines, Role.VIEWER)
    assert desk.sign_in_with(["desk-lake"]) == ("viewer", False)
    assert desk.sign_in_with([]) == ("viewer", False)


def test_what_a_manager_changes_is_by_hand_from_then_on(desk: Desk) -> None:
    desk.sign_in_with(["desk-lake"])
    member = Membership.objects.get(user__username="ines")
    corpora.update_member(desk.boss, desk.corpus.pk, "ines", Role.REVIEWER, version=member.version)
    assert desk.sign_in_with(["trainees"]) == ("annotator", True), "the same role is no change"
    member.refresh_from_db()
    corpora.update_member(desk.boss, desk.corpus.pk, "ines", Role.MANAGER, version=member.version)
    assert desk.sign_in_with([]) == ("manager", False)


def test_the_last_manager_stays(desk: Desk) -> None:
    desk.sign_in_with(["CN=Chiefs,OU=x"])
    boss = Membership.objects.get(user=desk.boss)
    corpora.remove_member(desk.boss, desk.corpus.pk, "max", version=boss.version)
    assert desk.sign_in_with(["trainees"]) == ("manager", True)
    assert desk.sign_in_with([]) == ("manager", True)
    Membership.objects.create(corpus=desk.corpus, user=desk.boss, role=Role.MANAGER)
    assert desk.sign_in_with([]) is None


def test_an_archived_corpus_only_loses_people(desk: Desk) -> None:
    desk.sign_in_with(["desk-lake"])
    Corpus.objects.update(archived=True)
    assert desk.sign_in_with(["CN=Chiefs,OU=x"]) == ("reviewer", True)
    assert desk.sign_in_with(["trainees"]) == ("annotator", True)
    assert desk.sign_in_with([]) is None
    assert desk.sign_in_with(["desk-lake"]) is None


def test_a_corpus_that_is_not_there_is_said_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.house.set_rules("desk-lake=river:viewer;trainees=lake:annotator")
    with caplog.at_level(logging.WARNING, "annotations"):
        assert desk.sign_in_with(["desk-lake", "trainees"]) == ("annotator", True)
    assert "corpora that there are not: river." in caplog.text


def test_a_superuser_by_group_and_one_by_hand(desk: Desk) -> None:
    def is_superuser() -> bool:
        return User.objects.get(username="ines").is_superuser

    desk.sign_in_with(["it"])
    assert is_superuser()
    desk.sign_in_with([])
    assert not is_superuser()
    User.objects.filter(username="ines").update(is_superuser=True)
    desk.sign_in_with(["it"])
    desk.sign_in_with([])
    assert is_superuser(), "given by hand"


def test_an_owner_connects_an_account(desk: Desk) -> None:
    ann = make_user("ann", email="ann@news.example")
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    assert "Connect with House" in client.get(ACCOUNT).content.decode()
    desk.house.issuer.person["groups"] = ["desk-lake"]
    answer = desk.house.sign_in(client, process="connect")
    assert answer["Location"] == f"{ACCOUNT}connect/"
    page = client.get(f"{ACCOUNT}connect/").content.decode()
    assert "<bdi>ines</bdi>" in page
    assert not SocialAccount.objects.exists(), "nothing is linked without the button"
    assert client.post(f"{ACCOUNT}connect/").status_code == 403, "nor from another page"
    client = Client()
    client.force_login(ann)
    desk.house.sign_in(client, process="connect")
    client.post(f"{ACCOUNT}connect/")
    link = SocialAccount.objects.get()
    assert (link.user_id, link.uid, link.extra_data) == (ann.pk, "1001", {"name": "ines"})
    # from then on it is the way in
    other = Client()
    desk.house.sign_in(other)
    assert other.session["_auth_user_id"] == str(ann.pk)
    assert role_of("ann", desk.corpus) == ("reviewer", True)
    page = other.get(ACCOUNT).content.decode()
    assert "Your account is connected with House" in page
    other.post(f"{ACCOUNT}disconnect/")
    assert not SocialAccount.objects.exists()
    assert role_of("ann", desk.corpus) is None, "nobody could take it away later"


def test_what_belongs_to_somebody_else_cannot_be_connected(house: House) -> None:
    house.sign_in()
    ann = make_user("ann")
    client = Client()
    client.force_login(ann)
    house.sign_in(client, process="connect")
    page = client.post(f"{ACCOUNT}connect/", follow=True).content.decode()
    assert "belongs to another account" in page
    assert SocialAccount.objects.get().user.username == "ines"
    # nor may an account have two
    house.issuer.person["sub"] = "2002"
    client.force_login(User.objects.get(username="ines"))
    house.sign_in(client, process="connect")
    assert "disconnect it before" in client.post(f"{ACCOUNT}connect/", follow=True).content.decode()


def test_what_one_person_found_another_cannot_connect(house: House) -> None:
    client = Client()
    client.force_login(make_user("ann"))
    house.sign_in(client, process="connect")
    session = client.session
    found = session["standpoint_found_identity"]
    ben = make_user("ben")
    client.force_login(ben)
    session = client.session
    session["standpoint_found_identity"] = found
    session.save()
    assert client.post(f"{ACCOUNT}connect/")["Location"] == ACCOUNT
    assert not SocialAccount.objects.exists()


def test_somebody_without_a_password_cannot_disconnect(house: House) -> None:
    client = Client()
    house.sign_in(client)
    page = client.post(f"{ACCOUNT}disconnect/", follow=True).content.decode()
    assert "has no password" in page
    assert SocialAccount.objects.count() == 1


def test_the_members_page_says_who_gave_a_role(desk: Desk) -> None:
    desk.sign_in_with(["desk-lake"])
    client = Client()
    client.force_login(desk.boss)
    page = client.get("/admin/annotations/membership/").content.decode()
    assert "single sign-on, until the group is gone" in page
    member = Membership.objects.get(user__username="ines")
    page = client.get(f"/admin/annotations/membership/{member.pk}/change/").content.decode()
    assert "single sign-on, until the group is gone" in page
    desk.house.settings.OIDC = None
    assert "single sign-on" not in client.get("/admin/annotations/membership/").content.decode()
