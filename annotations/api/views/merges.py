"""Merges of the registry, their undoing, and the use of an actor."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api import filters, parameters
from annotations.api.operations import (
    ResponseSpec,
    created_response,
    paginated_response,
    unversioned_response,
)
from annotations.api.permissions import scopes_by_method
from annotations.api.preconditions import optional_version
from annotations.api.serializers.merges import (
    ActorUsageSerializer,
    MergeCreateSerializer,
    MergePreviewCreateSerializer,
    MergePreviewSerializer,
    MergeSerializer,
    MergeUndoSerializer,
)
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.models import Actor, EntryKind, Merge
from annotations.permissions import Permission, require_permission
from annotations.services.registry import merge_preview, merges, moves, usage
from annotations.visibility import get_visible, get_visible_row, visible


def merge_rows() -> QuerySet[Merge]:
    """Return merges with all that their serializer shows."""
    return Merge.objects.select_related("by", "undone_by")


class BaseMergeView(BaseView):
    """Base of merging entries of one kind."""

    kind: ClassVar[EntryKind]
    scopes = scopes_by_method(POST=Permission.MERGE_ENTRY)
    requires_if_match = frozenset({"POST"})
    parameters = {
        "POST": {"preview": parameters.boolean("Only say what would change, with 200; nothing is written.")}
    }
    request_bodies = {"POST": MergeCreateSerializer}
    error_codes = {"POST": ("merge-conflict", "not-in-corpus", "id-taken", "stale")}

    def post(self, request: Request, pk: UUID) -> Response:
        """Merge it into another one, or preview that: no mark changes, and it can be taken back."""
        rows: Any = moves.MODELS[self.kind]._default_manager
        require_permission(self.user, Permission.MERGE_ENTRY, get_visible_row(self.user, rows.all(), pk=pk))
        if self.query_params().get("preview"):
            return self._preview(request, pk)
        values = self.validated_data(MergeCreateSerializer)
        merge, new = merges.merge_entry(self.user, self.kind, pk, values, version=self.expected_version())
        shown = MergeSerializer(merge_rows().get(pk=merge.pk))
        return self.respond_created(shown, location=api_url(f"merges/{merge.pk}/"), new=new)

    def _preview(self, request: Request, pk: UUID) -> Response:
        into = self.validated_data(MergePreviewCreateSerializer)["into"]
        found = merge_preview.preview_merge(self.user, self.kind, pk, into, version=optional_version(request))
        return self.respond(MergePreviewSerializer(found), translated=True)


def make_merge_view(entry_kind: EntryKind) -> type[BaseMergeView]:
    """Return the view that merges entries of one kind."""

    class MergeView(BaseMergeView):
        __doc__ = BaseMergeView.post.__doc__
        kind = entry_kind
        resource = f"{entry_kind} merge"
        responses = {
            "POST": created_response(MergeSerializer, versioned=False, preview_content=MergePreviewSerializer)
        }

    return MergeView


class MergeListView(BaseCorpusView):
    """The merges of a corpus, those that were taken back among them."""

    resource = "merge"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY)
    parameters = {"GET": filters.list_parameters(filters.MERGES)}
    responses = {"GET": paginated_response(MergeSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """List them."""
        corpus = self.get_corpus(slug, Permission.VIEW_REGISTRY)
        rows = visible(self.user, merge_rows().filter(corpus=corpus))
        return self.paginate(
            filters.apply_filters(filters.MERGES, rows, self.user, self.query_params()), MergeSerializer
        )


class MergeDetailView(BaseView):
    """One merge."""

    resource = "merge"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY)
    responses = {"GET": unversioned_response(MergeSerializer)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        return self.respond(MergeSerializer(get_visible(self.user, merge_rows(), pk=pk)))


class MergeUndoView(BaseView):
    """Taking a merge back."""

    resource = "merge"
    operation_ids = {"POST": "merge_undo"}
    scopes = scopes_by_method(POST=Permission.MERGE_ENTRY)
    request_bodies = {"POST": MergeUndoSerializer}
    responses = {"POST": unversioned_response(MergeSerializer)}
    error_codes = {"POST": ("undo-conflict",)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Put everything back that moved; what was changed or deleted since is named in ``conflicts``."""
        require_permission(
            self.user, Permission.MERGE_ENTRY, get_visible_row(self.user, Merge.objects.all(), pk=pk)
        )
        reason = self.validated_data(MergeUndoSerializer)["reason"]
        merges.undo_merge(self.user, pk, reason)
        return self.respond(MergeSerializer(merge_rows().get(pk=pk)))


class ActorUsageView(BaseView):
    """Where an actor occurs."""

    resource = "actor usage"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY)
    responses = {"GET": ResponseSpec(content=ActorUsageSerializer)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Count the marks that the caller may see, those of actors merged into it among them."""
        actor = get_visible(self.user, Actor.objects.all(), pk=pk)
        return self.respond(ActorUsageSerializer(usage.count_actor_usage(self.user, actor)))
