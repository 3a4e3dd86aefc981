"""Stories: articles that are copies of one text, as searches find them and people judge them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from annotations.exceptions import NotAllowedNowError, NotInCorpusError, NotVisibleError, error_at
from annotations.messages import message
from annotations.models import COPY_STATES, Article, Corpus, Fingerprint, MemberState, Story, StoryMember
from annotations.permissions import Permission, require_permission
from annotations.services.core import events
from annotations.services.core.errors import require_current_version
from annotations.services.core.fingerprints import (
    TEXTS_AT_ONCE,
    Place,
    print_articles,
    store_places,
    unprinted_articles,
    waiting_fingerprints,
)
from annotations.services.core.sets import require_not_archived
from annotations.services.core.story_search import StorySearch, copies_of, refresh_size
from annotations.visibility import NOT_FOUND_MESSAGE, get_visible_row

#: How many articles a search places in one transaction.
ARTICLES_AT_ONCE = 500
#: The first half of the advisory lock of the stories of a corpus; such locks are a kind of their own.
_LOCK = 21329

LEAD, COPY = "lead", "copy"


@dataclass(frozen=True)
class StoryPlace:
    """The story of an article, what the article is to it, and how many copies it has."""

    id: UUID
    role: str
    size: int


def lock_stories(corpus_id: UUID) -> None:
    """Let nobody else change the stories of a corpus until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            number = corpus_id.int % 2**32 - 2**31
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, number])


# --- What searches find --------------------------------------------------------------------------


def place_article(article: Article) -> None:
    """Find the story of an article that is new or has changed; call it within the change."""
    lock_stories(article.corpus_id)
    texts = print_articles(unprinted_articles(article.corpus_id).filter(pk=article.pk))
    if not texts:
        store_places({article.pk: Place.WAITS})
    StorySearch(article.corpus_id).place_articles([article.pk], texts)


def wait_for_search(article: Article) -> None:
    """Leave it to the next search to find the story of an article whose day has changed."""
    store_places({article.pk: Place.WAITS})


def count_waiting(corpus: Corpus, most: int) -> int:
    """Return how many articles no search has placed yet, and at most this many."""
    unprinted = unprinted_articles(corpus.pk)[:most].count()
    return min(most, unprinted + waiting_fingerprints(corpus.pk)[:most].count())


def find_stories(corpus: Corpus, progress: Callable[[int], None] = lambda _: None) -> int:
    """Place all articles that no search has placed yet; return how many.

    ``progress`` is told, within each transaction, how many are placed. All fingerprints are stored first, so
    that boilerplate is known before any two texts are compared.
    """
    while True:
        with transaction.atomic():
            lock_stories(corpus.pk)
            if not print_articles(unprinted_articles(corpus.pk)[:TEXTS_AT_ONCE]):
                break
    placed = 0
    while True:
        with transaction.atomic():
            lock_stories(corpus.pk)
            ids = list(
                waiting_fingerprints(corpus.pk)[:ARTICLES_AT_ONCE].values_list("article_id", flat=True)
            )
            if not ids:
                return placed
            StorySearch(corpus.pk).place_articles(ids)
            placed += len(ids)
            progress(placed)


def find_all_stories(corpus: Corpus, progress: Callable[[int], None] = lambda _: None) -> int:
    """Place all articles of a corpus anew; what was judged stays."""
    with transaction.atomic():
        lock_stories(corpus.pk)
        store_places(
            dict.fromkeys(
                Fingerprint.objects.filter(corpus=corpus).order_by().values_list("article_id", flat=True),
                Place.WAITS,
            )
        )
    return find_stories(corpus, progress)


def remove_from_stories(article: Article) -> None:
    """Take an article out of its stories before it is deleted; the earliest copy leads instead of it."""
    lock_stories(article.corpus_id)
    led = Story.objects.filter(lead=article).first()
    others = copies_of(led.pk).exclude(article=article) if led else StoryMember.objects.none()
    heir = others.order_by(
        F("article__published_at").asc(nulls_last=True), "-article__revision__length", "article"
    ).first()
    if led is not None and heir is not None:
        led.lead_id, led.is_lead_chosen = heir.article_id, False
        led.save(update_fields=["lead", "is_lead_chosen"])
    stories = list(StoryMember.objects.filter(article=article).values_list("story_id", flat=True))
    StoryMember.objects.filter(article=article).delete()
    for story in Story.objects.filter(pk__in=stories).exclude(lead=article).order_by("pk"):
        if story == led:
            StorySearch(article.corpus_id).review_story(story)
        else:
            refresh_size(story.pk)


# --- What people judge ---------------------------------------------------------------------------


def _lock_story(by: User, id: UUID, version: int | None) -> Story:
    seen = get_visible_row(by, Story.objects.select_related("corpus"), pk=id)
    story = require_permission(by, Permission.JUDGE_COPY, seen)
    lock_stories(story.corpus_id)
    locked = Story.objects.select_related("corpus").filter(pk=id).first()
    if locked is None:
        raise NotVisibleError(NOT_FOUND_MESSAGE)
    if version is not None:
        require_current_version("story", locked.version, version)
    return locked


@transaction.atomic
def choose_lead(by: User, id: UUID, article_id: UUID, *, version: int) -> Story:
    """Let another copy lead a story, whatever its day; the copies are compared with it anew."""
    story = _lock_story(by, id, None)
    if story.lead_id == article_id and story.is_lead_chosen:
        return story
    require_current_version("story", story.version, version)
    require_not_archived(story.corpus)
    if not copies_of(id).filter(article=article_id).exists():
        with error_at("/lead"):
            raise NotInCorpusError(
                message("Only a copy of the story can lead it, and the article {id} is none.", id=article_id)
            )
    before = story.lead_id
    story.lead_id, story.is_lead_chosen = article_id, True
    story.save(update_fields=["lead", "is_lead_chosen"])
    StoryMember.objects.filter(story=id, article=article_id).update(containment=1.0)
    StorySearch(story.corpus_id).review_story(story)
    _record(by, "story_lead_chosen", story, article_id, before=str(before))
    return Story.objects.get(pk=id)


@transaction.atomic
def confirm_copy(by: User, id: UUID, article_id: UUID) -> tuple[StoryMember, bool]:
    """Judge that an article is a copy; return its place in the story, and whether anything has changed."""
    story = _lock_story(by, id, None)
    member = StoryMember.objects.filter(story=id, article=article_id).first()
    if member is not None and (member.state == MemberState.CONFIRMED or story.lead_id == article_id):
        return member, False
    require_not_archived(story.corpus)
    if not Article.objects.filter(pk=article_id, corpus=story.corpus_id).exists():
        with error_at("/article"):
            raise NotInCorpusError(message("The corpus has no article with the id {id}.", id=article_id))
    _leave_other_story(story, article_id)
    print_articles(unprinted_articles(story.corpus_id).filter(pk__in=[article_id, story.lead_id]))
    overlap = StorySearch(story.corpus_id).overlap_of(story.lead_id, article_id)
    before = member.state if member is not None else None
    member, _ = StoryMember.objects.update_or_create(
        story=story,
        article_id=article_id,
        defaults={"state": MemberState.CONFIRMED, "containment": overlap.containment},
    )
    store_places({article_id: Place.COPY})
    refresh_size(id)
    _record(by, "copy_confirmed", story, article_id, before=before)
    return member, True


def _leave_other_story(story: Story, article_id: UUID) -> None:
    """Take an article out of the story in which it is a copy; raise if others are copies of it."""
    led = Story.objects.filter(lead=article_id).first()
    if led is not None and led.size > 1:
        with error_at("/article"):
            raise NotAllowedNowError(
                message(
                    "The article leads a story of {count:,} articles; let another one lead that story first.",
                    count=led.size,
                ),
                state=LEAD,
                allowed=[],
            )
    if led is not None:
        known = StoryMember.objects.filter(story=story).values("article_id")
        judged = StoryMember.objects.filter(story=led, state=MemberState.APART)
        judged.exclude(article__in=known).update(story=story)
        led.delete()
    for row in StoryMember.objects.filter(article=article_id, state__in=COPY_STATES).exclude(story=story):
        row.delete()
        refresh_size(row.story_id)


@transaction.atomic
def set_apart(by: User, id: UUID, article_id: UUID, *, version: int) -> None:
    """Judge that an article is no copy of a story; no search brings it back."""
    story = _lock_story(by, id, None)
    member = StoryMember.objects.filter(story=id, article=article_id).first()
    if member is None:
        raise NotVisibleError(NOT_FOUND_MESSAGE)
    if member.state == MemberState.APART:
        return
    require_current_version("story", story.version, version)
    require_not_archived(story.corpus)
    if story.lead_id == article_id:
        raise NotAllowedNowError(
            message("The article leads the story; let another one lead it first."), state=LEAD, allowed=[]
        )
    before = member.state
    StoryMember.objects.filter(pk=member.pk).update(state=MemberState.APART)
    refresh_size(id)
    store_places({article_id: Place.WAITS})
    StorySearch(story.corpus_id).place_articles([article_id])
    _record(by, "copy_set_apart", story, article_id, before=before)


def _record(by: User, action: str, story: Story, article_id: UUID, *, before: str | None) -> None:
    events.record_event(
        action,
        by=by,
        corpus_id=story.corpus_id,
        article_id=article_id,
        before={"story": str(story.pk), "was": before},
        after={"story": str(story.pk), "article": str(article_id)},
    )


# --- What lists show -----------------------------------------------------------------------------


def with_story_places(rows: QuerySet[Article]) -> QuerySet[Any]:
    """Return articles with their story, by joins."""
    membership = FilteredRelation("story_members", condition=Q(story_members__state__in=COPY_STATES))
    annotated: QuerySet[Any] = rows.alias(copy_of=membership).annotate(
        in_story=F("copy_of__story_id"),
        story_lead=F("copy_of__story__lead_id"),
        story_size=F("copy_of__story__size"),
    )
    return annotated


def story_place(article: Any) -> StoryPlace | None:
    """Return the story of an article that has copies; a query, unless it comes from ``with_story_places``."""
    if not hasattr(article, "in_story"):
        rows = StoryMember.objects.filter(article=article.pk, state__in=COPY_STATES).order_by()
        found = rows.values_list("story_id", "story__lead_id", "story__size").first()
    else:
        found = (article.in_story, article.story_lead, article.story_size)
    story, lead, size = found or (None, None, 0)
    if story is None or size < 2:
        return None
    return StoryPlace(story, LEAD if lead == article.pk else COPY, size)


def filter_leads(rows: QuerySet[Article]) -> QuerySet[Article]:
    """Return the articles that are no copies: the leads of stories, and those without a story."""
    return rows.filter(~Exists(copies_behind_leads()))


def copies_behind_leads() -> QuerySet[StoryMember]:
    """Return the places of an article, the outer one of a subquery, in which it is a copy and no lead."""
    members = StoryMember.objects.filter(article=OuterRef("pk"), state__in=COPY_STATES)
    return members.exclude(story__lead=OuterRef("pk")).order_by()
