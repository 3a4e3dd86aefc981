"""The tables. Outsiders import from this package; its modules import only those above them here."""

from annotations.models.articles import Article, Revision
from annotations.models.corpora import Corpus, Depth, Membership, Role
from annotations.models.events import Event
from annotations.models.ids import uuid7
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
    "AccessToken",
    "Actor",
    "ActorKind",
    "Alias",
    "AliasKind",
    "AnnotationSet",
    "Article",
    "Comment",
    "Corpus",
    "Depth",
    "Event",
    "Membership",
    "Proposition",
    "PropositionKind",
    "PropositionStatus",
    "Relation",
    "Revision",
    "Role",
    "Span",
    "Topic",
    "uuid7",
]
