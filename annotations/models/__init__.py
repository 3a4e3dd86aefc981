"""The tables. Outsiders import from this package; its modules import only those above them here."""

from annotations.models.adjudication import Decision, Source, SpanSource
from annotations.models.agreement import FrozenAgreement
from annotations.models.articles import WAITING, Article, Revision
from annotations.models.corpora import Corpus, Depth, Membership, Role
from annotations.models.events import Event
from annotations.models.ids import uuid7
from annotations.models.people import Invitation, Notification
from annotations.models.registry import (
    Actor,
    ActorKind,
    Alias,
    AliasKind,
    Proposition,
    PropositionKind,
    PropositionStatus,
    Topic,
)
from annotations.models.sets import AnnotationSet, Comment, Relation, Span
from annotations.models.tokens import AccessToken

__all__ = [
    "WAITING",
    "AccessToken",
    "Actor",
    "ActorKind",
    "Alias",
    "AliasKind",
    "AnnotationSet",
    "Article",
    "Comment",
    "Corpus",
    "Decision",
    "Depth",
    "Event",
    "FrozenAgreement",
    "Invitation",
    "Membership",
    "Notification",
    "Proposition",
    "PropositionKind",
    "PropositionStatus",
    "Relation",
    "Revision",
    "Role",
    "Source",
    "Span",
    "SpanSource",
    "Topic",
    "uuid7",
]
