"""The stories that a search changes: loaded, changed in memory, and stored with a few statements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from annotations.models import COPY_STATES, JUDGED_STATES, MemberState, Story, StoryMember, bulk, uuid7
from annotations.models.bulk import batched
from annotations.services.core.fingerprints import TEXTS_AT_ONCE

_MEMBER_COLUMNS = ("id", "story_id", "article_id", "state", "containment")


@dataclass
class Member:
    """An article in a story."""

    state: str
    containment: float


@dataclass
class StoryRow:
    """A story with its members by article, the lead among them."""

    id: UUID
    lead: UUID
    is_chosen: bool = False
    members: dict[UUID, Member] = field(default_factory=dict)

    @property
    def is_judged(self) -> bool:
        """Whether somebody chose the lead, or judged what is a copy or none."""
        return self.is_chosen or any(row.state in JUDGED_STATES for row in self.members.values())

    @property
    def size(self) -> int:
        """The number of copies, the lead among them."""
        return sum(row.state in COPY_STATES for row in self.members.values())

    def is_apart(self, article: UUID) -> bool:
        """Whether an article was judged to be no copy."""
        row = self.members.get(article)
        return row is not None and row.state == MemberState.APART


class StoryRows:
    """The stories that a search has loaded, and what has become of them."""

    def __init__(self, corpus_id: UUID) -> None:
        self._corpus_id = corpus_id
        self._stories: dict[UUID, StoryRow] = {}
        self._by_lead: dict[UUID, UUID] = {}
        #: The story in which an article is found, confirmed or proposed, and is no lead.
        self._by_member: dict[UUID, UUID] = {}
        self._loaded: set[UUID] = set()
        self._is_whole = False
        # what the database has: lead, whether it is chosen, and size; members by story and article
        self._old_stories: dict[UUID, tuple[UUID, bool, int]] = {}
        self._old: dict[tuple[UUID, UUID], tuple[UUID, str, float]] = {}

    # --- loading ------------------------------------------------------------------------------

    def load_corpus(self) -> None:
        """Load all stories of the corpus."""
        self._is_whole = True
        self._load(Story.objects.filter(corpus=self._corpus_id))

    def load(self, ids: Iterable[UUID]) -> None:
        """Load the stories in which these articles are."""
        new = [] if self._is_whole else [id for id in ids if id not in self._loaded]
        for some in batched(new, TEXTS_AT_ONCE):
            self._loaded.update(some)
            having = StoryMember.objects.filter(article__in=some).values("story_id")
            self._load(Story.objects.filter(pk__in=having))

    def add_article(self, id: UUID) -> None:
        """Add an article that is new, and so in no story."""
        self._loaded.add(id)

    def _load(self, rows: QuerySet[Story]) -> None:
        new = []
        columns = ("pk", "lead_id", "is_lead_chosen", "size")
        for id, lead, chosen, size in rows.order_by().values_list(*columns):
            if id not in self._old_stories:
                self._stories[id] = StoryRow(id, lead, chosen)
                self._by_lead[lead] = id
                self._old_stories[id] = (lead, chosen, size)
                new.append(id)
        for some in batched(new, TEXTS_AT_ONCE):
            members = StoryMember.objects.filter(story__in=some).order_by()
            for pk, story, article, state, containment in members.values_list(*_MEMBER_COLUMNS):
                self._old[story, article] = (pk, state, containment)
                self._stories[story].members[article] = Member(state, containment)
                if state != MemberState.APART and article != self._stories[story].lead:
                    self._by_member[article] = story

    # --- asking -------------------------------------------------------------------------------

    def led_by(self, article: UUID) -> StoryRow | None:
        """Return the story that an article leads."""
        id = self._by_lead.get(article)
        return None if id is None else self._stories[id]

    def story_of(self, article: UUID) -> StoryRow | None:
        """Return the story in which an article is a member, and does not lead."""
        id = self._by_member.get(article)
        return None if id is None else self._stories[id]

    def copied_in(self, article: UUID) -> StoryRow | None:
        """Return the story in which an article counts as a copy, or which it leads."""
        story = self.story_of(article)
        is_copy = story is not None and story.members[article].state in COPY_STATES
        return story if is_copy else self.led_by(article)

    def is_confirmed(self, article: UUID) -> bool:
        """Return whether somebody judged that an article is a copy of the lead of its story."""
        story = self.story_of(article)
        return story is not None and story.members[article].state == MemberState.CONFIRMED

    def members_of(self, lead: UUID) -> Iterator[UUID]:
        """Yield the articles that were compared with a lead."""
        story = self.led_by(lead)
        for article, row in list(story.members.items()) if story is not None else ():
            if article != lead and row.state != MemberState.APART:
                yield article

    def may_join(self, article: UUID, lead: UUID) -> bool:
        """Return whether no judgement keeps an article, and the story that it leads, from joining a lead."""
        own, other = self.led_by(article), self.led_by(lead)
        if (other is not None and other.is_apart(article)) or (own is not None and own.is_apart(lead)):
            return False
        if own is None or other is None or not own.is_judged:
            return True
        return not other.is_judged and not any(own.is_apart(member) for member in other.members)

    # --- changing -----------------------------------------------------------------------------

    def leave(self, article: UUID) -> None:
        """Take an article out of the story in which it is a member."""
        story = self.story_of(article)
        if story is not None:
            del story.members[article], self._by_member[article]

    def join(self, article: UUID, lead: UUID, state: str, containment: float) -> None:
        """Let an article be a member of the story of a lead."""
        story = self.led_by(lead)
        if story is None:
            story = StoryRow(uuid7(), lead, members={lead: Member(MemberState.FOUND, 1.0)})
            self._stories[story.id], self._by_lead[lead] = story, story.id
        before = self.story_of(article)
        if before is not None and before is not story:
            self.leave(article)
        story.members[article] = Member(state, containment)
        self._by_member[article] = story.id

    def hand_over(self, article: UUID, lead: UUID) -> None:
        """Give the story that an article led to its lead, or dissolve it where that has one."""
        own, other = self.led_by(article), self.led_by(lead)
        if own is None:
            return
        own.members.pop(article, None)
        if other is not None and not own.is_judged:
            self.dissolve(own)
            return
        del self._by_lead[article]
        if other is not None:
            del self._by_lead[lead]
            for member, row in other.members.items():
                if member != lead:
                    own.members[member] = row
                    self._by_member[member] = own.id
            self._stories.pop(other.id)
        if self._by_member.get(lead) == own.id:
            del self._by_member[lead]
        own.lead, own.is_chosen = lead, False
        own.members[lead] = Member(MemberState.FOUND, 1.0)
        self._by_lead[lead] = own.id

    def change_lead(self, story: StoryRow, article: UUID) -> None:
        """Let a member lead; the lead before stays a member, as confirmed as the other was."""
        del self._by_lead[story.lead], self._by_member[article]
        story.members[story.lead].state = story.members[article].state
        story.members[article].containment = 1.0
        self._by_member[story.lead] = self._by_lead[article] = story.id
        story.lead = article

    def set_apart(self, story: StoryRow, article: UUID) -> None:
        """Let a member be none, whatever it shares."""
        story.members[article].state = MemberState.APART
        del self._by_member[article]

    def choose_lead(self, story: StoryRow, article: UUID) -> None:
        """Let a copy lead because somebody chose it."""
        if article != story.lead:
            self.change_lead(story, article)
        story.is_chosen = True

    def confirm(self, story: StoryRow, article: UUID) -> list[UUID]:
        """Let an article be a copy for good; return those that were proposed as copies of it."""
        own = self.led_by(article)
        proposed = list(self.members_of(article))
        if own is not None:
            for member, row in own.members.items():
                if row.state == MemberState.APART:
                    story.members.setdefault(member, row)
            self.dissolve(own)
        self.join(article, story.lead, MemberState.CONFIRMED, 0.0)
        return proposed

    def remove(self, article: UUID, order: Callable[[UUID], Any]) -> list[UUID]:
        """Take an article out of all its stories; return those that were compared with it.

        The first copy in this order leads instead of it.
        """
        members = list(self.members_of(article))
        story = self.led_by(article)
        if story is not None:
            copies = [id for id in members if story.members[id].state in COPY_STATES]
            if copies:
                self.change_lead(story, min(copies, key=order))
                story.is_chosen = False
            else:
                self.dissolve(story)
        self._by_member.pop(article, None)
        for each in self._stories.values():
            each.members.pop(article, None)
        return members

    def dissolve(self, story: StoryRow) -> None:
        """Give up a story; its members are in none."""
        for member in story.members:
            if self._by_member.get(member) == story.id:
                del self._by_member[member]
        self._stories.pop(story.id)
        self._by_lead.pop(story.lead, None)

    # --- storing ------------------------------------------------------------------------------

    def store(self) -> None:
        """Store what has changed; a story of which nothing but the lead is left is deleted."""
        kept = {id: row for id, row in self._stories.items() if len(row.members) > 1}
        new = {(id, article): row for id, story in kept.items() for article, row in story.members.items()}
        changed = {
            key: row
            for key, row in new.items()
            if key in self._old and self._old[key][1:] != (row.state, row.containment)
        }
        added = {key: row for key, row in new.items() if key not in self._old}
        gone = [key for key in self._old if key not in new]
        touched = {story for story, _ in (*changed, *added, *gone)}
        _delete(StoryMember, [self._old[key][0] for key in gone])
        _delete(Story, [id for id in self._old_stories if id not in kept])
        self._update_stories([row for id, row in kept.items() if id in self._old_stories], touched)
        # what is no copy any more goes first, because an article is a copy in one story only
        for (story, article), row in sorted(changed.items(), key=lambda each: each[1].state in COPY_STATES):
            StoryMember.objects.filter(story=story, article=article).update(
                state=row.state, containment=row.containment
            )
        self._insert([row for id, row in kept.items() if id not in self._old_stories], added)

    def _update_stories(self, rows: Iterable[StoryRow], touched: Collection[UUID]) -> None:
        for row in rows:
            if row.id in touched or self._old_stories[row.id] != (row.lead, row.is_chosen, row.size):
                Story.objects.filter(pk=row.id).update(
                    lead=row.lead, is_lead_chosen=row.is_chosen, size=row.size, version=F("version") + 1
                )

    def _insert(self, stories: list[StoryRow], members: dict[tuple[UUID, UUID], Member]) -> None:
        rows = [(row.id, self._corpus_id, row.lead, row.is_chosen, row.size, 1) for row in stories]
        columns = ("id", "corpus_id", "lead_id", "is_lead_chosen", "size", "version")
        if rows:
            bulk.insert_rows(Story, columns, rows)
        if members:
            bulk.insert_rows(
                StoryMember,
                _MEMBER_COLUMNS,
                [(uuid7(), *key, str(row.state), row.containment) for key, row in members.items()],
            )


def _delete(model: type[Story | StoryMember], ids: Collection[UUID]) -> None:
    for some in batched(ids, TEXTS_AT_ONCE):
        model._default_manager.filter(pk__in=some).delete()
