"""One quote, for a page that embeds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from annotations.exceptions import NotVisibleError
from annotations.models import AnnotationSet, Corpus, Span
from annotations.permissions import AnyUser
from annotations.services.feeds.quotes import (
    OutgoingWords,
    Speakers,
    approved_sets,
    article_rights,
    load_speakers,
    quoted_spans,
)
from annotations.services.rights.verdicts import Gate, Purpose, load_gate
from annotations.visibility import NOT_FOUND_MESSAGE, visible


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedQuote:
    """A quote as everybody may see it. ``is_public``: also without being a member of its corpus."""

    words: str
    speakers: tuple[str, ...]
    title: str
    source: str
    url: str
    language: str
    published: datetime | None
    is_public: bool


def load_quote(user: AnyUser, pk: UUID, *, is_open: bool) -> EmbeddedQuote:
    """Return an approved quote that passes the gate; raise ``NotVisibleError`` for every other span.

    Members see the quotes of their corpora. Anonymous readers, and members of other corpora, see one if the
    service lets quotes be embedded (``is_open``) and the rights of its article say ``may_send_out``: that it
    is not forbidden is not enough, since nobody was asked.
    """
    span = _find_span(pk)
    if span is None:
        raise NotVisibleError(NOT_FOUND_MESSAGE)
    row = span.set
    gate = load_gate(row.corpus_id, Purpose.EMBED)
    is_public = is_open and _was_allowed(gate, row)
    if not is_public and not visible(user, Corpus.objects.filter(pk=row.corpus_id)).exists():
        raise NotVisibleError(NOT_FOUND_MESSAGE)
    words, article = OutgoingWords.load(gate, [row]), row.article
    is_approved = approved_sets(row.corpus, Purpose.EMBED).filter(pk=row.pk).exists()
    if not is_approved or not words.may_quote(article, span.quote, row.revision.length):
        raise NotVisibleError(NOT_FOUND_MESSAGE)
    return EmbeddedQuote(
        words=words.mask_quote(span.quote, span.start, row.revision_id),
        speakers=load_speakers(gate, [pk]).get(pk, Speakers()).names,
        title=words.mask(article.title or article.source or article.external_id or ""),
        source=words.mask(article.source),
        url=words.mask_url(article.url),
        language=article.language,
        published=article.published_at,
        is_public=is_public,
    )


def _find_span(pk: UUID) -> Span | None:
    rows = quoted_spans(AnnotationSet.objects.all()).select_related(
        "set__corpus", "set__article__rights", "set__revision"
    )
    return rows.defer("set__corpus__guideline", "set__revision__text").filter(pk=pk).first()


def _was_allowed(gate: Gate, row: AnnotationSet) -> bool:
    rights = article_rights(row.article)
    own = None if rights is None else rights.may_send_out
    return (gate.defaults.may_send_out if own is None else own) is True
