"""What stands between entries of the registry: affiliations, and pairs that look alike."""

from __future__ import annotations

from typing import Any
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
from annotations.api.pagination import CursorPage
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.registry_links import (
    PAIR_SERIALIZERS,
    ActorPairSerializer,
    AffiliationCreateSerializer,
    AffiliationSerializer,
    AffiliationUpdateSerializer,
    JudgementCreateSerializer,
    JudgementSerializer,
)
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.api.views.registry import actor_rows
from annotations.models import Actor, Affiliation, EntryKind, Verdict
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.registry import affiliations, judgements
from annotations.services.registry.names import REGISTRY_MODELS
from annotations.visibility import get_visible, get_visible_row, visible


class ActorAffiliationListView(BaseView):
    """The affiliations of an actor."""

    resource = "actor affiliation"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY, POST=Permission.CHANGE_AFFILIATION)
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": AffiliationCreateSerializer}
    responses = {
        "GET": paginated_response(AffiliationSerializer),
        "POST": created_response(AffiliationSerializer),
    }
    error_codes = {"POST": ("id-taken", "not-in-corpus", "merge-conflict")}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them, also those that are over."""
        actor = get_visible(self.user, Actor.objects.all(), pk=pk)
        rows = visible(self.user, Affiliation.objects.filter(actor=actor))
        return self.paginate(rows, AffiliationSerializer)

    def post(self, request: Request, pk: UUID) -> Response:
        """Add one; several may overlap."""
        actors = Actor.objects.select_related("corpus").defer("corpus__guideline")
        seen: VisibleRow[Actor] = get_visible_row(self.user, actors, pk=pk)
        require_permission(self.user, Permission.CHANGE_AFFILIATION, seen)
        data = self.validated_data(AffiliationCreateSerializer)
        row, new = affiliations.add_affiliation(self.user, seen, data)
        at = api_url(f"affiliations/{row.pk}/")
        return self.respond_created(AffiliationSerializer(row), location=at, version=row.version, new=new)


class AffiliationDetailView(BaseView):
    """One affiliation."""

    resource = "affiliation"
    scopes = scopes_by_method(
        GET=Permission.VIEW_REGISTRY,
        PATCH=Permission.CHANGE_AFFILIATION,
        DELETE=Permission.CHANGE_AFFILIATION,
    )
    request_bodies = {"PATCH": AffiliationUpdateSerializer}
    responses = {
        "GET": detail_response(AffiliationSerializer),
        "PATCH": detail_response(AffiliationSerializer),
        "DELETE": no_content_response(),
    }
    error_codes = {"PATCH": ("not-in-corpus",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        row = get_visible(self.user, Affiliation.objects.all(), pk=pk)
        return self.respond(AffiliationSerializer(row), version=row.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change it; the actor stays."""
        self._require_change(pk)
        changes = self.validated_data(AffiliationUpdateSerializer, partial=True)
        row = affiliations.update_affiliation(self.user, pk, changes, version=self.expected_version())
        return self.respond(AffiliationSerializer(row), version=row.version)

    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it."""
        self._require_change(pk)
        affiliations.delete_affiliation(self.user, pk, version=self.expected_version())
        return self.respond_no_content()

    def _require_change(self, pk: UUID) -> None:
        seen = get_visible_row(self.user, Affiliation.objects.all(), pk=pk)
        require_permission(self.user, Permission.CHANGE_AFFILIATION, seen)


class RankPage(CursorPage):
    """Pages of pairs by falling score, then by the ids."""

    ordering = "rank"


class DuplicateListView(BaseCorpusView):
    """Pairs of entries that look alike."""

    resource = "duplicate"
    pagination_class = RankPage
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY, POST=Permission.JUDGE_PAIR)
    parameters = {
        "GET": {
            **parameters.PAGE,
            "kind": parameters.choice("What the entries are, actors unless it says so.", EntryKind),
            "state": parameters.choice(
                "What was judged of them, open unless it says so.", judgements.STATES, name="PairState"
            ),
            "min_score": parameters.number("The lowest score.", maximum=100),
        }
    }
    request_bodies = {"POST": JudgementCreateSerializer}
    responses = {
        "GET": paginated_response(ActorPairSerializer),
        "POST": unversioned_response(JudgementSerializer, status=201),
    }
    error_codes = {"POST": ("not-in-corpus",)}

    def get(self, request: Request, slug: str) -> Response:
        """List the pairs by score, with the newest quotes of each entry that the caller sees."""
        corpus = self.get_corpus(slug, Permission.VIEW_REGISTRY)
        params = self.query_params()
        kind = EntryKind(params.get("kind", EntryKind.ACTOR))
        state = params.get("state", judgements.OPEN_STATE)
        pairs = judgements.filter_pairs(corpus, kind, state, params.get("min_score", 0))
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(visible(self.user, pairs), request, self)
        listed = judgements.describe_pairs(self.user, kind, page, shown_entries(kind))
        return paginator.get_paginated_response(PAIR_SERIALIZERS[kind](listed, many=True).data)

    def post(self, request: Request, slug: str) -> Response:
        """Judge a pair: different, which is not shown again, or unsure; null takes it back."""
        seen = self.seen_corpus(slug, Permission.JUDGE_PAIR)
        data = self.validated_data(JudgementCreateSerializer)
        verdict = Verdict(data["verdict"]) if data["verdict"] else None
        row, new = judgements.judge_pair(
            self.user, seen, data["left"], data["right"], verdict=verdict, reason=data["reason"]
        )
        return self.respond_created(JudgementSerializer(row), new=new and verdict is not None)


def shown_entries(kind: EntryKind) -> QuerySet[Any]:
    """Return the entries of a kind with all that their serializer shows."""
    rows: Any = REGISTRY_MODELS[kind]._default_manager.all()
    return actor_rows(rows) if kind == EntryKind.ACTOR else rows
