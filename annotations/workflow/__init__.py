"""The workflow: the transitions of a set, and the status of an article.

Tables and pure functions, without database access.
"""

from annotations.workflow.articles import (
    ArticleFacts,
    SetFact,
    adjudicated_now,
    article_status,
    hides,
    places,
    reviewable,
    stays_double,
    takes_annotators,
    unblinded,
)
from annotations.workflow.transitions import (
    BY_PEOPLE,
    TRANSITIONS,
    Guard,
    Transition,
    TransitionTexts,
    allowed,
)

__all__ = [
    "BY_PEOPLE",
    "TRANSITIONS",
    "ArticleFacts",
    "Guard",
    "SetFact",
    "Transition",
    "TransitionTexts",
    "adjudicated_now",
    "allowed",
    "article_status",
    "hides",
    "places",
    "reviewable",
    "stays_double",
    "takes_annotators",
    "unblinded",
]
