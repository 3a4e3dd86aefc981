"""What a view declares about its methods: the shapes that go in and come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from rest_framework.serializers import Serializer

SerializerClass: TypeAlias = "type[Serializer[Any]]"
Shape = Literal["one", "list", "page", "one-or-list"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a method answers when all goes well.

    ``content``: a serializer, an OpenAPI schema as a dict, or None for no body.
    ``later``: what is answered with 202 where the work goes on in the background.
    ``headers``: name → description, beyond ``ETag`` (``versioned``) and ``Location`` (201).
    """

    content: SerializerClass | dict[str, Any] | None = None
    status: int = 200
    shape: Shape = "one"
    versioned: bool = False
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    later: SerializerClass | None = None


@dataclass(frozen=True, kw_only=True)
class Body:
    """What a method takes. Without ``content`` it is a file of one of the media types."""

    content: SerializerClass | None = None
    shape: Shape = "one"
    media_types: tuple[str, ...] = ("application/json",)
    required: bool = True


def one(content: SerializerClass, **more: Any) -> Answer:
    """One object that has a version, as detail views answer it."""
    return Answer(content=content, **{"versioned": True, **more})


def plain(content: SerializerClass, **more: Any) -> Answer:
    """One object without a version."""
    return Answer(content=content, **more)


def page(content: SerializerClass) -> Answer:
    """A page of objects."""
    return Answer(content=content, shape="page")


def created(content: SerializerClass, **more: Any) -> Answer:
    """201, or 200 where the same thing was stored already."""
    return Answer(content=content, **{"status": 201, "versioned": True, **more})


def nothing(**more: Any) -> Answer:
    """204."""
    return Answer(status=204, **more)


def one_or_list(content: SerializerClass) -> Body:
    """One object, or a list of at most 1,000."""
    return Body(content=content, shape="one-or-list")


def file(*media_types: str) -> Body:
    """A file as the body."""
    return Body(media_types=media_types)
