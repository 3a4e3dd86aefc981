"""The audit trail of the corpora that one manages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.filters import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, pgettext_lazy

from annotations.admin.access import may_somewhere, person
from annotations.admin.base import ScopedAdmin, bdi
from annotations.admin.history import action_name, tell, with_quotes
from annotations.models import Corpus, Event, Role
from annotations.permissions import Permission
from annotations.services.events import OTHER_ACTIONS, SET_ACTIONS
from annotations.visibility import visible


class ManagedCorpus(SimpleListFilter):
    """The corpora that one manages; events hold plain ids, which Django's own filter cannot follow."""

    title = pgettext_lazy("field", "corpus")
    parameter_name = "corpus"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        """By name."""
        rows: Any = visible(person(request), Corpus.objects.order_by("name", "pk"))
        return [(str(pk), name) for pk, name in rows.filter(my_role=Role.MANAGER).values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """The events of one of them; any other value is none of the choices."""
        known = {str(pk) for pk, _ in self.lookup_choices}
        if self.value() is None:
            return queryset
        return queryset.filter(corpus_id=self.value()) if self.value() in known else queryset.none()


class ActionFilter(SimpleListFilter):
    """What happened."""

    title = pgettext_lazy("field", "action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        """Every action that there is."""
        return [(action, action_name(action)) for action in (*SET_ACTIONS, *OTHER_ACTIONS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """The events of one action."""
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ScopedAdmin):
    """Who did what and when; nobody changes it."""

    view_permission = Permission.VIEW_EVENTS
    folded = ("username__icontains",)
    search_help_text = gettext_lazy("Part of a user name.")
    list_display = ("time", "who", "what", "quote")
    list_display_links = ("time",)
    list_filter = (ManagedCorpus, ActionFilter)
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the words that events of spans are about."""
        return with_quotes(super().get_queryset(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Managers; an event that came out of the list is one of theirs."""
        return may_somewhere(request, Permission.VIEW_EVENTS)

    def shown(self, obj: Any) -> str:
        """Who did what."""
        told = tell(obj)
        return f"{told.who} {told.says}"

    @admin.display(description=pgettext_lazy("field", "who"))
    def who(self, row: Any) -> str:
        """The user name of then."""
        return bdi(tell(row).who)

    @admin.display(description=pgettext_lazy("field", "what"))
    def what(self, row: Any) -> str:
        """What they did."""
        return tell(row).says

    @admin.display(description=pgettext_lazy("field", "on"))
    def quote(self, row: Any) -> str:
        """What it was about."""
        return format_html("<bdi>{}</bdi>", tell(row).quote or "–")

    @admin.display(description=pgettext_lazy("field", "note"))
    def note(self, row: Any) -> str:
        """The reason, and what changed."""
        return bdi(tell(row).note or "–")
