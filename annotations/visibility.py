"""Visibility: the rows that a user may know of.

``visible(user, queryset)`` restricts a queryset and annotates it with ``my_role``, the role of the user in
the corpus of the row. ``get_visible`` returns one row, ``get_visible_row`` returns it with that role, which
the permission checks need, and ``VisibleRowQuery`` does so with compiled SQL for frequent requests.
Superusers act as managers everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import CharField, Exists, F, Model, OuterRef, Q, QuerySet, Value

from annotations.enums import State
from annotations.exceptions import NotVisibleError
from annotations.messages import message
from annotations.models import (
    AccessToken,
    Actor,
    Affiliation,
    Alias,
    AnnotationSet,
    Article,
    ArticleRights,
    CarryItem,
    CarryOver,
    Comment,
    ConfidentialActor,
    Corpus,
    CorpusRights,
    Decision,
    Delivery,
    DuplicatePair,
    Erasure,
    Event,
    FeedAddress,
    Fingerprint,
    FingerprintHash,
    FrozenAgreement,
    Invitation,
    Job,
    JobKind,
    Judgement,
    Membership,
    Merge,
    NameGram,
    Notification,
    Proposition,
    RegistryName,
    Relation,
    Release,
    ReleaseChunk,
    ReleaseFile,
    Revision,
    Role,
    SavedSearch,
    SearchPart,
    SignInFailures,
    Source,
    Span,
    SpanSource,
    Statement,
    Story,
    StoryMember,
    Topic,
    Webhook,
    Worker,
)
from annotations.models.compiled import CompiledQuery
from annotations.permissions import AnyUser, VisibleRow

Row = TypeVar("Row", bound=Model)

#: One message for rows that do not exist and for rows that the user may not know of.
NOT_FOUND_MESSAGE = message("There is nothing here that you can see; check the address and your membership.")

# The lookup paths from each table to its corpus and to its set.

_CORPUS_PATH: Mapping[type[Model], str] = {
    Corpus: "",
    Membership: "corpus__",
    Article: "corpus__",
    Revision: "article__corpus__",
    AnnotationSet: "corpus__",
    Span: "set__corpus__",
    Relation: "set__corpus__",
    Comment: "set__corpus__",
    CarryItem: "set__corpus__",
    CarryOver: "to_set__corpus__",
    Decision: "set__corpus__",
    Source: "set__corpus__",
    SpanSource: "span__set__corpus__",
    FrozenAgreement: "corpus__",
    Statement: "corpus__",
    Fingerprint: "corpus__",
    FingerprintHash: "corpus__",
    Story: "corpus__",
    StoryMember: "story__corpus__",
    Invitation: "corpus__",
    Actor: "corpus__",
    Alias: "actor__corpus__",
    Topic: "corpus__",
    Proposition: "corpus__",
    Affiliation: "actor__corpus__",
    RegistryName: "corpus__",
    NameGram: "corpus__",
    DuplicatePair: "corpus__",
    SearchPart: "corpus__",
    SavedSearch: "corpus__",
    Webhook: "corpus__",
    Delivery: "webhook__corpus__",
    Judgement: "corpus__",
    Merge: "corpus__",
    Job: "corpus__",
    Release: "corpus__",
    ReleaseFile: "release__corpus__",
    ReleaseChunk: "release__corpus__",
    ArticleRights: "article__corpus__",
    CorpusRights: "corpus__",
    ConfidentialActor: "actor__corpus__",
    Erasure: "article__corpus__",
}
_SET_PATH: Mapping[type[Model], str] = {
    AnnotationSet: "",
    Span: "set__",
    Relation: "set__",
    Comment: "set__",
    CarryItem: "set__",
    CarryOver: "to_set__",
    Decision: "set__",
    Source: "set__",
    SpanSource: "span__set__",
}


#: Tables whose rows are shown to one user only, with the column that names the user.
_USER_COLUMN: Mapping[type[Model], str] = {
    AccessToken: "user_id",
    FeedAddress: "token__user_id",
    Notification: "recipient_id",
}


def _visible_sets(user: AnyUser, path: str, *, content: bool) -> Q:
    """Return the condition for the sets that a user sees: their content, or their rows.

    Managers also see the rows of blind sets.
    """
    role = f"{path}corpus__memberships__role"
    own, not_blind = Q((f"{path}owner_id", user.pk)), Q((f"{path}blind", False))
    if getattr(user, "is_superuser", False):
        # Never ``own | Q()``: Django ignores an empty condition, and only ``own`` would be left.
        return own | not_blind if content else Q()
    reviewers = Q((f"{role}__in", list(Role.REVIEWER.and_above)))
    others = not_blind & (reviewers | Q((f"{path}state", State.APPROVED)))
    if not content:
        others |= Q((role, Role.MANAGER))
    return own | others


def can_read_content(user_id: int, role: str | None, row: AnnotationSet) -> bool:
    """Return whether a member, who need not be the current user, sees the content of a set."""
    sees_others = role in Role.REVIEWER.and_above or row.state == State.APPROVED
    return row.owner_id == user_id or (sees_others and not row.blind)


def visible(user: AnyUser, queryset: QuerySet[Row]) -> QuerySet[Row]:
    """Return the rows of a queryset that ``user`` may know of, with the role of the user as ``my_role``."""
    return _filter_visible(user, queryset, content=False)


def visible_with_content(user: AnyUser, queryset: QuerySet[AnnotationSet]) -> QuerySet[AnnotationSet]:
    """Return the sets whose content ``user`` may see: ``visible`` without the blind sets of others."""
    return _filter_visible(user, queryset, content=True)


def _filter_visible(user: AnyUser, queryset: QuerySet[Row], *, content: bool) -> QuerySet[Row]:
    model = queryset.model
    if not user.is_authenticated or not user.is_active:
        return queryset.none()
    if model in (Worker, SignInFailures):
        return queryset.none()  # they belong to no corpus
    if model in _USER_COLUMN:
        return queryset.filter(**{_USER_COLUMN[model]: user.pk})
    if model is Event:
        return _filter_events(user, queryset)
    corpus = _CORPUS_PATH[model]
    rows: Any = queryset
    if getattr(user, "is_superuser", False):
        rows = rows.annotate(my_role=Value(str(Role.MANAGER), output_field=CharField()))
        member = Q()
    else:
        member = Q((f"{corpus}memberships__user_id", user.pk))
    if model is Job:
        # what an export holds depends on who asked for it
        member &= ~Q(kind=JobKind.EXPORT) | Q(by_id=user.pk)
    if model is SavedSearch:
        member &= Q(shared=True) | Q(owner_id=user.pk)
    if model in _SET_PATH:
        member &= _visible_sets(user, _SET_PATH[model], content=content or model is not AnnotationSet)
    if not getattr(user, "is_superuser", False):
        # One filter() call, so that both conditions apply to the same membership.
        return cast("QuerySet[Row]", rows.filter(member).annotate(my_role=F(f"{corpus}memberships__role")))
    return cast("QuerySet[Row]", rows.filter(member))


def _filter_events(user: AnyUser, queryset: QuerySet[Row]) -> QuerySet[Row]:
    """Return the events of corpora that the user manages, without those of blind sets of others."""
    # Asked for each event: a list of all hidden sets would be read for each page.
    hidden = AnnotationSet.objects.filter(pk=OuterRef("set_id"), blind=True).exclude(owner_id=user.pk)
    managed = Membership.objects.filter(user=cast("User", user), role=Role.MANAGER).values("corpus_id")
    rows = queryset if getattr(user, "is_superuser", False) else queryset.filter(corpus_id__in=managed)
    return rows.filter(~Exists(hidden))


def get_visible(user: AnyUser, queryset: QuerySet[Row], **key: object) -> Row:
    """Return the row that ``key`` identifies; raise ``NotVisibleError`` if it is hidden or missing."""
    try:
        return visible(user, queryset).get(**key)
    except ObjectDoesNotExist:
        raise NotVisibleError(NOT_FOUND_MESSAGE) from None


def get_visible_row(user: AnyUser, queryset: QuerySet[Row], **key: object) -> VisibleRow[Row]:
    """Return what ``get_visible`` returns, with the role of the user in its corpus."""
    return VisibleRow.of(get_visible(user, queryset, **key))


class VisibleRowQuery(Generic[Row]):
    """``get_visible_row(user, rows(), pk=pk)`` as compiled SQL: one query for superusers, one for members."""

    def __init__(self, rows: Callable[[], QuerySet[Row]]) -> None:
        self._queries = {
            superuser: CompiledQuery(partial(self._build, rows, superuser), int, UUID)
            for superuser in (False, True)
        }

    def __call__(self, user: AnyUser, pk: UUID) -> VisibleRow[Row]:
        """Return the row with the role of the user, or raise ``NotVisibleError``."""
        row = None
        if isinstance(user, User) and user.is_active:
            row = self._queries[user.is_superuser].first(user.pk, pk)
        if row is None:
            raise NotVisibleError(NOT_FOUND_MESSAGE)
        return VisibleRow.of(row)

    @staticmethod
    def _build(rows: Callable[[], QuerySet[Row]], superuser: bool, user_id: int, pk: UUID) -> QuerySet[Row]:
        return visible(User(pk=user_id, is_superuser=superuser), rows()).filter(pk=pk)
