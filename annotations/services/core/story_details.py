"""A story in detail: its articles in the order of their roles, and what each of them has for its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When

from annotations.models import Article, Corpus, MemberState, Story, StoryMember
from annotations.models.ordering import nulls_last
from annotations.services.core.stories import COPY, LEAD
from annotations.text.copies import find_differences

#: How many articles a story shows, of how many of them the text is read, and how many sentences each shows.
MAX_MEMBERS, MAX_COMPARED, MAX_SENTENCES = 500, 100, 50


@dataclass(frozen=True)
class ListedMember:
    """An article in a story, with the sentences that only it has, and those that only the lead has."""

    article: Article
    role: str
    state: MemberState
    containment: float
    added: Sequence[str] = ()
    missing: Sequence[str] = ()

    @property
    def article_id(self) -> UUID:
        """The id of the article."""
        return self.article.pk


@dataclass(frozen=True)
class StoryDetail:
    """A story and its articles."""

    story: Story
    members: Sequence[ListedMember]
    members_left_out: int

    @property
    def id(self) -> UUID:
        """The id of the story."""
        return self.story.pk

    @property
    def corpus(self) -> Corpus:
        """The corpus of the story."""
        return self.story.corpus

    @property
    def lead(self) -> Article:
        """The article with which all others were compared."""
        return self.story.lead

    @property
    def lead_id(self) -> UUID:
        """The id of the lead."""
        return self.story.lead_id

    @property
    def is_lead_chosen(self) -> bool:
        """Whether somebody chose the lead."""
        return self.story.is_lead_chosen

    @property
    def size(self) -> int:
        """The number of copies, the lead among them."""
        return self.story.size

    @property
    def version(self) -> int:
        """The version of the story."""
        return self.story.version


def story_rows() -> QuerySet[Story]:
    """Return stories with what lists show of them."""
    rows = Story.objects.select_related("corpus", "lead")
    return rows.defer("corpus__guideline", "lead__search_key", "lead__metadata")


def describe_story(story: Story) -> StoryDetail:
    """Return a story with its first articles; a constant number of queries."""
    rows = list(_ordered_members(story)[:MAX_MEMBERS])
    compared = [row.article_id for row in rows[:MAX_COMPARED] if row.article_id != story.lead_id]
    members = [_listed(story, row, {}) for row in rows]
    if compared:
        wanted = Article.objects.filter(pk__in=[story.lead_id, *compared]).order_by()
        texts = dict(wanted.values_list("pk", "revision__text"))
        members = [_listed(story, row, texts) for row in rows]
    left_out = 0
    if len(rows) == MAX_MEMBERS:
        left_out = StoryMember.objects.filter(story=story).count() - MAX_MEMBERS
    return StoryDetail(story, members, left_out)


def describe_member(story: Story, article_id: UUID) -> ListedMember:
    """Return one article of a story."""
    row = _ordered_members(story).get(article=article_id)
    wanted = Article.objects.filter(pk__in=[story.lead_id, article_id]).order_by()
    return _listed(story, row, dict(wanted.values_list("pk", "revision__text")))


def _ordered_members(story: Story) -> QuerySet[StoryMember]:
    """Return the lead, then the copies, then what is proposed, then what is apart; each by time."""
    order = [
        When(article=story.lead_id, then=Value(0)),
        When(state=MemberState.PROPOSED, then=Value(2)),
        When(state=MemberState.APART, then=Value(3)),
    ]
    rows = StoryMember.objects.filter(story=story).select_related("article").defer("article__search_key")
    place = Case(*order, default=Value(1), output_field=IntegerField())
    return rows.order_by(place, nulls_last("article__published_at"), "article")


def _listed(story: Story, row: StoryMember, texts: dict[UUID, str]) -> ListedMember:
    role = LEAD if row.article_id == story.lead_id else COPY
    added: Sequence[str] = ()
    missing: Sequence[str] = ()
    if role == COPY and row.article_id in texts:
        added, missing = find_differences(texts[story.lead_id], texts[row.article_id])
    return ListedMember(
        row.article, role, MemberState(row.state), row.containment, added[:MAX_SENTENCES],
        missing[:MAX_SENTENCES],
    )  # fmt: skip
