"""What a set still lacks: problems by the guideline, each with its rule code.

Problems are soft. They are stored with nobody and refuse nothing but the submission of a set,
and that only where they block (``blocks``). Input is plain records, so that a set from the
database, a line of an import and a test are judged by the same code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from annotations.exceptions import SnapEmpty
from annotations.says import Sentence, one_of, says, word
from annotations.scheme.tables import ATTRIBUTES, LABEL_NAMES, LABELS
from annotations.text import edges
from annotations.text.gate import excerpt
from annotations.text.ranges import Range

BLOCKING_EVERYWHERE = frozenset({"B1", "B2", "B3"})
"""The rules whose problems block at every depth; at depth ``statements`` all of them do."""


class SpanFacts(NamedTuple):
    """What the rules need to know of a span. Offsets in code points; ``actor`` and
    ``proposition`` are ids of the registry or none; ``proposition_kind`` is issue or assertion."""

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
        """Its place in the text."""
        return Range(self.start, self.end)


class RelationFacts(NamedTuple):
    """What the rules need to know of a relation; the ends are span ids."""

    id: Hashable
    type: str
    source: Hashable
    target: Hashable


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: the guideline rule, the span, the relation if it is about one, and a
    whole sentence that says what to do."""

    code: str
    span: Hashable
    relation: Hashable | None
    detail: str


_Outgoing = Mapping[str, Sequence[RelationFacts]]
"""The relations that start at one span, by type."""


def blocks(code: str, depth: str) -> bool:
    """Whether a problem of this code stops a submission in a corpus of this depth."""
    return depth == "statements" or code in BLOCKING_EVERYWHERE


def problems(
    text: str,
    spans: Sequence[SpanFacts],
    relations: Iterable[RelationFacts],
    *,
    same_label_overlap: bool = False,
) -> list[Problem]:
    """All problems of a set in reading order; of one span the B rules come first."""
    place = {span.id: index for index, span in enumerate(_by_place(spans))}
    found = range_problems(text, spans, same_label_overlap)
    found += statement_problems(spans, relations)
    return sorted(found, key=lambda problem: place[problem.span])


def range_problems(text: str, spans: Sequence[SpanFacts], same_label_overlap: bool = False) -> list[Problem]:
    """Edges (B1), paragraphs (B2) and overlap (B3). The spans lie inside the text.

    ``same_label_overlap`` allows two spans of one label to overlap. The same words marked
    for several propositions are no overlap in any case: that is how one stretch takes a stand on
    two issues. Each span is told once as overlapping, with the one before it that is in the way.
    """
    found: list[Problem] = []
    structure = edges.Paragraphs(text)
    for span in _by_place(spans):
        if not edges.edges_ok(text, span.range):
            found.append(_edge_problem(text, span))
        if structure.crosses(span.range):
            detail = says(
                "{span} crosses a paragraph break; mark each paragraph by itself.", span=_named(span)
            )
            found.append(Problem("B2", span.id, None, detail))
    if not same_label_overlap:
        for label in dict.fromkeys(span.label for span in spans):
            found += _overlap_problems([span for span in spans if span.label == label])
    return found


def statement_problems(spans: Sequence[SpanFacts], relations: Iterable[RelationFacts]) -> list[Problem]:
    """What is missing to a full statement: attributes, links, sources and holders (A, C, P)."""
    outgoing: dict[Hashable, dict[str, list[RelationFacts]]] = defaultdict(lambda: defaultdict(list))
    for relation in relations:
        outgoing[relation.source][relation.type].append(relation)
    found: list[Problem] = []
    for span in _by_place(spans):
        if span.label in _STATEMENT_RULES:
            found += _missing_attributes(span)
            found += _STATEMENT_RULES[span.label](span, outgoing.get(span.id, {}))
    return found


def _by_place(spans: Iterable[SpanFacts]) -> list[SpanFacts]:
    return sorted(spans, key=lambda span: (span.start, span.end))


_TITLES = {name: word("scheme", label.title) for name, label in LABELS.items()}
_SPAN = says("Span")


def _named(span: SpanFacts) -> Sentence:
    """``Claim “the lock leaks”``: so that people find the place."""
    return says(
        "{label} “{quote}”",
        label=_TITLES.get(span.label, _SPAN),
        quote=excerpt(span.quote),
    )


def _edge_problem(text: str, span: SpanFacts) -> Problem:
    try:
        better = edges.snap(text, span.range)
    except SnapEmpty:
        detail = says("{span} holds no letter and no digit; remove it.", span=_named(span))
    else:
        detail = says(
            "{span} does not start and end on a letter or digit; mark “{quote}” instead, "
            "from {start} to {end}.",
            span=_named(span),
            quote=excerpt(better.quote(text)),
            start=better.start,
            end=better.end,
        )
    return Problem("B1", span.id, None, detail)


def _overlap_problems(spans: Sequence[SpanFacts]) -> Iterator[Problem]:
    """B3 among spans of one label. The same words are compared by proposition, others by place."""
    same_words: dict[Range, list[SpanFacts]] = defaultdict(list)
    for span in spans:
        same_words[span.range].append(span)
    for group in same_words.values():
        seen: dict[Hashable | None, SpanFacts] = {}
        for span in group:
            earlier = seen.setdefault(span.proposition, span)
            if earlier is not span:
                detail = says(
                    "{span} is marked twice; remove one of the marks or link them to different propositions.",
                    span=_named(span),
                )
                yield Problem("B3", span.id, None, detail)
    places = list(same_words)
    for first, second in edges.overlapping(places):
        earlier = same_words[places[first]][0]
        for span in same_words[places[second]]:
            detail = says(
                "{span} overlaps with {earlier}, which has the same label; shorten or remove one of them.",
                span=_named(span),
                earlier=_named(earlier),
            )
            yield Problem("B3", span.id, None, detail)


class _Needed(NamedTuple):
    """An attribute that a full statement needs, with its words, made once for all problems."""

    name: str
    rule: str
    title: str
    choices: str


# The needed attributes of each label, in scheme order.
_NEEDED: dict[str, list[_Needed]] = {
    label: [
        _Needed(
            name,
            use.rule or "",
            word("attribute", attribute.title),
            one_of(word(name, value) for value in attribute.values),
        )
        for name, attribute in ATTRIBUTES.items()
        if (use := attribute.use(label)) is not None and use.needed
    ]
    for label in LABEL_NAMES
}


def _missing_attributes(span: SpanFacts) -> Iterator[Problem]:
    missing = [needed for needed in _NEEDED[span.label] if needed.name not in span.attributes]
    named = _named(span) if missing else ""
    for needed in missing:
        detail = says(
            "{span} has no {attribute}; choose {choices}.",
            span=named,
            attribute=needed.title,
            choices=needed.choices,
        )
        yield Problem(needed.rule, span.id, None, detail)


def _actor_problems(span: SpanFacts, _outgoing: _Outgoing) -> Iterator[Problem]:
    if span.actor is None:
        detail = says("{span} is not linked to the registry; choose or add the actor.", span=_named(span))
        yield Problem("A6", span.id, None, detail)


def _claim_problems(span: SpanFacts, outgoing: _Outgoing) -> Iterator[Problem]:
    attribution = span.attributes.get("attribution")
    sources = outgoing.get("made_by", ())
    if attribution == "named" and not sources:
        detail = says(
            "{span} has no source; connect it with made_by to the actor who says it, or "
            "set the attribution to unnamed or author.",
            span=_named(span),
        )
        yield Problem("C7", span.id, None, detail)
    if attribution in ("unnamed", "author"):
        for relation in sources:
            detail = says(
                "{span} has a source, but its attribution is {attribution}; set the "
                "attribution to named or remove the relation made_by.",
                span=_named(span),
                attribution=word("attribution", str(attribution)),
            )
            yield Problem("C7", span.id, relation.id, detail)


def _position_problems(span: SpanFacts, outgoing: _Outgoing) -> Iterator[Problem]:
    if span.proposition is None:
        detail = says("{span} has no issue; choose one from the list or propose one.", span=_named(span))
        yield Problem("P1", span.id, None, detail)
    elif span.proposition_kind != "issue":
        detail = says(
            "{span} is linked to a proposition that is no issue; choose an issue that one "
            "can be for or against.",
            span=_named(span),
        )
        yield Problem("P1", span.id, None, detail)
    if not outgoing.get("held_by"):
        detail = says("{span} has no holder; connect it with held_by to the actor.", span=_named(span))
        yield Problem("P5", span.id, None, detail)
    told_by_somebody = (
        span.attributes.get("basis") == "ascribed" and span.attributes.get("attribution") == "named"
    )
    if told_by_somebody and not outgoing.get("ascribed_by"):
        detail = says(
            "{span} is ascribed, but nobody is connected who says so; connect it with "
            "ascribed_by to the actor who does, or set the attribution to unnamed or "
            "author.",
            span=_named(span),
        )
        yield Problem("P5", span.id, None, detail)


_STATEMENT_RULES: dict[str, Callable[[SpanFacts, _Outgoing], Iterator[Problem]]] = {
    "actor": _actor_problems,
    "claim": _claim_problems,
    "position": _position_problems,
}
