"""The user of a request, and the permissions of their roles; Django's model permissions are not used."""

from __future__ import annotations

from typing import TypeVar, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from annotations.exceptions import NotVisibleError
from annotations.models import Corpus, Membership, Role
from annotations.permissions import PERMISSIONS, Permission, VisibleRow, is_allowed
from annotations.visibility import get_visible, visible

Row = TypeVar("Row", bound=Model)

#: The user's role in each corpus, read once a request, since a page checks permissions for every table.
_roles: WeakKeyDictionary[HttpRequest, tuple[str, ...]] = WeakKeyDictionary()


def current_user(request: HttpRequest) -> User:
    """Return the user of the request; the admin lets in nobody who is not signed in."""
    return cast("User", request.user)


def is_superuser(request: HttpRequest) -> bool:
    """Return whether the user is an active superuser."""
    return bool(request.user.is_active and request.user.is_staff and request.user.is_superuser)


def current_roles(request: HttpRequest) -> frozenset[str]:
    """Return every role that the user has in some corpus."""
    return frozenset(_roles_in_corpora(request))


def is_in_one_corpus(request: HttpRequest) -> bool:
    """Return whether naming the corpus of a row would tell the user nothing."""
    return len(_roles_in_corpora(request)) == 1 and not request.user.is_superuser


def _roles_in_corpora(request: HttpRequest) -> tuple[str, ...]:
    if request not in _roles:
        _roles[request] = _read_roles(request)
    return _roles[request]


def _read_roles(request: HttpRequest) -> tuple[str, ...]:
    user = request.user
    if not (user.is_active and user.is_staff):
        return ()
    if user.is_superuser:
        return (Role.MANAGER,)
    return tuple(Membership.objects.filter(user_id=user.pk).order_by().values_list("role", flat=True))


def has_permission_somewhere(request: HttpRequest, permission: Permission) -> bool:
    """Return whether the user has the permission in some corpus."""
    return not current_roles(request).isdisjoint(PERMISSIONS[permission].role.and_above)


def has_permission(request: HttpRequest, permission: Permission, obj: Model) -> bool:
    """Return whether the user has the permission for an object, which need not come from ``visible``."""
    row: Model | None = obj
    if not hasattr(obj, "my_role"):
        row = visible(current_user(request), type(obj)._default_manager.filter(pk=obj.pk)).first()
    return row is not None and is_allowed(current_user(request), permission, VisibleRow.of(row))


def get_visible_or_404(request: HttpRequest, rows: QuerySet[Row], pk: UUID) -> Row:
    """Return the row with an id if the user sees it; raise ``Http404`` if not."""
    try:
        return get_visible(current_user(request), rows, pk=pk)
    except NotVisibleError as error:
        raise Http404 from error


def is_archived(obj: Model) -> bool:
    """Return whether the object belongs to a corpus that can only be read."""
    corpus = getattr(obj, "corpus", None)
    return isinstance(corpus, Corpus) and corpus.archived
