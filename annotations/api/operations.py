"""Declarations of a view about its methods: parameters, request bodies, responses and error codes.

The view reads them when it handles a request, and the OpenAPI document is made from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from rest_framework.serializers import Serializer

from annotations.api.parameters import AllowedParameters

MEGABYTE = 1024 * 1024
DEFAULT_MAX_BODY_BYTES = 4 * MEGABYTE

FILE_SCHEMA: dict[str, Any] = {"type": "string", "format": "binary"}

SerializerClass: TypeAlias = "type[Serializer[Any]]"
ContentShape = Literal["one", "list", "page", "own-page", "one-or-list"]


@dataclass(frozen=True, kw_only=True)
class ResponseSpec:
    """The response of a method that succeeds.

    ``content``: a serializer, an OpenAPI schema as a dict, or None for no body.
    ``accepted_content``: the serializer of the 202 response, where a worker does the work.
    ``media_types``: the one of the body, or all that it may have.
    ``preview_content``: the serializer of the 200 response that only says what would be done.
    ``partial``: whether a part of the file can be asked for (206).
    ``headers``: name → description, beyond ``ETag`` (``versioned``) and ``Location`` (201).
    """

    content: SerializerClass | dict[str, Any] | None = None
    status: int = 200
    shape: ContentShape = "one"
    versioned: bool = False
    media_types: tuple[str, ...] = ("application/json",)
    headers: Mapping[str, str] = field(default_factory=dict)
    accepted_content: SerializerClass | None = None
    preview_content: SerializerClass | None = None
    partial: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestBodySpec:
    """The request body of a method. Without ``content`` it is a file of one of the media types."""

    content: SerializerClass | None = None
    shape: ContentShape = "one"
    media_types: tuple[str, ...] = ("application/json",)
    required: bool = True


class OperationTables:
    """Class attributes with which a view declares its operations, by HTTP method.

    ``scopes``: a token needs one of them; required for every method that is handled.
    ``parameters``: names, or name → ``Parameter``; every other parameter is refused with 400. Lists
    take ``parameters.PAGE``.
    ``request_bodies``, ``responses``, ``error_codes`` (those beyond the usual ones), ``requires_if_match``
    (the methods that do), ``resource`` (tag, and noun of the operation ids) and ``operation_ids``
    (method → id, instead of one made from ``resource``): for the OpenAPI document.
    """

    max_body_bytes: ClassVar[int] = DEFAULT_MAX_BODY_BYTES
    scopes: ClassVar[Mapping[str, Collection[str]]] = {}
    parameters: ClassVar[Mapping[str, AllowedParameters]] = {}
    request_bodies: ClassVar[Mapping[str, SerializerClass | RequestBodySpec]] = {}
    responses: ClassVar[Mapping[str, SerializerClass | ResponseSpec]] = {}
    error_codes: ClassVar[Mapping[str, Collection[str]]] = {}
    requires_if_match: ClassVar[Collection[str]] = frozenset({"PATCH", "PUT", "DELETE"})
    resource: ClassVar[str] = ""
    operation_ids: ClassVar[Mapping[str, str]] = {}


def detail_response(content: SerializerClass, **more: Any) -> ResponseSpec:
    """Return the response of a detail view: one object that has a version."""
    return ResponseSpec(content=content, **{"versioned": True, **more})


def unversioned_response(content: SerializerClass, **more: Any) -> ResponseSpec:
    """Return the response for one object without a version."""
    return ResponseSpec(content=content, **more)


def paginated_response(content: SerializerClass) -> ResponseSpec:
    """Return the response for one page of a list."""
    return ResponseSpec(content=content, shape="page")


def own_page_response(content: SerializerClass) -> ResponseSpec:
    """Return the response for a page that says more than its rows: the serializer is that of all of it."""
    return ResponseSpec(content=content, shape="own-page")


def created_response(content: SerializerClass, **more: Any) -> ResponseSpec:
    """Return the response of a POST: 201, or 200 where the same object was stored already."""
    return ResponseSpec(content=content, **{"status": 201, "versioned": True, **more})


def no_content_response(**more: Any) -> ResponseSpec:
    """Return the response without a body: 204."""
    return ResponseSpec(status=204, **more)


def object_or_list_body(content: SerializerClass) -> RequestBodySpec:
    """Return the request body of one object, or of a list of at most 1,000."""
    return RequestBodySpec(content=content, shape="one-or-list")


def file_response(
    media_types: Iterable[str], headers: Mapping[str, str], *, partial: bool = False
) -> ResponseSpec:
    """Return the response that is a file of one of the media types."""
    # text first: of several types, generators of clients take the first one that they know
    ordered = sorted({_essence(each) for each in media_types}, key=lambda each: (not _is_text(each), each))
    return ResponseSpec(content=FILE_SCHEMA, media_types=tuple(ordered), headers=headers, partial=partial)


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip()


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/")


def file_body(*media_types: str) -> RequestBodySpec:
    """Return the request body that is a file."""
    return RequestBodySpec(media_types=media_types)
