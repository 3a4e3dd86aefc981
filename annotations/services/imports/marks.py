"""Standoff annotations: files without texts, for articles that the corpus has already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from annotations.exceptions import FieldError, NotInCorpus, TextNotAllowed
from annotations.formats import records
from annotations.formats.base import Line, Marks
from annotations.formats.values import is_uuid
from annotations.models import Article
from annotations.services.imports.run import Pending, Run, chunks
from annotations.text.gate import check_line
from annotations.text.values import MAX_URL

_URN = "urn:uuid:"
#: How many texts of articles are in memory at once.
MOST_ARTICLES = 20


def found(context: Run, waiting: Sequence[tuple[Line, int]]) -> Iterator[Pending]:
    """Yield the lines as articles with their texts; report the lines that fit no article."""
    keys = [cast("Marks", line.record).external_id for line, _ in waiting]
    stored = _find_articles(context, keys)
    for (line, ordinal), key in zip(waiting, keys, strict=True):
        article = stored.get(key)
        if article is None:
            detail = "The corpus has no article with this external id, id or address; import its text first."
            context.report.fail(
                line.number, key, [FieldError(code=NotInCorpus.code, detail=detail, pointer="")]
            )
            continue
        read = cast("Marks", line.record).on(article.revision.text)
        if not isinstance(read.record, records.Article):
            context.report.fail(line.number, key, read.faults)
            continue
        yield Pending(line.number, key, read.record, ordinal, [*line.losses, *read.losses], str(article.pk))


def _find_articles(context: Run, keys: Sequence[str]) -> dict[str, Article]:
    """Return the articles of keys: by external id, else by id, else by address."""
    rows = Article.objects.filter(corpus=context.corpus).select_related("revision").order_by("-pk")
    result: dict[str, Article] = {}
    for some in chunks([key for key in keys if _is_valid_key(key)]):
        result |= {row.url: row for row in rows.filter(url__in=[key for key in some if key])}
        ids = [key for key in some if is_uuid(key.removeprefix(_URN))]
        by_id = {str(row.pk): row for row in rows.filter(pk__in=[id.removeprefix(_URN) for id in ids])}
        result |= {key: by_id[id] for key in ids if (id := key.removeprefix(_URN)) in by_id}
        result |= {str(row.external_id): row for row in rows.filter(external_id__in=some)}
    return result


def _is_valid_key(key: str) -> bool:
    """Return whether a key can be sent to the database, which takes neither NUL nor lone surrogates."""
    try:
        check_line(key, "source", MAX_URL)
    except TextNotAllowed:
        return False
    return bool(key)
