"""The admin site: its first page, its order, and the addresses that belong to no table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotations.admin import my_work, passwords, team, work_lists
from annotations.admin.access import current_roles, current_user
from annotations.admin.corpus_tabs import with_tabs
from annotations.admin.sign_in import CAME_BY, SignInForm, SignInView
from annotations.models import Role

#: The order of the tables; Django's own is alphabetical.
TABLE_ORDER: Mapping[str, int] = {
    name: index
    for index, name in enumerate(
        (
            "Corpus", "Membership", "Article", "AnnotationSet", "Span", "Relation", "Comment", "Actor",
            "Alias", "Topic", "Proposition", "Revision", "Release", "Job", "Event", "AccessToken", "User",
            "Group",
        )
    )
}  # fmt: skip


def has_account_pages() -> bool:
    """Return whether there is something to set on the page of one's own account."""
    return settings.OIDC is not None or settings.MFA_REQUIRED != "OFF"


#: The tables of single sign-on and of second factors, which have pages of their own; here they show secrets.
HIDDEN_APPS = frozenset({"account", "socialaccount", "mfa"})


class StandpointSite(AdminSite):
    """Django's admin site with the user's work on its first page."""

    site_title = "Standpoint"
    site_header = "Standpoint"
    index_title = "Standpoint"
    site_url = None
    enable_nav_sidebar = False
    login_form = SignInForm
    login_template = "admin/annotations/account/login.html"
    logout_template = "admin/annotations/account/logged_out.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is active staff; memberships decide what they see."""
        return bool(request.user.is_active and request.user.is_staff)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return Django's view for people who may be here, with the tabs of the corpus that it is about."""
        return with_tabs(super().admin_view(view, cacheable))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Render the first page."""
        by = current_user(request)
        work = my_work.load_my_work(by, work_lists.find_opened(request))
        context = {
            "work": work,
            "news": team.notifications.load_unread(request),
            "may_found": not work.corpora and by.has_perm("annotations.add_corpus"),
            "title": gettext("My work"),
            **(extra_context or {}),
        }
        return super().index(request, context)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register tables, except those of libraries with pages of their own."""
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        shown = [model for model in models if model._meta.app_label not in HIDDEN_APPS]
        super().register(shown, admin_class, **options)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Render Django's page with what follows a right password; 429 where it was sent too often."""
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        context = {
            **self.each_context(request),
            "title": gettext("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            "has_mail_server": passwords.has_mail_server(),
            "oidc": settings.OIDC,
            "takes_passwords": not settings.OIDC_ONLY,
            **(extra_context or {}),
        }
        response = SignInView.as_view(extra_context=context, template_name=self.login_template)(request)
        form = (getattr(response, "context_data", None) or {}).get("form")
        wait = getattr(form, "wait", None)
        if wait is not None:
            response.status_code = 429
            response.headers["Retry-After"] = str(wait)
        return cast("HttpResponse", response)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Render Django's page, which also leads to the sign-out of the sign-in service."""
        came_by = request.session.get(CAME_BY) if settings.OIDC else None
        return super().logout(request, {"oidc": settings.OIDC if came_by else None, **(extra_context or {})})

    @method_decorator(never_cache)
    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Render Django's page, which asks about access tokens and which no browser may keep."""
        context = {**self.each_context(request), **(extra_context or {})}
        return cast("TemplateResponse", passwords.OwnPasswordView.as_view(extra_context=context)(request))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Return the tables, ours first and in our order."""
        apps: Any = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: TABLE_ORDER.get(model["object_name"], len(TABLE_ORDER)))
        return sorted(apps, key=lambda app: app["app_label"] != "annotations")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return our pages and Django's.

        Django's redirect to an object's own page is left out, since no object has one.
        """
        take = path("work/take/", self.admin_view(require_POST(my_work.take_next)), name="take")
        settle = self.admin_view(require_POST(my_work.settle_article))
        work = [
            take,
            path("work/settle/<uuid:pk>/", settle, name="settle"),
            path("work/<str:name>/", self.admin_view(work_lists.page), {"site": self}, name="work_list"),
            path("work/<str:name>/<str:step>/<uuid:pk>/", self.admin_view(work_lists.step), name="work_step"),
        ]
        django_urls = [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]
        return [*work, *team.site_urls(self), *passwords.reset_urls(self), *django_urls]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return Django's context of every page, the unread notifications, and who sees the tables."""
        return {
            **super().each_context(request),
            "unread": team.notifications.count_unread(request),
            "are_tables_shown": Role.MANAGER in current_roles(request),
            "has_account_page": has_account_pages(),
        }
