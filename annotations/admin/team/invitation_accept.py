"""The page of an invitation's link: its holder becomes a member, with a new account or an old one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import password_validation
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from annotations import limits
from annotations.admin.access import current_user
from annotations.admin.sign_in import complete_sign_in
from annotations.exceptions import NotVisibleError, StandpointError
from annotations.models import Invitation
from annotations.services.team import invitations
from annotations.translation import translate_message

TEMPLATE = "admin/annotations/team/accept.html"


class AccountForm(forms.Form):
    """Form for a username and a password, typed twice."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=limits.MAX_USERNAME,
        help_text=gettext_lazy("Your work stands under this name. Letters, digits and @ . + - _."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=500,
        help_text=password_validation.password_validators_help_text_html(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The password again"),
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Check that both passwords are the same."""
        values = super().clean() or {}
        if "again" in values and values.get("password") != values["again"]:
            self.add_error("again", gettext("The two passwords differ; type the same one twice."))
        return values

    def show_error(self, refusal: StandpointError) -> None:
        """Put the messages of an error beside the fields that they are about."""
        for error in refusal.errors:
            name = (error.pointer or "").strip("/")
            self.add_error(name if name in self.fields else None, translate_message(error.detail))
        if not self.errors:
            self.add_error(None, translate_message(refusal.detail))


@sensitive_post_parameters("password", "again")
@sensitive_variables("token")
def page(request: HttpRequest, token: str, site: AdminSite) -> HttpResponse:
    """Render the invitation, and let its holder in. An old link and an invented one look the same."""
    context: dict[str, Any] = {**site.each_context(request), "title": gettext("Invitation")}
    try:
        invitation = invitations.find_invitation(token)
    except NotVisibleError as error:
        return TemplateResponse(
            request, TEMPLATE, {**context, "refusal": translate_message(error.detail)}, status=404
        )
    signed_in = request.user.is_authenticated and request.user.is_active
    form = None if signed_in else AccountForm(request.POST or None)
    if request.method == "POST" and (signed_in or not settings.OIDC_ONLY):
        response = (
            _join(request, token, invitation)
            if form is None
            else _create_account(request, token, invitation, form)
        )
        if response is not None:
            return response
    here = reverse("admin:invitation", args=(token,))
    context |= {
        "invitation": invitation,
        "form": None if settings.OIDC_ONLY else form,
        "must_sign_in": not signed_in and settings.OIDC_ONLY,
        "login_url": f"{reverse('admin:login')}?{urlencode({'next': here})}",
    }
    return TemplateResponse(request, TEMPLATE, context)


def _join(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse | None:
    """Make the signed-in user a member."""
    try:
        invitations.join_corpus(token, current_user(request))
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
        return None
    _welcome(request, invitation)
    return HttpResponseRedirect(reverse("admin:index"))


def _create_account(
    request: HttpRequest, token: str, invitation: Invitation, form: AccountForm
) -> HttpResponse | None:
    """Create an account, and sign in to it."""
    if not form.is_valid():
        return None
    try:
        user: User = invitations.accept_invitation(
            token, form.cleaned_data["username"], form.cleaned_data["password"]
        )
    except StandpointError as error:
        form.show_error(error)
        return None
    response = complete_sign_in(request, user)
    _welcome(request, invitation)
    return response


def _welcome(request: HttpRequest, invitation: Invitation) -> None:
    message = gettext("Welcome: you are a member of %(corpus)s, as %(role)s.")
    messages.success(
        request, message % {"corpus": invitation.corpus.name, "role": invitation.get_role_display()}
    )
