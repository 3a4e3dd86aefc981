"""Standoff annotations: files without texts, for articles that the corpus has already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from annotations.exceptions import FieldError, NotInCorpusError, TextNotAllowedError
from annotations.formats.core import records
from annotations.formats.core.interfaces import ParsedRecord, StandoffAnnotations
from annotations.formats.core.value_checks import is_uuid
from annotations.models import Article
from annotations.services.exchange.imports.context import ImportContext, PendingArticle, parameter_batches
from annotations.text.gate import check_line
from annotations.text.parsing import MAX_URL

_URN = "urn:uuid:"
#: How many texts of articles are in memory at once.
MAX_ARTICLES = 20


def resolve_standoff(
    context: ImportContext, waiting: Sequence[tuple[ParsedRecord, int]]
) -> Iterator[PendingArticle]:
    """Yield the lines as articles with their texts; report the lines that fit no article."""
    keys = [cast("StandoffAnnotations", line.record).external_id for line, _ in waiting]
    stored = _find_articles(context, keys)
    for (line, ordinal), key in zip(waiting, keys, strict=True):
        article = stored.get(key)
        if article is None:
            detail = "The corpus has no article with this external id, id or address; import its text first."
            context.report.add_failure(
                line.number, key, [FieldError(code=NotInCorpusError.code, detail=detail, pointer="")]
            )
            continue
        read = cast("StandoffAnnotations", line.record).read_with_text(article.revision.text)
        if not isinstance(read.record, records.Article):
            context.report.add_failure(line.number, key, read.errors)
            continue
        yield PendingArticle(
            line.number, key, read.record, ordinal, [*line.losses, *read.losses], str(article.pk)
        )


def _find_articles(context: ImportContext, keys: Sequence[str]) -> dict[str, Article]:
    """Return the articles of keys: by external id, else by id, else by address."""
    rows = Article.objects.filter(corpus=context.corpus).select_related("revision").order_by("-pk")
    result: dict[str, Article] = {}
    for some in parameter_batches([key for key in keys if _is_valid_key(key)]):
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
    except TextNotAllowedError:
        return False
    return bool(key)
