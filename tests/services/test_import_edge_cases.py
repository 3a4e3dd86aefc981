"""Nasty files through the services: agreement of imported sets, empty sets, owners, restores, entrances."""

from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotations.exceptions import DuplicateError, InvalidInputError
from annotations.models import AnnotationSet, Article, Corpus, FrozenAgreement, Span
from annotations.services import integrity
from annotations.services.exchange.imports import READER_OPTIONS, ImportOptions, ImportReport, import_file
from tests import factories
from tests.formats.edge_cases import zipped
from tests.services.exchange import assert_sound, restore
from tests.services.exchange import put as put_lines
from tests.services.small_newsroom import SmallNewsroom

pytestmark = pytest.mark.django_db

TEXT = "Ardenia opposes the lock."


@pytest.fixture
def newsroom() -> SmallNewsroom:
    found = SmallNewsroom()
    Corpus.objects.filter(pk=found.corpus.pk).update(annotators_per_article=2)
    found.corpus.refresh_from_db()
    return found


def put(newsroom: SmallNewsroom, format: str, data: bytes, **options: Any) -> ImportReport:
    manager = newsroom.people["max"]
    chosen = ImportOptions.from_parameters(format=format, **options)
    return import_file(manager, newsroom.corpus, io.BytesIO(data), chosen)


def losses(report: ImportReport) -> dict[str, Any]:
    return {loss["what"]: loss["ids"] for loss in report.losses.as_list()}


def lines(*rows: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


ACTOR = {"label": "actor", "start": 0, "end": 7}
FIRST: list[dict[str, Any]] = [
    {"external_id": "e1", "text": TEXT, "spans": [ACTOR]},
    {"external_id": "e2", "text": "No.", "spans": []},
]
SECOND: list[dict[str, Any]] = [
    {"external_id": "e1", "text": TEXT, "spans": []},
    {"external_id": "e2", "text": "No.", "spans": []},
]


REGION = {
    "id": "a", "type": "labels", "to_name": "text", "value": {"start": 0, "end": 7, "labels": ["actor"]},
}  # fmt: skip


class TestSeveralPeople:
    """Two annotators from files are two annotators."""

    def test_agreement_is_frozen_by_the_second_file(self, newsroom: SmallNewsroom) -> None:
        ann, ben = newsroom.people["ann"], newsroom.people["ben"]
        first = put(newsroom, "jsonl", lines(*FIRST), owner=ann, state="submitted")
        assert (first.created, FrozenAgreement.objects.count()) == (2, 0)
        second = put(newsroom, "jsonl", lines(*SECOND), owner=ben, state="submitted", on_conflict="update")
        assert (second.updated, second.failed) == (2, 0)
        assert AnnotationSet.objects.count() == 4
        assert FrozenAgreement.objects.values("article").distinct().count() == 2
        assert integrity.run_checks().found == 0

    TASK: dict[str, Any] = {
        "id": 1,
        "data": {"text": TEXT},
        "annotations": [
            {"id": 1, "completed_by": 1, "result": [REGION]},
            {"id": 2, "completed_by": {"email": "b@x.example"}, "result": []},
        ],
    }  # fmt: skip

    def test_one_file_with_several_owners(self, newsroom: SmallNewsroom) -> None:
        data = json.dumps([self.TASK]).encode()
        report = put(newsroom, "labelstudio", data, owners="ann:1,ben:b@x.example", state="submitted")
        assert (report.created, losses(report)) == (1, {})
        assert sorted(AnnotationSet.objects.values_list("owner__username", "state")) == [
            ("ann", "submitted"), ("ben", "submitted"),
        ]  # fmt: skip
        assert FrozenAgreement.objects.count() == 1
        assert integrity.run_checks().found == 0

    def test_into_articles_that_are_there(self, newsroom: SmallNewsroom) -> None:
        factories.make_article(newsroom.corpus, TEXT, external_id="1", annotators=2)
        data = json.dumps([self.TASK]).encode()
        report = put(newsroom, "labelstudio", data, owners="ann:1,ben:b@x.example", on_conflict="update")
        assert (report.updated, AnnotationSet.objects.count()) == (1, 2)
        assert integrity.run_checks().found == 0

    def test_who_was_left_out_is_told(self, newsroom: SmallNewsroom) -> None:
        report = put(newsroom, "labelstudio", json.dumps([self.TASK]).encode())
        assert losses(report) == {"sets of b@x.example": ["1"]}
        files = {
            "ann/a.txt": TEXT, "ann/a.ann": "T1\tactor 0 7\tArdenia\n",
            "ben/a.txt": TEXT, "ben/a.ann": "T1\tclaim 16 24\tthe lock\n",
        }  # fmt: skip
        assert losses(put(newsroom, "brat", zipped(files))) == {"sets of ben": ["a"]}
        other = SmallNewsroom("sea")
        report = put(other, "brat", zipped(files), owners="ben:ben")
        assert (report.failed, losses(report)) == (0, {"sets of ann": ["a"]})
        assert Span.objects.get(set__corpus=other.corpus).label == "claim"

    def test_more_owners_than_annotators_are_refused(self) -> None:
        only = SmallNewsroom("one")
        report = put(only, "labelstudio", json.dumps([self.TASK]).encode(), owners="ann:1,ben:b@x.example")
        assert [(error.code, error.pointer) for error in report.errors] == [("invalid", "/sets")]
        assert not Article.objects.filter(corpus=only.corpus).exists()

    @pytest.mark.parametrize("owners", ["ann", "nobody:1", "ann:1,ben:1"])
    def test_owners_that_are_none_are_refused(self, newsroom: SmallNewsroom, owners: str) -> None:
        with pytest.raises(Exception, match=r"owners|nobody"):
            put(newsroom, "labelstudio", json.dumps([self.TASK]).encode(), owners=owners)

    def test_empty_sets_come_in_or_are_told(self, newsroom: SmallNewsroom) -> None:
        data = zipped({"a.txt": TEXT, "a.ann": ""})
        report = put(newsroom, "brat", data)
        assert (losses(report), AnnotationSet.objects.count()) == ({"empty sets": ["a"]}, 0)
        put(newsroom, "brat", zipped({"b.txt": TEXT, "b.ann": ""}), state="submitted")
        assert AnnotationSet.objects.get().state == "submitted"


class TestHeadersAndKinds:
    """What is no file of a format stores nothing, and is told by its name."""

    @pytest.mark.parametrize("dry_run", [False, True])
    def test_nothing_is_stored_behind_a_refused_header(self, newsroom: SmallNewsroom, dry_run: bool) -> None:
        header = {"type": "header", "format": "standpoint/1", "offset_unit": "utf16"}
        report = put(newsroom, "jsonl", lines(header, *FIRST), dry_run=dry_run)
        assert (report.created, report.failed, Article.objects.count()) == (0, 1, 0)

    def test_nothing_is_restored_behind_a_refused_header(self) -> None:
        with pytest.raises(InvalidInputError, match="header"):
            restore(
                lines({"type": "header", "format": "standpoint/1", "offset_unit": "utf16"}, *FIRST), "new"
            )
        assert not Corpus.objects.exists()

    @pytest.mark.parametrize("format", ["jsonl", "text", "csv", "brat", "labelstudio", "tei", "conll"])
    def test_other_kinds_of_files(self, newsroom: SmallNewsroom, format: str, tmp_path: Path) -> None:
        sqlite3.connect(tmp_path / "x.dna").executescript("CREATE TABLE t (x);")
        for data, name in (
            ((tmp_path / "x.dna").read_bytes(), "DNA"), (b"%PDF-1.7\n", "PDF"),
            (b'<?xml version="1.0"?><GateDocument>', "GATE"), (b"\x1f\x8b\x08\x00", "gzip"),
        ):  # fmt: skip
            with pytest.raises(InvalidInputError, match=name):
                put(newsroom, format, data)


class TestRestores:
    """A restore is whole, or it is not."""

    def test_an_ended_restore_leaves_nothing_and_can_be_done_again(self) -> None:
        rows = [{"external_id": f"r{i}", "text": f"Text {i}."} for i in range(100)]
        with pytest.raises(DuplicateError):
            restore(lines(*rows, rows[0]), "new")
        assert not Article.objects.exists()
        assert not Corpus.objects.exists()
        assert restore(lines(*rows), "new").created == 100

    def test_it_freezes_agreement_too(self) -> None:
        one = {"owner": "ann", "state": "submitted", "submitted_at": "2026-03-01T12:00:00Z", "spans": [ACTOR]}
        put_lines(
            None, "new", {"text": TEXT, "annotators": 2, "sets": [one, {**one, "owner": "ben"}]}, restore=True
        )
        assert FrozenAgreement.objects.count() == 1
        assert_sound(Corpus.objects.get())


def test_the_entrances_have_the_same_options(newsroom: SmallNewsroom, tmp_path: Path) -> None:
    sent = {**dict.fromkeys(READER_OPTIONS, "x"), "format": "conll", "owners": "ann:1", "dry_run": True}
    stored = ImportOptions.from_parameters(**sent).as_parameters()
    assert ImportOptions.from_parameters(**stored) == ImportOptions.from_parameters(**sent)
    path = tmp_path / "a.conll"
    path.write_bytes(b"1 Ardenia\x0csaid x B-actor\n2 no x O\n\n1 Mira x B-actor\n2 left x O\n")
    call_command(
        "import", newsroom.corpus.slug, str(path), format="conll", controls="replace", documents="blank-line",
        token="2", tag="4",
    )  # fmt: skip
    assert sorted(Span.objects.values_list("quote", flat=True)) == ["Ardenia said", "Mira"]
