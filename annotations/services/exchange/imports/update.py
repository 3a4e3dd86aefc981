"""Updating articles that exist already from the lines of an import."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import User

from annotations.enums import Round, SetKind, State
from annotations.exceptions import FieldError, NotAllowedNowError, SetExistsError, StandpointError, error_at
from annotations.formats.core import records
from annotations.models import AnnotationSet, Article
from annotations.services.core import events
from annotations.services.core.articles import (
    METADATA_FIELDS,
    article_payload,
    build_revision,
    build_search_key,
)
from annotations.services.core.sets import summarize_article
from annotations.services.exchange.imports.context import ImportContext, PendingArticle
from annotations.services.team.assignments import require_assignable
from annotations.workflow import ArticleSummary, SetSummary


def find_update_errors(
    context: ImportContext, article: Article, pending: PendingArticle, spans: bool
) -> list[FieldError]:
    """Return the errors that stop a line from updating the article, empty if there are none."""
    faults: list[FieldError] = []
    for check in (_check_text, _check_annotators, _check_owner):
        try:
            check(context, article, pending.article, spans)
        except StandpointError as error:
            faults.extend(error.errors)
    return faults


def _has_sets(article: Article) -> bool:
    return AnnotationSet.objects.filter(article=article).exists()


def _check_text(_: ImportContext, article: Article, sent: records.Article, __: bool) -> None:
    if sent.revisions[-1].sha256 != article.revision.sha256 and _has_sets(article):
        with error_at("/text"):
            raise NotAllowedNowError(
                "The article has sets, and its text cannot be replaced under them yet; leave it as it is.",
                state=article.status,
                allowed=[],
            )


def _check_annotators(_: ImportContext, article: Article, sent: records.Article, __: bool) -> None:
    if sent.annotators not in (None, article.annotators) and _has_sets(article):
        with error_at("/annotators"):
            raise NotAllowedNowError(
                "The number of annotators stays as it is while the article has sets.",
                state=article.status,
                allowed=[],
            )


def _check_owner(context: ImportContext, article: Article, sent: records.Article, spans: bool) -> None:
    if not spans or context.owner is None:
        return
    with error_at("/sets" if "sets" in sent.sent else "/spans"):
        own = AnnotationSet.objects.filter(article=article, owner=context.owner)
        if own.exists():
            raise SetExistsError(
                f"{context.owner.get_username()} has a set on this article, and an import never changes"
                " one; leave the marks out, or name another owner."
            )
        require_assignable(article, context.owner, Round.PRODUCTION)


def apply_update(context: ImportContext, article: Article, sent: records.Article) -> bool:
    """Update metadata and text; return whether anything has changed."""
    changed = _update_metadata(context.by, article, sent)
    current = sent.revisions[-1]
    if current.sha256 == article.revision.sha256:
        return changed
    number = article.revision.number + 1
    revision = build_revision(article, current.text, number=number, by=context.by, reason=current.reason)
    revision.save(force_insert=True)
    article.revision = revision
    article.version += 1
    article.save(update_fields=["revision", "version"], force_update=True)
    payload = {"number": number, "sha256": revision.sha256, "reason": current.reason}
    events.store_events([events.build_article_event("revision_added", article, context.by, after=payload)])
    return True


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
    events.store_events(
        [
            events.build_article_event(
                "article_changed", article, by, before=before, after=article_payload(article)
            )
        ]
    )
    return True


def summarize_with_set(article: Article, row: records.AnnotationSet) -> ArticleSummary:
    """Return the summary of the article with the new set."""
    summary = summarize_article(article)
    new_set = SetSummary(kind=SetKind(row.kind), round=Round(row.round), state=State(row.state))
    return ArticleSummary(
        excluded=summary.excluded, annotators=summary.annotators, sets=(*summary.sets, new_set)
    )
