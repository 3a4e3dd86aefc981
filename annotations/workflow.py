"""The workflow: the transitions between the states of a set, and the status of an article.

Tables and pure functions, without database access. ``services.review`` makes the transitions,
``permissions.set_roles`` determines the roles of a user towards a set, and the interfaces derive their
buttons and documents from ``TRANSITIONS``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from annotations.states import EDITABLE, LIVE, ArticleStatus, Kind, Round, State, Who


class Guard(StrEnum):
    """A condition of a transition beyond state and role; ``services.review.GUARDS`` has its check."""

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

    ``sources_by_role`` says from which states each role may make the transition. ``target`` is the new
    state of the set, or None if the state stays. ``four_eyes``: authors of the set are refused.
    ``makes_set``: the transition creates a new set, which responses then show.
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
        """The name as a segment of a URL."""
        return self.name.replace("_", "-")

    @property
    def sources(self) -> frozenset[State]:
        """All states from which some role may make the transition."""
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
            name="release",
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

#: The transitions that users make, in the order of buttons and documents; the system makes the others.
BY_PEOPLE = tuple(row for row in TRANSITIONS.values() if Who.SYSTEM not in row.moves)


def allowed(state: State, people: Iterable[Who], *, author: bool = False) -> list[str]:
    """Return the names of the transitions that a user may make from ``state``.

    ``roles`` are all roles of the user towards the set; an author is refused where ``four_eyes`` holds.
    Guards are not checked here, only when the transition is made.
    """
    roles = frozenset(people)
    return [
        row.name
        for row in BY_PEOPLE
        if not (row.four_eyes and author)
        and any(state in states for role, states in row.moves.items() if role in roles)
    ]


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
_FINISHED = _only(State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.SUPERSEDED)


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
