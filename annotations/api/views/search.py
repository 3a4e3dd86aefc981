"""Search in the texts of a corpus, and searches that are saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations import limits
from annotations.addresses import api_url
from annotations.api import filters, parameters
from annotations.api.operations import (
    created_response,
    detail_response,
    no_content_response,
    own_page_response,
    paginated_response,
)
from annotations.api.pagination import PlacePage
from annotations.api.parameters import Parameter
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.search import (
    SavedSearchCreateSerializer,
    SavedSearchSerializer,
    SavedSearchUpdateSerializer,
    SearchPageSerializer,
    SearchResultSerializer,
)
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.models import Article, SavedSearch
from annotations.permissions import Permission, require_permission
from annotations.scheme import LABEL_NAMES
from annotations.services.search import saved
from annotations.services.search.facets import count_facets
from annotations.services.search.pages import ArticleSearch
from annotations.services.search.requests import MAX_CONTEXT, PLACES, SORTS, SearchRequest
from annotations.visibility import get_visible, get_visible_row, visible

_ARTICLE_FILTERS: filters.Filters = {
    name: row for name, row in filters.ARTICLES.items() if name not in ("q", "actor")
}
#: What chooses what is found, beside the question.
_CHOICES: Mapping[str, Parameter] = {
    "in": parameters.choice("Where it looks; in texts by default.", PLACES, name="SearchPlace"),
    "context": parameters.number(
        "How many code points before and after a hit; 60 by default.", maximum=MAX_CONTEXT
    ),
    "sort": parameters.choice(
        "The newest first, or first those with the words in the title.", SORTS, name="SearchSort"
    ),
    "label": parameters.choice(
        "Hits in spans of this label, or in articles with one.", LABEL_NAMES, name="Label"
    ),
    "actor": parameters.identifier("Hits in spans of this actor, or in articles with one, after all merges."),
    **{name: row.parameter for name, row in _ARTICLE_FILTERS.items()},
}
#: What a saved search may hold beside its question.
SAVED_FILTERS: filters.Filters = {name: filters.Filter(parameter=row) for name, row in _CHOICES.items()}


class SearchView(BaseCorpusView):
    """Search in a corpus."""

    resource = "search result"
    pagination_class = PlacePage
    scopes = scopes_by_method(GET=Permission.VIEW_ARTICLE)
    parameters = {
        "GET": {
            **parameters.PAGE,
            "q": parameters.text(
                'What to find: words, "phrases", -word, word* (three letters at least), a OR b, title:, '
                'source:, actor:"…", stance:, issue:.',
                max_length=limits.MAX_QUESTION,
                required=True,
            ),
            **_CHOICES,
            "facets": parameters.boolean("Also count the articles by source, month, language and actor."),
        }
    }
    responses = {"GET": own_page_response(SearchPageSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """Find articles with their hits; understood says how the question was read."""
        corpus = self.get_corpus(slug, Permission.VIEW_ARTICLE)
        params = self.query_params()
        asked = SearchRequest(
            question=params["q"],
            place=params.get("in", PLACES[0]),
            **{name: params[name] for name in ("context", "sort", "label", "actor") if name in params},
        )
        rows = visible(self.user, Article.objects.filter(corpus=corpus))
        rows = filters.apply_filters(_ARTICLE_FILTERS, rows, self.user, params)
        search = ArticleSearch(self.user, corpus, asked, rows)
        paginator = PlacePage()
        results = SearchResultSerializer(paginator.paginate_search(search, request), many=True)
        page = paginator.get_paginated_response(results.data)
        facets = None
        if params.get("facets"):
            counted = count_facets(search).items()
            facets = {name: [asdict(value) for value in values] for name, values in counted}
        page.data = {"understood": asked.query.understood, **page.data, "facets": facets}
        return page


class SavedSearchListView(BaseCorpusView):
    """The searches that the caller has saved in a corpus, and those that others share."""

    resource = "saved search"
    scopes = scopes_by_method(GET=Permission.VIEW_ARTICLE, POST=Permission.SAVE_SEARCH)
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": SavedSearchCreateSerializer}
    responses = {
        "GET": paginated_response(SavedSearchSerializer),
        "POST": created_response(SavedSearchSerializer),
    }
    error_codes = {"POST": ("duplicate", "id-taken")}

    def get(self, request: Request, slug: str) -> Response:
        """List them."""
        corpus = self.get_corpus(slug, Permission.VIEW_ARTICLE)
        return self.paginate(saved.saved_searches(self.user, corpus), SavedSearchSerializer)

    def post(self, request: Request, slug: str) -> Response:
        """Save one under a name."""
        seen = self.seen_corpus(slug, Permission.SAVE_SEARCH)
        values = self.validated_data(SavedSearchCreateSerializer)
        filters.parse_filters(SAVED_FILTERS, values["filters"], pointer="/filters")
        row, new = saved.save_search(self.user, seen, values)
        at = api_url(f"searches/{row.pk}/")
        return self.respond_created(SavedSearchSerializer(row), location=at, version=row.version, new=new)


class SavedSearchDetailView(BaseView):
    """One saved search."""

    resource = "saved search"
    scopes = scopes_by_method(
        GET=Permission.VIEW_ARTICLE, PATCH=Permission.CHANGE_SEARCH, DELETE=Permission.CHANGE_SEARCH
    )
    request_bodies = {"PATCH": SavedSearchUpdateSerializer}
    responses = {
        "GET": detail_response(SavedSearchSerializer),
        "PATCH": detail_response(SavedSearchSerializer),
        "DELETE": no_content_response(),
    }
    error_codes = {"PATCH": ("duplicate",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        row = get_visible(self.user, SavedSearch.objects.select_related("owner"), pk=pk)
        return self.respond(SavedSearchSerializer(row), version=row.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change it."""
        self._require_change(pk)
        changes = self.validated_data(SavedSearchUpdateSerializer, partial=True)
        filters.parse_filters(SAVED_FILTERS, changes.get("filters", {}), pointer="/filters")
        row = saved.update_search(self.user, pk, changes, version=self.expected_version())
        return self.respond(SavedSearchSerializer(row), version=row.version)

    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it."""
        self._require_change(pk)
        saved.delete_search(self.user, pk, version=self.expected_version())
        return self.respond_no_content()

    def _require_change(self, pk: UUID) -> None:
        seen = get_visible_row(self.user, SavedSearch.objects.all(), pk=pk)
        require_permission(self.user, Permission.CHANGE_SEARCH, seen)
