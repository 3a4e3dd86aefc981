"""Stories: articles that are copies of one text, as searches find them and people judge them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Count, Exists, F, FilteredRelation, Model, OuterRef, Q, QuerySet, Sum

from annotations.exceptions import NotAllowedNowError, NotInCorpusError, NotVisibleError, error_at
from annotations.messages import message
from annotations.models import COPY_STATES, Article, Corpus, Fingerprint, MemberState, Story, StoryMember
from annotations.permissions import Permission, require_permission
from annotations.services.core import events
from annotations.services.core.errors import require_current_version
from annotations.services.core.fingerprints import (
    TEXTS_AT_ONCE,
    Place,
    articles_without_fingerprint,
    delete_fingerprints,
    find_neighbours,
    fingerprint_articles,
    fingerprint_new_article,
    is_alone,
    store_places,
    waiting_fingerprints,
)
from annotations.services.core.sets import require_not_archived
from annotations.services.core.story_index import MAX_SHINGLES
from annotations.services.core.story_rows import StoryRow
from annotations.services.core.story_search import StorySearch
from annotations.text.copies import Shingles
from annotations.visibility import NOT_FOUND_MESSAGE, get_visible_row

#: How many articles that wait are placed along with one.
ARTICLES_AT_ONCE = 500
#: How often a large search is done again where something changed meanwhile, before it lets everybody wait.
MAX_ATTEMPTS = 3
#: The first half of the advisory lock of the stories of a corpus; such locks are a kind of their own.
_LOCK = 21329

LEAD, COPY = "lead", "copy"
Row = TypeVar("Row", bound=Model)


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
    texts = fingerprint_articles(articles_without_fingerprint(article.corpus_id).filter(pk=article.pk))
    _search(article.corpus_id, [article.pk], texts)


def place_new_article(article: Article) -> None:
    """Find the story of an article that was made just now, and note it; call it within the change.

    Its text is at hand and its fingerprint is stored once, with its place: most articles share nothing.
    """
    lock_stories(article.corpus_id)
    text = Shingles.of_text(article.revision.text)
    near = find_neighbours(article.corpus_id, text)
    if near.is_unsettled:
        place_article(article)
        return
    search = StorySearch(article.corpus_id)
    place = Place.LEADS if is_alone(text, near) else search.place_new_article(article, text, near)
    fingerprint_new_article(article, text, place)
    search.store()
    _note_story(article, search.rows.copied_in(article.pk))


def _note_story(article: Any, story: StoryRow | None) -> None:
    """Let an article know its story, as if it came from ``with_story_places``."""
    article.in_story, article.story_lead, article.story_size = (
        (None, None, 0) if story is None else (story.id, story.lead, story.size)
    )


def _search(corpus_id: UUID, ids: Iterable[UUID], texts: Mapping[UUID, Shingles] | None = None) -> None:
    """Place articles, and those few that wait."""
    waiting = waiting_fingerprints(corpus_id).values_list("article_id", flat=True)
    some = list(waiting[: ARTICLES_AT_ONCE + 1])
    search = StorySearch(corpus_id)
    search.index.add_texts((texts or {}).items())
    search.place_articles({*ids, *(some if len(some) <= ARTICLES_AT_ONCE else ())}).store()


def wait_for_search(article: Article) -> None:
    """Leave it to the next search to find the story of an article whose day has changed."""
    store_places({article.pk: Place.WAITS})


def count_waiting(corpus: Corpus, most: int) -> int:
    """Return how many articles no search has placed yet, and at most this many."""
    without = articles_without_fingerprint(corpus.pk)[:most].count()
    return min(most, without + waiting_fingerprints(corpus.pk)[:most].count())


def find_stories(
    corpus: Corpus, progress: Callable[[int], None] = lambda _: None, *, everything: bool = False
) -> int:
    """Place all articles that no search has placed yet, or all there are; return how many.

    ``progress`` is told how many are placed. Nothing is locked while texts are compared: if something else
    has changed a story meanwhile, they are compared again, and in the end while everybody waits. What was
    judged stays.
    """
    texts = _fingerprint_new_articles(corpus)
    for _ in range(MAX_ATTEMPTS):
        before = _fingerprint_of_stories(corpus.pk)
        ids, search = _compare_articles(corpus, texts, progress, everything=everything)
        with transaction.atomic():
            lock_stories(corpus.pk)
            if before == _fingerprint_of_stories(corpus.pk):
                search.store()
                return len(ids)
    with transaction.atomic():
        lock_stories(corpus.pk)
        ids, search = _compare_articles(corpus, texts, lambda _: None, everything=everything)
        search.store()
        return len(ids)


def _fingerprint_new_articles(corpus: Corpus) -> dict[UUID, Shingles]:
    """Store the fingerprints of all texts that have none; return the shingles of as many as may be held."""
    texts: dict[UUID, Shingles] = {}
    read = 0
    while True:
        with transaction.atomic():
            lock_stories(corpus.pk)
            new = fingerprint_articles(articles_without_fingerprint(corpus.pk)[:TEXTS_AT_ONCE])
        if not new:
            return texts
        read += sum(len(text.hashes) for text in new.values())
        if read <= MAX_SHINGLES:
            texts.update(new)


def _compare_articles(
    corpus: Corpus, texts: Mapping[UUID, Shingles], progress: Callable[[int], None], *, everything: bool
) -> tuple[list[UUID], StorySearch]:
    rows = Fingerprint.objects.filter(corpus=corpus).order_by()
    waiting = rows if everything else rows.filter(place=Place.WAITS)
    digests = dict(waiting.values_list("article_id", "digest"))
    # many single look-ups take longer than one of everything
    search = StorySearch(corpus.pk, whole=len(digests) * 10 > rows.count())
    # a text may have been corrected since it was read
    current = ((id, text) for id, text in texts.items() if digests.get(id) == text.digest)
    search.index.add_texts(current)
    return list(digests), search.place_articles(digests.keys(), progress)


def _fingerprint_of_stories(corpus_id: UUID) -> tuple[object, ...]:
    """Return values of which one changes with whatever changes the stories of a corpus."""
    fingerprints = Fingerprint.objects.filter(corpus=corpus_id).order_by()
    members = StoryMember.objects.filter(story__corpus=corpus_id).order_by()
    totals = Story.objects.filter(corpus=corpus_id).aggregate(Count("pk"), Sum("version"), Sum("size"))
    return (
        *fingerprints.aggregate(Count("pk"), Sum("place"), Sum("size")).values(),
        fingerprints.order_by("-revision").values_list("revision", flat=True).first(),
        members.count(),
        *totals.values(),
    )


def remove_from_stories(article: Article) -> None:
    """Take an article out of its stories before it is deleted; the earliest copy leads instead of it."""
    lock_stories(article.corpus_id)
    search = StorySearch(article.corpus_id)
    search.rows.load([article.pk])
    members = search.rows.remove(article.pk, search.index.order_of)
    search.rows.store()
    delete_fingerprints(article.corpus_id, [article.pk])
    _search(article.corpus_id, members)


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
    search, row = _load_story(story)
    copies = [article for article, member in row.members.items() if member.state != MemberState.APART]
    search.rows.choose_lead(row, article_id)
    search.index.choose_lead(article_id)
    search.place_articles(copies).store()
    _record(by, "story_lead_chosen", story, article_id, before=str(story.lead_id))
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
    fingerprint_articles(
        articles_without_fingerprint(story.corpus_id).filter(pk__in=[article_id, story.lead_id])
    )
    search, row = _load_story(story)
    search.rows.load([article_id])
    own = search.rows.led_by(article_id)
    if own is not None and own.size > 1:
        with error_at("/article"):
            raise NotAllowedNowError(
                message(
                    "The article leads a story of {count:,} articles; let another one lead that story first.",
                    count=own.size,
                ),
                state=LEAD,
                allowed=[],
            )
    before = str(member.state) if member is not None else None
    alone = search.rows.confirm(row, article_id)
    search.place_articles([story.lead_id, article_id, *alone]).store()
    _record(by, "copy_confirmed", story, article_id, before=before)
    return StoryMember.objects.get(story=id, article=article_id), True


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
    search, row = _load_story(story)
    search.rows.set_apart(row, article_id)
    search.place_articles([article_id]).store()
    _record(by, "copy_set_apart", story, article_id, before=member.state)


def _load_story(story: Story) -> tuple[StorySearch, StoryRow]:
    search = StorySearch(story.corpus_id)
    search.rows.load([story.lead_id])
    row = search.rows.led_by(story.lead_id)
    if row is None:
        raise NotVisibleError(NOT_FOUND_MESSAGE)
    return search, row


def _record(by: User, action: str, story: Story, article_id: UUID, *, before: str | None) -> None:
    events.record_event(
        action,
        by=by,
        corpus_id=story.corpus_id,
        article_id=article_id,
        before={"story": str(story.pk), "was": before},
        after={"story": str(story.pk), "article": str(article_id)},
    )


def copies_of(story_id: UUID) -> QuerySet[StoryMember]:
    """Return the members of a story that count as copies, its lead among them."""
    return StoryMember.objects.filter(story=story_id, state__in=COPY_STATES)


# --- What lists show -----------------------------------------------------------------------------


def with_story_places(rows: QuerySet[Row], article: str = "") -> QuerySet[Any]:
    """Return articles, or rows with the path ``article`` to one, with the story of it, by joins."""
    members = f"{article}story_members"
    membership = FilteredRelation(members, condition=Q((f"{members}__state__in", COPY_STATES)))
    annotated: QuerySet[Any] = rows.alias(copy_of=membership).annotate(
        in_story=F("copy_of__story_id"),
        story_lead=F("copy_of__story__lead_id"),
        story_size=F("copy_of__story__size"),
    )
    return annotated


def pass_story_place(article: Any, row: Any) -> None:
    """Let an article know its story from a row that came from ``with_story_places``."""
    article.in_story, article.story_lead, article.story_size = row.in_story, row.story_lead, row.story_size


def story_place(article: Any) -> StoryPlace | None:
    """Return the story of an article that has copies; a query, unless it comes from ``with_story_places``."""
    if not hasattr(article, "in_story"):
        rows = StoryMember.objects.filter(article=article.pk, state__in=COPY_STATES).order_by()
        found = rows.values_list("story_id", "story__lead_id", "story__size").first()
    else:
        found = (article.in_story, article.story_lead, article.story_size)
    return place_in_story(article.pk, *(found or (None, None, 0)))


def place_in_story(
    article_id: UUID, story_id: UUID | None, lead_id: UUID | None, size: int
) -> StoryPlace | None:
    """Return what an article is to a story, the columns of ``with_story_places``; None without copies."""
    if story_id is None or size < 2:
        return None
    return StoryPlace(story_id, LEAD if lead_id == article_id else COPY, size)


def filter_leads(rows: QuerySet[Article]) -> QuerySet[Article]:
    """Return the articles that are no copies: the leads of stories, and those without a story."""
    return rows.filter(~Exists(copies_behind_leads()))


def copies_behind_leads(article: str = "pk") -> QuerySet[StoryMember]:
    """Return the places of an article, a column of the outer query, in which it is a copy and no lead."""
    members = StoryMember.objects.filter(article=OuterRef(article), state__in=COPY_STATES)
    return members.exclude(story__lead=OuterRef(article)).order_by()
