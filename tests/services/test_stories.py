"""Stories: which articles are found to be copies of one text, and what people judge of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from annotations.exceptions import NotAllowedNowError, NotInCorpusError, NotVisibleError, StaleVersionError
from annotations.models import (
    Article,
    Event,
    Fingerprint,
    FingerprintHash,
    MemberState,
    Revision,
    Story,
    StoryMember,
)
from annotations.services import integrity
from annotations.services.core import articles, stories
from annotations.services.core.fingerprints import store_places
from annotations.services.correction.revisions import add_revision
from tests import factories
from tests.newsroom import Newsroom
from tests.press import Press
from tests.services.exchange import put


def day(number: int) -> datetime:
    return datetime(2024, 5, number, 9, tzinfo=UTC)


def states(story: Story) -> dict[str, str]:
    """What is known of each article of a story, by its title."""
    rows = StoryMember.objects.filter(story=story).select_related("article").order_by("pk")
    return {row.article.title: row.state for row in rows}


def groups(newsroom: Newsroom) -> list[list[str]]:
    """The titles of the copies of each story, the lead first."""
    found = []
    for story in Story.objects.filter(corpus=newsroom.lake, size__gt=1).order_by("pk"):
        copies = StoryMember.objects.filter(story=story, state__in=["found", "confirmed"])
        titles = sorted(copies.exclude(article=story.lead).values_list("article__title", flat=True))
        found.append([story.lead.title, *titles])
    return sorted(found)


def add(newsroom: Newsroom, title: str, text: str, **fields: Any) -> Article:
    return newsroom.article(text, title=title, **fields)


def upload(newsroom: Newsroom, rows: list[dict[str, Any]], **options: Any) -> None:
    report = put(newsroom.user("max"), newsroom.lake, *rows, **options)
    assert report.failed == 0, report.errors[:3]


def test_a_copy_is_found_when_it_comes(newsroom: Newsroom, press: Press) -> None:
    text = press.text(200)
    first = add(newsroom, "first", text, published_at=day(1))
    assert stories.story_place(first) is None
    second = add(newsroom, "second", press.edited(text, 4), published_at=day(2))
    third = add(newsroom, "third", text[: len(text) // 2], published_at=day(3))
    add(newsroom, "other", press.text(200))
    story = Story.objects.get()
    assert groups(newsroom) == [["first", "second", "third"]]
    # the first was alone when it was made, and knows no better
    stored = Article.objects.get(pk=first.pk)
    assert stories.story_place(stored) == stories.StoryPlace(story.pk, "lead", 3)
    assert stories.story_place(third) == stories.StoryPlace(story.pk, "copy", 3)
    assert StoryMember.objects.get(article=second).containment < 1


def test_the_earliest_leads_whatever_comes_first(newsroom: Newsroom, press: Press) -> None:
    text = press.text(200)
    add(newsroom, "undated", text)
    add(newsroom, "late", text, published_at=day(9))
    assert groups(newsroom) == [["late", "undated"]]
    add(newsroom, "early", text, published_at=day(1))
    assert groups(newsroom) == [["early", "late", "undated"]]
    assert Story.objects.count() == 1


def test_of_one_day_the_longest_leads(newsroom: Newsroom, press: Press) -> None:
    text = press.text(200)
    add(newsroom, "short", text[: len(text) // 2], published_at=day(1))
    add(newsroom, "long", text, published_at=day(1))
    assert groups(newsroom) == [["long", "short"]]


def test_short_texts_are_copies_if_they_are_equal(newsroom: Newsroom) -> None:
    add(newsroom, "one", "The lock will close on Monday.")
    add(newsroom, "two", "the LOCK will close – on Monday")
    add(newsroom, "three", "The lock will close on Monday, he said.")
    assert groups(newsroom) == [["two", "one"]]  # by one sign the longer


def test_copies_are_of_one_corpus(newsroom: Newsroom, press: Press) -> None:
    text = press.text(100)
    add(newsroom, "here", text)
    newsroom.article(text, corpus=factories.make_corpus(manager=newsroom.user("max")))
    assert Story.objects.count() == 0


def test_copies_of_a_copy_are_none(newsroom: Newsroom, press: Press) -> None:
    """What only two copies share makes no third one: each is compared with the lead."""
    story, more = press.text(150), press.text(240)
    add(newsroom, "lead", story, published_at=day(1))
    add(newsroom, "copy", f"{story}\n{more}", published_at=day(2))
    add(newsroom, "chained", more, published_at=day(3))
    assert groups(newsroom) == [["lead", "copy"]]


def test_what_shares_too_little_is_proposed_only(newsroom: Newsroom, press: Press) -> None:
    shared = press.text(100)
    add(newsroom, "lead", f"{shared}\n{press.text(82)}", published_at=day(1))
    near = add(newsroom, "near", f"{shared}\n{press.text(90)}", published_at=day(2))
    story = Story.objects.get()
    assert states(story) == {"lead": "found", "near": "proposed"}
    assert story.size == 1
    assert stories.story_place(near) is None
    stories.confirm_copy(newsroom.user("rae"), story.pk, near.pk)
    assert groups(newsroom) == [["lead", "near"]]


def test_a_live_blog_does_not_find_itself(newsroom: Newsroom, press: Press) -> None:
    """What comes again under its external id is a revision."""
    morning = press.text(200)
    upload(newsroom, [{"external_id": "live", "title": "blog", "text": morning}])
    for _ in range(2):
        morning = f"{press.text(150)}\n{morning}"
        upload(newsroom, [{"external_id": "live", "text": morning}], on_conflict="update")
    assert Revision.objects.filter(article__external_id="live").count() == 3
    assert Story.objects.count() == 0
    assert Fingerprint.objects.filter(article__external_id="live").count() == 1


def test_a_revision_changes_membership(newsroom: Newsroom, press: Press) -> None:
    one, other = press.text(200), press.text(200)
    add(newsroom, "one", one, published_at=day(1))
    add(newsroom, "other", other, published_at=day(1))
    moving = add(newsroom, "moving", one, published_at=day(2))
    max_ = newsroom.user("max")
    assert groups(newsroom) == [["one", "moving"]]
    add_revision(max_, moving.pk, press.edited(other, 3), "another text")
    assert groups(newsroom) == [["other", "moving"]]
    add_revision(max_, moving.pk, press.text(120), "of its own")
    assert groups(newsroom) == []
    assert Story.objects.count() == 0


def test_a_revision_of_the_lead_leaves_its_copies_together(newsroom: Newsroom, press: Press) -> None:
    text = press.text(200)
    lead = add(newsroom, "lead", text, published_at=day(1))
    for number in (2, 3):
        add(newsroom, f"copy {number}", text, published_at=day(number))
    add_revision(newsroom.user("max"), lead.pk, press.text(200), "rewritten")
    assert groups(newsroom) == [["copy 2", "copy 3"]]


def test_a_changed_day_changes_the_lead(newsroom: Newsroom, press: Press) -> None:
    text = press.text(100)
    add(newsroom, "first", text, published_at=day(2))
    second = add(newsroom, "second", text, published_at=day(3))
    assert groups(newsroom) == [["first", "second"]]
    articles.update_article(newsroom.user("max"), second.pk, {"published_at": day(1)}, version=second.version)
    assert groups(newsroom) == [["second", "first"]]
    row = {"external_id": "x", "title": "third", "text": text, "published_at": "2024-06-01T00:00:00Z"}
    upload(newsroom, [row])
    upload(newsroom, [{**row, "published_at": "2024-01-01T00:00:00Z"}], on_conflict="update")
    assert groups(newsroom) == [["third", "first", "second"]]


def test_a_deleted_article_leaves_its_story(newsroom: Newsroom, press: Press) -> None:
    text = press.text(100)
    rows = [add(newsroom, f"{number}", text, published_at=day(number)) for number in (1, 2, 3)]
    articles.delete_article(newsroom.user("max"), rows[0].pk, version=1)
    assert groups(newsroom) == [["2", "3"]]
    articles.delete_article(newsroom.user("max"), rows[2].pk, version=1)
    assert Story.objects.count() == 0
    add(newsroom, "4", text, published_at=day(4))
    assert groups(newsroom) == [["2", "4"]]


# --- Judgements ---------------------------------------------------------------------------------


def test_what_is_apart_stays_apart(newsroom: Newsroom, press: Press) -> None:
    text = press.text(200)
    lead = add(newsroom, "lead", text, published_at=day(2))
    copy = add(newsroom, "copy", text, published_at=day(3))
    story = Story.objects.get()
    rae = newsroom.user("rae")
    stories.set_apart(rae, story.pk, copy.pk, version=story.version)
    stories.set_apart(rae, story.pk, copy.pk, version=1)  # a repeat
    assert states(story) == {"lead": "found", "copy": "apart"}
    stories.find_stories(newsroom.lake, everything=True)
    add_revision(newsroom.user("max"), copy.pk, f"{text}\nMore.", "added")
    add_revision(newsroom.user("max"), lead.pk, f"More.\n{text}", "added")
    add(newsroom, "third", text, published_at=day(4))
    add(newsroom, "early", text, published_at=day(1))
    stories.find_stories(newsroom.lake, everything=True)
    assert StoryMember.objects.filter(article=copy, state=MemberState.APART).exists()
    assert not any({"lead", "copy"} <= set(group) for group in groups(newsroom))
    assert Event.objects.filter(action="copy_set_apart").count() == 1


def test_what_is_confirmed_stays(newsroom: Newsroom, press: Press) -> None:
    lead = add(newsroom, "lead", press.text(200), published_at=day(1))
    add(newsroom, "copy", lead.revision.text, published_at=day(2))
    other = add(newsroom, "other", press.text(200), published_at=day(3))
    story = Story.objects.get()
    rae = newsroom.user("rae")
    member, changed = stories.confirm_copy(rae, story.pk, other.pk)
    assert (member.state, changed, member.containment < 0.1) == ("confirmed", True, True)
    assert stories.confirm_copy(rae, story.pk, other.pk)[1] is False
    stories.find_stories(newsroom.lake, everything=True)
    add_revision(newsroom.user("max"), lead.pk, press.text(150), "rewritten")
    assert groups(newsroom) == [["lead", "other"]]
    story.refresh_from_db()
    stories.set_apart(rae, story.pk, other.pk, version=story.version)
    assert groups(newsroom) == []


def test_a_chosen_lead_stays(newsroom: Newsroom, press: Press) -> None:
    text = press.text(200)
    first = add(newsroom, "first", text, published_at=day(2))
    second = add(newsroom, "second", text, published_at=day(3))
    story = Story.objects.get()
    rae = newsroom.user("rae")
    with pytest.raises(StaleVersionError):
        stories.choose_lead(rae, story.pk, second.pk, version=story.version + 1)
    chosen = stories.choose_lead(rae, story.pk, second.pk, version=story.version)
    assert stories.choose_lead(rae, story.pk, second.pk, version=1).version == chosen.version
    add(newsroom, "early", text, published_at=day(1))
    stories.find_stories(newsroom.lake, everything=True)
    assert groups(newsroom) == [["second", "early", "first"]]
    with pytest.raises(NotAllowedNowError):
        stories.set_apart(rae, story.pk, second.pk, version=Story.objects.get().version)
    stranger = add(newsroom, "stranger", press.text(100))
    with pytest.raises(NotInCorpusError):
        stories.choose_lead(rae, story.pk, stranger.pk, version=Story.objects.get().version)
    with pytest.raises(NotVisibleError):
        stories.set_apart(rae, story.pk, stranger.pk, version=Story.objects.get().version)
    articles.delete_article(newsroom.user("max"), second.pk, version=1)
    assert groups(newsroom) == [["early", "first"]]
    del first


def test_a_new_lead_keeps_only_its_copies(newsroom: Newsroom, press: Press) -> None:
    text = press.text(400)
    add(newsroom, "whole", text, published_at=day(1))
    add(newsroom, "begin", text[: len(text) // 2], published_at=day(2))
    end = add(newsroom, "end", text[len(text) // 2 :], published_at=day(3))
    story = Story.objects.get()
    assert story.size == 3
    stories.choose_lead(newsroom.user("rae"), story.pk, end.pk, version=story.version)
    assert groups(newsroom) == [["end", "whole"]]


def test_a_lead_with_copies_joins_no_other_story(newsroom: Newsroom, press: Press) -> None:
    one, other = press.text(100), press.text(100)
    leads = [add(newsroom, "one", one), add(newsroom, "other", other)]
    add(newsroom, "copy of one", one)
    add(newsroom, "copy of other", other)
    rae = newsroom.user("rae")
    with pytest.raises(NotAllowedNowError):
        stories.confirm_copy(rae, Story.objects.get(lead=leads[0]).pk, leads[1].pk)
    copy = Article.objects.get(title="copy of other")
    stories.confirm_copy(rae, Story.objects.get(lead=leads[0]).pk, copy.pk)
    assert groups(newsroom) == [["one", "copy of one", "copy of other"]]


def test_the_check_sees_what_is_wrong(newsroom: Newsroom, press: Press) -> None:
    text = press.text(100)
    add(newsroom, "one", text)
    add(newsroom, "two", text)

    def found() -> set[str]:
        report = integrity.run_checks()
        return {name for name, result in report.checks.items() if result.found}

    assert found() == set()
    story = Story.objects.get()
    Story.objects.update(size=5)
    assert found() == {"stories"}
    Story.objects.update(size=story.size)
    Fingerprint.objects.filter(article=story.lead).update(digest="0" * 32)
    assert found() == {"fingerprints"}
    store_places({story.lead_id: 1})
    FingerprintHash.objects.filter(article=story.lead_id).delete()
    Fingerprint.objects.filter(article=story.lead).delete()
    assert found() == set()
    stories.find_stories(newsroom.lake)
    third = add(newsroom, "three", press.text(100))
    StoryMember.objects.create(story=story, article=third, state="found", containment=0.7)
    Story.objects.update(size=3)
    store_places({third.pk: 2})
    assert found() == {"copies"}
    StoryMember.objects.filter(article=third).delete()
    Story.objects.update(size=2)
    store_places({third.pk: 0})
    assert found() == set()
