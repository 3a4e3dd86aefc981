"""The page Duplicates: pairs of entries that look alike, one at a time, for people to judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin import labels, merges
from annotations.admin.access import current_user
from annotations.admin.scoped_admin import change_url
from annotations.admin.team import pages
from annotations.exceptions import StandpointError
from annotations.models import (
    Actor,
    ActorKind,
    Corpus,
    EntryKind,
    Proposition,
    PropositionKind,
    PropositionStatus,
    Span,
    Topic,
    Verdict,
)
from annotations.permissions import Permission, VisibleRow
from annotations.services.jobs.duplicates import find_duplicates
from annotations.services.registry import judgements
from annotations.services.registry.judgements import OPEN_STATE, STATES, ListedPair
from annotations.services.registry.names import REGISTRY_MODELS
from annotations.translation import translate_message

TEMPLATE = "admin/annotations/corpus/duplicates.html"
KIND_LABELS = {
    EntryKind.ACTOR: gettext_lazy("Actors"),
    EntryKind.TOPIC: gettext_lazy("Topics"),
    EntryKind.PROPOSITION: gettext_lazy("Propositions"),
}
STATE_LABELS = {
    OPEN_STATE: gettext_lazy("To judge"),
    Verdict.UNSURE: gettext_lazy("Unsure"),
    Verdict.DIFFERENT: gettext_lazy("Different"),
}
#: Stands for taking a judgement back.
UNDO = "undo"
#: So many pairs lie behind one address; a page counts no further.
MAX_PLACE = 1_000_000


class FilterForm(forms.Form):
    """Form for the filters of the address, which is never shown; what is wrong counts as not sent."""

    kind = forms.ChoiceField(
        choices=[(kind, kind) for kind in EntryKind], required=False, widget=forms.HiddenInput
    )
    state = forms.ChoiceField(
        choices=[(state, state) for state in STATES], required=False, widget=forms.HiddenInput
    )
    at = forms.IntegerField(min_value=1, max_value=MAX_PLACE, required=False, widget=forms.HiddenInput)
    undo = forms.CharField(max_length=73, required=False, widget=forms.HiddenInput)


class JudgementForm(forms.Form):
    """Form for a judgement of a pair, which buttons send."""

    left = forms.UUIDField(widget=forms.HiddenInput)
    right = forms.UUIDField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=[(word, word) for word in (*Verdict, UNDO)], widget=forms.HiddenInput)


@dataclass(frozen=True)
class NamePart:
    """A part of a name that both entries have, or that only one has."""

    text: str
    differs: bool


@dataclass(frozen=True)
class ComparedField:
    """A line of the comparison: a field with its value on both sides."""

    label: str
    left: Sequence[NamePart]
    right: Sequence[NamePart]


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the pair at a place of the list, or store what was judged of one."""
    corpus = pages.get_corpus(request, pk, Permission.VIEW_REGISTRY)
    if request.method == "POST":
        return _handle_post(request, corpus)
    form = FilterForm(request.GET)
    sent: dict[str, Any] = form.cleaned_data if form.is_valid() else dict.fromkeys(form.fields, "")
    kind = EntryKind(sent["kind"] or EntryKind.ACTOR)
    state = sent["state"] or OPEN_STATE
    pairs = judgements.filter_pairs(corpus, kind, state)
    total = pairs.count()
    at: int = min(sent["at"] or 1, max(total, 1))
    rows: Any = REGISTRY_MODELS[kind]._default_manager.all()
    entries = {EntryKind.ACTOR: ("aliases", "parent"), EntryKind.PROPOSITION: ("topic",)}.get(kind, ())
    listed = judgements.describe_pairs(
        current_user(request),
        kind,
        list(pairs.order_by("rank")[at - 1 : at]),
        rows.prefetch_related(*entries),
    )
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Duplicates"),
        kinds=_choices(KIND_LABELS, kind, "kind", {"state": state}),
        states=_choices(STATE_LABELS, state, "state", {"kind": kind}),
        total=total,
        at=at,
        may_judge=pages.has_corpus_permission(request, Permission.JUDGE_PAIR, corpus) and not corpus.archived,
        previous_url=_address(kind=kind, state=state, at=at - 1) if at > 1 else "",
        next_url=_address(kind=kind, state=state, at=at + 1) if at < total else "",
        undo=sent["undo"].split(".") if sent["undo"].count(".") == 1 else None,
        **(_pair_context(listed[0], kind=kind, state=state, at=at) if listed else {}),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _handle_post(request: HttpRequest, corpus: Corpus) -> HttpResponse:
    by, seen = current_user(request), VisibleRow.of(corpus)
    filters = FilterForm(request.GET)
    query = {name: value for name, value in filters.data.items() if name in filters.fields and name != "undo"}
    form = JudgementForm(request.POST)
    try:
        if "search" in request.POST:
            job = find_duplicates(by, seen)
            messages.success(
                request,
                gettext("A worker compares all names now; load the page again in a while.")
                if job
                else gettext("All names were compared anew."),
            )
        elif form.is_valid():
            values = form.cleaned_data
            verdict = None if values["verdict"] == UNDO else Verdict(values["verdict"])
            judgements.judge_pair(by, seen, values["left"], values["right"], verdict=verdict)
            if verdict:
                query["undo"] = f"{values['left']}.{values['right']}"
            else:
                messages.success(request, gettext("The judgement was taken back."))
        else:
            messages.error(request, gettext("The form does not name two entries; load the page again."))
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
    return HttpResponseRedirect(_address(**query) or request.path)


def _address(**query: object) -> str:
    return f"?{urlencode(query)}" if query else ""


def _choices(names: Any, here: str, parameter: str, others: dict[str, str]) -> list[tuple[str, object, bool]]:
    return [
        (_address(**{**others, parameter: value}), label, value == here) for value, label in names.items()
    ]


# --- One pair -------------------------------------------------------------------------------------


def _pair_context(listed: ListedPair, *, kind: EntryKind, state: str, at: int) -> dict[str, Any]:
    """Return what the page shows of a pair: the older entry stands on the left and wins a merge.

    After a merge its pair is gone, and the next one stands at this place.
    """
    left, right = listed.left, listed.right
    way_back = urlencode({"kind": kind, "state": state, "at": at})
    merge = {
        side: merges.merge_url(kind, loser.pk, into=winner.pk, pairs=way_back)
        for side, loser, winner in (("right", right, left), ("left", left, right))
    }
    return {
        "pair": listed,
        "rows": [_compare(label, *values) for label, values in _fields(kind, left, right)],
        "merge_url": merge["right"],
        "other_merge_url": merge["left"],
        "sides": [
            _Side(left, change_url(type(left), left.pk), listed.contexts["left"]),
            _Side(right, change_url(type(right), right.pk), listed.contexts["right"]),
        ],
        "reasons": [translate_message(reason) for reason in listed.reasons],
        "together": ngettext(
            "Both occur in %(n)s set that you see.", "Both occur in %(n)s sets that you see.", listed.together
        )
        % {"n": listed.together}
        if listed.together
        else "",
    }


@dataclass(frozen=True)
class _Side:
    """One entry of a pair, its page, and where it occurs."""

    entry: Actor | Topic | Proposition
    url: str
    quotes: Sequence[Span]


def _fields(kind: EntryKind, left: object, right: object) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the fields that tell the entries apart, with their values."""
    for name, show in _SHOWN[kind].items():
        yield labels.field_label(name), (str(show(left)), str(show(right)))


def _alias_lines(actor: Actor) -> str:
    return ", ".join(sorted(alias.text for alias in actor.aliases.all()))


_SHOWN: dict[EntryKind, dict[str, Callable[[Any], object]]] = {
    EntryKind.ACTOR: {
        "name": lambda row: row.name,
        "kind": lambda row: labels.enum_label(ActorKind, row.kind),
        "qid": lambda row: row.qid,
        "parent": lambda row: row.parent.name if row.parent else "",
        "aliases": _alias_lines,
        "note": lambda row: row.note,
    },
    EntryKind.TOPIC: {"name": lambda row: row.name},
    EntryKind.PROPOSITION: {
        "text": lambda row: row.text,
        "kind": lambda row: labels.enum_label(PropositionKind, row.kind),
        "topic": lambda row: row.topic.name if row.topic else "",
        "status": lambda row: labels.enum_label(PropositionStatus, row.status),
    },
}


def _compare(label: str, left: str, right: str) -> ComparedField:
    """Return both values in pieces, of which those differ that the other side has not."""
    one: list[NamePart] = []
    other: list[NamePart] = []
    for what, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if b > a:
            one.append(NamePart(left[a:b], what != "equal"))
        if d > c:
            other.append(NamePart(right[c:d], what != "equal"))
    return ComparedField(label, one, other)
