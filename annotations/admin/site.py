"""The admin site as a whole: its first page, its order, and the addresses that belong to no table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotations.admin import team, work
from annotations.admin.access import person
from annotations.admin.sign_in import SignInForm

#: The tables in the order in which people meet them; Django's own order is that of the alphabet.
ORDER: Mapping[str, int] = {
    name: place
    for place, name in enumerate(
        (
            "Corpus", "Membership", "Article", "AnnotationSet", "Span", "Relation", "Comment", "Actor",
            "Alias", "Topic", "Proposition", "Revision", "Release", "Job", "Event", "AccessToken", "User",
            "Group",
        )
    )
}  # fmt: skip


class StandpointSite(AdminSite):
    """Django's admin with the work of whoever asks on its first page."""

    site_title = "Standpoint"
    site_header = "Standpoint"
    index_title = "Standpoint"
    site_url = None
    enable_nav_sidebar = True
    login_form = SignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff; what they see is up to their memberships."""
        return bool(request.user.is_active and request.user.is_staff)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The first page."""
        context = {"work": work.of(person(request)), "title": gettext("My work"), **(extra_context or {})}
        return super().index(request, context)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's page; 429 where the form was sent too often."""
        response = super().login(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        wait = getattr(form, "wait", None)
        if wait is not None:
            response.status_code = 429
            response.headers["Retry-After"] = str(wait)
        return response

    @method_decorator(never_cache)
    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Django's page, which no browser may keep either."""
        return super().password_change(request, extra_context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Ours first, in our order."""
        apps: Any = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: ORDER.get(model["object_name"], len(ORDER)))
        return sorted(apps, key=lambda app: app["app_label"] != "annotations")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Ours, and Django's without the redirect to an object's own page, of which there is none."""
        ours = path("work/take/", self.admin_view(require_POST(work.take)), name="take")
        theirs = [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]
        return [ours, *team.site_urls(self), *theirs]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page shows: Django's, and how much there is to read."""
        return {**super().each_context(request), "unread": team.notifications.unread(request)}
