"""Work is handed out by priority and due date, within limits, to each once, and stuck work comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotations.models import AnnotationSet, Article, Corpus, Event, Notification, Role, Span
from annotations.services.core import corpora
from tests import factories
from tests.newsroom import Newsroom, new_id, span

pytestmark = pytest.mark.django_db

QUEUE, ASSIGN = "corpora/lake/queue/", "corpora/lake/assignments/"
ANNOTATE = {"task": "annotate"}


def taken(newsroom: Newsroom, who: str, **more: Any) -> Any:
    reply = newsroom[who].post(QUEUE, {**ANNOTATE, **more})
    assert reply.status == 200, reply
    return reply.data["set"]


def corpus(newsroom: Newsroom, **fields: Any) -> None:
    Corpus.objects.filter(pk=newsroom.lake.pk).update(**fields)


def test_the_queue_goes_by_priority(newsroom: Newsroom) -> None:
    newsroom.article()
    urgent = newsroom.article(priority=5)
    assert taken(newsroom, "ann")["article"] == str(urgent.pk)
    raised = newsroom.article()
    seen = newsroom.max.get(f"articles/{raised.pk}/")
    assert seen.data["priority"] == 0
    changed = newsroom.max.patch(f"articles/{raised.pk}/", {"priority": 9}, seen.version)
    assert (changed.status, changed.data["priority"]) == (200, 9)
    assert taken(newsroom, "ben")["article"] == str(raised.pk)


def test_own_work_that_is_due_first_comes_first(newsroom: Newsroom) -> None:
    later, sooner = newsroom.article(), newsroom.article()
    for article, days in ((later, 9), (sooner, 2)):
        due = (timezone.now() + timedelta(days=days)).isoformat()
        newsroom.max.post(f"articles/{article.pk}/sets/", {"owner": "ann", "due_at": due})
    assert taken(newsroom, "ann")["article"] == str(sooner.pk)


def test_another_one_is_taken_up_to_the_limit(newsroom: Newsroom) -> None:
    for _ in range(4):
        newsroom.article()
    first = taken(newsroom, "ann")
    assert taken(newsroom, "ann")["id"] == first["id"]
    id = new_id()
    second = taken(newsroom, "ann", another=True, id=id)
    assert second["id"] == id != first["id"]
    assert taken(newsroom, "ann", another=True, id=id)["id"] == id
    assert newsroom.ben.post(QUEUE, {**ANNOTATE, "id": id}).refusal == (409, "id-taken")
    seen = newsroom.max.get("corpora/lake/")
    assert (seen.data["most_open"], seen.data["double_share"]) == (None, 5)
    newsroom.max.patch("corpora/lake/", {"most_open": 2}, seen.version)
    full = newsroom.ann.post(QUEUE, {**ANNOTATE, "another": True})
    assert full.data["set"] is None
    assert "at most" in full.data["reason"] or "up to 2" in full.data["reason"]
    assert taken(newsroom, "ann")["id"] == first["id"]


def events_of(action: str) -> list[Event]:
    return list(Event.objects.filter(action=action).order_by("seq"))


def owing(newsroom: Newsroom, *, beginner: bool = False, **fields: Any) -> Any:
    """A set of ann's on a fresh article, at a moment when the share asks for one second annotation."""
    if not beginner:
        newsroom.submitted("ben")
    corpus(newsroom, handed_out=19, **fields)
    newsroom.article()
    return taken(newsroom, "ann")


def test_one_of_twenty_is_silently_done_twice(newsroom: Newsroom) -> None:
    newsroom.submitted("ben")
    for _ in range(50):
        newsroom.article()
    mine = [taken(newsroom, "ann", another=True)["article"] for _ in range(40)]
    assert events_of("article_doubled") == []  # nobody waits for somebody who may never come
    second = [taken(newsroom, "ben", another=True) for _ in range(4)]
    doubled = Article.objects.filter(doubled=True)
    assert {row["article"] for row in second[:2]} == {str(article.pk) for article in doubled}
    assert not set(mine) & {row["article"] for row in second[2:]}
    assert Article.objects.filter(annotators=2).count() == doubled.count() == 2
    told = events_of("article_doubled")
    assert {event.article_id for event in told} == {article.pk for article in doubled}
    # managers are shown it, and nobody else sees a difference
    shown = {
        who: newsroom[who].get(f"articles/{doubled[0].pk}/").data for who in ("ann", "ben", "rae", "vic")
    }
    assert {who: row["annotators"] for who, row in shown.items()} == dict.fromkeys(shown)
    assert {row["version"] for row in shown.values()} == {1}
    assert newsroom.max.get(f"articles/{doubled[0].pk}/").data["annotators"] == 2
    assert Corpus.objects.get(pk=newsroom.lake.pk).handed_out == 42


def test_a_beginner_gets_no_second_annotation(newsroom: Newsroom) -> None:
    row = owing(newsroom, beginner=True)
    assert taken(newsroom, "ben") is None
    newsroom.article()
    assert taken(newsroom, "ben")["article"] != row["article"]


def test_single_work_is_reviewed_as_ever_while_a_second_annotation_is_owed(newsroom: Newsroom) -> None:
    row = owing(newsroom)
    assert newsroom.ann.move(row["id"], "submit").status == 200
    assert newsroom.max.get(f"articles/{row['article']}/").data["status"] == "ready_for_review"
    assert newsroom.rae.move(row["id"], "start-review").status == 200
    # what was handed over is done twice no more
    newsroom.article()
    assert taken(newsroom, "ben")["article"] != row["article"]
    assert newsroom.rae.move(row["id"], "approve").status == 200
    assert events_of("article_doubled") == []


@pytest.mark.parametrize(("gives_up", "stays"), [("ben", "ann"), ("ann", "ben")])
@pytest.mark.parametrize("first", [True, False])
def test_when_one_of_two_gives_up_the_other_is_reviewed(
    newsroom: Newsroom, gives_up: str, stays: str, first: bool
) -> None:
    rows = {"ann": owing(newsroom)["id"], "ben": taken(newsroom, "ben")["id"]}
    assert newsroom.rae.get(f"sets/{rows['ann']}/").status == 404
    if first:
        newsroom[stays].move(rows[stays], "submit")
    unassigned = newsroom.max.move(rows[gives_up], "unassign")
    assert unassigned.status == 200, unassigned
    if not first:
        newsroom[stays].move(rows[stays], "submit")
    (told,) = events_of("article_single_again")
    assert told.data == {"before": {"annotators": 2}, "after": {"annotators": 1}}
    article = newsroom.max.get(f"articles/{told.article_id}/").data
    assert (article["status"], article["annotators"], article["version"]) == ("ready_for_review", 1, 1)
    assert newsroom.rae.move(rows[stays], "start-review").status == 200
    assert newsroom.rae.move(rows[stays], "approve").status == 200
    assert newsroom.max.get(f"articles/{told.article_id}/").data["status"] == "done"


def test_a_silent_double_is_compared_and_settled_as_any(newsroom: Newsroom) -> None:
    rows = {"ann": owing(newsroom)["id"], "ben": taken(newsroom, "ben")["id"]}
    for who, id in rows.items():
        newsroom[who].post(f"sets/{id}/spans/", span())
        assert newsroom[who].move(id, "submit").status == 200
    assert newsroom.max.get("corpora/lake/agreement/").data["articles"] == 1
    made = newsroom.rae.post("corpora/lake/queue/", {"task": "adjudicate"}).data["set"]
    assert newsroom.max.move(rows["ben"], "withdraw", reason="Lost.").status == 200
    assert newsroom.max.get(f"articles/{made['article']}/").data["annotators"] == 2  # it is being settled
    assert newsroom.rae.move(made["id"], "submit").status == 200
    assert newsroom.max.move(made["id"], "start-review").status == 200
    assert newsroom.max.move(made["id"], "approve").status == 200
    assert events_of("article_single_again") == []


@pytest.mark.parametrize("change", [{"double_share": 0}, {"annotators_per_article": 2}])
def test_nothing_is_doubled_where_it_is_not_wanted(newsroom: Newsroom, change: dict[str, Any]) -> None:
    row = owing(newsroom, **change)
    assert taken(newsroom, "ben") is None or change != {"double_share": 0}
    assert row is not None
    assert events_of("article_doubled") == []


def test_nothing_is_doubled_that_nobody_could_finish(newsroom: Newsroom) -> None:
    corpora.update_member(newsroom.user("max"), newsroom.lake.pk, "rae", Role.ANNOTATOR, version=1)
    owing(newsroom)
    assert taken(newsroom, "ben") is None
    assert Corpus.objects.get(pk=newsroom.lake.pk).handed_out == 19


def test_whoever_may_have_looked_is_no_second_annotator(newsroom: Newsroom) -> None:
    row = owing(newsroom)
    assert taken(newsroom, "rae") is None
    newsroom.rae.post(f"sets/{row['id']}/comments/", {"text": "Look at the last paragraph."})
    assert taken(newsroom, "ben") is None
    assert events_of("article_doubled") == []


def test_reviewers_are_not_handed_what_then_nobody_could_approve(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    assert taken(newsroom, "rae") is None
    assert taken(newsroom, "ann")["article"] == str(article.pk)
    assert taken(newsroom, "ben")["article"] == str(article.pk)


def test_assigning_in_bulk_goes_round(newsroom: Newsroom) -> None:
    articles = [str(newsroom.article().pk) for _ in range(4)]
    due = "2030-01-01T00:00:00Z"
    sent = {"articles": articles, "owners": ["ann", "ben"], "strategy": "round_robin", "due_at": due}
    reply = newsroom.max.post(ASSIGN, sent)
    assert reply.status == 201, reply
    assert [(row["article"], row["owner"]) for row in reply.data] == list(
        zip(articles, ["ann", "ben", "ann", "ben"], strict=True)
    )
    assert {row["due_at"] for row in reply.data} == {due}
    assert Notification.objects.filter(kind="assigned", recipient__username="ann").count() == 2
    # the same again finds no room, and makes nothing
    assert newsroom.max.post(ASSIGN, sent).refusal == (409, "not-allowed-now")
    assert AnnotationSet.objects.count() == 4


def test_assigning_in_bulk_looks_at_the_load_and_at_places(newsroom: Newsroom) -> None:
    newsroom.set("ann")
    newsroom.set("ann")
    single, double = newsroom.article(), newsroom.article(annotators=2)
    ids = [str(single.pk), str(double.pk)]
    sent = {"articles": ids, "owners": ["ann", "ben"], "strategy": "least_loaded"}
    made = newsroom.max.post(ASSIGN, sent).data
    assert sorted((row["article"], row["owner"]) for row in made) == sorted(
        [(ids[0], "ben"), (ids[1], "ann"), (ids[1], "ben")]
    )
    assert AnnotationSet.objects.filter(article=double, blind=True).count() == 2


def test_assigning_in_bulk_by_filter(newsroom: Newsroom) -> None:
    here, _ = newsroom.article(source="Courier", priority=1), newsroom.article(source="Herald")
    newsroom.set("ann", newsroom.article(source="Courier"))
    sent = {"filter": {"source": "Courier"}, "owners": ["ben"]}
    made = newsroom.max.post(ASSIGN, sent)
    assert made.status == 201, made
    assert [row["article"] for row in made.data] == [str(here.pk)]
    assert newsroom.max.post(ASSIGN, sent).pointers == ["/filter"]
    assert newsroom.max.post(ASSIGN, {**sent, "filter": {"colour": "red"}}).pointers == ["/filter/colour"]
    assert newsroom.max.post(ASSIGN, {**sent, "filter": {"status": "lost"}}).pointers == ["/filter/status"]
    assert newsroom.max.post(ASSIGN, {"owners": ["ben"]}).refusal == (400, "invalid")


def test_assigning_in_bulk_is_all_or_nothing(newsroom: Newsroom) -> None:
    free, full = newsroom.article(), newsroom.set("ann").article
    abroad = factories.make_article(newsroom.sea)
    for sent, refusal, pointer in (
        ({"articles": [str(free.pk), str(full.pk)]}, (409, "not-allowed-now"), "/articles/1"),
        ({"articles": [str(free.pk), str(abroad.pk)]}, (422, "not-in-corpus"), "/articles/1"),
        ({"articles": [str(free.pk), str(free.pk)]}, (400, "invalid"), "/articles/1"),
        ({"owners": ["ben", "nobody"]}, (422, "unknown-user"), "/owners/1"),
        ({"owners": ["ben", "vic"]}, (422, "not-in-corpus"), "/owners/1"),
        ({"owners": ["ben", "ben"]}, (400, "invalid"), "/owners/1"),
    ):
        reply = newsroom.max.post(ASSIGN, {"articles": [str(free.pk)], "owners": ["ben"], **sent})
        assert (reply.refusal, reply.pointers) == (refusal, [pointer])
    assert AnnotationSet.objects.count() == 1


def test_bulk_costs_no_more_queries_for_more_articles(
    newsroom: Newsroom, django_assert_max_num_queries: Any
) -> None:
    ids = [str(newsroom.article().pk) for _ in range(30)]
    with django_assert_max_num_queries(40):
        assert newsroom.max.post(ASSIGN, {"articles": ids, "owners": ["ann", "ben"]}).status == 201


def stuck(newsroom: Newsroom, **parameters: Any) -> list[str]:
    return [row["id"] for row in newsroom.max.all("corpora/lake/stuck/", **parameters)]


def test_stuck_work_is_listed_and_released_with_what_is_marked(newsroom: Newsroom) -> None:
    row, busy = newsroom.set("ann"), newsroom.set("ben")
    factories.make_span(row)
    old = timezone.now() - timedelta(days=8)
    Event.objects.filter(set_id=row.pk).update(time=old)
    assert stuck(newsroom) == [str(row.pk)]
    assert stuck(newsroom, days=9) == []
    assert set(stuck(newsroom, days=0)) == {str(row.pk), str(busy.pk)}
    assert newsroom.max.all("corpora/lake/stuck/")[0]["last_at"] == old.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert newsroom.rae.get("corpora/lake/stuck/").refusal == (403, "role")
    assert newsroom.rae.move(row.pk, "unassign").refusal == (403, "role")
    unassigned = newsroom.max.move(row.pk, "unassign")
    assert (unassigned.status, unassigned.data["state"]) == (200, "withdrawn")
    assert newsroom.max.get(f"articles/{row.article_id}/").data["status"] == "unassigned"
    # not to the same person again; whoever takes it goes on, and the work keeps both authors
    assert taken(newsroom, "ann") is None
    got = taken(newsroom, "rae")
    assert (got["article"], got["based_on"]) == (str(row.article_id), str(row.pk))
    assert Span.objects.filter(set=got["id"]).count() == Span.objects.filter(set=row.pk).count() == 1


def test_unassigned_blind_work_is_not_handed_on(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    row = newsroom.set("ann", article)
    factories.make_span(row)
    newsroom.set("rae", article)
    newsroom.max.move(row.pk, "unassign")
    got = taken(newsroom, "ben")
    assert (got["article"], got["based_on"]) == (str(article.pk), None)
    assert not Span.objects.filter(set=got["id"]).exists()
