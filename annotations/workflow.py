"""What may follow what: the states of a set, and the status of an article derived from them.

Tables and pure functions, no database. ``services.review`` carries the transitions out,
``permissions`` says who somebody is to a set, interfaces derive their buttons and documents
from ``TRANSITIONS``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from annotations.states import EDITABLE, LIVE, ArticleStatus, Kind, Round, State, Who


class Guard(StrEnum):
    """A condition beyond state and person; ``services.review`` holds the check of each."""

    NO_PROBLEMS = "no blocking problem"
    NO_BLOCKING_COMMENT = "no unresolved blocking comment"
    NOT_UNBLINDED = "the article is not unblinded"
    REVIEWABLE = "the set is one that is reviewed"
    REQUEST = "a comment with the request, or an unresolved one by this reviewer since the review started"
    NO_PROPOSED = "no linked proposition is still proposed"
    ONE_OR_UNBLINDED = "the article has one annotator or is unblinded"
    NO_OTHER_LIVE = "no other live set on the article"
    NO_OPEN_DECISION = "in an adjudication: no open decision"


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One row of the workflow.

    ``moves`` says for each kind of person from which states they may make the move. ``target`` is
    the new state of this set, None where it stays. ``four_eyes``: authors are refused.
    ``makes_set``: a new set results, and answers show that one.
    """

    name: str
    moves: Mapping[Who, frozenset[State]]
    target: State | None
    does: str
    guards: tuple[Guard, ...] = ()
    four_eyes: bool = False
    needs_reason: bool = False
    makes_set: bool = False

    @property
    def path(self) -> str:
        """The name as a part of a URL."""
        return self.name.replace("_", "-")

    @property
    def sources(self) -> frozenset[State]:
        """Every state from which somebody may make this move."""
        return frozenset().union(*self.moves.values())


def _only(*states: State) -> frozenset[State]:
    return frozenset(states)


_BEFORE_REVIEW = _only(State.OPEN, State.RETURNED, State.SUBMITTED)

TRANSITIONS: Mapping[str, Transition] = {
    row.name: row
    for row in (
        Transition(
            name="submit",
            moves={Who.OWNER: EDITABLE},
            target=State.SUBMITTED,
            guards=(Guard.NO_OPEN_DECISION, Guard.NO_PROBLEMS, Guard.NO_BLOCKING_COMMENT),
            does="The owner hands the work over for review.",
        ),
        Transition(
            name="recall",
            moves={Who.OWNER: _only(State.SUBMITTED)},
            target=State.OPEN,
            guards=(Guard.NOT_UNBLINDED,),
            does="The owner takes the work back before its review has started.",
        ),
        Transition(
            name="start_review",
            moves={Who.REVIEWER: _only(State.SUBMITTED)},
            target=State.IN_REVIEW,
            guards=(Guard.REVIEWABLE,),
            four_eyes=True,
            does="A reviewer who is no author takes the review.",
        ),
        Transition(
            name="release_review",
            moves={Who.THAT_REVIEWER: _only(State.IN_REVIEW), Who.MANAGER: _only(State.IN_REVIEW)},
            target=State.SUBMITTED,
            does="The review is given back, for somebody else to take.",
        ),
        Transition(
            name="return",
            moves={Who.THAT_REVIEWER: _only(State.IN_REVIEW)},
            target=State.RETURNED,
            guards=(Guard.REQUEST,),
            four_eyes=True,
            does="The reviewer asks the owner for changes.",
        ),
        Transition(
            name="approve",
            moves={Who.THAT_REVIEWER: _only(State.IN_REVIEW)},
            target=State.APPROVED,
            guards=(Guard.NO_BLOCKING_COMMENT, Guard.NO_PROPOSED),
            four_eyes=True,
            does="The reviewer makes the set the gold of its article.",
        ),
        Transition(
            name="take_over",
            moves={Who.REVIEWER: _BEFORE_REVIEW},
            target=State.WITHDRAWN,
            guards=(Guard.ONE_OR_UNBLINDED,),
            needs_reason=True,
            makes_set=True,
            does="A reviewer goes on with the work as a set of their own; the old one is withdrawn.",
        ),
        Transition(
            name="reopen",
            moves={Who.MANAGER: _only(State.APPROVED)},
            target=None,
            guards=(Guard.NO_OTHER_LIVE,),
            needs_reason=True,
            makes_set=True,
            does="A manager starts a new open set with the content of the approved one, which stays gold.",
        ),
        Transition(
            name="withdraw",
            moves={Who.OWNER: EDITABLE, Who.MANAGER: LIVE | {State.APPROVED}},
            target=State.WITHDRAWN,
            needs_reason=True,
            does="The work is taken out; it stays readable.",
        ),
        Transition(
            name="unassign",
            moves={Who.MANAGER: EDITABLE},
            target=State.WITHDRAWN,
            does="A manager gives stuck work back to the queue: on an article with one annotator, whoever "
            "takes it next goes on with what is marked.",
        ),
        Transition(
            name="supersede",
            moves={Who.SYSTEM: _only(State.APPROVED, State.SUBMITTED)},
            target=State.SUPERSEDED,
            does="A newer set of the article was approved.",
        ),
        Transition(
            name="carry_over",
            moves={Who.SYSTEM: EDITABLE},
            target=State.SUPERSEDED,
            makes_set=True,
            does="A revision was added; the work goes on in a new open set on it.",
        ),
    )
}

#: The transitions that people make, in the order of buttons and documents.
BY_PEOPLE = tuple(row for row in TRANSITIONS.values() if Who.SYSTEM not in row.moves)


def allowed(state: State, people: Iterable[Who], *, author: bool = False) -> list[str]:
    """The names of the transitions that somebody may make from ``state``.

    ``people`` is everything that they are to the set, ``author`` whether four eyes exclude them.
    Guards are not asked: they answer when the transition is used.
    """
    who = frozenset(people)
    return [
        row.name
        for row in BY_PEOPLE
        if not (row.four_eyes and author)
        and any(state in states for person, states in row.moves.items() if person in who)
    ]


@dataclass(frozen=True, kw_only=True)
class SetFact:
    """What the status of an article needs to know of one of its sets."""

    kind: Kind
    round: Round
    state: State


@dataclass(frozen=True, kw_only=True)
class ArticleFacts:
    """What the status of an article is derived from."""

    excluded: bool
    annotators: int
    sets: tuple[SetFact, ...]


#: The states of an independent set whose owner has finished (superseded: by the gold made of it).
_FINISHED = _only(State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.SUPERSEDED)


def reviewable(kind: Kind, round_: Round, annotators: int) -> bool:
    """Whether sets of this kind are reviewed: adjudications where several people annotate."""
    return round_ == Round.PRODUCTION and (annotators == 1 or kind == Kind.ADJUDICATION)


def unblinded(facts: ArticleFacts, round_: Round = Round.PRODUCTION) -> bool:
    """Whether the independent sets of a round may be seen, since nobody works on them any more.

    Production: all that were asked for are finished, or an adjudication is under way, during which
    nobody can start another. Calibration: nobody who was asked is still at work.
    """
    states = [fact.state for fact in facts.sets if (fact.kind, fact.round) == (Kind.ANNOTATION, round_)]
    if round_ == Round.CALIBRATION:
        return not any(state in EDITABLE for state in states)
    finished = sum(state in _FINISHED for state in states)
    return facts.annotators == 1 or finished >= facts.annotators or adjudicated_now(facts)


def adjudicated_now(facts: ArticleFacts) -> bool:
    """Whether an adjudication of the article is live."""
    return any(fact.kind == Kind.ADJUDICATION and fact.state in LIVE for fact in facts.sets)


def hides(facts: ArticleFacts, kind: Kind, round_: Round) -> bool:
    """Whether sets of this kind are blind now: an adjudication shows what it was made from."""
    return not unblinded(facts, Round.PRODUCTION if kind == Kind.ADJUDICATION else round_)


def takes_annotators(facts: ArticleFacts) -> bool:
    """Whether one more person may start an independent production set."""
    return places(facts) > 0


def places(facts: ArticleFacts) -> int:
    """How many more people may start an independent production set."""
    production = [fact for fact in facts.sets if fact.round == Round.PRODUCTION]
    taken = sum(
        fact.kind == Kind.ANNOTATION and (fact.state in LIVE or fact.state == State.APPROVED)
        for fact in production
    )
    settled = any(fact.state == State.APPROVED for fact in production) or adjudicated_now(facts)
    return 0 if facts.excluded or settled else max(0, facts.annotators - taken)


def stays_double(facts: ArticleFacts) -> bool:
    """Whether an article that was given a second annotator still has two, or is settled already."""
    production = [fact for fact in facts.sets if fact.round == Round.PRODUCTION]
    there = LIVE | _FINISHED
    number = sum(fact.kind == Kind.ANNOTATION and fact.state in there for fact in production)
    return number > 1 or adjudicated_now(facts) or any(fact.state == State.APPROVED for fact in production)


def article_status(facts: ArticleFacts) -> ArticleStatus:
    """The first status that fits; calibration sets do not count, since they never become gold."""
    production = [fact for fact in facts.sets if fact.round == Round.PRODUCTION]
    states = {fact.state for fact in production}
    adjudications = {fact.state for fact in production if fact.kind == Kind.ADJUDICATION}
    ready = any(
        fact.state == State.SUBMITTED and reviewable(fact.kind, fact.round, facts.annotators)
        for fact in production
    )
    settled = State.APPROVED in states
    unsettled = not settled and not adjudications & LIVE
    rows: tuple[tuple[bool, ArticleStatus], ...] = (
        (facts.excluded, ArticleStatus.EXCLUDED),
        (State.IN_REVIEW in states, ArticleStatus.IN_REVIEW),
        (bool(adjudications & EDITABLE), ArticleStatus.ADJUDICATING),
        (ready, ArticleStatus.READY_FOR_REVIEW),
        (facts.annotators > 1 and unsettled and unblinded(facts), ArticleStatus.READY_FOR_ADJUDICATION),
        (bool(states & LIVE), ArticleStatus.ANNOTATING),
        (settled, ArticleStatus.DONE),
    )
    return next((status for fits, status in rows if fits), ArticleStatus.UNASSIGNED)
