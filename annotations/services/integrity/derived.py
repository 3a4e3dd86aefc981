"""Derived values: stored values that follow from other rows, computed again and compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from annotations.enums import LIVE, Round, SetKind, State
from annotations.models import Actor, Alias, AnnotationSet, Article, Proposition, Span, Topic
from annotations.models.bulk import batched
from annotations.services.core import articles
from annotations.services.core.sets import carried_sets
from annotations.services.integrity.checks import (
    ROWS_AT_ONCE,
    SETS_AT_ONCE,
    Check,
    CheckResult,
    CheckScope,
    stream_batches,
    stream_rows,
)
from annotations.services.registry.names import (
    REGISTRY_MODELS,
    expected_names,
    group_names,
    indexed_names,
)
from annotations.text.folding import search_key
from annotations.text.names import fold_name
from annotations.workflow import ArticleSummary, SetSummary, article_status, is_blinded

SetSummaries = Mapping[UUID, Sequence[SetSummary]]


def _set_summaries(article_ids: Iterable[UUID]) -> SetSummaries:
    """Return the summaries of the sets of articles, by article."""
    found: dict[UUID, list[SetSummary]] = defaultdict(list)
    rows = AnnotationSet.objects.filter(article_id__in=article_ids).exclude(carried_sets()).order_by()
    for article_id, kind, round_, state in rows.values_list("article_id", "kind", "round", "state"):
        found[article_id].append(SetSummary(kind=SetKind(kind), round=Round(round_), state=State(state)))
    return found


def _article_summary(article: Article, sets: SetSummaries) -> ArticleSummary:
    return ArticleSummary(
        excluded=bool(article.excluded_reason),
        annotators=article.annotators,
        sets=tuple(sets.get(article.pk, ())),
    )


def _check_statuses(scope: CheckScope, result: CheckResult) -> None:
    rows = scope.select(Article.objects.all(), "corpus_id")
    for batch in stream_batches(rows):
        sets = _set_summaries([article.pk for article in batch])
        for article in batch:
            expected = article_status(_article_summary(article, sets))
            fault = f"The article is stored as {article.status}, and by its sets it is {expected}."
            result.add_row(article.pk, None if article.status == expected else fault)


def _check_blindness(scope: CheckScope, result: CheckResult) -> None:
    rows = scope.select(AnnotationSet.objects.select_related("article"), "corpus_id")
    for batch in stream_batches(rows):
        sets = _set_summaries({row.article_id for row in batch})
        for row in batch:
            expected = is_blinded(_article_summary(row.article, sets), SetKind(row.kind), Round(row.round))
            result.add_row(row.pk, None if row.blind == expected else _blind_fault(expected))


def _blind_fault(expected: bool) -> str:
    if expected:
        return "Everybody sees this set, and its content has to stay hidden until all have submitted."
    return "The set is hidden, although nobody is at work on the article who must not see it."


def _check_annotators(scope: CheckScope, result: CheckResult) -> None:
    rows = scope.select(Article.objects.all(), "corpus_id")
    for batch in stream_batches(rows):
        sets = _set_summaries([article.pk for article in batch])
        for article in batch:
            live = sum(
                (fact.kind, fact.round) == (SetKind.ANNOTATION, Round.PRODUCTION) and fact.state in LIVE
                for fact in sets.get(article.pk, ())
            )
            fault = f"The article takes {article.annotators} annotators, and {live} are at work on it."
            result.add_row(article.pk, fault if live > article.annotators else None)


def _check_span_counts(scope: CheckScope, result: CheckResult) -> None:
    rows = scope.select(AnnotationSet.objects.all(), "corpus_id").values_list("pk", "span_counts")
    for batch in batched(rows.iterator(chunk_size=ROWS_AT_ONCE), SETS_AT_ONCE):
        counted: dict[UUID, Counter[str]] = defaultdict(Counter)
        spans = Span.objects.filter(set_id__in=[pk for pk, _ in batch]).order_by()
        for set_id, label, number in spans.values_list("set_id", "label").annotate(number=Count("pk")):
            counted[set_id][label] = number
        for pk, stored in batch:
            expected = dict(counted[pk])
            fault = (
                f"The set says that it has {_format_counts(stored)}, and it has {_format_counts(expected)}."
            )
            result.add_row(pk, None if stored == expected else fault)


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[label]} × {label}" for label in sorted(counts)) or "no spans"


#: Sets that their owners have finished, and that are or may become gold.
_STATE_WORDS = {
    State.SUBMITTED: "submitted", State.IN_REVIEW: "in review", State.APPROVED: "approved"
}  # fmt: skip


def _check_empty_sets(scope: CheckScope, result: CheckResult) -> None:
    """Notice sets that were handed in with nothing marked: a text may say nothing, or marks are lost."""
    handed_in = AnnotationSet.objects.filter(state__in=list(_STATE_WORDS))
    rows = scope.select(handed_in, "corpus_id").annotate(
        has_spans=Exists(Span.objects.filter(set=OuterRef("pk")))
    )
    for pk, state, has_spans in rows.values_list("pk", "state", "has_spans").iterator(ROWS_AT_ONCE):
        result.add_examined(1)
        if not has_spans:
            result.add_notice(pk, f"The set is {_STATE_WORDS[State(state)]} and has no span.")


def _check_search_keys(scope: CheckScope, result: CheckResult) -> None:
    for article in stream_rows(scope.select(Article.objects.all(), "corpus_id")):
        expected = article.search_key == articles.build_search_key(article)
        result.add_row(
            article.pk, None if expected else "The search does not find the article by its own words."
        )
    for actor in stream_rows(scope.select(Actor.objects.all(), "corpus_id")):
        expected = actor.folded_name == fold_name(actor.name)
        result.add_row(actor.pk, None if expected else "The search does not find the actor by its name.")
    for alias in stream_rows(scope.select(Alias.objects.all(), "actor__corpus_id")):
        expected = alias.folded == fold_name(alias.text)
        result.add_row(alias.pk, None if expected else "The search does not find the actor by this alias.")
    for topic in stream_rows(scope.select(Topic.objects.all(), "corpus_id")):
        expected = topic.search_key == search_key(topic.name)
        result.add_row(topic.pk, None if expected else "The search does not find the topic by its name.")
    for row in stream_rows(scope.select(Proposition.objects.all(), "corpus_id")):
        expected = row.search_key == search_key(row.text)
        result.add_row(row.pk, None if expected else "The search does not find the proposition by its words.")


def _check_name_index(scope: CheckScope, result: CheckResult) -> None:
    for kind, model in REGISTRY_MODELS.items():
        rows: Any = model._default_manager.all()
        for batch in stream_batches(scope.select(rows, "corpus_id")):
            ids = [entry.pk for entry in batch]
            expected, stored = group_names(expected_names(kind, ids)), group_names(indexed_names(kind, ids))
            for pk in ids:
                same = expected.get(pk) == stored.get(pk)
                result.add_row(pk, None if same else "The index of names has not all names of the entry.")


CHECKS = (
    Check("article-status", "The status of every article follows from its sets.", _check_statuses),
    Check("blindness", "A set is hidden exactly as long as others annotate independently.", _check_blindness),
    Check("annotators", "No article has more people at work than it takes.", _check_annotators),
    Check("span-counts", "Every set knows how many spans of each label it has.", _check_span_counts),
    Check(
        "empty-sets",
        "Sets that were handed in have something marked; the others are told as notices, and are no fault.",
        _check_empty_sets,
    ),
    Check("name-index", "The index has the names of the registry and their trigrams.", _check_name_index),
    Check("search", "Articles and what is in the registry are found by their own words.", _check_search_keys),
)
