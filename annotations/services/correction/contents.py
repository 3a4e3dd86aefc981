"""The content of the sets that corrections concern, loaded for many sets together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from annotations.models import AnnotationSet, CarryItem, Comment, Relation, Revision, Span


@dataclass
class SetContent:
    """What a set consists of: ``text`` is that of its revision, the items wait for a decision.

    ``origins`` has the texts in which the spans of the items stood, by the ids of these spans.
    """

    text: str
    spans: list[Span] = field(default_factory=list)
    items: list[CarryItem] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    origins: dict[UUID, str] = field(default_factory=dict)


def load_contents(rows: Sequence[AnnotationSet]) -> dict[UUID, SetContent]:
    """Return the content of sets by their ids, each kind by one query."""
    revisions = Revision.objects.filter(pk__in={row.revision_id for row in rows}).order_by()
    texts = dict(revisions.values_list("pk", "text"))
    found = {row.pk: SetContent(texts[row.revision_id]) for row in rows}
    for span in _rows_of(Span.objects.order_by("start", "end", "pk"), found):
        found[span.set_id].spans.append(span)
    for item in _rows_of(CarryItem.objects.open().order_by("pk"), found):
        found[item.set_id].items.append(item)
    for relation in _rows_of(Relation.objects.order_by("pk"), found):
        found[relation.set_id].relations.append(relation)
    for comment in _rows_of(Comment.objects.order_by("pk"), found):
        found[comment.set_id].comments.append(comment)
    waiting = {item.old_span: content for content in found.values() for item in content.items}
    if waiting:
        for id, text in _texts_of_spans(waiting).items():
            waiting[id].origins[id] = text
    return found


def _texts_of_spans(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the texts of spans, each text once, however many spans stand in it."""
    revisions = dict(Span.objects.filter(pk__in=list(ids)).values_list("pk", "set__revision_id"))
    rows = Revision.objects.filter(pk__in=set(revisions.values())).order_by()
    texts = dict(rows.values_list("pk", "text"))
    return {id: texts[revision] for id, revision in revisions.items()}


def _rows_of(rows: Any, sets: Iterable[UUID]) -> Any:
    return rows.filter(set__in=list(sets))
