"""Checks of an imported article against the database and the rules of the workflow."""

from __future__ import annotations

import json
from collections.abc import Mapping

from annotations import scheme
from annotations.enums import CLOSED, LIVE, Round, SetKind, State
from annotations.exceptions import OpenItemsError, UnsolvedProblemsError
from annotations.formats.core import records
from annotations.formats.core.object_reader import FieldErrors
from annotations.models import Corpus
from annotations.scheme import RelationData, SpanData
from annotations.services.core.span_values import payload_of_columns
from annotations.services.exchange.imports.context import RegistryLink
from annotations.text.align import CarryStatus

Links = Mapping[str, RegistryLink]


def set_pointer(article: records.Article, index: int) -> str:
    """Return the JSON pointer of the set at ``index``, empty for spans that were sent without a set."""
    return f"/sets/{index}" if "sets" in article.sent else ""


def check_links(
    pointer: str, row: records.AnnotationSet, actors: Links, propositions: Links, faults: FieldErrors
) -> None:
    """Report the spans of a set that link to entries which this corpus lacks."""
    linked: list[tuple[str, records.Span | records.CarryItem]] = [
        *((f"spans/{index}", span) for index, span in enumerate(row.spans)),
        *((f"carry_items/{index}", item) for index, item in enumerate(row.carry_items)),
    ]
    for at, span in linked:
        for name, sent, links in (
            ("actor", span.actor, actors),
            ("proposition", span.proposition, propositions),
        ):
            if sent is not None and sent not in links:
                faults.record(
                    "not-in-corpus",
                    f"{pointer}/{at}/{name}",
                    f"There is no {name} with the id {sent} in this corpus, nor earlier in the file.",
                )


def check_problems(
    corpus: Corpus,
    article: records.Article,
    row: records.AnnotationSet,
    links: Links,
    faults: FieldErrors,
    *,
    pointer: str,
) -> None:
    """Report the problems that would stop the owner from submitting a set."""
    index_by_key: dict[object, int] = {}
    spans = []
    for index, span in enumerate(row.spans):
        key = span.id or index
        index_by_key[key] = index
        kind = links[span.proposition].kind if span.proposition is not None else None
        content = payload_of_columns(key, span[2:-2]) | {"attributes": json.loads(span.attributes)}
        spans.append(SpanData(**content | {"id": key, "proposition_kind": kind}))
    relations = [RelationData(link.id, link.type, link.source, link.target) for link in row.relations]
    text = article.revisions[-1].text
    for problem in scheme.find_problems(text, spans, relations, same_label_overlap=corpus.same_label_overlap):
        if scheme.is_blocking(problem.code, corpus.depth):
            detail = f"{problem.code}: {problem.detail}"
            faults.record(UnsolvedProblemsError.code, f"{pointer}/spans/{index_by_key[problem.span]}", detail)


#: The fields that a set in one of these states has besides its owner; ``fsck`` checks the same.
_STAMPS: Mapping[str, tuple[str, ...]] = {
    State.SUBMITTED: ("submitted_at",),
    State.IN_REVIEW: ("submitted_at", "reviewer"),
    State.APPROVED: ("submitted_at", "reviewer", "approved_at"),
}


def check_restorable(corpus: Corpus, article: records.Article, faults: FieldErrors) -> None:
    """Report the sets of a line that violate the constraints or the four-eyes rule."""
    rows = {row.id: row for row in article.sets if row.id}
    for index, row in enumerate(article.sets):
        pointer = set_pointer(article, index)
        if not row.owner:
            faults.record("required", f"{pointer}/owner", "It is missing; every set has an owner.")
        for name in _STAMPS.get(row.state, ()):
            if getattr(row, name) is None:
                faults.record(
                    "required", f"{pointer}/{name}", f"It is missing; a set that is {row.state} has it."
                )
        if row.approved_by is not None and row.approved_at is None:
            faults.record("required", f"{pointer}/approved_at", "It is missing; an approval has its time.")
        _check_carry_items(row, pointer, faults)
        if row.reviewer is not None and row.reviewer in _owners(row, rows):
            detail = f"{row.reviewer} owns the work that this set is based on, and nobody reviews their own."
            faults.record("four-eyes", f"{pointer}/reviewer", detail)
    _check_coexistence(article, article.annotators or corpus.annotators_per_article, faults)


def _check_carry_items(row: records.AnnotationSet, pointer: str, faults: FieldErrors) -> None:
    """Report that a set was handed in before somebody had looked at what a correction touched."""
    if row.state in CLOSED - {State.WITHDRAWN, State.SUPERSEDED}:
        for index, item in enumerate(row.carry_items):
            if not item.decision and not (item.status == CarryStatus.TOUCHED and item.span is None):
                detail = f"The set is {row.state}, and nobody has looked at this span since the correction."
                faults.record(OpenItemsError.code, f"{pointer}/carry_items/{index}/decision", detail)


def _check_coexistence(article: records.Article, takes: int, faults: FieldErrors) -> None:
    """Report the sets of an article that exclude one another."""
    live: set[tuple[str, str, str, str]] = set()
    approved = 0
    for index, row in enumerate(article.sets):
        pointer = set_pointer(article, index)
        key = (row.revision, row.owner, row.round, row.kind)
        if row.state == State.APPROVED:
            approved += 1
            if approved > 1:
                faults.record("duplicate", f"{pointer}/state", "An article has at most one approved set.")
            if row.round != Round.PRODUCTION:
                faults.record("invalid", f"{pointer}/state", "Only sets of the round production become gold.")
        elif row.state in LIVE:
            if key in live:
                detail = (
                    f"{row.owner} has two live sets of the same kind here; finish or withdraw one of them."
                )
                faults.record("duplicate", f"{pointer}/owner", detail)
            live.add(key)
    at_work = sum(round_ == Round.PRODUCTION and kind == SetKind.ANNOTATION for _, _, round_, kind in live)
    if at_work > takes:
        detail = f"The article takes {takes} annotators, and {at_work} are at work on it."
        faults.record("invalid", "/sets", detail)


def _owners(row: records.AnnotationSet, rows: Mapping[str, records.AnnotationSet]) -> set[str]:
    """Return the owners of a set and of the sets that it is based on, within the line."""
    found: set[str] = set()
    seen: set[str] = set()
    pointer: records.AnnotationSet | None = row
    while pointer is not None and pointer.id not in seen:
        found.add(pointer.owner)
        seen.add(pointer.id)
        pointer = rows.get(pointer.based_on or "")
    return found


#: The states by which a plain import chooses one of several sets: the most advanced valid one first.
_BEST_FIRST = (State.APPROVED, State.IN_REVIEW, State.SUBMITTED, State.RETURNED, State.OPEN)


def fitting_sets(article: records.Article) -> list[records.AnnotationSet]:
    """Return the sets of an article that a plain import may take, the most advanced first.

    Sets of another round or an older revision, and withdrawn and superseded sets, do not count.
    """
    current = article.revisions[-1].id
    fitting = [
        row
        for row in article.sets
        if row.round == Round.PRODUCTION and row.revision == current and row.state in _BEST_FIRST
    ]
    ranks = {state: rank for rank, state in enumerate(_BEST_FIRST)}
    return sorted(fitting, key=lambda row: (ranks[State(row.state)], row.kind != SetKind.ADJUDICATION))


def check_slots(corpus: Corpus, article: records.Article, at_work: int, faults: FieldErrors) -> None:
    """Report more sets of an article than it takes."""
    takes = article.annotators or corpus.annotators_per_article
    if at_work > takes:
        detail = (
            f"The article takes {takes} annotators, and {at_work} are at work on it; raise the number of"
            " annotators of the corpus, or leave some of them out."
        )
        faults.record("invalid", "/sets", detail)
