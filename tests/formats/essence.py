"""What two records of an article have to agree about, whatever ids they have."""

from __future__ import annotations

import io
import json
from typing import Any, cast

from annotations.formats import FORMATS, Dialect
from annotations.formats.core import records
from annotations.formats.core.interfaces import ParsedRecord
from tests.formats.edge_cases import id_of
from tests.formats.test_formats import written

Essence = dict[str, Any]


def read(name: str, data: bytes, **options: Any) -> list[ParsedRecord]:
    """The lines of a file."""
    return list(cast("Any", FORMATS[name].reader)(io.BytesIO(data), **options))


def read_one(name: str, data: bytes, **options: Any) -> records.Article:
    """The only article of a file."""
    (line,) = read(name, data, **options)
    assert isinstance(line.record, records.Article), line.errors
    return line.record


def marks(article: records.Article) -> list[tuple[str, str, str]]:
    """Label, words and attributes of each span of the first set."""
    return [(span.label, span.quote, span.attributes) for span in article.sets[0].spans]


def losses(line: ParsedRecord) -> dict[str, int]:
    """How many of what were lost."""
    return {what: len(ids) for what, ids in line.losses}


def faults(line: ParsedRecord) -> list[tuple[str, str | None]]:
    """The codes and places of what is wrong."""
    return [(fault.code, fault.pointer) for fault in line.errors]


def stored(article: records.Article, number: int = 500) -> records.Article:
    """The article with the ids that a database gives."""
    revision = article.revisions[-1]._replace(id=id_of(number + 1))
    sets = []
    for place, row in enumerate(article.sets):
        base = number + 100 * (place + 1)
        spans = [span._replace(id=id_of(base + 1 + at)) for at, span in enumerate(row.spans)]
        new = {old.id: span.id for old, span in zip(row.spans, spans, strict=True) if old.id}
        links = [
            link._replace(id=id_of(base + 50 + at), source=new[link.source], target=new[link.target])
            for at, link in enumerate(row.relations)
        ]
        sets.append(
            row._replace(id=id_of(base), revision=revision.id, owner="ann", spans=spans, relations=links)
        )
    return article._replace(id=id_of(number), corpus="lake", revisions=[revision], sets=sets)


def essence(article: records.Article, *, links: bool = True, attributes: bool = True) -> Essence:
    """Text and marks, as far as a format tells them."""
    revision = article.revisions[-1]
    found = []
    for row in article.sets:
        if row.revision not in ("", revision.id):
            continue
        spans = {span.id: _span(span, links=links, attributes=attributes) for span in row.spans}
        relations = sorted((link.type, spans[link.source], spans[link.target]) for link in row.relations)
        everything = sorted(_span(span, links=links, attributes=attributes) for span in row.spans)
        if everything:
            found.append((everything, relations))
    return {"text": revision.text, "external_id": article.external_id, "sets": found}


def _span(span: records.Span, *, links: bool, attributes: bool) -> tuple[Any, ...]:
    facts = sorted(json.loads(span.attributes).items()) if attributes else []
    linked = (span.actor or "", span.proposition or "") if links else ()
    return span.label, span.start, span.end, span.quote, facts, linked


def again(name: str, article: records.Article, dialect: Dialect = Dialect.MACHINE) -> records.Article:
    """The article after a way through a file."""
    return read_one(name, written(FORMATS[name], article, dialect=dialect)[0])
