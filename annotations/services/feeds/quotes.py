"""The words of claims and positions, with their speakers, as they may leave the service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.enums import Round, State
from annotations.models import AnnotationSet, Article, ArticleRights, Corpus, Span, Statement
from annotations.scheme.statements import STATEMENT_KINDS
from annotations.services.registry.canonical import linked_to
from annotations.services.rights.ranges import Ranges, load_protected_ranges
from annotations.services.rights.verdicts import Gate, Purpose, TextAccess, open_articles


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who says the words of a span, and about what, by canonical names."""

    names: tuple[str, ...] = ()
    proposition: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingWords:
    """The gate of a corpus, as quotes pass it; ``ranges`` are those that sources mark, by revision."""

    gate: Gate
    ranges: Ranges = field(default_factory=dict)
    _quoted: dict[UUID, int] = field(default_factory=dict)

    @classmethod
    def load(cls, gate: Gate, sets: Iterable[AnnotationSet]) -> OutgoingWords:
        """Return the gate for quotes from these sets."""
        return cls(gate, load_protected_ranges(gate, {row.revision_id for row in sets}))

    def mask(self, text: str) -> str:
        """Return a text with the protected names masked."""
        return self.gate.mask_text(text)

    def mask_quote(self, quote: str, start: int, revision: UUID) -> str:
        """Return the words at a place of a text, without what leads to a source."""
        return self.gate.mask_quote(quote, start, self.ranges.get(revision, ()))

    def mask_url(self, url: str) -> str:
        """Return an address that leads to an article, or "" where it has a protected name in it."""
        is_link = url.startswith(("https://", "http://"))
        return url if is_link and self.mask(url) == url else ""

    def may_quote(self, article: Article, quote: str, length: int) -> bool:
        """Return whether these words may go out too, of a text that has so many code points.

        Words count against the share of the text that may be quoted, all quotes of an article together.
        """
        rights = article_rights(article)
        if self.gate.verdict(rights).text is TextAccess.NONE:
            return False
        share = self.gate.quote_share(rights)
        quoted = self._quoted.get(article.pk, 0) + len(quote)
        if share is not None and quoted > share * length:
            return False
        self._quoted[article.pk] = quoted
        return True


def article_rights(article: Article) -> ArticleRights | None:
    """Return the rights that were selected with an article."""
    return getattr(article, "rights", None)


def approved_sets(corpus: Corpus, purpose: Purpose) -> QuerySet[AnnotationSet]:
    """Return the sets that a viewer sees and whose articles may leave for a purpose."""
    return AnnotationSet.objects.filter(
        corpus=corpus,
        state=State.APPROVED,
        round=Round.PRODUCTION,
        blind=False,
        article__in=open_articles(corpus, purpose).filter(excluded_reason="").order_by().values("pk"),
    )


def quoted_spans(sets: QuerySet[AnnotationSet]) -> QuerySet[Span]:
    """Return the claims and positions of sets."""
    return Span.objects.filter(set__in=sets, label__in=list(STATEMENT_KINDS))


def said_by(actor: UUID, *, column: str) -> Exists:
    """Return the condition that an actor, in its canonical form, says something in a set or a span."""
    return Exists(Statement.objects.filter(linked_to("actor", actor), Q((column, OuterRef("pk")))))


def load_speakers(gate: Gate, spans: Collection[UUID]) -> Mapping[UUID, Speakers]:
    """Return who says the words of spans, as they may be named; one query."""
    names: dict[UUID, list[str]] = defaultdict(list)
    propositions: dict[UUID, str] = {}
    rows = Statement.objects.filter(span__in=spans).order_by("pk")
    for span, actor, name, proposition in rows.values_list(
        "span_id", "actor_id", "actor__canonical__name", "proposition__canonical__text"
    ):
        propositions[span] = gate.mask_text(proposition or "")
        source = gate.sources.get(str(actor))
        shown = source.name if source else gate.mask_text(name or "")
        if shown and shown not in names[span]:
            names[span].append(shown)
    return {span: Speakers(tuple(names[span]), text) for span, text in propositions.items()}
