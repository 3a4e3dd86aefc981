"""Due dates of sets and priorities of articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.enums import LIVE
from annotations.exceptions import NotAllowedNowError
from annotations.messages import message, term
from annotations.models import AnnotationSet, Article, Corpus
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import articles, events
from annotations.services.core.errors import require_current_version
from annotations.services.core.sets import edit_set, require_not_archived
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
def set_article_priority(by: User, seen: VisibleRow[Corpus], ids: Sequence[UUID], priority: int) -> int:
    """Set the priority of several articles, all or none; return how many have changed."""
    corpus = require_permission(by, Permission.CHANGE_ARTICLE, seen)
    rows = visible(by, Article.objects.filter(corpus=corpus, pk__in=ids)).exclude(priority=priority)
    found = list(rows.order_by("pk").values_list("pk", "version"))
    for pk, version in found:
        articles.update_article(by, pk, {"priority": priority}, version=version)
    return len(found)
