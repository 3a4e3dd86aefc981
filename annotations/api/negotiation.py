"""Content negotiation of the API: every response is JSON, whatever the client accepts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class AlwaysJSON(DefaultContentNegotiation):
    """Negotiation that picks the view's own renderer, so that no ``Accept`` header can answer 406 or HTML.

    The parser is picked by ``Content-Type``, as always.
    """

    def select_parser(self, request: Request, parsers: Sequence[BaseParser]) -> BaseParser | None:  # type: ignore[override]
        """Return the parser for the body, or None, which becomes 415."""
        parser: BaseParser | None = super().select_parser(request, parsers)
        return parser

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, Any]:
        """Return plain JSON if the view has it among others, else the view's first renderer."""
        choices = list(renderers)
        renderer = next((each for each in choices if each.media_type == "application/json"), choices[0])
        return renderer, renderer.media_type
