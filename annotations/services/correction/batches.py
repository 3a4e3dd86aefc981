"""Corrections of several articles, for which everything is read and refreshed together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from django.contrib.auth.models import User

from annotations.models import AnnotationSet, Article, CarryOver, Revision
from annotations.services.core import events, search_index
from annotations.services.core.articles import build_revision
from annotations.services.core.constraints import translate_integrity_errors
from annotations.services.core.sets import refresh_status
from annotations.services.correction.carry_overs import store_plans
from annotations.services.correction.contents import SetContent, load_contents
from annotations.services.correction.set_plans import (
    SetPlan,
    load_concerned_sets,
    plan_sets,
    require_replaceable,
)

#: The content of the sets of so many articles is held at once.
_ARTICLES_AT_ONCE = 50


class CorrectionBatch:
    """Corrections of the texts of locked articles, each at most once; it ends with ``finish``.

    ``lock`` is false where nothing will be stored.
    """

    def __init__(self, articles: Sequence[Article], *, lock: bool = True) -> None:
        self._lock = lock
        self._sets: dict[UUID, list[AnnotationSet]] = {}
        self._contents: dict[UUID, SetContent] = {}
        self._corrected: list[Article] = []
        self._replaced: list[Article] = []
        self._carries: list[CarryOver] = []
        self._load([article.pk for article in articles])

    def _load(self, articles: Sequence[UUID]) -> None:
        self._sets.update(load_concerned_sets(articles, lock=self._lock))

    def forget_sets(self, article: Article) -> None:
        """Note that an article has got other sets."""
        self._sets.pop(article.pk, None)

    def require_replaceable(self, article: Article) -> None:
        """Raise ``NotAllowedNowError`` while the text of an article may not be replaced under its sets."""
        require_replaceable(self._sets_of(article))

    def plan(self, article: Article, text: str) -> list[SetPlan]:
        """Return what a text would do to the sets of an article; raise while one is under review."""
        sets = self._sets_of(article)
        require_replaceable(sets)
        if any(row.pk not in self._contents for row in sets):
            # those that come next are asked for next
            following = list(self._sets)[list(self._sets).index(article.pk) :]
            some = islice(following, _ARTICLES_AT_ONCE)
            self._contents = load_contents([row for each in some for row in self._sets[each]])
        return plan_sets(sets, self._contents, text)

    def _sets_of(self, article: Article) -> list[AnnotationSet]:
        if article.pk not in self._sets:
            self._load([article.pk])
        return self._sets[article.pk]

    def replace_text(
        self, by: User | None, article: Article, text: str, reason: str, *, revision_id: UUID | None = None
    ) -> Revision:
        """Store another text that an article may have, and carry its sets over."""
        plans = self.plan(article, text)
        revision = build_revision(article, text, number=article.revision.number + 1, by=by, reason=reason)
        revision.id = revision_id or revision.id
        with translate_integrity_errors({}):
            revision.save(force_insert=True)
        article.revision = revision
        article.version += 1
        article.save(update_fields=["revision", "version"], force_update=True)
        self._corrected.append(article)
        payload = {"number": revision.number, "sha256": revision.sha256, "reason": reason}
        events.store_events([events.build_article_event("revision_added", article, by, after=payload)])
        carries = store_plans(by, article, plans, reason)
        if carries:
            self._replaced.append(article)
            self._carries += carries
        return revision

    def finish(self) -> list[CarryOver]:
        """Refresh what follows from the texts and the sets that went on; return what was carried over."""
        if self._corrected:
            search_index.refresh_articles(self._corrected)
        if self._replaced:
            refresh_status(*self._replaced)
            sets = {carry.to_set_id: carry.to_set for carry in self._carries}
            blind = AnnotationSet.objects.filter(pk__in=list(sets)).order_by()
            for id, is_blind in blind.values_list("pk", "blind"):
                sets[id].blind = is_blind
        return self._carries
