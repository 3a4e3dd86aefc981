"""The rights gate: what of an article may go out, for which purpose, and with which words masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.enums import TextRight
from annotations.models import Article, ArticleRights, Corpus, CorpusRights


class Purpose(StrEnum):
    """The ways out of the service; members always read."""

    READ = "read"
    EXPORT = "export"
    RELEASE = "release"
    WEBHOOK = "webhook"
    FEED = "feed"
    MODEL = "model"
    EMBED = "embed"


class TextAccess(StrEnum):
    """How much of a text a verdict lets through."""

    WHOLE = "whole"
    MASKED = "masked"
    QUOTES = "quotes"
    NONE = "none"


class Reason(StrEnum):
    """Why less than the whole may go out."""

    EMBARGO = "embargoed"
    TAKEN_DOWN = "taken-down"
    MASKED = "masked"
    TEXT_WITHHELD = "withheld-texts"
    QUOTE_SHARE = "quote-share"
    NOT_SENT_OUT = "not-sent-out"


#: The purposes that send an article to somebody outside by itself, which ``may_send_out`` can forbid.
SENDING = frozenset({Purpose.WEBHOOK, Purpose.FEED, Purpose.EMBED, Purpose.MODEL})
#: Reasons for which an article is left out whole.
SHUT = frozenset({Reason.EMBARGO, Reason.TAKEN_DOWN, Reason.NOT_SENT_OUT})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may leave of one article; an article that is not ``is_open`` does not appear at all."""

    text: TextAccess
    reasons: tuple[Reason, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the article may appear at all."""
        return not SHUT.intersection(self.reasons)


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate of one corpus for one purpose, at one time."""

    purpose: Purpose
    defaults: CorpusRights
    now: datetime

    def verdict(self, rights: ArticleRights | None) -> Verdict:
        """Return the verdict on an article with such rights; None are those of the corpus."""
        if self.purpose is Purpose.READ:
            return Verdict(TextAccess.WHOLE)
        reasons = tuple(reason for reason, holds in self._shut(rights) if holds)
        if reasons:
            return Verdict(TextAccess.NONE, reasons)
        right = (rights and rights.may_export_text) or self.defaults.may_export_text or TextRight.YES
        if right == TextRight.YES:
            return Verdict(TextAccess.WHOLE)
        access = TextAccess.QUOTES if right == TextRight.QUOTES else TextAccess.NONE
        return Verdict(access, (Reason.TEXT_WITHHELD,))

    def _shut(self, rights: ArticleRights | None) -> Iterable[tuple[Reason, bool]]:
        sends = self.defaults.may_send_out
        if rights is not None:
            yield Reason.TAKEN_DOWN, rights.taken_down_at is not None
            yield Reason.EMBARGO, rights.embargo_until is not None and rights.embargo_until > self.now
            sends = sends if rights.may_send_out is None else rights.may_send_out
        yield Reason.NOT_SENT_OUT, self.purpose in SENDING and sends is False


def load_gate(corpus_id: UUID, purpose: Purpose) -> Gate:
    """Return the gate of a corpus; one query."""
    defaults = CorpusRights.objects.filter(corpus_id=corpus_id).first() or CorpusRights(corpus_id=corpus_id)
    return Gate(purpose, defaults, timezone.now())


def verdict(article: Article, purpose: Purpose) -> Verdict:
    """Return the verdict on one article; its ``rights`` are read unless they were selected with it."""
    return load_gate(article.corpus_id, purpose).verdict(getattr(article, "rights", None))


def open_articles(corpus: Corpus, purpose: Purpose) -> QuerySet[Article]:
    """Return the articles of a corpus that may leave for a purpose, however much of them."""
    gate = load_gate(corpus.pk, purpose)
    rows = Article.objects.filter(corpus=corpus, erasure__isnull=True, rights__taken_down_at__isnull=True)
    rows = rows.filter(Q(rights__embargo_until__isnull=True) | Q(rights__embargo_until__lte=gate.now))
    if purpose not in SENDING:
        return rows
    if gate.defaults.may_send_out is False:
        return rows.filter(rights__may_send_out=True)
    return rows.exclude(rights__may_send_out=False)
