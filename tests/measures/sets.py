"""Small sets for the tests of the measures: by hand, and for property tests."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import pairwise

from hypothesis import strategies as st

from annotations.metrics.agreement import AgreementCounts, AnnotatorPair, SetData, count_agreement
from annotations.scheme import ATTRIBUTES, LABEL_NAMES, LABELS, RELATIONS, RelationData, SpanData

PAIR = AnnotatorPair("ann", "ben")


def span(label: str, start: int, end: int, **more: object) -> SpanData:
    """A mark; attributes and links by name. Its id is its label and place, so that tests can name it."""
    links = {name: more.pop(name) for name in ("actor", "proposition") if name in more}
    name = more.pop("id", f"{label} {start}-{end} {links.get('proposition')}")
    return SpanData(name, label, start, end, "", more, **links)  # type: ignore[arg-type]


def marks(label: str, ranges: Iterable[tuple[int, int]]) -> list[SpanData]:
    return [span(label, start, end) for start, end in ranges]


def compared(
    text: str, first: Sequence[SpanData] | SetData, second: Sequence[SpanData] | SetData
) -> AgreementCounts:
    """The counts of one pair in one text."""
    sets = {
        owner: given if isinstance(given, SetData) else SetData(given)
        for owner, given in zip(PAIR[:2], (first, second), strict=True)
    }
    return count_agreement(text, sets)[PAIR]


# Words, one character each, spaces, and what no word holds; a line end last, so that the words of two
# texts stay apart when the texts are joined.
texts = st.text("ab字 .’é", min_size=1, max_size=30).map(lambda text: f"{text}\n")


@st.composite
def ranges(draw: st.DrawFn, length: int, overlap: bool = False) -> list[tuple[int, int]]:
    """Half-open ranges in a text of this length; with ``overlap`` they may lie over each other."""
    edge = st.integers(0, length)
    if overlap:
        pairs = draw(st.lists(st.tuples(edge, edge), max_size=5))
        return [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    edges = sorted(draw(st.sets(edge, max_size=8)))
    return list(pairwise(edges))[draw(st.integers(0, 1)) :: draw(st.integers(1, 2))]


@st.composite
def set_facts(draw: st.DrawFn, length: int, overlap: bool = False) -> SetData:
    """A set in a text of this length. Hypothesis draws where the marks are; what is said of them is
    drawn by chance, because there is much of it."""
    chance = random.Random(draw(st.integers(0, 1_000)))
    spans = [
        _said(chance, label, start, end)
        for label in LABEL_NAMES
        for start, end in draw(ranges(length, overlap))
    ]
    unique = list({row.id: row for row in spans}.values())
    possible = [
        (kind.name, source.id, target.id)
        for kind in RELATIONS.values()
        for source in unique
        for target in unique
        if source.label in kind.sources and target.label in kind.targets and source.id != target.id
    ]
    chosen = chance.sample(possible, min(len(possible), 6))
    return SetData(unique, [RelationData(index, *row) for index, row in enumerate(chosen)])


def _said(chance: random.Random, label: str, start: int, end: int) -> SpanData:
    attributes = {
        row.name: chance.choice(row.values or ("one", "two"))
        for row in ATTRIBUTES.values()
        if row.use_on(label) and chance.random() < 0.6
    }
    links = {name: chance.choice((None, 1, 2)) for name in LABELS[label].links}
    return span(label, start, end, **attributes, **links)


@st.composite
def articles(draw: st.DrawFn, overlap: bool = False, annotators: int = 2) -> tuple[str, list[SetData]]:
    """A text, and the set of each annotator."""
    text = draw(texts)
    return text, [draw(set_facts(len(text), overlap)) for _ in range(annotators)]
