"""The agreement report: by label, pair and article, every missing value with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import formats
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from annotations.admin import labels
from annotations.admin.access import current_user
from annotations.admin.team import pages
from annotations.enums import Round, SetKind
from annotations.metrics.agreement import ALL
from annotations.models import Corpus
from annotations.permissions import Permission
from annotations.services.double_annotation import agreement, article_agreement
from annotations.services.double_annotation.agreement import AgreementQuery
from annotations.text.parsing import round_figure

TEMPLATE = "admin/annotations/team/agreement.html"

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
    question = _question(request, sees_all=sees_all)
    report = agreement.corpus_agreement(corpus, question)
    notes = ReasonNotes()
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
        labels=_labels(report["labels"], notes),
        pairs=[_pair(pair, notes) for pair in report["pairs"]],
        attributes=_rows(report["attributes"], ("equal", "alpha"), notes, labels.attribute_label),
        links=_rows(report["links"], ("equal",), notes, labels.field_label),
        relations=_relations(report["relations"], notes),
        confusion=_table(report["confusion"], _label),
        worst=report["worst"],
        articles=_articles(request, corpus, question, notes),
        notes=notes.reasons,
    )
    return TemplateResponse(request, TEMPLATE, context)


def _question(request: HttpRequest, *, sees_all: bool) -> AgreementQuery:
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
        return MeasureCell(formats.number_format(round_figure(value), 2))
    return MeasureCell(gettext("n/a"), notes.number(labels.missing_value_reason(reason)) if reason else None)


def _label(name: str) -> str:
    return pgettext("label", name) if name != ALL else gettext("all")


def _labels(rows: Mapping[str, Any], notes: ReasonNotes) -> list[tuple[str, list[MeasureCell], Any]]:
    """Return the cells of each label, and of all of them last."""
    return [(_label(name), _cells(row, notes), row["spans"]) for name, row in rows.items()]


def _pair(pair: Mapping[str, Any], notes: ReasonNotes) -> dict[str, Any]:
    rows = _labels(pair["labels"], notes)
    return {"owners": pair["owners"], "articles": pair["articles"], "rows": rows, "all": rows[-1][1]}


def _rows(
    rows: Mapping[str, Any], names: Sequence[str], notes: ReasonNotes, name_of: Callable[[str], str]
) -> list[dict[str, Any]]:
    """Return the attributes or links in which anything was compared."""
    return [
        {
            "name": name_of(name),
            "cells": _cells(row, notes, names),
            "pairs": row["pairs"],
            "one_sided": row["one_sided"],
            "confusion": _table(row.get("confusion", ()), partial(labels.attribute_value_label, name)),
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


def _table(rows: Sequence[Sequence[Any]], name_of: Callable[[Any], str]) -> dict[str, Any]:
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
                [_confusion_cell(counts.get((each, other), 0), most, same=each == other) for other in axis],
            )
            for each in axis
        ]
        if counts
        else [],
    }


def _name(name_of: Callable[[Any], str], value: object) -> str | None:
    return None if value is None else name_of(value)


def _confusion_cell(number: int, most: int, *, same: bool) -> tuple[int, str]:
    """Return a number and the class of its cell: on the diagonal, or how heavy off it."""
    if same or not number:
        return number, "same" if same else ""
    return number, "much" if number * 3 >= most else "some"


def _articles(
    request: HttpRequest, corpus: Corpus, question: AgreementQuery, notes: ReasonNotes
) -> dict[str, Any]:
    text = request.GET.get("p", "")
    number = int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text) else 1
    page_ = article_agreement.article_agreement_page(corpus, question, number)
    query = request.GET.copy()
    query.pop("p", None)
    return {
        "rows": [(row, _cells(row.figures, notes)) for row in page_.rows],
        "newer": number - 1,
        "older": number + 1 if page_.has_more else None,
        "query": query.urlencode(),
    }
