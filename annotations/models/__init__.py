"""The models. Other packages import from here; the modules import only those listed above them."""

from annotations.models.adjudication import Decision, Source, SpanSource
from annotations.models.affiliations import Affiliation
from annotations.models.agreement import FrozenAgreement
from annotations.models.articles import WAITING_STATUSES, Article, Revision
from annotations.models.carry_overs import ITEM_STATUSES, CarryItem, CarryOver
from annotations.models.corpora import Corpus, Depth, Membership, Role
from annotations.models.events import Event
from annotations.models.ids import uuid7
from annotations.models.jobs import Job, JobKind, JobState, Worker
from annotations.models.merges import EntryKind, Merge
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
from annotations.models.registry_index import (
    DuplicatePair,
    Judgement,
    NameGram,
    RegistryName,
    Verdict,
)
from annotations.models.releases import Release, ReleaseChunk, ReleaseFile, ReleaseState
from annotations.models.rights import ArticleRights, ConfidentialActor, CorpusRights, Erasure, RightsTerms
from annotations.models.search import SavedSearch, SearchPart, SearchPlace
from annotations.models.sets import AnnotationSet, Comment, Relation, Span
from annotations.models.sign_ins import SignInFailures
from annotations.models.statements import Statement
from annotations.models.stories import (
    COPY_STATES,
    JUDGED_STATES,
    Fingerprint,
    FingerprintHash,
    MemberState,
    Story,
    StoryMember,
)
from annotations.models.team import Invitation, Notification
from annotations.models.tokens import AccessToken, FeedAddress, FeedType
from annotations.models.webhooks import (
    Delivery,
    DeliveryState,
    DisabledReason,
    Webhook,
    WebhookPayload,
    WebhookState,
)

__all__ = [
    "COPY_STATES",
    "ITEM_STATUSES",
    "JUDGED_STATES",
    "WAITING_STATUSES",
    "AccessToken",
    "Actor",
    "ActorKind",
    "Affiliation",
    "Alias",
    "AliasKind",
    "AnnotationSet",
    "Article",
    "ArticleRights",
    "CarryItem",
    "CarryOver",
    "Comment",
    "ConfidentialActor",
    "Corpus",
    "CorpusRights",
    "Decision",
    "Delivery",
    "DeliveryState",
    "Depth",
    "DisabledReason",
    "DuplicatePair",
    "EntryKind",
    "Erasure",
    "Event",
    "FeedAddress",
    "FeedType",
    "Fingerprint",
    "FingerprintHash",
    "FrozenAgreement",
    "Invitation",
    "Job",
    "JobKind",
    "JobState",
    "Judgement",
    "MemberState",
    "Membership",
    "Merge",
    "NameGram",
    "Notification",
    "Proposition",
    "PropositionKind",
    "PropositionStatus",
    "RegistryName",
    "Relation",
    "Release",
    "ReleaseChunk",
    "ReleaseFile",
    "ReleaseState",
    "Revision",
    "RightsTerms",
    "Role",
    "SavedSearch",
    "SearchPart",
    "SearchPlace",
    "SignInFailures",
    "Source",
    "Span",
    "SpanSource",
    "Statement",
    "Story",
    "StoryMember",
    "Topic",
    "Verdict",
    "Webhook",
    "WebhookPayload",
    "WebhookState",
    "Worker",
    "uuid7",
]
