"""Who sees: the rows that somebody may know of, and each with what they are to its corpus.

``visible(user, queryset)`` answers for rows, ``get_visible`` for one of them and ``Lookup`` for one that
is asked for all the time. Each object that they return carries the caller's role in its corpus as
``my_role``, so that ``permissions.allows`` costs no query after it. Superusers act as managers everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import CharField, F, Model, Q, QuerySet, Value

from annotations.exceptions import NotVisible
from annotations.models import (
    AccessToken,
    Actor,
    Alias,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Decision,
    Event,
    FrozenAgreement,
    Invitation,
    Job,
    JobKind,
    Membership,
    Notification,
    Proposition,
    Relation,
    Release,
    ReleaseChunk,
    ReleaseFile,
    Revision,
    Role,
    Source,
    Span,
    SpanSource,
    Topic,
    Worker,
)
from annotations.models.prepared import Prepared
from annotations.permissions import Person
from annotations.says import says
from annotations.states import State

Row = TypeVar("Row", bound=Model)

#: The same words for what does not exist and for what one may not know of.
NOTHING_HERE = says("There is nothing here that you can see; check the address and your membership.")

# How each table reaches its corpus, and what else restricts it.

_CORPUS_PATH: Mapping[type[Model], str] = {
    Corpus: "",
    Membership: "corpus__",
    Article: "corpus__",
    Revision: "article__corpus__",
    AnnotationSet: "corpus__",
    Span: "set__corpus__",
    Relation: "set__corpus__",
    Comment: "set__corpus__",
    Decision: "set__corpus__",
    Source: "set__corpus__",
    SpanSource: "span__set__corpus__",
    FrozenAgreement: "corpus__",
    Invitation: "corpus__",
    Actor: "corpus__",
    Alias: "actor__corpus__",
    Topic: "corpus__",
    Proposition: "corpus__",
    Job: "corpus__",
    Release: "corpus__",
    ReleaseFile: "release__corpus__",
    ReleaseChunk: "release__corpus__",
}
_SET_PATH: Mapping[type[Model], str] = {
    AnnotationSet: "",
    Span: "set__",
    Relation: "set__",
    Comment: "set__",
    Decision: "set__",
    Source: "set__",
    SpanSource: "span__set__",
}


#: What belongs to one person and is shown to nobody else.
_OWN: Mapping[type[Model], str] = {AccessToken: "user_id", Notification: "recipient_id"}


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


def reads_content(user_id: int, role: str | None, row: AnnotationSet) -> bool:
    """The same of one member and one set, for those who do not ask themselves."""
    sees = role in Role.REVIEWER.including or row.state == State.APPROVED
    return row.owner_id == user_id or (sees and not row.blind)


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
    if model in _OWN:
        return queryset.filter(**{_OWN[model]: user.pk})
    if model is Event:
        return _events(user, queryset)
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


class Lookup(Generic[Row]):
    """``get_visible(user, rows(), pk=pk)`` for what is asked all the time: prepared, per kind of person."""

    def __init__(self, rows: Callable[[], QuerySet[Row]]) -> None:
        self._prepared = {
            superuser: Prepared(partial(self._seen_by, rows, superuser), int, UUID)
            for superuser in (False, True)
        }

    def __call__(self, user: Person, pk: UUID) -> Row:
        """The row, with the caller's role as ``my_role``; or ``NotVisible``."""
        found = None
        if isinstance(user, User) and user.is_active:
            found = self._prepared[user.is_superuser].first(user.pk, pk)
        if found is None:
            raise NotVisible(NOTHING_HERE)
        return found

    @staticmethod
    def _seen_by(rows: Callable[[], QuerySet[Row]], superuser: bool, user_id: int, pk: UUID) -> QuerySet[Row]:
        return visible(User(pk=user_id, is_superuser=superuser), rows()).filter(pk=pk)
