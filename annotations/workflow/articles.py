"""What follows from the sets of an article: its status, its open slots, and whether its sets are blind."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.enums import EDITABLE, LIVE, ArticleStatus, Round, SetKind, State


@dataclass(frozen=True, kw_only=True)
class SetSummary:
    """The fields of a set on which the status of its article depends."""

    kind: SetKind
    round: Round
    state: State


@dataclass(frozen=True, kw_only=True)
class ArticleSummary:
    """The fields of an article and its sets from which its status is derived."""

    excluded: bool
    annotators: int
    sets: tuple[SetSummary, ...]


#: The states of an independent set whose owner has finished. It is superseded by the gold set made of it.
_FINISHED = frozenset({State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.SUPERSEDED})


def is_reviewable(kind: SetKind, round_: Round, annotators: int) -> bool:
    """Return whether such a set is reviewed: with several annotators, only the adjudication is."""
    return round_ == Round.PRODUCTION and (annotators == 1 or kind == SetKind.ADJUDICATION)


def is_unblinded(article: ArticleSummary, round_: Round = Round.PRODUCTION) -> bool:
    """Return whether the independent sets of a round may be shown, because no annotator works on them.

    Production: ``annotators`` sets are finished, or a live adjudication prevents further ones.
    Calibration: no set is open or returned.
    """
    states = [fact.state for fact in article.sets if (fact.kind, fact.round) == (SetKind.ANNOTATION, round_)]
    if round_ == Round.CALIBRATION:
        return not any(state in EDITABLE for state in states)
    finished = sum(state in _FINISHED for state in states)
    return article.annotators == 1 or finished >= article.annotators or has_live_adjudication(article)


def has_live_adjudication(article: ArticleSummary) -> bool:
    """Return whether an adjudication of the article is live."""
    return any(fact.kind == SetKind.ADJUDICATION and fact.state in LIVE for fact in article.sets)


def is_blinded(article: ArticleSummary, kind: SetKind, round_: Round) -> bool:
    """Return whether such a set is blind now; an adjudication is, while the sets it was made from are."""
    return not is_unblinded(article, Round.PRODUCTION if kind == SetKind.ADJUDICATION else round_)


def has_open_slot(article: ArticleSummary) -> bool:
    """Return whether one more user may start an independent production set."""
    return open_slots(article) > 0


def open_slots(article: ArticleSummary) -> int:
    """Return how many more users may start an independent production set."""
    production = [fact for fact in article.sets if fact.round == Round.PRODUCTION]
    taken = sum(
        fact.kind == SetKind.ANNOTATION and (fact.state in LIVE or fact.state == State.APPROVED)
        for fact in production
    )
    decided = any(fact.state == State.APPROVED for fact in production) or has_live_adjudication(article)
    return 0 if article.excluded or decided else max(0, article.annotators - taken)


def still_double_annotated(article: ArticleSummary) -> bool:
    """Return whether an article with a second annotator keeps both, or is already adjudicated or approved."""
    production = [fact for fact in article.sets if fact.round == Round.PRODUCTION]
    independent = sum(
        fact.kind == SetKind.ANNOTATION and fact.state in LIVE | _FINISHED for fact in production
    )
    return (
        independent > 1
        or has_live_adjudication(article)
        or any(fact.state == State.APPROVED for fact in production)
    )


def article_status(article: ArticleSummary) -> ArticleStatus:
    """Return the first status that applies; calibration sets never become gold and do not count."""
    production = [fact for fact in article.sets if fact.round == Round.PRODUCTION]
    states = {fact.state for fact in production}
    adjudications = {fact.state for fact in production if fact.kind == SetKind.ADJUDICATION}
    ready = any(
        fact.state == State.SUBMITTED and is_reviewable(fact.kind, fact.round, article.annotators)
        for fact in production
    )
    approved = State.APPROVED in states
    undecided = not approved and not adjudications & LIVE
    rows: tuple[tuple[bool, ArticleStatus], ...] = (
        (article.excluded, ArticleStatus.EXCLUDED),
        (State.IN_REVIEW in states, ArticleStatus.IN_REVIEW),
        (bool(adjudications & EDITABLE), ArticleStatus.ADJUDICATING),
        (ready, ArticleStatus.READY_FOR_REVIEW),
        (
            article.annotators > 1 and undecided and is_unblinded(article),
            ArticleStatus.READY_FOR_ADJUDICATION,
        ),
        (bool(states & LIVE), ArticleStatus.ANNOTATING),
        (approved, ArticleStatus.DONE),
    )
    return next((status for applies, status in rows if applies), ArticleStatus.UNASSIGNED)
