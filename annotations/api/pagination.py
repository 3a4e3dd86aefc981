"""Lists by the page: cursors that name a place in the order, never a count of rows.

A page costs one query of ``page_size + 1`` rows however far into the list it is, and rows that come
or go meanwhile shift nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import parameters
from annotations.exceptions import FieldError
from annotations.says import said, says

DEFAULT_SIZE = 50

CURSOR, SIZE = "cursor", "page_size"

Bound = Literal["gt", "gte", "lt", "lte"]
_BACKWARDS = ("lt", "lte")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page lies: the rows beyond ``value`` in the direction of ``bound``."""

    bound: Bound
    value: Any

    @property
    def is_backwards(self) -> bool:
        return self.bound in _BACKWARDS


class CursorPage(BasePagination):
    """``{next, previous, results}``, ordered by one unique field, ``id`` here.

    A cursor is signed together with the path and the other parameters, so it works in the list
    that gave it out and in no other: changed, foreign and made-up cursors are 400.
    """

    ordering = "id"

    def __init__(self) -> None:
        self._next: _Place | None = None
        self._previous: _Place | None = None
        self._http_request = HttpRequest()

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any, Any], request: Request, view: Any = None
    ) -> list[Any]:
        """The rows of the page that the request asks for. ``queryset`` may give models or dicts."""
        self._http_request = request._request
        sent = QueryDict(self._http_request.META.get("QUERY_STRING", ""))
        size = self._size(sent)
        place = self._place(sent, queryset)
        if place is not None:
            queryset = queryset.filter(**{f"{self.ordering}__{place.bound}": place.value})
        backwards = place is not None and place.is_backwards
        ordered = queryset.order_by(f"-{self.ordering}" if backwards else self.ordering)
        rows = list(ordered[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        self._neighbours(rows, place, more=more)
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        """The page with the addresses of its neighbours."""
        return Response(
            {"next": self._address(self._next), "previous": self._address(self._previous), "results": data}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The shape of a page for the OpenAPI document."""
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": dict(address), "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Nothing: the views declare the parameters of a page like all others."""
        return []

    def _size(self, sent: QueryDict) -> int:
        if SIZE not in sent:
            return DEFAULT_SIZE
        try:
            return int(parameters.PAGE[SIZE].read(str(sent[SIZE])))
        except ValueError as error:
            fault = FieldError(code="value", detail=said(error), parameter=SIZE)
            raise parameters.refusal([fault]) from None

    def _place(self, sent: QueryDict, queryset: QuerySet[Any, Any]) -> _Place | None:
        if CURSOR not in sent:
            return None
        try:
            bound, value = self._signer().unsign_object(str(sent[CURSOR]))
            return _Place(bound, queryset.model._meta.get_field(self.ordering).to_python(value))
        except (signing.BadSignature, ValueError, TypeError, ValidationError, UnicodeError):
            detail = says(
                "It does not belong to this list; take it from next or previous, or begin without one."
            )
            fault = FieldError(code="cursor", detail=detail, parameter=CURSOR)
            raise parameters.refusal([fault]) from None

    def _neighbours(self, rows: Sequence[Any], place: _Place | None, *, more: bool) -> None:
        """Set the places of the next and the previous page."""
        if place is None:
            self._next = self._after(rows) if more else None
        elif place.is_backwards:
            # There is a next page in any case: the one from which the client came back.
            self._next = self._after(rows) or _Place("gte" if place.bound == "lt" else "gt", place.value)
            self._previous = self._before(rows) if more else None
        else:
            self._next = self._after(rows) if more else None
            self._previous = self._before(rows) or _Place("lte" if place.bound == "gt" else "lt", place.value)

    def _after(self, rows: Sequence[Any]) -> _Place | None:
        return _Place("gt", self._value(rows[-1])) if rows else None

    def _before(self, rows: Sequence[Any]) -> _Place | None:
        return _Place("lt", self._value(rows[0])) if rows else None

    def _value(self, row: Any) -> Any:
        return row[self.ordering] if isinstance(row, Mapping) else getattr(row, self.ordering)

    def _address(self, place: _Place | None) -> str | None:
        if place is None:
            return None
        value = place.value if isinstance(place.value, int) else str(place.value)
        cursor = self._signer().sign_object([place.bound, value])
        kept = [(key, item) for key, item in self._sent() if key != CURSOR]
        query = urlencode([*kept, (CURSOR, cursor)])
        return self._http_request.build_absolute_uri(f"{self._http_request.path}?{query}")

    def _signer(self) -> signing.Signer:
        """A signer for this list: its path, its filters and its order are part of the salt."""
        filters = sorted(pair for pair in self._sent() if pair[0] not in (CURSOR, SIZE))
        query = urlencode(filters)
        return signing.Signer(salt=f"annotations.cursor:{self.ordering}:{self._http_request.path}?{query}")

    def _sent(self) -> list[tuple[str, str]]:
        sent = QueryDict(self._http_request.META.get("QUERY_STRING", ""))
        return [(key, value) for key, values in sent.lists() for value in values]


class SeqPage(CursorPage):
    """Pages of events, in the order in which they happened."""

    ordering = "seq"
