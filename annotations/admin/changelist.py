"""The list page of the admin's tables."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest

from annotations.models.ordering import portable_order


class PortableChangeList(ChangeList):
    """A list that both engines give in the same order, whichever column and direction people choose."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Return Django's order, the same on both engines."""
        return [self._order(term) for term in super().get_ordering(request, queryset)]

    def _order(self, term: Any) -> Any:
        if isinstance(term, str):
            return portable_order(self.model, term)
        if isinstance(term, OrderBy):
            return OrderBy(term.expression, descending=term.descending, nulls_last=True)
        return OrderBy(term, nulls_last=True)
