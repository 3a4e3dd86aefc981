"""The articles of a corpus that the lines of an import refer to: by id, by external id or by equal text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Q

from annotations.exceptions import DuplicateError, FieldError
from annotations.models import Article
from annotations.services.exchange.imports.context import ImportContext, PendingArticle, parameter_batches


def find_stored_articles(context: ImportContext, batch: Sequence[PendingArticle]) -> dict[str, Article]:
    """Return the articles that the lines of a batch refer to, by the keys of the lines.

    They are locked if lines may change them; their texts are not loaded.
    """
    conditions = list(_conditions(batch))
    takes_ids = any(pending.stored is not None for pending in batch)
    if (context.options.on_conflict == "update" or takes_ids) and not context.options.dry_run:
        _lock(context, conditions)
    rows = Article.objects.filter(corpus=context.corpus).select_related("revision", "corpus", "erasure")
    rows = rows.defer("revision__text").order_by("-pk")  # of equal texts, the first article counts
    return {
        key: row
        for condition in conditions
        for row in rows.filter(condition)
        for key in (f"id {row.pk}", f"external id {row.external_id}", f"text {row.revision.sha256}")
    }


def _conditions(batch: Sequence[PendingArticle]) -> Iterator[Q]:
    """Yield what finds the articles of the lines, in parts that fit into a query."""
    ids = [pending.stored for pending in batch if pending.stored is not None]
    others = [pending.article for pending in batch if pending.stored is None]
    names = [article.external_id for article in others if article.external_id is not None]
    texts = [article.revisions[-1].sha256 for article in others if article.external_id is None]
    for condition, values in (("pk", ids), ("external_id", names), ("revision__sha256", texts)):
        for some in parameter_batches(values):
            yield Q(**{f"{condition}__in": some})


def _lock(context: ImportContext, conditions: Iterable[Q]) -> None:
    """Lock the articles without their revisions.

    PostgreSQL loses a row whose revision another transaction replaced while this one waited for it.
    """
    rows = Article.objects.filter(corpus=context.corpus)
    found = [id for condition in conditions for id in rows.filter(condition).values_list("pk", flat=True)]
    for some in parameter_batches(sorted(found)):
        list(rows.filter(pk__in=some).order_by("pk").select_for_update().values_list("pk"))


def exists_error(pending: PendingArticle) -> FieldError:
    """Return what a line gets whose article is stored already."""
    if pending.article.external_id is not None:
        what, pointer = f"an article with the external id {pending.article.external_id!r}", "/external_id"
    else:
        what, pointer = "an article with exactly this text", "/text"
    detail = f"The corpus has {what} already; skip what exists, update it, or leave the line out."
    return FieldError(code=DuplicateError.code, detail=detail, pointer=pointer)
