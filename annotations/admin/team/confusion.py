"""The page of the marks behind a cell of a confusion, side by side and with links into the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from annotations.admin import labels
from annotations.admin.access import current_user
from annotations.admin.labels import LazyText
from annotations.admin.team import pages
from annotations.admin.team.agreement import KIND_LABELS, ROUND_LABELS, read_question
from annotations.permissions import Permission
from annotations.scheme import ATTRIBUTES, LABEL_NAMES, SpanData
from annotations.services.double_annotation import confusion
from annotations.services.double_annotation.confusion import ConfusedArticle, ConfusionCell

TEMPLATE = "admin/annotations/team/confused.html"


@dataclass(frozen=True)
class ShownMark:
    """A mark as a link to its place in the workbench."""

    quote: str
    label: LazyText
    url: str


@dataclass(frozen=True)
class ShownArticle:
    """An article with its pairs of marks; ``changed``: there are not as many as were counted."""

    row: ConfusedArticle
    pairs: list[tuple[ShownMark | None, ShownMark | None]]

    @property
    def changed(self) -> bool:
        """Whether the marks have changed since they were counted."""
        return len(self.pairs) != self.row.counted


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the marks of a cell for those who see the whole report, through the gate of the sets."""
    corpus = pages.get_corpus(request, pk, Permission.VIEW_AGREEMENT)
    cell = _read_cell(request)
    question = read_question(request, sees_all=True)
    number = pages.page_number(request)
    found = confusion.confusion_page(current_user(request), corpus, question, cell, number)
    name_of: Callable[[str], LazyText] = (
        partial(labels.attribute_value_label, cell.attribute) if cell.attribute else labels.span_label
    )
    query = request.GET.copy()
    query.pop("p", None)
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("What is taken for what"),
        attribute=labels.attribute_label(cell.attribute) if cell.attribute else "",
        first=cell.first and name_of(cell.first),
        second=cell.second and name_of(cell.second),
        round_label=ROUND_LABELS[question.round],
        kind_label=KIND_LABELS[question.kind],
        back=f"{pages.page_url(corpus, 'agreement')}?round={question.round}&kind={question.kind}",
        articles=[_shown_article(row) for row in found.rows],
        hidden=found.hidden,
        newer=number - 1,
        older=number + 1 if found.has_more else None,
        query=query.urlencode(),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _read_cell(request: HttpRequest) -> ConfusionCell:
    """Return the cell of the query parameters; raise ``Http404`` if there is no such cell."""
    attribute = request.GET.get("attribute", "")
    if attribute and attribute not in confusion.CONFUSED_ATTRIBUTES:
        raise Http404
    known = ATTRIBUTES[attribute].values if attribute else LABEL_NAMES
    sides = [request.GET.get(side) or None for side in ("first", "second")]
    if not any(sides) or any(side is not None and side not in known for side in sides):
        raise Http404
    return ConfusionCell(sides[0], sides[1], attribute)


def _shown_article(row: ConfusedArticle) -> ShownArticle:
    return ShownArticle(
        row,
        [
            (_shown_mark(row.first_set, pair.first), _shown_mark(row.second_set, pair.second))
            for pair in row.spans
        ],
    )


def _shown_mark(row: UUID, span: SpanData | None) -> ShownMark | None:
    if span is None:
        return None
    url = reverse("admin:annotations_annotationset_workbench", args=(row,))
    return ShownMark(span.quote, labels.span_label(span.label), f"{url}#span={span.id}")
