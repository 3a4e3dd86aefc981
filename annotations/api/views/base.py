"""The base of all views: the order in which errors are found, and the helpers of the handlers.

The first error that fits is answered: 411 chunked, 413, 401, 403 scope or CSRF (``initial``);
404 and 403 role (the handler, from ``get_visible_row`` and ``require_permission``); 415, 400 parameters,
400 body (``self.validated_data``, ``self.query_params``); 428 (``self.expected_version``); then the errors
of the service. Handlers keep to the order by calling these helpers in it::

    def patch(self, request: Request, pk: UUID) -> Response:
        seen = get_visible_row(self.user, SavedSearch.objects.all(), pk=pk)                     # 404
        require_permission(self.user, Permission.CHANGE_SEARCH, seen)                           # 403
        changes = self.validated_data(SavedSearchUpdateSerializer, partial=True)                # 415, 400
        row = saved.update_search(self.user, pk, changes, version=self.expected_version())      # 428, 409
        return self.respond(SavedSearchSerializer(row), version=row.version)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from annotations.api import body_streams, parsers, preconditions
from annotations.api import parameters as query_parameters
from annotations.api.authentication import SessionAuthentication, TokenAuthentication
from annotations.api.exceptions import problem_handler
from annotations.api.negotiation import AlwaysJSON
from annotations.api.operations import OperationTables
from annotations.api.pagination import CursorPage
from annotations.api.permissions import HasScope
from annotations.api.problems import LengthRequiredError, TooLargeError, UnsupportedMediaTypeError
from annotations.api.schema import AutoSchema
from annotations.exceptions import InvalidInputError
from annotations.messages import join_choices, message
from annotations.translation import translate_data

_SAFE_METHODS = frozenset({"GET", "HEAD"})
SANDBOX_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


class BaseView(OperationTables, APIView):
    """Base of all views: declares the tables of ``OperationTables``, and writes ``get``, ``post`` …"""

    pagination_class: ClassVar[type[CursorPage]] = CursorPage
    renderer_classes = (JSONRenderer,)
    parser_classes: tuple[type[BaseParser], ...] = (parsers.StrictJSONParser,)
    authentication_classes: tuple[type[BaseAuthentication], ...] = (
        TokenAuthentication,
        SessionAuthentication,
    )
    permission_classes: tuple[type[BasePermission], ...] = (HasScope,)
    throttle_classes = ()
    content_negotiation_class = AlwaysJSON
    metadata_class = None
    schema = AutoSchema()

    _checked_params: dict[str, Any] | None = None

    # --- Helpers for handlers ------------------------------------------------------------

    @property
    def user(self) -> User:
        """The user of the request; authenticated, because ``HasScope`` came first."""
        return cast("User", self.request.user)

    def query_params(self) -> dict[str, Any]:
        """Return the query parameters, checked against ``parameters``, without those that were not sent.

        Call it after the checks for 404 and 403. ``validated_data``, ``body_stream``,
        ``expected_version`` and ``paginate`` call it themselves, so only a POST without a body has to.
        """
        if self._checked_params is None:
            allowed = self.parameters.get(self._method, frozenset())
            self._checked_params = query_parameters.parse_query(self.request._request, allowed)
        return self._checked_params

    def validated_data(
        self, serializer: type[Serializer[Any]], *, partial: bool = False, **context: object
    ) -> dict[str, Any]:
        """Return the validated body; an empty one counts as ``{}``."""
        data = self._parsed_body()
        return dict(
            self._validate(serializer(data=data, partial=partial, context=self._serializer_context(context)))
        )

    def validated_items(
        self, serializer: type[Serializer[Any]], **context: object
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return the validated items of a body that is an object or a list, and whether it is a list."""
        data = self._parsed_body()
        if not isinstance(data, list):
            return [self._validate(serializer(data=data, context=self._serializer_context(context)))], False
        many = serializer(data=data, many=True, allow_empty=False, context=self._serializer_context(context))
        return list(self._validate(many)), True

    def body_stream(self) -> body_streams.BodyStream:
        """Return the body as an unread binary file; raise ``InvalidInputError`` if it is empty."""
        data = self._parsed_body()
        if not isinstance(data, body_streams.BodyStream):
            raise InvalidInputError(message("The body is empty; send the file as the body of the request."))
        return data

    def expected_version(self) -> int:
        """Return the version in ``If-Match``; 428 without it."""
        self.query_params()
        return preconditions.expected_version(self.request)

    def paginate(
        self, queryset: QuerySet[Any, Any], serializer: type[Serializer[Any]], **context: object
    ) -> Response:
        """Return the response with one page of a list."""
        self.query_params()
        paginator = self.pagination_class()
        rows = paginator.paginate_queryset(queryset, self.request, self)
        results = serializer(rows, many=True, context=self._serializer_context(context))
        return paginator.get_paginated_response(results.data)

    def respond(
        self,
        content: BaseSerializer[Any] | Mapping[str, Any] | list[Any] | None,
        *,
        version: int | None = None,
        set_version: int | None = None,
        status: int = 200,
        translated: bool = False,
    ) -> Response:
        """Return the response, with the headers for its versions.

        ``translated``: the content has sentences for people, which are translated into the reader's language.
        """
        data = content.data if isinstance(content, BaseSerializer) else content
        response = Response(translate_data(data) if translated else data, status=status)
        if translated:
            response.headers["Content-Language"] = get_language() or "en"
        if version is not None:
            response.headers["ETag"] = preconditions.format_etag(version)
        if set_version is not None:
            response.headers["Set-Version"] = str(set_version)
        return response

    def respond_created(
        self,
        content: BaseSerializer[Any] | Mapping[str, Any] | list[Any],
        *,
        location: str | None = None,
        version: int | None = None,
        set_version: int | None = None,
        new: bool = True,
    ) -> Response:
        """Return 201 with ``Location``, or 200 where the same object was stored before (``new=False``)."""
        status = 201 if new else 200
        response = self.respond(content, version=version, set_version=set_version, status=status)
        if location is not None and new:
            response.headers["Location"] = self.request.build_absolute_uri(location)
        return response

    def respond_no_content(self, *, set_version: int | None = None) -> Response:
        """Return 204."""
        return self.respond(None, set_version=set_version, status=204)

    # --- Hooks of DRF --------------------------------------------------------------------

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Refuse the request by its size, then authenticate and check scopes, before anything is read."""
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            raise LengthRequiredError(message("The body was sent in chunks; send it with a Content-Length."))
        if self._content_length(request) > self.max_body_bytes:
            raise TooLargeError.for_limit(self.max_body_bytes)
        super().initial(request, *args, **kwargs)

    def options(self, request: Request, *args: object, **kwargs: object) -> Response:  # type: ignore[override]
        """Return the methods in ``Allow``, and nothing else."""
        return Response(status=204)

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponseBase, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        """Refuse parameters that no handler checked, and keep the response out of caches and pages.

        What is answered holds text of others: opened as a page it may run nothing and load nothing.
        """
        if response.status_code < 400 and self._checked_params is None and request.method != "OPTIONS":
            response = self._check_parameters_late(request, response)
        final: HttpResponseBase = super().finalize_response(
            request, cast("Response", response), *args, **kwargs
        )
        final.headers.setdefault("Cache-Control", "no-store")
        final.headers["Content-Security-Policy"] = SANDBOX_POLICY
        return final

    def get_exception_handler(self) -> Any:
        """Return our handler, whatever the settings say."""
        return problem_handler

    def _check_parameters_late(self, request: Request, response: HttpResponseBase) -> HttpResponseBase:
        try:
            self._require_safe_method(request)
            self.query_params()
        except (InvalidInputError, RuntimeError) as error:
            return self.handle_exception(error)
        return response

    def _require_safe_method(self, request: Request) -> None:
        # The handler has written already, so a 400 would be a lie. The first test of the view fails here.
        if request.method not in _SAFE_METHODS:
            raise RuntimeError(f"{type(self).__name__} does not call query() for {request.method}.")

    @property
    def _method(self) -> str:
        return "GET" if self.request.method == "HEAD" else str(self.request.method)

    def _content_length(self, request: Request) -> int:
        length = str(request.META.get("CONTENT_LENGTH") or "0").strip()
        if not (length.isascii() and length.isdigit()) or len(length) > 18:
            raise InvalidInputError(
                message("Content-Length is not a number of bytes; send the length of the body.")
            )
        return int(length)

    def _parsed_body(self) -> Any:
        """Return the parsed body: check its type (415), then the parameters, then its content (400)."""
        request = self.request
        parser = self.get_content_negotiator().select_parser(request, self.get_parsers())
        if self._content_length(request) and parser is None:
            taken = join_choices(str(parser.media_type) for parser in self.parser_classes)
            raise UnsupportedMediaTypeError(
                message("This address takes {taken}; name it in Content-Type.", taken=taken)
            )
        self.query_params()
        return request.data

    def _serializer_context(self, more: Mapping[str, Any]) -> dict[str, Any]:
        return {"request": self.request, "view": self, **more}

    def _validate(self, serializer: BaseSerializer[Any]) -> Any:
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data
