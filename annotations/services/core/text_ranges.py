"""Ranges of a request on the text of a set: offsets, quotes and edges, the same for spans and comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from uuid import UUID

from annotations import limits
from annotations.exceptions import FieldError, InvalidInputError, error_at
from annotations.models import AnnotationSet, Revision
from annotations.models.compiled import CompiledQuery
from annotations.text.edges import snap_range
from annotations.text.offsets import OffsetMap
from annotations.text.ranges import Range, check_quote


class RangeDraft(Protocol):
    """A range as the client sent it; ``pointer`` is the JSON pointer of its object in the request."""

    @property
    def start(self) -> int:
        """The first offset."""

    @property
    def end(self) -> int:
        """The offset after the last one."""

    @property
    def quote(self) -> str | None:
        """The words of the range; None where the client did not send them."""

    @property
    def pointer(self) -> str:
        """The JSON pointer of the object."""


@dataclass(frozen=True)
class SentRange:
    """A range that was sent with something else than a span."""

    start: int
    end: int
    quote: str | None = None
    pointer: str = ""


@dataclass
class OffsetResolver:
    """Turns the offsets of a request into checked ranges of one text."""

    text: str
    utf16: bool = False
    snap_edges: bool = False

    @cached_property
    def utf16_map(self) -> OffsetMap:
        """The map from UTF-16 offsets to code points, made once for all spans of a request."""
        return OffsetMap(self.text)

    def resolve(self, draft: RangeDraft) -> Range:
        """Return the checked range of a draft: in bounds, equal to its quote, snapped if asked for."""
        start, end = draft.start, draft.end
        if self.utf16:
            with error_at(f"{draft.pointer}/start"):
                start = self.utf16_map.from_utf16(start)
            with error_at(f"{draft.pointer}/end"):
                end = self.utf16_map.from_utf16(end)
        with error_at(
            f"{draft.pointer}/end" if end > len(self.text) or end <= start else f"{draft.pointer}/start"
        ):
            found = Range.from_offsets(start, end, len(self.text))
        if draft.quote is not None:
            with error_at(f"{draft.pointer}/quote"):
                check_quote(self.text, found, draft.quote)
        if self.snap_edges:
            with error_at(f"{draft.pointer}/start"):
                return snap_range(self.text, found)
        return found


_TEXT_QUERY = CompiledQuery(lambda pk: Revision.objects.only("text").filter(pk=pk), UUID)


def text_of(row: AnnotationSet) -> str:
    """Return the text that a set annotates."""
    return _TEXT_QUERY(row.revision_id)[0].text


def require_short(ranges: Sequence[tuple[str, Range]]) -> None:
    """Raise ``InvalidInputError`` for a range that is too long, or for ranges that are too long together."""
    for at, found in ranges:
        detail = limits.span_error(found.length)
        if detail is not None:
            raise InvalidInputError(
                detail, errors=[FieldError(code="too-long", detail=detail, pointer=f"{at}/end")]
            )
    total = sum(found.length for _, found in ranges)
    detail = limits.quotes_error(total, limits.MAX_QUOTES_PER_REQUEST)
    if detail is not None:
        raise InvalidInputError(detail, errors=[FieldError(code="too-long", detail=detail, pointer="")])
