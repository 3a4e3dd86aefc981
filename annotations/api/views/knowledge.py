"""What approved work says: statements, and what is counted from them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api import parameters
from annotations.api.operations import ResponseSpec, paginated_response
from annotations.api.pagination import FoundPage
from annotations.api.parameters import Parameter
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.knowledge import (
    CHANGES_SCHEMA,
    MATRIX_SCHEMA,
    NETWORK_SCHEMA,
    QUOTED_SCHEMA,
    StatementSerializer,
    account_content,
    change_content,
    matrix_content,
    network_content,
    quoted_content,
)
from annotations.api.views.corpora import BaseCorpusView
from annotations.models import Corpus
from annotations.permissions import Permission
from annotations.services.knowledge.changes import count_considered, list_changes
from annotations.services.knowledge.grammar import (
    CELL_PARAMETERS,
    GRAMMAR,
    MATRIX_DEFAULTS,
    POSITIONS_ONLY,
    build_request,
)
from annotations.services.knowledge.matrix import build_matrix
from annotations.services.knowledge.networks import (
    NETWORK_PARAMETERS,
    build_network_request,
    build_statement_network,
)
from annotations.services.knowledge.parameters import StatementParameter
from annotations.services.knowledge.positions import list_statements
from annotations.services.knowledge.quoted import QUOTED_PARAMETERS, count_quoted


def _declare(rows: Mapping[str, StatementParameter]) -> dict[str, Parameter]:
    """Return parameters of the grammar as the API declares them."""
    return {
        name: Parameter(
            description=row.description, parse=row.parse, schema=row.schema, enum_name=row.enum_name
        )
        for name, row in rows.items()
    }


_GRAMMAR = _declare(GRAMMAR)


class BaseStatementView(BaseCorpusView):
    """Base of the views that count statements: they are of approved work, which every member sees."""

    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT)
    error_codes = {"GET": ("answer-too-large",)}

    def readable_corpus(self, slug: str) -> Corpus:
        """Return the corpus, if the caller sees what is marked in it."""
        return self.get_corpus(slug, Permission.VIEW_CONTENT)

    def list_address(self, slug: str) -> str:
        """Return the address of the list of statements."""
        return self.request.build_absolute_uri(api_url(f"corpora/{slug}/positions/"))


class PositionListView(BaseStatementView):
    """The statements of a corpus."""

    resource = "statement"
    parameters = {"GET": {**parameters.PAGE, **_GRAMMAR, **_declare(CELL_PARAMETERS)}}
    responses = {"GET": paginated_response(StatementSerializer)}
    error_codes = {}

    def get(self, request: Request, slug: str) -> Response:
        """List those that the parameters count, with their quotes; row, column and window name a cell."""
        corpus = self.readable_corpus(slug)
        sent = build_request(self.query_params())
        page = self.paginate(list_statements(corpus, sent), StatementSerializer)
        page.data = {"parameters": sent.as_parameters(), **page.data}
        return page


class MatrixView(BaseStatementView):
    """The matrix of actors and issues."""

    resource = "matrix"
    parameters = {"GET": _GRAMMAR}
    responses = {"GET": ResponseSpec(content=MATRIX_SCHEMA)}

    def get(self, request: Request, slug: str) -> Response:
        """Count who stands where; each cell names the list of exactly the statements that it counts."""
        corpus = self.readable_corpus(slug)
        matrix = build_matrix(corpus, build_request(self.query_params(), **MATRIX_DEFAULTS))
        return self.respond(matrix_content(matrix, self.list_address(slug)))


class ChangesView(BaseStatementView):
    """The changes of mind."""

    resource = "change of mind"
    pagination_class = FoundPage
    parameters = {"GET": {**parameters.PAGE, **_GRAMMAR}}
    responses = {"GET": ResponseSpec(content=CHANGES_SCHEMA)}
    error_codes = {}

    def get(self, request: Request, slug: str) -> Response:
        """List consecutive statements with different stances, by the ids of actor and issue, then by time."""
        corpus = self.readable_corpus(slug)
        sent = build_request(self.query_params(), **POSITIONS_ONLY)
        as_of = timezone.now()
        paginator = self.pagination_class()
        found = paginator.paginate_queryset(partial(list_changes, corpus, sent), request, self)
        page = paginator.get_paginated_response([change_content(each) for each in found])
        counted = count_considered(corpus, sent)
        page.data = {"parameters": sent.as_parameters(), **page.data, **account_content(counted, as_of)}
        return page


class QuotedView(BaseStatementView):
    """Who is quoted."""

    resource = "quoted"
    parameters = {"GET": {**_GRAMMAR, **_declare(QUOTED_PARAMETERS)}}
    responses = {"GET": ResponseSpec(content=QUOTED_SCHEMA)}

    def get(self, request: Request, slug: str) -> Response:
        """Count statements by actor, kind, affiliation or source."""
        corpus = self.readable_corpus(slug)
        values = self.query_params()
        quoted = count_quoted(corpus, build_request(values), **{k: values[k] for k in ("by",) if k in values})
        return self.respond(quoted_content(quoted, self.list_address(slug)))


class NetworkView(BaseStatementView):
    """The network of actors and issues."""

    resource = "network"
    parameters = {"GET": {**_GRAMMAR, **_declare(NETWORK_PARAMETERS)}}
    responses = {"GET": ResponseSpec(content=NETWORK_SCHEMA)}

    def get(self, request: Request, slug: str) -> Response:
        """Build the network by the formulas of Discourse Network Analyzer."""
        corpus = self.readable_corpus(slug)
        values = self.query_params()
        # a window of the network is a number of days, and not that of a cell
        statements = build_request(
            {name: values[name] for name in GRAMMAR if name in values}, **POSITIONS_ONLY
        )
        network = build_network_request(statements, values)
        return self.respond(network_content(build_statement_network(corpus, network)))
