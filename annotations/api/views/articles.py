"""Articles, their texts and revisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import filters, parameters
from annotations.api.operations import MEGABYTE, Answer, created, nothing, one, page
from annotations.api.permissions import scopes_of
from annotations.api.preconditions import optional_version
from annotations.api.serializers.articles import (
    ArticleBody,
    ArticleChange,
    ArticleShape,
    ReasonBody,
    RevisionBody,
    RevisionShape,
)
from annotations.api.views.base import View
from annotations.api.views.corpora import CorpusView
from annotations.exceptions import NotVisible
from annotations.models import Article, Revision
from annotations.permissions import Permission, Seen, require
from annotations.says import says
from annotations.services import articles
from annotations.visibility import get_seen, visible

TEXT_BODY = 32 * MEGABYTE


def article_rows(queryset: QuerySet[Article] | None = None) -> QuerySet[Article]:
    """Return articles with all that their serializer shows, without their text."""
    rows = Article.objects.all() if queryset is None else queryset
    return _without_text(rows.select_related("corpus")).defer("corpus__guideline")


def _without_text(rows: QuerySet[Article]) -> QuerySet[Article]:
    unused = ("text", "reason", "created_at", "author")
    return rows.select_related("revision").defer("search_key", *(f"revision__{name}" for name in unused))


class ArticleView(View):
    """Base of the views below one article."""

    def article(self, pk: UUID, permission: Permission) -> Article:
        """Return the article if the caller sees it (404) and has the permission (403)."""
        return self.seen_article(pk, permission).row

    def seen_article(self, pk: UUID, permission: Permission) -> Seen[Article]:
        """Return the article as ``article`` does, with the role of the caller."""
        seen = get_seen(self.person, article_rows(), pk=pk)
        require(self.person, permission, seen)
        return seen


class Articles(CorpusView):
    """The articles of a corpus."""

    resource = "article"
    max_body = TEXT_BODY
    scopes = scopes_of(GET=Permission.VIEW_ARTICLE, POST=Permission.ADD_ARTICLE)
    parameters = {"GET": filters.parameters_of(filters.ARTICLES)}
    bodies = {"POST": ArticleBody}
    answers = {"GET": page(ArticleShape), "POST": created(ArticleShape)}
    refusals = {"POST": ("duplicate", "id-taken", "text-not-allowed")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, without their texts."""
        corpus = self.corpus(slug, Permission.VIEW_ARTICLE)
        # From the corpus object, so that no row loads its corpus again.
        rows = visible(self.person, _without_text(corpus.articles.all()))
        return self.page(filters.apply(filters.ARTICLES, rows, self.person, self.query()), ArticleShape)

    def post(self, request: Request, slug: str) -> Response:
        """Store one with its text, exactly as it is sent."""
        seen = self.seen_corpus(slug, Permission.ADD_ARTICLE)
        article, new = articles.create(self.person, seen, self.body(ArticleBody))
        content = ArticleShape(Seen(article, seen.role))
        return self.created(content, at=f"/api/v1/articles/{article.pk}/", version=article.version, new=new)


class ArticleDetail(ArticleView):
    """One article."""

    resource = "article"
    scopes = scopes_of(
        GET=Permission.VIEW_ARTICLE, PATCH=Permission.CHANGE_ARTICLE, DELETE=Permission.DELETE_ARTICLE
    )
    bodies = {"PATCH": ArticleChange}
    answers = {"GET": one(ArticleShape), "PATCH": one(ArticleShape), "DELETE": nothing()}
    refusals = {"PATCH": ("duplicate", "in-use"), "DELETE": ("in-use",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it, without its text."""
        article = self.article(pk, Permission.VIEW_ARTICLE)
        return self.answer(ArticleShape(article), version=article.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change its metadata."""
        self.article(pk, Permission.CHANGE_ARTICLE)
        changes = self.body(ArticleChange, partial=True)
        article = articles.change(self.person, pk, changes, version=self.version())
        return self.answer(ArticleShape(article), version=article.version)

    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it, if it has no sets."""
        self.article(pk, Permission.DELETE_ARTICLE)
        articles.delete(self.person, pk, version=self.version())
        return self.deleted()


class ArticleText(ArticleView):
    """The text of an article."""

    resource = "article text"
    scopes = scopes_of(GET=Permission.VIEW_ARTICLE)
    parameters = {"GET": {"revision": parameters.number("The number of a revision.", minimum=1)}}
    answers = {"GET": Answer(content={"type": "string"}, media_type="text/plain")}

    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Return the exact text in UTF-8: the current one, or that of a revision."""
        article = self.article(pk, Permission.VIEW_ARTICLE)
        number = self.query().get("revision")
        lookup = {"pk": article.revision_id} if number is None else {"number": min(number, 2**31 - 1)}
        text = Revision.objects.filter(article=article, **lookup).values_list("text", flat=True).first()
        if text is None:
            raise NotVisible(
                says(
                    "The article has no revision {wanted}; its newest is {number}.",
                    wanted=number,
                    number=article.revision.number,
                )
            )
        return HttpResponse(text.encode(), content_type="text/plain; charset=utf-8")


class _ExclusionView(ArticleView):
    """Base of the two views that exclude an article from the work and include it again."""

    scopes = scopes_of(POST=Permission.EXCLUDE_ARTICLE)
    bodies = {"POST": ReasonBody}
    answers = {"POST": one(ArticleShape)}
    refusals = {"POST": ("stale", "not-allowed-now")}
    exclusion: ClassVar[Callable[..., Article]]

    def post(self, request: Request, pk: UUID) -> Response:
        """Say why; If-Match is optional."""
        self.article(pk, Permission.EXCLUDE_ARTICLE)
        reason = self.body(ReasonBody)["reason"]
        version = optional_version(request)
        article = type(self).exclusion(self.person, pk, reason, version=version)
        return self.answer(ArticleShape(article), version=article.version)


class Exclude(_ExclusionView):
    """Excluding an article from the work."""

    resource = "article exclusion"
    exclusion = staticmethod(articles.exclude)


class Include(_ExclusionView):
    """Including an article in the work again."""

    resource = "article inclusion"
    exclusion = staticmethod(articles.include)


class Revisions(ArticleView):
    """The versions of an article's text."""

    resource = "revision"
    max_body = TEXT_BODY
    scopes = scopes_of(GET=Permission.VIEW_ARTICLE, POST=Permission.ADD_REVISION)
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": RevisionBody}
    answers = {"GET": page(RevisionShape), "POST": created(RevisionShape, versioned=False)}
    refusals = {"POST": ("duplicate", "not-allowed-now", "id-taken", "text-not-allowed")}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them, without their texts."""
        article = self.article(pk, Permission.VIEW_ARTICLE)
        rows = Revision.objects.filter(article=article).select_related("author").defer("text")
        return self.page(rows, RevisionShape)

    def post(self, request: Request, pk: UUID) -> Response:
        """Add one, which becomes the current text."""
        self.article(pk, Permission.ADD_REVISION)
        values = self.body(RevisionBody)
        revision, new = articles.add_revision(
            self.person, pk, values["text"], values["reason"], revision_id=values.get("id")
        )
        at = f"/api/v1/articles/{pk}/text/?revision={revision.number}"
        return self.created(RevisionShape(revision), at=at, new=new)
