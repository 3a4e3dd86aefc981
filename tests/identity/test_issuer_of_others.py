"""Signing in with an issuer that others have written."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from annotations.models import Membership
from tests.factories import make_corpus
from tests.identity.conftest import HOST, START, House

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def others() -> Any:
    """The package, whose own dependencies warn of what they will lose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("oidc_provider_mock", reason="requirements-slow.txt installs it")


def test_somebody_comes_in_with_groups_and_loses_them(house: House, others: Any) -> None:
    corpus = make_corpus("lake")
    person = others.User(sub="ines-1", claims={"preferred_username": "ines", "groups": ["desk"]})
    with others.run_server_in_thread(user_claims=[person]) as server:
        issuer = f"http://localhost:{server.server_port}"
        house.set(issuer=issuer)
        for rules, roles in (("desk=lake:reviewer", ["reviewer"]), ("other=lake:reviewer", [])):
            house.set_rules(rules)
            cache.clear()
            client = Client()
            asked = client.get(START)["Location"]
            assert asked.startswith(f"{issuer}/")
            back = requests.post(asked, data={"sub": "ines-1"}, timeout=10, allow_redirects=False)
            answer = client.get(back.headers["Location"].removeprefix(HOST))
            assert (answer.status_code, answer["Location"]) == (302, "/admin/"), answer.content.decode()
            assert (
                list(Membership.objects.filter(user__username="ines").values_list("role", flat=True)) == roles
            )
    assert User.objects.get(username="ines").is_staff
    assert SocialAccount.objects.get().uid == "ines-1"
    assert corpus.memberships.count() == 1
