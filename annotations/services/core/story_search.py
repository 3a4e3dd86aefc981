"""The search for copies: each waiting article is compared with those that lead, and takes its place.

Only leads, which are all articles that are no copies, are compared, so that many copies of one story cost
many comparisons with its lead, and none with one another. What somebody judged is never undone here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from annotations.models import (
    COPY_STATES,
    JUDGED_STATES,
    Article,
    Fingerprint,
    FingerprintHash,
    MemberState,
    Story,
    StoryMember,
    uuid7,
)
from annotations.services.core.fingerprints import (
    TEXTS_AT_ONCE,
    Place,
    Posting,
    chunks,
    find_postings,
    leads_by_digest,
    load_shingles,
    store_places,
)
from annotations.text.copies import MAX_ARTICLES, Likeness, Overlap, Shingles, compare, is_promising

#: How many articles are read to find the story of one, those first that share most.
MAX_CANDIDATES = 20
_LATEST = datetime.max.replace(tzinfo=UTC)

#: The earliest comes first, then the longest.
Order = tuple[datetime, int, UUID]


class Rank(NamedTuple):
    """What decides whether an article may lead: its order, and what somebody judged of its story."""

    order: Order
    is_chosen: bool
    is_judged: bool


class Match(NamedTuple):
    """A lead, and how much it shares with the article that is placed."""

    article: UUID
    overlap: Overlap


class StorySearch:
    """One search, within one transaction that holds the lock of the stories of the corpus."""

    def __init__(self, corpus_id: UUID) -> None:
        self.corpus_id = corpus_id
        self._texts: dict[UUID, Shingles] = {}
        self._kept: dict[UUID, list[int]] = {}
        self._digests: dict[UUID, str] = {}
        self._postings: dict[int, list[Posting]] = {}
        self._equal: dict[str, list[UUID]] = {}
        self._held: set[UUID] = set()
        # what this search has decided, and the database does not have yet
        self._places: dict[UUID, int] = {}
        self._new_leads: dict[int, list[UUID]] = {}
        self._again: dict[UUID, None] = {}

    def place_articles(self, ids: Iterable[UUID], texts: Mapping[UUID, Shingles] | None = None) -> None:
        """Find the place of articles, in this order; ``texts`` are shingles that are known already."""
        self._texts.update(texts or {})
        waiting, is_first = list(ids), True
        while waiting:
            self._load(waiting)
            for id in waiting:
                if self._places.get(id, Place.WAITS) == Place.WAITS:
                    self._place(id, may_lead=is_first)
            store_places(self._places)
            waiting, self._again, is_first = list(self._again), {}, False
            self._places.clear()

    def review_story(self, story: Story) -> None:
        """Compare all copies with the lead again, and place those anew that are none any more."""
        self._compare_members(story)
        store_places(self._places)
        waiting, self._again = list(self._again), {}
        self._places.clear()
        self.place_articles(waiting)

    def overlap_of(self, left: UUID, right: UUID) -> Overlap:
        """Return how much two articles share."""
        texts = self._shingles([left, right])
        return self._compared(texts[left], texts[right])

    # --- what is known ------------------------------------------------------------------------

    def _load(self, ids: Sequence[UUID]) -> None:
        """Load what the articles are looked up by."""
        known = [id for id in ids if id in self._texts]
        self._kept = {id: self._texts[id].kept for id in known}
        self._digests = {id: self._texts[id].digest for id in known}
        others = [id for id in ids if id not in self._texts]
        for some in chunks(others, TEXTS_AT_ONCE):
            prints = Fingerprint.objects.filter(article__in=some).order_by()
            self._digests.update(prints.values_list("article_id", "digest"))
            hashes = FingerprintHash.objects.filter(article__in=some).order_by("pk")
            for id, hash in hashes.values_list("article_id", "hash"):
                self._kept.setdefault(id, []).append(hash)
        self._new_leads = {}
        self._postings = find_postings(self.corpus_id, {h for hashes in self._kept.values() for h in hashes})
        self._equal = leads_by_digest(self.corpus_id, set(self._digests.values()))
        held = StoryMember.objects.filter(article__in=ids).exclude(state=MemberState.APART).order_by()
        self._held = set(held.values_list("article_id", flat=True))

    def _shingles(self, ids: Collection[UUID]) -> dict[UUID, Shingles]:
        missing = [id for id in ids if id not in self._texts]
        if len(self._texts) > TEXTS_AT_ONCE:
            self._texts = {id: self._texts[id] for id in ids if id in self._texts}
        self._texts.update(load_shingles(missing) if missing else ())
        return {id: self._texts[id] for id in ids}

    def _compared(self, left: Shingles, right: Shingles) -> Overlap:
        return compare(left, right, self._find_widespread)

    def _find_widespread(self, hashes: Collection[int]) -> set[int]:
        missing = [hash for hash in hashes if hash not in self._postings]
        if missing:
            self._postings.update(find_postings(self.corpus_id, missing))
        return {hash for hash in hashes if len(self._postings[hash]) > MAX_ARTICLES}

    def _ranks(self, ids: Collection[UUID]) -> dict[UUID, Rank]:
        judged = StoryMember.objects.filter(story__lead=OuterRef("pk"), state__in=JUDGED_STATES)
        rows = Article.objects.filter(pk__in=ids).annotate(is_judged=Exists(judged)).order_by()
        columns = ("pk", "published_at", "revision__length", "led_story__is_lead_chosen", "is_judged")
        return {
            pk: Rank((published or _LATEST, -length, pk), bool(chosen), bool(chosen) or judged)
            for pk, published, length, chosen, judged in rows.values_list(*columns)
        }

    # --- candidates ---------------------------------------------------------------------------

    def _leads_with(self, hash: int) -> Iterator[tuple[UUID, int]]:
        """Yield the leads that have a hash, each with how many are kept of it."""
        stored = {row.article: row.size for row in self._postings[hash] if row.place == Place.LEADS}
        new = {article: len(self._kept[article]) for article in self._new_leads.get(hash, ())}
        for article, size in (stored | new).items():
            if self._places.get(article, Place.LEADS) == Place.LEADS:
                yield article, size

    def _candidates(self, id: UUID) -> list[UUID]:
        """Return the leads that may be the same text, those first that share most of what is kept."""
        shared: Counter[UUID] = Counter()
        widespread: Counter[UUID] = Counter()
        sizes: dict[UUID, int] = {}
        kept = self._kept.get(id, [])
        for hash in kept:
            counts = widespread if len(self._postings[hash]) > MAX_ARTICLES else shared
            for article, size in self._leads_with(hash):
                counts[article] += 1
                sizes[article] = min(size, len(kept))
        found = [
            other
            for other, size in sizes.items()
            if other != id and is_promising(shared[other], widespread[other], size)
        ]
        found.sort(key=lambda other: (-(shared[other] + widespread[other]) / sizes[other], other))
        return found[:MAX_CANDIDATES]

    def _matches(self, id: UUID) -> list[Match]:
        """Return the leads that are the same text or nearly so, the nearest first."""
        digest = self._digests.get(id, "")
        equal = [
            other
            for other in (self._equal.get(digest, ()) if digest else ())
            if other != id and self._places.get(other, Place.LEADS) == Place.LEADS
        ]
        others = [other for other in self._candidates(id) if other not in equal]
        found = [Match(other, Overlap(Likeness.COPY, 1.0, 0)) for other in equal]
        if others:
            texts = self._shingles([id, *others])
            found += [Match(at, self._compared(texts[id], texts[at])) for at in others]
        found = [match for match in found if match.overlap.likeness != Likeness.NONE]
        if found:
            apart = self._apart_from(id, [match.article for match in found])
            found = [match for match in found if match.article not in apart]
        found.sort(key=lambda match: (-match.overlap.containment, -match.overlap.shared, match.article))
        return found

    @staticmethod
    def _apart_from(id: UUID, others: Collection[UUID]) -> set[UUID]:
        """Return those of some leads that were judged to be another text than an article."""
        rows = StoryMember.objects.filter(
            Q(article=id, story__lead__in=others) | Q(story__lead=id, article__in=others),
            state=MemberState.APART,
        )
        return {other for pair in rows.values_list("article_id", "story__lead_id") for other in pair} - {id}

    # --- placing ------------------------------------------------------------------------------

    def _place(self, id: UUID, *, may_lead: bool) -> None:
        if id in self._held and self._keeps_story(id):
            return
        matches = self._matches(id)
        copies = [match for match in matches if match.overlap.likeness == Likeness.COPY]
        if not copies:
            self._lead(id)
            if matches:
                self._add_member(matches[0], id, MemberState.PROPOSED)
            return
        ranks = self._ranks([id, *(match.article for match in copies)])
        own, first = ranks[id], ranks[copies[0].article]
        if own.is_judged:
            # its story stands, and others join it
            self._lead(id)
            self._search_again(other for other, _ in copies if may_lead and not ranks[other].is_judged)
            return
        Story.objects.filter(lead=id).delete()
        if may_lead and own.order < first.order and not first.is_chosen:
            self._change_lead(self._story_led_by(copies[0].article), id)
            later = (other for other, _ in copies[1:] if ranks[other].order > own.order)
            self._search_again(other for other in later if not ranks[other].is_judged)
            return
        self._add_member(copies[0], id, MemberState.FOUND)
        self._places[id] = Place.COPY

    def _keeps_story(self, id: UUID) -> bool:
        """Review the stories in which an article is; return whether it is in one afterwards."""
        rows = StoryMember.objects.filter(article=id).exclude(state=MemberState.APART)
        for row in rows.select_related("story").order_by("pk"):
            if row.state == MemberState.PROPOSED:
                self._remove_member(row)
            elif row.story.lead_id == id:
                self._compare_members(row.story)
                if not Story.objects.filter(pk=row.story_id, size__gt=1).exists():
                    return False
                self._elect_lead(row.story)
                return True
            else:
                overlap = self.overlap_of(row.story.lead_id, id)
                if row.state == MemberState.FOUND and overlap.likeness != Likeness.COPY:
                    self._remove_member(row)
                    return False
                StoryMember.objects.filter(pk=row.pk).update(containment=overlap.containment)
                self._places[id] = Place.COPY
                self._elect_lead(row.story)
                return True
        return False

    def _elect_lead(self, story: Story) -> None:
        """Let the earliest copy lead, unless somebody chose the lead."""
        if story.is_lead_chosen:
            return
        copies = StoryMember.objects.filter(story=story, state__in=COPY_STATES).order_by()
        ranks = self._ranks(list(copies.values_list("article_id", flat=True)))
        earliest = min(ranks, key=lambda article: ranks[article].order)
        if earliest != story.lead_id:
            self._change_lead(story, earliest)

    def _lead(self, id: UUID) -> None:
        self._places[id] = Place.LEADS
        for hash in self._kept.get(id, ()):
            self._new_leads.setdefault(hash, []).append(id)
        equal = self._equal.setdefault(self._digests.get(id, ""), [])
        if id not in equal:
            equal.append(id)

    def _story_led_by(self, lead: UUID) -> Story:
        story, is_new = Story.objects.get_or_create(
            lead_id=lead, defaults={"id": uuid7(), "corpus_id": self.corpus_id}
        )
        if is_new:
            StoryMember.objects.create(story=story, article_id=lead, state=MemberState.FOUND, containment=1.0)
        return story

    def _add_member(self, match: Match, id: UUID, state: MemberState) -> None:
        story = self._story_led_by(match.article)
        StoryMember.objects.create(
            story=story, article_id=id, state=state, containment=match.overlap.containment
        )
        refresh_size(story.pk)

    def _remove_member(self, row: StoryMember) -> None:
        row.delete()
        refresh_size(row.story_id)

    def _change_lead(self, story: Story, id: UUID) -> None:
        """Let another article lead, with which all copies are compared."""
        story.lead_id = id
        story.save(update_fields=["lead"])
        row, is_new = StoryMember.objects.get_or_create(
            story=story, article_id=id, defaults={"containment": 1.0, "state": MemberState.FOUND}
        )
        if not is_new:
            StoryMember.objects.filter(pk=row.pk).update(containment=1.0)
        self._compare_members(story)

    def _compare_members(self, story: Story) -> None:
        """Compare all copies with the lead; those that are none any more are searched for again."""
        self._lead(story.lead_id)
        lead = self._shingles([story.lead_id])[story.lead_id]
        others = StoryMember.objects.filter(story=story).exclude(state=MemberState.APART)
        rows = {row.article_id: row for row in others.exclude(article=story.lead_id).order_by("pk")}
        kept, gone = [], []
        for id, shingles in load_shingles(list(rows)):
            overlap, row = self._compared(lead, shingles), rows[id]
            is_copy = row.state == MemberState.FOUND and overlap.likeness == Likeness.COPY
            if is_copy or row.state == MemberState.CONFIRMED:
                row.containment = overlap.containment
                kept.append(row)
                self._places[id] = Place.COPY
            else:
                gone.append(row)
        StoryMember.objects.bulk_update(kept, ["containment"], batch_size=TEXTS_AT_ONCE)
        StoryMember.objects.filter(pk__in=[row.pk for row in gone]).delete()
        refresh_size(story.pk)
        self._wait(row.article_id for row in gone)

    def _search_again(self, leads: Iterable[UUID]) -> None:
        """Dissolve the stories of leads about which nobody judged, and search for their articles again."""
        for lead in leads:
            copies = StoryMember.objects.filter(story__lead=lead, state__in=COPY_STATES).order_by("pk")
            self._wait([lead, *copies.values_list("article_id", flat=True)])
            Story.objects.filter(lead=lead).delete()

    def _wait(self, ids: Iterable[UUID]) -> None:
        for id in ids:
            self._places[id] = Place.WAITS
            self._again[id] = None


def copies_of(story_id: UUID) -> QuerySet[StoryMember]:
    """Return the members of a story that count as copies, its lead among them."""
    return StoryMember.objects.filter(story=story_id, state__in=COPY_STATES)


def refresh_size(story_id: UUID) -> None:
    """Count the copies of a story, and delete it where nothing but the lead is left."""
    size = copies_of(story_id).count()
    if (
        size <= 1
        and not StoryMember.objects.filter(story=story_id).exclude(article=F("story__lead")).exists()
    ):
        Story.objects.filter(pk=story_id).delete()
        return
    Story.objects.filter(pk=story_id).update(size=size, version=F("version") + 1)
