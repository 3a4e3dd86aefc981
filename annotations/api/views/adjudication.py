"""Adjudication: the differences between the sources of a set, and their decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import filters
from annotations.api.operations import ResponseSpec, detail_response, object_or_list_body, paginated_response
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.adjudication import (
    DecisionSerializer,
    ResolutionItemSerializer,
    ResolutionSerializer,
)
from annotations.api.views.base import BaseView
from annotations.api.views.set_content import SET_VERSION_HEADER
from annotations.api.views.sets import BaseSetView
from annotations.enums import DecisionChoice, ReasonCode
from annotations.models import Decision
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core.spans import SpanDraft
from annotations.services.double_annotation import decisions
from annotations.visibility import get_visible

_REFUSALS = (
    "role", "blind", "stale", "closed-set", "not-allowed-now", "duplicate", "out-of-bounds", "empty-span",
    "quote-mismatch", "relation-ends", "not-in-corpus",
)  # fmt: skip


def make_verdict(
    id: UUID, version: int, values: dict[str, Any], *, pointer: str = ""
) -> decisions.DecisionResolution:
    """Return the verdict that a request body contains about one decision."""
    span = values["span"]
    return decisions.DecisionResolution(
        id=id,
        version=version,
        choice=DecisionChoice(values["choice"]),
        reason=ReasonCode(values["reason"]),
        owner=values["owner"],
        span=None if span is None else SpanDraft(**span, pointer=f"{pointer}/span"),
        pointer=pointer,
    )


class SetDecisionListView(BaseSetView):
    """The differences that an adjudication decides."""

    resource = "decision"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT, POST=Permission.RESOLVE_DECISION)
    parameters = {"GET": filters.list_parameters(filters.DECISIONS)}
    request_bodies = {"POST": object_or_list_body(ResolutionItemSerializer)}
    responses = {
        "GET": paginated_response(DecisionSerializer),
        "POST": ResponseSpec(content=DecisionSerializer, shape="one-or-list", headers=SET_VERSION_HEADER),
    }
    error_codes = {"GET": ("blind",), "POST": _REFUSALS}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them in reading order; a set that is no adjudication has none."""
        rows = Decision.objects.filter(set=self.get_readable_set(pk)).select_related("settled_by")
        return self.paginate(
            filters.apply_filters(filters.DECISIONS, rows, self.user, self.query_params()), DecisionSerializer
        )

    def post(self, request: Request, pk: UUID) -> Response:
        """Settle one, or up to 1,000 at once: all or none."""
        row = require_permission(self.user, Permission.RESOLVE_DECISION, self.seen(pk))
        items, several = self.validated_items(ResolutionItemSerializer)
        self.query_params()
        verdicts = [
            make_verdict(item.pop("id"), item.pop("version"), item, pointer=f"/{place}" if several else "")
            for place, item in enumerate(items)
        ]
        rows, set_version = decisions.resolve_decisions(self.user, row.pk, verdicts)
        content = DecisionSerializer(rows, many=True) if several else DecisionSerializer(rows[0])
        return self.respond(content, set_version=set_version)


class BaseDecisionView(BaseView):
    """Base of the views of one decision."""

    def get_decision(self, pk: UUID) -> Decision:
        """Return the decision if the caller sees the content of its set (404)."""
        return get_visible(self.user, Decision.objects.select_related("settled_by", "set"), pk=pk)

    def get_resolvable_decision(self, pk: UUID) -> Decision:
        """Return the decision if the caller may settle it (404, 403)."""
        seen = VisibleRow.of(self.get_decision(pk))
        require_permission(self.user, Permission.RESOLVE_DECISION, VisibleRow(seen.row.set, seen.role))
        return seen.row


class DecisionDetailView(BaseDecisionView):
    """One decision."""

    resource = "decision"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT)
    responses = {"GET": detail_response(DecisionSerializer)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        decision = self.get_decision(pk)
        return self.respond(DecisionSerializer(decision), version=decision.version)


class DecisionResolveView(BaseDecisionView):
    """Settling a decision."""

    resource = "decision settlement"
    scopes = scopes_by_method(POST=Permission.RESOLVE_DECISION)
    request_bodies = {"POST": ResolutionSerializer}
    responses = {"POST": detail_response(DecisionSerializer, headers=SET_VERSION_HEADER)}
    error_codes = {"POST": _REFUSALS}
    requires_if_match = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Take a side, mark it yourself or drop it, and say why the sides differ."""
        decision = self.get_resolvable_decision(pk)
        values = self.validated_data(ResolutionSerializer)
        resolution = make_verdict(decision.pk, self.expected_version(), values)
        rows, set_version = decisions.resolve_decisions(self.user, decision.set_id, [resolution])
        return self.respond(DecisionSerializer(rows[0]), version=rows[0].version, set_version=set_version)


class DecisionReopenView(BaseDecisionView):
    """Taking a decision back."""

    resource = "decision reopening"
    scopes = scopes_by_method(POST=Permission.RESOLVE_DECISION)
    responses = {"POST": detail_response(DecisionSerializer, headers=SET_VERSION_HEADER)}
    error_codes = {"POST": _REFUSALS}
    requires_if_match = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Delete the span or relation that it made, and leave it open again."""
        decision = self.get_resolvable_decision(pk)
        reopened, set_version = decisions.reopen_decision(
            self.user, decision, version=self.expected_version()
        )
        return self.respond(DecisionSerializer(reopened), version=reopened.version, set_version=set_version)
