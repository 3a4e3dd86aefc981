"""Due dates of sets and priorities of articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from annotations.enums import LIVE
from annotations.exceptions import NotAllowedNowError
from annotations.messages import message, term
from annotations.models import AnnotationSet, Article, Corpus
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import articles, events
from annotations.services.core.errors import require_current_version
from annotations.services.core.sets import edit_set, locked_sets, require_not_archived
from annotations.text.parsing import format_timestamp
from annotations.visibility import visible


def set_due_date(by: User, set_id: UUID, due_at: datetime | None, *, version: int) -> AnnotationSet:
    """Set or clear the due date of a live set; the same date again is a repeat."""
    with edit_set(by, set_id, Permission.ASSIGN_SET) as edit:
        row = edit.row
        if row.due_at == due_at:
            return row
        require_current_version(term("model", "set"), row.version, version)
        require_not_archived(row.corpus)
        if row.state not in LIVE:
            raise NotAllowedNowError(
                message(
                    "The set is {state}; only work that is under way can be due.",
                    state=term("State", row.state),
                ),
                **edit.refusal_details(),
            )
        before = {"due_at": row.due_at and format_timestamp(row.due_at)}
        edit.columns["due_at"] = due_at
        edit.record(events.DUE_CHANGED, before=before, after={"due_at": due_at and format_timestamp(due_at)})
        return row


@transaction.atomic
def set_due_dates(by: User, seen: VisibleRow[Corpus], article_ids: Sequence[UUID], due_at: datetime) -> int:
    """Set the due date of all live sets of several articles; return how many have changed."""
    corpus = require_permission(by, Permission.ASSIGN_SET, seen)
    require_not_archived(corpus)
    live = locked_sets().filter(corpus=corpus, article__in=article_ids, state__in=LIVE)
    rows = list(visible(by, live).exclude(due_at=due_at).order_by("pk"))
    after = {"due_at": format_timestamp(due_at)}
    changes = [
        events.build_set_event(
            events.DUE_CHANGED,
            row,
            by,
            before={"due_at": row.due_at and format_timestamp(row.due_at)},
            after=after,
        )
        for row in rows
    ]
    ids = [row.pk for row in rows]
    AnnotationSet.objects.filter(pk__in=ids).update(due_at=due_at, version=F("version") + 1)
    events.store_events(changes)
    return len(ids)


@transaction.atomic
def set_article_priority(by: User, seen: VisibleRow[Corpus], ids: Sequence[UUID], priority: int) -> int:
    """Set the priority of several articles, all or none; return how many have changed."""
    corpus = require_permission(by, Permission.CHANGE_ARTICLE, seen)
    require_not_archived(corpus)
    rows = articles.lock_articles(corpus, ids).exclude(priority=priority)
    changes = []
    for article in rows:
        before = articles.article_payload(article)
        article.priority = priority
        after = articles.article_payload(article)
        changes.append(events.build_article_event("article_changed", article, by, before=before, after=after))
    changed = Article.objects.filter(pk__in=[article.pk for article in rows])
    changed.update(priority=priority, version=F("version") + 1)
    events.store_events(changes)
    return len(changes)
