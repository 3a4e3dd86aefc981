"""The transitions between the states of a set, as one table.

``services.review`` makes the transitions, ``permissions.set_roles`` determines the roles of a user towards
a set, and the interfaces derive their buttons, their texts and their documents from ``TRANSITIONS``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from annotations.enums import EDITABLE, LIVE, SetRole, State
from annotations.messages import message, term


class Guard(StrEnum):
    """A condition of a transition beyond state and role; ``services.review.guards`` has its check."""

    NO_PROBLEMS = "no blocking problem"
    NO_BLOCKING_COMMENT = "no unresolved blocking comment"
    NOT_UNBLINDED = "the article is not unblinded"
    REVIEWABLE = "the set is one that is reviewed"
    CHANGES_REQUESTED = (
        "a comment with the request, or an unresolved one by this reviewer since the review started"
    )
    NO_PROPOSED_PROPOSITION = "no linked proposition is still proposed"
    SINGLE_OR_UNBLINDED = "the article has one annotator or is unblinded"
    NO_OTHER_LIVE = "no other live set on the article"
    NO_OPEN_DECISION = "in an adjudication: no open decision"
    NO_OPEN_ITEM = "no open item of a correction of the text"


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

    ``description`` is that of the API, ``history`` follows the name of the user in the audit trail, and
    ``texts`` are for the pages (None if only the system makes the transition). ``is_primary`` emphasises
    its button, ``asks_comment`` lets its dialog ask for a comment, ``workbench_only`` keeps it off other
    pages because the decision needs the text in view, and ``for_others`` hides it from the owner of the
    set.
    """

    name: str
    sources_by_role: Mapping[SetRole, frozenset[State]]
    target: State | None
    description: str
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
        return frozenset().union(*self.sources_by_role.values())


def _only(*states: State) -> frozenset[State]:
    return frozenset(states)


_BEFORE_REVIEW = _only(State.OPEN, State.RETURNED, State.SUBMITTED)

TRANSITIONS: Mapping[str, Transition] = {
    row.name: row
    for row in (
        Transition(
            name="submit",
            sources_by_role={SetRole.OWNER: EDITABLE},
            target=State.SUBMITTED,
            guards=(Guard.NO_OPEN_DECISION, Guard.NO_OPEN_ITEM, Guard.NO_PROBLEMS, Guard.NO_BLOCKING_COMMENT),
            description="The owner hands the work over for review.",
            history=message("submitted it for review"),
            texts=TransitionTexts(
                title=message("Submit for review"),
                button=message("Submit for review"),
                help=message("The work goes to review and is closed for changes."),
                done=message("Submitted for review."),
            ),
            is_primary=True,
            workbench_only=True,
        ),
        Transition(
            name="recall",
            sources_by_role={SetRole.OWNER: _only(State.SUBMITTED)},
            target=State.OPEN,
            guards=(Guard.NOT_UNBLINDED,),
            description="The owner takes the work back before its review has started.",
            history=message("took it back before review"),
            texts=TransitionTexts(
                title=term("button", "Take back"),
                button=term("button", "Take back"),
                help=message("The set is open again, and you go on with it."),
                done=message("Taken back; you can go on."),
            ),
            workbench_only=True,
        ),
        Transition(
            name="start_review",
            sources_by_role={SetRole.REVIEWER: _only(State.SUBMITTED)},
            target=State.IN_REVIEW,
            guards=(Guard.REVIEWABLE,),
            four_eyes=True,
            description="A reviewer who is no author takes the review.",
            history=message("started the review"),
            texts=TransitionTexts(
                title=message("Start review"),
                button=message("Start review"),
                help=message("The review is yours until you decide or give it back."),
                done=message("The review is yours."),
            ),
            is_primary=True,
            workbench_only=True,
        ),
        Transition(
            name="release_review",
            sources_by_role={
                SetRole.ASSIGNED_REVIEWER: _only(State.IN_REVIEW),
                SetRole.MANAGER: _only(State.IN_REVIEW),
            },
            target=State.SUBMITTED,
            description="The review is given back, for somebody else to take.",
            history=message("gave the review back"),
            texts=TransitionTexts(
                title=message("Give the review back"),
                button=message("Give review back"),
                help=message("Somebody else can review it then."),
                done=message("Somebody else can review it now."),
            ),
        ),
        Transition(
            name="return",
            sources_by_role={SetRole.ASSIGNED_REVIEWER: _only(State.IN_REVIEW)},
            target=State.RETURNED,
            guards=(Guard.CHANGES_REQUESTED,),
            four_eyes=True,
            description="The reviewer asks the owner for changes.",
            history=message("returned it for changes"),
            texts=TransitionTexts(
                title=message("Return to the owner"),
                button=message("Return to owner"),
                help=message(
                    "Say what should change. If you have commented on marks already, this may stay empty."
                ),
                done=message("Returned to its owner."),
            ),
            asks_comment=True,
            workbench_only=True,
        ),
        Transition(
            name="approve",
            sources_by_role={SetRole.ASSIGNED_REVIEWER: _only(State.IN_REVIEW)},
            target=State.APPROVED,
            guards=(Guard.NO_BLOCKING_COMMENT, Guard.NO_PROPOSED_PROPOSITION),
            four_eyes=True,
            description="The reviewer makes the set the gold of its article.",
            history=message("approved it"),
            texts=TransitionTexts(
                title=message("Approve"),
                button=message("Approve"),
                help=message("The set becomes the gold of its article."),
                done=message("Approved."),
            ),
            is_primary=True,
            workbench_only=True,
        ),
        Transition(
            name="take_over",
            sources_by_role={SetRole.REVIEWER: _BEFORE_REVIEW},
            target=State.WITHDRAWN,
            guards=(Guard.SINGLE_OR_UNBLINDED,),
            needs_reason=True,
            makes_set=True,
            description="A reviewer goes on with the work as a set of their own; the old one is withdrawn.",
            history=message("took the work over in a set of their own"),
            texts=TransitionTexts(
                title=message("Take the work over"),
                button=message("Take over"),
                help=message(
                    "The set is withdrawn, and you go on with a copy of your own, which somebody else will "
                    "review."
                ),
                done=message("The work is yours now."),
            ),
            for_others=True,
        ),
        Transition(
            name="reopen",
            sources_by_role={SetRole.MANAGER: _only(State.APPROVED)},
            target=None,
            guards=(Guard.NO_OTHER_LIVE,),
            needs_reason=True,
            makes_set=True,
            description="A manager starts a new open set with the content of the approved one, "
            "which stays gold.",
            history=message("opened a new set with this content"),
            texts=TransitionTexts(
                title=message("Reopen the work"),
                button=message("Reopen"),
                help=message(
                    "A new open set is made from this one. This one stays approved until the new one is."
                ),
                done=message("A new set was opened."),
            ),
        ),
        Transition(
            name="withdraw",
            sources_by_role={SetRole.OWNER: EDITABLE, SetRole.MANAGER: LIVE | {State.APPROVED}},
            target=State.WITHDRAWN,
            needs_reason=True,
            description="The work is taken out; it stays readable.",
            history=message("withdrew it"),
            texts=TransitionTexts(
                title=message("Withdraw the work"),
                button=message("Withdraw"),
                help=message("The set is taken out for good. It stays readable."),
                done=message("The set was withdrawn."),
            ),
        ),
        Transition(
            name="unassign",
            sources_by_role={SetRole.MANAGER: EDITABLE},
            target=State.WITHDRAWN,
            description="A manager gives stuck work back to the queue: on an article with one annotator, "
            "whoever takes it next goes on with what is marked.",
            history=message("gave the work back to the queue"),
            texts=TransitionTexts(
                title=message("Give back to the queue"),
                button=message("Give back to the queue"),
                help=message("Whoever takes the article next goes on with what is marked."),
                done=message("The work was given back to the queue; what is marked stays."),
            ),
        ),
        Transition(
            name="supersede",
            sources_by_role={SetRole.SYSTEM: _only(State.APPROVED, State.SUBMITTED)},
            target=State.SUPERSEDED,
            description="A newer set of the article was approved.",
            history=message("approved a newer set, which takes the place of this one"),
        ),
        Transition(
            name="carry_over",
            sources_by_role={SetRole.SYSTEM: EDITABLE},
            target=State.SUPERSEDED,
            makes_set=True,
            description="A revision was added; the work goes on in a new open set on it.",
            history=message("added a revision, and the work goes on in a new set"),
        ),
        Transition(
            name="approve_by_equivalence",
            sources_by_role={SetRole.SYSTEM: _only(State.OPEN)},
            target=State.APPROVED,
            description="A revision was added that changes neither the words nor the sentence of any span of "
            "an approved set; its approval holds for the new text.",
            history=message(
                "added a revision that changes no mark and no sentence of one: approved by equivalence"
            ),
        ),
    )
}

#: The transitions that users make, in the order of buttons and documents; the system makes the others.
USER_TRANSITIONS = tuple(row for row in TRANSITIONS.values() if SetRole.SYSTEM not in row.sources_by_role)


def allowed_transitions(state: State, roles: Collection[SetRole], *, is_author: bool = False) -> list[str]:
    """Return the names of the transitions that a user may make from ``state``.

    ``roles`` are all roles of the user towards the set; an author is refused where ``four_eyes`` holds.
    Guards are not checked here, only when the transition is made.
    """
    return [
        row.name
        for row in USER_TRANSITIONS
        if not (row.four_eyes and is_author)
        and any(state in states for role, states in row.sources_by_role.items() if role in roles)
    ]
