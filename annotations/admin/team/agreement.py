"""The agreement report: by label, pair and article, every missing value with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from annotations.admin import labels
from annotations.admin.access import current_user
from annotations.admin.team import agreement_pictures, pages
from annotations.enums import Round, SetKind
from annotations.metrics.agreement import ALL, ConfidenceInterval
from annotations.models import Corpus
from annotations.permissions import Permission
from annotations.services.double_annotation import agreement, article_agreement
from annotations.services.double_annotation.agreement import AgreementQuery
from annotations.services.double_annotation.agreement_series import AgreementSeries

TEMPLATE = "admin/annotations/team/agreement.html"
#: How many pairs of people the page lists; the API has all.
MAX_PAIRS_SHOWN = 50

#: The columns of a table of measures, each with its meaning in a few words.
MEASURES = {
    "exact_f1": (gettext_lazy("exact F1"), gettext_lazy("the same words, to the character")),
    "iou_f1": ("IoU F1", gettext_lazy("matched one to one, sharing at least half")),
    "overlap_f1": (gettext_lazy("overlap F1"), gettext_lazy("matched one to one, sharing anything")),
    "agr": ("agr", gettext_lazy("the part of one’s marks that the other met")),
    "token_kappa": (gettext_lazy("token κ"), gettext_lazy("word by word, corrected for chance")),
    "char_kappa": (gettext_lazy("character κ"), gettext_lazy("character by character, corrected for chance")),
    "alpha": ("α", gettext_lazy("Krippendorff’s, by word")),
    "alpha_u": ("αᵤ", gettext_lazy("Krippendorff’s, by stretches of text")),
}
#: The measures that see overlapping marks of one annotator as one.
JOINING = frozenset({"token_kappa", "char_kappa", "alpha", "alpha_u"})
ROUND_LABELS = {Round.PRODUCTION: gettext_lazy("Production"), Round.CALIBRATION: gettext_lazy("Calibration")}
KIND_LABELS = {
    SetKind.ANNOTATION: gettext_lazy("annotators with one another"),
    SetKind.ADJUDICATION: gettext_lazy("annotators with the gold"),
}


@dataclass
class ReasonNotes:
    """The reasons of missing values, each once and numbered in order of appearance."""

    reasons: list[str] = field(default_factory=list)

    def number(self, reason: str) -> int:
        """Return the number of the note with this reason."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        return self.reasons.index(reason) + 1


@dataclass(frozen=True)
class MeasureCell:
    """A value to two places, or the number of the note that says why there is none."""

    text: str
    note: int | None = None


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the whole report for reviewers and managers; for annotators their own of calibrations."""
    corpus = pages.get_corpus(request, pk, Permission.VIEW_OWN_AGREEMENT)
    sees_all = pages.has_corpus_permission(request, Permission.VIEW_AGREEMENT, corpus)
    question = read_question(request, sees_all=sees_all)
    series = AgreementSeries()
    report = agreement.corpus_agreement(corpus, question, series)
    notes = ReasonNotes()
    links = ConfusionLinks(corpus, question) if sees_all else None
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Agreement") if sees_all else gettext("My calibration"),
        sees_all=sees_all,
        question=question,
        rounds=ROUND_LABELS if sees_all else {},
        kinds=KIND_LABELS,
        versions=_versions(corpus, question),
        report=report,
        measures=MEASURES,
        labels=_labels(report["labels"], notes, series.intervals()),
        **_pairs(report["pairs"], notes),
        **_pictures(report, series),
        attributes=_rows(report["attributes"], ("equal", "alpha"), notes, labels.attribute_label, links),
        links=_rows(report["links"], ("equal",), notes, labels.field_label),
        relations=_relations(report["relations"], notes),
        confusion=_table(report["confusion"], _label, links),
        worst=[{**row, "figure": labels.format_figure(row["iou_f1"])} for row in report["worst"]],
        articles=_articles(request, corpus, question, notes),
        notes=notes.reasons,
    )
    return TemplateResponse(request, TEMPLATE, context)


def _pictures(report: Mapping[str, Any], series: AgreementSeries) -> dict[str, Any]:
    """Return the pictures of F1 by label, and over time, in the order of the table of labels."""
    names = {name: _label(name) for name, row in report["labels"].items() if row["iou_f1"] is not None}
    values = {name: report["labels"][name]["iou_f1"] for name in names}
    return {
        "label_bars": agreement_pictures.make_interval_bars(names, values, series.intervals()),
        "over_time": agreement_pictures.make_over_time(*series.over_time(list(names)), names),
    }


def read_question(request: HttpRequest, *, sees_all: bool) -> AgreementQuery:
    """Return the question of the query parameters; invalid values count as missing."""
    version = request.GET.get("version", "")
    is_valid = version.isascii() and version.isdigit() and len(version) < 9
    rounds = {str(round_): round_ for round_ in Round} if sees_all else {}
    kinds = {str(kind): kind for kind in SetKind}
    return AgreementQuery(
        round=rounds.get(request.GET.get("round", ""), Round.PRODUCTION if sees_all else Round.CALIBRATION),
        kind=kinds.get(request.GET.get("kind", ""), SetKind.ANNOTATION),
        guideline_version=int(version) if is_valid else None,
        user=None if sees_all else current_user(request),
    )


def _versions(corpus: Corpus, question: AgreementQuery) -> list[int]:
    """Return the guideline versions of the compared sets."""
    every = AgreementQuery(round=question.round, kind=question.kind, user=question.user)
    rows = agreement.frozen_rows(corpus, every).order_by("guideline_version")
    return list(rows.values_list("guideline_version", flat=True).distinct())


def _cells(
    row: Mapping[str, Any], notes: ReasonNotes, names: Sequence[str] = tuple(MEASURES)
) -> list[MeasureCell]:
    cells = [_cell(row[name], row["reasons"].get(name, ""), notes) for name in names]
    joined = sum(row.get("joined", ()))
    if not joined:
        return cells
    note = notes.number(_joined_sentence(joined))
    return [
        replace(cell, note=note) if name in JOINING and cell.note is None else cell
        for name, cell in zip(names, cells, strict=True)
    ]


def _joined_sentence(number: int) -> str:
    return ngettext(
        "%(n)s mark lies over another one of the same person and label. This figure knows no marks in one "
        "another, and takes the two for one.",
        "%(n)s marks lie over other ones of the same person and label. This figure knows no marks in one "
        "another, and takes them for one.",
        number,
    ) % {"n": number}


def _cell(value: float | None, reason: str, notes: ReasonNotes) -> MeasureCell:
    if value is not None:
        return MeasureCell(labels.format_figure(value))
    return MeasureCell(gettext("n/a"), notes.number(labels.missing_value_reason(reason)) if reason else None)


def _label(name: str) -> str:
    return pgettext("label", name) if name != ALL else gettext("all")


@dataclass(frozen=True)
class LabelRow:
    """The figures of one label, the interval of its IoU F1, and the marks of both."""

    name: str
    cells: list[MeasureCell]
    interval: MeasureCell
    spans: list[str]


def _labels(
    rows: Mapping[str, Any],
    notes: ReasonNotes,
    intervals: Mapping[str, ConfidenceInterval | None] = MappingProxyType({}),
) -> list[LabelRow]:
    """Return the figures of each label, and of all of them last."""
    return [
        LabelRow(
            _label(name),
            _cells(row, notes),
            _interval(row["iou_f1"], intervals.get(name), notes),
            [labels.format_number(number) for number in row["spans"]],
        )
        for name, row in rows.items()
    ]


def _interval(value: float | None, interval: ConfidenceInterval | None, notes: ReasonNotes) -> MeasureCell:
    if interval is not None:
        return MeasureCell(agreement_pictures.format_interval(interval))
    reason = gettext("An interval needs two articles with marks.")
    return MeasureCell(gettext("n/a"), notes.number(reason) if value is not None else None)


def _pairs(pairs: Sequence[Mapping[str, Any]], notes: ReasonNotes) -> dict[str, Any]:
    """Return the pairs with most articles, and the map of them."""
    ordered = sorted(pairs, key=lambda pair: (-pair["articles"], pair["owners"]))
    return {
        "pairs": [_pair(pair, notes) for pair in ordered[:MAX_PAIRS_SHOWN]],
        "pair_count": labels.format_number(len(pairs)),
        "pairs_left_out": len(pairs) > MAX_PAIRS_SHOWN,
        "pair_map": agreement_pictures.make_pair_map(ordered, MAX_PAIRS_SHOWN),
    }


def _pair(pair: Mapping[str, Any], notes: ReasonNotes) -> dict[str, Any]:
    rows = [
        (_label(name), _cells(row, notes), [labels.format_number(number) for number in row["spans"]])
        for name, row in pair["labels"].items()
    ]
    articles = labels.format_number(pair["articles"])
    return {"owners": pair["owners"], "articles": articles, "rows": rows, "all": rows[-1][1]}


def _rows(
    rows: Mapping[str, Any],
    names: Sequence[str],
    notes: ReasonNotes,
    name_of: Callable[[str], str],
    links: ConfusionLinks | None = None,
) -> list[dict[str, Any]]:
    """Return the attributes or links in which anything was compared."""
    return [
        {
            "name": name_of(name),
            "cells": _cells(row, notes, names),
            "pairs": row["pairs"],
            "one_sided": row["one_sided"],
            "confusion": _table(
                row.get("confusion", ()), partial(labels.attribute_value_label, name), links, name
            ),
        }
        for name, row in rows.items()
        if row["pairs"] or row["one_sided"]
    ]


def _relations(rows: Mapping[str, Any], notes: ReasonNotes) -> list[dict[str, Any]]:
    return [
        {
            "name": labels.relation_label(name) if name != ALL else gettext("all"),
            "cells": _cells(row, notes, ("f1", "joining_f1")),
            "numbers": row["relations"],
        }
        for name, row in rows.items()
        if any(row["relations"])
    ]


@dataclass(frozen=True)
class ConfusionLinks:
    """The addresses of the marks behind the cells of a confusion, for those who may read them."""

    corpus: Corpus
    question: AgreementQuery

    def url(self, first: str | None, second: str | None, attribute: str) -> str:
        """Return the address of a cell; a side that is None marked nothing."""
        version = self.question.guideline_version
        values = {
            "first": first,
            "second": second,
            "attribute": attribute,
            "round": str(self.question.round),
            "kind": str(self.question.kind),
            "version": None if version is None else str(version),
        }
        query = urlencode({name: value for name, value in values.items() if value})
        return f"{pages.page_url(self.corpus, 'agreement_marks')}?{query}"


@dataclass(frozen=True)
class ConfusionNumber:
    """A number of a confusion, how heavy it is off the diagonal, and the marks behind it."""

    text: str
    kind: str
    url: str


def _table(
    rows: Sequence[Sequence[Any]],
    name_of: Callable[[Any], str],
    links: ConfusionLinks | None,
    attribute: str = "",
) -> dict[str, Any]:
    """Return cells ``[first, second, count]`` as a table; None, which is nothing, stands last."""
    counts = {(first, second): number for first, second, number in rows}
    names = list(dict.fromkeys(name for key in counts for name in key if name is not None))
    names = sorted(names, key=str)
    axis = [*names, *([None] if any(None in key for key in counts) else [])]
    most = max(counts.values(), default=0)
    return {
        "columns": [_name(name_of, each) for each in axis],
        "rows": [
            (
                _name(name_of, each),
                [
                    ConfusionNumber(
                        labels.format_number(number) if number else "·",
                        _confusion_weight(number, most, same=each == other),
                        links.url(each, other, attribute) if links and number else "",
                    )
                    for other in axis
                    for number in (counts.get((each, other), 0),)
                ],
            )
            for each in axis
        ]
        if counts
        else [],
    }


def _name(name_of: Callable[[Any], str], value: object) -> str | None:
    return None if value is None else name_of(value)


def _confusion_weight(number: int, most: int, *, same: bool) -> str:
    """Return the class of a cell: on the diagonal, or how heavy off it."""
    if same or not number:
        return "same" if same else ""
    return "much" if number * 3 >= most else "some"


def _articles(
    request: HttpRequest, corpus: Corpus, question: AgreementQuery, notes: ReasonNotes
) -> dict[str, Any]:
    number = pages.page_number(request)
    page_ = article_agreement.article_agreement_page(corpus, question, number)
    query = request.GET.copy()
    query.pop("p", None)
    return {
        "rows": [(row, _cells(row.figures, notes)) for row in page_.rows],
        "newer": number - 1,
        "older": number + 1 if page_.has_more else None,
        "query": query.urlencode(),
    }
