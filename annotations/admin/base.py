"""What every page of the admin has in common: who may come in, and the rows through the scope gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from annotations.admin import filters
from annotations.admin.access import is_archived, is_in_one_corpus, may, may_somewhere, person, roles
from annotations.admin.history import tell_all, with_quotes
from annotations.admin.words import Text
from annotations.models import Event
from annotations.permissions import Permission
from annotations.visibility import visible

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:  # Django's own class takes no type arguments when the program runs.
    _ModelAdmin = admin.ModelAdmin

#: How many words of a search are looked for: each costs a pass over the rows.
SEARCH_WORDS = 8
SEARCH_LENGTH = 200


@dataclass(frozen=True)
class Tool:
    """A link above the form of an object."""

    label: Text
    url: str
    main: bool = False


def bdi(text: object) -> SafeString:
    """A text of somebody's, isolated from the direction of what stands around it."""
    return format_html("<bdi>{}</bdi>", text)


def change_url(model: type[Model], pk: Any) -> str:
    """The address of an object's page."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=(quote(pk),))


def list_url(model: type[Model], query: str = "") -> str:
    """The address of a table's list."""
    opts = model._meta
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return f"{url}?{query}" if query else url


class ScopedAdmin(_ModelAdmin):
    """A table of which people see the rows of their corpora, and change what their role lets them.

    ``folded`` are the lookups of a search for folded words, ``verbatim`` the columns in which it
    looks for exactly what was typed: the databases disagree about folding any but ASCII letters.
    ``related`` is joined on every page, ``heavy`` is loaded on none. ``empty`` says what an empty list
    means.
    """

    view_permission: ClassVar[Permission]
    add_permission: ClassVar[Permission | None] = None
    change_permission: ClassVar[Permission | None] = None
    delete_permission: ClassVar[Permission | None] = None
    folded: ClassVar[tuple[str, ...]] = ()
    verbatim: ClassVar[tuple[str, ...]] = ()
    related: ClassVar[tuple[str, ...]] = ()
    heavy: ClassVar[tuple[str, ...]] = ()
    empty: ClassVar[Text] = gettext_lazy("There is nothing here yet.")

    actions = None
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    object_history_template = "admin/annotations/history.html"
    #: Whether the trail of one object speaks of several sets, so that it says whose each is.
    names_sets: ClassVar[bool] = False

    # --- who -------------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever is a member somewhere."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the role in the object's corpus, or in any."""
        return self._may(request, self.view_permission, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By a role in any corpus; which corpora the form offers is asked again there."""
        return self._may(request, self.add_permission, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the role, while the corpus is not archived."""
        return self._may(request, self.change_permission, obj) and not is_archived(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the role, while the corpus is not archived."""
        return self._may(request, self.delete_permission, obj) and not is_archived(obj)

    def _may(self, request: HttpRequest, permission: Permission | None, obj: Model | None) -> bool:
        if permission is None or not roles(request):
            return False
        return may_somewhere(request, permission) if obj is None else may(request, permission, obj)

    # --- which rows ------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What whoever asks may know of."""
        rows = visible(person(request), super().get_queryset(request)).defer(*self.heavy)
        return rows.select_related(*self.related) if self.related else rows

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what a filter of the list sends: other columns would answer questions about secrets."""
        allowed = filters.parameters(self.list_filter, self.date_hierarchy)
        return lookup in allowed and filters.is_readable(lookup, value)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Only the key: any other column could be guessed by asking for it."""
        return to_field == self.opts.pk.name

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """What makes Django show the search box."""
        return (*self.folded, *self.verbatim)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows in which every word stands somewhere; no row comes twice."""
        typed = search_term[:SEARCH_LENGTH]
        if "\0" in typed:
            return queryset.none(), False
        for word in typed.split()[:SEARCH_WORDS]:
            queryset = queryset.filter(self.found(word))
        return queryset, False

    def found(self, word: str) -> Q:
        """Where one word of a search may stand."""
        anywhere = Q()
        for lookup in self.folded:
            anywhere |= Q((lookup, word.casefold()))
        for column in self.verbatim:
            anywhere |= Q(GreaterThan(StrIndex(F(column), Value(word)), 0))
        return anywhere

    def get_list_display(self, request: HttpRequest) -> Any:
        """The columns, without that of the corpus where there is only one."""
        columns = super().get_list_display(request)
        return [name for name in columns if name != "corpus_name" or not is_in_one_corpus(request)]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's list under the name of the table, with what to do where it is empty."""
        title = capfirst(str(self.opts.verbose_name_plural))
        context = {"title": title, "empty": self.empty, **(extra_context or {})}
        return super().changelist_view(request, context)

    # --- what a page shows beside the fields ------------------------------------------------

    def shown(self, obj: Any) -> str:
        """What people call the object."""
        return str(obj)

    def tools(self, request: HttpRequest, obj: Any) -> list[Tool]:
        """The links above an object's form."""
        return []

    def beside(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the template of an object's page shows below the form."""
        return {}

    def render_change_form(  # noqa: PLR0917 - Django's signature
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Django's page with our links and boxes."""
        if obj is not None:
            context["subtitle"] = self.shown(obj)
            context["tools"] = self.tools(request, obj)
            context["has_history"] = self.trail(request, obj) is not None
            context.update(self.beside(request, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def trail(self, request: HttpRequest, obj: Any) -> QuerySet[Event] | None:
        """The events of an object, or None where whoever asks may not see them."""
        return None

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The trail of an object in words, a page of a hundred at a time, the newest first."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return super().history_view(request, object_id, extra_context)
        rows = self.trail(request, obj)
        if rows is None or not self.has_view_permission(request, obj):
            raise PermissionDenied
        paginator = self.get_paginator(request, with_quotes(rows).order_by("-seq"), 100)
        page = paginator.get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History"),
            "subtitle": self.shown(obj),
            "object": obj,
            "opts": self.opts,
            "page": page,
            "told": tell_all(page.object_list, names_sets=self.names_sets),
            **(extra_context or {}),
        }
        return TemplateResponse(request, str(self.object_history_template), context)
