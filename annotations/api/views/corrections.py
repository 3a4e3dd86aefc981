"""Corrections of texts: revisions, how they differ, and the spans that need a look."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api import filters, parameters
from annotations.api.operations import (
    created_response,
    paginated_response,
    unversioned_response,
)
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.articles import RevisionCreateSerializer, RevisionSerializer
from annotations.api.serializers.corrections import (
    AddedRevisionSerializer,
    CarryItemSerializer,
    CarryReportSerializer,
    DiffSerializer,
    ItemDecisionSerializer,
)
from annotations.api.views.articles import MAX_TEXT_BODY_BYTES, BaseArticleView
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.api.views.set_content import SET_VERSION_HEADER
from annotations.enums import CarryDecision
from annotations.exceptions import NotVisibleError
from annotations.messages import message
from annotations.models import ITEM_STATUSES, CarryItem, Revision
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.correction import items, reports, revisions
from annotations.text.align import mapping
from annotations.visibility import get_visible, visible


class RevisionListView(BaseArticleView):
    """The versions of an article's text."""

    resource = "revision"
    max_body_bytes = MAX_TEXT_BODY_BYTES
    scopes = scopes_by_method(GET=Permission.VIEW_ARTICLE, POST=Permission.ADD_REVISION)
    parameters = {
        "GET": parameters.PAGE,
        "POST": {
            "dry_run": parameters.boolean("Say what would become of the sets, and store nothing."),
            "recall": parameters.boolean("Give sets that are only submitted back to their owners first."),
        },
    }
    request_bodies = {"POST": RevisionCreateSerializer}
    responses = {
        "GET": paginated_response(RevisionSerializer),
        "POST": created_response(
            AddedRevisionSerializer, versioned=False, preview_content=CarryReportSerializer
        ),
    }
    error_codes = {"POST": ("duplicate", "not-allowed-now", "id-taken", "text-not-allowed")}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them, without their texts."""
        article = self.get_article(pk, Permission.VIEW_ARTICLE)
        rows = Revision.objects.filter(article=article).select_related("author").defer("text")
        return self.paginate(rows, RevisionSerializer)

    def post(self, request: Request, pk: UUID) -> Response:
        """Add one, which becomes the current text; the sets of the article go on to it."""
        self.get_article(pk, Permission.ADD_REVISION)
        values, query = self.validated_data(RevisionCreateSerializer), self.query_params()
        recall = bool(query.get("recall"))
        if query.get("dry_run"):
            plans = revisions.preview_revision(self.user, pk, values["text"], recall=recall)
            return self.respond(CarryReportSerializer(reports.report_plans(self.user, plans)))
        result = revisions.add_revision(
            self.user, pk, values["text"], values["reason"], revision_id=values.get("id"), recall=recall
        )
        content = AddedRevisionSerializer((result, reports.report_carries(self.user, result.carries)))
        at = api_url(f"articles/{pk}/text/?revision={result.revision.number}")
        return self.respond_created(content, location=at, new=result.created)


class RevisionDiffView(BaseArticleView):
    """How a revision differs from an earlier one."""

    resource = "revision diff"
    scopes = scopes_by_method(GET=Permission.VIEW_ARTICLE)
    parameters = {
        "GET": {"from": parameters.number("The number of the other one; the one before it.", minimum=1)}
    }
    responses = {"GET": unversioned_response(DiffSerializer)}

    def get(self, request: Request, pk: UUID, number: int) -> Response:
        """Show the ranges that are equal and those that are not, and the spans that needed a look."""
        article = self.get_article(pk, Permission.VIEW_ARTICLE)
        base = self.query_params().get("from", max(1, number - 1))
        old, new = (self._find_revision(article.pk, each, article.revision.number) for each in (base, number))
        texts = mapping(old.text, new.text)
        shown = reports.find_differences(self.user, old, new, texts)
        spans = {status: [item for item in shown if item.status == status] for status in ITEM_STATUSES}
        return self.respond(
            DiffSerializer({"from": old.number, "to": new.number, "blocks": texts.blocks, "spans": spans})
        )

    @staticmethod
    def _find_revision(article_id: UUID, number: int, newest: int) -> Revision:
        found = Revision.objects.filter(article=article_id, number=min(number, 2**31 - 1)).first()
        if found is None:
            raise NotVisibleError(
                message(
                    "The article has no revision {wanted}; its newest is {number}.",
                    wanted=number,
                    number=newest,
                )
            )
        return found


def item_rows() -> QuerySet[CarryItem]:
    """Return items with all that their serializer shows."""
    return CarryItem.objects.select_related("set", "by")


class CarryItemListView(BaseCorpusView):
    """The spans that need a look since their text was corrected."""

    resource = "carry item"
    scopes = scopes_by_method(GET=Permission.VIEW_SET)
    parameters = {"GET": filters.list_parameters(filters.CARRY_ITEMS)}
    responses = {"GET": paginated_response(CarryItemSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """List those of the sets that the caller may read."""
        corpus = self.get_corpus(slug, Permission.VIEW_SET)
        rows = visible(self.user, item_rows().filter(set__corpus=corpus))
        return self.paginate(
            filters.apply_filters(filters.CARRY_ITEMS, rows, self.user, self.query_params()),
            CarryItemSerializer,
        )


class CarryItemSettleView(BaseView):
    """Deciding what becomes of a span."""

    resource = "carry item settlement"
    scopes = scopes_by_method(POST=Permission.EDIT_CONTENT)
    request_bodies = {"POST": ItemDecisionSerializer}
    responses = {"POST": unversioned_response(CarryItemSerializer, headers=SET_VERSION_HEADER)}
    error_codes = {
        "POST": (
            "stale", "closed-set", "not-allowed-now", "duplicate", "out-of-bounds", "empty-span",
            "quote-mismatch",
        )
    }  # fmt: skip
    requires_if_match = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Take the proposal, mark other words, drop it, or say that it is fine; If-Match names the set."""
        item = get_visible(self.user, item_rows().select_related("set__corpus"), pk=pk)
        require_permission(self.user, Permission.EDIT_CONTENT, VisibleRow(item.set, VisibleRow.of(item).role))
        values = self.validated_data(ItemDecisionSerializer)
        decided = items.ItemDecision(**{**values, "decision": CarryDecision(values["decision"])})
        settled, version = items.settle_item(self.user, item, decided, version=self.expected_version())
        return self.respond(CarryItemSerializer(settled), set_version=version)
