"""What an actor says and where it stands, and where it is mentioned, on the page of the actor."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from annotations.admin.access import current_user
from annotations.admin.knowledge.frame import section_url, span_url
from annotations.admin.knowledge.matrix import cell_sign, describe_counts
from annotations.models import Actor, EntryKind
from annotations.services.knowledge.grammar import POSITIONS_ONLY, build_request
from annotations.services.knowledge.matrix import build_matrix
from annotations.services.knowledge.positions import list_statements
from annotations.services.registry import usage

#: How many issues and quotes the page shows; the pages behind the links have all.
SHOWN_ISSUES, SHOWN_QUOTES = 20, 5


def statements_context(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """Return where an actor stands in approved work, and its newest mentions that the user sees."""
    if actor.merged_into_id is not None:
        return {}
    corpus = actor.corpus
    every = build_request({"actor": actor.pk})
    positions = build_request({"actor": actor.pk}, **POSITIONS_ONLY, columns=SHOWN_ISSUES)
    matrix = build_matrix(corpus, positions)
    names = {column.id: column.text for column in matrix.columns}
    spans = usage.linked_spans(current_user(request), EntryKind.ACTOR, actor.pk)
    newest = spans.order_by("-pk").select_related("set__article")[:SHOWN_QUOTES]
    return {
        "stands": [
            {
                "issue": names[cell.issue],
                "sign": cell_sign(cell),
                "number": cell.salience,
                "counts": describe_counts(cell),
                "url": section_url(corpus, "statements", matrix.cell_request(cell).as_query()),
            }
            for cell in matrix.cells
        ],
        "statement_count": list_statements(corpus, every).count(),
        "statement_urls": {
            name: section_url(corpus, name, every.as_query())
            for name in ("statements", "changes", "positions")
        },
        "mention_count": spans.count(),
        "mentions": [
            {"quote": span.quote, "url": span_url(span.set_id, span.pk), "article": str(span.set.article)}
            for span in newest
        ],
    }
