"""The rights in the articles of a corpus, and the takedown of one article."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.operations import detail_response
from annotations.api.permissions import scopes_by_method
from annotations.api.preconditions import optional_version
from annotations.api.serializers.articles import ArticleSerializer, ReasonSerializer, TakenDownSerializer
from annotations.api.serializers.rights import (
    CorpusRightsSerializer,
    HoldingReleaseSerializer,
    TakeDownSerializer,
    TermsSerializer,
)
from annotations.api.views.articles import BaseArticleView
from annotations.api.views.corpora import BaseCorpusView
from annotations.models import Article, Corpus
from annotations.permissions import Permission
from annotations.services.releases.takedown import releases_with_article, take_down_article
from annotations.services.rights import takedown, terms
from annotations.services.rights.counts import count_rights


class CorpusRightsView(BaseCorpusView):
    """The rights in the articles of a corpus."""

    resource = "corpus rights"
    scopes = scopes_by_method(GET=Permission.VIEW_RIGHTS, PATCH=Permission.CHANGE_RIGHTS)
    request_bodies = {"PATCH": TermsSerializer}
    responses = {
        "GET": detail_response(CorpusRightsSerializer),
        "PATCH": detail_response(CorpusRightsSerializer),
    }

    def get(self, request: Request, slug: str) -> Response:
        """Show the terms of articles that have none of their own, and count licences, embargoes and so on."""
        return self._show(self.get_corpus(slug, Permission.VIEW_RIGHTS))

    def patch(self, request: Request, slug: str) -> Response:
        """Change the terms of the articles that have none of their own."""
        corpus = self.get_corpus(slug, Permission.CHANGE_RIGHTS)
        changes = self.validated_data(TermsSerializer, partial=True)
        terms.update_corpus_rights(self.user, corpus.pk, changes, version=self.expected_version())
        return self._show(Corpus.objects.defer(*self.deferred_fields).get(pk=corpus.pk))

    def _show(self, corpus: Corpus) -> Response:
        rights = terms.corpus_rights(corpus)
        shown: Any = rights
        shown.counts = count_rights(corpus)
        return self.respond(CorpusRightsSerializer(shown), version=rights.version)


class ArticleTakeDownView(BaseArticleView):
    """Taking an article down."""

    resource = "article takedown"
    scopes = scopes_by_method(POST=Permission.TAKE_DOWN_ARTICLE)
    request_bodies = {"POST": TakeDownSerializer}
    responses = {"POST": detail_response(TakenDownSerializer)}
    error_codes = {"POST": ("stale", "not-in-corpus", "not-allowed-now")}

    def post(self, request: Request, pk: UUID) -> Response:
        """Take it out of everything new, and list the releases that hold it; If-Match is optional."""
        self.get_article(pk, Permission.TAKE_DOWN_ARTICLE)
        values = self.validated_data(TakeDownSerializer)
        article = take_down_article(self.user, pk, **values, version=optional_version(request))
        return self._show(article)

    def _show(self, article: Article) -> Response:
        holding = releases_with_article(article.corpus_id, article.pk)
        answer = {
            "article": ArticleSerializer(article).data,
            "releases": HoldingReleaseSerializer(holding, many=True).data,
        }
        return self.respond(answer, version=article.version)


class ArticleRestoreView(BaseArticleView):
    """Letting an article out again that was taken down."""

    resource = "article restoration"
    scopes = scopes_by_method(POST=Permission.TAKE_DOWN_ARTICLE)
    request_bodies = {"POST": ReasonSerializer}
    responses = {"POST": detail_response(ArticleSerializer)}
    error_codes = {"POST": ("stale",)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Say why; releases that were withdrawn stay so. If-Match is optional."""
        self.get_article(pk, Permission.TAKE_DOWN_ARTICLE)
        reason = self.validated_data(ReasonSerializer)["reason"]
        article = takedown.restore_article(self.user, pk, reason, version=optional_version(request))
        return self.respond(ArticleSerializer(article), version=article.version)
