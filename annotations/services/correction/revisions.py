"""Revisions: a corrected text takes the place of the current one, and carries the spans of its sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.enums import Round, SetKind, State
from annotations.exceptions import DuplicateError, NotAllowedNowError, error_at
from annotations.messages import message
from annotations.models import AnnotationSet, Article, CarryOver, Revision
from annotations.permissions import Permission
from annotations.services.core import stories
from annotations.services.core.articles import build_revision, lock_article_for
from annotations.services.core.constraints import retry_on_conflict
from annotations.services.core.errors import id_taken_error
from annotations.services.core.sets import locked_sets, refresh_status, require_not_archived
from annotations.services.correction.batches import CorrectionBatch
from annotations.services.correction.set_plans import SetPlan
from annotations.services.review.transitions import make_system_transition
from annotations.text.gate import check_text


@dataclass(frozen=True)
class RevisionResult:
    """A revision, whether it is new, and the sets that went on to it."""

    revision: Revision
    created: bool
    carries: Sequence[CarryOver]


@retry_on_conflict
@transaction.atomic
def add_revision(
    by: User, id: UUID, text: str, reason: str, *, revision_id: UUID | None = None, recall: bool = False
) -> RevisionResult:
    """Add a revision of the text, and carry the sets over to it. The same id and text is a repeat.

    Raises ``NotAllowedNowError`` while a set is under review; ``recall`` takes submitted ones back first.
    """
    article = lock_article_for(by, id, Permission.ADD_REVISION)
    stored = Revision.objects.filter(pk=revision_id).first() if revision_id else None
    if stored is not None:
        if (stored.article_id, stored.text, stored.reason) != (article.pk, text, reason):
            with error_at("/id"):
                raise id_taken_error(revision_id)
        before = CarryOver.objects.filter(to_revision=stored).select_related("from_set", "to_set")
        return RevisionResult(stored, created=False, carries=list(before))
    _require_new_text(article, text)
    if recall:
        _recall_submitted(by, article, reason)
    batch = CorrectionBatch([article])
    revision = batch.replace_text(by, article, text, reason, revision_id=revision_id)
    carries = batch.finish()
    stories.place_article(article)
    return RevisionResult(revision, created=True, carries=carries)


@transaction.atomic
def preview_revision(by: User, id: UUID, text: str, *, recall: bool = False) -> list[SetPlan]:
    """Return what a revision would do to the sets; raise what adding it would raise. Nothing is stored."""
    article = lock_article_for(by, id, Permission.ADD_REVISION)
    _require_new_text(article, text)
    if recall:
        with transaction.atomic():
            _recall_submitted(by, article, "")
            plans = CorrectionBatch([article]).plan(article, text)
            transaction.set_rollback(True)
        return plans
    return CorrectionBatch([article]).plan(article, text)


def _require_new_text(article: Article, text: str) -> None:
    require_not_archived(article.corpus)
    with error_at("/text"):
        check_text(text)
    if build_revision(article, text, number=1, by=None).sha256 == article.revision.sha256:
        raise DuplicateError(
            message(
                "The text is the same as that of revision {number}; nothing was changed.",
                number=article.revision.number,
            )
        )


def _recall_submitted(by: User, article: Article, reason: str) -> None:
    """Give what is only submitted back to its owners, unless others have begun to work on it."""
    rows = locked_sets().filter(article=article, round=Round.PRODUCTION, state=State.SUBMITTED)
    submitted = list(rows.select_related("owner").order_by("pk"))
    if not submitted:
        return
    adjudications = AnnotationSet.objects.filter(article=article, kind=SetKind.ADJUDICATION)
    live = adjudications.filter(state__in=[State.OPEN, State.RETURNED, State.IN_REVIEW]).first()
    if live is not None and any(row.kind == SetKind.ANNOTATION for row in submitted):
        raise NotAllowedNowError(
            message(
                "What is submitted on this article is being settled already; withdraw the adjudication "
                "first, then recall it."
            ),
            state=live.state,
            allowed=[],
            set=str(live.pk),
        )
    for row in submitted:
        make_system_transition(by, row, "recall", columns={"submitted_at": None}, reason=reason)
    refresh_status(article)
