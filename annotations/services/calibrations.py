"""Calibration rounds: how far each article of one is, and ending it where somebody does not finish."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.models import AnnotationSet, Corpus
from annotations.permissions import HasRole, Permission, require
from annotations.services import frozen_agreement, review
from annotations.services.sets import require_not_archived
from annotations.states import EDITABLE, Kind, Round, State
from annotations.workflow import TRANSITIONS

#: So many articles of calibrations are shown, the newest first.
MOST = 100


@dataclass
class Calibrated:
    """One article of a calibration: who has finished, and who is still at work."""

    article_id: UUID
    title: str
    guideline_version: int
    due_at: datetime | None
    finished: list[str] = field(default_factory=list)
    at_work: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the sets are still hidden, because somebody works on theirs."""
        return bool(self.at_work)


def of_corpus(corpus: Corpus) -> list[Calibrated]:
    """The articles that were given to several people for training, in one query."""
    rows = AnnotationSet.objects.filter(corpus=corpus, round=Round.CALIBRATION, kind=Kind.ANNOTATION)
    columns = rows.exclude(state=State.WITHDRAWN).order_by("-article_id", "owner__username").values_list(
        "article_id", "article__title", "article__external_id", "guideline_version", "due_at",
        "owner__username", "state",
    )  # fmt: skip
    found: dict[UUID, Calibrated] = {}
    for article_id, title, external_id, version, due_at, owner, state in columns.iterator(chunk_size=500):
        if article_id not in found and len(found) == MOST:
            break
        name = title or external_id or str(article_id)
        row = found.setdefault(article_id, Calibrated(article_id, name, version, due_at))
        (row.at_work if state in EDITABLE else row.finished).append(owner)
    return list(found.values())


@transaction.atomic
def close(by: User, corpus: Corpus, articles: Collection[UUID], *, reason: str) -> int:
    """End the calibration of these articles: unfinished sets are withdrawn, and the others compared.

    Answers how many sets were withdrawn. What was submitted is shown from now on, and its agreement
    frozen, as if the last had submitted.
    """
    require(by, Permission.ASSIGN_SET, cast("HasRole", corpus))
    require_not_archived(corpus)
    rows = AnnotationSet.objects.filter(
        corpus=corpus, round=Round.CALIBRATION, kind=Kind.ANNOTATION, article__in=list(articles)
    )
    unfinished = list(rows.filter(state__in=EDITABLE).order_by("article_id", "pk"))
    name = TRANSITIONS["withdraw"].name
    for row in unfinished:
        review.move(by, row.pk, name, review.Request(version=row.version, reason=reason))
    for article_id in dict.fromkeys(row.article_id for row in unfinished):
        done = rows.filter(article=article_id, state=State.SUBMITTED).select_related("article")
        last = done.order_by("-submitted_at", "pk").first()
        if last is not None:
            frozen_agreement.freeze_submitted(last)
    return len(unfinished)
