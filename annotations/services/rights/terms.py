"""The terms of the licences of articles: those of one article, and the defaults of its corpus.

They may change while a corpus is archived, too: an archived corpus is still exported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from annotations.enums import TextRight
from annotations.exceptions import error_at
from annotations.models import Article, ArticleRights, Corpus, CorpusRights, RightsTerms
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import articles, events
from annotations.services.core.constraints import retry_on_conflict
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.text.parsing import format_timestamp
from annotations.visibility import get_visible_row

#: The terms, with the value that stands for "as in the corpus".
EMPTY_TERMS: Mapping[str, Any] = {
    "licence": "", "licence_url": "", "holder": "", "notice": "", "may_export_text": "",
    "max_quote_share": None, "may_send_out": None,
}  # fmt: skip
#: What a client may set of the rights of an article.
EMPTY_ARTICLE_TERMS: Mapping[str, Any] = {**EMPTY_TERMS, "embargo_until": None}


@dataclass(frozen=True, slots=True)
class EffectiveTerms:
    """The terms that hold for an article: its own, else those of its corpus, else the widest."""

    licence: str
    licence_url: str
    holder: str
    notice: str
    may_export_text: str
    max_quote_share: float
    may_send_out: bool


def article_rights(article: Article) -> ArticleRights:
    """Return the rights of an article; where it has none, a row that is not stored."""
    try:
        return article.rights
    except ObjectDoesNotExist:
        return ArticleRights(article=article)


def corpus_rights(corpus: Corpus) -> CorpusRights:
    """Return the terms of the articles of a corpus; where it has none, a row that is not stored."""
    try:
        return corpus.rights
    except ObjectDoesNotExist:
        return CorpusRights(corpus=corpus)


def effective_terms(article: Article) -> EffectiveTerms:
    """Return the terms that hold for an article."""
    return combine_terms(article_rights(article), corpus_rights(article.corpus))


def combine_terms(own: ArticleRights, defaults: CorpusRights) -> EffectiveTerms:
    """Return the terms that hold with those of an article and those of its corpus.

    The address of a licence goes with its name: an article with a licence of its own has not that of the
    corpus.
    """
    values = {
        name: getattr(defaults, name) if getattr(own, name) == empty else getattr(own, name)
        for name, empty in EMPTY_TERMS.items()
    }
    if own.licence and not own.licence_url and own.licence != defaults.licence:
        values["licence_url"] = ""
    share, sends = values["max_quote_share"], values["may_send_out"]
    return EffectiveTerms(
        **{
            **values,
            "may_export_text": values["may_export_text"] or str(TextRight.YES),
            "max_quote_share": 1.0 if share is None else share,
            "may_send_out": sends is not False,
        }
    )


def terms_payload(rights: RightsTerms) -> dict[str, Any]:
    """Return the payload of an event about terms; None is "as in the corpus"."""
    values = {name: getattr(rights, name) for name in EMPTY_TERMS}
    payload = {name: None if value == "" else value for name, value in values.items()}
    if isinstance(rights, ArticleRights):
        until = rights.embargo_until
        payload["embargo_until"] = None if until is None else format_timestamp(until)
    return payload


def sent_terms(sent: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the terms that were sent, as they are stored; None takes all of them back to the defaults."""
    return dict(EMPTY_ARTICLE_TERMS) if sent is None else dict(sent)


def has_terms(rights: RightsTerms, terms: Mapping[str, Any]) -> bool:
    """Return whether rights have these terms already."""
    return all(getattr(rights, name) == value for name, value in terms.items())


@retry_on_conflict
@transaction.atomic
def create_article(by: User, seen: VisibleRow[Corpus], values: Mapping[str, Any]) -> tuple[Article, bool]:
    """Create an article as ``articles.create_article`` does, with its ``rights`` if they are sent."""
    terms = sent_terms(values["rights"]) if values.get("rights") is not None else {}
    article, new = articles.create_article(by, seen, values)
    if new:
        set_new_rights(by, article, terms)
    elif not has_terms(article_rights(article), terms):
        with error_at("/id"):
            raise id_taken_error(article.pk)
    return article, new


def set_new_rights(by: User | None, article: Article, terms: Mapping[str, Any]) -> None:
    """Store the rights of a new article within the open transaction, unless they are the defaults."""
    if has_terms(ArticleRights(), terms):
        return
    rights = ArticleRights.objects.create(article=article, **terms)
    payload = terms_payload(rights)
    events.store_events([events.build_article_event("article_rights_changed", article, by, after=payload)])


@transaction.atomic
def update_article(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Article:
    """Update an article as ``articles.update_article`` does, and its ``rights`` if they are sent."""
    fields = {name: value for name, value in changes.items() if name != "rights"}
    if "rights" not in changes:
        return articles.update_article(by, id, fields, version=version)
    if fields:
        article = articles.update_article(by, id, fields, version=version)
        # the rights belong to the same change, whatever the fields have made of the version
        version = article.version if article.version == version + 1 else version
    return update_rights(by, id, sent_terms(changes["rights"]), version=version)


@transaction.atomic
def update_rights(by: User, id: UUID, terms: Mapping[str, Any], *, version: int | None) -> Article:
    """Update the terms of an article; its version is raised, since they are a part of it."""
    article = articles.lock_article_for(by, id, Permission.CHANGE_ARTICLE)
    rights = article_rights(article)
    if has_terms(rights, terms):
        return article
    if version is not None:
        require_current_version("article", article.version, version)
    change_rights(by, article, terms)
    return article


def change_rights(by: User | None, article: Article, terms: Mapping[str, Any]) -> bool:
    """Change the terms of a locked article within the open transaction; return whether any differs."""
    rights = article_rights(article)
    if has_terms(rights, terms):
        return False
    before = terms_payload(rights)
    for name, value in terms.items():
        setattr(rights, name, value)
    store_rights(rights)
    raise_version(article)
    after = terms_payload(rights)
    change = events.build_article_event("article_rights_changed", article, by, before=before, after=after)
    events.store_events([change])
    return True


def store_rights(rights: ArticleRights | CorpusRights) -> None:
    """Store changed rights; a first row is added."""
    rights.version += 1
    rights.save()


def raise_version(article: Article) -> None:
    """Raise the version of a locked article."""
    article.version += 1
    article.save(update_fields=["version"], force_update=True)


@transaction.atomic
def update_corpus_rights(by: User, id: UUID, terms: Mapping[str, Any], *, version: int) -> CorpusRights:
    """Update the terms of the articles of a corpus that have none of their own."""
    locked = Corpus.objects.select_for_update(of=("self",), no_key=True)
    corpus = require_permission(by, Permission.CHANGE_RIGHTS, get_visible_row(by, locked, pk=id))
    rights = corpus_rights(corpus)
    if has_terms(rights, terms):
        return rights
    require_current_version("corpus", rights.version, version)
    before = terms_payload(rights)
    for name, value in terms.items():
        setattr(rights, name, value)
    store_rights(rights)
    events.record_event(
        "corpus_rights_changed", by=by, corpus_id=corpus.pk, before=before, after=terms_payload(rights)
    )
    return rights


def is_embargoed(rights: ArticleRights, now: datetime) -> bool:
    """Return whether an embargo keeps the article in the house at a time."""
    return rights.embargo_until is not None and rights.embargo_until > now
