"""The words that storage, permissions and workflow share: states, kinds, and who somebody is to a set."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an annotation set stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


EDITABLE = frozenset({State.OPEN, State.RETURNED})
LIVE = frozenset({State.OPEN, State.SUBMITTED, State.IN_REVIEW, State.RETURNED})
CLOSED = frozenset(State) - EDITABLE


class ArticleStatus(StrEnum):
    """Where an article stands, in the words of a list of work."""

    EXCLUDED = "excluded"
    IN_REVIEW = "in_review"
    ADJUDICATING = "adjudicating"
    READY_FOR_REVIEW = "ready_for_review"
    READY_FOR_ADJUDICATION = "ready_for_adjudication"
    ANNOTATING = "annotating"
    DONE = "done"
    UNASSIGNED = "unassigned"


class Kind(StrEnum):
    """What a set is: one person's own marks, or the settlement of several sets."""

    ANNOTATION = "annotation"
    ADJUDICATION = "adjudication"


class Round(StrEnum):
    """What a set is for: the dataset, or the training of its annotators."""

    PRODUCTION = "production"
    CALIBRATION = "calibration"


class Origin(StrEnum):
    """Where a span comes from."""

    HUMAN = "human"
    IMPORT = "import"
    SUGGESTION = "suggestion"


class Who(StrEnum):
    """What somebody is to a set."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    THAT_REVIEWER = "reviewer who took it"
    MANAGER = "manager"
    SYSTEM = "system"


class Difference(StrEnum):
    """In what the sides of a decision differ; the first that fits."""

    MISSED = "missed"
    LABEL = "label"
    BOUNDARY = "boundary"
    ATTRIBUTES = "attributes"
    LINK = "link"
    RELATION = "relation"


class DecisionState(StrEnum):
    """Whether a difference is settled."""

    OPEN = "open"
    SETTLED = "settled"


class Settlement(StrEnum):
    """How a difference is settled. ``take`` names the owner of the side; the first two have letters."""

    TAKE_A = "take_a"
    TAKE_B = "take_b"
    TAKE = "take"
    OWN = "own"
    DROP = "drop"


class ReasonCode(StrEnum):
    """Why people differed, in the adjudicator's judgement."""

    BOUNDARY = "boundary"
    LABEL = "label"
    MISSED = "missed"
    GUIDELINE_UNCLEAR = "guideline_unclear"
    SLIP = "slip"
    LINK = "link"


class Notice(StrEnum):
    """What somebody is told of."""

    ASSIGNED = "assigned"
    RETURNED = "returned"
    APPROVED = "approved"
    COMMENT = "comment"
    MENTION = "mention"


class Strategy(StrEnum):
    """How work that is assigned in bulk is spread over people."""

    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
