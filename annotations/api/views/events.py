"""The audit trail of a corpus or an article, for systems that follow it."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import filters, parameters
from annotations.api.operations import paginated_response
from annotations.api.pagination import SeqPage
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.events import EventSerializer
from annotations.api.views.articles import BaseArticleView
from annotations.api.views.corpora import BaseCorpusView
from annotations.models import Event
from annotations.permissions import Permission
from annotations.services.core import events
from annotations.visibility import visible


class CorpusEventListView(BaseCorpusView):
    """The events of a corpus, without the work in sets that are still hidden from the caller."""

    resource = "event"
    pagination_class = SeqPage
    scopes = scopes_by_method(GET=Permission.VIEW_EVENTS)
    parameters = {"GET": filters.list_parameters(filters.EVENTS)}
    responses = {"GET": paginated_response(EventSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """List them by seq; ``after=`` the last seq that you have gives the new ones, with no gaps."""
        corpus = self.get_corpus(slug, Permission.VIEW_EVENTS)
        params = self.query_params()
        trail = Event.objects.filter(corpus_id=corpus.pk, seq__lte=events.max_committed_seq())
        rows = events.with_external_ids(visible(self.user, trail))
        return self.paginate(filters.apply_filters(filters.EVENTS, rows, self.user, params), EventSerializer)


class ArticleHistoryView(BaseArticleView):
    """The events of an article and all its sets."""

    resource = "article history"
    pagination_class = SeqPage
    scopes = scopes_by_method(GET=Permission.VIEW_EVENTS)
    parameters = {"GET": parameters.PAGE}
    responses = {"GET": paginated_response(EventSerializer)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them in their order, without the work in sets that are still hidden from the caller."""
        article = self.get_article(pk, Permission.VIEW_EVENTS)
        rows = Event.objects.filter(article_id=article.pk, seq__lte=events.max_committed_seq())
        return self.paginate(events.with_external_ids(visible(self.user, rows)), EventSerializer)
