"""What follows from the sets of an article: its status, its open slots, and whether its sets are blind."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.states import EDITABLE, LIVE, ArticleStatus, Kind, Round, State


@dataclass(frozen=True, kw_only=True)
class SetFact:
    """The fields of a set on which the status of its article depends."""

    kind: Kind
    round: Round
    state: State


@dataclass(frozen=True, kw_only=True)
class ArticleFacts:
    """The fields of an article and its sets from which its status is derived."""

    excluded: bool
    annotators: int
    sets: tuple[SetFact, ...]


#: The states of an independent set whose owner has finished. It is superseded by the gold set made of it.
_FINISHED = frozenset({State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.SUPERSEDED})


def reviewable(kind: Kind, round_: Round, annotators: int) -> bool:
    """Return whether such a set is reviewed: with several annotators, only the adjudication is."""
    return round_ == Round.PRODUCTION and (annotators == 1 or kind == Kind.ADJUDICATION)


def unblinded(facts: ArticleFacts, round_: Round = Round.PRODUCTION) -> bool:
    """Return whether the independent sets of a round may be shown, because no annotator works on them.

    Production: ``annotators`` sets are finished, or a live adjudication prevents further ones.
    Calibration: no set is open or returned.
    """
    states = [fact.state for fact in facts.sets if (fact.kind, fact.round) == (Kind.ANNOTATION, round_)]
    if round_ == Round.CALIBRATION:
        return not any(state in EDITABLE for state in states)
    finished = sum(state in _FINISHED for state in states)
    return facts.annotators == 1 or finished >= facts.annotators or adjudicated_now(facts)


def adjudicated_now(facts: ArticleFacts) -> bool:
    """Return whether an adjudication of the article is live."""
    return any(fact.kind == Kind.ADJUDICATION and fact.state in LIVE for fact in facts.sets)


def hides(facts: ArticleFacts, kind: Kind, round_: Round) -> bool:
    """Return whether such a set is blind now; an adjudication is, while the sets it was made from are."""
    return not unblinded(facts, Round.PRODUCTION if kind == Kind.ADJUDICATION else round_)


def takes_annotators(facts: ArticleFacts) -> bool:
    """Return whether one more user may start an independent production set."""
    return places(facts) > 0


def places(facts: ArticleFacts) -> int:
    """Return how many more users may start an independent production set."""
    production = [fact for fact in facts.sets if fact.round == Round.PRODUCTION]
    taken = sum(
        fact.kind == Kind.ANNOTATION and (fact.state in LIVE or fact.state == State.APPROVED)
        for fact in production
    )
    decided = any(fact.state == State.APPROVED for fact in production) or adjudicated_now(facts)
    return 0 if facts.excluded or decided else max(0, facts.annotators - taken)


def stays_double(facts: ArticleFacts) -> bool:
    """Return whether an article with a second annotator keeps both, or is already adjudicated or approved."""
    production = [fact for fact in facts.sets if fact.round == Round.PRODUCTION]
    independent = sum(fact.kind == Kind.ANNOTATION and fact.state in LIVE | _FINISHED for fact in production)
    return (
        independent > 1 or adjudicated_now(facts) or any(fact.state == State.APPROVED for fact in production)
    )


def article_status(facts: ArticleFacts) -> ArticleStatus:
    """Return the first status that applies; calibration sets never become gold and do not count."""
    production = [fact for fact in facts.sets if fact.round == Round.PRODUCTION]
    states = {fact.state for fact in production}
    adjudications = {fact.state for fact in production if fact.kind == Kind.ADJUDICATION}
    ready = any(
        fact.state == State.SUBMITTED and reviewable(fact.kind, fact.round, facts.annotators)
        for fact in production
    )
    approved = State.APPROVED in states
    undecided = not approved and not adjudications & LIVE
    rows: tuple[tuple[bool, ArticleStatus], ...] = (
        (facts.excluded, ArticleStatus.EXCLUDED),
        (State.IN_REVIEW in states, ArticleStatus.IN_REVIEW),
        (bool(adjudications & EDITABLE), ArticleStatus.ADJUDICATING),
        (ready, ArticleStatus.READY_FOR_REVIEW),
        (facts.annotators > 1 and undecided and unblinded(facts), ArticleStatus.READY_FOR_ADJUDICATION),
        (bool(states & LIVE), ArticleStatus.ANNOTATING),
        (approved, ArticleStatus.DONE),
    )
    return next((status for applies, status in rows if applies), ArticleStatus.UNASSIGNED)
