"""A sign-in service for each test, and people who come from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from annotations.issuers import IssuerSettings, parse_group_rules
from tests.identity.issuer import CLIENT_ID, CLIENT_SECRET, StubIssuer, running_issuer

START, BACK = "/admin/account/sign-in/", "/admin/account/sign-in/back/"
HOST = "http://testserver"


@dataclass
class House:
    """The service with its sign-in service."""

    issuer: StubIssuer
    settings: LazySettings

    def set_rules(self, text: str) -> None:
        """Say what groups may do."""
        self.set(rules=parse_group_rules(text))

    def set(self, **values: Any) -> None:
        """Change a setting of the sign-in service."""
        assert self.settings.OIDC
        self.settings.OIDC = replace(self.settings.OIDC, **values)

    def return_address(self, client: Client, **parameters: str) -> str:
        """Go to the sign-in service, sign in there, and return the address that leads back."""
        sent_off = client.get(START, parameters)
        assert sent_off.status_code == 302, sent_off.content
        assert sent_off["Location"].startswith(f"{self.issuer.url}/authorize?")
        return self.issuer.authorize(sent_off["Location"]).removeprefix(HOST)

    def sign_in(self, client: Client | None = None, **parameters: str) -> Any:
        """Sign in, and return the last answer."""
        client = client or Client()
        return client.get(self.return_address(client, **parameters))


@pytest.fixture
def house(settings: LazySettings) -> Iterator[House]:
    """A service whose people come from a sign-in service."""
    cache.clear()
    settings.ALLOWED_HOSTS = ["testserver"]
    with running_issuer() as issuer:
        settings.OUTGOING_ALLOW_LOOPBACK = True
        settings.OIDC = IssuerSettings(
            issuer=issuer.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="House"
        )
        yield House(issuer, settings)
    cache.clear()
