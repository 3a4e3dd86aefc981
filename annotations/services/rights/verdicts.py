"""The rights gate: what of an article may go out, for which purpose, and with which words masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from annotations.enums import TextRight
from annotations.models import Article, ArticleRights, Corpus, CorpusRights
from annotations.services.rights.protection import ProtectedSource, Protection, load_protection
from annotations.text.masking import BLOCK, mask_ranges


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
    """The gate of one corpus for one purpose, at one time.

    Members read everything, so the gate for reading masks no name.
    """

    purpose: Purpose
    defaults: CorpusRights
    now: datetime
    protection: Protection = field(default_factory=Protection)

    @property
    def sources(self) -> Mapping[str, ProtectedSource]:
        """Return what stands for protected actors outside, by the id of each entry that is one of them."""
        return self.protection.sources

    def mask_text(self, text: str) -> str:
        """Return a text in which the names of protected actors are masked; its length stays."""
        return self.protection.names.mask(text) if self.protection else text

    def mask_quote(self, quote: str, start: int, ranges: Iterable[tuple[int, int]]) -> str:
        """Return the words at ``start`` of a text in which some ranges and all names are masked."""
        places = [
            (max(0, at - start), min(len(quote), end - start))
            for at, end in ranges
            if at < start + len(quote) and end > start
        ]
        return mask_ranges(self.mask_text(quote), places)

    def mask_slug(self, text: str) -> str:
        """Return an address or a file name, which has letters only, with an x in the place of each block."""
        return self.mask_text(text).replace(BLOCK, "x")

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

    def quote_share(self, rights: ArticleRights | None) -> float | None:
        """Return the part of a text that the words of its spans may be, or None where it is not limited."""
        own = rights.max_quote_share if rights else None
        return self.defaults.max_quote_share if own is None else own

    def is_open_condition(self) -> Q:
        """Return the condition of articles that may appear at all, as ``Verdict.is_open`` says of one."""
        open_ = Q(rights__taken_down_at__isnull=True) & (
            Q(rights__embargo_until__isnull=True) | Q(rights__embargo_until__lte=self.now)
        )
        if self.purpose is Purpose.READ:
            return Q()
        if self.purpose not in SENDING:
            return open_
        if self.defaults.may_send_out is False:
            return open_ & Q(rights__may_send_out=True)
        return open_ & (Q(rights__may_send_out__isnull=True) | Q(rights__may_send_out=True))

    def _shut(self, rights: ArticleRights | None) -> Iterable[tuple[Reason, bool]]:
        sends = self.defaults.may_send_out
        if rights is not None:
            yield Reason.TAKEN_DOWN, rights.taken_down_at is not None
            yield Reason.EMBARGO, rights.embargo_until is not None and rights.embargo_until > self.now
            sends = sends if rights.may_send_out is None else rights.may_send_out
        yield Reason.NOT_SENT_OUT, self.purpose in SENDING and sends is False


def load_gate(corpus_id: UUID, purpose: Purpose, *, secret: str = "") -> Gate:
    """Return the gate of a corpus: two queries, and two more where an actor is protected.

    ``secret`` names what goes out. The ids of sources are derived from it and from the key of the
    installation; without one they are the same in everything of this corpus.
    """
    defaults = CorpusRights.objects.filter(corpus_id=corpus_id).first() or CorpusRights(corpus_id=corpus_id)
    reads = purpose is Purpose.READ
    protection = Protection() if reads else load_protection(corpus_id, secret or str(corpus_id))
    return Gate(purpose, defaults, timezone.now(), protection)


def open_condition(purpose: Purpose) -> Q:
    """Return the condition of articles that may appear now, for a purpose that sends nothing by itself."""
    return Gate(purpose, CorpusRights(), timezone.now()).is_open_condition()


def open_articles(corpus: Corpus, purpose: Purpose) -> QuerySet[Article]:
    """Return the articles of a corpus that may leave for a purpose, however much of them."""
    gate = load_gate(corpus.pk, purpose)
    return Article.objects.filter(gate.is_open_condition(), corpus=corpus, erasure__isnull=True)
