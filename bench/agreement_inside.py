"""The steps of ``bench.agreement_service``, which run in ``manage.py shell``, with Django set up."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.enums import Round, State
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
from annotations.services.core.articles import build_revision
from annotations.services.double_annotation import agreement
from annotations.services.review import frozen_agreement
from bench.agreement import generate_article

OWNERS = ("ann", "ben")
BATCH_SIZE = 200


def create_articles(articles: int) -> int:
    """Store a corpus of submitted sets by two annotators; return the number of spans."""
    people = {name: User.objects.create_user(name) for name in OWNERS}
    corpus = Corpus.objects.create(slug="agreement", name="Agreement", annotators_per_article=2)
    for user in people.values():
        Membership.objects.create(corpus=corpus, user=user, role=Role.ANNOTATOR)
    for numbers in _chunks(range(articles)):
        _store_articles(corpus, people, [generate_article(number) for number in numbers])
    return Span.objects.count()


def _chunks(numbers: Iterable[int]) -> Iterator[list[int]]:
    chunk: list[int] = []
    for number in numbers:
        chunk.append(number)
        if len(chunk) == BATCH_SIZE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@transaction.atomic
def _store_articles(corpus: Corpus, people: dict[str, User], made: list[dict[str, Any]]) -> None:
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
            sets.append(_new_set(corpus, article, revision, user))
            _add_content(sets[-1], row["text"], row["sets"][name], spans, relations)
    for rows in (articles, revisions, sets, spans, relations):
        bulk.create_objects(rows)


def _new_set(corpus: Corpus, article: Article, revision: Revision, owner: User) -> AnnotationSet:
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


def _add_content(
    row: AnnotationSet, text: str, marks: Any, spans: list[Span], relations: list[Relation]
) -> None:
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


def freeze_agreement() -> int:
    """Freeze the agreement of each article, as its last submission does; return the number of pairs."""
    rows = AnnotationSet.objects.select_related("article", "owner").filter(owner__username=OWNERS[1])
    for row in rows.iterator(chunk_size=500):
        with transaction.atomic():
            frozen_agreement.freeze_at_submission(row)
    return FrozenAgreement.objects.count()


def report_corpus() -> float:
    """Return the IoU F1 of the report of the whole corpus."""
    corpus = Corpus.objects.get(slug="agreement")
    found = agreement.corpus_agreement(corpus, agreement.AgreementQuery(round=Round.PRODUCTION))
    return float(found["labels"]["all"]["iou_f1"])


STEPS: dict[str, Callable[[], float]] = {"freeze": freeze_agreement, "report": report_corpus}


def measure_step(step: str) -> str:
    """Return the result of a step, its seconds, and the peak memory of this process in megabytes, as JSON."""
    began = time.perf_counter()
    result = STEPS[step]()
    seconds = time.perf_counter() - began
    # Linux counts kilobytes
    return json.dumps([result, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024])
