"""Content of a set: spans, relations and comments."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import filters, parameters
from annotations.api.operations import created, nothing, one, one_or_list, page
from annotations.api.permissions import require_scope, scopes_of
from annotations.api.serializers.base import Strict
from annotations.api.serializers.content import (
    CommentBody,
    CommentChange,
    CommentShape,
    RelationBody,
    RelationShape,
    SpanBody,
    SpanChange,
    SpanShape,
)
from annotations.api.serializers.registry import EmptyBody
from annotations.api.views.base import View
from annotations.api.views.corpora import CorpusView
from annotations.api.views.sets import SetView
from annotations.models import AnnotationSet, Comment, Relation, Span
from annotations.permissions import PERMISSIONS, Permission, Seen, require
from annotations.services import comments, relations, spans
from annotations.visibility import Lookup, get_visible, visible

SET_VERSION = {"Set-Version": "The version of the set after the write."}
SNAP = parameters.boolean("Move the edges to a letter or digit, as guideline rule B1 has it.")
UNITS = ("codepoint", "utf16")
_CONTENT_REFUSALS = ("role", "blind", "closed-set", "not-allowed-now", "duplicate", "id-taken")
_RANGE_REFUSALS = ("out-of-bounds", "empty-span", "quote-mismatch", "snap-empty", "not-in-corpus")


class SetSpans(SetView):
    """The spans of a set."""

    resource = "set span"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT, POST=Permission.EDIT_CONTENT)
    parameters = {
        "GET": parameters.PAGE,
        "POST": {
            "snap": SNAP,
            "offsets": parameters.choice("What start and end count.", UNITS),
        },
    }
    bodies = {"POST": one_or_list(SpanBody)}
    answers = {
        "GET": page(SpanShape),
        "POST": created(SpanShape, headers=SET_VERSION, shape="one-or-list"),
    }
    refusals = {"GET": ("blind",), "POST": (*_CONTENT_REFUSALS, *_RANGE_REFUSALS)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them by id."""
        row = self.readable(pk)
        return self.page(Span.objects.filter(set=row), SpanShape)

    def post(self, request: Request, pk: UUID) -> Response:
        """Add one, or up to 1,000 at once: all or none."""
        editable(self, pk)
        items, several = self.body_or_list(SpanBody)
        drafts = [
            spans.SpanDraft(**item, at=f"/{index}" if several else "") for index, item in enumerate(items)
        ]
        added = spans.add(
            self.person,
            pk,
            drafts,
            utf16=self.query().get("offsets") == "utf16",
            snaps=self.query().get("snap", False),
        )
        return _respond_added(
            self,
            added.spans,
            SpanShape,
            "spans",
            several=several,
            new=added.created,
            set_version=added.version,
        )


_OWNER: Lookup[AnnotationSet] = Lookup(lambda: AnnotationSet.objects.only("owner"))


def editable(view: SetView, pk: UUID) -> AnnotationSet:
    """Return the set if the caller sees it (404) and may change its content (403).

    Only the columns that the check needs are loaded. It comes before the body is read, although the service
    asks again under its lock: nobody may make the server parse what they are not allowed to write.
    """
    seen = _OWNER(view.person, pk)
    return require(view.person, Permission.EDIT_CONTENT, seen)


def _respond_added(
    view: View,
    rows: Sequence[Span] | Sequence[Relation],
    serializer: type[Strict],
    path: str,
    *,
    several: bool,
    new: bool,
    set_version: int,
) -> Response:
    """Return the response to a POST of one or many: an object for an object, a list for a list."""
    if several:
        return view.created(serializer(rows, many=True), new=new, set_version=set_version)
    row = rows[0]
    return view.created(
        serializer(row),
        at=f"/api/v1/{path}/{row.pk}/",
        version=row.version,
        new=new,
        set_version=set_version,
    )


class SpanDetail(View):
    """One span."""

    resource = "span"
    scopes = scopes_of(
        GET=Permission.VIEW_CONTENT, PATCH=Permission.EDIT_CONTENT, DELETE=Permission.EDIT_CONTENT
    )
    parameters = {"PATCH": {"snap": SNAP}}
    bodies = {"PATCH": SpanChange}
    answers = {
        "GET": one(SpanShape),
        "PATCH": one(SpanShape, headers=SET_VERSION),
        "DELETE": nothing(headers=SET_VERSION),
    }
    refusals = {
        "PATCH": (*_CONTENT_REFUSALS, *_RANGE_REFUSALS, "relation-ends"),
        "DELETE": _CONTENT_REFUSALS,
    }

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        span = get_visible(self.person, Span.objects.all(), pk=pk)
        return self.answer(SpanShape(span), version=span.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change the fields that are sent; attributes are replaced whole."""
        seen = self._editable(pk)
        changes = self.body(SpanChange, partial=True, stored=seen)
        span, set_version = spans.change(
            self.person, seen, changes, version=self.version(), snaps=self.query().get("snap", False)
        )
        return self.answer(SpanShape(span), version=span.version, set_version=set_version)

    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it with its relations; its comments stay."""
        seen = self._editable(pk)
        return self.deleted(set_version=spans.delete(self.person, seen, version=self.version()))

    def _editable(self, pk: UUID) -> Span:
        span = get_visible(self.person, Span.objects.select_related("set"), pk=pk)
        require_owner(self, span)
        return span


def require_owner(view: View, row: Span | Relation | Comment) -> None:
    """Raise (403) if the caller may not change the set of a span, relation or comment."""
    require(view.person, Permission.EDIT_CONTENT, set_of(row))


def set_of(row: Span | Relation | Comment) -> Seen[AnnotationSet]:
    """Return the set of a visible row: they are in the same corpus, so the role is the same."""
    return Seen(row.set, Seen.of(row).role)


class CorpusSpans(CorpusView):
    """The spans of a corpus."""

    resource = "span"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT)
    parameters = {"GET": filters.parameters_of(filters.SPANS)}
    answers = {"GET": page(SpanShape)}

    def get(self, request: Request, slug: str) -> Response:
        """List those in sets whose content the caller sees, by id."""
        corpus = self.corpus(slug, Permission.VIEW_CONTENT)
        rows = visible(self.person, Span.objects.filter(set__corpus=corpus))
        return self.page(filters.apply(filters.SPANS, rows, self.person, self.query()), SpanShape)


class SetRelations(SetView):
    """The relations of a set."""

    resource = "set relation"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT, POST=Permission.EDIT_CONTENT)
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": one_or_list(RelationBody)}
    answers = {
        "GET": page(RelationShape),
        "POST": created(RelationShape, headers=SET_VERSION, shape="one-or-list"),
    }
    refusals = {"GET": ("blind",), "POST": (*_CONTENT_REFUSALS, "relation-ends")}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them by id."""
        return self.page(Relation.objects.filter(set=self.readable(pk)), RelationShape)

    def post(self, request: Request, pk: UUID) -> Response:
        """Add one, or up to 1,000 at once: all or none."""
        row = editable(self, pk)
        items, several = self.body_or_list(RelationBody)
        drafts = [
            relations.RelationDraft(**item, at=f"/{index}" if several else "")
            for index, item in enumerate(items)
        ]
        self.query()
        added, new, set_version = relations.add(self.person, row.pk, drafts)
        return _respond_added(
            self, added, RelationShape, "relations", several=several, new=new, set_version=set_version
        )


class RelationDetail(View):
    """One relation."""

    resource = "relation"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT, DELETE=Permission.EDIT_CONTENT)
    answers = {"GET": one(RelationShape), "DELETE": nothing(headers=SET_VERSION)}
    refusals = {"DELETE": _CONTENT_REFUSALS}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        relation = get_visible(self.person, Relation.objects.all(), pk=pk)
        return self.answer(RelationShape(relation), version=relation.version)

    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete it."""
        seen = get_visible(self.person, Relation.objects.select_related("set"), pk=pk)
        require_owner(self, seen)
        return self.deleted(set_version=relations.delete(self.person, seen, version=self.version()))


class SetComments(SetView):
    """The comments of a set."""

    resource = "set comment"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT, POST=Permission.COMMENT)
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": CommentBody}
    answers = {"GET": page(CommentShape), "POST": created(CommentShape, headers=SET_VERSION)}
    refusals = {"GET": ("blind",), "POST": (*_CONTENT_REFUSALS, "not-in-corpus")}

    def get(self, request: Request, pk: UUID) -> Response:
        """List it by id."""
        rows = Comment.objects.filter(set=self.readable(pk)).select_related("author", "resolved_by")
        return self.page(rows, CommentShape)

    def post(self, request: Request, pk: UUID) -> Response:
        """Comment on the set, on a span, or on a comment."""
        row = require(self.person, Permission.COMMENT, self.readable_seen(pk))
        draft = comments.CommentDraft(**self.body(CommentBody))
        if draft.blocking:
            require_scope(request, PERMISSIONS[Permission.BLOCK].scopes)
        comment, new, set_version = comments.add(self.person, row.pk, draft)
        return self.created(
            CommentShape(comment),
            at=f"/api/v1/comments/{comment.pk}/",
            version=comment.version,
            set_version=set_version,
            new=new,
        )


class CommentDetail(View):
    """One comment."""

    resource = "comment"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT, PATCH=Permission.COMMENT)
    bodies = {"PATCH": CommentChange}
    answers = {
        "GET": one(CommentShape),
        "PATCH": one(CommentShape, headers=SET_VERSION),
    }
    refusals = {"PATCH": _CONTENT_REFUSALS}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        comment = self._comment(pk)
        return self.answer(CommentShape(comment), version=comment.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Edit its text, or resolve or reopen it."""
        seen = self._comment(pk)
        require(self.person, Permission.COMMENT, set_of(seen))
        changes = self.body(CommentChange, partial=True)
        comments.require_may_change(self.person, set_of(seen), seen, changes)
        comment, set_version = comments.change(self.person, seen, changes, version=self.version())
        return self.answer(CommentShape(comment), version=comment.version, set_version=set_version)

    def _comment(self, pk: UUID) -> Comment:
        return get_visible(self.person, Comment.objects.select_related("author", "resolved_by", "set"), pk=pk)


class CommentTaking(View):
    """Accepting the change that a comment proposes."""

    resource = "comment suggestion"
    scopes = scopes_of(POST=Permission.EDIT_CONTENT)
    bodies = {"POST": EmptyBody}
    answers = {"POST": one(SpanShape, headers=SET_VERSION)}
    refusals = {"POST": (*_CONTENT_REFUSALS, *_RANGE_REFUSALS, "relation-ends")}
    guarded = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Change the span as proposed and resolve the comment; If-Match is the comment's version."""
        seen = get_visible(self.person, Comment.objects.select_related("set"), pk=pk)
        require_owner(self, seen)
        self.body(EmptyBody)
        span, set_version = comments.take(self.person, seen, version=self.version())
        return self.answer(SpanShape(span), version=span.version, set_version=set_version)
