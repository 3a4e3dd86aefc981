"""The way to the sign-in service and back: an authorization code with PKCE, state and nonce.

django-allauth keeps the state in the session, makes the PKCE pair and exchanges the code. What it leaves
open is checked here: the names that the issuer gives itself, its addresses, the nonce, and the signature.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from annotations.admin.identity.issuer_http import (
    IssuerError,
    IssuerSession,
    fetch_json,
    require_secure_address,
)
from annotations.admin.identity.tokens import verify_id_token
from annotations.issuers import IssuerSettings

#: Seconds for which the description of the issuer is remembered.
REMEMBERED = 300
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Return:
    """Somebody who came back from the sign-in service: what it says of them, and why they had gone there."""

    claims: dict[str, Any]
    process: str
    next_url: str


class CancelledError(Exception):
    """The person did not sign in there, or the service did not let them."""


class IssuerAccountAdapter(DefaultSocialAccountAdapter):
    """The library's adapter, whose calls keep to our limits."""

    def get_requests_session(self) -> requests.Session:
        """Return a session for calls to the issuer."""
        return IssuerSession()


class IssuerClient(OAuth2Client):
    """The library's client, for authorization endpoints that have parameters of their own, too."""

    def get_redirect_url(self, authorization_url: str, scope: object, extra_params: object) -> str:
        """Return the address to which the browser is sent."""
        url: str = super().get_redirect_url(authorization_url, scope, extra_params)
        if urlsplit(authorization_url).query:
            return url.replace(f"{authorization_url}?", f"{authorization_url}&", 1)
        return url


class IssuerAdapter(OpenIDConnectOAuth2Adapter):
    """The library's protocol, with the one issuer of the settings."""

    client_class = IssuerClient

    def __init__(self, request: HttpRequest, provider: IssuerProvider) -> None:
        super().__init__(request, provider.sub_id)
        self._provider = provider

    def get_provider(self) -> IssuerProvider:
        """Return the provider of the settings; there is no table of them."""
        return self._provider

    @property
    def openid_config(self) -> dict[str, Any]:
        """The description of the issuer, checked."""
        return self._provider.metadata

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Return the address of ours to which the issuer sends people back."""
        return request.build_absolute_uri(reverse("identity:callback"))


class IssuerProvider(OpenIDConnectProvider):
    """The sign-in service of the house."""

    oauth2_adapter_class = IssuerAdapter

    def __init__(self, request: HttpRequest, issuer: IssuerSettings) -> None:
        self.issuer = issuer
        app = SocialApp(
            provider=self.id,
            provider_id=issuer.issuer,
            name=issuer.name,
            client_id=issuer.client_id,
            secret=issuer.client_secret,
            settings={
                "server_url": issuer.issuer.rstrip("/"),
                "scope": list(issuer.scopes),
                "oauth_pkce_enabled": True,
            },
        )
        super().__init__(request, app=app)

    def get_oauth2_adapter(self, request: HttpRequest) -> IssuerAdapter:
        """Return the protocol."""
        return IssuerAdapter(request, self)

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """What the issuer says of itself; raise ``IssuerError`` if it is not the one of the settings."""
        key = f"standpoint:issuer:{self.issuer.issuer}"
        known = cache.get(key)
        if isinstance(known, dict):
            return known
        found = fetch_json(self.server_url)
        if found.get("issuer") != self.issuer.issuer:
            raise IssuerError(
                f"The issuer calls itself {found.get('issuer')!r}, and OIDC_ISSUER {self.issuer.issuer!r}."
            )
        for name in ENDPOINTS:
            require_secure_address(found.get(name))
        cache.set(key, found, REMEMBERED)
        return found

    def send_off(self, request: HttpRequest, process: str, next_url: str) -> HttpResponse:
        """Send the browser to the sign-in service; raise ``IssuerError`` if it cannot be asked."""
        nonce = secrets.token_urlsafe(32)
        return cast(
            "HttpResponse",
            self.redirect(
                request, process, next_url=next_url, data={"nonce": nonce}, auth_params={"nonce": nonce}
            ),
        )

    def receive(self, request: HttpRequest) -> Return:
        """Return who came back; raise ``IssuerError`` or ``CancelledError``.

        A state is good once, for ten minutes, and only in the browser that was sent off with it.
        """
        state = statekit.unstash_state(
            request, provider_id=self.sub_id, state_id=request.GET.get("state", "")
        )
        if state is None:
            raise IssuerError("The state is unknown in this browser, used or too old.")
        self._check_sender(request.GET.get("iss"))
        if "error" in request.GET or not request.GET.get("code"):
            raise CancelledError(request.GET.get("error", "")[:100])
        try:
            claims = self._fetch_claims(request, state)
        except (OAuth2Error, requests.RequestException, KeyError, TypeError, ValueError) as error:
            raise IssuerError(f"The code could not be exchanged: {error!r}") from error
        return Return(claims, str(state["process"]), str(state.get("next") or ""))

    def _check_sender(self, sender: str | None) -> None:
        """Refuse the answer of another issuer (RFC 9207), which would get a code that is not its own."""
        announced = self.metadata.get("authorization_response_iss_parameter_supported") is True
        if sender != self.issuer.issuer and (sender is not None or announced):
            raise IssuerError(f"The answer comes from {sender!r}.")

    def _fetch_claims(self, request: HttpRequest, state: dict[str, Any]) -> dict[str, Any]:
        adapter = self.get_oauth2_adapter(request)
        tokens = adapter.get_access_token_data(
            request,
            self.app,
            adapter.get_client(request, self.app),
            pkce_code_verifier=state["pkce_code_verifier"],
        )
        claims = verify_id_token(
            tokens.get("id_token"), self.issuer, self.metadata["jwks_uri"], state["data"]["nonce"]
        )
        if not self.metadata.get("userinfo_endpoint"):
            return claims
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        described = fetch_json(self.metadata["userinfo_endpoint"], headers=bearer)
        if described.get("sub") != claims["sub"]:
            raise IssuerError("The ID token and the user info are about different people.")
        return {**described, **claims}
