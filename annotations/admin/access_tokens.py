"""The user's own access tokens. A secret is in one response, and neither stored nor shown again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from annotations import limits
from annotations.admin import form_fields
from annotations.admin.access import current_user, is_superuser
from annotations.admin.forms import ServiceForm
from annotations.admin.labels import LazyText
from annotations.admin.scoped_admin import isolate_direction, list_url
from annotations.admin.search_columns import SmallTable
from annotations.admin.service_admin import ServiceAdmin
from annotations.enums import Scope
from annotations.models import AccessToken
from annotations.services.core import access_tokens
from annotations.services.core.errors import shown_once_error
from annotations.visibility import visible

DEFAULT_EXPIRY_DAYS = 90

#: The labels of the scopes in the form.
SCOPE_LABELS: Mapping[Scope, LazyText] = {
    Scope.READ: gettext_lazy("read: everything that you see"),
    Scope.ANNOTATE: gettext_lazy("annotate: mark, comment, submit, add actors and propositions"),
    Scope.REVIEW: gettext_lazy("review: take, return and approve sets, comment, accept propositions"),
    Scope.MANAGE: gettext_lazy("manage: corpora, members, assignments"),
    Scope.INGEST: gettext_lazy("ingest: articles, revisions and imports"),
}


class TokenForm(ServiceForm):
    """Form for the purpose and the expiry of a new token."""

    text_checks = {"name": form_fields.line_check("name", limits.MAX_TOKEN_NAME, required=True)}
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=limits.MAX_TOKEN_NAME,
        strip=False,
        help_text=gettext_lazy("What uses it, so that you know it again."),
    )
    chosen = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=[(str(scope), text) for scope, text in SCOPE_LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Your role in each corpus still decides; a token never may more than you."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Expires after"),
        min_value=1,
        max_value=limits.MAX_TOKEN_DAYS,
        initial=DEFAULT_EXPIRY_DAYS,
        required=False,
        help_text=gettext_lazy("Days. Left empty, it never expires."),
    )


@admin.register(AccessToken)
class AccessTokenAdmin(ServiceAdmin):
    """The user's own tokens; superusers also see who has which, but no secrets and no digests."""

    form = TokenForm
    deferred_columns = ("digest",)
    joined_relations = ("user",)
    search_columns = (SmallTable("pk", AccessToken, ("name",)),)
    search_help_text = gettext_lazy("Part of the name.")
    empty_message = gettext_lazy(
        "You have no access tokens. A program that speaks to the API for you needs one."
    )
    list_display = (
        "name_shown",
        "user_name",
        "prefix",
        "scopes_shown",
        "expires_at",
        "last_used_at",
        "works",
    )
    sortable_by = ()
    ordering = ("-pk",)
    add_fields = ("name", "chosen", "days")
    fields = ("name_shown", "user_name", "prefix", "scopes_shown", "created_at", "expires_at", "last_used_at")
    readonly_fields = fields
    created_template = "admin/annotations/accesstoken/created.html"

    def has_view_permission(self, request: HttpRequest, obj: AccessToken | None = None) -> bool:
        """Allow all staff."""
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow all staff, for themselves."""
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: AccessToken | None = None) -> bool:
        """Allow nobody: the scopes of a token stay as they were when it was made."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AccessToken | None = None) -> bool:
        """Allow only its owner; an account is shut out by deactivating it."""
        return self.admin_site.has_permission(request) and (obj is None or obj.user_id == request.user.pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the user's own tokens, or all of them for superusers."""
        rows = AccessToken.objects.order_by(*self.ordering)
        allowed = rows if is_superuser(request) else visible(current_user(request), rows)
        return allowed.select_related(*self.joined_relations).defer(*self.deferred_columns)

    @admin.display(description=pgettext_lazy("field", "name"))
    def name_shown(self, row: AccessToken) -> str:
        """Return the name, isolated from the direction of the text around it."""
        return isolate_direction(row.name)

    @admin.display(description=pgettext_lazy("field", "of"))
    def user_name(self, row: AccessToken) -> str:
        """Return the user who acts through the token."""
        return isolate_direction(row.user.get_username())

    @admin.display(description=pgettext_lazy("field", "scopes"))
    def scopes_shown(self, row: AccessToken) -> str:
        """Return the scopes."""
        return ", ".join(row.scopes)

    @admin.display(description=pgettext_lazy("field", "works"), boolean=True)
    def works(self, row: AccessToken) -> bool:
        """Return whether the token has not expired and its account is active."""
        return row.user.is_active and (row.expires_at is None or row.expires_at > timezone.now())

    @sensitive_variables("secret")
    def create_object(self, request: HttpRequest, form: ServiceForm, values: dict[str, Any]) -> None:
        """Create the token; its secret goes no further than the response to this request."""
        cleaned = form.cleaned_data
        scopes = [Scope(scope) for scope in cleaned["chosen"]]
        expires_at = access_tokens.expires_in(cleaned["days"]) if cleaned["days"] else None
        row, secret = access_tokens.create_token(
            current_user(request), cleaned["name"], scopes, expires_at=expires_at, id=cleaned["new_id"]
        )
        if not secret:
            raise shown_once_error()
        form.instance.prefix = row.prefix
        _secrets[request] = secret

    def response_add(
        self, request: HttpRequest, obj: AccessToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Render the secret in the response itself: a message would wait in a cookie or in the session."""
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("The token is made"),
            "opts": self.opts,
            "name": obj.name,
            "secret": _secrets.pop(request),
            "list_url": list_url(AccessToken),
        }
        return TemplateResponse(request, self.created_template, context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Render Django's page with one button, since the secret comes next in any case."""
        hidden = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**hidden, **(extra_context or {})})

    def delete_model(self, request: HttpRequest, obj: AccessToken) -> None:
        """Revoke the token: it stops working at once."""
        access_tokens.revoke_token(current_user(request), obj.pk)


#: The secrets on their way from the service to the response of the same request.
_secrets: WeakKeyDictionary[HttpRequest, str] = WeakKeyDictionary()
