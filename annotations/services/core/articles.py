"""Creating, updating and excluding articles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet

from annotations.exceptions import DuplicateError, ErasedError, InUseError, error_at
from annotations.messages import message
from annotations.models import AnnotationSet, Article, Corpus, Erasure, Revision, uuid7
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import events, search_index, statements, stories
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import refresh_status, require_not_archived
from annotations.text.folding import search_key
from annotations.text.gate import check_text
from annotations.text.parsing import format_timestamp
from annotations.visibility import get_visible, get_visible_row

#: The fields of an article that a client may set, besides its text.
METADATA_FIELDS = (
    "external_id", "title", "source", "author", "url", "language", "published_at", "story_key",
    "metadata", "annotators", "priority",
)  # fmt: skip


def build_search_key(article: Article) -> str:
    """Return the folded text that searches look into."""
    return search_key(article.title, article.external_id or "", article.author, article.source)


def article_payload(article: Article) -> dict[str, Any]:
    """Return the payload of an event about an article."""
    values = {name: getattr(article, name) for name in METADATA_FIELDS}
    published = values["published_at"]
    if isinstance(published, datetime):
        values["published_at"] = format_timestamp(published)
    return {"id": str(article.pk), **values}


def build_revision(
    article: Article, text: str, *, number: int, by: User | None, reason: str = ""
) -> Revision:
    """Return a revision of an article with the checksum of its text, not yet stored."""
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


@retry_on_conflict
@transaction.atomic
def create_article(by: User, seen: VisibleRow[Corpus], values: Mapping[str, Any]) -> tuple[Article, bool]:
    """Create an article with its first revision; return it and whether it is new.

    The same id with the same content is a repeat. ``values`` holds the text, the metadata fields that
    were sent, and the id if the client chose one.
    """
    corpus = require_permission(by, Permission.ADD_ARTICLE, seen)
    sent = {name: value for name, value in values.items() if name in METADATA_FIELDS}
    stored = _repeated_article(by, corpus, values, sent)
    if stored is not None:
        return stored, False
    require_not_archived(corpus)
    with error_at("/text"):
        check_text(values["text"])
    article = Article(id=values.get("id") or uuid7(), corpus=corpus, **sent)
    article.annotators = sent.get("annotators") or corpus.annotators_per_article
    article.search_key = build_search_key(article)
    _require_new_external_id(article)
    revision = build_revision(article, values["text"], number=1, by=by)
    article.revision = revision
    with translate_integrity_errors({"article_external_id": _external_id_taken_error(article)}):
        article.save(force_insert=True)
        revision.save(force_insert=True)
    search_index.index_article(article)
    payload = {**article_payload(article), "sha256": revision.sha256, "length": revision.length}
    events.store_events([events.build_article_event("article_added", article, by, after=payload)])
    stories.place_new_article(article)
    return article, True


def _repeated_article(
    by: User, corpus: Corpus, values: Mapping[str, Any], sent: Mapping[str, Any]
) -> Article | None:
    """Return the stored article of this id if it is the same; raise ``IdTakenError`` if it is another."""
    id = values.get("id")
    if id is None:
        return None
    stored = Article.objects.filter(pk=id).select_related("revision").first()
    if stored is None:
        return None
    same = stored.corpus_id == corpus.pk and stored.revision.text == values["text"]
    with error_at("/id"):
        if not same or not has_values(stored, sent):
            raise id_taken_error(id)
    return get_visible(by, Article.objects.select_related("revision", "corpus"), pk=id)


def has_values(article: Article, values: Mapping[str, Any]) -> bool:
    """Return whether an article has these values already."""
    return all(_with_type(getattr(article, name)) == _with_type(value) for name, value in values.items())


def _with_type(value: object) -> Any:
    """Return a value that compares with its type: in Python ``True == 1``, in metadata they differ."""
    return {key: (type(item), item) for key, item in value.items()} if isinstance(value, dict) else value


def _external_id_taken_error(article: Article) -> DuplicateError:
    return DuplicateError(
        message(
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
        with error_at("/external_id"):
            raise _external_id_taken_error(article)
    digest = digest_external_id(article.corpus_id, article.external_id)
    if Erasure.objects.filter(external_id_digest=digest).exists():
        with error_at("/external_id"):
            raise DuplicateError(ERASED_ID_MESSAGE)


#: What an article is told that comes again under the external id of one that was erased.
ERASED_ID_MESSAGE = message(
    "The article with this external id was erased, and does not come back; leave it out. If it may, an "
    "administrator allows it by manage.py erase ARTICLE --allow-again."
)


def digest_external_id(corpus_id: UUID, external_id: str) -> str:
    """Return the digest under which the external id of an erased article is remembered."""
    return hashlib.sha256(f"{corpus_id}:{external_id}".encode()).hexdigest()


def require_not_erased(article: Article) -> None:
    """Raise ``ErasedError`` if the words of the article were erased."""
    erasure = getattr(article, "erasure", None)
    if erasure is not None:
        at = format_timestamp(erasure.at)
        raise ErasedError(
            message(
                "The article was erased at {at}; its hashes are left, and its certificate is on its page.",
                at=at,
            ),
            at=at,
        )


def lock_article_for(by: User, id: UUID, permission: Permission) -> Article:
    """Return the article, locked, if the user sees it and has the permission; its text is not loaded."""
    # no key: a search for copies, for whose lock a change may wait, refers to the row
    rows = Article.objects.select_for_update(of=("self",), no_key=True).select_related("corpus", "erasure")
    article = require_permission(by, permission, get_visible_row(by, rows, pk=id))
    require_not_erased(article)
    # not joined: PostgreSQL loses a row whose revision another transaction replaced while this one waited
    article.revision = Revision.objects.defer("text").get(pk=article.revision_id)
    return article


def lock_articles(corpus: Corpus, ids: Sequence[UUID]) -> QuerySet[Article]:
    """Return a query for articles of a corpus in the order of their ids, each locked when it is read."""
    rows = Article.objects.select_for_update(of=("self",), no_key=True).filter(corpus=corpus, pk__in=ids)
    return rows.defer("search_key").order_by("pk")


@transaction.atomic
def update_article(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Article:
    """Update the metadata of an article; ``annotators`` only while it has no sets."""
    article = lock_article_for(by, id, Permission.CHANGE_ARTICLE)
    if has_values(article, changes):
        return article
    require_current_version("article", article.version, version)
    require_not_archived(article.corpus)
    before = article_payload(article)
    if changes.get("annotators", article.annotators) != article.annotators:
        _require_without_sets(
            article, message("The number of annotators stays as it is while the article has sets.")
        )
    for name, value in changes.items():
        setattr(article, name, value)
    _require_new_external_id(article)
    article.search_key = build_search_key(article)
    article.version += 1
    with translate_integrity_errors({"article_external_id": _external_id_taken_error(article)}):
        article.save(force_update=True)
    if not statements.ARTICLE_FIELDS.isdisjoint(changes):
        statements.refresh_article_columns(article)
    if article.title != before["title"]:
        search_index.refresh_title(article)
    if "published_at" in changes:
        stories.place_article(article)
    events.store_events(
        [
            events.build_article_event(
                "article_changed", article, by, before=before, after=article_payload(article)
            )
        ]
    )
    return article


def _require_without_sets(article: Article, sentence: str) -> None:
    if AnnotationSet.objects.filter(article=article).exists():
        raise InUseError(sentence)


@transaction.atomic
def delete_article(by: User, id: UUID, *, version: int) -> None:
    """Delete an article that has no sets."""
    article = lock_article_for(by, id, Permission.DELETE_ARTICLE)
    require_current_version("article", article.version, version)
    require_not_archived(article.corpus)
    _require_without_sets(
        article, message("The article has sets, and work is never deleted; exclude it instead.")
    )
    events.store_events(
        [events.build_article_event("article_deleted", article, by, before=article_payload(article))]
    )
    stories.remove_from_stories(article)
    article.delete()


@transaction.atomic
def exclude_article(by: User, id: UUID, reason: str, *, version: int | None = None) -> Article:
    """Exclude an article from annotation, with the reason; its sets stay as they are."""
    return _set_exclusion(by, id, reason, "article_excluded", version=version)


@transaction.atomic
def exclude_articles(by: User, seen: VisibleRow[Corpus], ids: Sequence[UUID], reason: str) -> int:
    """Exclude several articles that are not excluded yet, with one reason; return how many."""
    corpus = require_permission(by, Permission.EXCLUDE_ARTICLE, seen)
    require_not_archived(corpus)
    rows = list(lock_articles(corpus, ids).filter(excluded_reason="").select_related("corpus"))
    change = {"before": {"excluded_reason": ""}, "after": {"excluded_reason": reason, "reason": reason}}
    for article in rows:
        article.excluded_reason = reason
    excluded = Article.objects.filter(pk__in=[article.pk for article in rows])
    excluded.update(excluded_reason=reason, version=F("version") + 1)
    events.store_events(
        [events.build_article_event("article_excluded", article, by, **change) for article in rows]
    )
    refresh_status(*rows)
    return len(rows)


@transaction.atomic
def include_article(by: User, id: UUID, reason: str, *, version: int | None = None) -> Article:
    """Include an excluded article again."""
    return _set_exclusion(by, id, "", "article_included", version=version, note=reason)


def _set_exclusion(
    by: User, id: UUID, reason: str, action: str, *, version: int | None, note: str = ""
) -> Article:
    article = lock_article_for(by, id, Permission.EXCLUDE_ARTICLE)
    if article.excluded_reason == reason:
        return article
    if version is not None:
        require_current_version("article", article.version, version)
    require_not_archived(article.corpus)
    before = {"excluded_reason": article.excluded_reason}
    article.excluded_reason = reason
    article.version += 1
    article.save(update_fields=["excluded_reason", "version"], force_update=True)
    after = {"excluded_reason": reason, "reason": note or reason}
    events.store_events([events.build_article_event(action, article, by, before=before, after=after)])
    refresh_status(article)
    return article
