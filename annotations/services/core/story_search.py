"""The search for copies: articles are placed in their order, each compared with the leads before it.

So the stories depend on the articles and on what somebody judged, and not on which came first. An article
that leads from now on is followed by all later ones that may be its copies, one that leads no longer by those
that were. What is no copy leads, so that many copies of one story cost many comparisons with its lead, and
none with one another. What somebody judged is never undone here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from heapq import heappop, heappush
from itertools import chain, islice
from typing import NamedTuple
from uuid import UUID

from annotations.models import Article, MemberState
from annotations.services.core.fingerprints import TEXTS_AT_ONCE, Neighbours, Place, store_places
from annotations.services.core.story_index import Order, StoryIndex
from annotations.services.core.story_rows import StoryRows
from annotations.text.copies import Likeness, Overlap, Shingles, compare

_EQUAL = Overlap(Likeness.COPY, 1.0, 0)


class Match(NamedTuple):
    """A lead, and how much it shares with the article that is placed."""

    lead: UUID
    overlap: Overlap


class StorySearch:
    """One search; it reads until ``store`` writes what it has found."""

    def __init__(self, corpus_id: UUID, *, whole: bool = False) -> None:
        self.index, self.rows = StoryIndex(corpus_id), StoryRows(corpus_id)
        # what is to be placed: first what was asked for, and what depends on it
        self._waiting: deque[Order] = deque()
        self._pushed: list[Order] = []
        self._queued: set[UUID] = set()
        self._prepared: set[UUID] = set()
        self._places: dict[UUID, int] = {}
        self._is_whole = whole
        # in a whole search, the last article that is not placed anew
        self._last_settled: Order | None = None
        if whole:
            self.index.load_corpus()
            self.rows.load_corpus()

    def place_articles(
        self, ids: Collection[UUID], progress: Callable[[int], None] = lambda _: None
    ) -> StorySearch:
        """Find the places of articles of which something is new, and of all that depend on them.

        Returns itself. ``progress`` is told now and then how many are placed.
        """
        self.index.load_fingerprints(ids)
        self.rows.load(ids)
        changed = [id for id in ids if id in self.index.orders]
        for id in changed:
            # its copies have to be compared with another text, and itself with all after it
            self.index.places[id] = Place.WAITS
        members = [member for id in changed for member in self.rows.members_of(id)]
        self.index.load_fingerprints(members)
        self._queued = {*changed, *members}
        self._waiting = deque(sorted(self.index.orders[id] for id in self._queued))
        if self._is_whole:
            settled = self.index.orders.keys() - self._queued
            self._last_settled = max((self.index.orders[id] for id in settled), default=None)
        placed = 0
        while self._waiting or self._pushed:
            id = self._next()
            self._prepare(id)
            self._place(id)
            placed += 1
            if placed % TEXTS_AT_ONCE == 0:
                progress(min(placed, len(ids)))
        progress(len(ids))
        return self

    def place_new_article(self, article: Article, text: Shingles, near: Neighbours) -> int:
        """Find the place of an article that has no fingerprint yet; return it, for its fingerprint."""
        self.index.add_article(article, text, near)
        self.rows.add_article(article.pk)
        self.place_articles([article.pk])
        return self._places.pop(article.pk)

    def store(self) -> None:
        """Store the places that the articles have found; call it within a change."""
        self.rows.store()
        store_places(self._places)

    def overlap_of(self, left: UUID, right: UUID) -> Overlap:
        """Return how much two articles share."""
        self.index.load_texts([left, right])
        return self._compared(self.index.text_of(left), self.index.text_of(right))

    # --- in order -----------------------------------------------------------------------------

    def _push(self, ids: Iterable[UUID]) -> None:
        new = [id for id in ids if id not in self._queued]
        self.index.load_fingerprints(new)
        for id in new:
            self._queued.add(id)
            heappush(self._pushed, self.index.orders[id])

    def _next(self) -> UUID:
        """Return the first of those that are to be placed, in their order."""
        is_pushed = self._pushed and (not self._waiting or self._pushed[0] < self._waiting[0])
        order = heappop(self._pushed) if is_pushed else self._waiting.popleft()
        self._queued.discard(order.article)
        return order.article

    def _prepare(self, id: UUID) -> None:
        """Load what is near an article and those that come next, with the texts that will be compared."""
        if id in self._prepared:
            return
        ahead = chain(islice(self._waiting, TEXTS_AT_ONCE), islice(self._pushed, TEXTS_AT_ONCE))
        ids = [id, *(order.article for order in ahead if order.article not in self._prepared)]
        self._prepared.update(ids)
        self.index.load(ids)
        likely = [each for each in ids if self.index.may_be_copy(each)]
        leads = list(dict.fromkeys(lead for each in likely for lead in self.index.leads_before(each)))
        self.rows.load([*ids, *leads])
        self.index.load_texts([*likely, *leads])

    def _place(self, id: UUID) -> None:
        """Find the place of an article among the leads before it, which are final."""
        was_lead = self.index.places[id] == Place.LEADS
        story = self.rows.led_by(id)
        if self.rows.is_confirmed(id):
            self._confirm(id)
            return
        matches = [] if story is not None and story.is_chosen else self._matches(id)
        copies = [match for match in matches if match.overlap.likeness == Likeness.COPY]
        if copies:
            self._follow(id, copies[0])
            return
        self._lead(id, was_lead=was_lead)
        if matches:
            match = matches[0]
            self.rows.join(id, match.lead, MemberState.PROPOSED, match.overlap.containment)

    def _lead(self, id: UUID, *, was_lead: bool) -> None:
        self._note(id, Place.LEADS)
        self.rows.leave(id)
        if not was_lead and not self._are_later_ones_queued(id):
            self._push(self.index.articles_after(id))

    def _are_later_ones_queued(self, id: UUID) -> bool:
        """Return whether it is certain that all later articles are placed anew anyway."""
        last = self._last_settled
        return self._is_whole and (last is None or self.index.orders[id] > last)

    def _follow(self, id: UUID, match: Match) -> None:
        """Let an article be a copy of a lead; those that were its own are placed anew."""
        members = list(self.rows.members_of(id))
        self.rows.leave(id)
        self.rows.hand_over(id, match.lead)
        self.rows.join(id, match.lead, MemberState.FOUND, match.overlap.containment)
        self._note(id, Place.COPY)
        self._push(members)

    def _confirm(self, id: UUID) -> None:
        """Leave a confirmed copy in its story."""
        story = self.rows.story_of(id)
        assert story is not None  # noqa: S101 - it is confirmed in it
        containment = self.overlap_of(story.lead, id).containment
        self.rows.join(id, story.lead, MemberState.CONFIRMED, containment)
        self._note(id, Place.COPY)

    def _note(self, id: UUID, place: int) -> None:
        self.index.set_place(id, place)
        self._places[id] = place

    # --- comparing ----------------------------------------------------------------------------

    def _matches(self, id: UUID) -> list[Match]:
        """Return the leads before an article that are the same text or nearly so, the nearest first."""
        leads = self.index.leads_before(id)
        self.rows.load(leads)
        found = []
        for lead in leads:
            if not self.rows.may_join(id, lead):
                continue
            overlap = _EQUAL
            if not self.index.is_equal(id, lead):
                overlap = self._compared(self.index.text_of(id), self.index.text_of(lead))
            if overlap.likeness != Likeness.NONE:
                found.append(Match(lead, overlap))
        found.sort(key=lambda match: (-match.overlap.containment, self.index.orders[match.lead]))
        return found

    def _compared(self, left: Shingles, right: Shingles) -> Overlap:
        return compare(left, right, self.index.find_widespread)
