"""What the pages of sign-ins have in common: their look, their refusals, and who may open them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from annotations.exceptions import TooManySignInsError
from annotations.issuers import IssuerSettings
from annotations.translation import translate_message

P = ParamSpec("P")


def render(request: HttpRequest, name: str, title: str, status: int = 200, **context: object) -> HttpResponse:
    """Return a page of the site that no browser and no proxy keeps."""
    full = {**admin.site.each_context(request), "title": title, "oidc": settings.OIDC, **context}
    return TemplateResponse(
        request,
        f"admin/annotations/account/{name}.html",
        full,
        status=status,
        headers={"Cache-Control": "no-store"},
    )


def refuse(request: HttpRequest, sentence: str, status: int = 403) -> HttpResponse:
    """Return the page that says why somebody was not let in."""
    return render(request, "refused", gettext("You were not signed in"), status, sentence=sentence)


def refuse_for_now(request: HttpRequest, error: TooManySignInsError) -> HttpResponse:
    """Return the page for an account or an address that has to wait."""
    response = refuse(request, translate_message(error.detail), 429)
    response.headers["Retry-After"] = str(error.data["wait"])
    return response


def require_issuer() -> IssuerSettings:
    """Return the sign-in service of the settings; raise ``Http404`` where there is none."""
    if not isinstance(settings.OIDC, IssuerSettings):
        raise Http404
    return settings.OIDC


def require_second_factors() -> None:
    """Raise ``Http404`` where no second factors are offered."""
    if settings.MFA_REQUIRED == "OFF":
        raise Http404


def for_owner(page: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Let only people who are signed in open a page; others come back to it after they have signed in."""

    @wraps(page)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not admin.site.has_permission(cast("HttpRequest", args[0])):
            return HttpResponseRedirect(f"{reverse('admin:login')}?next={reverse('identity:account')}")
        return page(*args, **kwargs)

    return guarded
