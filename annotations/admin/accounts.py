"""Accounts and groups, for superusers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from annotations import limits
from annotations.admin import filters
from annotations.admin.access import is_superuser
from annotations.admin.changelist import PortableChangeList
from annotations.admin.labels import format_number
from annotations.admin.passwords import AccountPasswordForm
from annotations.admin.search_columns import SmallTable, matching_rows
from annotations.exceptions import DuplicateError, TextNotAllowedError
from annotations.models import AccessToken
from annotations.services.core.usernames import require_free_username
from annotations.text.gate import check_line
from annotations.translation import translate_message

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _UserChangeForm = UserChangeForm[User]
    _AdminUserCreationForm = AdminUserCreationForm[User]
    _UserAdmin = UserAdmin[User]
else:  # Django's classes take no type arguments at runtime.
    _ModelAdmin = admin.ModelAdmin
    _UserChangeForm = UserChangeForm
    _AdminUserCreationForm = AdminUserCreationForm
    _UserAdmin = UserAdmin


class SuperuserAdmin(_ModelAdmin):
    """Base of tables for superusers, in which only the declared columns can be filtered."""

    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is a superuser."""
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the user is a superuser."""
        return is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is a superuser."""
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the user is a superuser."""
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the user is a superuser."""
        return is_superuser(request)

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[PortableChangeList]:
        """Return the list that both engines give in the same order."""
        return PortableChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows in which every word stands, in any spelling of its letters."""
        columns = (SmallTable("pk", self.model, tuple(map(str, self.search_fields))),)
        return matching_rows(queryset, columns, search_term), False

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Allow only the key."""
        return to_field == self.opts.pk.name

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only the filters of the list; a password hash could be guessed letter by letter."""
        allowed = filters.filter_parameters(self.list_filter, self.date_hierarchy)
        return lookup in allowed and filters.is_valid_value(lookup, value)


def check_free_username(form: Any) -> str:
    """Return the user name of a form, or raise ``ValidationError`` if another account has it in any case."""
    name = str(form.cleaned_data.get("username", ""))
    try:
        require_free_username(name, but=form.instance if form.instance.pk else None)
    except DuplicateError as error:
        raise ValidationError(translate_message(error.detail)) from error
    return name


class AccountAddForm(_AdminUserCreationForm):
    """Form for a new account."""

    def clean_username(self) -> str:
        """Check the name by the one fold of names; Django's own check is that of the database."""
        return check_free_username(self)


class AccountChangeForm(_UserChangeForm):
    """Form for an account; its names are checked like every other name."""

    def clean_username(self) -> str:
        """Check the name by the one fold of names."""
        return check_free_username(self)

    def clean(self) -> dict[str, Any]:
        """Check the names."""
        values = super().clean() or {}
        for name in ("first_name", "last_name"):
            try:
                check_line(str(values.get(name, "")), name.replace("_", " "), limits.MAX_USERNAME)
            except TextNotAllowedError as error:
                self.add_error(name, translate_message(error.detail))
        return values


def count_references(user: Model) -> list[str]:
    """Return the kinds of rows that keep an account from being deleted, with counts; tokens do not."""
    lines = []
    relations: list[Any] = list(type(user)._meta.get_fields(include_hidden=True))
    for relation in relations:
        model = relation.related_model
        points_here = relation.auto_created and relation.one_to_many
        if points_here and model is not AccessToken and model._meta.app_label == AccessToken._meta.app_label:
            count = model._default_manager.filter(**{relation.field.name: user}).count()
            if count:
                lines.append(
                    gettext("%(rows)s, as %(role)s: %(number)s")
                    % {
                        "rows": model._meta.verbose_name_plural,
                        "role": relation.field.verbose_name,
                        "number": format_number(count),
                    }
                )
    return lines


admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(SuperuserAdmin, _UserAdmin):
    """The accounts. An account with work is deactivated, and never deleted."""

    form = AccountChangeForm
    add_form = AccountAddForm
    change_password_form = AccountPasswordForm
    change_user_password_template = "admin/annotations/account/change_password.html"  # noqa: S105 - a file
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser")
    list_filter = ("is_active", "is_staff", "is_superuser")
    delete_confirmation_template = "admin/annotations/delete_person.html"

    def construct_change_message(self, request: HttpRequest, form: Any, *args: Any, **kwargs: Any) -> Any:
        """Return what the history says; after a new password also tell what became of the tokens."""
        if isinstance(form, AccountPasswordForm):
            form.show_ended(request)
        return super().construct_change_message(request, form, *args, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        """Return Django's field, with the meaning of staff and superuser here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in HELP_TEXTS:
            field.help_text = HELP_TEXTS[db_field.name]
        return field

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return counts instead of a list: somebody's work may be thousands of rows."""
        protected = [line for user in objs for line in count_references(user)]
        return [str(user) for user in objs], {}, set(), protected


@admin.register(Group)
class AccountGroupAdmin(SuperuserAdmin, GroupAdmin):
    """Django's groups; the roles of Standpoint are memberships."""


HELP_TEXTS = {
    "is_active": gettext_lazy("Untick this instead of deleting the account: its work stays under its name."),
    "is_staff": gettext_lazy("May sign in here. What they see is decided by their memberships."),
    "is_superuser": gettext_lazy(
        "Acts as a manager of every corpus; nobody approves their own work, superusers neither."
    ),
    "user_permissions": gettext_lazy("Only “add corpus” matters here: it lets somebody found a corpus."),
}
