"""Cursor pagination: a cursor names a position in the order of a list, never a count of rows.

A page costs one query of ``page_size + 1`` rows however far into the list it is, and rows that are
added or deleted between two requests shift nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api import parameters
from annotations.exceptions import FieldError
from annotations.messages import message, message_of
from annotations.services.search.hits import ArticleHits
from annotations.services.search.pages import ArticleSearch, Place

DEFAULT_PAGE_SIZE = 50

CURSOR_PARAMETER, SIZE_PARAMETER = "cursor", "page_size"

Bound = Literal["gt", "gte", "lt", "lte"]
_BACKWARDS = ("lt", "lte")
#: Returns at most so many rows beyond a key by its bound, the nearest first; None and None is the beginning.
FindRows = Callable[[Bound | None, Sequence[Any] | None, int], list[Any]]


@dataclass(frozen=True, slots=True)
class _Position:
    """A position in the list: the page has the rows beyond ``value`` in the direction of ``bound``."""

    bound: Bound
    value: Any

    @property
    def is_backwards(self) -> bool:
        return self.bound in _BACKWARDS


class CursorPage(BasePagination):
    """Pages ``{next, previous, results}``, ordered by one unique field, ``id`` here.

    A cursor is signed together with the path and the other parameters, so it works only in the list
    that issued it: a changed, foreign or invented cursor is 400.
    """

    ordering = "id"
    default_size = DEFAULT_PAGE_SIZE

    def __init__(self) -> None:
        self._next: _Position | None = None
        self._previous: _Position | None = None
        self._http_request = HttpRequest()

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any, Any] | FindRows, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """Return the rows of the requested page. ``queryset`` may yield models or dicts."""
        self._http_request = request._request
        params = self._params()
        size = self._size(params)
        position = self._position(params, queryset)
        rows = self._load(queryset, position, size + 1)
        more, rows = len(rows) > size, rows[:size]
        if position is not None and position.is_backwards:
            rows.reverse()
        self._set_neighbours(rows, position, more=more)
        return rows

    def get_paginated_response(self, data: object) -> Response:
        """Return the page with the addresses of its neighbours."""
        return Response(
            {"next": self._address(self._next), "previous": self._address(self._previous), "results": data}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the OpenAPI schema of a page."""
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": dict(address), "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return nothing: the views declare the parameters of a page like all others."""
        return []

    def _load(self, source: Any, position: _Position | None, most: int) -> list[Any]:
        """Return the first rows beyond a position, the nearest first."""
        if position is not None:
            source = source.filter(**{f"{self.ordering}__{position.bound}": position.value})
        backwards = position is not None and position.is_backwards
        return list(source.order_by(f"-{self.ordering}" if backwards else self.ordering)[:most])

    def _size(self, params: QueryDict) -> int:
        if SIZE_PARAMETER not in params:
            return self.default_size
        try:
            return int(parameters.PAGE[SIZE_PARAMETER].parse(str(params[SIZE_PARAMETER])))
        except ValueError as error:
            field_error = FieldError(code="value", detail=message_of(error), parameter=SIZE_PARAMETER)
            raise parameters.parameter_error([field_error]) from None

    def _position(self, params: QueryDict, source: object) -> _Position | None:
        if CURSOR_PARAMETER not in params:
            return None
        try:
            bound, value = self._signer().unsign_object(str(params[CURSOR_PARAMETER]))
            return _Position(bound, self._parse(value, source))
        except (signing.BadSignature, ValueError, TypeError, ValidationError, UnicodeError):
            detail = message(
                "It does not belong to this list; take it from next or previous, or begin without one."
            )
            field_error = FieldError(code="cursor", detail=detail, parameter=CURSOR_PARAMETER)
            raise parameters.parameter_error([field_error]) from None

    def _set_neighbours(self, rows: Sequence[Any], position: _Position | None, *, more: bool) -> None:
        """Set the positions of the next and the previous page."""
        if position is None:
            self._next = self._after(rows) if more else None
        elif position.is_backwards:
            # A client that goes back has seen a next page, so there always is one.
            self._next = self._after(rows) or _Position(
                "gte" if position.bound == "lt" else "gt", position.value
            )
            self._previous = self._before(rows) if more else None
        else:
            self._next = self._after(rows) if more else None
            self._previous = self._before(rows) or _Position(
                "lte" if position.bound == "gt" else "lt", position.value
            )

    def _after(self, rows: Sequence[Any]) -> _Position | None:
        return _Position("gt", self._value(rows[-1])) if rows else None

    def _before(self, rows: Sequence[Any]) -> _Position | None:
        return _Position("lt", self._value(rows[0])) if rows else None

    def _parse(self, value: Any, source: Any) -> Any:
        """Return the value of a cursor as databases compare it."""
        return source.model._meta.get_field(self.ordering).to_python(value)

    def _format(self, value: object) -> Any:
        """Return a value for the JSON of a cursor."""
        return value if isinstance(value, int) else str(value)

    def _value(self, row: object) -> Any:
        return row[self.ordering] if isinstance(row, Mapping) else getattr(row, self.ordering)

    def _address(self, position: _Position | None) -> str | None:
        if position is None:
            return None
        cursor = self._signer().sign_object([position.bound, self._format(position.value)])
        others = [(key, item) for key, item in self._pairs() if key != CURSOR_PARAMETER]
        query = urlencode([*others, (CURSOR_PARAMETER, cursor)])
        return self._http_request.build_absolute_uri(f"{self._http_request.path}?{query}")

    @classmethod
    def address_after(cls, address: str, value: object) -> str:
        """Return the address of the page that follows a row in the list at an address without parameters."""
        paginator = cls()
        paginator._http_request.path = urlsplit(address).path
        cursor = paginator._signer().sign_object(["gt", str(value)])
        return f"{address}?{urlencode([(CURSOR_PARAMETER, cursor)])}"

    def _signer(self) -> signing.Signer:
        """Return the signer of this list: its path, filters and order are part of the salt."""
        filters = sorted(pair for pair in self._pairs() if pair[0] not in (CURSOR_PARAMETER, SIZE_PARAMETER))
        query = urlencode(filters)
        return signing.Signer(salt=f"annotations.cursor:{self.ordering}:{self._http_request.path}?{query}")

    def _params(self) -> QueryDict:
        return QueryDict(self._http_request.META.get("QUERY_STRING", ""))

    def _pairs(self) -> list[tuple[str, str]]:
        return [(key, value) for key, values in self._params().lists() for value in values]


class SeqPage(CursorPage):
    """Pages of events, in the order in which they happened."""

    ordering = "seq"


class PlacePage(CursorPage):
    """Pages of what a search finds: articles in its order, each at a place of its own."""

    ordering = "place"
    default_size = 20

    def paginate_search(self, search: ArticleSearch, request: Request) -> Sequence[ArticleHits]:
        """Return the articles of the requested page with their hits."""
        self._http_request = request._request
        params = self._params()
        position = self._position(params, search)
        backwards = position is not None and position.is_backwards
        side = {} if position is None else {"before" if backwards else "after": position.value}
        page = search.page(self._size(params), **side)
        first, last = (page.places[0], page.places[-1]) if page.places else (None, None)
        if backwards and position is not None:
            self._next = _Position("gt", last) if last else None
            self._previous = _Position("lt", page.end or first) if page.goes_on else None
        else:
            self._next = _Position("gt", page.end or last) if page.goes_on else None
            self._previous = _Position("lt", first) if position is not None and first else None
        return page.results

    def _parse(self, value: Any, source: Any) -> Any:
        return Place.parse(value)


class FoundPage(CursorPage):
    """Pages of what a service finds, in the order of ``key``, a tuple that JSON can carry."""

    ordering = "key"

    def _load(self, source: FindRows, position: _Position | None, most: int) -> list[Any]:
        if position is None:
            return source(None, None, most)
        return source(position.bound, position.value, most)

    def _parse(self, value: object, source: object) -> Any:
        return value

    def _format(self, value: Any) -> Any:
        return list(value)
