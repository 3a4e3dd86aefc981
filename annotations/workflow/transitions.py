"""The transitions between the states of a set, as one table.

``services.review`` makes the transitions, ``permissions.set_roles`` determines the roles of a user towards
a set, and the interfaces derive their buttons, their texts and their documents from ``TRANSITIONS``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from annotations.says import says, word
from annotations.states import EDITABLE, LIVE, State, Who


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
class TransitionTexts:
    """The texts of a transition on the pages, each a translatable message.

    ``title`` heads its form, ``button`` is the label of its button, ``help`` says what will happen, and
    ``done`` what has happened.
    """

    title: str
    button: str
    help: str
    done: str


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One row of the workflow.

    ``sources_by_role`` says from which states each role may make the transition. ``target`` is the new
    state of the set, or None if the state stays. ``four_eyes``: authors of the set are refused.
    ``makes_set``: the transition creates a new set, which responses then show.

    ``does`` describes it in the API, ``history`` follows the name of the user in the audit trail, and
    ``texts`` are for the pages (None if only the system makes the transition). ``is_primary`` emphasises
    its button, ``asks_comment`` lets its dialog ask for a comment, ``workbench_only`` keeps it off other
    pages because the decision needs the text in view, and ``for_others`` hides it from the owner of the
    set.
    """

    name: str
    moves: Mapping[Who, frozenset[State]]
    target: State | None
    does: str
    history: str
    texts: TransitionTexts | None = None
    guards: tuple[Guard, ...] = ()
    four_eyes: bool = False
    needs_reason: bool = False
    makes_set: bool = False
    is_primary: bool = False
    asks_comment: bool = False
    workbench_only: bool = False
    for_others: bool = False

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
            history=says("submitted it for review"),
            texts=TransitionTexts(
                title=says("Submit for review"),
                button=says("Submit for review"),
                help=says("The work goes to review and is closed for changes."),
                done=says("Submitted for review."),
            ),
            is_primary=True,
            workbench_only=True,
        ),
        Transition(
            name="recall",
            moves={Who.OWNER: _only(State.SUBMITTED)},
            target=State.OPEN,
            guards=(Guard.NOT_UNBLINDED,),
            does="The owner takes the work back before its review has started.",
            history=says("took it back before review"),
            texts=TransitionTexts(
                title=word("button", "Take back"),
                button=word("button", "Take back"),
                help=says("The set is open again, and you go on with it."),
                done=says("Taken back; you can go on."),
            ),
            workbench_only=True,
        ),
        Transition(
            name="start_review",
            moves={Who.REVIEWER: _only(State.SUBMITTED)},
            target=State.IN_REVIEW,
            guards=(Guard.REVIEWABLE,),
            four_eyes=True,
            does="A reviewer who is no author takes the review.",
            history=says("started the review"),
            texts=TransitionTexts(
                title=says("Start review"),
                button=says("Start review"),
                help=says("The review is yours until you decide or give it back."),
                done=says("The review is yours."),
            ),
            is_primary=True,
            workbench_only=True,
        ),
        Transition(
            name="release_review",
            moves={Who.THAT_REVIEWER: _only(State.IN_REVIEW), Who.MANAGER: _only(State.IN_REVIEW)},
            target=State.SUBMITTED,
            does="The review is given back, for somebody else to take.",
            history=says("gave the review back"),
            texts=TransitionTexts(
                title=says("Give the review back"),
                button=says("Give review back"),
                help=says("Somebody else can review it then."),
                done=says("Somebody else can review it now."),
            ),
        ),
        Transition(
            name="return",
            moves={Who.THAT_REVIEWER: _only(State.IN_REVIEW)},
            target=State.RETURNED,
            guards=(Guard.REQUEST,),
            four_eyes=True,
            does="The reviewer asks the owner for changes.",
            history=says("returned it for changes"),
            texts=TransitionTexts(
                title=says("Return to the owner"),
                button=says("Return to owner"),
                help=says(
                    "Say what should change. If you have commented on marks already, this may stay empty."
                ),
                done=says("Returned to its owner."),
            ),
            asks_comment=True,
            workbench_only=True,
        ),
        Transition(
            name="approve",
            moves={Who.THAT_REVIEWER: _only(State.IN_REVIEW)},
            target=State.APPROVED,
            guards=(Guard.NO_BLOCKING_COMMENT, Guard.NO_PROPOSED),
            four_eyes=True,
            does="The reviewer makes the set the gold of its article.",
            history=says("approved it"),
            texts=TransitionTexts(
                title=says("Approve"),
                button=says("Approve"),
                help=says("The set becomes the gold of its article."),
                done=says("Approved."),
            ),
            is_primary=True,
            workbench_only=True,
        ),
        Transition(
            name="take_over",
            moves={Who.REVIEWER: _BEFORE_REVIEW},
            target=State.WITHDRAWN,
            guards=(Guard.ONE_OR_UNBLINDED,),
            needs_reason=True,
            makes_set=True,
            does="A reviewer goes on with the work as a set of their own; the old one is withdrawn.",
            history=says("took the work over in a set of their own"),
            texts=TransitionTexts(
                title=says("Take the work over"),
                button=says("Take over"),
                help=says(
                    "The set is withdrawn, and you go on with a copy of your own, which somebody else will "
                    "review."
                ),
                done=says("The work is yours now."),
            ),
            for_others=True,
        ),
        Transition(
            name="reopen",
            moves={Who.MANAGER: _only(State.APPROVED)},
            target=None,
            guards=(Guard.NO_OTHER_LIVE,),
            needs_reason=True,
            makes_set=True,
            does="A manager starts a new open set with the content of the approved one, which stays gold.",
            history=says("opened a new set with this content"),
            texts=TransitionTexts(
                title=says("Reopen the work"),
                button=says("Reopen"),
                help=says(
                    "A new open set is made from this one. This one stays approved until the new one is."
                ),
                done=says("A new set was opened."),
            ),
        ),
        Transition(
            name="withdraw",
            moves={Who.OWNER: EDITABLE, Who.MANAGER: LIVE | {State.APPROVED}},
            target=State.WITHDRAWN,
            needs_reason=True,
            does="The work is taken out; it stays readable.",
            history=says("withdrew it"),
            texts=TransitionTexts(
                title=says("Withdraw the work"),
                button=says("Withdraw"),
                help=says("The set is taken out for good. It stays readable."),
                done=says("The set was withdrawn."),
            ),
        ),
        Transition(
            name="unassign",
            moves={Who.MANAGER: EDITABLE},
            target=State.WITHDRAWN,
            does="A manager gives stuck work back to the queue: on an article with one annotator, whoever "
            "takes it next goes on with what is marked.",
            history=says("gave the work back to the queue"),
            texts=TransitionTexts(
                title=says("Give back to the queue"),
                button=says("Give back to the queue"),
                help=says("Whoever takes the article next goes on with what is marked."),
                done=says("The work was given back to the queue; what is marked stays."),
            ),
        ),
        Transition(
            name="supersede",
            moves={Who.SYSTEM: _only(State.APPROVED, State.SUBMITTED)},
            target=State.SUPERSEDED,
            does="A newer set of the article was approved.",
            history=says("approved a newer set, which takes the place of this one"),
        ),
        Transition(
            name="carry_over",
            moves={Who.SYSTEM: EDITABLE},
            target=State.SUPERSEDED,
            makes_set=True,
            does="A revision was added; the work goes on in a new open set on it.",
            history=says("added a revision, and the work goes on in a new set"),
        ),
    )
}

#: The transitions that users make, in the order of buttons and documents; the system makes the others.
BY_PEOPLE = tuple(row for row in TRANSITIONS.values() if Who.SYSTEM not in row.moves)


def allowed(state: State, people: Collection[Who], *, author: bool = False) -> list[str]:
    """Return the names of the transitions that a user may make from ``state``.

    ``people`` are all roles of the user towards the set; an author is refused where ``four_eyes`` holds.
    Guards are not checked here, only when the transition is made.
    """
    return [
        row.name
        for row in BY_PEOPLE
        if not (row.four_eyes and author)
        and any(state in states for role, states in row.moves.items() if role in people)
    ]
