"""Content of a set: spans, relations and comments."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api import filters, parameters
from annotations.api.operations import (
    created_response,
    detail_response,
    no_content_response,
    object_or_list_body,
    paginated_response,
)
from annotations.api.permissions import require_scope, scopes_by_method
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.registry import EmptySerializer
from annotations.api.serializers.set_content import (
    CommentCreateSerializer,
    CommentSerializer,
    CommentUpdateSerializer,
    ListedSpanSerializer,
    RelationCreateSerializer,
    RelationSerializer,
    SpanCreateSerializer,
    SpanSerializer,
    SpanUpdateSerializer,
)
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.api.views.sets import BaseSetView
from annotations.models import AnnotationSet, Comment, Relation, Span
from annotations.permissions import PERMISSIONS, Permission, VisibleRow, require_permission
from annotations.services.core import comments, relations, spans
from annotations.visibility import VisibleRowQuery, get_visible, visible

SET_VERSION_HEADER = {"Set-Version": "The version of the set after the write."}
SNAP_PARAMETER = parameters.boolean("Move the edges to a letter or digit, as guideline rule B1 has it.")
OFFSET_UNITS = ("codepoint", "utf16")
RANGE_PARAMETERS = {
    "snap": SNAP_PARAMETER,
    "offsets": parameters.choice("What start and end count.", OFFSET_UNITS, name="OffsetUnit"),
}
_CONTENT_REFUSALS = ("role", "blind", "closed-set", "not-allowed-now", "duplicate", "id-taken")
_RANGE_REFUSALS = ("out-of-bounds", "empty-span", "quote-mismatch", "snap-empty", "not-in-corpus")


class SetSpanListView(BaseSetView):
    """The spans of a set."""

    resource = "set span"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT, POST=Permission.EDIT_CONTENT)
    parameters = {"GET": parameters.PAGE, "POST": RANGE_PARAMETERS}
    request_bodies = {"POST": object_or_list_body(SpanCreateSerializer)}
    responses = {
        "GET": paginated_response(ListedSpanSerializer),
        "POST": created_response(SpanSerializer, headers=SET_VERSION_HEADER, shape="one-or-list"),
    }
    error_codes = {"GET": ("blind",), "POST": (*_CONTENT_REFUSALS, *_RANGE_REFUSALS)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them by id."""
        row = self.get_readable_set(pk)
        rows = ListedSpanSerializer.select(Span.objects.filter(set=row))
        return self.paginate(rows, ListedSpanSerializer)

    def post(self, request: Request, pk: UUID) -> Response:
        """Add one, or up to 1,000 at once: all or none."""
        get_editable_set(self, pk)
        items, several = self.validated_items(SpanCreateSerializer)
        drafts = [
            spans.SpanDraft(**item, pointer=f"/{index}" if several else "")
            for index, item in enumerate(items)
        ]
        added = spans.add_spans(self.user, pk, drafts, **get_range_options(self))
        return _respond_added(
            self,
            added.spans,
            SpanSerializer,
            "spans",
            several=several,
            new=added.created,
            set_version=added.version,
        )


_OWNER: VisibleRowQuery[AnnotationSet] = VisibleRowQuery(lambda: AnnotationSet.objects.only("owner"))


def get_editable_set(view: BaseSetView, pk: UUID) -> AnnotationSet:
    """Return the set if the caller sees it (404) and may change its content (403).

    Only the columns that the check needs are loaded. It comes before the body is read, although the service
    asks again under its lock: nobody may make the server parse what they are not allowed to write.
    """
    seen = _OWNER(view.user, pk)
    return require_permission(view.user, Permission.EDIT_CONTENT, seen)


def get_range_options(view: BaseView) -> dict[str, bool]:
    """Return how the service reads the offsets of the request."""
    sent = view.query_params()
    return {"utf16": sent.get("offsets") == "utf16", "snap_edges": sent.get("snap", False)}


def _respond_added(
    view: BaseView,
    rows: Sequence[Span] | Sequence[Relation],
    serializer: type[StrictSerializer],
    path: str,
    *,
    several: bool,
    new: bool,
    set_version: int,
) -> Response:
    """Return the response to a POST of one or many: an object for an object, a list for a list."""
    if several:
        return view.respond_created(serializer(rows, many=True), new=new, set_version=set_version)
    row = rows[0]
    return view.respond_created(
        serializer(row),
        location=api_url(f"{path}/{row.pk}/"),
        version=row.version,
        new=new,
        set_version=set_version,
    )


class SpanDetailView(BaseView):
    """One span."""

    resource = "span"
    scopes = scopes_by_method(
        GET=Permission.VIEW_CONTENT, PATCH=Permission.EDIT_CONTENT, DELETE=Permission.EDIT_CONTENT
    )
    parameters = {"PATCH": {"snap": SNAP_PARAMETER}}
    request_bodies = {"PATCH": SpanUpdateSerializer}
    responses = {
        "GET": detail_response(SpanSerializer),
        "PATCH": detail_response(SpanSerializer, headers=SET_VERSION_HEADER),
        "DELETE": no_content_response(headers=SET_VERSION_HEADER),
    }
    error_codes = {
        "PATCH": (*_CONTENT_REFUSALS, *_RANGE_REFUSALS, "relation-ends"),
        "DELETE": _CONTENT_REFUSALS,
    }

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        span = get_visible(self.user, Span.objects.all(), pk=pk)
        return self.respond(SpanSerializer(span), version=span.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change the fields that are sent; attributes are replaced whole."""
        seen = self._editable(pk)
        changes = self.validated_data(SpanUpdateSerializer, partial=True, stored=seen)
        span, set_version = spans.update_span(
            self.user,
            seen,
            changes,
            version=self.expected_version(),
            snap_edges=self.query_params().get("snap", False),
        )
        return self.respond(SpanSerializer(span), version=span.version, set_version=set_version)

    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it with its relations; its comments stay."""
        seen = self._editable(pk)
        return self.respond_no_content(
            set_version=spans.delete_span(self.user, seen, version=self.expected_version())
        )

    def _editable(self, pk: UUID) -> Span:
        span = get_visible(self.user, Span.objects.select_related("set"), pk=pk)
        require_edit_permission(self, span)
        return span


def require_edit_permission(view: BaseView, row: Span | Relation | Comment) -> None:
    """Raise (403) if the caller may not change the set of a span, relation or comment."""
    require_permission(view.user, Permission.EDIT_CONTENT, set_of(row))


def set_of(row: Span | Relation | Comment) -> VisibleRow[AnnotationSet]:
    """Return the set of a visible row: they are in the same corpus, so the role is the same."""
    return VisibleRow(row.set, VisibleRow.of(row).role)


class CorpusSpanListView(BaseCorpusView):
    """The spans of a corpus."""

    resource = "span"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT)
    parameters = {"GET": filters.list_parameters(filters.SPANS)}
    responses = {"GET": paginated_response(ListedSpanSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """List those in sets whose content the caller sees, by id."""
        corpus = self.get_corpus(slug, Permission.VIEW_CONTENT)
        rows = visible(self.user, Span.objects.filter(set__corpus=corpus))
        found = filters.apply_span_filters(rows, self.user, corpus, self.query_params())
        return self.paginate(ListedSpanSerializer.select(found), ListedSpanSerializer)


class SetRelationListView(BaseSetView):
    """The relations of a set."""

    resource = "set relation"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT, POST=Permission.EDIT_CONTENT)
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": object_or_list_body(RelationCreateSerializer)}
    responses = {
        "GET": paginated_response(RelationSerializer),
        "POST": created_response(RelationSerializer, headers=SET_VERSION_HEADER, shape="one-or-list"),
    }
    error_codes = {"GET": ("blind",), "POST": (*_CONTENT_REFUSALS, "relation-ends")}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them by id."""
        return self.paginate(Relation.objects.filter(set=self.get_readable_set(pk)), RelationSerializer)

    def post(self, request: Request, pk: UUID) -> Response:
        """Add one, or up to 1,000 at once: all or none."""
        row = get_editable_set(self, pk)
        items, several = self.validated_items(RelationCreateSerializer)
        drafts = [
            relations.RelationDraft(**item, pointer=f"/{index}" if several else "")
            for index, item in enumerate(items)
        ]
        self.query_params()
        added, new, set_version = relations.add_relations(self.user, row.pk, drafts)
        return _respond_added(
            self, added, RelationSerializer, "relations", several=several, new=new, set_version=set_version
        )


class RelationDetailView(BaseView):
    """One relation."""

    resource = "relation"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT, DELETE=Permission.EDIT_CONTENT)
    responses = {
        "GET": detail_response(RelationSerializer),
        "DELETE": no_content_response(headers=SET_VERSION_HEADER),
    }
    error_codes = {"DELETE": _CONTENT_REFUSALS}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        relation = get_visible(self.user, Relation.objects.all(), pk=pk)
        return self.respond(RelationSerializer(relation), version=relation.version)

    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it."""
        seen = get_visible(self.user, Relation.objects.select_related("set"), pk=pk)
        require_edit_permission(self, seen)
        return self.respond_no_content(
            set_version=relations.delete_relation(self.user, seen, version=self.expected_version())
        )


class SetCommentListView(BaseSetView):
    """The comments of a set."""

    resource = "set comment"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT, POST=Permission.ADD_COMMENT)
    parameters = {"GET": parameters.PAGE, "POST": RANGE_PARAMETERS}
    request_bodies = {"POST": CommentCreateSerializer}
    responses = {
        "GET": paginated_response(CommentSerializer),
        "POST": created_response(CommentSerializer, headers=SET_VERSION_HEADER),
    }
    error_codes = {"GET": ("blind",), "POST": (*_CONTENT_REFUSALS, *_RANGE_REFUSALS)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List it by id."""
        rows = Comment.objects.filter(set=self.get_readable_set(pk)).select_related("author", "resolved_by")
        return self.paginate(rows, CommentSerializer)

    def post(self, request: Request, pk: UUID) -> Response:
        """Comment on the set, on a span, on words of the text, or on a comment.

        Words are named as a span names them: ``start``, ``end`` and ``quote``. With a suggestion that has a
        label, the comment proposes a span that is missing there.
        """
        row = require_permission(self.user, Permission.ADD_COMMENT, self.readable_seen(pk))
        draft = comments.CommentDraft(**self.validated_data(CommentCreateSerializer))
        if draft.blocking:
            require_scope(request, PERMISSIONS[Permission.ADD_BLOCKING_COMMENT].scopes)
        comment, new, set_version = comments.add_comment(self.user, row.pk, draft, **get_range_options(self))
        return self.respond_created(
            CommentSerializer(comment),
            location=api_url(f"comments/{comment.pk}/"),
            version=comment.version,
            set_version=set_version,
            new=new,
        )


class CommentDetailView(BaseView):
    """One comment."""

    resource = "comment"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT, PATCH=Permission.ADD_COMMENT)
    request_bodies = {"PATCH": CommentUpdateSerializer}
    responses = {
        "GET": detail_response(CommentSerializer),
        "PATCH": detail_response(CommentSerializer, headers=SET_VERSION_HEADER),
    }
    error_codes = {"PATCH": _CONTENT_REFUSALS}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        comment = self._comment(pk)
        return self.respond(CommentSerializer(comment), version=comment.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Edit its text, or resolve or reopen it."""
        seen = self._comment(pk)
        require_permission(self.user, Permission.ADD_COMMENT, set_of(seen))
        changes = self.validated_data(CommentUpdateSerializer, partial=True)
        comments.require_can_update(self.user, set_of(seen), seen, changes)
        comment, set_version = comments.update_comment(
            self.user, seen, changes, version=self.expected_version()
        )
        return self.respond(CommentSerializer(comment), version=comment.version, set_version=set_version)

    def _comment(self, pk: UUID) -> Comment:
        return get_visible(self.user, Comment.objects.select_related("author", "resolved_by", "set"), pk=pk)


class AcceptProposedChangeView(BaseView):
    """Accepting the change that a comment proposes."""

    resource = "comment suggestion"
    scopes = scopes_by_method(POST=Permission.EDIT_CONTENT)
    request_bodies = {"POST": EmptySerializer}
    responses = {"POST": created_response(SpanSerializer, headers=SET_VERSION_HEADER)}
    error_codes = {"POST": (*_CONTENT_REFUSALS, *_RANGE_REFUSALS, "relation-ends")}
    requires_if_match = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Change the span as proposed, or add it, and resolve the comment; If-Match is the comment's version.

        A change answers 200; a span that was missing is made: 201.
        """
        seen = get_visible(self.user, Comment.objects.select_related("set"), pk=pk)
        require_edit_permission(self, seen)
        self.validated_data(EmptySerializer)
        accepted = comments.accept_proposed_change(self.user, seen, version=self.expected_version())
        return self.respond_created(
            SpanSerializer(accepted.span),
            location=api_url(f"spans/{accepted.span.pk}/"),
            version=accepted.span.version,
            new=accepted.created,
            set_version=accepted.version,
        )
