"""Strips of an article: where in the text each set has its marks, from the first word to the last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Value
from django.db.models.functions import Left
from django.urls import reverse

from annotations.admin.charts import Bar, ChartLabel, scale_length
from annotations.admin.labels import enum_label, format_number, span_label
from annotations.enums import LIVE, SetKind, State
from annotations.models import AnnotationSet, Article, Span
from annotations.scheme import LABEL_NAMES
from annotations.visibility import visible_with_content

#: The room for the names of the labels, the length of the text, and the height of a lane and of a mark.
NAME_ROOM, TEXT_LENGTH, LANE_HEIGHT, MARK_HEIGHT, MIN_MARK = 90, 620, 18, 12, 3
#: How many sets are drawn, up to how many marks each mark is a link, and up to how many it is drawn.
MAX_STRIPS, MAX_LINKED, MAX_DRAWN = 8, 60, 400
#: The width of a part of the text for which marks are counted where there are more.
PART_WIDTH = 5
#: How many characters of a mark its title has.
MAX_TITLE = 60

_SpanRow = tuple[UUID, UUID, str, int, int, str]


@dataclass(frozen=True)
class TextStrip:
    """The marks of one set: a lane for each label, and their numbers."""

    owner: str
    state: str
    url: str
    counts: list[str]
    total: int
    bars: list[Bar]
    lanes: list[ChartLabel]
    is_counted: bool
    width: int = NAME_ROOM + TEXT_LENGTH + 10
    height: int = LANE_HEIGHT * len(LABEL_NAMES) + 4
    left: int = NAME_ROOM
    right: int = NAME_ROOM + TEXT_LENGTH


def make_strips(by: User, article: Article) -> list[TextStrip]:
    """Return the strips of the sets on the current text whose content the user sees, approved ones first.

    Two queries, which load no text; quotes are cut by the database, and only read where they are shown.
    """
    sets = visible_with_content(
        by, AnnotationSet.objects.filter(article=article, revision_id=article.revision_id, state__in=_SHOWN)
    )
    rows = list(
        sets.order_by("-pk").values_list("pk", "owner__username", "state", "kind", "span_counts")[
            : MAX_STRIPS * 4
        ]
    )
    rows = sorted(rows, key=lambda row: (row[2] != State.APPROVED, row[3] != SetKind.ADJUDICATION))[
        :MAX_STRIPS
    ]
    if not rows:
        return []
    spans = _read_spans(rows)
    length = max(article.revision.length, 1)
    return [
        _make_strip(pk, owner, enum_label(State, state), counts, _bars(pk, spans[pk], length))
        for pk, owner, state, _, counts in rows
    ]


#: The states of the sets that are drawn; work that was given up is not.
_SHOWN = sorted({*LIVE, State.APPROVED})


def _read_spans(rows: Sequence[Any]) -> dict[UUID, list[_SpanRow]]:
    is_large = max(sum(counts.values()) for *_, counts in rows) > MAX_DRAWN
    quote = Value("") if is_large else Left("quote", MAX_TITLE)
    found: dict[UUID, list[_SpanRow]] = defaultdict(list)
    read = Span.objects.filter(set__in=[row[0] for row in rows]).order_by().annotate(shown=quote)
    for row in read.values_list("set_id", "pk", "label", "start", "end", "shown"):
        found[row[0]].append(row)
    return found


def _make_strip(
    pk: UUID, owner: str, state: str, counts: dict[str, int], bars: tuple[list[Bar], bool]
) -> TextStrip:
    return TextStrip(
        owner,
        state,
        _workbench(pk),
        [format_number(counts.get(label, 0)) for label in LABEL_NAMES],
        sum(counts.values()),
        bars[0],
        [
            ChartLabel(NAME_ROOM - 8, place * LANE_HEIGHT + 12, span_label(label))
            for place, label in enumerate(LABEL_NAMES)
        ],
        bars[1],
    )


def _workbench(pk: UUID) -> str:
    return reverse("admin:annotations_annotationset_workbench", args=(pk,))


def _bars(pk: UUID, spans: Sequence[_SpanRow], length: int) -> tuple[list[Bar], bool]:
    """Return the marks of a set, and whether they are numbers of marks by part of the text."""
    if len(spans) > MAX_DRAWN:
        return _counted_bars(spans, length), True
    address = _workbench(pk) if len(spans) <= MAX_LINKED else ""
    bars = []
    for _, id, label, start, end, quote in sorted(spans, key=lambda row: row[3:5]):
        if label not in LABEL_NAMES:
            continue
        bars.append(
            Bar(
                label,
                NAME_ROOM + scale_length(start, length, TEXT_LENGTH),
                _lane_y(label),
                max(scale_length(end - start, length, TEXT_LENGTH), MIN_MARK),
                MARK_HEIGHT,
                f"{span_label(label)}: {quote}" if quote else span_label(label),
                f"{address}#span={id}" if address else "",
            )
        )
    return bars, False


def _lane_y(label: str) -> int:
    return LABEL_NAMES.index(label) * LANE_HEIGHT + 2


def _counted_bars(spans: Iterable[_SpanRow], length: int) -> list[Bar]:
    """Return for each part of the text a bar as high as it has marks, on one scale for all labels."""
    counts: dict[tuple[str, int], int] = defaultdict(int)
    for _, _, label, start, _, _ in spans:
        if label in LABEL_NAMES:
            counts[
                label,
                min(scale_length(start, length, TEXT_LENGTH) // PART_WIDTH, TEXT_LENGTH // PART_WIDTH - 1),
            ] += 1
    most = max(counts.values(), default=1)
    bars = []
    for (label, part), number in sorted(counts.items()):
        height = max(scale_length(number, most, MARK_HEIGHT), 1)
        y = _lane_y(label) + MARK_HEIGHT - height
        bars.append(
            Bar(label, NAME_ROOM + part * PART_WIDTH, y, PART_WIDTH - 1, height, format_number(number))
        )
    return bars
