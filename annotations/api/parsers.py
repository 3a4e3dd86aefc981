"""Parsers of request bodies: JSON as a whole and strictly, files as a stream."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import IO, Any

from django.utils.http import parse_header_parameters
from rest_framework.parsers import BaseParser

from annotations import limits
from annotations.api.body_streams import BodyStream, incomplete_body_error
from annotations.api.operations import DEFAULT_MAX_BODY_BYTES, OperationTables
from annotations.api.problems import TooLargeError
from annotations.exceptions import FieldError, InvalidInputError
from annotations.messages import message
from annotations.text.strictjson import StrictJSONError, loads

_ARRAY = re.compile(rb"[ \t\r\n]*\[")
# All up to and including the next character before which or after which a value stands. Possessive, and it
# matches everywhere, so that each byte is looked at once.
_TO_NEXT_VALUE = re.compile(rb'(?:[^"\[{,]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"?)*+(?:[\[{,]|\Z)', re.DOTALL)


class StrictJSONParser(BaseParser):
    """Parser of ``application/json`` in UTF-8 that refuses JSON which readers understand differently.

    Not a subclass of DRF's JSON parser: DRF would read the body through Django, whose own limit
    answers with another status.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value of the body. Raises ``TooLargeError`` or ``InvalidInputError``."""
        _require_utf8(media_type)
        limit, length = _limit(parser_context), _length(parser_context)
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLargeError.for_limit(limit)
        if len(raw) < length:
            raise incomplete_body_error(len(raw), length)
        if _ARRAY.match(raw) and not _takes_list(parser_context):
            raise _not_an_object()
        _require_few_values(raw)
        try:
            return loads(raw)
        except StrictJSONError as error:
            raise _not_json(error) from None


class _FileParser(BaseParser):
    """Base of the parsers that hand over the body as an unread stream."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body as a binary stream with the size limit of the view."""
        if self.media_type != OctetStreamParser.media_type:
            _require_utf8(media_type)
        return BodyStream(
            stream,
            length=_length(parser_context),
            limit=_limit(parser_context),
            media_type=str(self.media_type),
        )


class NDJSONParser(_FileParser):
    """Parser of ``application/x-ndjson``: one JSON document a line."""

    media_type = "application/x-ndjson"


class PlainTextParser(_FileParser):
    """Parser of ``text/plain`` in UTF-8."""

    media_type = "text/plain"


class OctetStreamParser(_FileParser):
    """Parser of ``application/octet-stream``: a file whose format a query parameter names."""

    media_type = "application/octet-stream"


def _limit(context: Mapping[str, Any] | None) -> int:
    view = (context or {}).get("view")
    return view.max_body_bytes if isinstance(view, OperationTables) else DEFAULT_MAX_BODY_BYTES


def _length(context: Mapping[str, Any] | None) -> int:
    request = (context or {}).get("request")
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) if request is not None else 0
    except ValueError:
        return 0


def _takes_list(context: Mapping[str, Any] | None) -> bool:
    """Answer what the view declares; a caller without a view may send anything."""
    view, request = ((context or {}).get(name) for name in ("view", "request"))
    if not isinstance(view, OperationTables) or request is None:
        return True
    return getattr(view.request_bodies.get(request.method), "shape", "one") != "one"


def _require_few_values(raw: bytes) -> None:
    """Raise ``TooLargeError`` for more values than any request has.

    An empty object takes 3 bytes in a body and 64 in memory.
    """
    if sum(map(raw.count, (b"[", b"{", b","))) <= limits.MAX_VALUES_PER_BODY:
        return
    # Commas and brackets inside strings are no values.
    values = _TO_NEXT_VALUE.finditer(raw)
    if next(islice(values, limits.MAX_VALUES_PER_BODY, None), None) is not None:
        raise TooLargeError(
            message(
                "The body holds more than {limit:,} values, which is more than is taken at once; "
                "send it in parts.",
                limit=limits.MAX_VALUES_PER_BODY,
            ),
            values=limits.MAX_VALUES_PER_BODY,
        )


def _not_an_object() -> InvalidInputError:
    """Return the refusal of an array before it is parsed: parsed, it takes many times its size in memory."""
    fault = FieldError(code="type", detail=message("It has to be an object."), pointer="")
    return InvalidInputError(fault.detail, errors=[fault])


def _require_utf8(media_type: str | None) -> None:
    charset = parse_header_parameters(media_type or "")[1].get("charset", "utf-8")
    if charset.strip("\"' ").lower() not in ("utf-8", "utf8"):
        raise InvalidInputError(
            message("Content-Type names another charset than UTF-8; send the body in UTF-8."),
            errors=[
                FieldError(
                    code="charset", detail=message("Only UTF-8 is taken here."), parameter="Content-Type"
                )
            ],
        )


def _not_json(error: StrictJSONError) -> InvalidInputError:
    field_error = FieldError(code=error.kind, detail=error.detail, pointer="")
    place = {} if error.line is None else {"line": error.line, "column": error.column}
    return InvalidInputError(error.detail, errors=[field_error], **place)
