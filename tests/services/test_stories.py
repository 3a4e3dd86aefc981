"""Stories: which articles are found to be copies of one text, and what people judge of them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.exceptions import NotAllowedNowError, NotInCorpusError, NotVisibleError, StaleVersionError
from annotations.models import (
    Article,
    Event,
    Fingerprint,
    FingerprintHash,
    Job,
    JobKind,
    MemberState,
    Revision,
    Story,
    StoryMember,
)
from annotations.services import integrity, job_runner
from annotations.services.core import articles, fingerprints, stories
from annotations.services.core.fingerprints import store_places
from annotations.services.core.story_search import StorySearch
from annotations.services.correction.revisions import add_revision
from annotations.services.jobs import leases
from annotations.services.jobs import stories as story_jobs
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


@pytest.fixture
def press() -> Press:
    return Press()


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


# --- Many ---------------------------------------------------------------------------------------


def test_an_import_finds_copies_however_the_lines_stand(newsroom: Newsroom, press: Press) -> None:
    texts = [press.text(120) for _ in range(4)]
    rows = [
        {"title": f"{text}.{number}", "text": texts[text], "published_at": f"2024-05-0{number}T00:00:00Z"}
        for text in range(4)
        for number in (3, 1, 2)
    ]
    press.rng.shuffle(rows)
    upload(newsroom, [{**row, "external_id": row["title"]} for row in rows])
    expected = [[f"{text}.1", f"{text}.2", f"{text}.3"] for text in range(4)]
    assert groups(newsroom) == expected
    call_command("stories", newsroom.lake.slug, stdout=(out := io.StringIO()))
    assert out.getvalue() == "12 articles were compared: 12 are copies of one another, in 4 stories.\n"
    assert groups(newsroom) == expected


def test_an_import_that_stops_and_a_dry_run(newsroom: Newsroom, press: Press) -> None:
    text = press.text(80)
    rows = [{"external_id": name, "title": name, "text": text} for name in ("a", "b", "a", "c")]
    upload(newsroom, rows[:2], dry_run=True)
    assert Fingerprint.objects.count() == 0
    with pytest.raises(Exception, match="external id"):
        upload(newsroom, rows)
    assert groups(newsroom) == [["a", "b"]]


def test_many_articles_are_left_to_a_job(newsroom: Newsroom, press: Press, monkeypatch: Any) -> None:
    monkeypatch.setattr(story_jobs, "MAX_ARTICLES_AT_ONCE", 2)
    monkeypatch.setattr(leases, "has_live_worker", lambda: True)
    text = press.text(80)
    upload(newsroom, [{"external_id": f"{n}", "title": f"{n}", "text": text} for n in range(3)])
    upload(newsroom, [{"external_id": "3", "title": "3", "text": text}])
    job = Job.objects.get(kind=JobKind.FINGERPRINT)
    assert groups(newsroom) == []
    job_runner.run_job(job.pk, "worker")
    job.refresh_from_db()
    assert (job.state, job.result, job.done) == ("done", {"articles": 4}, 4)
    assert groups(newsroom) == [["0", "1", "2", "3"]]


def test_texts_that_do_not_fit_are_read_again(newsroom: Newsroom, press: Press, monkeypatch: Any) -> None:
    for module in ("stories", "story_index"):
        monkeypatch.setattr(f"annotations.services.core.{module}.MAX_SHINGLES", 300)
    texts = [press.text(120) for _ in range(4)]
    rows = [
        {"external_id": f"{text}.{number}", "title": f"{text}.{number}", "text": press.edited(texts[text], 1)}
        for number in range(3)
        for text in range(4)
    ]
    upload(newsroom, rows)
    assert groups(newsroom) == [[f"{text}.0", f"{text}.1", f"{text}.2"] for text in range(4)]


def test_a_text_corrected_while_others_are_read_is_read_again(
    newsroom: Newsroom, press: Press, monkeypatch: Any
) -> None:
    """Its copy, which no search has seen yet, shares too little with the new text."""
    text, rows = press.text(300), []
    for number in range(2):
        row = {"external_id": f"{number}", "title": f"{number}", "text": press.edited(text, number)}
        rows.append({**row, "published_at": f"2024-05-0{number + 1}T00:00:00Z"})
    real = fingerprints.fingerprint_articles

    def correct_first_text(articles: Any) -> Any:
        lead = Article.objects.get(title="0")
        if Fingerprint.objects.filter(article=lead).exists() and lead.revision.number == 1:
            monkeypatch.undo()
            half = " ".join(text.split(" ")[:165])
            add_revision(newsroom.user("max"), lead.pk, f"{half} {press.text(135)}", "half of it")
        return real(articles)

    monkeypatch.setattr(stories, "TEXTS_AT_ONCE", 1)
    monkeypatch.setattr(stories, "fingerprint_articles", correct_first_text)
    upload(newsroom, rows)
    assert states(Story.objects.get()) == {"0": "found", "1": "proposed"}


def test_footers_make_no_story(newsroom: Newsroom, press: Press) -> None:
    """Even where the legal notice is longer than what it stands below."""
    notice = press.text(150)
    rows = [
        {"external_id": f"{number}", "title": f"{number}", "text": f"{press.text(80)}\n\n{notice}"}
        for number in range(205)
    ]
    rows.append({"external_id": "copy", "title": "copy", "text": rows[7]["text"].upper()})
    upload(newsroom, rows)
    assert groups(newsroom) == [["7", "copy"]]


def test_three_hundred_copies_cost_three_hundred_comparisons(
    newsroom: Newsroom, press: Press, monkeypatch: Any
) -> None:
    text = press.text(120)
    compared = []
    real = StorySearch._compared

    def compare(*args: Any) -> Any:
        compared.append(args)
        return real(*args)

    monkeypatch.setattr(StorySearch, "_compared", compare)
    rows = [
        {"external_id": f"{number:03}", "title": f"{number:03}", "text": press.edited(text, 1)}
        for number in range(300)
    ]
    upload(newsroom, [*rows, {"external_id": "own", "title": "own", "text": press.text(120)}])
    story = Story.objects.get()
    assert story.size == 300
    assert len(compared) <= 300
    with CaptureQueriesContext(connection) as queries:
        add(newsroom, "new", press.edited(text, 1))
    assert Story.objects.get().size == 301
    assert len(queries) < 45


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
