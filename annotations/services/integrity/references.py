"""References: every row points into its own corpus, article and set."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, Model, OuterRef, Q, QuerySet, Subquery

from annotations.enums import State
from annotations.models import (
    Actor,
    Affiliation,
    AnnotationSet,
    Article,
    CarryItem,
    CarryOver,
    Comment,
    Corpus,
    Event,
    FeedAddress,
    FrozenAgreement,
    Notification,
    Proposition,
    Relation,
    Span,
    Topic,
)
from annotations.scheme import check_relation
from annotations.services.integrity.checks import ROWS_AT_ONCE, Check, CheckResult, CheckScope


class LookupPair(NamedTuple):
    """Two lookups from a row that must lead to the same object, if both lead to one.

    ``corpus`` is the lookup of the corpus of the row; ``fault`` is the finding where the two differ.
    """

    model: type[Model]
    corpus: str
    one: str
    other: str
    fault: str


def _same_corpus(model: type[Model], way: str, fault: str, start: str = "") -> LookupPair:
    return LookupPair(model, f"{start}corpus_id", f"{start}corpus_id", f"{way}__corpus_id", fault)


CORPUS_LINKS = (
    _same_corpus(AnnotationSet, "article", "The set is in another corpus than its article."),
    _same_corpus(Span, "actor", "The span is linked to an actor of another corpus.", "set__"),
    _same_corpus(Span, "proposition", "The span is linked to a proposition of another corpus.", "set__"),
    _same_corpus(CarryItem, "actor", "The item is linked to an actor of another corpus.", "set__"),
    _same_corpus(CarryItem, "proposition", "The item is linked to a proposition of another corpus.", "set__"),
    _same_corpus(FrozenAgreement, "article", "The agreement is in another corpus than its article."),
    _same_corpus(Notification, "set", "The notification names another corpus than that of its set."),
    _same_corpus(Actor, "parent", "The actor is a part of an actor of another corpus."),
    _same_corpus(Actor, "merged_into", "The actor is merged into one of another corpus."),
    _same_corpus(Affiliation, "organisation", "The actor is affiliated with another corpus.", "actor__"),
    _same_corpus(FeedAddress, "actor", "The feed is one of an actor of another corpus."),
    _same_corpus(Topic, "merged_into", "The topic is merged into one of another corpus."),
    _same_corpus(Proposition, "topic", "The proposition stands under a topic of another corpus."),
    _same_corpus(Proposition, "merged_into", "The proposition is merged into one of another corpus."),
)
ARTICLE_LINKS = (
    LookupPair(
        Article,
        "corpus_id",
        "pk",
        "revision__article_id",
        "The text of the article belongs to another article.",
    ),
    LookupPair(
        AnnotationSet,
        "corpus_id",
        "article_id",
        "revision__article_id",
        "The set is on the text of another article.",
    ),
    LookupPair(
        AnnotationSet,
        "corpus_id",
        "article_id",
        "based_on__article_id",
        "The set is based on a set of another article.",
    ),
)
CARRY_LINKS = (
    *(
        LookupPair(
            CarryOver,
            "article__corpus_id",
            "article_id",
            f"{way}__article_id",
            "The carry-over is of a set or a text of another article.",
        )
        for way in ("from_set", "to_set", "from_revision", "to_revision")
    ),
    LookupPair(
        CarryItem,
        "set__corpus_id",
        "set__article_id",
        "carry__article_id",
        "The item is in a set of another article than that of its correction.",
    ),
)
COMMENT_LINKS = (
    LookupPair(
        Comment, "set__corpus_id", "set_id", "span__set_id", "The comment is on a span of another set."
    ),
    LookupPair(
        Comment, "set__corpus_id", "set_id", "parent__set_id", "The comment answers one of another set."
    ),
)


def _compare_lookups(links: tuple[LookupPair, ...], scope: CheckScope, result: CheckResult) -> None:
    for link in links:
        rows = scope.select(link.model._default_manager.all(), link.corpus)
        complete = rows.filter(**{f"{link.other}__isnull": False})
        differing = complete.exclude(**{link.one: F(link.other)})
        _count_rows(complete, differing, link.fault, result)


def _count_rows(rows: QuerySet[Any], bad: QuerySet[Any], fault: str, result: CheckResult) -> None:
    """Count ``rows``, of which the query ``bad`` finds the faulty ones."""
    number = rows.count()
    if not number:
        return
    before = result.examined
    for pk in bad.values_list("pk", flat=True).iterator(chunk_size=ROWS_AT_ONCE):
        result.add_row(pk, fault)
    result.add_examined(number - (result.examined - before))


def _check_corpora(scope: CheckScope, result: CheckResult) -> None:
    _compare_lookups(CORPUS_LINKS, scope, result)


def _check_articles(scope: CheckScope, result: CheckResult) -> None:
    _compare_lookups((*ARTICLE_LINKS, *CARRY_LINKS), scope, result)


def _check_comments(scope: CheckScope, result: CheckResult) -> None:
    _compare_lookups(COMMENT_LINKS, scope, result)


def _check_events(scope: CheckScope, result: CheckResult) -> None:
    """Check that an event names the article and corpus of its set; each may be deleted since."""
    rows = scope.select(Event.objects.all(), "corpus_id")
    its_set = AnnotationSet.objects.filter(pk=OuterRef("set_id"))
    its_article = Article.objects.filter(pk=OuterRef("article_id"))
    located_events = rows.annotate(
        set_article=Subquery(its_set.values("article_id")[:1]),
        article_corpus=Subquery(its_article.values("corpus_id")[:1]),
    )
    misplaced = located_events.filter(
        (Q(set_article__isnull=False) & (Q(article_id__isnull=True) | ~Q(set_article=F("article_id"))))
        | (Q(article_corpus__isnull=False) & ~Q(article_corpus=F("corpus_id")))
    )
    _count_rows(
        rows, misplaced, "The event names an article or a corpus to which its set does not belong.", result
    )


def _check_relations(scope: CheckScope, result: CheckResult) -> None:
    rows = scope.select(Relation.objects.all(), "set__corpus_id").values_list(
        "pk", "type", "set_id", "source_id", "target_id",
        "source__set_id", "target__set_id", "source__label", "target__label",
    )  # fmt: skip
    for pk, type_, set_id, source, target, one, other, from_label, to_label in rows.iterator(
        chunk_size=ROWS_AT_ONCE
    ):
        fault = check_relation(type_, from_label, to_label, is_same_span=source == target)
        if (one, other) != (set_id, set_id):
            fault = "The relation connects spans that are not both in its set."
        result.add_row(pk, fault)


def _check_approved_once(scope: CheckScope, result: CheckResult) -> None:
    approved = scope.select(AnnotationSet.objects.filter(state=State.APPROVED), "corpus_id")
    per_article = approved.order_by().values_list("article_id").annotate(number=Count("pk"))
    for article_id, number in per_article.iterator(chunk_size=ROWS_AT_ONCE):
        fault = f"The article has {number} approved sets, and only one can be its gold."
        result.add_row(article_id, fault if number > 1 else None)


#: The pointers from an entry of the registry to another one of the same table.
POINTERS = (
    (Actor, "merged_into_id", "The actor is merged, step by step, into itself."),
    (Actor, "parent_id", "The actor is, step by step, a part of itself."),
    (Topic, "merged_into_id", "The topic is merged, step by step, into itself."),
    (Proposition, "merged_into_id", "The proposition is merged, step by step, into itself."),
)


def _check_circles(scope: CheckScope, result: CheckResult) -> None:
    for corpus_id in scope.select(Corpus.objects.all(), "pk").values_list("pk", flat=True):
        for model, column, fault in POINTERS:
            rows = model._default_manager.filter(corpus_id=corpus_id)
            pointing: dict[UUID, UUID] = dict(
                rows.filter(**{f"{column}__isnull": False}).values_list("pk", column)
            )
            for pk in pointing:
                result.add_row(pk, fault if _is_in_circle(pk, pointing) else None)


def _is_in_circle(start: UUID, pointing: dict[UUID, UUID]) -> bool:
    current, seen = pointing.get(start), {start}
    while current is not None and current not in seen:
        seen.add(current)
        current = pointing.get(current)
    return current == start


CHECKS = (
    Check("corpus", "Nothing is linked to anything of another corpus.", _check_corpora),
    Check("article", "A set is on a text of its article, and so is what it is based on.", _check_articles),
    Check("comments", "A comment is about its own set.", _check_comments),
    Check("events", "An event names the corpus and the article of its set.", _check_events),
    Check("relations", "A relation connects two spans of its set that it may connect.", _check_relations),
    Check("approved-once", "No article has two approved sets.", _check_approved_once),
    Check("circles", "Merges and parts of actors, topics and propositions come to an end.", _check_circles),
)
