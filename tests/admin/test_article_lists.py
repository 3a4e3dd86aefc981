"""The articles of a corpus: who works on them, filters, and what is done to many of them at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client

from annotations.admin.article_bulk import BULK_ACTIONS
from annotations.models import AnnotationSet, Article, Corpus, Event
from annotations.services.core import articles
from annotations.services.team import due_dates
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.team_work import doubled, grow, url
from tests.admin.test_queries import FEW, add, queries
from tests.factories import make_article, make_set, make_span, seen_by

PLACES = list(BULK_ACTIONS)
#: The queries of the list of one corpus.
QUERIES = 17


def listed(newsrooms: TwoNewsrooms, **query: str) -> str:
    """The list of the articles of corpus a."""
    about = {"corpus__id__exact": str(newsrooms.a.corpus.pk), **query}
    return f"{page(Article, 'changelist')}?{urlencode(about)}"


def press(
    client: Client, address: str, action: str, rows: list[Article], *, confirmed: bool = True, **sent: Any
) -> Any:
    """Press the button of an action, and that of its page."""
    body = {
        "action": PLACES,
        "index": str(PLACES.index(action)),
        ACTION_CHECKBOX_NAME: [str(row.pk) for row in rows],
        **({"confirmed": "1"} if confirmed else {}),
        **sent,
    }
    return client.post(address, body)


def titles(client: Client, address: str) -> set[str]:
    return {article.title for article in client.get(address).context["cl"].result_list}


def test_many_articles_are_handed_out_to_people_who_were_ticked(newsrooms: TwoNewsrooms) -> None:
    corpus = grow(newsrooms)
    rows = [make_article(corpus, title=f"kiwi-{number}") for number in range(4)]
    done = newsrooms.a[Article]
    client, address = newsrooms.client("max"), listed(newsrooms)
    asked = press(client, address, "hand_out", [*rows, done], confirmed=False)
    assert asked.context["summary"] == "4 articles", "one takes nobody any more"
    assert asked.context["left_out"] == "1"
    refused = press(client, address, "hand_out", rows)
    assert "Tick at least one person." in refused.content.decode()
    assert refused.context["ticked"] == [str(row.pk) for row in rows]
    answer = press(client, address, "hand_out", rows, owners=["ann", "ben"])
    assert answer["Location"] == address
    made = AnnotationSet.objects.filter(article__in=rows)
    assert sorted(made.values_list("owner__username", flat=True)) == ["ann", "ann", "ben", "ben"]


def test_all_that_the_list_finds_is_taken_and_nothing_else(newsrooms: TwoNewsrooms) -> None:
    corpus = grow(newsrooms)
    rows = [make_article(corpus, source="Herald") for _ in range(3)]
    other = make_article(corpus, source="Post")
    answer = press(
        newsrooms.client("max"), listed(newsrooms, source="Herald"), "priority", rows[:1],
        select_across="1", priority="7",
    )  # fmt: skip
    assert answer.status_code == 302
    assert set(Article.objects.filter(priority=7)) == set(rows)
    assert (
        Event.objects.filter(action="article_changed", article_id__in=[row.pk for row in rows]).count() == 3
    )
    other.refresh_from_db()
    assert other.priority == 0


def test_due_dates_and_exclusions_are_stored_with_their_events(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    article, rows = doubled(newsrooms, submit=False)
    client = newsrooms.client("max")
    for row in rows:
        row.refresh_from_db()
    press(client, listed(newsrooms), "due", [article], due_at_0="2026-12-01", due_at_1="12:00:00")
    versions = [row.version for row in rows]
    for row in rows:
        row.refresh_from_db()
    assert all(row.due_at for row in rows)
    assert [row.version for row in rows] == [version + 1 for version in versions]
    assert Event.objects.filter(action="due_changed", set_id__in=[row.pk for row in rows]).count() == 2
    refused = press(client, listed(newsrooms), "exclude", [article], reason="  ")
    assert "Say why, in a sentence." in refused.content.decode()
    press(client, listed(newsrooms), "exclude", [article], reason="Twice the same.")
    article.refresh_from_db()
    assert (article.excluded_reason, article.status) == ("Twice the same.", "excluded")
    again = press(client, listed(newsrooms), "exclude", [article], reason="Because.")
    assert again.status_code == 302
    article.refresh_from_db()
    assert article.excluded_reason == "Twice the same."


@pytest.mark.parametrize("name", ["ann", "rae", "vic", "sam"])
@pytest.mark.parametrize("action", PLACES)
def test_others_are_offered_nothing_and_change_nothing(
    newsrooms: TwoNewsrooms, name: str, action: str
) -> None:
    article = make_article(newsrooms.a.corpus)
    before = Event.objects.count()
    client = newsrooms.client(name)
    sent: dict[str, Any] = {
        "owners": ["ann"],
        "priority": "3",
        "reason": "So.",
        "due_at_0": "2026-12-01",
        "due_at_1": "12:00",
    }
    press(client, listed(newsrooms), action, [article], **sent)
    assert Event.objects.count() == before
    assert "bulk-actions" not in client.get(listed(newsrooms)).content.decode()


def test_articles_of_another_corpus_are_left_alone(newsrooms: TwoNewsrooms) -> None:
    foreign = newsrooms.b[Article]
    press(newsrooms.client("max"), listed(newsrooms), "exclude", [foreign], reason="So.")
    press(newsrooms.client("sue"), listed(newsrooms), "exclude", [foreign], reason="So.")
    foreign.refresh_from_db()
    assert not foreign.excluded_reason


def test_nothing_is_offered_for_several_corpora_or_an_archived_one(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sue")
    assert "bulk-actions" not in client.get(page(Article, "changelist")).content.decode()
    assert "bulk-actions" in client.get(listed(newsrooms)).content.decode()
    Corpus.objects.filter(pk=newsrooms.a.corpus.pk).update(archived=True)
    assert "bulk-actions" not in client.get(listed(newsrooms)).content.decode()


def test_each_filter_finds_its_articles(newsrooms: TwoNewsrooms) -> None:
    corpus = grow(newsrooms)
    make_article(corpus, title="of the Herald", source="Herald")
    theirs = make_article(corpus, title="of ben")
    make_set(theirs, newsrooms.ben)
    client = newsrooms.client("max")
    assert titles(client, listed(newsrooms, source="Herald")) == {"of the Herald"}
    assert "of the Herald" not in titles(client, listed(newsrooms, source="–"))
    assert titles(client, listed(newsrooms, annotator="ben")) == {"of ben"}
    assert titles(client, listed(newsrooms, annotator="nobody")) == set()
    copies, leads = (titles(client, listed(newsrooms, story=kind)) for kind in ("copies", "leads"))
    assert not copies & leads
    assert copies | leads == titles(client, listed(newsrooms))
    for wrong in ({"story": "x"}, {"source": "\0"}, {"annotator": "\0"}):
        assert client.get(listed(newsrooms, **wrong)).status_code in {302, 400}


def test_annotators_are_told_only_of_sets_that_they_may_know_of(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    doubled(newsrooms, submit=False, title="kiwi-double")
    rows = {
        row.title: row for row in newsrooms.client("ann").get(listed(newsrooms)).context["cl"].result_list
    }
    assert [each.owner for each in rows["kiwi-double"].listed_sets] == [newsrooms.ann]
    assert titles(newsrooms.client("ann"), listed(newsrooms, annotator="ben")) == set()
    shown = newsrooms.client("max").get(listed(newsrooms)).content.decode()
    assert "2 of 2: <bdi>ann</bdi>, <bdi>ben</bdi>" in shown


def test_the_queries_of_the_list_are_pinned_and_do_not_grow(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    add(newsrooms, FEW)
    few = queries(client, listed(newsrooms))
    add(newsrooms, FEW)
    assert queries(client, listed(newsrooms)) == few == QUERIES


def test_many_articles_cost_a_constant_number_of_queries(
    newsrooms: TwoNewsrooms, django_assert_max_num_queries: Any
) -> None:
    corpus, max_ = newsrooms.a.corpus, newsrooms.max
    ids = [make_article(corpus).pk for _ in range(30)]
    with django_assert_max_num_queries(12):
        assert due_dates.set_article_priority(max_, seen_by(max_, corpus), ids, 3) == 30
    with django_assert_max_num_queries(14):
        assert articles.exclude_articles(max_, seen_by(max_, corpus), ids, "So.") == 30


def test_without_people_nothing_is_handed_out_and_the_ticks_stay(newsrooms: TwoNewsrooms) -> None:
    article = make_article(grow(newsrooms))
    make_article(newsrooms.a.corpus)
    sent = {"bulk_action": "assign", "article": [str(article.pk)], "everything": "on"}
    answer = newsrooms.client("max").post(url(newsrooms, "hand_out"), sent)
    body = answer.content.decode()
    assert "Tick at least one person." in body
    assert f'value="{article.pk}" id="take-{article.pk}" checked' in body
    assert 'name="everything" checked' in body
    assert not AnnotationSet.objects.filter(article=article).exists()


def test_the_page_of_an_article_draws_what_is_approved_and_lists_its_revisions(
    newsrooms: TwoNewsrooms, approved: AnnotationSet
) -> None:
    address = page(Article, "change", newsrooms.a[Article].pk)
    body = newsrooms.client("vic").get(address).content.decode()
    span = approved.spans.get(label="actor")
    assert f"</span>{span.quote}</mark>" in body
    assert "Revision 1" in body
    waiting = make_article(newsrooms.a.corpus)
    make_span(make_set(waiting, newsrooms.ann))
    body = newsrooms.client("max").get(page(Article, "change", waiting.pk)).content.decode()
    assert "<mark" not in body, "only what is approved is drawn"
