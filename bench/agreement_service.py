"""Agreement over the database: 10,000 articles with 2 annotators and 30 marks each.

    python -m bench.agreement_service [articles]

What a submission adds is measured for all articles together; then the report from what was frozen, and
both once more through the API's view. Each runs in a process of its own, so that its peak is its own.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
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
from annotations.services import agreement
from annotations.services.articles import build_revision
from annotations.states import Round, State
from bench.agreement import ARTICLES, MOST_MEGABYTES, MOST_SECONDS
from bench.agreement import article as made_up
from bench.server import environment, manage, postgres

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
            agreement.freeze_submitted(row)
    return FrozenAgreement.objects.count()


def ask() -> float:
    """The report of the whole corpus."""
    corpus = Corpus.objects.get(slug="agreement")
    found = agreement.of_corpus(corpus, agreement.Question(round=Round.PRODUCTION))
    return float(found["labels"]["all"]["iou_f1"])


STEPS: dict[str, tuple[str, Callable[[], float]]] = {
    "freeze": ("freezing, all submissions together (pairs)", freeze),
    "ask": ("the report from what was frozen (IoU F1)", ask),
}


def measured(step: str) -> str:
    """Run a step here; seconds, and the peak of this process in megabytes."""
    began = time.perf_counter()
    result = STEPS[step][1]()
    seconds = time.perf_counter() - began
    # Linux counts kilobytes
    return json.dumps([result, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024])


def inside(env: dict[str, str], call: str) -> str:
    """What a call of this module answers in a process where Django is ready."""
    code = f"from bench import agreement_service; print(agreement_service.{call})"
    return manage(env, "shell", "--no-imports", "-c", code).strip()


def main(articles: int) -> int:
    held = True
    with tempfile.TemporaryDirectory() as folder, postgres() as url:
        env = environment(url, Path(folder))
        manage(env, "migrate", "--verbosity", "0")
        spans = int(inside(env, f"fill({articles})"))
        print(f"{articles:,} articles, 2 annotators, {spans:,} marks, on PostgreSQL")
        for step, (title, _) in STEPS.items():
            result, seconds, megabytes = json.loads(inside(env, f"measured({step!r})"))
            held &= seconds <= MOST_SECONDS and megabytes <= MOST_MEGABYTES
            print(f"{title:45} {result:>14,.4g} {seconds:8.2f} s {megabytes:6.1f} MB", flush=True)
    print(f"at most {MOST_SECONDS} s and {MOST_MEGABYTES} MB: {'held' if held else 'BROKEN'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES))
