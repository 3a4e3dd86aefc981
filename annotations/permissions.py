"""Who may: one table, and the two questions that are asked of it.

``allows(user, permission, obj)`` answers for one object, ``visible(user, queryset)`` for rows.
Each object that ``visible`` returns carries the caller's role in its corpus as ``my_role``, so
the first question costs no query after the second. Superusers act as managers everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, TypeVar, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import CharField, F, Model, Q, QuerySet, Value

from annotations.exceptions import Blind, NotVisible, NotYourRole
from annotations.models import (
    AccessToken,
    Actor,
    Alias,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Event,
    Job,
    Membership,
    Proposition,
    Relation,
    Release,
    ReleaseChunk,
    ReleaseFile,
    Revision,
    Role,
    Span,
    Topic,
    Worker,
)
from annotations.states import State, Who

#: The same words for what does not exist and for what one may not know of.
NOTHING_HERE = "There is nothing here that you can see; check the address and your membership."

Person: TypeAlias = User | AbstractBaseUser | AnonymousUser
Row = TypeVar("Row", bound=Model)


class Scope(StrEnum):
    """What an access token is for."""

    READ = "read"
    ANNOTATE = "annotate"
    REVIEW = "review"
    MANAGE = "manage"
    INGEST = "ingest"


class Permission(StrEnum):
    """Everything that somebody may do in a corpus, beyond the transitions of a set."""

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


class HasRole(Protocol):
    """An object that ``visible`` returned: it knows the caller's role."""

    my_role: str | None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Who may do one thing: the lowest role, and what else must hold between person and object.

    ``scopes``: a token needs one of them. ``says`` ends the sentence of the refusal.
    """

    role: Role
    scopes: tuple[Scope, ...]
    says: str
    holds: Callable[[Person, Any], bool] | None = None


def is_owner(user: Person, row: Any) -> bool:
    """Whether the set is the caller's own."""
    return bool(row.owner_id == user.pk)


def is_not_owner(user: Person, row: Any) -> bool:
    """Whether the set is somebody else's."""
    return not is_owner(user, row)


def is_owner_or_reviews(user: Person, row: Any) -> bool:
    """Whether the set is the caller's own, or the caller reviews in its corpus."""
    return is_owner(user, row) or row.my_role in Role.REVIEWER.including


_READ = (Scope.READ,)
_WORK = (Scope.ANNOTATE,)
_REVIEW = (Scope.REVIEW,)
_MANAGE = (Scope.MANAGE,)
_INGEST = (Scope.INGEST, Scope.MANAGE)
_TALK = (Scope.ANNOTATE, Scope.REVIEW)

PERMISSIONS: Mapping[Permission, Rule] = {
    Permission.VIEW_CORPUS: Rule(role=Role.VIEWER, scopes=_READ, says="see the corpus"),
    Permission.CHANGE_CORPUS: Rule(role=Role.MANAGER, scopes=_MANAGE, says="change the corpus"),
    Permission.DELETE_CORPUS: Rule(role=Role.MANAGER, scopes=_MANAGE, says="delete the corpus"),
    Permission.VIEW_MEMBERS: Rule(role=Role.VIEWER, scopes=_READ, says="see the members"),
    Permission.CHANGE_MEMBERS: Rule(role=Role.MANAGER, scopes=_MANAGE, says="change the members"),
    Permission.VIEW_ARTICLE: Rule(role=Role.VIEWER, scopes=_READ, says="see the articles"),
    Permission.ADD_ARTICLE: Rule(role=Role.MANAGER, scopes=_INGEST, says="add articles"),
    Permission.CHANGE_ARTICLE: Rule(role=Role.MANAGER, scopes=_INGEST, says="change articles"),
    Permission.DELETE_ARTICLE: Rule(role=Role.MANAGER, scopes=_INGEST, says="delete articles"),
    Permission.EXCLUDE_ARTICLE: Rule(
        role=Role.MANAGER, scopes=_MANAGE, says="exclude articles or take them back"
    ),
    Permission.ADD_REVISION: Rule(role=Role.MANAGER, scopes=_INGEST, says="add revisions"),
    Permission.IMPORT: Rule(role=Role.MANAGER, scopes=_INGEST, says="import files"),
    Permission.EXPORT: Rule(role=Role.VIEWER, scopes=_READ, says="export the corpus"),
    Permission.ASSIGN_SET: Rule(
        role=Role.MANAGER, scopes=_MANAGE, says="assign work; annotators take it from the queue"
    ),
    Permission.VIEW_SET: Rule(role=Role.VIEWER, scopes=_READ, says="see sets"),
    Permission.VIEW_CONTENT: Rule(role=Role.VIEWER, scopes=_READ, says="see what is marked"),
    Permission.EDIT_CONTENT: Rule(
        role=Role.ANNOTATOR, scopes=_WORK, holds=is_owner, says="change a set, and only their own"
    ),
    Permission.COMMENT: Rule(
        role=Role.ANNOTATOR,
        scopes=_TALK,
        holds=is_owner_or_reviews,
        says="comment on their own sets; reviewers comment on all that they see",
    ),
    Permission.BLOCK: Rule(
        role=Role.REVIEWER,
        scopes=_REVIEW,
        holds=is_not_owner,
        says="make a comment blocking, on the sets of others",
    ),
    Permission.TAKE_ANNOTATION: Rule(role=Role.ANNOTATOR, scopes=_WORK, says="take work from the queue"),
    Permission.TAKE_REVIEW: Rule(role=Role.REVIEWER, scopes=_REVIEW, says="take reviews from the queue"),
    Permission.VIEW_REGISTRY: Rule(role=Role.VIEWER, scopes=_READ, says="see the registry"),
    Permission.ADD_ACTOR: Rule(role=Role.ANNOTATOR, scopes=_WORK, says="add actors"),
    Permission.CHANGE_ACTOR: Rule(role=Role.ANNOTATOR, scopes=_TALK, says="change actors"),
    Permission.ADD_TOPIC: Rule(role=Role.REVIEWER, scopes=_REVIEW, says="add topics"),
    Permission.CHANGE_TOPIC: Rule(role=Role.REVIEWER, scopes=_REVIEW, says="change topics"),
    Permission.PROPOSE: Rule(role=Role.ANNOTATOR, scopes=_WORK, says="propose propositions"),
    Permission.CHANGE_PROPOSITION: Rule(role=Role.REVIEWER, scopes=_REVIEW, says="change propositions"),
    Permission.ACCEPT_PROPOSITION: Rule(role=Role.REVIEWER, scopes=_REVIEW, says="accept propositions"),
    Permission.VIEW_EVENTS: Rule(
        role=Role.MANAGER, scopes=(Scope.READ, Scope.MANAGE), says="see the events of the corpus"
    ),
    Permission.VIEW_JOB: Rule(
        role=Role.MANAGER, scopes=(Scope.READ, *_INGEST), says="see how far the jobs of the corpus are"
    ),
    Permission.VIEW_RELEASE: Rule(role=Role.VIEWER, scopes=_READ, says="see releases"),
    Permission.CREATE_RELEASE: Rule(role=Role.MANAGER, scopes=_MANAGE, says="make releases"),
    Permission.WITHDRAW_RELEASE: Rule(role=Role.MANAGER, scopes=_MANAGE, says="withdraw releases"),
}

#: The scopes of which a token needs one to make a transition.
TRANSITION_SCOPES: Mapping[Who, Scope] = {
    Who.OWNER: Scope.ANNOTATE,
    Who.REVIEWER: Scope.REVIEW,
    Who.THAT_REVIEWER: Scope.REVIEW,
    Who.MANAGER: Scope.MANAGE,
}


def allows(user: Person, permission: Permission, obj: HasRole) -> bool:
    """Whether ``user`` may do this to ``obj``, which came out of ``visible(user, …)``."""
    rule = PERMISSIONS[permission]
    return obj.my_role in rule.role.including and (rule.holds is None or rule.holds(user, obj))


def require(user: Person, permission: Permission, obj: HasRole) -> None:
    """Refuse with ``NotYourRole`` what ``allows`` denies."""
    if not allows(user, permission, obj):
        rule = PERMISSIONS[permission]
        raise NotYourRole(
            f"Your role in this corpus is {obj.my_role}; only a {rule.role} or above may {rule.says}."
        )


def require_content(user: Person, row: AnnotationSet) -> None:
    """Refuse with ``Blind`` the content of a set that its owner alone may see for now."""
    if row.blind and not is_owner(user, row):
        raise Blind(
            "Several people annotate this article independently; what they mark is hidden from everybody "
            "else until all of them have submitted."
        )


def people(user: Person, row: AnnotationSet) -> frozenset[Who]:
    """Everything that ``user`` is to a set that came out of ``visible(user, …)``.

    While no review is under way, every reviewer could be *that* reviewer, so that the state and
    not the person is what forbids the move.
    """
    role = cast("HasRole", row).my_role
    owns = is_owner(user, row)
    reviews = role in Role.REVIEWER.including
    facts = {
        Who.OWNER: owns and role in Role.ANNOTATOR.including,
        Who.REVIEWER: reviews,
        Who.THAT_REVIEWER: reviews and (row.state != State.IN_REVIEW or row.reviewer_id == user.pk),
        Who.MANAGER: role == Role.MANAGER,
    }
    return frozenset(who for who, fits in facts.items() if fits)


# Which rows: how each table reaches its corpus, and what else restricts it.

_CORPUS_PATH: Mapping[type[Model], str] = {
    Corpus: "",
    Membership: "corpus__",
    Article: "corpus__",
    Revision: "article__corpus__",
    AnnotationSet: "corpus__",
    Span: "set__corpus__",
    Relation: "set__corpus__",
    Comment: "set__corpus__",
    Actor: "corpus__",
    Alias: "actor__corpus__",
    Topic: "corpus__",
    Proposition: "corpus__",
    Job: "corpus__",
    Release: "corpus__",
    ReleaseFile: "release__corpus__",
    ReleaseChunk: "release__corpus__",
}
_SET_PATH: Mapping[type[Model], str] = {AnnotationSet: "", Span: "set__", Relation: "set__", Comment: "set__"}


def _sets(user: Person, path: str, *, content: bool) -> Q:
    """The sets that somebody sees: rows (managers also see blind ones), or their content."""
    role = f"{path}corpus__memberships__role"
    own, seeing = Q((f"{path}owner_id", user.pk)), Q((f"{path}blind", False))
    if getattr(user, "is_superuser", False):
        # Never ``own | Q()``: Django takes an empty condition for none, and ``own`` would be left.
        return own | seeing if content else Q()
    reviewers = Q((f"{role}__in", list(Role.REVIEWER.including)))
    others = seeing & (reviewers | Q((f"{path}state", State.APPROVED)))
    if not content:
        others |= Q((role, Role.MANAGER))
    return own | others


def visible(user: Person, queryset: QuerySet[Row]) -> QuerySet[Row]:
    """The rows of a table that ``user`` may know of, each with the caller's role as ``my_role``."""
    return _seen(user, queryset, content=False)


def visible_content(user: Person, queryset: QuerySet[AnnotationSet]) -> QuerySet[AnnotationSet]:
    """The sets whose content ``user`` may see: ``visible`` less the blind sets of others."""
    return _seen(user, queryset, content=True)


def _seen(user: Person, queryset: QuerySet[Row], *, content: bool) -> QuerySet[Row]:
    model = queryset.model
    if not user.is_authenticated or not user.is_active:
        return queryset.none()
    if model is Worker:
        return queryset.none()  # processes are nobody's
    if model is AccessToken:
        return queryset.filter(user_id=user.pk)
    if model is Event:
        return _events(user, queryset)
    corpus = _CORPUS_PATH[model]
    rows: Any = queryset
    if getattr(user, "is_superuser", False):
        rows = rows.annotate(my_role=Value(str(Role.MANAGER), output_field=CharField()))
        member = Q()
    else:
        member = Q((f"{corpus}memberships__user_id", user.pk))
    if model in _SET_PATH:
        member &= _sets(user, _SET_PATH[model], content=content or model is not AnnotationSet)
    if not getattr(user, "is_superuser", False):
        # One filter() call, so that user and role are asked of the same membership.
        return cast("QuerySet[Row]", rows.filter(member).annotate(my_role=F(f"{corpus}memberships__role")))
    return cast("QuerySet[Row]", rows.filter(member))


def _events(user: Person, queryset: QuerySet[Row]) -> QuerySet[Row]:
    """Events of corpora that the caller manages, less the work in blind sets of others."""
    hidden = AnnotationSet.objects.filter(blind=True).exclude(owner_id=user.pk).values("id")
    managed = Membership.objects.filter(user=cast("User", user), role=Role.MANAGER).values("corpus_id")
    rows = queryset if getattr(user, "is_superuser", False) else queryset.filter(corpus_id__in=managed)
    return rows.filter(Q(set_id__isnull=True) | ~Q(set_id__in=hidden))


def get_visible(user: Person, queryset: QuerySet[Row], **key: Any) -> Row:
    """The one row that ``key`` names, or ``NotVisible`` in the same words whether or not it exists."""
    try:
        return visible(user, queryset).get(**key)
    except ObjectDoesNotExist:
        raise NotVisible(NOTHING_HERE) from None


def sees_annotators(role: str | None) -> bool:
    """Whether somebody of this role may know that an article has a second annotator."""
    return role == Role.MANAGER
