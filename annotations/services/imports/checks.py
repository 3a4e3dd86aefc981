"""What only the database, or the rules of the workflow, can say against an article of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping

from annotations import scheme
from annotations.exceptions import HasProblems
from annotations.formats import records
from annotations.formats.fields import Faults
from annotations.models import Corpus
from annotations.scheme import RelationFacts, SpanFacts
from annotations.services.imports.run import Link
from annotations.states import LIVE, Kind, Round, State

Links = Mapping[str, Link]


def place_of(article: records.Article, index: int) -> str:
    """The JSON pointer of the set at ``index``; marks that were sent without a set have none."""
    return f"/sets/{index}" if "sets" in article.sent else ""


def check_links(
    article: records.Article, row: records.AnnotationSet, actors: Links, propositions: Links, faults: Faults
) -> None:
    """Whether the marks of a set link to entries of this corpus."""
    at = place_of(article, article.sets.index(row))
    for index, span in enumerate(row.spans):
        for name, sent, links in (
            ("actor", span.actor, actors),
            ("proposition", span.proposition, propositions),
        ):
            if sent is not None and sent not in links:
                faults.say(
                    "not-in-corpus",
                    f"{at}/spans/{index}/{name}",
                    f"There is no {name} with the id {sent} in this corpus, nor earlier in the file.",
                )


def check_problems(
    corpus: Corpus, article: records.Article, row: records.AnnotationSet, links: Links, faults: Faults
) -> None:
    """Whether the guideline lets a set be submitted, as it would ask its owner."""
    at = place_of(article, article.sets.index(row))
    places: dict[object, int] = {}
    spans = []
    for index, span in enumerate(row.spans):
        key = span.id or index
        places[key] = index
        kind = links[span.proposition].kind if span.proposition is not None else None
        spans.append(
            SpanFacts(
                key, span.label, span.start, span.end, span.quote, json.loads(span.attributes), span.actor,
                span.proposition, kind,
            )
        )  # fmt: skip
    relations = [RelationFacts(link.id, link.type, link.source, link.target) for link in row.relations]
    text = article.revisions[-1].text
    for problem in scheme.problems(text, spans, relations, same_label_overlap=corpus.same_label_overlap):
        if scheme.blocks(problem.code, corpus.depth):
            detail = f"{problem.code}: {problem.detail}"
            faults.say(HasProblems.code, f"{at}/spans/{places[problem.span]}", detail)


#: What a set in one of these states has beside its owner; ``fsck`` asks for the same.
_STAMPS: Mapping[str, tuple[str, ...]] = {
    State.SUBMITTED: ("submitted_at",),
    State.IN_REVIEW: ("submitted_at", "reviewer"),
    State.APPROVED: ("submitted_at", "reviewer", "approved_at"),
}


def check_restorable(corpus: Corpus, article: records.Article, faults: Faults) -> None:
    """Whether the sets of a line could have come about: what the constraints and four eyes demand."""
    rows = {row.id: row for row in article.sets if row.id}
    for index, row in enumerate(article.sets):
        at = place_of(article, index)
        if not row.owner:
            faults.say("required", f"{at}/owner", "It is missing; every set has an owner.")
        for name in _STAMPS.get(row.state, ()):
            if getattr(row, name) is None:
                faults.say("required", f"{at}/{name}", f"It is missing; a set that is {row.state} has it.")
        if row.reviewer is not None and row.reviewer in _owners(row, rows):
            says = f"{row.reviewer} owns the work that this set is based on, and nobody reviews their own."
            faults.say("four-eyes", f"{at}/reviewer", says)
    _check_together(article, article.annotators or corpus.annotators_per_article, faults)


def _check_together(article: records.Article, takes: int, faults: Faults) -> None:
    """Whether the sets of an article can stand beside one another."""
    live: set[tuple[str, str, str, str]] = set()
    approved = 0
    for index, row in enumerate(article.sets):
        at = place_of(article, index)
        key = (row.revision, row.owner, row.round, row.kind)
        if row.state == State.APPROVED:
            approved += 1
            if approved > 1:
                faults.say("duplicate", f"{at}/state", "An article has at most one approved set.")
            if row.round != Round.PRODUCTION:
                faults.say("invalid", f"{at}/state", "Only sets of the round production become gold.")
        elif row.state in LIVE:
            if key in live:
                says = f"{row.owner} has two live sets of the same kind here; finish or withdraw one of them."
                faults.say("duplicate", f"{at}/owner", says)
            live.add(key)
    at_work = sum(round_ == Round.PRODUCTION and kind == Kind.ANNOTATION for _, _, round_, kind in live)
    if at_work > takes:
        says = f"The article takes {takes} annotators, and {at_work} are at work on it."
        faults.say("invalid", "/sets", says)


def _owners(row: records.AnnotationSet, rows: Mapping[str, records.AnnotationSet]) -> set[str]:
    """The owners of a set and of all that it is based on, as far as the line tells."""
    found: set[str] = set()
    seen: set[str] = set()
    at: records.AnnotationSet | None = row
    while at is not None and at.id not in seen:
        found.add(at.owner)
        seen.add(at.id)
        at = rows.get(at.based_on or "")
    return found


#: Which of several sets of an article a plain import takes: the most advanced that is still valid.
_BEST_FIRST = (State.APPROVED, State.IN_REVIEW, State.SUBMITTED, State.RETURNED, State.OPEN)


def chosen(article: records.Article) -> records.AnnotationSet | None:
    """The set of an article that becomes the importer's: gold, or else the most advanced.

    Sets of another round or of an older text, and those that were withdrawn or superseded, do not count.
    """
    current = article.revisions[-1].id
    fitting = [
        row
        for row in article.sets
        if row.round == Round.PRODUCTION and row.revision == current and row.state in _BEST_FIRST
    ]
    ranks = {state: rank for rank, state in enumerate(_BEST_FIRST)}
    return min(
        fitting, key=lambda row: (ranks[State(row.state)], row.kind != Kind.ADJUDICATION), default=None
    )
