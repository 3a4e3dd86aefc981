"""Texts, spans and free JSON, each row by itself."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import QuerySet

from annotations.exceptions import StandpointError
from annotations.models import (
    AccessToken,
    AnnotationSet,
    Article,
    Comment,
    Decision,
    Event,
    FrozenAgreement,
    Revision,
    Span,
)
from annotations.models.bulk import batched
from annotations.scheme import check_attributes, check_links
from annotations.services.integrity.checks import (
    QUOTES_AT_ONCE,
    ROWS_AT_ONCE,
    TEXTS_AT_ONCE,
    Check,
    CheckResult,
    CheckScope,
    stream_rows,
)
from annotations.services.rights.erased import ERASED_CHARACTER
from annotations.text.gate import check_json, check_text, excerpt
from annotations.text.ranges import Range


def _check_revisions(scope: CheckScope, result: CheckResult) -> None:
    rows = scope.select(Revision.objects.select_related("article__erasure"), "article__corpus_id")
    for revision in stream_rows(rows, TEXTS_AT_ONCE):
        is_erased = hasattr(revision.article, "erasure")
        result.add_row(revision.pk, (_erased_fault if is_erased else _text_fault)(revision))


def _erased_fault(revision: Revision) -> str | None:
    """Return a sentence unless nothing is left of the text, and its checksum is that of the certificate."""
    if revision.text.strip(ERASED_CHARACTER) or len(revision.text) != revision.length:
        return f"The text of revision {revision.number} is of an erased article, and not all of it is gone."
    if revision.sha256 not in {row["sha256"] for row in revision.article.erasure.hashes}:
        return f"The checksum of revision {revision.number} is not on the certificate of the erasure."
    return None


def _text_fault(revision: Revision) -> str | None:
    try:
        check_text(revision.text)
    except StandpointError as error:
        return error.detail
    if hashlib.sha256(revision.text.encode()).hexdigest() != revision.sha256:
        return f"The text of revision {revision.number} is not the one of which the checksum was taken."
    if len(revision.text) != revision.length:
        return (
            f"The text of revision {revision.number} has {len(revision.text)} code points, and its stored "
            f"length is {revision.length}."
        )
    return None


def _check_quotes(scope: CheckScope, result: CheckResult) -> None:
    for rows in (Span.objects.all(), Comment.objects.filter(start__isnull=False)):
        _compare_quotes(scope.select(rows, "set__corpus_id"), result)


def _compare_quotes(selected: QuerySet[Any], result: CheckResult) -> None:
    rows = selected.order_by("set_id", "start", "end", "pk")
    columns = rows.values_list("pk", "start", "end", "quote", "set__revision_id")
    for batch in batched(columns.iterator(chunk_size=ROWS_AT_ONCE), QUOTES_AT_ONCE):
        revision_ids = {revision for *_, revision in batch}
        texts = dict(Revision.objects.filter(pk__in=revision_ids).order_by().values_list("pk", "text"))
        for pk, start, end, quote, revision in batch:
            result.add_row(pk, _quote_fault(texts[revision], start, end, quote))


def _quote_fault(text: str, start: int, end: int, quote: str) -> str | None:
    if end != start + len(quote):
        return f"The range from {start} to {end} holds a quote of {len(quote)} code points."
    try:
        found = Range.from_offsets(start, end, len(text))
    except StandpointError as error:
        return error.detail
    actual = found.quote(text)
    if actual != quote:
        return f"It quotes “{excerpt(quote)}”, and the text reads “{excerpt(actual)}” there."
    return None


def _check_attributes(scope: CheckScope, result: CheckResult) -> None:
    """Check the attributes and links of spans.

    The order of attributes is not checked: PostgreSQL keeps JSON keys in an order of its own, and answers
    sort them.
    """
    rows = scope.select(Span.objects.all(), "set__corpus_id")
    columns = rows.values_list("pk", "label", "attributes", "actor_id", "proposition_id")
    for pk, label, attributes, actor, proposition in columns.iterator(chunk_size=ROWS_AT_ONCE):
        errors = check_attributes(label, attributes)
        errors += check_links(label, has_actor=actor is not None, has_proposition=proposition is not None)
        result.add_row(pk, " ".join(error.detail for error in errors) or None)


#: Every column of free JSON, and the lookup of the corpus (None if there is none).
JSON_COLUMNS = (
    (Article, "metadata", "corpus_id"),
    (AnnotationSet, "span_counts", "corpus_id"),
    (Span, "attributes", "set__corpus_id"),
    (Comment, "suggestion", "set__corpus_id"),
    (Event, "data", "corpus_id"),
    (Decision, "sides", "set__corpus_id"),
    (FrozenAgreement, "counts", "corpus_id"),
    (AccessToken, "scopes", None),
)


def _check_json_columns(scope: CheckScope, result: CheckResult) -> None:
    for model, column, path in JSON_COLUMNS:
        if path is None and scope.corpus is not None:
            continue
        rows = scope.select(model._default_manager.all(), path or "pk").values_list("pk", column)
        for pk, value in rows.iterator(chunk_size=ROWS_AT_ONCE):
            result.add_row(pk, _json_fault(value, f"{model._meta.verbose_name} {column}"))


def _json_fault(value: object, what: str) -> str | None:
    try:
        check_json(value, what)
    except StandpointError as error:
        return error.detail
    return None


CHECKS = (
    Check(
        "text",
        "Every text passes the text gate and is the one that was stored, by checksum; nothing is left of an "
        "erased one.",
        _check_revisions,
    ),
    Check(
        "quote",
        "Every span, and every comment on words, lies inside its text and quotes it to the letter.",
        _check_quotes,
    ),
    Check("attributes", "Attributes and links of every span fit its label by the scheme.", _check_attributes),
    Check(
        "json",
        "No JSON holds NUL, half a surrogate pair or a number that is not finite.",
        _check_json_columns,
    ),
)
