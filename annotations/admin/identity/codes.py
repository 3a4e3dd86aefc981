"""The second step of a sign-in: a code of the app or of the list, or the app itself where one is required."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django import forms
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from annotations.admin.identity.pages import refuse_for_now, render, require_second_factors
from annotations.admin.sign_in import PASSWORD_BACKEND, PENDING, client_address, safe_next_url
from annotations.exceptions import TooManySignInsError
from annotations.services.core import second_factor, sign_ins

#: Seconds for which a right password waits for a code.
PENDING_SECONDS = 600


class CodeForm(forms.Form):
    """Form for a code; blanks in it do not count."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "size": 12}
        ),
    )


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """Somebody who has given a right password, and where they want to go."""

    user: User
    next_url: str


def find_pending(request: HttpRequest) -> PendingSignIn | None:
    """Return the sign-in that waits in this browser, if it is not too old and the account is still active."""
    stored = request.session.get(PENDING)
    if not isinstance(stored, dict) or time.time() - stored["at"] > PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=stored["user"], is_active=True).first()
    return PendingSignIn(user, stored["next"]) if user else None


def finish(request: HttpRequest, pending: PendingSignIn) -> str:
    """Sign in, with a new session, and return where to go on."""
    request.session.flush()
    login(request, pending.user, backend=PASSWORD_BACKEND)
    return safe_next_url(request, pending.next_url)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    """Ask for a code; whoever has no app goes on, or adds one first where it is required."""
    require_second_factors()
    pending = find_pending(request)
    if pending is None:
        return HttpResponseRedirect(reverse("admin:login"))
    if not second_factor.has_second_factor(pending.user):
        if second_factor.is_second_factor_required(pending.user):
            return HttpResponseRedirect(reverse("identity:add"))
        return HttpResponseRedirect(finish(request, pending))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if try_code(request, pending.user, form.cleaned_data["code"]):
                return HttpResponseRedirect(finish(request, pending))
        except TooManySignInsError as error:
            return refuse_for_now(request, error)
        form.add_error("code", wrong_code())
    return render(request, "code", gettext("Your code"), form=form, person=pending.user)


def try_code(request: HttpRequest, user: User, code: str) -> bool:
    """Return whether a code is right, and count it if it is wrong; raise ``TooManySignInsError``."""
    with sign_ins.attempt(user.get_username(), client_address(request), "code") as attempt:
        is_right = second_factor.check_code(user, code)
        if is_right:
            attempt.succeed()
    return is_right


def wrong_code() -> str:
    """Return the sentence about a wrong code."""
    return gettext("This code is wrong, too old or used already; type the one that the app shows now.")
