"""Plain imports into what is there already: articles that exist, and the registry."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.enums import ArticleStatus
from annotations.exceptions import DuplicateError
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Corpus,
    Event,
    Proposition,
    Revision,
    Role,
    Span,
    Topic,
)
from annotations.services.core import corpora
from annotations.services.exchange.imports import LineError
from tests import factories
from tests.services.exchange import SPANS, TEXT, article, assert_sound, codes, put

pytestmark = pytest.mark.django_db


class TestConflicts:
    def test_the_first_existing_article_stops(self, max_: User, corpus: Corpus) -> None:
        put(max_, corpus, article(2))
        with pytest.raises(DuplicateError) as caught:
            put(max_, corpus, article(1), b"{}", article(2), article(3), b"{}")
        error = caught.value
        assert {name: error.data[name] for name in ("lines", "created", "failed")} == {
            "lines": 3, "created": 1, "failed": 2,
        }  # fmt: skip
        told = error.errors[-1]
        assert isinstance(told, LineError)
        assert (told.line, told.external_id, told.code) == (3, "a2", "duplicate")
        assert told.pointer == "/external_id"
        assert set(Article.objects.values_list("external_id", flat=True)) == {"a1", "a2"}

    def test_the_same_article_twice_in_one_file(self, max_: User, corpus: Corpus) -> None:
        report = put(max_, corpus, article(1), article(1), {"text": "x"}, {"text": "x"}, on_conflict="skip")
        assert (report.created, report.skipped) == (2, 2)
        with pytest.raises(DuplicateError):
            put(max_, corpus, article(5), article(5))

    def test_without_an_external_id_the_text_is_the_key(self, max_: User, corpus: Corpus) -> None:
        put(max_, corpus, {"text": TEXT, "title": "one"})
        assert put(max_, corpus, {"text": TEXT, "title": "two"}, on_conflict="skip").skipped == 1
        assert put(max_, corpus, {"text": TEXT + "\n"}, on_conflict="skip").created == 1

    def test_update_changes_what_was_sent(self, max_: User, corpus: Corpus) -> None:
        put(max_, corpus, {"external_id": "a1", "text": TEXT, "title": "old", "author": "N. N."})
        same = put(max_, corpus, {"external_id": "a1", "text": TEXT, "title": "old"}, on_conflict="update")
        assert (same.updated, same.skipped) == (0, 1)
        report = put(
            max_, corpus,
            {"external_id": "a1", "text": "A new text.", "title": "new", "metadata": {"k": 1}},
            on_conflict="update",
        )  # fmt: skip
        assert (report.updated, report.created) == (1, 0)
        stored = Article.objects.get()
        assert (stored.title, stored.author, stored.metadata, stored.revision.number) == (
            "new", "N. N.", {"k": 1}, 2,
        )  # fmt: skip
        assert stored.search_key == "new\na1\nn. n.\n"
        assert list(Event.objects.order_by("seq").values_list("action", flat=True))[-2:] == [
            "article_changed",
            "revision_added",
        ]
        assert_sound(corpus)

    def test_update_never_changes_a_set(self, max_: User, corpus: Corpus) -> None:
        put(max_, corpus, article(1), article(2, spans=None, relations=None))
        report = put(
            max_, corpus,
            article(1),
            article(1, title="new", spans=None, relations=None),
            article(1, text="other", spans=None, relations=None),
            article(1, annotators=2, spans=None, relations=None),
            article(2),
            on_conflict="update",
        )  # fmt: skip
        assert codes(report) == [
            (1, "has-set", "/spans"),
            (4, "not-allowed-now", "/annotators"),
        ]
        assert report.updated == 3
        # what is marked on the old text stays as it is, and goes on in a set on the new one
        old, new = AnnotationSet.objects.filter(article__external_id="a1").order_by("pk")
        assert (old.state, new.state, new.based_on) == ("superseded", "open", old)
        assert report.carried.total() == old.spans.count()
        assert Article.objects.get(external_id="a2").status == ArticleStatus.ANNOTATING
        assert_sound(corpus)

    def test_a_corrected_article_costs_few_queries(self, max_: User, corpus: Corpus) -> None:
        def correct(numbers: range) -> int:
            put(max_, corpus, *[article(number) for number in numbers])
            lines = [
                {"external_id": f"a{number}", "text": f"{TEXT}\r\n\r\nCorrected {number}."}
                for number in numbers
            ]
            with CaptureQueriesContext(connection) as captured:
                assert put(max_, corpus, *lines, on_conflict="update").updated == len(numbers)
            return len(captured)

        few, many = correct(range(2)), correct(range(2, 14))
        # revision, article, set, carry-over, spans, relations, versions and events; all else is per batch
        assert many - few <= 10 * 11
        carried = AnnotationSet.objects.filter(revision__number=2).values_list("article__status", "blind")
        assert set(carried) == {(ArticleStatus.ANNOTATING, False)}
        assert_sound(corpus)

    def test_update_gives_no_set_to_one_too_many(self, max_: User, corpus: Corpus) -> None:
        ann = factories.make_user("ann")
        corpora.add_member(max_, corpus.pk, ann, Role.ANNOTATOR)
        put(max_, corpus, article(1))
        report = put(max_, corpus, article(1), on_conflict="update", owner=ann)
        assert codes(report) == [(1, "not-allowed-now", "/spans")]

    @pytest.mark.parametrize("on_conflict", ["skip", "update"])
    def test_a_dry_run_tells_the_same_and_writes_nothing(
        self, max_: User, corpus: Corpus, on_conflict: str
    ) -> None:
        put(max_, corpus, {"external_id": "a1", "text": TEXT})
        before = [model.objects.count() for model in (Article, Revision, Event, Span, Actor, User)]
        lines: list[Any] = [
            {"type": "actor", "id": "x", "name": "Ardenia", "kind": "state"},
            {"external_id": "a1", "text": TEXT, "title": "new"},
            article(2, spans=[{**SPANS[0], "actor": "x"}], relations=[]),
            article(2),
            article(3, url="no"),
            article(4, spans=[{**SPANS[0], "actor": "y"}], relations=[]),
        ]
        tried = put(max_, corpus, *lines, on_conflict=on_conflict, dry_run=True).as_dict()
        assert [model.objects.count() for model in (Article, Revision, Event, Span, Actor, User)] == before
        done = put(max_, corpus, *lines, on_conflict=on_conflict).as_dict()
        assert tried["dry_run"] is True
        names = ("lines", "created", "failed")
        assert [tried[name] for name in names] == [6, 1, 2 if on_conflict == "skip" else tried["failed"]]
        assert [tried[name] for name in names[:2]] == [done[name] for name in names[:2]]


class TestRegistry:
    def lines(self) -> list[dict[str, Any]]:
        return [
            {"type": "actor", "id": "minister", "name": "Mira", "kind": "person", "parent": "state"},
            {"type": "actor", "id": "state", "name": "Ardenia", "kind": "state", "aliases": [{"text": "A."}]},
            {"type": "topic", "id": "t", "name": "Lock"},
            {"type": "proposition", "id": "p", "topic": "t", "text": "Open it.", "kind": "issue"},
            article(
                1,
                spans=[
                    {**SPANS[0], "actor": "state"},
                    {"label": "position", "start": 36, "end": 40, "proposition": "p"},
                ],
                relations=[],
            ),
        ]

    def test_articles_link_to_what_stands_before_them(self, max_: User, corpus: Corpus) -> None:
        report = put(max_, corpus, *self.lines())
        assert (report.created, report.failed, report.ids_replaced) == (1, 0, 5)
        mira = Actor.objects.get(name="Mira")
        assert mira.parent is not None
        assert mira.parent.name == "Ardenia"
        assert list(mira.parent.aliases.values_list("text", "folded")) == [("A.", "a.")]
        proposition = Proposition.objects.get()
        assert proposition.topic == Topic.objects.get()
        assert proposition.status == "proposed"
        assert Span.objects.get(label="actor").actor == mira.parent
        assert Span.objects.get(label="position").proposition == proposition
        assert_sound(corpus)
        again = put(max_, corpus, *self.lines(), on_conflict="skip")
        assert (again.skipped, again.ids_replaced, again.failed, len(again.losses)) == (1, 0, 0, 0)
        assert Actor.objects.count() == 2

    def test_what_is_there_stays_as_it_is(self, max_: User, corpus: Corpus) -> None:
        put(max_, corpus, *self.lines())
        changed = [
            {"type": "actor", "id": "state", "name": "Ardénia", "kind": "state"},
            {"type": "topic", "id": "t2", "name": "Lock"},
            {"type": "proposition", "id": "p2", "topic": "t2", "text": "Shut it.", "kind": "issue"},
        ]
        report = put(max_, corpus, *changed)
        assert report.losses.as_list() == [{"what": "registry", "count": 1, "ids": ["state"]}]
        assert Topic.objects.count() == 1
        assert Proposition.objects.filter(topic=Topic.objects.get()).count() == 2

    def test_pointers_lead_somewhere_and_not_in_circles(self, max_: User, corpus: Corpus) -> None:
        def actor(id: str, **fields: Any) -> dict[str, Any]:
            return {"type": "actor", "id": id, "name": id, "kind": "other", **fields}

        report = put(
            max_, corpus,
            actor("a", parent="b"),
            actor("b", parent="c"),
            actor("c", parent="a"),
            actor("d", parent="nobody"),
            actor("e", merged_into="d"),
            actor("f", parent="f"),
            actor("g"),
            actor("g"),
            actor("h", name="\ufdfa" * 100),
            {"type": "proposition", "id": "p", "topic": "t", "text": "x", "kind": "issue"},
        )  # fmt: skip
        assert codes(report) == [
            (1, "invalid", "/parent"),
            (2, "invalid", "/parent"),
            (3, "invalid", "/parent"),
            (4, "not-in-corpus", "/parent"),
            (5, "not-in-corpus", "/merged_into"),
            (6, "invalid", "/parent"),
            (8, "duplicate", "/id"),
            (10, "not-in-corpus", "/topic"),
        ]
        assert set(Actor.objects.values_list("name", flat=True)) == {"g", "\ufdfa" * 100}
        assert_sound(corpus)
