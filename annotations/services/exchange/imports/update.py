"""Updating articles that exist already from the lines of an import."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.contrib.auth.models import User

from annotations.enums import LIVE, Round, SetKind, State
from annotations.exceptions import FieldError, NotAllowedNowError, SetExistsError, StandpointError, error_at
from annotations.formats.core import records
from annotations.models import AnnotationSet, Article
from annotations.services.core import events, search_index, statements, stories
from annotations.services.core.articles import METADATA_FIELDS, article_payload, build_search_key
from annotations.services.core.sets import summarize_article
from annotations.services.correction.batches import CorrectionBatch
from annotations.services.correction.set_plans import count_carried
from annotations.services.exchange.imports import rights
from annotations.services.exchange.imports.context import ImportContext, PendingArticle
from annotations.services.team.assignments import require_assignable
from annotations.workflow import ArticleSummary, SetSummary


def find_update_errors(
    article: Article,
    pending: PendingArticle,
    owners: Sequence[User | None],
    corrections: CorrectionBatch,
) -> list[FieldError]:
    """Return the errors that stop a line from updating the article with sets of these owners."""
    faults: list[FieldError] = []
    for check in (partial(_check_text, corrections), _check_annotators, _check_owners):
        try:
            check(article, pending.article, owners)
        except StandpointError as error:
            faults.extend(error.errors)
    return faults


def _has_sets(article: Article) -> bool:
    return AnnotationSet.objects.filter(article=article).exists()


def begin_corrections(
    context: ImportContext, lines: Iterable[tuple[Article | None, records.Article]]
) -> CorrectionBatch:
    """Return the corrections that lines make of locked articles, which they update or None."""
    corrected = [article for article, sent in lines if article is not None and _is_correction(article, sent)]
    return CorrectionBatch(corrected, lock=not context.options.dry_run)


def _is_correction(article: Article, sent: records.Article) -> bool:
    return bool(sent.revisions[-1].sha256 != article.revision.sha256)


def _check_text(
    corrections: CorrectionBatch, article: Article, sent: records.Article, _: Sequence[User | None]
) -> None:
    if _is_correction(article, sent):
        with error_at("/text"):
            corrections.require_replaceable(article)


def _check_annotators(article: Article, sent: records.Article, _: Sequence[User | None]) -> None:
    if sent.annotators not in (None, article.annotators) and _has_sets(article):
        with error_at("/annotators"):
            raise NotAllowedNowError(
                "The number of annotators stays as it is while the article has sets.",
                state=article.status,
                allowed=[],
            )


def _check_owners(article: Article, sent: records.Article, owners: Sequence[User | None]) -> None:
    people = [owner for owner in owners if owner is not None]
    with error_at("/sets" if "sets" in sent.sent else "/spans"):
        for owner in people:
            if AnnotationSet.objects.filter(article=article, owner=owner).exists():
                raise SetExistsError(
                    f"{owner.get_username()} has a set on this article, and an import never changes"
                    " one; leave the marks out, or name another owner."
                )
            require_assignable(article, owner, Round.PRODUCTION)
        if len(people) > 1:
            _require_slots(article, len(people))


def _require_slots(article: Article, wanted: int) -> None:
    """Raise if the article does not take so many more annotators."""
    taken = AnnotationSet.objects.filter(
        article=article, round=Round.PRODUCTION, kind=SetKind.ANNOTATION, state__in=LIVE
    ).count()
    if taken + wanted > article.annotators:
        raise NotAllowedNowError(
            f"The article takes {article.annotators} annotators, and with the file {taken + wanted} would be"
            " at work on it; leave some of them out.",
            state=article.status,
            allowed=[],
        )


def apply_update(
    context: ImportContext, article: Article, sent: records.Article, corrections: CorrectionBatch
) -> bool:
    """Update metadata and text, to which the sets go over; return whether anything has changed."""
    changed = _update_metadata(context.by, article, sent)
    changed |= rights.update_rights(context.by, article, sent)
    if not _is_correction(article, sent):
        # this line may bring sets, and another one of the batch correct the text
        corrections.forget_sets(article)
        return changed
    current = sent.revisions[-1]
    corrections.replace_text(context.by, article, current.text, current.reason)
    return True


def finish_corrections(context: ImportContext, corrections: CorrectionBatch) -> Counter[str]:
    """End the corrections of a batch; return how many spans of each status were carried over."""
    return count_carried(context.by, corrections.finish())


def preview_updates(
    context: ImportContext,
    lines: Iterable[tuple[Article | None, records.Article]],
    corrections: CorrectionBatch,
) -> Counter[str]:
    """Return how many spans of each status updates would carry; nothing is stored."""
    found: Counter[str] = Counter()
    for article, sent in lines:
        if article is not None and _is_correction(article, sent):
            found += count_carried(context.by, corrections.plan(article, sent.revisions[-1].text))
    return found


def _update_metadata(by: User | None, article: Article, sent: records.Article) -> bool:
    values: dict[str, Any] = {name: getattr(sent, name) for name in METADATA_FIELDS if name in sent.sent}
    if "metadata" in values:
        values["metadata"] = json.loads(values["metadata"])
    if values.get("annotators") is None:
        values.pop("annotators", None)
    changes = {name: value for name, value in values.items() if getattr(article, name) != value}
    if not changes:
        return False
    before = article_payload(article)
    for name, value in changes.items():
        setattr(article, name, value)
    article.search_key = build_search_key(article)
    article.version += 1
    article.save(update_fields=[*changes, "search_key", "version"], force_update=True)
    if not statements.ARTICLE_FIELDS.isdisjoint(changes):
        statements.refresh_article_columns(article)
    if "title" in changes:
        search_index.refresh_title(article)
    if "published_at" in changes:
        stories.wait_for_search(article)
    events.store_events(
        [
            events.build_article_event(
                "article_changed", article, by, before=before, after=article_payload(article)
            )
        ]
    )
    return True


def summarize_with_set(article: Article, rows: Sequence[records.AnnotationSet]) -> ArticleSummary:
    """Return the summary of the article with the new sets."""
    summary = summarize_article(article)
    new = [SetSummary(kind=SetKind(row.kind), round=Round(row.round), state=State(row.state)) for row in rows]
    return ArticleSummary(
        excluded=summary.excluded, annotators=summary.annotators, sets=(*summary.sets, *new)
    )
