"""The workflow: the transitions of a set, and the status of an article.

Tables and pure functions, without database access.
"""

from annotations.workflow.articles import (
    ArticleSummary,
    SetSummary,
    article_status,
    has_live_adjudication,
    has_open_slot,
    is_blinded,
    is_reviewable,
    is_unblinded,
    open_slots,
    still_double_annotated,
)
from annotations.workflow.transitions import (
    TRANSITIONS,
    USER_TRANSITIONS,
    Guard,
    Transition,
    TransitionTexts,
    allowed_transitions,
)

__all__ = [
    "TRANSITIONS",
    "USER_TRANSITIONS",
    "ArticleSummary",
    "Guard",
    "SetSummary",
    "Transition",
    "TransitionTexts",
    "allowed_transitions",
    "article_status",
    "has_live_adjudication",
    "has_open_slot",
    "is_blinded",
    "is_reviewable",
    "is_unblinded",
    "open_slots",
    "still_double_annotated",
]
