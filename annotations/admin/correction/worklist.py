"""The worklist of a set: the marks that need a look since the text was corrected, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, pgettext

from annotations.admin import labels
from annotations.admin.access import current_user, get_visible_or_404
from annotations.admin.correction.contexts import REACHES, Contexts, load_contexts
from annotations.admin.correction.diff import decision_label, diff_url
from annotations.admin.correction.outcome import STATUS_LABELS, describe_open_items
from annotations.admin.scoped_admin import ObjectTool, change_url
from annotations.enums import EDITABLE, CarryDecision, State
from annotations.exceptions import BlindError, InsufficientRoleError, InvalidInputError, StandpointError
from annotations.messages import message
from annotations.models import AnnotationSet, CarryItem, CarryOver, Revision
from annotations.models.fields import VerbatimFormField
from annotations.permissions import require_content_access
from annotations.services.correction import items
from annotations.services.correction.items import ItemDecision
from annotations.text.align import CarryStatus
from annotations.text.edges import snap_range
from annotations.text.ranges import Range, check_quote
from annotations.translation import translate_message
from annotations.visibility import get_visible, visible

TEMPLATE = "admin/annotations/annotationset/items.html"
HIDDEN_TEMPLATE = "admin/annotations/annotationset/hidden.html"
#: How many decided items, and how many other sets, the page lists.
MAX_DECIDED, MAX_SETS = 50, 10
#: How many waiting marks the workbench names.
MAX_LISTED = 50

#: What the page says of an item, and what there is to decide.
HELPS = {
    CarryStatus.TOUCHED: gettext_lazy(
        "The marked words are the same, but the rest of their sentence has changed. Is the mark still right?"
    ),
    CarryStatus.UNCERTAIN: gettext_lazy(
        "A part of the marked words has changed. What is left of them is proposed on the new text."
    ),
    CarryStatus.MOVED: gettext_lazy(
        "The marked words were taken out here, and stand in a part of the text that was written anew."
    ),
    CarryStatus.LOST: gettext_lazy(
        "The marked words are gone. Select others in the new text if it still says so, or drop the mark."
    ),
}
#: The buttons in their order: the key and the text.
BUTTONS = {
    CarryDecision.KEPT: ("1", gettext_lazy("Take the proposal")),
    CarryDecision.FINE: ("0", gettext_lazy("Fine as it is")),
    CarryDecision.MOVED: ("2", gettext_lazy("Select words myself")),
    CarryDecision.DROPPED: ("3", gettext_lazy("Drop the mark")),
}
DONE_MESSAGES = {
    CarryDecision.KEPT: gettext_lazy("The proposal is marked."),
    CarryDecision.MOVED: gettext_lazy("The words that you selected are marked."),
    CarryDecision.DROPPED: gettext_lazy("The mark was dropped."),
    CarryDecision.FINE: gettext_lazy("The mark stays as it is."),
}


class DecisionForm(forms.Form):
    """Form for a decision; the range is that of selected words, ``seen`` the version of the set."""

    item = forms.UUIDField()
    decision = forms.ChoiceField(choices=[(str(word), str(word)) for word in CarryDecision])
    start = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    end = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    quote = VerbatimFormField(required=False)
    seen = forms.IntegerField(min_value=1, max_value=2**31 - 1)


@dataclass(frozen=True)
class Button:
    """What can be decided of the shown item."""

    decision: str
    key: str
    label: Any


@dataclass(frozen=True)
class Place:
    """Where the shown item stands among those of the set."""

    at: int
    total: int
    left: int
    previous_url: str
    next_url: str


def items_url(set_id: UUID, item: UUID | None = None) -> str:
    """Return the address of the worklist of a set; with an item, that of the item."""
    url = reverse("admin:annotations_annotationset_items", args=(set_id,))
    return f"{url}?item={item}" if item else url


def items_tools(row: AnnotationSet) -> list[ObjectTool]:
    """Return the link to the worklist of a set, if a mark of it waits; only a set on a new text has any."""
    if row.state not in EDITABLE or row.based_on_id is None:
        return []
    number = CarryItem.objects.open().filter(set=row).count()
    return [ObjectTool(describe_open_items(number), items_url(row.pk))] if number else []


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render an item of a set, or store what was decided of one."""
    rows = AnnotationSet.objects.select_related("corpus", "article", "owner", "revision").defer(
        "corpus__guideline", "corpus__description", "article__search_key", "revision__text"
    )
    row = get_visible_or_404(request, rows, pk)
    context = {**site.each_context(request), "opts": AnnotationSet._meta, "object": row, "set": row}
    try:
        require_content_access(current_user(request), row)
    except BlindError as error:
        context |= {"title": gettext("Hidden for now"), "sentence": translate_message(error.detail)}
        return TemplateResponse(request, HIDDEN_TEMPLATE, context, status=403)
    if request.method == "POST":
        return _handle_post(request, row)
    listed = list_items(row)
    chosen = _choose(request, listed)
    context |= {
        "title": gettext("Marks to look at"),
        "subtitle": f"{row.article} · {row.owner.get_username()}",
        "set_url": change_url(AnnotationSet, row.pk),
        "workbench_url": reverse("admin:annotations_annotationset_workbench", args=(row.pk,)),
        "decided": _decided(row),
        "others": _other_sets(request, row),
        "total": len(listed),
    }
    if chosen is not None:
        context |= _item_context(request, row, chosen, listed)
    return TemplateResponse(request, TEMPLATE, context)


def list_items(row: AnnotationSet) -> list[tuple[UUID, bool]]:
    """Return the items of a set in the order of the old text, and whether each waits for a decision."""
    rows = CarryItem.objects.filter(set=row).exclude(
        Q(decision=""), status=CarryStatus.TOUCHED, span__isnull=True
    )
    return [(pk, not done) for pk, done in rows.order_by("start", "pk").values_list("pk", "decision")]


def _choose(request: HttpRequest, listed: Sequence[tuple[UUID, bool]]) -> UUID | None:
    """Return the item of the address, else the first that waits; None if none does."""
    wanted = request.GET.get("item", "")
    named = next((id for id, _ in listed if str(id) == wanted), None)
    return named or next((id for id, waits in listed if waits), None)


def _item_context(
    request: HttpRequest, row: AnnotationSet, id: UUID, listed: Sequence[tuple[UUID, bool]]
) -> dict[str, Any]:
    rows = CarryItem.objects.select_related("carry", "actor", "proposition", "span", "by")
    item = get_visible(current_user(request), rows, pk=id)
    reach = _reach(request)
    may_decide = is_editable(request, row) and not item.decision
    contexts = load_contexts(item, reach)
    wider = next((each for each in REACHES if each > reach), None)
    return {
        "item": item,
        "place": _find_place(row, id, listed),
        "label": labels.span_label(item.label),
        "status": STATUS_LABELS[CarryStatus(item.status)],
        "help": HELPS[CarryStatus(item.status)],
        "facts": _facts(item),
        "contexts": contexts,
        "decision": decision_label(item) if item.decision else "",
        "buttons": _buttons(item) if may_decide else [],
        "more_url": _more_url(item, wider, contexts),
        "place_url": _place_url(row, contexts),
        "diff_url": diff_url(row.article_id, to=row.revision.number),
    }


def is_editable(request: HttpRequest, row: AnnotationSet) -> bool:
    """Return whether the user may decide of the items of a set."""
    return row.owner_id == current_user(request).pk and row.state in EDITABLE and not row.corpus.archived


def _reach(request: HttpRequest) -> int:
    sent = request.GET.get("reach", "")
    return int(sent) if sent in map(str, REACHES) else REACHES[0]


def _more_url(item: CarryItem, wider: int | None, contexts: Contexts) -> str:
    return "" if wider is None or contexts.is_whole else f"?item={item.pk}&reach={wider}"


def _place_url(row: AnnotationSet, contexts: Contexts) -> str:
    workbench = reverse("admin:annotations_annotationset_workbench", args=(row.pk,))
    return f"{workbench}#at={contexts.start}"


def _buttons(item: CarryItem) -> list[Button]:
    allowed = items.allowed_decisions(item)
    return [Button(str(word), key, text) for word, (key, text) in BUTTONS.items() if word in allowed]


def _facts(item: CarryItem) -> list[tuple[str, str]]:
    """Return what the mark says beside its words."""
    facts = [
        (labels.attribute_label(name), labels.attribute_value_label(name, value))
        for name, value in item.attributes.items()
    ]
    if item.actor:
        facts.append((pgettext("field", "actor"), item.actor.name))
    if item.proposition:
        facts.append((pgettext("field", "proposition"), item.proposition.text))
    return facts


def _find_place(row: AnnotationSet, id: UUID, listed: Sequence[tuple[UUID, bool]]) -> Place:
    ids = [each for each, _ in listed]
    at = ids.index(id)
    waiting = [index for index, (_, waits) in enumerate(listed) if waits]
    before = next((index for index in reversed(waiting) if index < at), None)
    after = next((index for index in waiting if index > at), None)
    return Place(
        at=at + 1,
        total=len(ids),
        left=len(waiting),
        previous_url="" if before is None else items_url(row.pk, ids[before]),
        next_url="" if after is None else items_url(row.pk, ids[after]),
    )


def _decided(row: AnnotationSet) -> list[tuple[CarryItem, str, str, str]]:
    """Return the last decided items with their label, what was decided, and the address of the item."""
    rows = CarryItem.objects.filter(set=row).exclude(decision="").order_by("-at", "-pk")[:MAX_DECIDED]
    return [
        (item, labels.span_label(item.label), decision_label(item), items_url(row.pk, item.pk))
        for item in rows
    ]


def _other_sets(request: HttpRequest, row: AnnotationSet) -> list[tuple[str, str]]:
    """Return the user's other sets with items that wait."""
    by = current_user(request)
    rows = AnnotationSet.objects.filter(
        owner=by, state__in=EDITABLE, corpus__archived=False, pk__in=CarryItem.objects.open().values("set")
    ).exclude(pk=row.pk)
    shown = visible(by, rows).select_related("article").defer("article__search_key").order_by("pk")
    return [(str(each.article), items_url(each.pk)) for each in shown[:MAX_SETS]]


def workbench_facts(row: AnnotationSet) -> dict[str, Any]:
    """Return what the workbench says of corrections: the sets before and after, and the marks that wait."""
    shown: list[CarryItem] = []
    total = 0
    if row.based_on_id is not None and row.state in EDITABLE:
        waiting = CarryItem.objects.open().filter(set=row).order_by("start", "pk")
        shown = list(waiting[:MAX_LISTED])
        total = len(shown) if len(shown) < MAX_LISTED else waiting.count()
    return {
        "next": _later_set(row),
        "earlier": _earlier_sets(row),
        "items": [
            {
                "quote": item.quote,
                "label": labels.span_label(item.label),
                "status": str(STATUS_LABELS[CarryStatus(item.status)]),
                "url": items_url(row.pk, item.pk),
            }
            for item in shown
        ],
        "items_total": total,
        "items_url": items_url(row.pk),
        "diff_url": diff_url(row.article_id),
    }


def _earlier_sets(row: AnnotationSet) -> list[str]:
    """Return the sets that a set continues, each on an older text, the last one first."""
    if row.based_on_id is None:
        return []
    before = dict(CarryOver.objects.filter(article=row.article_id).values_list("to_set", "from_set"))
    found, at = [], row.pk
    while at in before:
        at = before[at]
        found.append(str(at))
    return found


def _later_set(row: AnnotationSet) -> str | None:
    """Return the set in which a superseded one goes on, after all corrections; None if in none."""
    if row.state != State.SUPERSEDED:
        return None
    carries = CarryOver.objects.filter(article=row.article_id).order_by("pk")
    after = dict(carries.values_list("from_set", "to_set"))
    at = row.pk
    while at in after:
        at = after[at]
    return None if at == row.pk else str(at)


# --- Decisions ------------------------------------------------------------------------------------


def _handle_post(request: HttpRequest, row: AnnotationSet) -> HttpResponse:
    """Store a decision; go on to the next item, or stay at one that was refused."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("The form does not say what to do; load the page again."))
        return HttpResponseRedirect(items_url(row.pk))
    values = form.cleaned_data
    decision = CarryDecision(values["decision"])
    item = get_visible_or_404(request, CarryItem.objects.filter(set=row), values["item"])
    try:
        decided = ItemDecision(decision=decision, **_selected_words(row, decision, values))
        settled, _ = items.settle_item(current_user(request), item, decided, version=values["seen"])
    except InsufficientRoleError as error:
        raise PermissionDenied from error
    except StandpointError as error:
        messages.error(request, _refusal(row, error))
        return HttpResponseRedirect(items_url(row.pk, item.pk))
    messages.success(request, _done_message(row, settled, decision))
    return HttpResponseRedirect(items_url(row.pk, _next_item(row, item.pk)))


def _selected_words(row: AnnotationSet, decision: CarryDecision, values: dict[str, Any]) -> dict[str, Any]:
    """Return the range of the selected words, cut to letters as in the workbench."""
    if decision != CarryDecision.MOVED:
        return {}
    if values["start"] is None or values["end"] is None:
        raise InvalidInputError(message("Select the words in the new text first, then decide."))
    text = Revision.objects.values_list("text", flat=True).get(pk=row.revision_id)
    where = Range.from_offsets(values["start"], values["end"], len(text))
    # a form sends every line end as CRLF
    if _with_plain_line_ends(where.quote(text)) != _with_plain_line_ends(values["quote"]):
        check_quote(text, where, values["quote"])
    snapped = snap_range(text, where)
    return {"start": snapped.start, "end": snapped.end, "quote": snapped.quote(text)}


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refusal(row: AnnotationSet, error: StandpointError) -> str:
    """Return why a decision was refused, with the way to the mark that stands in its way."""
    sentence = translate_message(error.detail)
    if "span" not in error.data:
        return sentence
    url = reverse("admin:annotations_annotationset_workbench", args=(row.pk,))
    link = gettext('{} <a href="{}#span={}">Show that mark in the workbench</a>')
    return format_html(link, sentence, url, error.data["span"])


def _done_message(row: AnnotationSet, item: CarryItem, decision: CarryDecision) -> str:
    """Return what was done, and where a mistake is mended."""
    url = reverse("admin:annotations_annotationset_workbench", args=(row.pk,))
    if item.span_id:
        where = gettext('{} <a href="{}#span={}">Change it in the workbench</a> if that was a mistake.')
        return format_html(where, DONE_MESSAGES[decision], url, item.span_id)
    where = gettext('{} <a href="{}#at={}">Mark it again in the workbench</a> if that was a mistake.')
    return format_html(where, DONE_MESSAGES[decision], url, item.proposal_start or 0)


def _next_item(row: AnnotationSet, id: UUID) -> UUID | None:
    """Return the next item that waits after one, else the first; None if all are decided."""
    listed = list_items(row)
    ids = [each for each, _ in listed]
    at = ids.index(id) if id in ids else -1
    waiting = [each for each, waits in [*listed[at + 1 :], *listed[: at + 1]] if waits]
    return waiting[0] if waiting else None
