"""The way in for a superuser while the sign-in service is down: an address from ``manage.py break_glass``."""

from __future__ import annotations

import logging

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from annotations.admin.identity.pages import refuse, render
from annotations.admin.sign_in import PASSWORD_BACKEND, client_address
from annotations.services.core import one_time_addresses

logger = logging.getLogger(__name__)


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Ask before the address is used up: programs that look at links must not do that."""
    user = User.objects.filter(pk=pk).first()
    # Nobody guesses a signature, and a limit would be a way to shut this door from outside.
    if user is None or not one_time_addresses.is_good(user, token):
        return refuse(
            request,
            gettext("This address was used, or it is too old; manage.py break_glass prints another one."),
            404,
        )
    if request.method == "GET":
        return render(request, "break_glass", gettext("Sign in without the sign-in service"), person=user)
    request.session.flush()
    login(request, user, backend=PASSWORD_BACKEND)
    logger.warning(
        "%s came in by manage.py break_glass, from %s.", user.get_username(), client_address(request)
    )
    return HttpResponseRedirect(reverse("admin:index"))
