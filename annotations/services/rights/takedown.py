"""Taking an article down: it is in nothing new that leaves the house, and its work goes on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.models import Article, ArticleRights
from annotations.permissions import Permission
from annotations.services.core import articles, events
from annotations.services.core.errors import require_current_version
from annotations.services.rights.terms import article_rights, raise_version, store_rights
from annotations.text.parsing import format_timestamp


@transaction.atomic
def take_down(by: User, id: UUID, reason: str, *, version: int | None = None) -> Article:
    """Take an article down; where it is, the reason is replaced, and the time stays."""
    article = articles.lock_article_for(by, id, Permission.TAKE_DOWN_ARTICLE)
    rights = article_rights(article)
    if rights.taken_down_at is not None and rights.taken_down_reason == reason:
        return article
    _require_version(article, version)
    return mark_taken_down(by, article, reason)


def mark_taken_down(by: User | None, article: Article, reason: str) -> Article:
    """Take a locked article down within the open transaction."""
    rights = article_rights(article)
    before = _payload(rights)
    rights.taken_down_at = rights.taken_down_at or timezone.now()
    rights.taken_down_by, rights.taken_down_reason = by, reason
    after = _store(article, rights, reason)
    change = events.build_article_event("article_taken_down", article, by, before=before, after=after)
    events.store_events([change])
    return article


def takedown_payload(rights: ArticleRights) -> dict[str, Any]:
    """Return the payload of the event of a takedown."""
    return {**_payload(rights), "reason": rights.taken_down_reason}


@transaction.atomic
def restore_article(by: User, id: UUID, reason: str, *, version: int | None = None) -> Article:
    """Let an article out again that was taken down; releases that were withdrawn stay so."""
    article = articles.lock_article_for(by, id, Permission.TAKE_DOWN_ARTICLE)
    rights = article_rights(article)
    if rights.taken_down_at is None:
        return article
    _require_version(article, version)
    before = _payload(rights)
    rights.taken_down_at, rights.taken_down_by, rights.taken_down_reason = None, None, ""
    after = _store(article, rights, reason)
    change = events.build_article_event("article_restored", article, by, before=before, after=after)
    events.store_events([change])
    return article


def _require_version(article: Article, version: int | None) -> None:
    if version is not None:
        require_current_version("article", article.version, version)


def _payload(rights: ArticleRights) -> dict[str, Any]:
    at = rights.taken_down_at
    return {"taken_down_at": None if at is None else format_timestamp(at)}


def _store(article: Article, rights: ArticleRights, reason: str) -> dict[str, Any]:
    """Store changed rights; return the payload of the event."""
    store_rights(rights)
    raise_version(article)
    return {**_payload(rights), "reason": reason}
