"""Single quotes as small pages, for pages that embed them in a frame."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import formats, timezone, translation
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

from annotations.api.operations import ResponseSpec
from annotations.api.permissions import HasScopeUnlessAnonymous, scopes_by_method
from annotations.api.views.base import BaseView
from annotations.permissions import Permission
from annotations.services.feeds.embeds import EmbeddedQuote, load_quote
from annotations.text.directions import text_direction

TEMPLATE = "annotations/quote.html"
#: Seconds for which others keep a public quote, and so the longest that one is shown after it was taken down.
MAX_AGE = 300
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "


class QuoteEmbedView(BaseView):
    """The page of one approved quote, without scripts."""

    resource = "quote"
    operation_ids = {"GET": "embed_quote"}
    permission_classes = (HasScopeUnlessAnonymous,)
    scopes = scopes_by_method(GET=Permission.READ_QUOTE)
    responses = {
        "GET": ResponseSpec(
            content={"type": "string"},
            media_types=("text/html",),
            headers={"ETag": "Of the page; If-None-Match with it is answered 304."},
        )
    }

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """Show it to members, and to everybody if EMBED_ANCESTORS and the rights of its article allow it."""
        quote = load_quote(request.user, pk, is_open=bool(settings.EMBED_ANCESTORS))
        self.query_params()
        page = _render_quote(quote).encode()
        etag = f'"{hashlib.sha256(page).hexdigest()[:32]}"'
        response = get_conditional_response(request._request, etag) or HttpResponse(page)
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = (
            f"public, max-age={MAX_AGE}" if quote.is_public else "private, no-cache"
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        if quote.is_public:
            # X-Frame-Options knows no list; the policy names who may
            setattr(response, "xframe_options_exempt", True)  # noqa: B010 - no attribute of Django's class
        self._ancestors = " ".join(settings.EMBED_ANCESTORS) if quote.is_public else "'none'"
        return response

    _ancestors = ""

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponseBase, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        """Allow the page its style sheet, and the frames of those who may show it."""
        final = super().finalize_response(request, response, *args, **kwargs)
        if self._ancestors:
            final.headers["Content-Security-Policy"] = _POLICY + self._ancestors
        return final


def _render_quote(quote: EmbeddedQuote) -> str:
    """Return the page in the language of the article: its words are the article's, and none are ours."""
    with translation.override(quote.language or "en"):
        date = (
            formats.date_format(timezone.localtime(quote.published), "DATE_FORMAT") if quote.published else ""
        )
    return render_to_string(
        TEMPLATE,
        {
            "quote": quote,
            "language": quote.language,
            "direction": text_direction(quote.language),
            "date": date,
        },
    )
