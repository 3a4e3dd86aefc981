"""Articles, their texts and revisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api import filters, parameters
from annotations.api.operations import (
    MEGABYTE,
    ResponseSpec,
    created_response,
    detail_response,
    no_content_response,
    paginated_response,
    unversioned_response,
)
from annotations.api.permissions import scopes_by_method
from annotations.api.preconditions import optional_version
from annotations.api.serializers.articles import (
    ArticleCreateSerializer,
    ArticleSerializer,
    ArticleStatusListSerializer,
    ArticleStatusRequestSerializer,
    ArticleUpdateSerializer,
    ReasonSerializer,
)
from annotations.api.serializers.listed_articles import ListedArticleSerializer
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.enums import State
from annotations.exceptions import NotVisibleError
from annotations.messages import message
from annotations.models import AnnotationSet, Article, Revision
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import articles
from annotations.services.core.stories import with_story_places
from annotations.services.rights import terms
from annotations.visibility import get_visible_row, visible

MAX_TEXT_BODY_BYTES = 32 * MEGABYTE


def article_rows(queryset: QuerySet[Article] | None = None) -> QuerySet[Article]:
    """Return articles with all that their serializer shows, without their text."""
    rows = Article.objects.all() if queryset is None else queryset
    joined = rows.select_related("corpus__rights", "revision", "rights__taken_down_by", "erasure")
    unused = (f"revision__{name}" for name in ("text", "reason", "created_at", "author"))
    return with_story_places(joined).defer("corpus__guideline", "search_key", *unused)


class BaseArticleView(BaseView):
    """Base of the views below one article."""

    def get_article(self, pk: UUID, permission: Permission) -> Article:
        """Return the article if the caller sees it (404) and has the permission (403)."""
        return self.seen_article(pk, permission).row

    def seen_article(self, pk: UUID, permission: Permission) -> VisibleRow[Article]:
        """Return the article as ``article`` does, with the role of the caller."""
        seen = get_visible_row(self.user, article_rows(), pk=pk)
        require_permission(self.user, permission, seen)
        articles.require_not_erased(seen.row)
        return seen


class ArticleListView(BaseCorpusView):
    """The articles of a corpus."""

    resource = "article"
    joined_relations = ("rights",)
    max_body_bytes = MAX_TEXT_BODY_BYTES
    scopes = scopes_by_method(GET=Permission.VIEW_ARTICLE, POST=Permission.ADD_ARTICLE)
    parameters = {"GET": filters.list_parameters(filters.ARTICLES)}
    request_bodies = {"POST": ArticleCreateSerializer}
    responses = {"GET": paginated_response(ArticleSerializer), "POST": created_response(ArticleSerializer)}
    error_codes = {"POST": ("duplicate", "id-taken", "text-not-allowed")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, without their texts."""
        corpus = self.get_corpus(slug, Permission.VIEW_ARTICLE)
        found = visible(self.user, with_story_places(Article.objects.filter(corpus=corpus)))
        rows = filters.apply_filters(filters.ARTICLES, found, self.user, self.query_params())
        return self.paginate(ListedArticleSerializer.select(rows), ListedArticleSerializer, corpus=corpus)

    def post(self, request: Request, slug: str) -> Response:
        """Store one with its text, exactly as it is sent."""
        seen = self.seen_corpus(slug, Permission.ADD_ARTICLE)
        article, new = terms.create_article(self.user, seen, self.validated_data(ArticleCreateSerializer))
        content = ArticleSerializer(VisibleRow(article, seen.role))
        return self.respond_created(
            content, location=api_url(f"articles/{article.pk}/"), version=article.version, new=new
        )


class ArticleStatusView(BaseCorpusView):
    """How far many articles are, by the external ids of the system that sent them."""

    resource = "article status"
    operation_ids = {"POST": "article_status_list"}
    scopes = scopes_by_method(POST=Permission.VIEW_ARTICLE)
    request_bodies = {"POST": ArticleStatusRequestSerializer}
    responses = {"POST": unversioned_response(ArticleStatusListSerializer)}

    def post(self, request: Request, slug: str) -> Response:
        """Answer one row for each external id, once however often it is sent; changes nothing."""
        corpus = self.get_corpus(slug, Permission.VIEW_ARTICLE)
        asked = self.validated_data(ArticleStatusRequestSerializer)["external_ids"]
        gold = visible(self.user, AnnotationSet.objects.filter(article=OuterRef("pk"), state=State.APPROVED))
        rows = visible(self.user, Article.objects.filter(corpus=corpus, external_id__in=asked)).annotate(
            approved_set=Subquery(gold.values("pk")), approved_at=Subquery(gold.values("approved_at"))
        )
        names = ("external_id", "id", "status", "version", "revision_id", "approved_set", "approved_at")
        found = {row["external_id"]: row for row in rows.values(*names)}
        wanted = dict.fromkeys(asked)
        answer = {
            "results": [found[id] for id in wanted if id in found],
            "unknown": [id for id in wanted if id not in found],
        }
        return self.respond(ArticleStatusListSerializer(answer))


class ArticleDetailView(BaseArticleView):
    """One article."""

    resource = "article"
    scopes = scopes_by_method(
        GET=Permission.VIEW_ARTICLE, PATCH=Permission.CHANGE_ARTICLE, DELETE=Permission.DELETE_ARTICLE
    )
    request_bodies = {"PATCH": ArticleUpdateSerializer}
    responses = {
        "GET": detail_response(ArticleSerializer),
        "PATCH": detail_response(ArticleSerializer),
        "DELETE": no_content_response(),
    }
    error_codes = {
        "GET": ("erased",),
        "PATCH": ("duplicate", "in-use", "erased"),
        "DELETE": ("in-use", "erased"),
    }

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it, without its text."""
        article = self.get_article(pk, Permission.VIEW_ARTICLE)
        return self.respond(ArticleSerializer(article), version=article.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change its metadata."""
        self.get_article(pk, Permission.CHANGE_ARTICLE)
        changes = self.validated_data(ArticleUpdateSerializer, partial=True)
        article = terms.update_article(self.user, pk, changes, version=self.expected_version())
        return self.respond(ArticleSerializer(article), version=article.version)

    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it, if it has no sets."""
        self.get_article(pk, Permission.DELETE_ARTICLE)
        articles.delete_article(self.user, pk, version=self.expected_version())
        return self.respond_no_content()


class ArticleTextView(BaseArticleView):
    """The text of an article."""

    resource = "article text"
    scopes = scopes_by_method(GET=Permission.VIEW_ARTICLE)
    parameters = {"GET": {"revision": parameters.number("The number of a revision.", minimum=1)}}
    responses = {"GET": ResponseSpec(content={"type": "string"}, media_types=("text/plain",))}
    error_codes = {"GET": ("erased",)}

    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Return the exact text in UTF-8: the current one, or that of a revision."""
        article = self.get_article(pk, Permission.VIEW_ARTICLE)
        number = self.query_params().get("revision")
        lookup = {"pk": article.revision_id} if number is None else {"number": min(number, 2**31 - 1)}
        text = Revision.objects.filter(article=article, **lookup).values_list("text", flat=True).first()
        if text is None:
            raise NotVisibleError(
                message(
                    "The article has no revision {wanted}; its newest is {number}.",
                    wanted=number,
                    number=article.revision.number,
                )
            )
        return HttpResponse(text.encode(), content_type="text/plain; charset=utf-8")


class _ExclusionView(BaseArticleView):
    """Base of the two views that exclude an article from the work and include it again."""

    scopes = scopes_by_method(POST=Permission.EXCLUDE_ARTICLE)
    request_bodies = {"POST": ReasonSerializer}
    responses = {"POST": detail_response(ArticleSerializer)}
    error_codes = {"POST": ("stale", "not-allowed-now")}
    exclusion: ClassVar[Callable[..., Article]]

    def post(self, request: Request, pk: UUID) -> Response:
        """Say why; If-Match is optional."""
        self.get_article(pk, Permission.EXCLUDE_ARTICLE)
        reason = self.validated_data(ReasonSerializer)["reason"]
        version = optional_version(request)
        article = type(self).exclusion(self.user, pk, reason, version=version)
        return self.respond(ArticleSerializer(article), version=article.version)


class ArticleExcludeView(_ExclusionView):
    """Excluding an article from the work."""

    resource = "article exclusion"
    exclusion = staticmethod(articles.exclude_article)


class ArticleIncludeView(_ExclusionView):
    """Including an article in the work again."""

    resource = "article inclusion"
    exclusion = staticmethod(articles.include_article)
