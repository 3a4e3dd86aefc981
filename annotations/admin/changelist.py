"""The list page of the admin's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest
from django.utils.functional import cached_property

from annotations.models.ordering import portable_order

#: A list counts no further, has no pages beyond and offers no dates: to count ten million rows takes long.
MAX_COUNTED = 10_000


if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:  # Django's class takes no type arguments at runtime.
    _Paginator = Paginator


class CappedPaginator(_Paginator):
    """A paginator that stops to count after ``MAX_COUNTED`` rows."""

    @cached_property
    def count(self) -> int:
        """Count the rows as far as they are counted."""
        return min(self._counted, MAX_COUNTED)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._counted > MAX_COUNTED

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return int(rows.values("pk").order_by()[: MAX_COUNTED + 1].count())


class PortableChangeList(ChangeList):
    """A list that both engines give in the same order, whichever column and direction people choose."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Return Django's order, the same on both engines."""
        return [self._order(term) for term in super().get_ordering(request, queryset)]

    def get_results(self, request: HttpRequest) -> None:
        """Set the rows of the page; many rows have no dates to choose from, which all of them would tell."""
        super().get_results(request)
        is_dated = any(name.startswith(f"{self.date_hierarchy}__") for name in self.params)
        if self.result_count >= MAX_COUNTED and not is_dated:
            self.date_hierarchy = None

    def _order(self, term: Any) -> Any:
        if isinstance(term, str):
            return portable_order(self.model, term)
        if isinstance(term, OrderBy):
            return OrderBy(term.expression, descending=term.descending, nulls_last=True)
        return OrderBy(term, nulls_last=True)
