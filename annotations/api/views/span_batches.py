"""Many spans of a set at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.operations import ResponseSpec, object_or_list_body
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.set_content import SpanBatchSerializer, SpanSerializer
from annotations.api.views.set_content import SET_VERSION_HEADER, get_editable_set
from annotations.api.views.sets import BaseSetView
from annotations.permissions import Permission
from annotations.services.core import span_batches


class SpanBatchView(BaseSetView):
    """A change or the deletion of many spans of a set."""

    resource = "set span"
    operation_ids = {"POST": "set_span_change_many"}
    scopes = scopes_by_method(POST=Permission.EDIT_CONTENT)
    request_bodies = {"POST": object_or_list_body(SpanBatchSerializer)}
    responses = {"POST": ResponseSpec(content=SpanSerializer, shape="list", headers=SET_VERSION_HEADER)}
    error_codes = {
        "POST": (
            "role", "blind", "closed-set", "not-allowed-now", "duplicate", "not-in-corpus", "relation-ends",
        )
    }  # fmt: skip
    requires_if_match = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Change or delete up to 1,000 spans at once, all or none; If-Match is the set's version.

        Send one object, or a list of objects where spans get different changes. Returned are the spans that
        stay, in the order of the request.
        """
        get_editable_set(self, pk)
        items, several = self.validated_items(SpanBatchSerializer)
        batches = [_to_batch(item, f"/{index}" if several else "") for index, item in enumerate(items)]
        changed, set_version = span_batches.change_spans(
            self.user, pk, batches, version=self.expected_version()
        )
        return self.respond(SpanSerializer(changed, many=True), set_version=set_version)


def _to_batch(item: dict[str, Any], pointer: str) -> span_batches.SpanBatch:
    return span_batches.SpanBatch(
        ids=item.pop("ids"),
        delete=item.pop("delete", False),
        attributes=item.pop("set_attributes", {}),
        columns=item,
        pointer=pointer,
    )
