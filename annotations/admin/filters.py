"""List filters that offer only values which the user may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.filters import (
    AllValuesFieldListFilter,
    FieldListFilter,
    RelatedFieldListFilter,
    RelatedOnlyFieldListFilter,
    SimpleListFilter,
)
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy

from annotations.admin.access import current_user
from annotations.models import Corpus
from annotations.models.ordering import text_order
from annotations.text.parsing import parse_uuid
from annotations.visibility import visible

#: The suffixes that Django's filters append to the path of a field for their parameters.
_SUFFIXES = ("", "__exact", "__isnull", "__id__exact")
_DATE_PARTS = {"year": (1, 9998), "month": (1, 12), "day": (1, 31)}


class StickyFilter(FieldListFilter):
    """Filter that applies even without choices; Django would drop its parameter."""

    def has_output(self) -> bool:
        """Return whether there is a choice, or a link has set the parameter."""
        return super().has_output() or bool(self.used_parameters)


class UserFilter(StickyFilter, RelatedOnlyFieldListFilter):
    """Filter for the users of the rows that the user may see."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        """Return the users by name, in the order of Python, which both engines share."""
        return sorted(super().field_choices(field, request, model_admin), key=lambda choice: str(choice[1]))


class CorpusFilter(StickyFilter, RelatedFieldListFilter):
    """Filter for the user's own corpora, read from their small table and not from the filtered rows."""

    def field_choices(
        self, field: object, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        """Return every corpus of which the user is a member."""
        corpora = visible(current_user(request), Corpus.objects.order_by(text_order("name"), "pk"))
        return [(str(pk), name) for pk, name in corpora.values_list("pk", "name")]


class ValueFilter(AllValuesFieldListFilter):
    """Filter for the values that occur; the empty one has a name, so that its link can be seen."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield Django's choices."""
        values: Any = sorted(self.lookup_choices)
        self.lookup_choices = values
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or gettext("none given")}


class SetFilter(SimpleListFilter):
    """Filter for the content of one set, without choices; links from the set's page carry it."""

    title = pgettext_lazy("field", "set")
    parameter_name = "set"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        """Return only the set in use, so that it can be cleared: a corpus has thousands."""
        return [(chosen, gettext("this set"))] if (chosen := self.value()) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the set; they are visible rows already."""
        if not self.value():
            return queryset
        try:
            return queryset.filter(set_id=parse_uuid(self.value() or ""))
        except ValueError as error:
            raise IncorrectLookupParameters from error


def filter_parameters(list_filter: Iterable[Any], date_hierarchy: str | None) -> frozenset[str]:
    """Return every query parameter by which a list may be filtered."""
    names = {f"{date_hierarchy}__{part}" for part in _DATE_PARTS if date_hierarchy}
    for item in list_filter:
        if isinstance(item, type) and issubclass(item, SimpleListFilter):
            names.add(str(item.parameter_name))
        else:
            path = _path(item)
            names.update(f"{path}{suffix}" for suffix in _SUFFIXES)
    return frozenset(names)


def _path(item: str | tuple[str | Field[Any, Any], type[FieldListFilter]]) -> str:
    return item if isinstance(item, str) else str(item[0])


def is_valid_value(parameter: str, value: str) -> bool:
    """Return whether the database and the calendar take the value."""
    if "\0" in value:
        return False
    part = parameter.rpartition("__")[2]
    if part in _DATE_PARTS:
        least, most = _DATE_PARTS[part]
        return value.isascii() and value.isdigit() and len(value) <= 4 and least <= int(value) <= most
    return True
