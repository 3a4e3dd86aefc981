"""What may leave by a webhook: rights in articles, and work that is hidden until all have submitted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from annotations.enums import Round
from annotations.models import AnnotationSet, Article, ConfidentialActor, DeliveryState
from annotations.services.rights.verdicts import Gate, Purpose, Reason, load_gate
from annotations.services.webhooks.types import TAKEN_DOWN

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
        rows = Article.objects.filter(corpus=corpus_id).select_related("rights", "revision")
        rows = rows.defer("search_key", *(f"revision__{name}" for name in ("text", "reason")))
        set_rows = AnnotationSet.objects.filter(corpus=corpus_id).select_related("owner", "reviewer")
        return cls(
            load_gate(corpus_id, Purpose.WEBHOOK),
            corpus_id,
            rows.in_bulk([id for id in set(articles) if id is not None]),
            set_rows.in_bulk([id for id in set(sets) if id is not None]),
        )

    def state(self, type: str, article_id: UUID | None, set_id: UUID | None) -> DeliveryState:
        """Return whether a delivery may go (pending), has to wait (held), or never goes (skipped)."""
        states = (self._article_state(type, article_id), self._set_state(set_id))
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

    @cached_property
    def confidential_actors(self) -> frozenset[str]:
        """The ids of the actors whose names stay in the house."""
        rows = ConfidentialActor.objects.filter(actor__corpus=self.corpus_id)
        return frozenset(map(str, rows.values_list("pk", flat=True)))

    def masked(self, value: Any) -> Any:
        """Return a value of JSON in whose texts the names that stay in the house are masked."""
        if isinstance(value, str):
            # a gate without names has nothing to mask
            mask = getattr(self.rights, "mask_text", None)
            return value if mask is None else mask(value)
        if isinstance(value, dict):
            return {self.masked(key): self.masked(each) for key, each in value.items()}
        return [self.masked(each) for each in value] if isinstance(value, list) else value
