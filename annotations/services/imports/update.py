"""Updating articles that exist already from the lines of an import."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User

from annotations.exceptions import FieldError, HasSet, NotAllowedNow, StandpointError, located
from annotations.formats import records
from annotations.models import AnnotationSet, Article
from annotations.services import events
from annotations.services.articles import METADATA, build_revision, facts, search_key
from annotations.services.assignments import require_free
from annotations.services.imports.run import Pending, Run
from annotations.services.sets import facts_of
from annotations.states import LIVE, Kind, Round, State
from annotations.workflow import ArticleFacts, SetFact


def refusal(article: Article, pending: Pending, owners: Sequence[User | None]) -> list[FieldError]:
    """Return the errors that stop a line from updating the article with sets of these owners."""
    faults: list[FieldError] = []
    for check in (_check_text, _check_annotators, _check_owners):
        try:
            check(article, pending.article, owners)
        except StandpointError as error:
            faults.extend(error.errors)
    return faults


def _has_sets(article: Article) -> bool:
    return AnnotationSet.objects.filter(article=article).exists()


def _check_text(article: Article, sent: records.Article, _: Sequence[User | None]) -> None:
    if sent.revisions[-1].sha256 != article.revision.sha256 and _has_sets(article):
        with located("/text"):
            raise NotAllowedNow(
                "The article has sets, and its text cannot be replaced under them yet; leave it as it is.",
                state=article.status,
                allowed=[],
            )


def _check_annotators(article: Article, sent: records.Article, _: Sequence[User | None]) -> None:
    if sent.annotators not in (None, article.annotators) and _has_sets(article):
        with located("/annotators"):
            raise NotAllowedNow(
                "The number of annotators stays as it is while the article has sets.",
                state=article.status,
                allowed=[],
            )


def _check_owners(article: Article, sent: records.Article, owners: Sequence[User | None]) -> None:
    people = [owner for owner in owners if owner is not None]
    with located("/sets" if "sets" in sent.sent else "/spans"):
        for owner in people:
            if AnnotationSet.objects.filter(article=article, owner=owner).exists():
                raise HasSet(
                    f"{owner.get_username()} has a set on this article, and an import never changes"
                    " one; leave the marks out, or name another owner."
                )
            require_free(article, owner, Round.PRODUCTION)
        if len(people) > 1:
            _require_slots(article, len(people))


def _require_slots(article: Article, wanted: int) -> None:
    """Raise if the article does not take so many more annotators."""
    taken = AnnotationSet.objects.filter(
        article=article, round=Round.PRODUCTION, kind=Kind.ANNOTATION, state__in=LIVE
    ).count()
    if taken + wanted > article.annotators:
        raise NotAllowedNow(
            f"The article takes {article.annotators} annotators, and with the file {taken + wanted} would be"
            " at work on it; leave some of them out.",
            state=article.status,
            allowed=[],
        )


def apply(context: Run, article: Article, sent: records.Article) -> bool:
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
    events.store([events.of_article("revision_added", article, context.by, after=payload)])
    return True


def _update_metadata(by: User | None, article: Article, sent: records.Article) -> bool:
    values: dict[str, Any] = {name: getattr(sent, name) for name in METADATA if name in sent.sent}
    if "metadata" in values:
        values["metadata"] = json.loads(values["metadata"])
    if values.get("annotators") is None:
        values.pop("annotators", None)
    changes = {name: value for name, value in values.items() if getattr(article, name) != value}
    if not changes:
        return False
    before = facts(article)
    for name, value in changes.items():
        setattr(article, name, value)
    article.search_key = search_key(article)
    article.version += 1
    article.save(update_fields=[*changes, "search_key", "version"], force_update=True)
    events.store([events.of_article("article_changed", article, by, before=before, after=facts(article))])
    return True


def facts_with(article: Article, rows: Sequence[records.AnnotationSet]) -> ArticleFacts:
    """Return the summary of the article with the new sets."""
    summary = facts_of(article)
    new = [SetFact(kind=Kind(row.kind), round=Round(row.round), state=State(row.state)) for row in rows]
    return ArticleFacts(excluded=summary.excluded, annotators=summary.annotators, sets=(*summary.sets, *new))
