"""Marks without a text: set on articles that the corpus has already."""

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
#: So many articles' texts are in memory at once.
MOST_ARTICLES = 20


def found(run: Run, waiting: Sequence[tuple[Line, int]]) -> Iterator[Pending]:
    """The lines as if they had held the texts of their articles; what does not fit is told."""
    keys = [cast("Marks", line.record).external_id for line, _ in waiting]
    stored = _stored(run, keys)
    for (line, ordinal), key in zip(waiting, keys, strict=True):
        article = stored.get(key)
        if article is None:
            says = "The corpus has no article with this external id, id or address; import its text first."
            run.report.fail(line.number, key, [FieldError(code=NotInCorpus.code, detail=says, pointer="")])
            continue
        read = cast("Marks", line.record).on(article.revision.text)
        if not isinstance(read.record, records.Article):
            run.report.fail(line.number, key, read.faults)
            continue
        yield Pending(line.number, key, read.record, ordinal, [*line.losses, *read.losses], str(article.pk))


def _stored(run: Run, keys: Sequence[str]) -> dict[str, Article]:
    """The articles that are meant: by external id, else by id, else by address."""
    rows = Article.objects.filter(corpus=run.corpus).select_related("revision").order_by("-pk")
    result: dict[str, Article] = {}
    for some in chunks([key for key in keys if _is_askable(key)]):
        result |= {row.url: row for row in rows.filter(url__in=[key for key in some if key])}
        ids = [key for key in some if is_uuid(key.removeprefix(_URN))]
        by_id = {str(row.pk): row for row in rows.filter(pk__in=[id.removeprefix(_URN) for id in ids])}
        result |= {key: by_id[id] for key in ids if (id := key.removeprefix(_URN)) in by_id}
        result |= {str(row.external_id): row for row in rows.filter(external_id__in=some)}
    return result


def _is_askable(key: str) -> bool:
    """Whether the database can be asked for it: it knows neither NUL nor half a surrogate pair."""
    try:
        check_line(key, "source", MAX_URL)
    except TextNotAllowed:
        return False
    return bool(key)
