"""The tables. Outsiders import from this package; its modules import only those above them here."""

from annotations.models.articles import Article, Revision
from annotations.models.corpora import Corpus, Depth, Membership, Role
from annotations.models.events import Event
from annotations.models.ids import uuid7
from annotations.models.jobs import Job, JobKind, JobState, Worker
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
from annotations.models.releases import Release, ReleaseChunk, ReleaseFile, ReleaseState
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
    "Job",
    "JobKind",
    "JobState",
    "Membership",
    "Proposition",
    "PropositionKind",
    "PropositionStatus",
    "Relation",
    "Release",
    "ReleaseChunk",
    "ReleaseFile",
    "ReleaseState",
    "Revision",
    "Role",
    "Span",
    "Topic",
    "Worker",
    "uuid7",
]
