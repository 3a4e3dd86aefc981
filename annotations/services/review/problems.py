"""The problems of a set by the rules of the guideline."""

from __future__ import annotations

from typing import Any

from annotations import scheme
from annotations.models import AnnotationSet, Relation, Revision, Span
from annotations.scheme import RelationData, SpanData
from annotations.services.core.span_values import SPAN_DATA_COLUMNS

RELATION_COLUMNS = ("pk", "type", "source_id", "target_id")


def find_set_problems(row: AnnotationSet) -> list[dict[str, Any]]:
    """Return the problems of a set as the API shows them, in reading order."""
    found = scheme.find_problems(
        Revision.objects.values_list("text", flat=True).get(pk=row.revision_id),
        [SpanData(*values) for values in Span.objects.filter(set=row).values_list(*SPAN_DATA_COLUMNS)],
        [RelationData(*values) for values in Relation.objects.filter(set=row).values_list(*RELATION_COLUMNS)],
        same_label_overlap=row.corpus.same_label_overlap,
    )
    return [
        {
            "code": problem.code,
            "span": str(problem.span),
            "relation": None if problem.relation is None else str(problem.relation),
            "blocking": scheme.is_blocking(problem.code, row.corpus.depth),
            "detail": problem.detail,
        }
        for problem in found
    ]
