"""Agreement: frozen when the last independent set is submitted, pooled when somebody asks."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from annotations.measures.agreement import Counts, Pair, SetFacts, count_article, overall, report
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Corpus,
    FrozenAgreement,
    Proposition,
    Relation,
    Span,
    uuid7,
)
from annotations.scheme import RelationFacts, SpanFacts
from annotations.states import Kind, Round, State

#: So many of the worst articles are named.
WORST = 10
_FETCHED = 500

Row = TypeVar("Row", bound=Model)


def freeze_submitted(row: AnnotationSet) -> None:
    """Freeze the agreement on an article, if this was the last of its independent sets.

    What is frozen stays: talk, withdrawals and second submissions change nothing. A set that goes
    on with somebody else's work is not independent and is not compared. It comes after ``settle``,
    which has stored whether the sets are still hidden.
    """
    article, round_ = row.article, Round(row.round)
    single = round_ == Round.PRODUCTION and article.annotators == 1
    if row.kind != Kind.ANNOTATION or single:
        return
    independent = AnnotationSet.objects.filter(
        Q(based_on__isnull=True) | Q(based_on__owner=F("owner")),
        article=article,
        revision_id=row.revision_id,
        kind=Kind.ANNOTATION,
        round=round_,
        state=State.SUBMITTED,
        blind=False,
    )
    rows = sorted(independent.select_related("owner", "revision"), key=lambda row: row.owner.get_username())
    if len(rows) > 1:
        _freeze(row, Kind.ANNOTATION, rows)


def freeze_approved(row: AnnotationSet) -> None:
    """Freeze how far each annotator was from the gold that was made of their sets."""
    if row.kind != Kind.ADJUDICATION:
        return
    sources = AnnotationSet.objects.filter(adjudications__set=row, revision_id=row.revision_id)
    for source in sources.select_related("owner", "revision"):
        _freeze(row, Kind.ADJUDICATION, [source, row])


def _freeze(row: AnnotationSet, kind: Kind, rows: Sequence[AnnotationSet]) -> None:
    """Store the counts of each pair; one that is stored already stays as it is."""
    owners = [each.owner for each in rows]
    known = set(
        FrozenAgreement.objects.filter(article=row.article_id, round=row.round, kind=kind).values_list(
            "first_id", "second_id"
        )
    )
    facts = content_of([each.pk for each in rows])
    # Names that sort as the rows do, so that "first" and "second" mean what they say.
    names = {f"{place:04}": facts[each.pk] for place, each in enumerate(rows)}
    counted = count_article(rows[0].revision.text, names)
    pairs = ((owners[int(pair.first)], owners[int(pair.second)], counts) for pair, counts in counted.items())
    FrozenAgreement.objects.bulk_create(
        FrozenAgreement(
            id=uuid7(),
            corpus_id=row.corpus_id,
            article_id=row.article_id,
            round=row.round,
            kind=kind,
            first=first,
            second=second,
            annotators=len(rows),
            counts=counts.to_json(),
            guideline_version=row.guideline_version,
            frozen_at=timezone.now(),
        )
        for first, second, counts in pairs
        if first.pk != second.pk and (first.pk, second.pk) not in known
    )


def content_of(ids: Sequence[UUID]) -> dict[UUID, SetFacts]:
    """What is marked in sets, with links to what their actors and propositions were merged into."""
    # Plain tuples: objects would take half of the time of a submission.
    spans = list(Span.objects.filter(set__in=ids).order_by().values_list(*_SPAN_COLUMNS))
    actors = _merged(Actor.objects.all(), {actor for *_, actor, _ in spans if actor})
    issues = _merged(Proposition.objects.all(), {issue for *_, issue in spans if issue})
    marks: dict[UUID, list[SpanFacts]] = {id: [] for id in ids}
    links: dict[UUID, list[RelationFacts]] = {id: [] for id in ids}
    for set_id, id, label, start, end, quote, attributes, actor, issue in spans:
        linked = _resolved(actors, actor), _resolved(issues, issue)
        marks[set_id].append(SpanFacts(id, label, start, end, quote, attributes, *linked))
    relations = Relation.objects.filter(set__in=ids).order_by()
    columns = ("set_id", "pk", "type", "source_id", "target_id")
    for set_id, id, type_, source, target in relations.values_list(*columns):
        links[set_id].append(RelationFacts(id, type_, source, target))
    return {id: SetFacts(marks[id], links[id]) for id in ids}


_SPAN_COLUMNS = (
    "set_id", "pk", "label", "start", "end", "quote", "attributes", "actor_id", "proposition_id",
)  # fmt: skip


def _resolved(merged: Mapping[UUID, UUID], id: UUID | None) -> UUID | None:
    return None if id is None else merged.get(id, id)


def _merged(rows: QuerySet[Row], linked: set[UUID | None]) -> dict[UUID, UUID]:
    """For entries of the registry that were merged: what they are now, step by step."""
    step: dict[UUID, UUID] = {}
    ids = todo = {id for id in linked if id is not None}
    while todo:
        found: dict[UUID, UUID] = dict(
            rows.filter(pk__in=todo, merged_into__isnull=False).values_list("pk", "merged_into_id")
        )
        step |= found
        todo = set(found.values()) - step.keys()
    ends: dict[UUID, UUID] = {}
    for id in ids & step.keys():
        at, seen = id, {id}
        while at in step and step[at] not in seen:
            at = step[at]
            seen.add(at)
        ends[id] = at
    return ends


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whose agreement is asked for. ``only``: the pairs of one person; ``article(s)``: on those."""

    round: Round = Round.PRODUCTION
    kind: Kind = Kind.ANNOTATION
    guideline_version: int | None = None
    since: datetime | None = None
    only: User | None = None
    article: UUID | None = None
    articles: QuerySet[Article] | None = None


@dataclass
class _Noted:
    """What is noted of articles while they pass by, for the report holds none of them."""

    worst: list[tuple[float, str]] = field(default_factory=list)
    frozen_at: datetime | None = None
    versions: set[int] = field(default_factory=set)


def rows_of(corpus: Corpus, question: Question) -> QuerySet[FrozenAgreement]:
    """The frozen rows that answer a question, article by article."""
    asked: dict[str, Any] = {
        "guideline_version": question.guideline_version,
        "frozen_at__gte": question.since,
        "article": question.article,
        "article__in": question.articles,
    }
    rows = FrozenAgreement.objects.filter(
        corpus=corpus,
        round=question.round,
        kind=question.kind,
        **{name: value for name, value in asked.items() if value is not None},
    )
    if question.only is not None:
        rows = rows.filter(Q(first=question.only) | Q(second=question.only))
    return rows.order_by("article_id", "pk")


def of_corpus(corpus: Corpus, question: Question) -> dict[str, Any]:
    """The report, with the worst articles. Rows pass by one after the other and are not kept."""
    noted = _Noted()
    found = report(_articles(rows_of(corpus, question), noted))
    return {
        "round": str(question.round),
        "kind": str(question.kind),
        **found,
        "worst": _named(noted.worst),
        "guideline_versions": sorted(noted.versions),
        "frozen_at": noted.frozen_at,
    }


def _articles(rows: QuerySet[FrozenAgreement], noted: _Noted) -> Iterator[dict[Pair, Counts]]:
    columns = rows.values_list(
        "article_id", "first__username", "second__username", "annotators", "counts", "frozen_at",
        "guideline_version",
    )  # fmt: skip
    passing = columns.iterator(chunk_size=_FETCHED)
    for article_id, group in groupby(passing, key=lambda row: row[0]):
        pairs: dict[Pair, Counts] = {}
        for _, first, second, annotators, counts, frozen_at, version in group:
            pairs[Pair(first, second, annotators)] = Counts.from_json(counts)
            noted.frozen_at = max(noted.frozen_at or frozen_at, frozen_at)
            noted.versions.add(version)
        value = overall(pairs).value
        if value is not None:
            _note(noted.worst, (-value, str(article_id)))
        yield pairs


def _note(worst: list[tuple[float, str]], entry: tuple[float, str]) -> None:
    """Keep an entry if it is among the worst: a heap whose smallest goes first."""
    if len(worst) < WORST:
        heapq.heappush(worst, entry)
    else:
        heapq.heappushpop(worst, entry)


def _named(worst: Sequence[tuple[float, str]]) -> list[dict[str, Any]]:
    titles = {
        str(id): (title, external_id)
        for id, title, external_id in Article.objects.filter(
            pk__in=[UUID(id) for _, id in worst]
        ).values_list("pk", "title", "external_id")
    }
    return [
        {"article": id, "title": titles[id][0] or None, "external_id": titles[id][1], "iou_f1": -value}
        for value, id in sorted(worst, reverse=True)
    ]
