"""Problems of a set: violations of the guideline, each with the code of its rule.

Problems are computed, never stored. They stop nothing but the submission of a set, and only where they
block (``is_blocking``). The input is plain data, so that the same code checks a set of the database, a
line of an import and the data of a test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from annotations.exceptions import EmptySnapError
from annotations.messages import TranslatableMessage, join_choices, message, term
from annotations.scheme.tables import ATTRIBUTES, LABEL_NAMES, LABELS
from annotations.text import edges
from annotations.text.gate import excerpt
from annotations.text.ranges import Range

BLOCKING_EVERYWHERE = frozenset({"B1", "B2", "B3"})
"""The rules whose problems block at every depth; at depth ``statements`` all problems block."""


class SpanData(NamedTuple):
    """A span as the rules see it.

    Offsets are in code points. ``actor`` and ``proposition`` are ids of the registry or None;
    ``proposition_kind`` is issue or assertion.
    """

    id: Hashable
    label: str
    start: int
    end: int
    quote: str
    attributes: Mapping[str, object]
    actor: Hashable | None = None
    proposition: Hashable | None = None
    proposition_kind: str | None = None

    @property
    def range(self) -> Range:
        """The range of the span in the text."""
        return Range(self.start, self.end)


class RelationData(NamedTuple):
    """A relation as the rules see it; its ends are ids of spans."""

    id: Hashable
    type: str
    source: Hashable
    target: Hashable


@dataclass(frozen=True, slots=True)
class Problem:
    """One violation of the guideline.

    ``code`` is the rule, ``relation`` is None unless the problem is about one, and ``detail`` is a whole
    sentence that says what to do.
    """

    code: str
    span: Hashable
    relation: Hashable | None
    detail: str


_Outgoing = Mapping[str, Sequence[RelationData]]
"""The relations that start at one span, by their type."""


def is_blocking(code: str, depth: str) -> bool:
    """Return whether a problem with this code stops a submission in a corpus of this depth."""
    return depth == "statements" or code in BLOCKING_EVERYWHERE


def find_problems(
    text: str,
    spans: Sequence[SpanData],
    relations: Iterable[RelationData],
    *,
    same_label_overlap: bool = False,
) -> list[Problem]:
    """Return all problems of a set in reading order; for each span, those of the B rules come first."""
    position = {span.id: index for index, span in enumerate(_in_reading_order(spans))}
    result = find_range_problems(text, spans, same_label_overlap)
    result += find_statement_problems(spans, relations)
    return sorted(result, key=lambda problem: position[problem.span])


def find_range_problems(
    text: str, spans: Sequence[SpanData], same_label_overlap: bool = False
) -> list[Problem]:
    """Return the problems of edges (B1), paragraphs (B2) and overlap (B3). The spans lie inside the text.

    ``same_label_overlap`` allows two spans of one label to overlap. Equal ranges with different
    propositions never count as overlap: that is how one passage takes a position on two issues. Each
    overlapping span has one problem, which names the earlier span.
    """
    result: list[Problem] = []
    paragraphs = edges.Paragraphs(text)
    for span in _in_reading_order(spans):
        if not edges.has_snapped_edges(text, span.range):
            result.append(_edge_problem(text, span))
        if paragraphs.is_crossed_by(span.range):
            detail = message(
                "{span} crosses a paragraph break; mark each paragraph by itself.", span=_describe(span)
            )
            result.append(Problem("B2", span.id, None, detail))
    if not same_label_overlap:
        for label in dict.fromkeys(span.label for span in spans):
            result += _overlap_problems([span for span in spans if span.label == label])
    return result


def find_statement_problems(spans: Sequence[SpanData], relations: Iterable[RelationData]) -> list[Problem]:
    """Return what a full statement lacks: attributes, links, sources and holders (rules A, C, P)."""
    outgoing: dict[Hashable, dict[str, list[RelationData]]] = defaultdict(lambda: defaultdict(list))
    for relation in relations:
        outgoing[relation.source][relation.type].append(relation)
    result: list[Problem] = []
    for span in _in_reading_order(spans):
        if span.label in _STATEMENT_RULES:
            result += _missing_attributes(span)
            result += _STATEMENT_RULES[span.label](span, outgoing.get(span.id, {}))
    return result


def _in_reading_order(spans: Iterable[SpanData]) -> list[SpanData]:
    return sorted(spans, key=lambda span: (span.start, span.end))


_TITLES = {name: term("scheme", label.title) for name, label in LABELS.items()}
_SPAN = message("Span")


def _describe(span: SpanData) -> TranslatableMessage:
    """Return the label and quote of a span for a message, such as ``Claim “the lock leaks”``."""
    return message(
        "{label} “{quote}”",
        label=_TITLES.get(span.label, _SPAN),
        quote=excerpt(span.quote),
    )


def _edge_problem(text: str, span: SpanData) -> Problem:
    try:
        better = edges.snap_range(text, span.range)
    except EmptySnapError:
        detail = message("{span} holds no letter and no digit; remove it.", span=_describe(span))
    else:
        detail = message(
            "{span} does not start and end on a letter or digit; mark “{quote}” instead, "
            "from {start} to {end}.",
            span=_describe(span),
            quote=excerpt(better.quote(text)),
            start=better.start,
            end=better.end,
        )
    return Problem("B1", span.id, None, detail)


def _overlap_problems(spans: Sequence[SpanData]) -> Iterator[Problem]:
    """Yield the B3 problems of one label; equal ranges are compared by proposition, others by position."""
    same_words: dict[Range, list[SpanData]] = defaultdict(list)
    for span in spans:
        same_words[span.range].append(span)
    for group in same_words.values():
        seen: dict[Hashable | None, SpanData] = {}
        for span in group:
            earlier = seen.setdefault(span.proposition, span)
            if earlier is not span:
                detail = message(
                    "{span} is marked twice; remove one of the marks or link them to different propositions.",
                    span=_describe(span),
                )
                yield Problem("B3", span.id, None, detail)
    ranges = list(same_words)
    for first, second in edges.find_overlaps(ranges):
        earlier = same_words[ranges[first]][0]
        for span in same_words[ranges[second]]:
            detail = message(
                "{span} overlaps with {earlier}, which has the same label; shorten or remove one of them.",
                span=_describe(span),
                earlier=_describe(earlier),
            )
            yield Problem("B3", span.id, None, detail)


class _RequiredAttribute(NamedTuple):
    """An attribute that a full statement needs, with the texts of its problems, computed once."""

    name: str
    rule: str
    title: str
    choices: str


# The required attributes of each label, in the order of the scheme.
_REQUIRED: dict[str, list[_RequiredAttribute]] = {
    label: [
        _RequiredAttribute(
            name,
            use.rule or "",
            term("attribute", attribute.title),
            join_choices(term(name, value) for value in attribute.values),
        )
        for name, attribute in ATTRIBUTES.items()
        if (use := attribute.use_on(label)) is not None and use.required
    ]
    for label in LABEL_NAMES
}


def _missing_attributes(span: SpanData) -> Iterator[Problem]:
    missing = [required for required in _REQUIRED[span.label] if required.name not in span.attributes]
    named = _describe(span) if missing else ""
    for required in missing:
        detail = message(
            "{span} has no {attribute}; choose {choices}.",
            span=named,
            attribute=required.title,
            choices=required.choices,
        )
        yield Problem(required.rule, span.id, None, detail)


def _actor_problems(span: SpanData, _outgoing: _Outgoing) -> Iterator[Problem]:
    if span.actor is None:
        detail = message(
            "{span} is not linked to the registry; choose or add the actor.", span=_describe(span)
        )
        yield Problem("A6", span.id, None, detail)


def _claim_problems(span: SpanData, outgoing: _Outgoing) -> Iterator[Problem]:
    attribution = span.attributes.get("attribution")
    sources = outgoing.get("made_by", ())
    if attribution == "named" and not sources:
        detail = message(
            "{span} has no source; connect it with the actor who says it, or "
            "set the attribution to unnamed or author.",
            span=_describe(span),
        )
        yield Problem("C7", span.id, None, detail)
    if attribution in ("unnamed", "author"):
        for relation in sources:
            detail = message(
                "{span} has a source, but its attribution is {attribution}; set the "
                "attribution to named, or remove the relation to the source.",
                span=_describe(span),
                attribution=term("attribution", str(attribution)),
            )
            yield Problem("C7", span.id, relation.id, detail)


def _position_problems(span: SpanData, outgoing: _Outgoing) -> Iterator[Problem]:
    if span.proposition is None:
        detail = message(
            "{span} has no issue; choose one from the list or propose one.", span=_describe(span)
        )
        yield Problem("P1", span.id, None, detail)
    elif span.proposition_kind != "issue":
        detail = message(
            "{span} is linked to a proposition that is no issue; choose an issue that one "
            "can be for or against.",
            span=_describe(span),
        )
        yield Problem("P1", span.id, None, detail)
    if not outgoing.get("held_by"):
        detail = message(
            "{span} has no holder; connect it with the actor who holds it.", span=_describe(span)
        )
        yield Problem("P5", span.id, None, detail)
    is_ascribed_by_name = (
        span.attributes.get("basis") == "ascribed" and span.attributes.get("attribution") == "named"
    )
    if is_ascribed_by_name and not outgoing.get("ascribed_by"):
        detail = message(
            "{span} is ascribed, but nobody is connected who says so; connect it with "
            "the actor who does, or set the attribution to unnamed or author.",
            span=_describe(span),
        )
        yield Problem("P5", span.id, None, detail)


_STATEMENT_RULES: dict[str, Callable[[SpanData, _Outgoing], Iterator[Problem]]] = {
    "actor": _actor_problems,
    "claim": _claim_problems,
    "position": _position_problems,
}
