"""The form with which people sign in, how often it may be sent, and what follows a right password."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from annotations.exceptions import NotAllowedNowError, TooManySignInsError
from annotations.messages import message
from annotations.services.core import sign_ins
from annotations.translation import translate_message

#: The key of the session under which it stands who has given a right password, and no code yet.
PENDING = "standpoint_pending_sign_in"
#: The key of the session for the issuer, where somebody came in by single sign-on.
CAME_BY = "standpoint_came_by"
PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 - a name of a class


class SignInForm(AdminAuthenticationForm):
    """Django's form, which looks at no password while an account or an address has to wait.

    ``wait``: the seconds after which it may be sent again, where it was refused for that.
    """

    wait: int | None = None

    def clean(self) -> dict[str, Any]:
        """Check name and password, if passwords are taken and there is a sign-in left."""
        if settings.OIDC_ONLY:
            raise ValidationError(translate_message(no_passwords_error().detail), code="sso-only")
        username, password = (self.cleaned_data.get(name) for name in ("username", "password"))
        if username is None or not password:
            return super().clean()
        try:
            with sign_ins.attempt(username, client_address(self.request)) as attempt:
                cleaned = super().clean()
                attempt.succeed()
                return cleaned
        except TooManySignInsError as error:
            self.wait = int(error.data["wait"])
            raise ValidationError(translate_message(error.detail), code=error.code) from None


class SignInView(LoginView):
    """Django's page, after whose right password a code may be asked for."""

    authentication_form = SignInForm

    def form_valid(self, form: Any) -> HttpResponseRedirect:
        """Go on to what follows."""
        return complete_sign_in(self.request, form.get_user(), self.get_redirect_url())


def no_passwords_error() -> NotAllowedNowError:
    """Return the error of somebody who wants to use a password where none are taken."""
    return NotAllowedNowError(
        message(
            "This service takes no passwords; sign in with {name}.",
            name=settings.OIDC.name if settings.OIDC else "OIDC_ISSUER",
        ),
        state="sso-only",
        allowed=[],
    )


def complete_sign_in(request: HttpRequest, user: User, next_url: str = "") -> HttpResponseRedirect:
    """Sign in somebody who has given a right password, or lead them to the page that asks for a code.

    Where second factors are offered, that page decides: whoever needs none goes straight on.
    """
    target = safe_next_url(request, next_url)
    if settings.MFA_REQUIRED == "OFF":
        login(request, user, backend=PASSWORD_BACKEND)
        return HttpResponseRedirect(target)
    # A session of somebody else, and a key that somebody else may know, end here.
    request.session.flush()
    request.session[PENDING] = {"user": user.pk, "next": target, "at": time.time()}
    return HttpResponseRedirect(reverse("identity:code"))


def safe_next_url(request: HttpRequest, next_url: str) -> str:
    """Return where a sign-in leads: an address of this service, or its first page."""
    hosts = {request.get_host()}
    if next_url and url_has_allowed_host_and_scheme(next_url, hosts, require_https=request.is_secure()):
        return next_url
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def client_address(request: HttpRequest | None) -> str:
    """Return the address of a client; behind our proxies, the one that the outermost of them has seen."""
    if request is None:
        return ""
    own = str(request.META.get("REMOTE_ADDR", ""))
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    number = settings.TRUSTED_PROXIES
    return seen[-number] if number and len(seen) >= number else own
