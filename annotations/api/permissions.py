"""Scopes: what an access token may be used for. What its owner may do is ``annotations.permissions``."""

from __future__ import annotations

from collections.abc import Collection

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from annotations.api.operations import OperationTables
from annotations.api.problems import MissingScopeError
from annotations.enums import Scope
from annotations.messages import join_choices, message, term
from annotations.models import AccessToken, Role
from annotations.permissions import PERMISSIONS, SESSION_ONLY_ROLES, Permission


class HasScope(BasePermission):
    """Permission for authenticated users whose token has one of the scopes that the view declares.

    ``scopes = {"GET": ("read",), "POST": ("annotate", "review")}`` on the view: any one suffices.
    HEAD counts as GET. A session has every scope. A view that handles a method without declaring its
    scopes answers 500, also to sessions, so that no test can miss it.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return True, or raise an error that names the missing scope."""
        _require_authenticated(request)
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method == "OPTIONS" or not _is_handled(view, method):
            return True
        if not isinstance(view, OperationTables) or method not in view.scopes:
            raise RuntimeError(f"{type(view).__name__} declares no scopes for {method}.")
        require_scope(request, view.scopes[method])
        return True


class HasScopeUnlessAnonymous(HasScope):
    """Permission for what a view lets anonymous readers see, too: a token still needs one of its scopes."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return True, or raise an error that names the missing scope."""
        return not request.user.is_authenticated or super().has_permission(request, view)


class SessionOnly(BasePermission):
    """Permission for sessions alone, for actions that no token may take, such as making tokens."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return True for a session; raise ``MissingScopeError`` for a token."""
        _require_authenticated(request)
        if isinstance(request.auth, AccessToken):
            raise MissingScopeError(
                message("No access token may be used here; sign in with a browser."), needed=[]
            )
        return True


def _is_handled(view: APIView, method: str) -> bool:
    # Only names of HTTP methods: a view has other attributes, and QUERY or BODY must be 405 like any
    # other method without a handler.
    return method.lower() in view.http_method_names and hasattr(view, method.lower())


def _require_authenticated(request: Request) -> None:
    if not request.user.is_authenticated:
        raise NotAuthenticated


def require_scope(request: Request, needed: Collection[str]) -> None:
    """Raise ``MissingScopeError`` for a token that has none of the needed scopes; a session has all."""
    token = request.auth
    if isinstance(token, AccessToken) and not set(needed) & set(token.scopes):
        names = join_choices(str(scope) for scope in needed)
        raise MissingScopeError(
            message("The access token lacks the scope {names}; use a token that has it.", names=names),
            needed=[str(scope) for scope in needed],
        )


def require_may_give(request: Request, role: Role) -> None:
    """Raise ``MissingScopeError`` for a token that gives somebody a role which only a session may give."""
    if role in SESSION_ONLY_ROLES and isinstance(request.auth, AccessToken):
        raise MissingScopeError(
            message(
                "No access token may make somebody a {role}; sign in with a browser, or give another role.",
                role=term("Role", role),
            ),
            needed=[],
        )


def scopes_by_method(**methods: Permission) -> dict[str, tuple[Scope, ...]]:
    """Return the scopes of a view's methods, which are named with their permissions (``GET=…, POST=…``)."""
    return {method: PERMISSIONS[permission].scopes for method, permission in methods.items()}
