"""The corrections of the demo: one that touches no mark, and one that turns a sentence round.

After the first, the approval of the article holds for the new text; after the second, marks wait for a look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.db.models import F

from annotations.enums import CarryApproval, State
from annotations.models import (
    AnnotationSet,
    Article,
    CarryOver,
    Corpus,
    Event,
    Notification,
    Revision,
)
from annotations.services.core import corpora
from annotations.services.correction import revisions


@dataclass(frozen=True)
class DemoCorrection:
    """A correction of an article: which words become which others, why, and when."""

    external_id: str
    replaced: Sequence[tuple[str, str]]
    reason: str
    time: datetime


CORRECTIONS = (
    DemoCorrection(
        "council-no",
        [("lasted until midnight", "lasted until long after midnight")],
        "The session ended at two, says the clerk.",
        datetime(2026, 11, 20, 9, 20, tzinfo=UTC),
    ),
    DemoCorrection(
        "council-no",
        [
            ("said that work on the quay", "denied that work on the quay"),
            ("never counted a fish", "never had to count a fish"),
        ],
        "Teller was quoted wrongly; Halvorsen’s words are those of the recording.",
        datetime(2026, 11, 20, 14, 45, tzinfo=UTC),
    ),
)
_BY = "max"


def write_corrections(corpus: Corpus, people: Mapping[str, User]) -> None:
    """Correct the articles, each at its time. Call it in the transaction of the load, after the history."""
    by, seq = people[_BY], _last_event(corpus)
    # the fields that the load has changed are in the database only
    version = Corpus.objects.values_list("version", flat=True).get(pk=corpus.pk)
    corpora.update_corpus(by, corpus.pk, {"carry_approval": CarryApproval.WHEN_UNTOUCHED}, version=version)
    for correction in CORRECTIONS:
        article = Article.objects.select_related("revision").get(
            corpus=corpus, external_id=correction.external_id
        )
        text = article.revision.text
        for old, new in correction.replaced:
            text = text.replace(old, new)
        revision = revisions.add_revision(by, article.pk, text, correction.reason).revision
        _date_rows(corpus, revision, correction.time, seq)
        seq = _last_event(corpus)


def _last_event(corpus: Corpus) -> int:
    return Event.objects.filter(corpus_id=corpus.pk).order_by("-seq").values_list("seq", flat=True)[0]


def _date_rows(corpus: Corpus, revision: Revision, time: datetime, seq: int) -> None:
    """Put what a correction has stored at its time."""
    Event.objects.filter(corpus_id=corpus.pk, seq__gt=seq).update(time=time)
    Revision.objects.filter(pk=revision.pk).update(created_at=time)
    CarryOver.objects.filter(to_revision=revision).update(at=time)
    made = AnnotationSet.objects.filter(revision=revision)
    made.update(created_at=time)
    made.filter(state=State.APPROVED).update(approved_at=time)
    made.filter(due_at__isnull=False).update(due_at=F("created_at"))
    Notification.objects.filter(set_id__in=made.values("pk")).update(created_at=time)
