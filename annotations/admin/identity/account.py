"""The page of one's own account: the link with the sign-in service, and the second factor."""

from __future__ import annotations

import base64
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from annotations.admin.access import current_user
from annotations.admin.identity.codes import CodeForm, find_pending, finish, try_code, wrong_code
from annotations.admin.identity.pages import for_owner, refuse_for_now, render, require_second_factors
from annotations.admin.sign_in import client_address
from annotations.exceptions import TooManySignInsError
from annotations.services.core import second_factor, sign_ins, sso_accounts

#: The key of the session for the secret of an app that has not yet given a right code.
NEW_SECRET = "standpoint_new_second_factor"  # noqa: S105 - a name of a key


class AddForm(CodeForm):
    """Form for the first code of an app; an open session alone may not add one."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("code", "password")


@never_cache
@require_GET
@for_owner
def account_page(request: HttpRequest) -> HttpResponse:
    """Render the page of one's own account."""
    user = current_user(request)
    link = sso_accounts.find_link(user, settings.OIDC.issuer) if settings.OIDC else None
    has_factor = settings.MFA_REQUIRED != "OFF" and second_factor.has_second_factor(user)
    return render(
        request,
        "account",
        gettext("Your account"),
        link=link,
        is_factor_offered=settings.MFA_REQUIRED != "OFF" and user.has_usable_password(),
        has_factor=has_factor,
        is_required=has_factor and second_factor.is_second_factor_required(user),
        codes_left=second_factor.count_recovery_codes(user) if has_factor else 0,
    )


@never_cache
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Add an app, with its first code; the recovery codes are in the answer, and nowhere else."""
    require_second_factors()
    pending = find_pending(request)
    # somebody with an app already has to give a code of it, and not another app
    if pending is not None and second_factor.has_second_factor(pending.user):
        return HttpResponseRedirect(reverse("identity:code"))
    if pending is None:
        return _add_as_owner(request)
    return _add(request, pending.user, CodeForm(request.POST or None))


@for_owner
def _add_as_owner(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    if second_factor.has_second_factor(user) or not user.has_usable_password():
        return HttpResponseRedirect(reverse("identity:account"))
    return _add(request, user, AddForm(request.POST or None))


def _add(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:
    secret = request.session.setdefault(NEW_SECRET, generate_totp_secret())
    if request.method == "POST" and form.is_valid():
        try:
            recovery_codes = _try_first_code(request, user, form, secret)
        except TooManySignInsError as error:
            return refuse_for_now(request, error)
        if recovery_codes is not None:
            del request.session[NEW_SECRET]
            return _show_recovery_codes(request, recovery_codes)
    url = get_adapter().build_totp_url(user, secret)
    picture = base64.b64encode(get_adapter().build_totp_svg(url).encode()).decode()
    return render(
        request,
        "add_factor",
        gettext("A second factor"),
        form=form,
        picture=f"data:image/svg+xml;base64,{picture}",
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        person=user,
        is_pending=not request.user.is_authenticated,
    )


def _try_first_code(request: HttpRequest, user: User, form: CodeForm, secret: str) -> list[str] | None:
    """Return the recovery codes if password and code are right; else tell the form, and count the try."""
    with sign_ins.attempt(user.get_username(), client_address(request), "code") as attempt:
        if "password" in form.fields and not user.check_password(form.cleaned_data["password"]):
            form.add_error("password", gettext("This is not your password."))
            return None
        recovery_codes = second_factor.add_second_factor(user, secret, form.cleaned_data["code"])
        if recovery_codes is None:
            form.add_error("code", wrong_code())
        else:
            attempt.succeed()
    return recovery_codes


def _show_recovery_codes(request: HttpRequest, recovery_codes: list[str]) -> HttpResponse:
    """Return the page with the codes; it also ends a sign-in that was waiting for the app."""
    pending = find_pending(request)
    next_url = finish(request, pending) if pending else reverse("identity:account")
    return render(
        request, "recovery_codes", gettext("Your recovery codes"), codes=recovery_codes, next_url=next_url
    )


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@for_owner
def renew_page(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, for whoever gives a code."""
    return _with_code(request, gettext("New recovery codes"), _renew)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@for_owner
def remove_page(request: HttpRequest) -> HttpResponse:
    """Remove the app and the recovery codes, for whoever gives a code."""
    return _with_code(request, gettext("Remove the second factor"), _remove)


def _with_code(request: HttpRequest, title: str, act: Any) -> HttpResponse:
    require_second_factors()
    user = current_user(request)
    if not second_factor.has_second_factor(user):
        return HttpResponseRedirect(reverse("identity:account"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if try_code(request, user, form.cleaned_data["code"]):
                response: HttpResponse = act(request, user)
                return response
        except TooManySignInsError as error:
            return refuse_for_now(request, error)
        form.add_error("code", wrong_code())
    return render(request, "code", title, form=form, person=user, button=title)


def _renew(request: HttpRequest, user: User) -> HttpResponse:
    return _show_recovery_codes(request, second_factor.renew_recovery_codes(user))


def _remove(request: HttpRequest, user: User) -> HttpResponse:
    second_factor.remove_second_factor(user)
    messages.success(request, gettext("Your account has no second factor any more."))
    return HttpResponseRedirect(reverse("identity:account"))
