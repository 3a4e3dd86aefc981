"""The rows that a full payload carries, as a viewer of the corpus gets them from the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from annotations.enums import State
from annotations.models import Actor, Article, Corpus, Delivery, Release
from annotations.services.core.stories import story_place
from annotations.services.rights.terms import article_rights, effective_terms, terms_payload
from annotations.services.webhooks.gate import WebhookGate
from annotations.services.webhooks.types import WEBHOOK_TYPES, WebhookSubject
from annotations.text.parsing import format_timestamp

Row = dict[str, Any]


def viewer_row(corpus: Corpus, delivery: Delivery, gate: WebhookGate) -> Row | None:
    """Return the row that a delivery is about; None where a viewer of the corpus does not see it."""
    read = _READERS.get(WEBHOOK_TYPES[delivery.type].subject) if delivery.type in WEBHOOK_TYPES else None
    row = None if read is None else read(corpus, delivery, gate)
    return None if row is None else gate.masked(_plain(row))


def _article_row(corpus: Corpus, delivery: Delivery, gate: WebhookGate) -> Row | None:
    article = gate.articles.get(delivery.article_id) if delivery.article_id else None
    if article is None or getattr(getattr(article, "rights", None), "taken_down_at", None):
        return None
    revision, place = article.revision, story_place(article)
    lines = ("title", "source", "author", "url", "language")
    return {
        "id": article.pk,
        "corpus": corpus.slug,
        "external_id": article.external_id,
        **{name: getattr(article, name) or None for name in lines},
        "published_at": article.published_at,
        "story_key": article.story_key or None,
        "story": place and {"id": place.id, "role": place.role, "size": place.size},
        "metadata": dict(sorted(article.metadata.items())),
        "status": article.status,
        "annotators": None,  # how many there are is for managers
        "priority": article.priority,
        "excluded_reason": article.excluded_reason or None,
        "revision": {name: getattr(revision, name) for name in ("id", "number", "sha256", "length")},
        "version": article.version,
        "created_at": article.created_at,
        "rights": _rights(article),
    }


def _rights(article: Article) -> Row:
    effective = {
        name: None if value == "" else value for name, value in asdict(effective_terms(article)).items()
    }
    return {**terms_payload(article_rights(article)), "taken_down": None, "effective": effective}


def _set_row(_: Corpus, delivery: Delivery, gate: WebhookGate) -> Row | None:
    row = gate.sets.get(delivery.set_id) if delivery.set_id else None
    if row is None or row.blind or row.state != State.APPROVED:
        return None
    return {
        "id": row.pk,
        "article": row.article_id,
        "revision": row.revision_id,
        "owner": row.owner.get_username(),
        "reviewer": row.reviewer and row.reviewer.get_username(),
        **{name: getattr(row, name) for name in ("kind", "round", "state", "version", "guideline_version")},
        "based_on": row.based_on_id,
        "imported": row.imported,
        **{name: getattr(row, name) for name in ("due_at", "created_at", "submitted_at", "approved_at")},
        "approved_by": row.approval_basis,
    }


def _actor_row(corpus: Corpus, delivery: Delivery, _: WebhookGate) -> Row | None:
    rows = Actor.objects.filter(corpus=corpus.pk, pk=delivery.data["id"]).prefetch_related("aliases")
    actor = rows.first()
    if actor is None:
        return None
    return {
        "id": actor.pk,
        "name": actor.name,
        "kind": actor.kind,
        "qid": actor.qid or None,
        "parent": actor.parent_id,
        "note": actor.note or None,
        "aliases": [
            {"text": alias.text, "language": alias.language or None, "kind": alias.kind}
            for alias in actor.aliases.all()
        ],
        "merged_into": actor.merged_into_id,
        "confidential": None,  # of others nothing is sent
        "version": actor.version,
    }


def _release_row(corpus: Corpus, delivery: Delivery, _: WebhookGate) -> Row | None:
    rows = Release.objects.filter(corpus=corpus.pk, pk=delivery.data["id"])
    release = rows.select_related("withdrawn_by").prefetch_related("files").first()
    if release is None:
        return None
    by = release.withdrawn_by
    names = ("name", "sha256", "bytes", "records")
    return {
        "id": release.pk,
        "number": release.number,
        "name": release.name or None,
        **{name: getattr(release, name) for name in ("state", "created_at", "filter", "counts")},
        "files": [{name: getattr(file, name) for name in names} for file in release.files.all()],
        "losses": release.losses,
        "withdrawn": release.withdrawn_at
        and {
            "at": release.withdrawn_at,
            "by": by and by.get_username(),
            "reason": release.withdrawn_reason,
        },
        "amendments": release.recipe.get("amendments", []),
    }


#: Viewers do not see jobs.
_READERS: Mapping[WebhookSubject, Callable[[Corpus, Delivery, WebhookGate], Row | None]] = {
    WebhookSubject.ARTICLE: _article_row,
    WebhookSubject.SET: _set_row,
    WebhookSubject.ACTOR: _actor_row,
    WebhookSubject.RELEASE: _release_row,
}


def _plain(value: Any) -> Any:
    """Return a value as JSON carries it: times as the API writes them, ids as text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | int | float):
        return value
    return format_timestamp(value) if hasattr(value, "tzinfo") else str(value)
