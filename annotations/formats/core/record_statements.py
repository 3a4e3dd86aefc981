"""The statements of a set in a file: the same rows as the table of statements has, from records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from annotations.formats.core.records import AnnotationSet, Article
from annotations.scheme.statements import Statement, StatementSpan, derive_statements

#: Spans share a few hundred different attributes.
_ATTRIBUTES_AT_ONCE = 10_000


@lru_cache(maxsize=_ATTRIBUTES_AT_ONCE)
def read_attributes(text: str) -> Mapping[str, str]:
    """Return the attributes of a span, which callers must not change."""
    return cast("Mapping[str, str]", json.loads(text))


def statements_of_set(article: Article, of: AnnotationSet) -> Iterator[Statement]:
    """Yield the statements of a set in the order of its spans; ids are those of the records."""
    spans = (
        StatementSpan(id, label, read_attributes(attributes), actor, issue)
        for id, _, label, _, _, _, attributes, actor, issue, _, _ in of.spans
    )
    relations = ((type_, source, target) for _, _, type_, source, target, _ in of.relations)
    return derive_statements(spans, relations, article.published_at)
