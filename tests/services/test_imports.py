"""Plain imports: what they store, what they refuse, and that a retry makes no second copy."""

from __future__ import annotations

import io
import json
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection

from annotations.enums import ArticleStatus, State
from annotations.exceptions import (
    InsufficientRoleError,
    InUseError,
    InvalidInputError,
    NotAllowedNowError,
    NotInCorpusError,
    NotVisibleError,
)
from annotations.models import (
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Event,
    Membership,
    Relation,
    Role,
    Span,
    Topic,
    bulk,
)
from annotations.services.core import corpora
from annotations.services.exchange.imports import ImportOptions, batch, context, import_file, prefetch, rows
from tests import factories
from tests.services.exchange import SPANS, TEXT, article, assert_sound, codes, put

pytestmark = pytest.mark.django_db


class TestArticles:
    def test_the_least_that_one_can_send(self, max_: User, corpus: Corpus) -> None:
        report = put(max_, corpus, {"text": TEXT})
        assert report.as_dict() == {
            "lines": 1, "created": 1, "updated": 0, "skipped": 0, "failed": 0, "rekeyed": 0,
            "carried": dict.fromkeys(("exact", "shifted", "touched", "uncertain", "moved", "lost"), 0),
            "dry_run": False, "errors": [], "errors_left_out": 0, "losses": [],
        }  # fmt: skip
        stored = Article.objects.get()
        assert stored.revision.text == TEXT
        assert (stored.external_id, stored.status, stored.annotators) == (None, ArticleStatus.UNASSIGNED, 1)
        assert Event.objects.filter(action="article_added", user_id=max_.pk).count() == 1
        assert_sound(corpus)

    def test_everything_that_one_can_send(self, max_: User, corpus: Corpus) -> None:
        id = str(uuid4())
        sent = {
            "id": id, "external_id": "ä/1", "title": "\u202eTitle", "source": "Courier", "author": "N. N.",
            "url": "https://a.example/x", "language": "tg-Cyrl",
            "published_at": "2026-03-01T12:00:00.000001+05:00",
            "story_key": "s", "metadata": {"b": 1, "a": None, "c": "x\ny", "d": False}, "annotators": 2,
            "excluded_reason": "No.", "text": "\ufeffe\u0301 \u2028 ✔",
        }  # fmt: skip
        assert put(max_, corpus, sent).created == 1
        stored = Article.objects.get(pk=id)
        names = set(sent) - {"id", "text", "published_at"}
        assert {name: getattr(stored, name) for name in names} == {name: sent[name] for name in names}
        assert stored.published_at is not None
        assert stored.published_at.isoformat() == "2026-03-01T07:00:00.000001+00:00"
        assert stored.status == ArticleStatus.EXCLUDED
        assert stored.search_key == "title\na/1\nn. n.\ncourier"
        assert stored.revision.text == sent["text"]
        assert_sound(corpus)

    def test_all_versions_of_a_text_come_along(self, max_: User, corpus: Corpus) -> None:
        put(max_, corpus, {"revisions": [{"text": "one"}, {"text": TEXT, "reason": "typo"}]})
        stored = Article.objects.get()
        assert list(stored.revisions.values_list("number", "text", "reason")) == [
            (1, "one", ""),
            (2, TEXT, "typo"),
        ]
        assert stored.revision.number == 2

    def test_a_text_file_is_an_article(self, max_: User, corpus: Corpus) -> None:
        raw = "\ufeffone\r\n🛶".encode()
        chosen = ImportOptions(format="text", reader={"external_id": "harbour", "title": "The harbour"})
        report = import_file(max_, corpus, io.BytesIO(raw), chosen)
        assert report.created == 1
        stored = Article.objects.get(external_id="harbour")
        assert stored.revision.text.encode() == raw
        assert stored.title == "The harbour"

    def test_an_empty_file_is_refused(self, max_: User, corpus: Corpus) -> None:
        for format in ("jsonl", "text"):
            with pytest.raises(InvalidInputError, match="empty"):
                import_file(max_, corpus, io.BytesIO(b""), ImportOptions(format=format))
        with pytest.raises(InvalidInputError, match="empty"):
            import_file(max_, corpus, io.BytesIO(b"\n  \n"))

    @pytest.mark.parametrize(
        "options",
        [
            {"format": "banana"},
            {"on_conflict": "merge"},
            {"state": "approved"},
            {"external_id": "x"},
            {"restore": True},
        ],
    )
    def test_an_unknown_order_is_refused(self, max_: User, corpus: Corpus, options: dict[str, Any]) -> None:
        with pytest.raises(InvalidInputError):
            put(max_, corpus, {"text": "x"}, **options)
        assert not Article.objects.exists()


class TestMarks:
    def test_they_become_one_open_set_of_the_importer(self, max_: User, corpus: Corpus) -> None:
        report = put(max_, corpus, article())
        assert (report.created, report.ids_replaced) == (1, 2)
        row = AnnotationSet.objects.get()
        assert (row.owner, row.state, row.version, row.imported, row.blind) == (max_, "open", 1, False, False)
        assert row.span_counts == {"actor": 1, "claim": 1}
        assert list(row.spans.values_list("label", "quote", "origin")) == [
            ("actor", "Ardenia", "import"),
            ("claim", "the lock leaks", "import"),
        ]
        link = row.relations.get()
        assert (link.type, link.source.label, link.target.label) == ("made_by", "claim", "actor")
        assert Article.objects.get().status == ArticleStatus.ANNOTATING
        told = Event.objects.get(action="imported")
        assert (told.user_id, told.set_id, told.data["after"]["spans"]) == (max_.pk, row.pk, 2)
        assert_sound(corpus)

    def test_short_ids_may_stand_in_every_line(self, max_: User, corpus: Corpus) -> None:
        lines = [article(number) for number in range(250)]
        report = put(max_, corpus, *lines)
        assert (report.created, report.failed, report.ids_replaced) == (250, 0, 500)
        assert Span.objects.count() == 500
        assert Relation.objects.count() == 250
        again = put(max_, corpus, *lines, on_conflict="skip")
        assert (again.created, again.skipped, again.ids_replaced) == (0, 250, 0)
        assert_sound(corpus)

    def test_a_uuid_stays_unless_it_is_taken(self, max_: User, corpus: Corpus) -> None:
        ids = [str(uuid4()) for _ in range(3)]
        marks = [{**SPANS[0], "id": ids[1]}]
        report = put(max_, corpus, article(1, id=ids[0], spans=marks, relations=[]))
        assert report.ids_replaced == 0
        assert Span.objects.filter(pk=ids[1], set__article_id=UUID(ids[0])).exists()
        other = factories.make_corpus("sea", manager=max_)
        report = put(max_, other, article(1, id=ids[0].upper(), spans=marks, relations=[]))
        assert (report.created, report.ids_replaced) == (1, 2)
        stored = Article.objects.get(corpus=other)
        assert str(stored.pk) == context.uuid5_text(other.pk.bytes, ids[0])
        assert put(max_, other, article(1, id=ids[0]), on_conflict="skip").skipped == 1

    def test_one_id_that_is_taken_late_in_a_file(self, max_: User, corpus: Corpus) -> None:
        def marked(number: int) -> dict[str, Any]:
            return article(number, spans=[{**SPANS[0], "id": ids[number]}], relations=[])

        ids = [str(uuid4()) for _ in range(250)]
        put(max_, factories.make_corpus("sea", manager=max_), marked(220))
        report = put(max_, corpus, *map(marked, range(250)))
        assert (report.created, report.failed, report.ids_replaced) == (250, 0, 1)
        stored = set(Span.objects.filter(set__corpus=corpus).values_list("pk", flat=True))
        assert len(stored) == 250
        assert {UUID(id) for id in ids} - stored == {UUID(ids[220])}
        assert_sound(corpus)

    def test_another_owner(self, max_: User, corpus: Corpus) -> None:
        ann, sam = factories.make_user("ann"), factories.make_user("sam")
        corpora.add_member(max_, corpus.pk, ann, Role.ANNOTATOR)
        put(max_, corpus, article(), owner=ann)
        assert AnnotationSet.objects.get().owner == ann
        with pytest.raises(NotInCorpusError):
            put(max_, corpus, article(2), owner=sam)

    def test_nobody_imports_for_the_longest_standing_manager(self, max_: User, corpus: Corpus) -> None:
        corpora.add_member(max_, corpus.pk, factories.make_user("mia"), Role.MANAGER)
        put(None, corpus, article())
        assert AnnotationSet.objects.get().owner == max_
        assert Event.objects.get(action="imported").user_id is None
        Membership.objects.all().delete()
        report = put(None, corpus, article(2), article(3, spans=None, relations=None))
        assert (report.created, codes(report)) == (1, [(1, "unknown-user", "/spans")])

    def test_submitted_where_nothing_blocks(self, max_: User, corpus: Corpus) -> None:
        report = put(max_, corpus, article(), state="submitted")
        row = AnnotationSet.objects.get()
        assert (report.created, row.state, row.submitted_at is not None) == (1, State.SUBMITTED, True)
        assert Article.objects.get().status == ArticleStatus.READY_FOR_REVIEW
        assert_sound(corpus)

    def test_not_submitted_where_something_blocks(self, max_: User, corpus: Corpus) -> None:
        edge = {**SPANS[0], "end": 8, "quote": "Ardenia "}
        report = put(max_, corpus, article(1, spans=[edge], relations=[]), article(2), state="submitted")
        assert (report.created, codes(report)) == (1, [(1, "has-problems", "/spans/0")])
        assert report.errors[0].detail.startswith("B1: ")

    def test_independent_work_is_blind(self, max_: User, corpus: Corpus) -> None:
        put(max_, corpus, article(annotators=2))
        assert AnnotationSet.objects.get().blind
        assert_sound(corpus)

    def test_of_several_sets_the_gold_is_taken(self, max_: User, corpus: Corpus) -> None:
        old, gold = str(uuid4()), str(uuid4())
        sets = [
            {"id": old, "owner": "x", "state": "returned", "spans": [SPANS[0]]},
            {
                "id": gold, "owner": "y", "state": "approved", "spans": SPANS,
                "comments": [{"author": "z", "text": "!"}],
            },
        ]  # fmt: skip
        report = put(max_, corpus, {"text": TEXT, "sets": sets})
        row = AnnotationSet.objects.get()
        assert (str(row.pk), row.owner, row.state, row.spans.count()) == (gold, max_, "open", 2)
        assert {loss["what"]: (loss["count"], loss["ids"]) for loss in report.losses.as_list()} == {
            "sets": (1, [old]),
            "comments": (1, []),
            "states": (1, [gold]),
        }
        assert not Comment.objects.exists()
        assert not User.objects.filter(username__in="xyz").exists()
        assert_sound(corpus)


class TestBadLines:
    def test_a_bad_line_fails_alone(self, max_: User, corpus: Corpus) -> None:
        report = put(
            max_, corpus,
            article(1),
            b"nonsense",
            article(2, spans=[{**SPANS[0], "quote": "ardenia"}], relations=[]),
            article(3, spans=[{**SPANS[0], "actor": "nobody"}], relations=[]),
            article(4, url="javascript:alert(1)"),
            article(5),
        )  # fmt: skip
        assert (report.lines, report.created, report.failed) == (6, 2, 4)
        assert codes(report) == [
            (2, "syntax", ""),
            (3, "quote-mismatch", "/spans/0/quote"),
            (4, "not-in-corpus", "/spans/0/actor"),
            (5, "format", "/url"),
        ]
        assert [error.external_id for error in report.errors] == [None, "a2", "a3", "a4"]
        assert set(Article.objects.values_list("external_id", flat=True)) == {"a1", "a5"}
        assert_sound(corpus)

    def test_a_thousand_errors_are_told_and_the_others_counted(self, max_: User, corpus: Corpus) -> None:
        report = put(max_, corpus, *[b"{}"] * 1003)
        assert (report.failed, len(report.errors), report.errors_left_out) == (1003, 1000, 3)

    def test_a_fault_that_only_the_database_sees_costs_one_line(
        self, max_: User, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = rows.BatchRows.insert

        def torn(self: rows.BatchRows) -> None:
            if any(values[3] == "a2" for values in self.by_model[Article]):
                raise IntegrityError("somebody was faster")
            store(self)

        monkeypatch.setattr(rows.BatchRows, "insert", torn)
        report = put(max_, corpus, article(1), article(2), article(3))
        assert (report.created, codes(report)) == (2, [(2, "duplicate", "")])
        assert_sound(corpus)

    def test_an_import_that_breaks_off_leaves_whole_articles(
        self, max_: User, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("annotations.services.exchange.imports.line_batch.MAX_BATCH_ARTICLES", 10)
        insert, left = bulk.insert_rows, [25]

        def killed(model: Any, columns: Any, values: Any) -> None:
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            insert(model, columns, values)

        monkeypatch.setattr(bulk, "insert_rows", killed)
        lines = [article(number) for number in range(100)]
        with pytest.raises(KeyboardInterrupt):
            put(max_, corpus, *lines)
        monkeypatch.undo()
        stored = Article.objects.count()
        assert stored in (30, 40)
        assert AnnotationSet.objects.count() == stored
        assert Span.objects.count() == 2 * stored
        assert_sound(corpus)
        assert put(max_, corpus, *lines, on_conflict="skip").as_dict()["created"] == 100 - stored
        assert_sound(corpus)


class TestWhoMay:
    def test_only_managers(self, max_: User, corpus: Corpus) -> None:
        rae = factories.make_user("rae")
        corpora.add_member(max_, corpus.pk, rae, Role.REVIEWER)
        with pytest.raises(InsufficientRoleError):
            put(rae, corpus, {"text": "x"})
        with pytest.raises(NotVisibleError):
            put(factories.make_user("sam"), corpus, {"text": "x"})

    def test_not_into_an_archive(self, max_: User, corpus: Corpus) -> None:
        corpora.update_corpus(max_, corpus.pk, {"archived": True}, version=corpus.version)
        with pytest.raises(NotAllowedNowError):
            put(max_, corpus, {"text": "x"})

    def test_a_restore_is_done_by_nobody(self, max_: User, corpus: Corpus) -> None:
        with pytest.raises(InvalidInputError):
            put(max_, corpus, {"text": "x"}, restore=True)
        put(None, corpus, {"text": "x"}, restore=True)
        with pytest.raises(InUseError):
            put(None, corpus, {"text": "y"}, restore=True)


def test_memory_holds_two_batches_and_not_the_file(max_: User, corpus: Corpus) -> None:
    made, written, most_held = 0, 0, 0

    class Endless(io.BytesIO):
        """Makes its lines when they are asked for."""

        def readline(self, size: int | None = -1, /) -> bytes:
            nonlocal made, most_held
            if made == 500:
                return b""
            made += 1
            most_held = max(most_held, made - written)
            return json.dumps(article(made)).encode() + b"\n"

    write = batch.write_batch

    def counted(run: Any, pending: Any) -> None:
        nonlocal written
        assert len(pending) <= prefetch.MAX_BATCH_ARTICLES
        write(run, pending)
        written += len(pending)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "write_batch", counted)
        report = import_file(max_, corpus, Endless())
    assert report.created == written == 500
    assert prefetch.MAX_BATCH_ARTICLES <= most_held <= 2 * prefetch.MAX_BATCH_ARTICLES


def test_uuid5_is_the_standard_one() -> None:
    scope = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    assert context.uuid5_text(scope.bytes, "python.org") == "886313e1-3b8a-5372-9b90-0c9aee199e5d"


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_store_it_once() -> None:
    max_ = factories.make_user("max")
    corpus = factories.make_corpus("lake", manager=max_)
    lines: list[dict[str, Any]] = [{"type": "topic", "id": "t", "name": "Lock"}]
    lines += [{**article(number), "external_id": None, "text": f"{TEXT} {number}"} for number in range(150)]
    together = threading.Barrier(2)
    reports: list[Any] = []

    def read() -> None:
        try:
            together.wait()
            reports.append(put(max_, corpus, *lines, on_conflict="skip"))
        finally:
            connection.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert [report.failed for report in reports] == [0, 0]
    assert sum(report.created for report in reports) == sum(report.skipped for report in reports) == 150
    assert (Article.objects.count(), Topic.objects.count(), Span.objects.count()) == (150, 1, 300)
    assert_sound(corpus)
