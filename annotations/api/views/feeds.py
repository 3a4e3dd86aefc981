"""Feeds of a corpus, and the private addresses at which programs read them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from django.utils.translation import get_language, pgettext
from django.views.decorators.debug import sensitive_variables
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url, page_url
from annotations.api import parameters
from annotations.api.authentication import (
    FEED_PARAMETER,
    INVALID_TOKEN_MESSAGE,
    FeedAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from annotations.api.operations import (
    created_response,
    file_response,
    no_content_response,
    paginated_response,
    unversioned_response,
)
from annotations.api.pagination import CursorPage
from annotations.api.permissions import SessionOnly, scopes_by_method
from annotations.api.problems import UnauthenticatedError
from annotations.api.serializers.feeds import FeedAddressSerializer, FeedAddressWithSecretSerializer
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.formats.core.feed_files import FEED_FILES, Feed
from annotations.models import Corpus, FeedAddress, FeedType
from annotations.permissions import Permission
from annotations.services.feeds import addresses, entries
from annotations.visibility import get_visible

#: A feed that changed so lately has no Last-Modified: a second change in the same second would be missed.
_SETTLED = timedelta(seconds=2)


class FeedView(BaseCorpusView):
    """A feed of what is new in a corpus."""

    resource = "feed"
    operation_ids = {"GET": "read_feed"}
    authentication_classes = (FeedAuthentication, TokenAuthentication, SessionAuthentication)
    scopes = scopes_by_method(GET=Permission.READ_FEED)
    parameters = {
        "GET": {
            "type": parameters.choice("What its entries are; approved if it is missing.", FeedType),
            "actor": parameters.identifier("Only what this actor says."),
            "format": parameters.choice(
                "The document. Without it Accept decides, and it is Atom if that names neither.",
                FEED_FILES,
                name="FeedFormat",
            ),
            FEED_PARAMETER: parameters.text("The secret of a private address."),
        }
    }
    responses = {
        "GET": file_response(
            (media_type for media_type, _ in FEED_FILES.values()),
            {
                "ETag": "The state of the feed; If-None-Match with it is answered 304, without reading any.",
                "Last-Modified": "When anything in the corpus changed last.",
            },
        )
    }

    @sensitive_variables()
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Read the newest 50 entries: as a viewer sees them, and as far as the rights allow it.

        A program that reads feeds is given a private address, made at ``feeds/``: its secret opens this one
        feed and nothing else.
        """
        corpus = self.get_corpus(slug, Permission.READ_FEED)
        values = self.query_params()
        type, actor = FeedType(values.get("type", FeedType.APPROVED)), values.get("actor")
        _require_same_feed(request, corpus, type, actor)
        name = values.get("format") or _accepted_format(request.headers.get("Accept", ""))
        state = entries.load_state(corpus)
        etag = _etag(request, state, corpus, type, actor, name)
        modified = _last_modified(state)
        unchanged = get_conditional_response(
            request._request, etag, None if modified is None else int(modified.timestamp())
        )
        if unchanged is not None:
            return self._with_headers(unchanged, etag, modified)
        media_type, write = FEED_FILES[name]
        feed = self._read_feed(corpus, type, actor, state)
        response = HttpResponse(write(feed), content_type=f"{media_type}; charset=utf-8")
        return self._with_headers(response, etag, modified)

    def _read_feed(
        self, corpus: Corpus, type: FeedType, actor: UUID | None, state: entries.FeedState
    ) -> Feed:
        absolute = self.request.build_absolute_uri

        def article_address(pk: UUID) -> str:
            return absolute(page_url("admin:annotations_article_change", pk))

        return Feed(
            id=f"urn:uuid:{uuid5(corpus.pk, f'{type} {actor or str()}')}",
            title=f"{corpus.name}: {pgettext('FeedType', type)}",
            author=corpus.name,
            home_url=absolute(page_url("admin:annotations_corpus_overview", corpus.pk)),
            updated=state.changed_at or datetime.fromtimestamp(0, UTC),
            entries=entries.load_entries(corpus, type, actor, article_address),
        )

    def _with_headers(
        self, response: HttpResponseBase, etag: str, modified: datetime | None
    ) -> HttpResponseBase:
        response.headers["ETag"] = etag
        if modified is not None:
            response.headers["Last-Modified"] = http_date(modified.timestamp())
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Content-Language"] = get_language() or "en"
        patch_vary_headers(response, ("Accept", "Authorization"))
        return response


def _require_same_feed(request: Request, corpus: Corpus, type: FeedType, actor: UUID | None) -> None:
    """Raise ``UnauthenticatedError`` for the secret of another feed than the one that is asked for."""
    auth = request.auth
    if isinstance(auth, FeedAddress) and (auth.corpus_id, auth.type, auth.actor_id) != (
        corpus.pk,
        type,
        actor,
    ):
        raise UnauthenticatedError(INVALID_TOKEN_MESSAGE)


def _accepted_format(accept: str) -> str:
    """Return the document of the first media type of ``Accept`` that is one of ours, else Atom."""
    names = {media_type: name for name, (media_type, _) in FEED_FILES.items()} | {"application/json": "json"}
    for part in accept.split(","):
        media_type = part.partition(";")[0].strip().lower()
        if media_type in names:
            return names[media_type]
    return "atom"


def _etag(request: Request, state: entries.FeedState, *parts: object) -> str:
    # with the host, since the addresses in it are absolute
    whole = [state.seq, str(state.opened), get_language(), request.build_absolute_uri("/"), *map(str, parts)]
    return f'"{hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:32]}"'


def _last_modified(state: entries.FeedState) -> datetime | None:
    changed = state.changed_at
    return None if changed is None or changed > timezone.now() - _SETTLED else changed


class AddressPage(CursorPage):
    """Pages of private addresses, by the ids of their tokens."""

    ordering = "token_id"


class FeedAddressListView(BaseCorpusView):
    """The caller's private addresses of feeds of a corpus; a token never makes or shows them."""

    resource = "feed address"
    pagination_class = AddressPage
    permission_classes = (SessionOnly,)
    scopes = {"GET": (), "POST": ()}
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": FeedAddressSerializer}
    responses = {
        "GET": paginated_response(FeedAddressSerializer),
        "POST": created_response(FeedAddressWithSecretSerializer, versioned=False),
    }
    error_codes = {"POST": ("not-in-corpus", "id-taken")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, without their secrets."""
        corpus = self.get_corpus(slug, Permission.READ_FEED)
        return self.paginate(addresses.list_addresses(self.user, corpus), FeedAddressSerializer)

    @sensitive_variables()
    def post(self, request: Request, slug: str) -> Response:
        """Make one; the answer shows its ``url``, and nothing does again: a repeat has null there."""
        seen = self.seen_corpus(slug, Permission.READ_FEED)
        values = self.validated_data(FeedAddressSerializer)
        row, secret = addresses.create_address(
            self.user, seen, FeedType(values["type"]), actor=values["actor_id"], id=values.get("token_id")
        )
        url = request.build_absolute_uri(addresses.feed_path(row, secret)) if secret else None
        content = {**FeedAddressSerializer(row).data, "url": url}
        return self.respond_created(content, location=api_url(f"feeds/{row.pk}/"), new=bool(secret))


class FeedAddressDetailView(BaseView):
    """One private address of a feed."""

    resource = "feed address"
    permission_classes = (SessionOnly,)
    scopes = {"GET": (), "DELETE": ()}
    requires_if_match = frozenset()
    responses = {"GET": unversioned_response(FeedAddressSerializer), "DELETE": no_content_response()}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it, without its secret."""
        rows = FeedAddress.objects.select_related("token", "corpus")
        return self.respond(FeedAddressSerializer(get_visible(self.user, rows, pk=pk)))

    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke it; it stops working at once."""
        get_visible(self.user, FeedAddress.objects.all(), pk=pk)
        self.query_params()
        addresses.revoke_address(self.user, pk)
        return self.respond_no_content()
