"""The trail in words that people read."""

from __future__ import annotations

from annotations.admin.history import EVENT_WORDINGS
from annotations.models import Actor, AnnotationSet, Article, Corpus, Event
from annotations.services.core.events import OTHER_ACTIONS, SET_ACTIONS
from tests.admin.conftest import TwoNewsrooms, page
from tests.factories import move


def test_every_action_has_its_sentence() -> None:
    assert set(EVENT_WORDINGS) == set(SET_ACTIONS) | set(OTHER_ACTIONS)


def test_the_history_of_a_set_tells_who_did_what_and_why(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    move(newsrooms.max, row, "withdraw", reason="Wrong <article>.")
    for name in ("max", "rae", "ann"):
        body = newsrooms.client(name).get(page(AnnotationSet, "history", row.pk)).content.decode()
        assert "marked" in body
        assert "“<bdi>Ada Verde</bdi>”" in body
        assert '<bdi class="who">max</bdi> withdrew it' in body
        assert "Wrong &lt;article&gt;." in body


def test_a_long_history_comes_in_pages(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    told = Event.objects.filter(set_id=row.pk)[0]
    told.action, told.data = "comment_added", {"before": None, "after": {"text": "so"}}
    columns = [field.attname for field in Event._meta.fields if field.attname != "seq"]
    facts = {name: getattr(told, name) for name in columns}
    Event.objects.bulk_create(Event(**facts) for _ in range(150))
    url = page(AnnotationSet, "history", row.pk)
    client = newsrooms.client("max")
    assert client.get(url).content.count(b"<time") == 100
    assert 50 < client.get(url, {"p": "2"}).content.count(b"<time") < 100
    for odd in ("0", "x", "999", "\x00", "9" * 5000):
        assert client.get(url, {"p": odd}).status_code == 200


def test_managers_read_the_history_of_what_they_manage(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    for model, sentence in (
        (Corpus, "founded the corpus"),
        (Article, "added the article"),
        (Actor, "added the actor"),
    ):
        assert sentence in client.get(page(model, "history", newsrooms.a[model].pk)).content.decode()


def test_facts_that_no_sentence_foresees_still_read(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    event = Event.objects.filter(set_id=row.pk)[0]
    for action, data in (
        ("unheard_of", {}),
        ("span_added", {"before": None, "after": None}),
        ("created", {}),
    ):
        Event.objects.filter(pk=event.pk).update(action=action, data=data)
        assert newsrooms.client("max").get(page(Event, "changelist")).status_code == 200
        assert newsrooms.client("max").get(page(Event, "change", event.pk)).status_code == 200
