"""Enumerations that models, permissions and workflow share."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The workflow state of an annotation set."""

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
    """The status of an article, derived from the states of its sets (``workflow.article_status``)."""

    EXCLUDED = "excluded"
    IN_REVIEW = "in_review"
    ADJUDICATING = "adjudicating"
    READY_FOR_REVIEW = "ready_for_review"
    READY_FOR_ADJUDICATION = "ready_for_adjudication"
    ANNOTATING = "annotating"
    DONE = "done"
    UNASSIGNED = "unassigned"


class SetKind(StrEnum):
    """The kind of a set: the independent work of one annotator, or the adjudication of several sets."""

    ANNOTATION = "annotation"
    ADJUDICATION = "adjudication"


class Round(StrEnum):
    """The purpose of a set: production for the dataset, calibration for training the annotators."""

    PRODUCTION = "production"
    CALIBRATION = "calibration"


class Origin(StrEnum):
    """The origin of a span."""

    HUMAN = "human"
    IMPORT = "import"
    SUGGESTION = "suggestion"


class SetRole(StrEnum):
    """The role of a user towards one set; a user can have several of them."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    ASSIGNED_REVIEWER = "reviewer who took it"
    MANAGER = "manager"
    SYSTEM = "system"


class DifferenceKind(StrEnum):
    """How the sides of a decision differ: the first value that applies."""

    MISSED = "missed"
    LABEL = "label"
    BOUNDARY = "boundary"
    ATTRIBUTES = "attributes"
    LINK = "link"
    RELATION = "relation"


class DecisionState(StrEnum):
    """Whether a decision is still open."""

    OPEN = "open"
    SETTLED = "settled"


class DecisionChoice(StrEnum):
    """The outcome of a decision: a side is taken over, the adjudicator marks a span, or all are dropped.

    ``take_a`` and ``take_b`` name the first two sides by letter; ``take`` comes with the owner of the side.
    """

    TAKE_A = "take_a"
    TAKE_B = "take_b"
    TAKE = "take"
    OWN = "own"
    DROP = "drop"


class ApprovalBasis(StrEnum):
    """What the approval of a set rests on: a review, or an approved set with the same words and sentences."""

    REVIEW = "review"
    EQUIVALENCE = "equivalence"


class CarryApproval(StrEnum):
    """What becomes of an approved set when the text is corrected and all its spans stay untouched."""

    REVIEW = "review"
    WHEN_UNTOUCHED = "when_untouched"


class CarryDecision(StrEnum):
    """What was decided of a span after a correction.

    ``kept``: the proposal was taken; ``moved``: other words were marked; ``fine``: it stands where it is.
    """

    KEPT = "kept"
    MOVED = "moved"
    DROPPED = "dropped"
    FINE = "fine"


class ReasonCode(StrEnum):
    """The reason why annotators differed, in the judgement of the adjudicator."""

    BOUNDARY = "boundary"
    LABEL = "label"
    MISSED = "missed"
    GUIDELINE_UNCLEAR = "guideline_unclear"
    SLIP = "slip"
    LINK = "link"


class NotificationKind(StrEnum):
    """The occasion of a notification."""

    ASSIGNED = "assigned"
    RETURNED = "returned"
    APPROVED = "approved"
    COMMENT = "comment"
    MENTION = "mention"
    WEBHOOK_DISABLED = "webhook_disabled"


class AssignmentStrategy(StrEnum):
    """How a bulk assignment distributes articles over annotators."""

    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"


class TextRight(StrEnum):
    """How much of a text may leave: the whole, the words of its marks alone, or nothing."""

    YES = "yes"
    QUOTES = "quotes"
    NO = "no"


class Scope(StrEnum):
    """The scope of an access token."""

    READ = "read"
    ANNOTATE = "annotate"
    REVIEW = "review"
    MANAGE = "manage"
    INGEST = "ingest"
    FEED = "feed"


#: What a token that a program sends may be used for. The scope ``feed`` is that of one private address.
PROGRAM_SCOPES = tuple(scope for scope in Scope if scope is not Scope.FEED)
