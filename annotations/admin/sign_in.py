"""The form with which people sign in, and how often it may be sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from annotations.exceptions import TooManySignInsError
from annotations.services.core import sign_ins
from annotations.translation import translate_message


class SignInForm(AdminAuthenticationForm):
    """Django's form, which looks at no password while an account or an address has to wait.

    ``wait``: the seconds after which it may be sent again, where it was refused for that.
    """

    wait: int | None = None

    def clean(self) -> dict[str, Any]:
        """Check name and password, if there is a sign-in left."""
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


def client_address(request: HttpRequest | None) -> str:
    """Return the address of a client; behind our proxies, the one that the outermost of them has seen."""
    if request is None:
        return ""
    own = str(request.META.get("REMOTE_ADDR", ""))
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    number = settings.TRUSTED_PROXIES
    return seen[-number] if number and len(seen) >= number else own
