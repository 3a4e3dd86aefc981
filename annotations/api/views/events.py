"""The audit trail of a corpus or an article, for systems that follow it."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import filters, parameters
from annotations.api.operations import page
from annotations.api.pagination import SeqPage
from annotations.api.permissions import scopes_of
from annotations.api.serializers.events import EventShape
from annotations.api.views.articles import ArticleView
from annotations.api.views.corpora import CorpusView
from annotations.models import Event
from annotations.permissions import Permission
from annotations.services import events
from annotations.visibility import visible


class CorpusEvents(CorpusView):
    """The events of a corpus, without the work in sets that are still hidden from the caller."""

    resource = "event"
    pagination_class = SeqPage
    scopes = scopes_of(GET=Permission.VIEW_EVENTS)
    parameters = {"GET": filters.parameters_of(filters.EVENTS)}
    answers = {"GET": page(EventShape)}

    def get(self, request: Request, slug: str) -> Response:
        """List them by seq; ``after=`` the last seq that you have gives the new ones, with no gaps."""
        corpus = self.corpus(slug, Permission.VIEW_EVENTS)
        params = self.query()
        rows = visible(self.person, Event.objects.filter(corpus_id=corpus.pk, seq__lte=events.horizon()))
        return self.page(filters.apply(filters.EVENTS, rows, self.person, params), EventShape)


class ArticleHistory(ArticleView):
    """The events of an article and all its sets."""

    resource = "article history"
    pagination_class = SeqPage
    scopes = scopes_of(GET=Permission.VIEW_EVENTS)
    parameters = {"GET": parameters.PAGE}
    answers = {"GET": page(EventShape)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them in their order, without the work in sets that are still hidden from the caller."""
        article = self.article(pk, Permission.VIEW_EVENTS)
        rows = Event.objects.filter(article_id=article.pk, seq__lte=events.horizon())
        return self.page(visible(self.person, rows), EventShape)
