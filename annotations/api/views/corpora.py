"""Corpora, their members and statistics; the caller and their access tokens."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import parameters
from annotations.api.operations import created, nothing, one, page, plain
from annotations.api.permissions import SessionOnly, scopes_of
from annotations.api.serializers.corpora import (
    CorpusChange,
    CorpusShape,
    MemberChange,
    MemberShape,
    MeShape,
    NewTokenShape,
    StatsShape,
    TokenShape,
)
from annotations.api.views.base import View
from annotations.exceptions import NotYourRole
from annotations.models import AccessToken, Corpus, Membership, Role
from annotations.permissions import Permission, Scope, Seen, allows, require
from annotations.says import says
from annotations.services import corpora, progress, stats, tokens
from annotations.services.sets import find_user
from annotations.visibility import get_seen, get_visible, visible


class CorpusView(View):
    """Base of the views below one corpus."""

    #: Columns that the queries leave out: a guideline can be longer than all other data of a request.
    without: ClassVar[tuple[str, ...]] = ("guideline",)

    def corpus(self, slug: str, permission: Permission) -> Corpus:
        """Return the corpus if the caller sees it (404) and has the permission in it (403)."""
        return self.seen_corpus(slug, permission).row

    def seen_corpus(self, slug: str, permission: Permission) -> Seen[Corpus]:
        """Return the corpus as ``corpus`` does, with the role of the caller."""
        seen = get_seen(self.person, Corpus.objects.defer(*self.without), slug=slug)
        require(self.person, permission, seen)
        return seen


class Corpora(View):
    """The corpora of which the caller is a member."""

    resource = "corpus"
    scopes = scopes_of(GET=Permission.VIEW_CORPUS, POST=Permission.CHANGE_CORPUS)
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": CorpusShape}
    answers = {"GET": page(CorpusShape), "POST": created(CorpusShape)}
    refusals = {"POST": ("role", "duplicate", "id-taken")}

    def get(self, request: Request) -> Response:
        """List them."""
        return self.page(visible(self.person, Corpus.objects.all()), CorpusShape)

    def post(self, request: Request) -> Response:
        """Create one; the caller becomes its manager."""
        if not self.person.has_perm("annotations.add_corpus"):
            raise NotYourRole(
                says("Founding a corpus needs the permission “add corpus”; ask an administrator.")
            )
        values = self.body(CorpusShape)
        if not values["guideline"]:
            del values["guideline"]  # the service takes the default guideline
        corpus, new = corpora.create(self.person, values)
        at = f"/api/v1/corpora/{corpus.slug}/"
        return self.created(CorpusShape(corpus), at=at, version=corpus.version, new=new)


class CorpusDetail(CorpusView):
    """One corpus."""

    without = ()
    resource = "corpus"
    scopes = scopes_of(
        GET=Permission.VIEW_CORPUS, PATCH=Permission.CHANGE_CORPUS, DELETE=Permission.DELETE_CORPUS
    )
    bodies = {"PATCH": CorpusChange}
    answers = {"GET": one(CorpusShape), "PATCH": one(CorpusShape), "DELETE": nothing()}
    refusals = {"PATCH": ("not-allowed-now",), "DELETE": ("in-use",)}

    def get(self, request: Request, slug: str) -> Response:
        """Show it."""
        corpus = self.corpus(slug, Permission.VIEW_CORPUS)
        return self.answer(CorpusShape(corpus), version=corpus.version)

    def patch(self, request: Request, slug: str) -> Response:
        """Change it; a new guideline raises its version."""
        seen = self.corpus(slug, Permission.CHANGE_CORPUS)
        changes = self.body(CorpusChange, partial=True)
        corpus = corpora.change(self.person, seen.pk, changes, version=self.version())
        return self.answer(CorpusShape(corpus), version=corpus.version)

    def delete(self, request: Request, slug: str) -> Response:
        """Delete it, if it has no articles."""
        seen = self.corpus(slug, Permission.DELETE_CORPUS)
        corpora.delete(self.person, seen.pk, version=self.version())
        return self.deleted()


class Members(CorpusView):
    """The members of a corpus."""

    resource = "member"
    scopes = scopes_of(GET=Permission.VIEW_MEMBERS, POST=Permission.CHANGE_MEMBERS)
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": MemberShape}
    answers = {"GET": page(MemberShape), "POST": created(MemberShape)}
    refusals = {"POST": ("duplicate", "unknown-user")}

    def get(self, request: Request, slug: str) -> Response:
        """List them."""
        corpus = self.corpus(slug, Permission.VIEW_MEMBERS)
        return self.page(_members(corpus), MemberShape)

    def post(self, request: Request, slug: str) -> Response:
        """Make somebody a member."""
        corpus = self.corpus(slug, Permission.CHANGE_MEMBERS)
        values = self.body(MemberShape)
        user = find_user(values["user"]["username"], at="/username")
        member, new = corpora.add_member(self.person, corpus.pk, user, Role(values["role"]))
        at = f"/api/v1/corpora/{slug}/members/{user.get_username()}/"
        return self.created(MemberShape(member), at=at, version=member.version, new=new)


class MemberDetail(CorpusView):
    """One membership."""

    resource = "member"
    scopes = scopes_of(PATCH=Permission.CHANGE_MEMBERS, DELETE=Permission.CHANGE_MEMBERS)
    bodies = {"PATCH": MemberChange}
    answers = {"PATCH": one(MemberShape), "DELETE": nothing()}
    refusals = {"PATCH": ("not-allowed-now",), "DELETE": ("not-allowed-now",)}

    def patch(self, request: Request, slug: str, username: str) -> Response:
        """Give the member another role."""
        corpus = self._corpus(slug, username)
        role = Role(self.body(MemberChange)["role"])
        member = corpora.change_member(self.person, corpus.pk, username, role, version=self.version())
        return self.answer(MemberShape(member), version=member.version)

    def delete(self, request: Request, slug: str, username: str) -> Response:
        """End the membership; the work stays."""
        corpus = self._corpus(slug, username)
        corpora.remove_member(self.person, corpus.pk, username, version=self.version())
        return self.deleted()

    def _corpus(self, slug: str, username: str) -> Corpus:
        seen = self.seen_corpus(slug, Permission.VIEW_MEMBERS)
        get_visible(self.person, _members(seen.row), user__username=username)
        return require(self.person, Permission.CHANGE_MEMBERS, seen)


def _members(corpus: Corpus) -> QuerySet[Membership]:
    return Membership.objects.filter(corpus=corpus).select_related("user")


class Stats(CorpusView):
    """Counts of what the caller sees."""

    resource = "stats"
    scopes = scopes_of(GET=Permission.VIEW_ARTICLE)
    answers = {"GET": plain(StatsShape)}

    def get(self, request: Request, slug: str) -> Response:
        """Count articles by status, sets by state and spans by label; managers get the progress, too."""
        seen = self.seen_corpus(slug, Permission.VIEW_ARTICLE)
        corpus = seen.row
        self.query()
        is_manager = allows(self.person, Permission.VIEW_PROGRESS, seen)
        content = {
            **stats.of_corpus(self.person, corpus),
            "progress": progress.of_corpus(corpus) if is_manager else None,
        }
        return self.answer(content, told=is_manager)


class Me(View):
    """The caller."""

    resource = "me"
    scopes = {"GET": (Scope.READ,)}
    answers = {"GET": plain(MeShape)}

    def get(self, request: Request) -> Response:
        """Show who you are, and your role in each corpus."""
        memberships = Membership.objects.filter(user=self.person).select_related("corpus")
        token = request.auth if isinstance(request.auth, AccessToken) else None
        content = {
            "username": self.person.get_username(),
            "name": self.person.get_full_name() or None,
            "scopes": token.scopes if token else None,
            "memberships": [{"corpus": row.corpus.slug, "role": row.role} for row in memberships],
        }
        return self.answer(content)


class Tokens(View):
    """The caller's access tokens; a token never makes or shows tokens."""

    resource = "token"
    permission_classes = (SessionOnly,)
    scopes = {"GET": (), "POST": ()}
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": TokenShape}
    answers = {"GET": page(TokenShape), "POST": created(NewTokenShape, versioned=False)}
    refusals = {"POST": ("id-taken",)}

    def get(self, request: Request) -> Response:
        """List them, without their secrets."""
        return self.page(visible(self.person, AccessToken.objects.all()), TokenShape)

    def post(self, request: Request) -> Response:
        """Make one; the answer shows its secret, and nothing does again."""
        values = self.body(TokenShape)
        row, secret = tokens.create(
            self.person,
            values["name"],
            values["scopes"],
            expires_at=values["expires_at"],
            id=values.get("id"),
        )
        content = {**TokenShape(row).data, "token": secret}
        return self.created(content, at=f"/api/v1/tokens/{row.pk}/")


class TokenDetail(View):
    """One access token."""

    resource = "token"
    permission_classes = (SessionOnly,)
    scopes = {"GET": (), "DELETE": ()}
    guarded = frozenset()
    answers = {"GET": plain(TokenShape), "DELETE": nothing()}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it, without its secret."""
        return self.answer(TokenShape(get_visible(self.person, AccessToken.objects.all(), pk=pk)))

    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke it; it stops working at once."""
        get_visible(self.person, AccessToken.objects.all(), pk=pk)
        self.query()
        tokens.revoke(self.person, pk)
        return self.deleted()
