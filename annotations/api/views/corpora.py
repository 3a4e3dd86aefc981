"""Corpora, their members and statistics; the caller and their access tokens."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api import parameters
from annotations.api.operations import (
    created_response,
    detail_response,
    no_content_response,
    paginated_response,
    unversioned_response,
)
from annotations.api.permissions import SessionOnly, require_may_give, scopes_by_method
from annotations.api.serializers.corpora import (
    CorpusSerializer,
    CorpusUpdateSerializer,
    MemberSerializer,
    MemberUpdateSerializer,
    MeSerializer,
    StatsSerializer,
    TokenSerializer,
    TokenWithSecretSerializer,
)
from annotations.api.views.base import BaseView
from annotations.enums import Scope
from annotations.exceptions import InsufficientRoleError
from annotations.messages import message
from annotations.models import AccessToken, Corpus, Membership, Role
from annotations.permissions import Permission, VisibleRow, is_allowed, require_permission
from annotations.services.core import access_tokens, corpora
from annotations.services.core.sets import find_user
from annotations.services.team import corpus_counts, progress
from annotations.visibility import get_visible, get_visible_row, visible


class BaseCorpusView(BaseView):
    """Base of the views below one corpus."""

    #: Columns that the queries leave out: a guideline can be longer than all other data of a request.
    deferred_fields: ClassVar[tuple[str, ...]] = ("guideline",)
    #: Rows of other tables that are read with the corpus.
    joined_relations: ClassVar[tuple[str, ...]] = ()

    def get_corpus(self, slug: str, permission: Permission) -> Corpus:
        """Return the corpus if the caller sees it (404) and has the permission in it (403)."""
        return self.seen_corpus(slug, permission).row

    def seen_corpus(self, slug: str, permission: Permission) -> VisibleRow[Corpus]:
        """Return the corpus as ``corpus`` does, with the role of the caller."""
        rows = Corpus.objects.defer(*self.deferred_fields)
        if self.joined_relations:
            rows = rows.select_related(*self.joined_relations)
        seen = get_visible_row(self.user, rows, slug=slug)
        require_permission(self.user, permission, seen)
        return seen


class CorpusListView(BaseView):
    """The corpora of which the caller is a member."""

    resource = "corpus"
    scopes = scopes_by_method(GET=Permission.VIEW_CORPUS, POST=Permission.CHANGE_CORPUS)
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": CorpusSerializer}
    responses = {"GET": paginated_response(CorpusSerializer), "POST": created_response(CorpusSerializer)}
    error_codes = {"POST": ("role", "duplicate", "id-taken")}

    def get(self, request: Request) -> Response:
        """List them."""
        return self.paginate(visible(self.user, Corpus.objects.all()), CorpusSerializer)

    def post(self, request: Request) -> Response:
        """Create one; the caller becomes its manager."""
        if not self.user.has_perm("annotations.add_corpus"):
            raise InsufficientRoleError(
                message("Founding a corpus needs the permission “add corpus”; ask an administrator.")
            )
        values = self.validated_data(CorpusSerializer)
        if not values["guideline"]:
            del values["guideline"]  # the service takes the default guideline
        corpus, new = corpora.create_corpus(self.user, values)
        at = api_url(f"corpora/{corpus.slug}/")
        return self.respond_created(CorpusSerializer(corpus), location=at, version=corpus.version, new=new)


class CorpusDetailView(BaseCorpusView):
    """One corpus."""

    deferred_fields = ()
    resource = "corpus"
    scopes = scopes_by_method(
        GET=Permission.VIEW_CORPUS, PATCH=Permission.CHANGE_CORPUS, DELETE=Permission.DELETE_CORPUS
    )
    request_bodies = {"PATCH": CorpusUpdateSerializer}
    responses = {
        "GET": detail_response(CorpusSerializer),
        "PATCH": detail_response(CorpusSerializer),
        "DELETE": no_content_response(),
    }
    error_codes = {"PATCH": ("not-allowed-now",), "DELETE": ("in-use",)}

    def get(self, request: Request, slug: str) -> Response:
        """Show it."""
        corpus = self.get_corpus(slug, Permission.VIEW_CORPUS)
        return self.respond(CorpusSerializer(corpus), version=corpus.version)

    def patch(self, request: Request, slug: str) -> Response:
        """Change it; a new guideline raises its version."""
        seen = self.get_corpus(slug, Permission.CHANGE_CORPUS)
        changes = self.validated_data(CorpusUpdateSerializer, partial=True)
        corpus = corpora.update_corpus(self.user, seen.pk, changes, version=self.expected_version())
        return self.respond(CorpusSerializer(corpus), version=corpus.version)

    def delete(self, request: Request, slug: str) -> Response:
        """Delete it, if it has no articles."""
        seen = self.get_corpus(slug, Permission.DELETE_CORPUS)
        corpora.delete_corpus(self.user, seen.pk, version=self.expected_version())
        return self.respond_no_content()


class MemberListView(BaseCorpusView):
    """The members of a corpus."""

    resource = "member"
    scopes = scopes_by_method(GET=Permission.VIEW_MEMBERS, POST=Permission.CHANGE_MEMBERS)
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": MemberSerializer}
    responses = {"GET": paginated_response(MemberSerializer), "POST": created_response(MemberSerializer)}
    error_codes = {"POST": ("duplicate", "unknown-user")}

    def get(self, request: Request, slug: str) -> Response:
        """List them."""
        corpus = self.get_corpus(slug, Permission.VIEW_MEMBERS)
        return self.paginate(_members(corpus), MemberSerializer)

    def post(self, request: Request, slug: str) -> Response:
        """Make somebody a member; only a session makes managers."""
        corpus = self.get_corpus(slug, Permission.CHANGE_MEMBERS)
        values = self.validated_data(MemberSerializer)
        require_may_give(request, Role(values["role"]))
        user = find_user(values["user"]["username"], location="/username")
        member, new = corpora.add_member(self.user, corpus.pk, user, Role(values["role"]))
        at = api_url(f"corpora/{slug}/members/{user.get_username()}/")
        return self.respond_created(MemberSerializer(member), location=at, version=member.version, new=new)


class MemberDetailView(BaseCorpusView):
    """One membership."""

    resource = "member"
    scopes = scopes_by_method(PATCH=Permission.CHANGE_MEMBERS, DELETE=Permission.CHANGE_MEMBERS)
    request_bodies = {"PATCH": MemberUpdateSerializer}
    responses = {"PATCH": detail_response(MemberSerializer), "DELETE": no_content_response()}
    error_codes = {"PATCH": ("not-allowed-now",), "DELETE": ("not-allowed-now",)}

    def patch(self, request: Request, slug: str, username: str) -> Response:
        """Give the member another role; only a session makes managers."""
        corpus = self._corpus(slug, username)
        role = Role(self.validated_data(MemberUpdateSerializer)["role"])
        require_may_give(request, role)
        member = corpora.update_member(self.user, corpus.pk, username, role, version=self.expected_version())
        return self.respond(MemberSerializer(member), version=member.version)

    def delete(self, request: Request, slug: str, username: str) -> Response:
        """End the membership; the work stays."""
        corpus = self._corpus(slug, username)
        corpora.remove_member(self.user, corpus.pk, username, version=self.expected_version())
        return self.respond_no_content()

    def _corpus(self, slug: str, username: str) -> Corpus:
        seen = self.seen_corpus(slug, Permission.VIEW_MEMBERS)
        get_visible(self.user, _members(seen.row), user__username=username)
        return require_permission(self.user, Permission.CHANGE_MEMBERS, seen)


def _members(corpus: Corpus) -> QuerySet[Membership]:
    return Membership.objects.filter(corpus=corpus).select_related("user")


class StatsView(BaseCorpusView):
    """Counts of what the caller sees."""

    resource = "stats"
    scopes = scopes_by_method(GET=Permission.VIEW_ARTICLE)
    parameters = {"GET": {"progress": parameters.boolean("Whether managers get the progress, too.")}}
    responses = {"GET": unversioned_response(StatsSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """Count articles by status, sets by state and spans by label; managers may ask for the progress."""
        seen = self.seen_corpus(slug, Permission.VIEW_ARTICLE)
        corpus = seen.row
        is_asked = self.query_params().get("progress", False)
        has_progress = is_asked and is_allowed(self.user, Permission.VIEW_PROGRESS, seen)
        content = {
            **corpus_counts.count_corpus(self.user, corpus),
            "progress": progress.corpus_progress(self.user, corpus) if has_progress else None,
        }
        return self.respond(content, translated=has_progress)


class MeView(BaseView):
    """The caller."""

    resource = "me"
    scopes = {"GET": (Scope.READ,)}
    responses = {"GET": unversioned_response(MeSerializer)}

    def get(self, request: Request) -> Response:
        """Show who you are, and your role in each corpus."""
        memberships = Membership.objects.filter(user=self.user).select_related("corpus")
        token = request.auth if isinstance(request.auth, AccessToken) else None
        content = {
            "username": self.user.get_username(),
            "name": self.user.get_full_name() or None,
            "scopes": token.scopes if token else None,
            "memberships": [{"corpus": row.corpus.slug, "role": row.role} for row in memberships],
        }
        return self.respond(content)


class TokenListView(BaseView):
    """The caller's access tokens; a token never makes or shows tokens."""

    resource = "token"
    permission_classes = (SessionOnly,)
    scopes = {"GET": (), "POST": ()}
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": TokenSerializer}
    responses = {
        "GET": paginated_response(TokenSerializer),
        "POST": created_response(TokenWithSecretSerializer, versioned=False),
    }
    error_codes = {"POST": ("id-taken",)}

    def get(self, request: Request) -> Response:
        """List them, without their secrets."""
        return self.paginate(visible(self.user, AccessToken.objects.all()), TokenSerializer)

    def post(self, request: Request) -> Response:
        """Make one; the answer shows its secret, and nothing does again: a repeat has null there."""
        values = self.validated_data(TokenSerializer)
        row, secret = access_tokens.create_token(
            self.user,
            values["name"],
            values["scopes"],
            expires_at=values["expires_at"],
            id=values.get("id"),
        )
        content = {**TokenSerializer(row).data, "token": secret or None}
        return self.respond_created(content, location=api_url(f"tokens/{row.pk}/"), new=bool(secret))


class TokenDetailView(BaseView):
    """One access token."""

    resource = "token"
    permission_classes = (SessionOnly,)
    scopes = {"GET": (), "DELETE": ()}
    requires_if_match = frozenset()
    responses = {"GET": unversioned_response(TokenSerializer), "DELETE": no_content_response()}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it, without its secret."""
        return self.respond(TokenSerializer(get_visible(self.user, AccessToken.objects.all(), pk=pk)))

    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke it; it stops working at once."""
        get_visible(self.user, AccessToken.objects.all(), pk=pk)
        self.query_params()
        access_tokens.revoke_token(self.user, pk)
        return self.respond_no_content()
