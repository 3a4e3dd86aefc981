"""Storing articles and the versions of their text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.exceptions import Duplicate, InUse, NotAllowedNow, located
from annotations.models import AnnotationSet, Article, Corpus, Revision, uuid7
from annotations.permissions import HasRole, Permission, require
from annotations.says import says
from annotations.services import events
from annotations.services.constraints import meaning, repeatable
from annotations.services.refusals import id_taken, require_version
from annotations.services.sets import require_not_archived, settle
from annotations.states import LIVE
from annotations.text.gate import check_text
from annotations.visibility import get_visible

#: What a client may say of an article, beside its text.
METADATA = (
    "external_id", "title", "source", "author", "url", "language", "published_at", "story_key",
    "metadata", "annotators", "priority",
)  # fmt: skip


def search_key(article: Article) -> str:
    """What the search looks into: folded in Python, because SQLite folds ASCII only."""
    parts = (article.title, article.external_id or "", article.author, article.source)
    return "\n".join(parts).casefold()


def facts(article: Article) -> dict[str, Any]:
    """What an event tells of an article."""
    values = {name: getattr(article, name) for name in METADATA}
    published = values["published_at"]
    if isinstance(published, datetime):
        values["published_at"] = published.isoformat()
    return {"id": str(article.pk), **values}


def build_revision(
    article: Article, text: str, *, number: int, by: User | None, reason: str = ""
) -> Revision:
    """A revision of an article, not yet stored, with the checksum of exactly this text."""
    return Revision(
        id=uuid7(),
        article=article,
        number=number,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        length=len(text),
        reason=reason,
        author=by,
    )


@repeatable
@transaction.atomic
def create(by: User, corpus: Corpus, values: Mapping[str, Any]) -> tuple[Article, bool]:
    """Store an article with its first revision; a repeat (same id, same content) is not stored twice.

    ``values`` holds the text, the metadata fields that were sent, and the id where one was chosen.
    """
    require(by, Permission.ADD_ARTICLE, cast("HasRole", corpus))
    sent = {name: value for name, value in values.items() if name in METADATA}
    stored = _stored(by, corpus, values, sent)
    if stored is not None:
        return stored, False
    require_not_archived(corpus)
    with located("/text"):
        check_text(values["text"])
    article = Article(id=values.get("id") or uuid7(), corpus=corpus, **sent)
    article.annotators = sent.get("annotators") or corpus.annotators_per_article
    article.search_key = search_key(article)
    _require_new_external_id(article)
    revision = build_revision(article, values["text"], number=1, by=by)
    article.revision = revision
    with meaning({"article_external_id": _taken_external_id(article)}):
        article.save(force_insert=True)
        revision.save(force_insert=True)
    told = {**facts(article), "sha256": revision.sha256, "length": revision.length}
    events.store([events.of_article("article_added", article, by, after=told)])
    return article, True


def _stored(by: User, corpus: Corpus, values: Mapping[str, Any], sent: Mapping[str, Any]) -> Article | None:
    """The article that this id already names, if it is the same; refused where it is another."""
    id = values.get("id")
    if id is None:
        return None
    stored = Article.objects.filter(pk=id).select_related("revision").first()
    if stored is None:
        return None
    same = stored.corpus_id == corpus.pk and stored.revision.text == values["text"]
    with located("/id"):
        if not same or not is_unchanged(stored, sent):
            raise id_taken(id)
    return get_visible(by, Article.objects.select_related("revision", "corpus"), pk=id)


def is_unchanged(article: Article, values: Mapping[str, Any]) -> bool:
    """Whether an article has these values already."""
    return all(_typed(getattr(article, name)) == _typed(value) for name, value in values.items())


def _typed(value: Any) -> Any:
    """A value for comparisons: to Python true is 1, in metadata it is not."""
    return {key: (type(item), item) for key, item in value.items()} if isinstance(value, dict) else value


def _taken_external_id(article: Article) -> Duplicate:
    return Duplicate(
        says(
            "The corpus has an article with the external id {external_id!r} already; change "
            "that one, or send another external id.",
            external_id=article.external_id,
        )
    )


def _require_new_external_id(article: Article) -> None:
    if article.external_id is None:
        return
    others = Article.objects.filter(corpus=article.corpus, external_id=article.external_id)
    if others.exclude(pk=article.pk).exists():
        with located("/external_id"):
            raise _taken_external_id(article)


def _locked(by: User, id: UUID, permission: Permission) -> Article:
    rows = Article.objects.select_for_update(of=("self",)).select_related("corpus", "revision")
    article = get_visible(by, rows.defer("revision__text"), pk=id)
    require(by, permission, cast("HasRole", article))
    return article


@transaction.atomic
def change(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Article:
    """Change the metadata of an article; ``annotators`` only while nobody has a set on it."""
    article = _locked(by, id, Permission.CHANGE_ARTICLE)
    if is_unchanged(article, changes):
        return article
    require_version("article", article.version, version)
    require_not_archived(article.corpus)
    before = facts(article)
    if changes.get("annotators", article.annotators) != article.annotators:
        _require_without_sets(
            article, says("The number of annotators stays as it is while the article has sets.")
        )
    for name, value in changes.items():
        setattr(article, name, value)
    _require_new_external_id(article)
    article.search_key = search_key(article)
    article.version += 1
    with meaning({"article_external_id": _taken_external_id(article)}):
        article.save(force_update=True)
    events.store([events.of_article("article_changed", article, by, before=before, after=facts(article))])
    return article


def _require_without_sets(article: Article, sentence: str) -> None:
    if AnnotationSet.objects.filter(article=article).exists():
        raise InUse(sentence)


@transaction.atomic
def delete(by: User, id: UUID, *, version: int) -> None:
    """Delete an article on which nobody has worked."""
    article = _locked(by, id, Permission.DELETE_ARTICLE)
    require_version("article", article.version, version)
    require_not_archived(article.corpus)
    _require_without_sets(
        article, says("The article has sets, and work is never deleted; exclude it instead.")
    )
    events.store([events.of_article("article_deleted", article, by, before=facts(article))])
    article.delete()


@transaction.atomic
def exclude(by: User, id: UUID, reason: str, *, version: int | None = None) -> Article:
    """Take an article out of the work, with the reason; its sets stay as they are."""
    return _set_exclusion(by, id, reason, "article_excluded", version=version)


@transaction.atomic
def include(by: User, id: UUID, reason: str, *, version: int | None = None) -> Article:
    """Take an excluded article back into the work."""
    return _set_exclusion(by, id, "", "article_included", version=version, told=reason)


def _set_exclusion(
    by: User, id: UUID, reason: str, action: str, *, version: int | None, told: str = ""
) -> Article:
    article = _locked(by, id, Permission.EXCLUDE_ARTICLE)
    if article.excluded_reason == reason:
        return article
    if version is not None:
        require_version("article", article.version, version)
    require_not_archived(article.corpus)
    before = {"excluded_reason": article.excluded_reason}
    article.excluded_reason = reason
    article.version += 1
    article.save(update_fields=["excluded_reason", "version"], force_update=True)
    after = {"excluded_reason": reason, "reason": told or reason}
    events.store([events.of_article(action, article, by, before=before, after=after)])
    settle(article)
    return article


@repeatable
@transaction.atomic
def add_revision(
    by: User, id: UUID, text: str, reason: str, *, revision_id: UUID | None = None
) -> tuple[Revision, bool]:
    """Add a new version of the text; the current one again is a repeat.

    Refused while the article has sets: carrying their spans over is not built yet.
    """
    article = _locked(by, id, Permission.ADD_REVISION)
    stored = Revision.objects.filter(pk=revision_id).first() if revision_id else None
    if stored is not None:
        if (stored.article_id, stored.text, stored.reason) != (article.pk, text, reason):
            with located("/id"):
                raise id_taken(revision_id)
        return stored, False
    require_not_archived(article.corpus)
    with located("/text"):
        check_text(text)
    current = article.revision
    revision = build_revision(article, text, number=current.number + 1, by=by, reason=reason)
    revision.id = revision_id or revision.id
    if revision.sha256 == current.sha256:
        raise Duplicate(
            says(
                "The text is the same as that of revision {number}; nothing was changed.",
                number=current.number,
            )
        )
    _require_no_sets(article)
    with meaning({}):
        revision.save(force_insert=True)
    article.revision = revision
    article.version += 1
    article.save(update_fields=["revision", "version"], force_update=True)
    told = {"number": revision.number, "sha256": revision.sha256, "reason": reason}
    events.store([events.of_article("revision_added", article, by, after=told)])
    return revision, True


def _require_no_sets(article: Article) -> None:
    rows = AnnotationSet.objects.filter(article=article)
    if rows.exists():
        live = rows.filter(state__in=LIVE).count()
        raise NotAllowedNow(
            says(
                "The article has sets ({live} of them live), and its text cannot be replaced under them yet.",
                live=live,
            ),
            state=article.status,
            allowed=[],
        )
