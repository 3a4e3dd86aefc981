"""The page that compares two revisions of a text, with the marks that the reader may see over both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.addresses import api_url
from annotations.admin.access import current_user, get_visible_or_404
from annotations.admin.correction.markup import render_chunks, render_pieces
from annotations.admin.correction.outcome import STATUS_LABELS
from annotations.admin.correction.passages import DrawnSpan, Fold, Layout, lay_out
from annotations.admin.labels import format_number, span_label
from annotations.admin.scoped_admin import change_url
from annotations.enums import CarryDecision, State
from annotations.models import Article, CarryItem, Revision, Span
from annotations.services.correction.reports import find_differences
from annotations.text.align import CarryStatus, Mapping, mapping
from annotations.visibility import visible

TEMPLATE = "admin/annotations/article/diff.html"
COLUMNS, INLINE = "columns", "inline"
VIEW_LABELS = {COLUMNS: gettext_lazy("Side by side"), INLINE: gettext_lazy("In one text")}
#: How many revisions the choices have, and how many items the page lists.
MAX_REVISIONS, MAX_ITEMS = 200, 100


class FilterForm(forms.Form):
    """Form for the address; what is wrong counts as not sent."""

    to = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    view = forms.ChoiceField(choices=[(name, name) for name in VIEW_LABELS], required=False)
    page = forms.IntegerField(min_value=1, max_value=10**6, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"] = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


@dataclass(frozen=True)
class ShownPart:
    """A row with both texts, or a fold: then ``fold`` says how much it hides."""

    old: SafeString | None = None
    new: SafeString | None = None
    inline: SafeString | None = None
    fold: str = ""
    is_same: bool = False


@dataclass(frozen=True)
class ShownItem:
    """A mark that needs a look between the two texts, and what was decided."""

    label: str
    status: str
    quote: str
    decision: str


def diff_url(article_id: UUID, **query: object) -> str:
    """Return the address of the page."""
    url = reverse("admin:annotations_article_diff", args=(article_id,))
    return f"{url}?{urlencode(query)}" if query else url


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the comparison; without numbers in the address, that of the last two revisions."""
    rows = Article.objects.select_related("corpus", "revision").defer(
        "revision__text", "search_key", "corpus__guideline", "corpus__description"
    )
    article = get_visible_or_404(request, rows, pk)
    sent = _read_address(request)
    to = sent["to"] or article.revision.number
    from_ = sent["from"] or max(1, to - 1)
    view = sent["view"] or COLUMNS
    revisions = revision_rows(article)
    old, new = _find_revision(article, from_), _find_revision(article, to)
    texts = mapping(old.text, new.text)
    layout = lay_out(
        texts,
        _find_marks(request, old),
        _find_marks(request, new),
        page=sent["page"] or 1,
    )
    query = {"from": from_, "to": to, "view": view}
    context = {
        **site.each_context(request),
        "title": gettext("What changed"),
        "subtitle": str(article),
        "opts": Article._meta,
        "object": article,
        "article": article,
        "article_url": change_url(Article, article.pk),
        "old": old,
        "new": new,
        "old_name": revision_name(old),
        "new_name": revision_name(new),
        "revisions": [(row, revision_name(row)) for row in revisions],
        "view": view,
        "views": [
            (f"?{urlencode({**query, 'view': name})}", label, name == view)
            for name, label in VIEW_LABELS.items()
        ],
        "parts": _render_parts(layout, view),
        "summary": _summarize(layout),
        "total": layout.total,
        "previous_url": _page_url(query, sent["page"] or 1, -1, layout),
        "next_url": _page_url(query, sent["page"] or 1, 1, layout),
        "items": _find_items(request, old, new, texts),
        "text_urls": [api_url(f"articles/{pk}/text/?revision={row.number}") for row in (old, new)],
    }
    return TemplateResponse(request, TEMPLATE, context)


def _read_address(request: HttpRequest) -> dict[str, Any]:
    form = FilterForm(request.GET)
    form.is_valid()
    return {name: form.cleaned_data.get(name) for name in form.fields}


def revision_rows(article: Article) -> QuerySet[Revision]:
    """Return the revisions of an article, the newest first, without their texts."""
    rows = Revision.objects.filter(article=article).select_related("author").defer("text")
    return rows.order_by("-number")[:MAX_REVISIONS]


def revision_name(row: Revision) -> str:
    """Return the name of a revision."""
    return gettext("Revision %(number)s") % {"number": row.number}


def _find_revision(article: Article, number: int) -> Revision:
    row = Revision.objects.filter(article=article, number=number).first()
    if row is None:
        raise Http404
    return row


def _find_marks(request: HttpRequest, revision: Revision) -> list[DrawnSpan]:
    rows = Span.objects.filter(set__revision=revision).exclude(set__state=State.WITHDRAWN)
    shown: Any = visible(current_user(request), rows).order_by()
    return [DrawnSpan(*row) for row in shown.values_list("start", "end", "label").distinct()]


def _find_items(request: HttpRequest, old: Revision, new: Revision, texts: Mapping) -> list[ShownItem]:
    return [
        ShownItem(
            span_label(item.label),
            str(STATUS_LABELS[CarryStatus(item.status)]),
            item.quote,
            decision_label(item),
        )
        for item in find_differences(current_user(request), old, new, texts)[:MAX_ITEMS]
    ]


def decision_label(item: CarryItem) -> str:
    """Return what was decided of an item; of one that is only a preview nothing can be."""
    if item._state.adding:
        return ""
    return str(DECISION_LABELS[CarryDecision(item.decision)]) if item.decision else gettext("not decided yet")


DECISION_LABELS = {
    CarryDecision.KEPT: gettext_lazy("the proposal was taken"),
    CarryDecision.MOVED: gettext_lazy("other words were marked"),
    CarryDecision.DROPPED: gettext_lazy("the mark was dropped"),
    CarryDecision.FINE: gettext_lazy("the mark stays as it is"),
}


def _render_parts(layout: Layout, view: str) -> list[ShownPart]:
    return [
        _render_fold(part)
        if isinstance(part, Fold)
        else ShownPart(inline=render_chunks(part.inline, has_anchors=True))
        if view == INLINE
        else ShownPart(
            old=render_chunks(part.old, has_anchors=True),
            new=render_chunks(part.new, has_anchors=True),
            is_same=not part.has_changes,
        )
        for part in layout.parts
    ]


def _render_fold(fold: Fold) -> ShownPart:
    shown = ngettext("Show %(n)s unchanged character", "Show %(n)s unchanged characters", fold.length)
    return ShownPart(inline=render_pieces(fold.pieces), fold=shown % {"n": format_number(fold.length)})


def _summarize(layout: Layout) -> str:
    if not layout.total:
        return gettext("The two texts are the same.")
    if (layout.first, layout.last) == (1, layout.total):
        return ngettext("%(n)s change", "%(n)s changes", layout.total) % {"n": format_number(layout.total)}
    return gettext("Changes %(first)s to %(last)s of %(total)s") % {
        "first": format_number(layout.first),
        "last": format_number(layout.last),
        "total": format_number(layout.total),
    }


def _page_url(query: dict[str, Any], page: int, step: int, layout: Layout) -> str:
    there = layout.first > 1 if step < 0 else layout.last < layout.total
    return f"?{urlencode({**query, 'page': page + step})}" if there else ""


def article_revisions(article: Article) -> Sequence[tuple[Revision, str, str]]:
    """Return the revisions for the page of the article, with their names and the way to what each changed."""
    return [
        (
            row,
            revision_name(row),
            diff_url(article.pk, **{"from": row.number - 1, "to": row.number}) if row.number > 1 else "",
        )
        for row in revision_rows(article)
    ]
