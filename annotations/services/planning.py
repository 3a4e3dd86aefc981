"""Due dates of sets and priorities of articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.exceptions import NotAllowedNow
from annotations.models import AnnotationSet, Article, Corpus
from annotations.permissions import Permission, Seen, require
from annotations.says import says, word
from annotations.services import articles, events
from annotations.services.refusals import require_version
from annotations.services.sets import require_not_archived, writing
from annotations.states import LIVE
from annotations.visibility import visible


def set_due(by: User, set_id: UUID, due_at: datetime | None, *, version: int) -> AnnotationSet:
    """Set or clear the due date of a live set; the same date again is a repeat."""
    with writing(by, set_id, Permission.ASSIGN_SET) as edit:
        row = edit.row
        if row.due_at == due_at:
            return row
        require_version(word("model", "set"), row.version, version)
        require_not_archived(row.corpus)
        if row.state not in LIVE:
            raise NotAllowedNow(
                says(
                    "The set is {state}; only work that is under way can be due.",
                    state=word("State", row.state),
                ),
                **edit.now(),
            )
        before = {"due_at": row.due_at and row.due_at.isoformat()}
        edit.changes["due_at"] = due_at
        edit.tell(events.DUE_CHANGED, before=before, after={"due_at": due_at and due_at.isoformat()})
        return row


@transaction.atomic
def set_priority(by: User, seen: Seen[Corpus], ids: Sequence[UUID], priority: int) -> int:
    """Set the priority of several articles, all or none; return how many have changed."""
    corpus = require(by, Permission.CHANGE_ARTICLE, seen)
    rows = visible(by, Article.objects.filter(corpus=corpus, pk__in=ids)).exclude(priority=priority)
    found = list(rows.order_by("pk").values_list("pk", "version"))
    for pk, version in found:
        articles.change(by, pk, {"priority": priority}, version=version)
    return len(found)
