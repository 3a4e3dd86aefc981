"""The audit trail of the corpora that the user manages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.filters import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, pgettext_lazy

from annotations.admin.access import current_user, has_permission_somewhere
from annotations.admin.history import action_label, describe_event, with_quotes
from annotations.admin.scoped_admin import ScopedAdmin, isolate_direction
from annotations.admin.search_columns import SmallTable
from annotations.models import Corpus, Event, Role
from annotations.models.ordering import text_order
from annotations.permissions import Permission
from annotations.services.core.events import OTHER_ACTIONS, SET_ACTIONS
from annotations.visibility import visible


class ManagedCorpusFilter(SimpleListFilter):
    """Filter for the corpora that the user manages.

    Events hold plain ids, which Django's own filter cannot follow.
    """

    title = pgettext_lazy("field", "corpus")
    parameter_name = "corpus"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        """Return the corpora by name."""
        rows: Any = visible(current_user(request), Corpus.objects.order_by(text_order("name"), "pk"))
        return [(str(pk), name) for pk, name in rows.filter(my_role=Role.MANAGER).values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Return the events of the chosen corpus, none for any other value."""
        known = {str(pk) for pk, _ in self.lookup_choices}
        if self.value() is None:
            return queryset
        return queryset.filter(corpus_id=self.value()) if self.value() in known else queryset.none()


class ActionFilter(SimpleListFilter):
    """Filter for actions."""

    title = pgettext_lazy("field", "action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        """Return every action."""
        return [(action, action_label(action)) for action in (*SET_ACTIONS, *OTHER_ACTIONS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Return the events of the chosen action."""
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ScopedAdmin):
    """The events; nobody changes them."""

    view_permission = Permission.VIEW_EVENTS
    # Of people who are gone, or have another name now, the events know the name as it was.
    search_columns = (SmallTable("username", Event, ("username",), value="username"),)
    search_help_text = gettext_lazy("Part of a user name.")
    list_display = ("time", "who", "what", "quote")
    list_display_links = ("time",)
    list_filter = (ManagedCorpusFilter, ActionFilter)
    date_hierarchy = "time"
    sortable_by = ()
    ordering = ("-seq",)
    fields = (
        "time",
        "who",
        "what",
        "quote",
        "note",
        "action",
        "corpus_id",
        "article_id",
        "set_id",
        "request_id",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Return the events, with the quotes of the spans that they are about."""
        return with_quotes(super().get_queryset(request))

    def has_view_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Return whether the user manages a corpus; the rows of the list are theirs already."""
        return has_permission_somewhere(request, Permission.VIEW_EVENTS)

    def display_name(self, obj: Event) -> str:
        """Return who did what."""
        event = describe_event(obj)
        return f"{event.username} {event.message}"

    @admin.display(description=pgettext_lazy("field", "who"))
    def who(self, row: Event) -> str:
        """Return the username at that time."""
        return isolate_direction(describe_event(row).username)

    @admin.display(description=pgettext_lazy("field", "what"))
    def what(self, row: Event) -> str:
        """Return what the user did."""
        return describe_event(row).message

    @admin.display(description=pgettext_lazy("field", "on"))
    def quote(self, row: Event) -> str:
        """Return a quote of what the event was about."""
        return format_html("<bdi>{}</bdi>", describe_event(row).quote or "–")

    @admin.display(description=pgettext_lazy("field", "note"))
    def note(self, row: Event) -> str:
        """Return the reason, and what changed."""
        return isolate_direction(describe_event(row).note or "–")
