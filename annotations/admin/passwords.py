"""The pages of passwords: changing one's own, and choosing a new one after a mail.

Access tokens outlive a password. Each form that sets one says how many there are, and offers to end them.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import forms as auth_forms
from django.contrib.auth import views as auth_views
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.cache import never_cache

from annotations.admin.sign_in import client_address
from annotations.exceptions import TooManySignInsError
from annotations.services.core import access_tokens, sign_ins
from annotations.text.usernames import fold_username
from annotations.translation import translate_message

if TYPE_CHECKING:
    _PasswordChangeForm = auth_forms.PasswordChangeForm
    _SetPasswordForm = auth_forms.SetPasswordForm[User]
    _AdminPasswordChangeForm = auth_forms.AdminPasswordChangeForm[User]
    _FormMixin = auth_forms.SetPasswordForm[User]
else:  # Django's classes take no type arguments at runtime.
    _PasswordChangeForm = auth_forms.PasswordChangeForm
    _SetPasswordForm = auth_forms.SetPasswordForm
    _AdminPasswordChangeForm = auth_forms.AdminPasswordChangeForm
    _FormMixin = object

logger = logging.getLogger(__name__)

FORM_TEMPLATE = "admin/annotations/account/password_form.html"

# Sending takes time: an answer that waited for it would tell that there is an account.
_mailer = ThreadPoolExecutor(1, thread_name_prefix="mail")


class TokenQuestionMixin(_FormMixin):
    """A form for a new password that asks what shall become of the access tokens of the account."""

    ended = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = access_tokens.count_tokens(self.user)
        if number:
            self.fields["end_tokens"] = forms.BooleanField(
                required=False,
                label=ngettext(
                    "End the access token of this account as well",
                    "End the %(number)s access tokens of this account as well",
                    number,
                )
                % {"number": number},
                help_text=gettext(
                    "Programs that use them are shut out at once. Otherwise they stay valid: a new password "
                    "ends the other sessions, but no access token."
                ),
            )

    def save(self, commit: bool = True) -> User:
        """Store the password, and end the tokens with it if that was asked for."""
        with transaction.atomic():
            user = super().save(commit)
            if self.cleaned_data.get("end_tokens"):
                self.ended = access_tokens.end_tokens(user)
        return user

    def show_ended(self, request: HttpRequest) -> None:
        """Tell on the next page how many tokens were ended."""
        if self.ended:
            sentence = ngettext(
                "The access token was ended.", "%(number)s access tokens were ended.", self.ended
            )
            messages.success(request, sentence % {"number": self.ended})


class OwnPasswordForm(TokenQuestionMixin, _PasswordChangeForm):
    """Form for one's own password, with the old one."""


class NewPasswordForm(TokenQuestionMixin, _SetPasswordForm):
    """Form for a new password, of somebody who has opened the link of a mail."""


class AccountPasswordForm(TokenQuestionMixin, _AdminPasswordChangeForm):
    """Form with which a superuser sets the password of an account."""


class ResetForm(auth_forms.PasswordResetForm):
    """Form for the address to which a link is mailed."""

    def get_users(self, email: str) -> list[User]:
        """Return the accounts of the address in any case, which the engines would fold differently."""
        rows = User.objects.filter(is_active=True).exclude(email="")
        asked = fold_username(email)
        return [row for row in rows if fold_username(row.email) == asked and row.has_usable_password()]

    def send_mail(  # noqa: PLR0917 - of Django
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        """Hand the mail over to the thread that sends, in the language of the page."""
        page = reverse("admin:password_reset_confirm", args=(context["uid"], context["token"]))
        asked = gettext("Somebody, probably you, asked for a new password for the account %(name)s.")
        lines = (
            asked % {"name": context["user"].get_username()},
            gettext("Open this address to choose one; it works once and for a day:"),
            f"{context['protocol']}://{context['domain']}{page}",
            gettext("If it was not you, nothing has to be done: the old password stays valid."),
        )
        subject = gettext("Standpoint: a new password")
        _mailer.submit(_send, EmailMessage(subject, "\n\n".join(lines) + "\n", from_email, [to_email]))


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except Exception:  # the thread is the last to hear of it
        logger.exception("The mail for a new password could not be sent.")


class OwnPasswordView(auth_views.PasswordChangeView):
    """The page on which people change their own password."""

    form_class = OwnPasswordForm
    template_name = FORM_TEMPLATE
    success_url = reverse_lazy("admin:password_change_done")

    def form_valid(self, form: Any) -> HttpResponse:
        """Store the password, and tell what became of the tokens."""
        response = super().form_valid(form)
        form.show_ended(self.request)
        return response


@method_decorator(never_cache, name="dispatch")
class ResetPageMixin(auth_views.PasswordContextMixin):
    """A page of the site about a forgotten password; without a mail server there is none."""

    site: AdminSite | None = None
    request: HttpRequest

    def dispatch(self, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answer 404 where nothing can be mailed, or no password is taken."""
        if not has_mail_server():
            raise Http404
        return cast("HttpResponseBase", super().dispatch(*args, **kwargs))  # type: ignore[misc]

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        """Return what every page of the site has, and what is special here."""
        common = self.site.each_context(self.request) if self.site is not None else {}
        return {**common, **super().get_context_data(**kwargs)}


class ResetView(ResetPageMixin, auth_views.PasswordResetView):
    """The page that asks for an address; it answers alike whether there is an account or not."""

    form_class = ResetForm
    template_name = FORM_TEMPLATE
    success_url = reverse_lazy("admin:password_reset_done")
    extra_context = {
        "lead": gettext_lazy(
            "Enter the e-mail address of your account; a link for a new password will be mailed to it."
        ),
        "button": gettext_lazy("Send me the link"),
    }

    def form_valid(self, form: Any) -> HttpResponse:
        """Mail the link, if there is a request left for the address and for the client."""
        try:
            sign_ins.count_reset(form.cleaned_data["email"], client_address(self.request))
        except TooManySignInsError as error:
            form.add_error(None, translate_message(error.detail))
            response = self.form_invalid(form)
            response.status_code = 429
            response.headers["Retry-After"] = str(error.data["wait"])
            return response
        return super().form_valid(form)


class ResetDoneView(ResetPageMixin, auth_views.PasswordResetDoneView):
    """The page that says that a mail is on its way, if there is such an account."""


class NewPasswordView(ResetPageMixin, auth_views.PasswordResetConfirmView):
    """The page behind the link of the mail."""

    form_class = NewPasswordForm
    template_name = FORM_TEMPLATE
    success_url = reverse_lazy("admin:password_reset_complete")

    def form_valid(self, form: Any) -> HttpResponse:
        """Store the password; the failures that led here are forgotten."""
        response = super().form_valid(form)
        sign_ins.forget_failures(form.user.get_username())
        form.show_ended(self.request)
        return response


class ResetCompleteView(ResetPageMixin, auth_views.PasswordResetCompleteView):
    """The page that leads back to the sign-in."""


def has_mail_server() -> bool:
    """Return whether a forgotten password can be mailed about, and would be of use."""
    return bool(settings.EMAIL_HOST) and not settings.OIDC_ONLY


def reset_urls(site: AdminSite) -> list[URLPattern]:
    """Return the pages of a forgotten password."""
    return [
        path("password/reset/", ResetView.as_view(site=site), name="password_reset"),
        path("password/reset/sent/", ResetDoneView.as_view(site=site), name="password_reset_done"),
        path("password/reset/done/", ResetCompleteView.as_view(site=site), name="password_reset_complete"),
        path(
            "password/reset/<str:uidb64>/<str:token>/",
            NewPasswordView.as_view(site=site),
            name="password_reset_confirm",
        ),
    ]
