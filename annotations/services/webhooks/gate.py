"""What may leave by a webhook: rights in articles, and work that is hidden until all have submitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from annotations.enums import Round
from annotations.models import AnnotationSet, Article, DeliveryState
from annotations.services.rights.verdicts import Gate, Purpose, Reason, load_gate
from annotations.services.webhooks.types import TAKEN_DOWN, WEBHOOK_TYPES, WebhookSubject

_REVISION_COLUMNS = [f"revision__{name}" for name in ("id", "number", "sha256", "length", "article")]


@dataclass(frozen=True)
class WebhookGate:
    """The articles and sets of some deliveries of one corpus, and what may be said of them now."""

    rights: Gate
    corpus_id: UUID
    articles: dict[UUID, Article]
    sets: dict[UUID, AnnotationSet]

    @classmethod
    def load(
        cls, corpus_id: UUID, articles: Iterable[UUID | None], sets: Iterable[UUID | None]
    ) -> WebhookGate:
        """Return the gate for these articles and sets; three queries."""
        rows = Article.objects.filter(corpus=corpus_id).select_related("rights", "revision", "corpus__rights")
        rows = rows.defer("search_key", "revision__text", "revision__reason", "corpus__guideline")
        set_rows = AnnotationSet.objects.filter(corpus=corpus_id).select_related("owner", "reviewer")
        return cls(
            load_gate(corpus_id, Purpose.WEBHOOK),
            corpus_id,
            rows.in_bulk([id for id in set(articles) if id is not None]),
            set_rows.in_bulk([id for id in set(sets) if id is not None]),
        )

    def state(
        self, type: str, article_id: UUID | None, set_id: UUID | None, data: Mapping[str, Any]
    ) -> DeliveryState:
        """Return whether a delivery may go (pending), has to wait (held), or never goes (skipped)."""
        states = (
            self._article_state(type, article_id),
            self._set_state(set_id),
            DeliveryState.SKIPPED if self._is_about_source(type, data) else DeliveryState.PENDING,
        )
        return next(
            (each for each in (DeliveryState.SKIPPED, DeliveryState.HELD) if each in states),
            DeliveryState.PENDING,
        )

    def _article_state(self, type: str, id: UUID | None) -> DeliveryState:
        if id is None:
            return DeliveryState.PENDING
        article = self.articles.get(id)
        if article is None:  # deleted since, with its rights
            return DeliveryState.SKIPPED
        reasons = set(self.rights.verdict(getattr(article, "rights", None)).reasons)
        if type == TAKEN_DOWN and Reason.EMBARGO not in reasons:
            # this says that it is gone, to those who may have heard of it
            reasons.discard(Reason.TAKEN_DOWN)
        if reasons & {Reason.TAKEN_DOWN, Reason.NOT_SENT_OUT}:
            return DeliveryState.SKIPPED
        return DeliveryState.HELD if Reason.EMBARGO in reasons else DeliveryState.PENDING

    def _set_state(self, id: UUID | None) -> DeliveryState:
        if id is None:
            return DeliveryState.PENDING
        row = self.sets.get(id)
        if row is None or row.round == Round.CALIBRATION:
            return DeliveryState.SKIPPED
        return DeliveryState.HELD if row.blind else DeliveryState.PENDING

    def _is_about_source(self, type: str, data: Mapping[str, Any]) -> bool:
        """Return whether this tells of a protected actor, of whom nothing leaves the house."""
        is_about_actor = type in WEBHOOK_TYPES and WEBHOOK_TYPES[type].subject is WebhookSubject.ACTOR
        return is_about_actor and any(data.get(name) in self.rights.sources for name in ("id", "into"))

    def masked(self, value: object) -> Any:
        """Return a value of JSON in whose texts the names that stay in the house are masked."""
        if isinstance(value, str):
            return self.rights.mask_text(value)
        if isinstance(value, dict):
            return {self.masked(key): self.masked(each) for key, each in value.items()}
        return [self.masked(each) for each in value] if isinstance(value, list) else value
