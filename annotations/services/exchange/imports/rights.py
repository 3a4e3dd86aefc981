"""The rights in articles that a file holds, for new articles and for those that are there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from annotations.formats.core import records
from annotations.models import Article, ArticleRights
from annotations.services.rights import takedown, terms

#: The columns of a takedown.
TAKEDOWN_COLUMNS = ("taken_down_at", "taken_down_by_id", "taken_down_reason")


def new_rights(sent: records.ArticleRights, by: User | None, now: datetime) -> ArticleRights:
    """Return the rights of a new article, not yet stored; an item that its agency withholds is taken down."""
    row = ArticleRights(**sent.terms())
    if sent.taken_down_reason:
        row.taken_down_at, row.taken_down_by, row.taken_down_reason = now, by, sent.taken_down_reason
    return row


def rights_events(row: ArticleRights) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the actions of new rights with their payloads."""
    if not terms.has_terms(row, terms.EMPTY_ARTICLE_TERMS):
        yield "article_rights_changed", terms.terms_payload(row)
    if row.taken_down_at is not None:
        yield "article_taken_down", takedown.takedown_payload(row)


def update_rights(by: User | None, article: Article, sent: records.Article) -> bool:
    """Update the rights of a locked article by what a line sent of them; return whether anything changed."""
    if "rights" not in sent.sent and sent.rights is None:
        return False
    rights = sent.rights or records.ArticleRights(sent=frozenset(records.TERM_FIELDS))
    changed = terms.change_rights(
        by, article, {name: value for name, value in rights.terms().items() if name in rights.sent}
    )
    if rights.taken_down_reason and terms.article_rights(article).taken_down_at is None:
        takedown.mark_taken_down(by, article, rights.taken_down_reason)
        return True
    return changed
