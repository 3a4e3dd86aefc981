"""Exports: what is in them, who sees it, that they are one moment, and that they stay small."""

from __future__ import annotations

import hashlib
import threading
import tracemalloc
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from annotations.enums import State
from annotations.exceptions import FormatLossError, InvalidInputError, NotVisibleError
from annotations.models import AnnotationSet, Article, Corpus, Role, Span, uuid7
from annotations.services.core import corpora
from annotations.services.core.snapshot import read_snapshot
from annotations.services.exchange import exports
from annotations.services.exchange.exports import corpus_reader, export_corpus
from tests import factories
from tests.services.exchange import SEEDS, SPANS, TEXT, article, get, lines_of, put, restore
from tests.services.small_newsroom import SmallNewsroom


def sets_of(data: bytes) -> list[dict[str, Any]]:
    return [row for line in lines_of(data) for row in line["sets"]]


@pytest.mark.django_db
class TestContent:
    def test_which_sets(self) -> None:
        newsroom = SmallNewsroom()
        for number, moves in enumerate(([], ["submit"], ["submit"])):
            newsroom.move("ann", newsroom.work("ann", newsroom.article(f"a{number}")), *moves)
        row = newsroom.move("ben", newsroom.work("ben", newsroom.article("a9")), "submit")
        newsroom.move("rae", row, "start_review", "approve")
        found = {
            word: sorted(row["state"] for row in sets_of(get(None, newsroom.corpus, sets=word)))
            for word in exports.SET_STATES
        }
        assert found == {
            "approved": ["approved"],
            "submitted": ["approved", "submitted", "submitted"],
            "all": ["approved", "open", "submitted", "submitted"],
            "none": [],
        }
        assert len(lines_of(get(None, newsroom.corpus, sets="none"))) == 4

    def test_lines_stand_in_the_order_of_their_ids(self) -> None:
        newsroom = SmallNewsroom()
        for number in range(7):
            newsroom.work("ann", newsroom.article(f"a{number}"), actor=newsroom.actor(f"A{number}").pk)
        data = get(None, newsroom.corpus, sets="all")
        for type_ in ("actor", "article"):
            ids = [line["id"] for line in lines_of(data, type_)]
            assert ids == sorted(ids)
        for row in sets_of(data):
            places = [(span["start"], span["end"], span["id"]) for span in row["spans"]]
            assert places == sorted(places)
            assert {span["set"] for span in row["spans"]} == {row["id"]}
            assert len(row["relations"]) == 1
            assert [comment["text"] for comment in row["comments"]] == ["Is it?", "It is.", "And who?"]

    @pytest.mark.parametrize(("articles", "weight"), [(1, 10**9), (3, 10**9), (200, 1), (200, 10**9)])
    def test_chunks_do_not_show(self, articles: int, weight: int, monkeypatch: pytest.MonkeyPatch) -> None:
        newsroom = SmallNewsroom()
        for number in range(7):
            if number % 2:
                newsroom.work("ann", newsroom.article(f"a{number}"))
            else:
                newsroom.article(f"a{number}")
        whole = get(None, newsroom.corpus, sets="all")
        monkeypatch.setattr(corpus_reader, "MAX_CHUNK_ARTICLES", articles)
        monkeypatch.setattr(corpus_reader, "MAX_CHUNK_WEIGHT", weight)
        assert get(None, newsroom.corpus, sets="all") == whole
        tables = [get(None, newsroom.corpus, name, sets="all") for name in ("quotes", "positions", "text")]
        monkeypatch.undo()
        assert tables == [
            get(None, newsroom.corpus, name, sets="all") for name in ("quotes", "positions", "text")
        ]

    def test_articles_can_be_filtered(self) -> None:
        newsroom = SmallNewsroom()
        for number in range(6):
            newsroom.work("ann", newsroom.article(f"a{number}"))
        some: QuerySet[Article] = Article.objects.filter(external_id__in=["a1", "a4"])
        data = get(None, newsroom.corpus, sets="all", articles=some)
        assert [line["external_id"] for line in lines_of(data)] == ["a1", "a4"]
        assert len(sets_of(data)) == 2
        seen = get(newsroom.people["max"], newsroom.corpus, sets="all", articles=some)
        assert seen == data

    def test_other_corpora_stay_out(self) -> None:
        one, other = SmallNewsroom("one"), SmallNewsroom("other")
        for name in ("A", "B"):
            for newsroom in (one, other):
                newsroom.work("ann", newsroom.article(str(uuid7())), actor=newsroom.actor(name).pk)
        data = get(None, one.corpus, sets="all")
        assert len(lines_of(data)) == len(lines_of(data, "actor")) == 2
        assert {line["corpus"] for line in lines_of(data)} == {"one"}

    def test_the_file_says_what_it_is(self) -> None:
        newsroom = SmallNewsroom()
        newsroom.work("ann", newsroom.article("a1"))
        made = export_corpus(None, newsroom.corpus, format="jsonl", sets="all")
        data = made.file.read()
        assert (made.filename, made.media_type, made.records) == ("lake.jsonl", "application/x-ndjson", 2)
        assert (made.length, made.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert (made.losses, made.loss_count) == ([], 0)
        made.file.close()

    def test_losses_are_told_or_refused(self) -> None:
        newsroom = SmallNewsroom()
        newsroom.work("ann", newsroom.article("a1"))
        with export_corpus(None, newsroom.corpus, format="quotes", sets="all").file:
            made = export_corpus(None, newsroom.corpus, format="quotes", sets="all")
            assert {loss["what"]: loss["count"] for loss in made.losses} == {"relations": 1, "comments": 3}
            assert made.loss_count == 4
            made.file.close()
        with pytest.raises(FormatLossError) as caught:
            export_corpus(None, newsroom.corpus, format="quotes", sets="all", strict=True)
        assert caught.value.data["losses"] == made.losses
        assert get(None, newsroom.corpus, "quotes", sets="approved", strict=True)
        assert get(None, newsroom.corpus, "jsonl", sets="all", strict=True)

    @pytest.mark.parametrize("option", [{"format": "xml"}, {"sets": "some"}, {"dialect": "excel"}])
    def test_unknown_words_are_refused(self, option: dict[str, Any]) -> None:
        with pytest.raises(InvalidInputError):
            export_corpus(None, SmallNewsroom().corpus, **{"format": "jsonl", **option})


@pytest.mark.django_db
class TestWhoSees:
    def owners(self, by: User, corpus: Corpus) -> list[str]:
        return sorted(row["owner"] for row in sets_of(get(by, corpus, sets="all")))

    def test_what_each_role_sees(self) -> None:
        newsroom = SmallNewsroom()
        vic, sam, root = (factories.make_user(name) for name in ("vic", "sam", "root"))
        User.objects.filter(pk=root.pk).update(is_superuser=True)
        root.refresh_from_db()
        corpora.add_member(newsroom.people["max"], newsroom.corpus.pk, vic, Role.VIEWER)
        newsroom.work("ann", newsroom.article("a1"))
        newsroom.work("ben", newsroom.article("a2"))
        gold = newsroom.move("ben", newsroom.work("ben", newsroom.article("a3")), "submit")
        newsroom.move("rae", gold, "start_review", "approve")
        blind = newsroom.article("a4", annotators=2)
        newsroom.work("ann", blind)
        seen = {
            name: self.owners(person, newsroom.corpus)
            for name, person in {**newsroom.people, "vic": vic, "root": root}.items()
        }
        assert seen == {
            "max": ["ann", "ben", "ben"],
            "rae": ["ann", "ben", "ben"],
            "root": ["ann", "ben", "ben"],
            "ann": ["ann", "ann", "ben"],
            "ben": ["ben", "ben"],
            "vic": ["ben"],
        }
        assert len(sets_of(get(None, newsroom.corpus, sets="all"))) == 4
        with pytest.raises(NotVisibleError):
            get(sam, newsroom.corpus)

    def test_only_managers_see_how_many_annotate(self) -> None:
        newsroom = SmallNewsroom()
        newsroom.article("a1", annotators=2)
        seen = {
            name: lines_of(get(person, newsroom.corpus))[0]["annotators"]
            for name, person in newsroom.people.items()
        }
        assert seen == {"max": 2, "rae": None, "ann": None, "ben": None}


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    newsroom = SmallNewsroom()
    newsroom.work("ann", newsroom.article("a0"))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            get(newsroom.people["max"], newsroom.corpus, sets="all")
        return len(queries)

    few = count()
    for number in range(1, 6):
        newsroom.work("ann", newsroom.article(f"a{number}"))
    assert count() == few < 23


@pytest.mark.django_db(transaction=True)
class TestOneMoment:
    """Trap T4: several queries inside ``atomic()`` see several moments on PostgreSQL."""

    EXPORTS = 20

    def corpus(self) -> tuple[User, Corpus]:
        max_ = factories.make_user("max")
        corpus = factories.make_corpus("lake", manager=max_)
        put(max_, corpus, *(article(number) for number in range(40)))
        return max_, corpus

    def torn(self, corpus: Corpus) -> int:
        """How many of some exports hold one half of a pair, while pairs are committed all the time."""
        rows = list(AnnotationSet.objects.filter(corpus=corpus).order_by("pk").values_list("pk", flat=True))
        stop = threading.Event()
        writer = threading.Thread(target=self.write, args=(rows, stop))
        writer.start()
        try:
            torn = 0
            for _ in range(self.EXPORTS):
                counts = {
                    row["id"]: sum(span["label"] == "position" for span in row["spans"])
                    for row in sets_of(get(None, corpus, sets="all"))
                }
                torn += counts[str(rows[0])] != counts[str(rows[-1])]
        finally:
            stop.set()
            writer.join()
        return torn

    def write(self, rows: list[Any], stop: threading.Event) -> None:
        number = 0
        try:
            while not stop.is_set():
                number = number % (len(TEXT) - 1) + 1
                with transaction.atomic():
                    for row in (rows[0], rows[-1]):
                        Span.objects.filter(set_id=row, label="position", start=number - 1).delete()
                        if number % 2:
                            Span.objects.create(
                                set_id=row, label="position", start=number - 1, end=number,
                                quote=TEXT[number - 1 : number],
                            )  # fmt: skip
        finally:
            connection.close()

    def test_no_export_is_torn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # one chunk for each article, so that the two halves are read by different queries
        monkeypatch.setattr(corpus_reader, "MAX_CHUNK_ARTICLES", 1)
        _, corpus = self.corpus()
        assert self.torn(corpus) == 0

    @pytest.mark.postgres
    def test_without_the_snapshot_they_are(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(corpus_reader, "MAX_CHUNK_ARTICLES", 1)
        monkeypatch.setattr(exports, "read_snapshot", transaction.atomic)
        _, corpus = self.corpus()
        assert self.torn(corpus) > 0

    def test_a_snapshot_only_reads(self) -> None:
        _, corpus = self.corpus()
        with read_snapshot():
            assert Article.objects.filter(corpus=corpus).count() == 40
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SHOW transaction_isolation")
                    assert cursor.fetchone() == ("repeatable read",)
                    cursor.execute("SHOW transaction_read_only")
                    assert cursor.fetchone() == ("on",)

    @pytest.mark.sqlite
    def test_a_snapshot_locks_no_writer_out(self) -> None:
        max_, corpus = self.corpus()
        done: list[int] = []

        def write() -> None:
            try:
                done.append(put(max_, corpus, article(99)).created)
            finally:
                connection.close()

        with read_snapshot():
            assert Article.objects.count() == 40
            writer = threading.Thread(target=write)
            writer.start()
            writer.join(600)
            assert done == [1]
            assert Article.objects.count() == 40
        assert Article.objects.count() == 41

    def test_a_snapshot_is_not_taken_inside_a_transaction(self) -> None:
        with transaction.atomic(), pytest.raises(RuntimeError), read_snapshot():
            pass

    def test_transactions_are_immediate_again_afterwards(self) -> None:
        mode = getattr(connection, "transaction_mode", None)
        with read_snapshot():
            pass
        with pytest.raises(ZeroDivisionError), read_snapshot():
            raise ZeroDivisionError
        assert getattr(connection, "transaction_mode", None) == mode

    def test_no_connection_is_held_for_the_download(self) -> None:
        _, corpus = self.corpus()
        made = export_corpus(None, corpus, format="jsonl")
        assert connection.connection is None
        assert made.file.read(1) == b"{"
        made.file.close()


@pytest.mark.django_db
def test_memory_holds_a_chunk_and_not_the_corpus() -> None:
    max_ = factories.make_user("max")
    corpus = factories.make_corpus("lake", manager=max_)
    marks = [{**SPANS[0], "id": None, "start": n, "end": n + 3, "quote": None} for n in range(50)]

    def peak() -> int:
        get_ = export_corpus(None, corpus, format="jsonl", sets="all")
        get_.file.close()
        tracemalloc.start()
        try:
            export_corpus(None, corpus, format="jsonl", sets="all").file.close()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    put(max_, corpus, *(article(n, spans=marks, relations=None) for n in range(150)))
    small = peak()
    put(max_, corpus, *(article(n, spans=marks, relations=None) for n in range(150, 500)))
    assert AnnotationSet.objects.count() == 500
    assert peak() < small + 2_000_000


@pytest.mark.django_db
def test_the_demo_in_every_selection() -> None:
    restore(SEEDS.read_bytes())
    corpus = Corpus.objects.get(slug="demo")
    found = {word: len(sets_of(get(None, corpus, sets=word))) for word in exports.SET_STATES}
    assert found == {
        word: AnnotationSet.objects.filter(state__in=states).count()
        for word, states in exports.SET_STATES.items()
    }
    assert State.APPROVED in {row["state"] for row in sets_of(get(None, corpus))}
