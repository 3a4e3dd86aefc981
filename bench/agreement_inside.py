"""What ``bench.agreement_service`` lets run in ``manage.py shell``, where Django is ready."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.models import (
    AnnotationSet,
    Article,
    Corpus,
    FrozenAgreement,
    Membership,
    Relation,
    Revision,
    Role,
    Span,
    bulk,
    uuid7,
)
from annotations.services import agreement, frozen_agreement
from annotations.services.articles import build_revision
from annotations.states import Round, State
from bench.agreement import article as made_up

OWNERS = ("ann", "ben")
AT_ONCE = 200


def fill(articles: int) -> int:
    """Store a corpus of submitted sets, as two annotators would have left it."""
    people = {name: User.objects.create_user(name) for name in OWNERS}
    corpus = Corpus.objects.create(slug="agreement", name="Agreement", annotators_per_article=2)
    for user in people.values():
        Membership.objects.create(corpus=corpus, user=user, role=Role.ANNOTATOR)
    for numbers in _chunks(range(articles)):
        _store(corpus, people, [made_up(number) for number in numbers])
    return Span.objects.count()


def _chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    chunk: list[int] = []
    for number in numbers:
        chunk.append(number)
        if len(chunk) == AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@transaction.atomic
def _store(corpus: Corpus, people: dict[str, User], made: list[dict[str, Any]]) -> None:
    articles: list[Article] = []
    revisions: list[Revision] = []
    sets: list[AnnotationSet] = []
    spans: list[Span] = []
    relations: list[Relation] = []
    for row in made:
        article = Article(id=uuid7(), corpus=corpus, annotators=2, created_at=timezone.now())
        revision = build_revision(article, row["text"], number=1, by=None)
        revision.created_at = timezone.now()
        article.revision = revision
        articles.append(article)
        revisions.append(revision)
        for name, user in people.items():
            sets.append(_set(corpus, article, revision, user))
            _content(sets[-1], row["text"], row["sets"][name], spans, relations)
    for rows in (articles, revisions, sets, spans, relations):
        bulk.create(rows)


def _set(corpus: Corpus, article: Article, revision: Revision, owner: User) -> AnnotationSet:
    now = timezone.now()
    return AnnotationSet(
        id=uuid7(),
        corpus=corpus,
        article=article,
        revision=revision,
        owner=owner,
        state=State.SUBMITTED,
        created_at=now,
        submitted_at=now,
    )


def _content(row: AnnotationSet, text: str, marks: Any, spans: list[Span], relations: list[Relation]) -> None:
    ids = {}
    taken = set()
    for number, label, start, end, _, attributes, *_links in marks["spans"]:
        if (label, start, end) not in taken:
            taken.add((label, start, end))
            quote = text[start:end]
            ids[number] = span = Span(
                id=uuid7(), set=row, label=label, start=start, end=end, quote=quote, attributes=attributes
            )
            spans.append(span)
    for _, type_, source, target in marks["relations"]:
        if source in ids and target in ids:
            relations.append(
                Relation(id=uuid7(), set=row, type=type_, source=ids[source], target=ids[target])
            )


def freeze() -> int:
    """What submitting adds, once for each article."""
    rows = AnnotationSet.objects.select_related("article", "owner").filter(owner__username=OWNERS[1])
    for row in rows.iterator(chunk_size=500):
        with transaction.atomic():
            frozen_agreement.freeze_submitted(row)
    return FrozenAgreement.objects.count()


def ask() -> float:
    """The report of the whole corpus."""
    corpus = Corpus.objects.get(slug="agreement")
    found = agreement.of_corpus(corpus, agreement.Question(round=Round.PRODUCTION))
    return float(found["labels"]["all"]["iou_f1"])


STEPS: dict[str, Callable[[], float]] = {"freeze": freeze, "ask": ask}


def measured(step: str) -> str:
    """Run a step here; seconds, and the peak of this process in megabytes."""
    began = time.perf_counter()
    result = STEPS[step]()
    seconds = time.perf_counter() - began
    # Linux counts kilobytes
    return json.dumps([result, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024])
