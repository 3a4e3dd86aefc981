"""Permissions: one table says which role may do what; ``is_allowed`` and ``require_permission`` look it up.

They cost no query: ``annotations.visibility`` returns a row together with the role of the user in its
corpus, as ``Seen``. Superusers act as managers everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Model

from annotations.exceptions import Blind, NotYourRole
from annotations.models import AnnotationSet, Role
from annotations.says import says, word
from annotations.states import State, Who

Person: TypeAlias = User | AbstractBaseUser | AnonymousUser
Row = TypeVar("Row", bound=Model)


class Scope(StrEnum):
    """The scope of an access token."""

    READ = "read"
    ANNOTATE = "annotate"
    REVIEW = "review"
    MANAGE = "manage"
    INGEST = "ingest"


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
    ADD_REVISION = "revision:add"
    IMPORT = "corpus:import"
    EXPORT = "corpus:export"
    ASSIGN_SET = "set:assign"
    VIEW_SET = "set:view"
    VIEW_CONTENT = "set:view-content"
    EDIT_CONTENT = "set:edit-content"
    COMMENT = "set:comment"
    BLOCK = "set:block"
    TAKE_ANNOTATION = "queue:annotate"
    TAKE_REVIEW = "queue:review"
    ADJUDICATE = "set:adjudicate"
    SETTLE = "decision:settle"
    VIEW_AGREEMENT = "agreement:view"
    VIEW_OWN_AGREEMENT = "agreement:view-own"
    VIEW_PROGRESS = "progress:view"
    INVITE = "members:invite"
    VIEW_REGISTRY = "registry:view"
    ADD_ACTOR = "actor:add"
    CHANGE_ACTOR = "actor:change"
    ADD_TOPIC = "topic:add"
    CHANGE_TOPIC = "topic:change"
    PROPOSE = "proposition:add"
    CHANGE_PROPOSITION = "proposition:change"
    ACCEPT_PROPOSITION = "proposition:accept"
    VIEW_EVENTS = "events:view"
    VIEW_JOB = "job:view"
    VIEW_RELEASE = "release:view"
    CREATE_RELEASE = "release:create"
    WITHDRAW_RELEASE = "release:withdraw"


@dataclass(frozen=True, slots=True)
class Seen(Generic[Row]):
    """A row that the user sees, and the role of the user in its corpus."""

    row: Row
    role: Role

    @classmethod
    def of(cls, row: Row) -> Seen[Row]:
        """Return a row of ``visible(user, …)``, which annotates it with ``my_role``."""
        annotated: Any = row
        return cls(row, Role(annotated.my_role))


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The requirements of one permission: the lowest role, and a condition on user and object.

    ``scopes``: a token needs one of them. ``description`` ends the sentence of the refusal.
    """

    role: Role
    scopes: tuple[Scope, ...]
    says: str
    holds: Callable[[Person, Seen[Any]], bool] | None = None


def is_owner(user: Person, seen: Seen[AnnotationSet]) -> bool:
    """Return whether the user owns the set."""
    return bool(seen.row.owner_id == user.pk)


def is_not_owner(user: Person, seen: Seen[AnnotationSet]) -> bool:
    """Return whether another user owns the set."""
    return not is_owner(user, seen)


def is_owner_or_reviews(user: Person, seen: Seen[AnnotationSet]) -> bool:
    """Return whether the user owns the set or is a reviewer of its corpus."""
    return is_owner(user, seen) or seen.role in Role.REVIEWER.including


_READ = (Scope.READ,)
_WORK = (Scope.ANNOTATE,)
_REVIEW = (Scope.REVIEW,)
_MANAGE = (Scope.MANAGE,)
_INGEST = (Scope.INGEST, Scope.MANAGE)
_TALK = (Scope.ANNOTATE, Scope.REVIEW)

PERMISSIONS: Mapping[Permission, Rule] = {
    Permission.VIEW_CORPUS: Rule(role=Role.VIEWER, scopes=_READ, says=says("see the corpus")),
    Permission.CHANGE_CORPUS: Rule(role=Role.MANAGER, scopes=_MANAGE, says=says("change the corpus")),
    Permission.DELETE_CORPUS: Rule(role=Role.MANAGER, scopes=_MANAGE, says=says("delete the corpus")),
    Permission.VIEW_MEMBERS: Rule(role=Role.VIEWER, scopes=_READ, says=says("see the members")),
    Permission.CHANGE_MEMBERS: Rule(role=Role.MANAGER, scopes=_MANAGE, says=says("change the members")),
    Permission.VIEW_ARTICLE: Rule(role=Role.VIEWER, scopes=_READ, says=says("see the articles")),
    Permission.ADD_ARTICLE: Rule(role=Role.MANAGER, scopes=_INGEST, says=says("add articles")),
    Permission.CHANGE_ARTICLE: Rule(role=Role.MANAGER, scopes=_INGEST, says=says("change articles")),
    Permission.DELETE_ARTICLE: Rule(role=Role.MANAGER, scopes=_INGEST, says=says("delete articles")),
    Permission.EXCLUDE_ARTICLE: Rule(
        role=Role.MANAGER, scopes=_MANAGE, says=says("exclude articles or take them back")
    ),
    Permission.ADD_REVISION: Rule(role=Role.MANAGER, scopes=_INGEST, says=says("add revisions")),
    Permission.IMPORT: Rule(role=Role.MANAGER, scopes=_INGEST, says=says("import files")),
    Permission.EXPORT: Rule(role=Role.VIEWER, scopes=_READ, says=says("export the corpus")),
    Permission.ASSIGN_SET: Rule(
        role=Role.MANAGER, scopes=_MANAGE, says=says("assign work; annotators take it from the queue")
    ),
    Permission.VIEW_SET: Rule(role=Role.VIEWER, scopes=_READ, says=says("see sets")),
    Permission.VIEW_CONTENT: Rule(role=Role.VIEWER, scopes=_READ, says=says("see what is marked")),
    Permission.EDIT_CONTENT: Rule(
        role=Role.ANNOTATOR, scopes=_WORK, holds=is_owner, says=says("change a set, and only their own")
    ),
    Permission.COMMENT: Rule(
        role=Role.ANNOTATOR,
        scopes=_TALK,
        holds=is_owner_or_reviews,
        says=says("comment on their own sets; reviewers comment on all that they see"),
    ),
    Permission.BLOCK: Rule(
        role=Role.REVIEWER,
        scopes=_REVIEW,
        holds=is_not_owner,
        says=says("make a comment blocking, on the sets of others"),
    ),
    Permission.TAKE_ANNOTATION: Rule(
        role=Role.ANNOTATOR, scopes=_WORK, says=says("take work from the queue")
    ),
    Permission.TAKE_REVIEW: Rule(
        role=Role.REVIEWER, scopes=_REVIEW, says=says("take reviews from the queue")
    ),
    Permission.ADJUDICATE: Rule(
        role=Role.REVIEWER, scopes=_REVIEW, says=says("settle what others have marked")
    ),
    Permission.SETTLE: Rule(
        role=Role.REVIEWER,
        scopes=_TALK,
        holds=is_owner,
        says=says("settle differences, and only in their own adjudications"),
    ),
    Permission.VIEW_AGREEMENT: Rule(
        role=Role.REVIEWER,
        scopes=_READ,
        says=says("see the agreement of others; annotators see their own of calibration rounds"),
    ),
    Permission.VIEW_OWN_AGREEMENT: Rule(
        role=Role.ANNOTATOR, scopes=_READ, says=says("see agreement, and annotators only their own")
    ),
    Permission.VIEW_PROGRESS: Rule(
        role=Role.MANAGER, scopes=(Scope.READ, Scope.MANAGE), says=says("see how the work of everybody goes")
    ),
    Permission.INVITE: Rule(role=Role.MANAGER, scopes=_MANAGE, says=says("invite people")),
    Permission.VIEW_REGISTRY: Rule(role=Role.VIEWER, scopes=_READ, says=says("see the registry")),
    Permission.ADD_ACTOR: Rule(role=Role.ANNOTATOR, scopes=_WORK, says=says("add actors")),
    Permission.CHANGE_ACTOR: Rule(role=Role.ANNOTATOR, scopes=_TALK, says=says("change actors")),
    Permission.ADD_TOPIC: Rule(role=Role.REVIEWER, scopes=_REVIEW, says=says("add topics")),
    Permission.CHANGE_TOPIC: Rule(role=Role.REVIEWER, scopes=_REVIEW, says=says("change topics")),
    Permission.PROPOSE: Rule(role=Role.ANNOTATOR, scopes=_WORK, says=says("propose propositions")),
    Permission.CHANGE_PROPOSITION: Rule(role=Role.REVIEWER, scopes=_REVIEW, says=says("change propositions")),
    Permission.ACCEPT_PROPOSITION: Rule(role=Role.REVIEWER, scopes=_REVIEW, says=says("accept propositions")),
    Permission.VIEW_EVENTS: Rule(
        role=Role.MANAGER, scopes=(Scope.READ, Scope.MANAGE), says=says("see the events of the corpus")
    ),
    Permission.VIEW_JOB: Rule(
        role=Role.MANAGER, scopes=(Scope.READ, *_INGEST), says=says("see how far the jobs of the corpus are")
    ),
    Permission.VIEW_RELEASE: Rule(role=Role.VIEWER, scopes=_READ, says=says("see releases")),
    Permission.CREATE_RELEASE: Rule(role=Role.MANAGER, scopes=_MANAGE, says=says("make releases")),
    Permission.WITHDRAW_RELEASE: Rule(role=Role.MANAGER, scopes=_MANAGE, says=says("withdraw releases")),
}

#: The scope that a token needs to make a transition in a role.
TRANSITION_SCOPES: Mapping[Who, Scope] = {
    Who.OWNER: Scope.ANNOTATE,
    Who.REVIEWER: Scope.REVIEW,
    Who.THAT_REVIEWER: Scope.REVIEW,
    Who.MANAGER: Scope.MANAGE,
}


def allows(user: Person, permission: Permission, seen: Seen[Any]) -> bool:
    """Return whether ``user`` has a permission on a row."""
    rule = PERMISSIONS[permission]
    return seen.role in rule.role.including and (rule.holds is None or rule.holds(user, seen))


def require(user: Person, permission: Permission, seen: Seen[Row]) -> Row:
    """Return the row, or raise ``InsufficientRoleError`` if ``user`` does not have the permission on it."""
    if not allows(user, permission, seen):
        rule = PERMISSIONS[permission]
        raise NotYourRole(
            says(
                "Your role in this corpus is {own}; to {what}, you have to be {role} or above.",
                own=word("Role", seen.role),
                what=rule.says,
                role=word("Role", rule.role),
            )
        )
    return seen.row


def require_content(user: Person, row: AnnotationSet) -> None:
    """Raise ``BlindError`` if the set is blind and belongs to another user."""
    if row.blind and row.owner_id != user.pk:
        raise Blind(
            says(
                "Several people annotate this article independently; what they mark is hidden "
                "from everybody else until all of them have submitted."
            )
        )


def people(user: Person, seen: Seen[AnnotationSet]) -> frozenset[Who]:
    """Return all roles of ``user`` towards a set.

    While no review is under way, every reviewer counts as the assigned one: then the state, and not the
    role, is the reason why a transition is refused.
    """
    row, role = seen.row, seen.role
    owns = is_owner(user, seen)
    reviews = role in Role.REVIEWER.including
    roles = {
        Who.OWNER: owns and role in Role.ANNOTATOR.including,
        Who.REVIEWER: reviews,
        Who.THAT_REVIEWER: reviews and (row.state != State.IN_REVIEW or row.reviewer_id == user.pk),
        Who.MANAGER: role == Role.MANAGER,
    }
    return frozenset(each for each, applies in roles.items() if applies)


def sees_annotators(role: str | None) -> bool:
    """Return whether a user of this role may know that an article has a second annotator."""
    return role == Role.MANAGER
