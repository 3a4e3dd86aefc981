"""Adjudication: the differences between the sources of a set, and their decisions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import filters
from annotations.api.operations import Answer, one, one_or_list, page
from annotations.api.permissions import scopes_of
from annotations.api.serializers.adjudication import DecisionShape, SettleBody, SettleOneBody
from annotations.api.views.base import View
from annotations.api.views.content import SET_VERSION
from annotations.api.views.sets import SetView
from annotations.models import Decision
from annotations.permissions import Permission, Seen, require
from annotations.services import decisions
from annotations.services.spans import SpanDraft
from annotations.states import ReasonCode, Settlement
from annotations.visibility import get_visible

_REFUSALS = (
    "role", "blind", "stale", "closed-set", "not-allowed-now", "duplicate", "out-of-bounds", "empty-span",
    "quote-mismatch", "relation-ends", "not-in-corpus",
)  # fmt: skip


def verdict(id: UUID, version: int, values: dict[str, Any], *, at: str = "") -> decisions.Verdict:
    """Return the verdict that a request body contains about one decision."""
    span = values["span"]
    return decisions.Verdict(
        id=id,
        version=version,
        choice=Settlement(values["choice"]),
        reason=ReasonCode(values["reason"]),
        owner=values["owner"],
        span=None if span is None else SpanDraft(**span, at=f"{at}/span"),
        at=at,
    )


class SetDecisions(SetView):
    """The differences that an adjudication decides."""

    resource = "decision"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT, POST=Permission.SETTLE)
    parameters = {"GET": filters.parameters_of(filters.DECISIONS)}
    bodies = {"POST": one_or_list(SettleOneBody)}
    answers = {
        "GET": page(DecisionShape),
        "POST": Answer(content=DecisionShape, shape="one-or-list", headers=SET_VERSION),
    }
    refusals = {"GET": ("blind",), "POST": _REFUSALS}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them in reading order; a set that is no adjudication has none."""
        rows = Decision.objects.filter(set=self.readable(pk)).select_related("settled_by")
        return self.page(filters.apply(filters.DECISIONS, rows, self.person, self.query()), DecisionShape)

    def post(self, request: Request, pk: UUID) -> Response:
        """Settle one, or up to 1,000 at once: all or none."""
        row = require(self.person, Permission.SETTLE, self.seen(pk))
        items, several = self.body_or_list(SettleOneBody)
        self.query()
        verdicts = [
            verdict(item.pop("id"), item.pop("version"), item, at=f"/{place}" if several else "")
            for place, item in enumerate(items)
        ]
        rows, set_version = decisions.settle(self.person, row.pk, verdicts)
        content = DecisionShape(rows, many=True) if several else DecisionShape(rows[0])
        return self.answer(content, set_version=set_version)


class DecisionView(View):
    """Base of the views of one decision."""

    def decision(self, pk: UUID) -> Decision:
        """Return the decision if the caller sees the content of its set (404)."""
        return get_visible(self.person, Decision.objects.select_related("settled_by", "set"), pk=pk)

    def own(self, pk: UUID) -> Decision:
        """Return the decision if the caller may settle it (404, 403)."""
        seen = Seen.of(self.decision(pk))
        require(self.person, Permission.SETTLE, Seen(seen.row.set, seen.role))
        return seen.row


class DecisionDetail(DecisionView):
    """One decision."""

    resource = "decision"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT)
    answers = {"GET": one(DecisionShape)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        decision = self.decision(pk)
        return self.answer(DecisionShape(decision), version=decision.version)


class Settle(DecisionView):
    """Settling a decision."""

    resource = "decision settlement"
    scopes = scopes_of(POST=Permission.SETTLE)
    bodies = {"POST": SettleBody}
    answers = {"POST": one(DecisionShape, headers=SET_VERSION)}
    refusals = {"POST": _REFUSALS}
    guarded = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Take a side, mark it yourself or drop it, and say why the sides differ."""
        decision = self.own(pk)
        values = self.body(SettleBody)
        resolution = verdict(decision.pk, self.version(), values)
        rows, set_version = decisions.settle(self.person, decision.set_id, [resolution])
        return self.answer(DecisionShape(rows[0]), version=rows[0].version, set_version=set_version)


class Reopen(DecisionView):
    """Taking a decision back."""

    resource = "decision reopening"
    scopes = scopes_of(POST=Permission.SETTLE)
    answers = {"POST": one(DecisionShape, headers=SET_VERSION)}
    refusals = {"POST": _REFUSALS}
    guarded = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Delete the span or relation that it made, and leave it open again."""
        decision = self.own(pk)
        reopened, set_version = decisions.reopen(self.person, decision, version=self.version())
        return self.answer(DecisionShape(reopened), version=reopened.version, set_version=set_version)
