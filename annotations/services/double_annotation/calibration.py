"""Calibration rounds: the state of each article, and closing one that an annotator does not finish."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.enums import EDITABLE, Round, SetKind, State
from annotations.models import AnnotationSet, Corpus
from annotations.models.ordering import text_order
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core.sets import require_not_archived
from annotations.services.review import guards, transitions
from annotations.workflow import TRANSITIONS

#: How many articles of calibrations are shown, the newest first.
MAX_ARTICLES = 100


@dataclass
class CalibrationArticle:
    """One article of a calibration: its annotators who have finished, and those still at work."""

    article_id: UUID
    title: str
    guideline_version: int
    due_at: datetime | None
    finished: list[str] = field(default_factory=list)
    at_work: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the sets are still blind, because an annotator has not finished."""
        return bool(self.at_work)


def calibration_articles(corpus: Corpus) -> list[CalibrationArticle]:
    """Return the articles in calibration, in one query."""
    rows = AnnotationSet.objects.filter(corpus=corpus, round=Round.CALIBRATION, kind=SetKind.ANNOTATION)
    rows = rows.exclude(state=State.WITHDRAWN).order_by("-article_id", text_order("owner__username"))
    columns = rows.values_list(
        "article_id", "article__title", "article__external_id", "guideline_version", "due_at",
        "owner__username", "state",
    )  # fmt: skip
    calibrated: dict[UUID, CalibrationArticle] = {}
    for article_id, title, external_id, version, due_at, owner, state in columns.iterator(chunk_size=500):
        if article_id not in calibrated and len(calibrated) == MAX_ARTICLES:
            break
        name = title or external_id or str(article_id)
        row = calibrated.setdefault(article_id, CalibrationArticle(article_id, name, version, due_at))
        (row.at_work if state in EDITABLE else row.finished).append(owner)
    return list(calibrated.values())


@transaction.atomic
def close_calibration(by: User, seen: VisibleRow[Corpus], articles: Collection[UUID], *, reason: str) -> int:
    """Close the calibration of articles: withdraw unfinished sets and compare the submitted ones.

    Returns how many sets were withdrawn. The submitted sets are no longer blind and their agreement is
    frozen, as if the last annotator had submitted.
    """
    corpus = require_permission(by, Permission.ASSIGN_SET, seen)
    require_not_archived(corpus)
    rows = AnnotationSet.objects.filter(
        corpus=corpus, round=Round.CALIBRATION, kind=SetKind.ANNOTATION, article__in=list(articles)
    )
    unfinished = list(rows.filter(state__in=EDITABLE).order_by("article_id", "pk"))
    name = TRANSITIONS["withdraw"].name
    for row in unfinished:
        transitions.make_transition(
            by, row.pk, name, guards.TransitionRequest(version=row.version, reason=reason)
        )
    return len(unfinished)
