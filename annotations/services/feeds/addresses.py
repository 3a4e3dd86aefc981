"""The private addresses of feeds: a token each, of the scope ``feed``, which opens this one feed only.

A program that reads feeds can be given an address and nothing else, so the secret stands in the address. It
is stored like that of every access token: as a digest, listed among the tokens of its owner, ended with them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from annotations import limits
from annotations.addresses import api_url
from annotations.enums import Scope
from annotations.exceptions import NotInCorpusError, error_at
from annotations.messages import message
from annotations.models import Actor, Corpus, FeedAddress, FeedType
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import access_tokens
from annotations.services.core.constraints import retry_on_conflict
from annotations.services.core.errors import id_taken_error
from annotations.visibility import get_visible, visible


@retry_on_conflict
@transaction.atomic
def create_address(
    by: User, seen: VisibleRow[Corpus], type: FeedType, *, actor: UUID | None = None, id: UUID | None = None
) -> tuple[FeedAddress, str]:
    """Make the address of a feed; return its row and its secret, which is "" for a repeat."""
    corpus = require_permission(by, Permission.READ_FEED, seen)
    if actor is not None and not Actor.objects.filter(pk=actor, corpus=corpus).exists():
        with error_at("/actor"):
            raise NotInCorpusError(message("There is no such actor in the corpus; take one of its registry."))
    name = f"{corpus.slug}: {type}"[: limits.MAX_TOKEN_NAME]
    token, secret = access_tokens.create_token(by, name, [Scope.FEED], id=id)
    if secret:
        return FeedAddress.objects.create(token=token, corpus=corpus, type=type, actor_id=actor), secret
    stored = FeedAddress.objects.filter(token=token).select_related("token").first()
    if stored is None or (stored.corpus_id, stored.type, stored.actor_id) != (corpus.pk, type, actor):
        with error_at("/id"):
            raise id_taken_error(token.pk)
    return stored, ""


def list_addresses(by: User, corpus: Corpus) -> QuerySet[FeedAddress]:
    """Return the caller's own addresses of feeds of a corpus, without their secrets."""
    rows = FeedAddress.objects.filter(corpus=corpus).select_related("token", "corpus", "actor")
    rows = rows.defer("corpus__guideline", "corpus__description")
    return visible(by, rows).order_by("token_id")


def revoke_address(by: User, id: UUID) -> None:
    """End an address of the caller; it stops working at once."""
    get_visible(by, FeedAddress.objects.all(), pk=id)
    access_tokens.revoke_token(by, id)


def feed_path(address: FeedAddress, secret: str) -> str:
    """Return the path of a feed with its secret."""
    query: dict[str, Any] = {"type": address.type}
    if address.actor_id is not None:
        query["actor"] = address.actor_id
    return f"{api_url(f'corpora/{address.corpus.slug}/feed/')}?{urlencode({**query, 'token': secret})}"
