"""The entries of a feed: what a viewer sees, through the gate of rights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Window
from django.db.models.functions import Left, RowNumber

from annotations.enums import State
from annotations.formats.core.feed_files import FeedEntry, FeedQuote
from annotations.models import AnnotationSet, Article, ArticleRights, Corpus, Event, FeedType
from annotations.services.core.events import ADJUDICATION_READY, DOUBLED, SINGLE_AGAIN, max_committed_seq
from annotations.services.feeds.quotes import (
    OutgoingWords,
    Speakers,
    approved_sets,
    load_speakers,
    quoted_spans,
    said_by,
)
from annotations.services.rights.verdicts import Gate, Purpose, load_gate
from annotations.workflow import TRANSITIONS

#: How many entries a feed has, and how many quotes an entry about an article.
MAX_ENTRIES, MAX_QUOTES = 50, 20
#: A longer quote is cut, in code points; read is more, so that no name is cut before it is masked.
MAX_WORDS, _READ_WORDS = 1_000, 2_000
_LONGEST_TITLE = 160

_ARTICLE = ("title", "external_id", "author", "source", "url", "language", "published_at")
_SET_COLUMNS = (
    "approved_at",
    "article_id",
    "corpus_id",
    "revision__length",
    *(f"article__{name}" for name in _ARTICLE),
    "article__corpus_id",
)

#: The transitions that bring a set into feeds or take it out.
_APPROVALS = tuple(
    name
    for name, row in TRANSITIONS.items()
    if row.target == State.APPROVED
    or any(State.APPROVED in sources for sources in row.sources_by_role.values())
)
#: What tells that several people annotate an article.
_UNSEEN = (DOUBLED, SINGLE_AGAIN, ADJUDICATION_READY)

#: The address of an article for members, for articles that have none of their own.
ArticleAddress = Callable[[UUID], str]


@dataclass(frozen=True, slots=True)
class FeedState:
    """What a feed was made from: the same state, the same entries."""

    seq: int
    time: datetime | None
    #: When the last embargo ended.
    opened: datetime | None

    @property
    def changed_at(self) -> datetime | None:
        """When the feed changed last, at most."""
        return max((each for each in (self.time, self.opened) if each is not None), default=None)


def load_state(corpus: Corpus) -> FeedState:
    """Return the state of the feeds of a corpus, without reading what is in them.

    Every change writes an event; only the end of an embargo does not. Work that is not approved changes no
    feed, and must not be seen in its time.
    """
    shown = Q(set_id__isnull=True) | Q(action__in=_APPROVALS)
    last = Event.objects.filter(shown, corpus_id=corpus.pk, seq__lte=max_committed_seq())
    last = last.exclude(action__in=_UNSEEN).order_by("-seq")
    seq, time = last.values_list("seq", "time").first() or (0, None)
    now = load_gate(corpus.pk, Purpose.FEED).now
    ended = ArticleRights.objects.filter(article__corpus=corpus, embargo_until__lte=now)
    opened = ended.order_by("-embargo_until").values_list("embargo_until", flat=True).first()
    return FeedState(seq, time, opened)


def load_entries(
    corpus: Corpus, type: FeedType, actor: UUID | None, article_address: ArticleAddress
) -> tuple[FeedEntry, ...]:
    """Return the newest entries of a feed."""
    return tuple(_LOADERS[type](corpus, actor, load_gate(corpus.pk, Purpose.FEED), article_address))


def _approved(
    corpus: Corpus, actor: UUID | None, gate: Gate, article_address: ArticleAddress
) -> Iterable[FeedEntry]:
    rows = approved_sets(corpus, Purpose.FEED)
    if actor is not None:
        rows = rows.filter(said_by(actor, column="set"))
    sets = list(_newest(rows))
    words = OutgoingWords.load(gate, sets)
    quotes = _quotes_by_set(sets, words, actor)
    for row in sets:
        entry = _describe(row, words, article_address)
        yield FeedEntry(
            **entry, id=f"urn:uuid:{row.pk}", title=_title(row.article, words), quotes=tuple(quotes[row.pk])
        )


def _newest(rows: QuerySet[AnnotationSet]) -> QuerySet[AnnotationSet]:
    joined = rows.select_related("article__rights", "revision").only(
        *_SET_COLUMNS, *(f"article__rights__{each.name}" for each in ArticleRights._meta.concrete_fields)
    )
    return joined.order_by("-approved_at", "-id")[:MAX_ENTRIES]


def _quotes_by_set(
    sets: list[AnnotationSet], words: OutgoingWords, actor: UUID | None
) -> Mapping[UUID, list[FeedQuote]]:
    by_id = {row.pk: row for row in sets}
    rows = quoted_spans(AnnotationSet.objects.filter(pk__in=list(by_id)))
    if actor is not None:
        rows = rows.filter(said_by(actor, column="span"))
    place = Window(RowNumber(), partition_by="set_id", order_by=("start", "end", "id"))
    first = rows.annotate(place=place, words=Left("quote", _READ_WORDS)).filter(place__lte=MAX_QUOTES)
    spans = list(first.order_by("set_id", "place").values_list("pk", "set_id", "start", "words"))
    speakers = load_speakers(words.gate, [row[0] for row in spans])
    found: dict[UUID, list[FeedQuote]] = defaultdict(list)
    for pk, set_id, start, quote in spans:
        row = by_id[set_id]
        if words.may_quote(row.article, quote[:MAX_WORDS], row.revision.length):
            masked = words.mask_quote(quote, start, row.revision_id)
            found[set_id].append(_quote(masked, speakers.get(pk, Speakers())))
    return found


def _quotes(
    corpus: Corpus, actor: UUID | None, gate: Gate, article_address: ArticleAddress
) -> Iterable[FeedEntry]:
    rows = quoted_spans(approved_sets(corpus, Purpose.FEED))
    if actor is not None:
        rows = rows.filter(said_by(actor, column="span"))
    newest = rows.annotate(words=Left("quote", _READ_WORDS)).order_by(
        "-set__approved_at", "-set_id", "start", "end", "id"
    )
    spans = list(newest.values_list("pk", "set_id", "start", "words")[:MAX_ENTRIES])
    sets = {row.pk: row for row in _newest(AnnotationSet.objects.filter(pk__in={each[1] for each in spans}))}
    words = OutgoingWords.load(gate, sets.values())
    speakers = load_speakers(gate, [row[0] for row in spans])
    for pk, set_id, start, text in spans:
        row = sets[set_id]
        if not words.may_quote(row.article, text[:MAX_WORDS], row.revision.length):
            continue
        quote = _quote(words.mask_quote(text, start, row.revision_id), speakers.get(pk, Speakers()))
        head = f"{', '.join(quote.speakers)}: “{quote.words}”" if quote.speakers else f"“{quote.words}”"
        entry = _describe(row, words, article_address)
        source = " · ".join(part for part in (_title(row.article, words), entry["source"]) if part)
        yield FeedEntry(
            **{**entry, "source": source},
            id=f"urn:uuid:{pk}",
            title=_shorten(" ".join(head.split()), _LONGEST_TITLE),
            quotes=(quote,),
        )


_LOADERS: Mapping[str, Callable[..., Iterable[FeedEntry]]] = {
    FeedType.APPROVED: _approved,
    FeedType.QUOTES: _quotes,
}


def _quote(masked: str, said: Speakers) -> FeedQuote:
    return FeedQuote(words=_shorten(masked, MAX_WORDS), speakers=said.names, proposition=said.proposition)


def _describe(row: AnnotationSet, words: OutgoingWords, article_address: ArticleAddress) -> dict[str, Any]:
    article = row.article
    return {
        "url": words.mask_url(article.url) or article_address(article.pk),
        "updated": row.approved_at,
        "published": article.published_at,
        "author": words.mask(article.author),
        "source": words.mask(article.source),
        "language": article.language,
    }


def _title(article: Article, words: OutgoingWords) -> str:
    return words.mask(article.title or article.external_id or str(article.pk))


def _shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"
