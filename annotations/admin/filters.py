"""Filters of lists that know only what whoever asks may see."""

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

from annotations.admin.access import person
from annotations.models import Corpus
from annotations.text.values import canonical_uuid
from annotations.visibility import visible

#: What Django's filters append to the path of a field to make their parameters.
_SUFFIXES = ("", "__exact", "__isnull", "__id__exact")
_DATE_PARTS = {"year": (1, 9998), "month": (1, 12), "day": (1, 31)}


class InUse(FieldListFilter):
    """A filter that also counts where it has nothing to choose from; Django would drop its parameter."""

    def has_output(self) -> bool:
        """Whether there is a choice, or one was made by a link."""
        return super().has_output() or bool(self.used_parameters)


class PersonFilter(InUse, RelatedOnlyFieldListFilter):
    """The people of the rows that whoever asks may see."""


class CorpusFilter(InUse, RelatedFieldListFilter):
    """One's own corpora, read from their small table and not from the rows that are filtered."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        """Every corpus that whoever asks is a member of."""
        corpora = visible(person(request), Corpus.objects.order_by("name", "pk"))
        return [(str(pk), name) for pk, name in corpora.values_list("pk", "name")]


class ValueFilter(AllValuesFieldListFilter):
    """The values that are there; the empty one has a name, so that its link can be seen."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """As Django has them."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or gettext("none given")}


class OneSet(SimpleListFilter):
    """Keeps to the content of one set; it has no choices, links from the set's page carry it."""

    title = pgettext_lazy("field", "set")
    parameter_name = "set"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        """None to choose from, as a corpus has thousands; the one in use can be cleared."""
        return [(chosen, gettext("this set"))] if (chosen := self.value()) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the set, which are visible rows already."""
        if not self.value():
            return queryset
        try:
            return queryset.filter(set_id=canonical_uuid(self.value() or ""))
        except ValueError as error:
            raise IncorrectLookupParameters from error


def parameters(list_filter: Iterable[Any], date_hierarchy: str | None) -> frozenset[str]:
    """Every query parameter by which a list may be filtered."""
    found = {f"{date_hierarchy}__{part}" for part in _DATE_PARTS if date_hierarchy}
    for item in list_filter:
        if isinstance(item, type) and issubclass(item, SimpleListFilter):
            found.add(str(item.parameter_name))
        else:
            path = _path(item)
            found.update(f"{path}{suffix}" for suffix in _SUFFIXES)
    return frozenset(found)


def _path(item: str | tuple[str | Field[Any, Any], type[FieldListFilter]]) -> str:
    return item if isinstance(item, str) else str(item[0])


def is_readable(parameter: str, value: str) -> bool:
    """Whether a value is one that the database and the calendar can be asked with."""
    if "\0" in value:
        return False
    part = parameter.rpartition("__")[2]
    if part in _DATE_PARTS:
        least, most = _DATE_PARTS[part]
        return value.isascii() and value.isdigit() and len(value) <= 4 and least <= int(value) <= most
    return True
