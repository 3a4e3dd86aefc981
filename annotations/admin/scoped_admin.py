"""The base of the admin's tables: permissions by role, and rows through the scope gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from annotations.admin import filters
from annotations.admin.access import (
    current_roles,
    current_user,
    has_permission,
    has_permission_somewhere,
    is_archived,
    is_in_one_corpus,
)
from annotations.admin.changelist import CappedPaginator, PortableChangeList
from annotations.admin.history import describe_events, with_quotes
from annotations.admin.labels import LazyText
from annotations.admin.search_columns import SearchColumn, matching_rows
from annotations.models import Event
from annotations.permissions import Permission
from annotations.visibility import visible

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:  # Django's class takes no type arguments at runtime.
    _ModelAdmin = admin.ModelAdmin


@dataclass(frozen=True)
class ObjectTool:
    """A link above the form of an object."""

    label: LazyText
    url: str
    is_primary: bool = False


def isolate_direction(text: object) -> SafeString:
    """Return a text of a user's, isolated from the direction of the text around it."""
    return format_html("<bdi>{}</bdi>", text)


def change_url(model: type[Model], pk: int | str | UUID) -> str:
    """Return the address of an object's page."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=(quote(pk),))


def list_url(model: type[Model], query: str = "") -> str:
    """Return the address of a table's list."""
    opts = model._meta
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return f"{url}?{query}" if query else url


class ScopedAdmin(_ModelAdmin):
    """A table of which users see the rows of their corpora, and change what their role allows.

    A search looks into ``search_columns``. ``joined_relations`` are joined on every page, and
    ``deferred_columns`` are loaded on none. ``empty_message`` is the message of an empty list.
    """

    view_permission: ClassVar[Permission]
    add_permission: ClassVar[Permission | None] = None
    change_permission: ClassVar[Permission | None] = None
    delete_permission: ClassVar[Permission | None] = None
    search_columns: ClassVar[tuple[SearchColumn, ...]] = ()
    joined_relations: ClassVar[tuple[str, ...]] = ()
    deferred_columns: ClassVar[tuple[str, ...]] = ()
    empty_message: ClassVar[LazyText] = gettext_lazy("There is nothing here yet.")

    actions = None
    paginator: ClassVar[type[Paginator[Any]]] = CappedPaginator
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    object_history_template = "admin/annotations/history.html"
    #: Whether the events of one object are about several sets, so that each names the owner of its set.
    names_sets: ClassVar[bool] = False

    # --- permissions -----------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is a member of some corpus."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role in the object's corpus, or in any, allows it."""
        return self._has_role_permission(request, self.view_permission, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether a role in any corpus allows it; the form checks the chosen corpus again."""
        return self._has_role_permission(request, self.add_permission, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role allows it and the corpus is not archived."""
        return self._has_role_permission(request, self.change_permission, obj) and not is_archived(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role allows it and the corpus is not archived."""
        return self._has_role_permission(request, self.delete_permission, obj) and not is_archived(obj)

    def _has_role_permission(
        self, request: HttpRequest, permission: Permission | None, obj: Model | None
    ) -> bool:
        if permission is None or not current_roles(request):
            return False
        return (
            has_permission_somewhere(request, permission)
            if obj is None
            else has_permission(request, permission, obj)
        )

    # --- rows ------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[PortableChangeList]:
        """Return the list that both engines give in the same order."""
        return PortableChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the user may know of."""
        rows = visible(current_user(request), super().get_queryset(request)).defer(*self.deferred_columns)
        return rows.select_related(*self.joined_relations) if self.joined_relations else rows

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: object, object_id: str
    ) -> HttpResponseRedirect:
        """Answer 404 where Django leads to the start page with an id that says nothing to anybody."""
        raise Http404

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether a filter of the list sends the lookup: other columns would reveal secrets."""
        allowed = filters.filter_parameters(self.list_filter, self.date_hierarchy)
        return lookup in allowed and filters.is_valid_value(lookup, value)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Allow only the key: the values of any other column could be guessed by asking for it."""
        return to_field == self.opts.pk.name

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the searched fields; with some, Django shows the search box."""
        return tuple(column.path for column in self.search_columns)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that contain every word; no row comes twice."""
        return matching_rows(queryset, self.search_columns, search_term), False

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns, without that of the corpus if the user has only one."""
        columns = super().get_list_display(request)
        return [name for name in columns if name != "corpus_name" or not is_in_one_corpus(request)]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Render Django's list with the table's name as title and a message for an empty list."""
        title = capfirst(str(self.opts.verbose_name_plural))
        context = {"title": title, "empty": self.empty_message, **(extra_context or {})}
        return super().changelist_view(request, context)

    # --- around the form of an object -------------------------------------------------------

    def display_name(self, obj: Any) -> str:
        """Return what people call the object."""
        return str(obj)

    def object_tools(self, request: HttpRequest, obj: Any) -> list[ObjectTool]:
        """Return the links above an object's form."""
        return []

    def extra_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the context of the template blocks around an object's form."""
        return {}

    def render_change_form(  # noqa: PLR0917 - Django's signature
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: object = None,
    ) -> HttpResponse:
        """Render Django's page with our links and boxes."""
        if obj is not None:
            context["subtitle"] = self.display_name(obj)
            context["tools"] = self.object_tools(request, obj)
            context["has_history"] = self.events_for(request, obj) is not None
            context.update(self.extra_context(request, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def events_for(self, request: HttpRequest, obj: Any) -> QuerySet[Event] | None:
        """Return the events of an object, or None if the user may not see them."""
        return None

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Render the events of an object in words, a hundred a page, the newest first."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return super().history_view(request, object_id, extra_context)
        rows = self.events_for(request, obj)
        if rows is None or not self.has_view_permission(request, obj):
            raise PermissionDenied
        paginator = self.get_paginator(request, with_quotes(rows).order_by("-seq"), 100)
        page = paginator.get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History"),
            "subtitle": self.display_name(obj),
            "object": obj,
            "opts": self.opts,
            "page": page,
            "events": describe_events(page.object_list, names_sets=self.names_sets),
            **(extra_context or {}),
        }
        return TemplateResponse(request, str(self.object_history_template), context)
