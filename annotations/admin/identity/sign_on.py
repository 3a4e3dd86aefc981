"""Signing in with the sign-in service of the house, and linking an account with it."""

from __future__ import annotations

import logging
from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations.admin.access import current_user
from annotations.admin.identity.claims import read_identity
from annotations.admin.identity.issuer_http import IssuerError, require_secure_address
from annotations.admin.identity.pages import for_owner, refuse, render, require_issuer
from annotations.admin.identity.provider import CancelledError, IssuerProvider
from annotations.admin.sign_in import CAME_BY, PASSWORD_BACKEND, client_address, safe_next_url
from annotations.exceptions import StandpointError
from annotations.issuers import IssuerSettings
from annotations.services.core import sso_accounts
from annotations.services.core.sso_accounts import Identity
from annotations.translation import translate_message

logger = logging.getLogger(__name__)

SIGN_IN, CONNECT = "login", "connect"
#: The key of the session for an identity that its owner has yet to connect.
FOUND = "standpoint_found_identity"


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the sign-in service.

    By a link and not by a form: the content security policy lets no form lead to another host. It changes
    nothing here, and what comes back counts only in this browser.
    """
    process = CONNECT if request.GET.get("process") == CONNECT else SIGN_IN
    if process == CONNECT and not request.user.is_authenticated:
        process = SIGN_IN
    return _send_off(request, process, safe_next_url(request, request.GET.get("next", "")))


def _send_off(request: HttpRequest, process: str, next_url: str) -> HttpResponse:
    issuer = require_issuer()
    try:
        return IssuerProvider(request, issuer).send_off(request, process, next_url)
    except IssuerError as error:
        logger.error("The sign-in service cannot be used: %s", error)  # noqa: TRY400 - the sentence says all
        return refuse(request, _unreachable(issuer), 502)


def _unreachable(issuer: IssuerSettings) -> str:
    return gettext("%(name)s cannot be reached at this moment; try again in a minute.") % {
        "name": issuer.name
    }


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Receive the browser that comes back: sign in, or ask whether the account shall be connected."""
    issuer = require_issuer()
    try:
        back = IssuerProvider(request, issuer).receive(request)
        identity = read_identity(back.claims, issuer)
    except CancelledError as error:
        logger.info("A sign-in at the sign-in service was given up: %s", error)
        return refuse(
            request,
            gettext("You did not sign in with %(name)s; nothing has changed.") % {"name": issuer.name},
        )
    except IssuerError as error:
        logger.warning("A sign-in from %s was refused: %s", client_address(request), error)
        return refuse(
            request,
            gettext(
                "What came back from %(name)s could not be trusted, or was too old. Sign in again; if this "
                "page comes back, tell whoever administers this service, whose log says more."
            )
            % {"name": issuer.name},
        )
    if back.process == CONNECT:
        return _ask_to_connect(request, identity)
    return _sign_in(request, identity, issuer, back.next_url)


def _sign_in(request: HttpRequest, identity: Identity, issuer: IssuerSettings, next_url: str) -> HttpResponse:
    try:
        user = sso_accounts.admit_person(identity, issuer)
    except StandpointError as error:
        logger.warning("%s of %s was not let in: %s", identity.subject, identity.issuer, error.detail)
        return refuse(request, translate_message(error.detail))
    # Neither the key nor anything else of the session from before goes on.
    request.session.flush()
    login(request, user, backend=PASSWORD_BACKEND)
    request.session[CAME_BY] = identity.issuer
    return HttpResponseRedirect(safe_next_url(request, next_url))


def _ask_to_connect(request: HttpRequest, identity: Identity) -> HttpResponse:
    if not request.user.is_authenticated:
        return refuse(request, gettext("You were signed out in the meantime; sign in and connect again."))
    values = {**asdict(identity), "groups": sorted(identity.groups)}
    request.session[FOUND] = {"user": current_user(request).pk, "identity": values}
    return HttpResponseRedirect(reverse("identity:connect"))


@never_cache
@require_http_methods(["GET", "POST"])
@for_owner
def connect(request: HttpRequest) -> HttpResponse:
    """Ask the owner of an account whether it belongs to whoever signed in over there, and link it.

    The name is shown and the button is theirs: nobody can have it connected to an account of their own.
    """
    issuer = require_issuer()
    found = request.session.get(FOUND)
    if not isinstance(found, dict) or found.get("user") != current_user(request).pk:
        return HttpResponseRedirect(reverse("identity:account"))
    values = found["identity"]
    identity = Identity(**{**values, "groups": frozenset(values["groups"])})
    if request.method == "GET":
        return render(request, "connect", gettext("Connect your account"), identity=identity)
    del request.session[FOUND]
    try:
        sso_accounts.link_account(current_user(request), identity)
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
    else:
        messages.success(request, gettext("Your account is connected with %(name)s.") % {"name": issuer.name})
    return HttpResponseRedirect(reverse("identity:account"))


@require_POST
@for_owner
def disconnect(request: HttpRequest) -> HttpResponse:
    """End the link of the account."""
    issuer = require_issuer()
    try:
        sso_accounts.unlink_account(current_user(request), issuer.issuer)
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
    else:
        messages.success(
            request, gettext("Your account is no longer connected with %(name)s.") % {"name": issuer.name}
        )
    return HttpResponseRedirect(reverse("identity:account"))


@never_cache
@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-out of the sign-in service, if it has one, and from there to our sign-in."""
    issuer = require_issuer()
    ours = request.build_absolute_uri(reverse("admin:login"))
    provider = IssuerProvider(request, issuer)
    try:
        target = require_secure_address(provider.metadata.get("end_session_endpoint"))
    except IssuerError:
        return HttpResponseRedirect(ours)
    parameters = urlencode({"client_id": issuer.client_id, "post_logout_redirect_uri": ours})
    return HttpResponseRedirect(f"{target}{'&' if '?' in target else '?'}{parameters}")
