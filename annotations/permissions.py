"""Permissions: one table says which role may do what; ``is_allowed`` and ``require_permission`` look it up.

They cost no query: ``annotations.visibility`` returns a row together with the role of the user in its
corpus, as ``VisibleRow``. Superusers act as managers everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Model

from annotations.enums import Scope, SetRole, State
from annotations.exceptions import BlindError, InsufficientRoleError
from annotations.messages import message, term
from annotations.models import AnnotationSet, Role

AnyUser: TypeAlias = User | AbstractBaseUser | AnonymousUser
Row = TypeVar("Row", bound=Model)


class Permission(StrEnum):
    """An action in a corpus, beyond the transitions of a set."""

    VIEW_CORPUS = "corpus:view"
    CHANGE_CORPUS = "corpus:change"
    DELETE_CORPUS = "corpus:delete"
    VIEW_MEMBERS = "members:view"
    CHANGE_MEMBERS = "members:change"
    VIEW_ARTICLE = "article:view"
    ADD_ARTICLE = "article:add"
    CHANGE_ARTICLE = "article:change"
    DELETE_ARTICLE = "article:delete"
    EXCLUDE_ARTICLE = "article:exclude"
    TAKE_DOWN_ARTICLE = "article:take-down"
    ADD_REVISION = "revision:add"
    VIEW_RIGHTS = "rights:view"
    CHANGE_RIGHTS = "rights:change"
    IMPORT_CORPUS = "corpus:import"
    EXPORT_CORPUS = "corpus:export"
    READ_FEED = "feed:read"
    READ_QUOTE = "quote:embed"
    ASSIGN_SET = "set:assign"
    VIEW_SET = "set:view"
    VIEW_CONTENT = "set:view-content"
    EDIT_CONTENT = "set:edit-content"
    ADD_COMMENT = "set:comment"
    ADD_BLOCKING_COMMENT = "set:block"
    TAKE_ANNOTATION = "queue:annotate"
    TAKE_REVIEW = "queue:review"
    ADJUDICATE = "set:adjudicate"
    RESOLVE_DECISION = "decision:settle"
    VIEW_AGREEMENT = "agreement:view"
    VIEW_OWN_AGREEMENT = "agreement:view-own"
    VIEW_PROGRESS = "progress:view"
    INVITE_MEMBER = "members:invite"
    VIEW_REGISTRY = "registry:view"
    ADD_ACTOR = "actor:add"
    CHANGE_ACTOR = "actor:change"
    PROTECT_ACTOR = "actor:protect"
    CHANGE_AFFILIATION = "affiliation:change"
    JUDGE_PAIR = "registry:judge"
    JUDGE_COPY = "story:judge"
    ADD_TOPIC = "topic:add"
    CHANGE_TOPIC = "topic:change"
    ADD_PROPOSITION = "proposition:add"
    CHANGE_PROPOSITION = "proposition:change"
    ACCEPT_PROPOSITION = "proposition:accept"
    MERGE_ENTRY = "registry:merge"
    SAVE_SEARCH = "search:save"
    CHANGE_SEARCH = "search:change"
    VIEW_EVENTS = "events:view"
    VIEW_JOB = "job:view"
    VIEW_RELEASE = "release:view"
    CREATE_RELEASE = "release:create"
    WITHDRAW_RELEASE = "release:withdraw"
    CHANGE_WEBHOOK = "webhook:change"


@dataclass(frozen=True, slots=True)
class VisibleRow(Generic[Row]):
    """A row that the user sees, and the role of the user in its corpus."""

    row: Row
    role: Role

    @classmethod
    def of(cls, row: Row) -> VisibleRow[Row]:
        """Return a row of ``visible(user, …)``, which annotates it with ``my_role``."""
        annotated: Any = row
        return cls(row, Role(annotated.my_role))


@dataclass(frozen=True, kw_only=True)
class PermissionRule:
    """The requirements of one permission: the lowest role, and a condition on user and object.

    ``scopes``: a token needs one of them. ``description`` ends the sentence of the refusal.
    """

    role: Role
    scopes: tuple[Scope, ...]
    description: str
    condition: Callable[[AnyUser, VisibleRow[Any]], bool] | None = None


def is_owner(user: AnyUser, seen: VisibleRow[AnnotationSet]) -> bool:
    """Return whether the user owns the set."""
    return bool(seen.row.owner_id == user.pk)


def is_not_owner(user: AnyUser, seen: VisibleRow[AnnotationSet]) -> bool:
    """Return whether another user owns the set."""
    return not is_owner(user, seen)


def is_owner_or_manager(user: AnyUser, seen: VisibleRow[Any]) -> bool:
    """Return whether the user owns the row or manages its corpus."""
    return is_owner(user, seen) or seen.role == Role.MANAGER


def is_owner_or_reviewer(user: AnyUser, seen: VisibleRow[AnnotationSet]) -> bool:
    """Return whether the user owns the set or is a reviewer of its corpus."""
    return is_owner(user, seen) or seen.role in Role.REVIEWER.and_above


_READ = (Scope.READ,)
_WORK = (Scope.ANNOTATE,)
_REVIEW = (Scope.REVIEW,)
_MANAGE = (Scope.MANAGE,)
_INGEST = (Scope.INGEST, Scope.MANAGE)
_TALK = (Scope.ANNOTATE, Scope.REVIEW)
_OWN_THINGS = (Scope.ANNOTATE, Scope.REVIEW, Scope.MANAGE)

PERMISSIONS: Mapping[Permission, PermissionRule] = {
    Permission.VIEW_CORPUS: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("see the corpus")
    ),
    Permission.CHANGE_CORPUS: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("change the corpus")
    ),
    Permission.DELETE_CORPUS: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("delete the corpus")
    ),
    Permission.VIEW_MEMBERS: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("see the members")
    ),
    Permission.CHANGE_MEMBERS: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("change the members")
    ),
    Permission.VIEW_ARTICLE: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("see the articles")
    ),
    Permission.ADD_ARTICLE: PermissionRule(
        role=Role.MANAGER, scopes=_INGEST, description=message("add articles")
    ),
    Permission.CHANGE_ARTICLE: PermissionRule(
        role=Role.MANAGER, scopes=_INGEST, description=message("change articles")
    ),
    Permission.DELETE_ARTICLE: PermissionRule(
        role=Role.MANAGER, scopes=_INGEST, description=message("delete articles")
    ),
    Permission.EXCLUDE_ARTICLE: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("exclude articles or take them back")
    ),
    Permission.TAKE_DOWN_ARTICLE: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("take articles down or restore them")
    ),
    Permission.VIEW_RIGHTS: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("see the rights in the articles")
    ),
    Permission.CHANGE_RIGHTS: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("change the rights of the corpus")
    ),
    Permission.ADD_REVISION: PermissionRule(
        role=Role.MANAGER, scopes=_INGEST, description=message("add revisions")
    ),
    Permission.IMPORT_CORPUS: PermissionRule(
        role=Role.MANAGER, scopes=_INGEST, description=message("import files")
    ),
    Permission.EXPORT_CORPUS: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("export the corpus")
    ),
    Permission.READ_FEED: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("read the feeds of the corpus")
    ),
    Permission.READ_QUOTE: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("see quotes as they are embedded")
    ),
    Permission.ASSIGN_SET: PermissionRule(
        role=Role.MANAGER,
        scopes=_MANAGE,
        description=message("assign work; annotators take it from the queue"),
    ),
    Permission.VIEW_SET: PermissionRule(role=Role.VIEWER, scopes=_READ, description=message("see sets")),
    Permission.VIEW_CONTENT: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("see what is marked")
    ),
    Permission.EDIT_CONTENT: PermissionRule(
        role=Role.ANNOTATOR,
        scopes=_WORK,
        condition=is_owner,
        description=message("change a set, and only their own"),
    ),
    Permission.ADD_COMMENT: PermissionRule(
        role=Role.ANNOTATOR,
        scopes=_TALK,
        condition=is_owner_or_reviewer,
        description=message("comment on their own sets; reviewers comment on all that they see"),
    ),
    Permission.ADD_BLOCKING_COMMENT: PermissionRule(
        role=Role.REVIEWER,
        scopes=_REVIEW,
        condition=is_not_owner,
        description=message("make a comment blocking, on the sets of others"),
    ),
    Permission.TAKE_ANNOTATION: PermissionRule(
        role=Role.ANNOTATOR, scopes=_WORK, description=message("take work from the queue")
    ),
    Permission.TAKE_REVIEW: PermissionRule(
        role=Role.REVIEWER, scopes=_REVIEW, description=message("take reviews from the queue")
    ),
    Permission.ADJUDICATE: PermissionRule(
        role=Role.REVIEWER, scopes=_REVIEW, description=message("settle what others have marked")
    ),
    Permission.RESOLVE_DECISION: PermissionRule(
        role=Role.REVIEWER,
        scopes=_TALK,
        condition=is_owner,
        description=message("settle differences, and only in their own adjudications"),
    ),
    Permission.VIEW_AGREEMENT: PermissionRule(
        role=Role.REVIEWER,
        scopes=_READ,
        description=message("see the agreement of others; annotators see their own of calibration rounds"),
    ),
    Permission.VIEW_OWN_AGREEMENT: PermissionRule(
        role=Role.ANNOTATOR, scopes=_READ, description=message("see agreement, and annotators only their own")
    ),
    Permission.VIEW_PROGRESS: PermissionRule(
        role=Role.MANAGER,
        scopes=(Scope.READ, Scope.MANAGE),
        description=message("see how the work of everybody goes"),
    ),
    Permission.INVITE_MEMBER: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("invite people")
    ),
    Permission.VIEW_REGISTRY: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("see the registry")
    ),
    Permission.ADD_ACTOR: PermissionRule(
        role=Role.ANNOTATOR, scopes=_WORK, description=message("add actors")
    ),
    Permission.CHANGE_ACTOR: PermissionRule(
        role=Role.ANNOTATOR, scopes=_TALK, description=message("change actors")
    ),
    Permission.PROTECT_ACTOR: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("protect actors, or lift their protection")
    ),
    Permission.CHANGE_AFFILIATION: PermissionRule(
        role=Role.ANNOTATOR, scopes=_TALK, description=message("say to whom actors belong")
    ),
    Permission.JUDGE_COPY: PermissionRule(
        role=Role.REVIEWER, scopes=_REVIEW, description=message("judge which articles are copies")
    ),
    Permission.JUDGE_PAIR: PermissionRule(
        role=Role.REVIEWER, scopes=_REVIEW, description=message("judge whether two entries are one")
    ),
    Permission.ADD_TOPIC: PermissionRule(
        role=Role.REVIEWER, scopes=_REVIEW, description=message("add topics")
    ),
    Permission.CHANGE_TOPIC: PermissionRule(
        role=Role.REVIEWER, scopes=_REVIEW, description=message("change topics")
    ),
    Permission.ADD_PROPOSITION: PermissionRule(
        role=Role.ANNOTATOR, scopes=_WORK, description=message("propose propositions")
    ),
    Permission.CHANGE_PROPOSITION: PermissionRule(
        role=Role.REVIEWER, scopes=_REVIEW, description=message("change propositions")
    ),
    Permission.ACCEPT_PROPOSITION: PermissionRule(
        role=Role.REVIEWER, scopes=_REVIEW, description=message("accept propositions")
    ),
    Permission.MERGE_ENTRY: PermissionRule(
        role=Role.REVIEWER, scopes=_REVIEW, description=message("merge entries of the registry")
    ),
    Permission.SAVE_SEARCH: PermissionRule(
        role=Role.VIEWER, scopes=_OWN_THINGS, description=message("save searches")
    ),
    Permission.CHANGE_SEARCH: PermissionRule(
        role=Role.VIEWER,
        scopes=_OWN_THINGS,
        condition=is_owner_or_manager,
        description=message("change a saved search; managers also change those of others"),
    ),
    Permission.VIEW_EVENTS: PermissionRule(
        role=Role.MANAGER,
        scopes=(Scope.READ, Scope.MANAGE),
        description=message("see the events of the corpus"),
    ),
    Permission.VIEW_JOB: PermissionRule(
        role=Role.MANAGER,
        scopes=(Scope.READ, *_INGEST),
        description=message("see how far the jobs of the corpus are"),
    ),
    Permission.VIEW_RELEASE: PermissionRule(
        role=Role.VIEWER, scopes=_READ, description=message("see releases")
    ),
    Permission.CREATE_RELEASE: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("make releases")
    ),
    Permission.WITHDRAW_RELEASE: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("withdraw releases")
    ),
    Permission.CHANGE_WEBHOOK: PermissionRule(
        role=Role.MANAGER, scopes=_MANAGE, description=message("see and change webhooks")
    ),
}

#: Marking what one was told as read: the scopes with which one does something about it.
NOTIFICATION_SCOPES = _OWN_THINGS
#: The roles that no token gives: the account of a new manager has every scope, and could make tokens.
SESSION_ONLY_ROLES = frozenset({Role.MANAGER})

#: The scope that a token needs to make a transition in a role.
TRANSITION_SCOPES: Mapping[SetRole, Scope] = {
    SetRole.OWNER: Scope.ANNOTATE,
    SetRole.REVIEWER: Scope.REVIEW,
    SetRole.ASSIGNED_REVIEWER: Scope.REVIEW,
    SetRole.MANAGER: Scope.MANAGE,
}


def is_allowed(user: AnyUser, permission: Permission, seen: VisibleRow[Any]) -> bool:
    """Return whether ``user`` has a permission on a row."""
    rule = PERMISSIONS[permission]
    return seen.role in rule.role.and_above and (rule.condition is None or rule.condition(user, seen))


def require_permission(user: AnyUser, permission: Permission, seen: VisibleRow[Row]) -> Row:
    """Return the row, or raise ``InsufficientRoleError`` if ``user`` does not have the permission on it."""
    if not is_allowed(user, permission, seen):
        rule = PERMISSIONS[permission]
        raise InsufficientRoleError(
            message(
                "Your role in this corpus is {own}; to {what}, you have to be {role} or above.",
                own=term("Role", seen.role),
                what=rule.description,
                role=term("Role", rule.role),
            )
        )
    return seen.row


def require_content_access(user: AnyUser, row: AnnotationSet) -> None:
    """Raise ``BlindError`` if the set is blind and belongs to another user."""
    if row.blind and row.owner_id != user.pk:
        raise BlindError(
            message(
                "Several people annotate this article independently; what they mark is hidden "
                "from everybody else until all of them have submitted."
            )
        )


def set_roles(user: AnyUser, seen: VisibleRow[AnnotationSet]) -> frozenset[SetRole]:
    """Return all roles of ``user`` towards a set.

    While no review is under way, every reviewer counts as the assigned one: then the state, and not the
    role, is the reason why a transition is refused.
    """
    row, role = seen.row, seen.role
    owns = is_owner(user, seen)
    reviews = role in Role.REVIEWER.and_above
    roles = {
        SetRole.OWNER: owns and role in Role.ANNOTATOR.and_above,
        SetRole.REVIEWER: reviews,
        SetRole.ASSIGNED_REVIEWER: reviews and (row.state != State.IN_REVIEW or row.reviewer_id == user.pk),
        SetRole.MANAGER: role == Role.MANAGER,
    }
    return frozenset(each for each, applies in roles.items() if applies)


def can_see_annotators(role: str | None) -> bool:
    """Return whether a user of this role may know that an article has a second annotator."""
    return role == Role.MANAGER
