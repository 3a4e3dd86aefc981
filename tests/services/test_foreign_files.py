"""Files of other tools through the services: into a corpus, and out of it, on the real database."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from annotations.exceptions import InvalidInputError
from annotations.formats import FORMATS
from annotations.models import Actor, Article, Proposition, Relation, Span
from annotations.services import integrity
from annotations.services.exchange.exports import WRITABLE_FORMATS, export_corpus
from annotations.services.exchange.imports import ImportOptions, ImportReport, import_file
from tests import factories
from tests.formats.edge_cases import zipped
from tests.services.small_newsroom import SmallNewsroom

pytestmark = pytest.mark.django_db

TEXT = "Ardenia says no. Lorn \U0001f6a7 waits."
BRAT = {
    "a1.txt": TEXT,
    "a1.ann": (
        "T1\tPerson 0 7\tArdenia\nT2\tContent 8 15\tsays no\n"
        "R1\tSaidBy Arg1:T2 Arg2:T1\nT3\tPlace 17 21\tLorn\n"
    ),
}
TASK = {
    "id": 5,
    "data": {"text": TEXT},
    "annotations": [
        {"result": [{"id": "x", "type": "labels", "value": {"start": 17, "end": 21, "labels": ["Actor"]}}]}
    ],
    "predictions": [
        {"result": [{"id": "y", "type": "labels", "value": {"start": 0, "end": 7, "labels": ["Actor"]}}]}
    ],
}


@pytest.fixture
def newsroom() -> SmallNewsroom:
    return SmallNewsroom()


def put(newsroom: SmallNewsroom, format: str, data: bytes, **options: Any) -> ImportReport:
    manager = newsroom.people["max"]
    chosen = ImportOptions.from_parameters(format=format, **options)
    return import_file(manager, newsroom.corpus, io.BytesIO(data), chosen)


def losses(report: ImportReport) -> dict[str, int]:
    return {loss["what"]: loss["count"] for loss in report.losses.as_list()}


def marks() -> list[tuple[str, str]]:
    return list(Span.objects.order_by("start", "label").values_list("label", "quote"))


class TestIn:
    """What becomes of a file in the database."""

    def test_words_are_translated_and_the_rest_is_told(self, newsroom: SmallNewsroom) -> None:
        report = put(newsroom, "brat", zipped(BRAT), map="actor:Person,claim=Content,made_by:SaidBy")
        assert (report.created, report.failed) == (1, 0)
        assert losses(report) == {"label Place": 1}
        assert marks() == [("actor", "Ardenia"), ("claim", "says no")]
        assert Relation.objects.get().type == "made_by"
        assert Article.objects.get().external_id == "a1"
        assert integrity.run_checks().found == 0

    def test_suggestions_are_never_mixed_with_what_people_marked(self, newsroom: SmallNewsroom) -> None:
        report = put(newsroom, "labelstudio", json.dumps([TASK]).encode())
        assert report.created == 1
        assert losses(report) == {"suggestions": 1}
        assert marks() == [("actor", "Lorn")]

    def test_a_second_time_changes_nothing(self, newsroom: SmallNewsroom) -> None:
        data = zipped(BRAT)
        put(newsroom, "brat", data)
        again = put(newsroom, "brat", data, on_conflict="skip")
        assert (again.created, again.skipped) == (0, 1)
        assert Article.objects.count() == 1

    def test_pieces_are_hulled_on_request(self, newsroom: SmallNewsroom) -> None:
        data = zipped({"a.txt": TEXT, "a.ann": "T1\tclaim 8 12;17 21\tsays Lorn\n"})
        assert put(newsroom, "brat", data).failed == 1
        report = put(newsroom, "brat", data, discontinuous="hull")
        assert (report.created, losses(report)) == (1, {"discontinuous": 1})

    def test_a_bad_archive_leaves_nothing(self, newsroom: SmallNewsroom) -> None:
        with pytest.raises(InvalidInputError, match="The archive is refused"):
            put(newsroom, "brat", zipped({**BRAT, "../evil.txt": "x"}))
        assert not Article.objects.exists()

    def test_links_that_lead_nowhere_are_told(self, newsroom: SmallNewsroom) -> None:
        there = newsroom.actor("Ardenia").pk
        ann = (
            f"T1\tactor 0 7\tArdenia\nT2\tactor 17 21\tLorn\nN1\tReference T1 Actor:{there}\tA\n"
            "N2\tReference T2 Actor:01a0e708-0e60-7a71-a142-309ee3fa39bd\tB\n"
        )
        report = put(newsroom, "brat", zipped({"a.txt": TEXT, "a.ann": ann}))
        assert (report.created, losses(report)) == (1, {"links": 1})
        assert [span.actor_id for span in Span.objects.order_by("start")] == [there, None]

    @pytest.mark.parametrize(
        ("format", "options", "parameter"),
        [
            ("jsonl", {"map": "claim:x"}, "map"),
            ("text", {"discontinuous": "hull"}, "discontinuous"),
            ("brat", {"title": "x"}, "title"),
            ("brat", {"map": "nonsense:x"}, "map"),
            ("brat", {"discontinuous": "cut"}, "discontinuous"),
        ],
    )
    def test_what_a_format_does_not_take_is_refused(
        self, newsroom: SmallNewsroom, format: str, options: dict[str, str], parameter: str
    ) -> None:
        with pytest.raises(InvalidInputError) as refusal:
            put(newsroom, format, b"x", **options)
        assert refusal.value.errors[0].parameter == parameter

    def test_articles_from_a_table_and_from_pages(self, newsroom: SmallNewsroom) -> None:
        table = b"nr;body;desk\nc1;Ardenia says no.;News\n"
        assert put(newsroom, "csv", table, map="external_id:nr,text:body,source:desk").created == 1
        item = {"uri": "urn:n1", "headline": "The lock", "body_html": "<p>One.</p><p>Two.</p>"}
        assert put(newsroom, "ninjs", json.dumps(item).encode()).created == 1
        found = {row.external_id: row for row in Article.objects.select_related("revision")}
        assert (found["c1"].source, found["urn:n1"].title) == ("News", "The lock")
        assert found["urn:n1"].revision.text == "One.\n\nTwo."


class TestMarks:
    """Marks on articles that are there already."""

    def annotation(self, source: str, end: int = 7) -> bytes:
        selector = {"type": "TextPositionSelector", "start": 0, "end": end}
        body = {"type": "TextualBody", "value": "actor"}
        return json.dumps(
            {"id": "m", "body": body, "target": {"source": source, "selector": selector}}
        ).encode()

    def test_they_are_set_on_the_article(self, newsroom: SmallNewsroom) -> None:
        article = factories.make_article(
            newsroom.corpus, TEXT, external_id="a1", url="https://lakeside.example/a"
        )
        report = put(newsroom, "webannotation", self.annotation("a1"))
        assert (report.updated, report.failed) == (1, 0)
        assert marks() == [("actor", "Ardenia")]
        again = put(
            newsroom, "webannotation", self.annotation("https://lakeside.example/a"), on_conflict="skip"
        )
        assert (again.updated, again.skipped) == (0, 1)
        told = put(newsroom, "webannotation", self.annotation(f"urn:uuid:{article.pk}"))
        assert [error.code for error in told.errors] == ["has-set"]
        assert integrity.run_checks().found == 0

    @pytest.mark.parametrize(
        ("source", "end", "code"),
        [("a2", 7, "not-in-corpus"), ("a\x00", 7, "not-in-corpus"), ("a1", 99, "out-of-bounds")],
    )
    def test_what_does_not_fit_is_told(
        self, newsroom: SmallNewsroom, source: str, end: int, code: str
    ) -> None:
        factories.make_article(newsroom.corpus, TEXT, external_id="a1")
        report = put(newsroom, "webannotation", self.annotation(source, end))
        assert ([error.code for error in report.errors], report.updated) == ([code], 0)

    def test_a_dry_run_sets_nothing(self, newsroom: SmallNewsroom) -> None:
        factories.make_article(newsroom.corpus, TEXT, external_id="a1")
        report = put(newsroom, "webannotation", self.annotation("a1"), dry_run=True)
        assert (report.updated, Span.objects.count()) == (1, 0)

    def test_an_event_list_founds_its_registry(self, newsroom: SmallNewsroom) -> None:
        factories.make_article(newsroom.corpus, TEXT, external_id="a1")
        data = (
            '"statement_id";"time";"person";"organization";"concept";"agreement";"start_position";'
            '"stop_position";"text";"document_id"\n1;;"";"Ardenia";"The lock.";0;8;15;"says no";a1\n'
        )
        report = put(newsroom, "dna", data.encode())
        assert (report.updated, report.failed) == (1, 0)
        assert marks() == [("actor", "Ardenia"), ("position", "says no")]
        assert Span.objects.get(label="actor").actor == Actor.objects.get(name="Ardenia")
        assert Span.objects.get(label="position").proposition == Proposition.objects.get(text="The lock.")
        assert integrity.run_checks().found == 0


def test_every_format_comes_out(newsroom: SmallNewsroom) -> None:
    actor, issue = newsroom.actor("Ardenia"), newsroom.issue("The toll should rise.")
    newsroom.work("ann", newsroom.article("a1"), actor=actor.pk, issue=issue.pk)
    for name, row_ in WRITABLE_FORMATS.items():
        if row_.required_package:
            continue
        export = export_corpus(
            newsroom.people["max"], newsroom.corpus, format=name, sets="all", question="toll"
        )
        with export.file as file:
            data = file.read()
        assert data, name
        if row_.extension == "zip":
            assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


@pytest.mark.parametrize("name", ["brat", "labelstudio", "webannotation", "webannotsv", "doccano", "conll"])
def test_out_of_one_corpus_and_into_another(newsroom: SmallNewsroom, name: str) -> None:
    newsroom.work("ann", newsroom.article("a1"))
    before = marks()
    with export_corpus(newsroom.people["max"], newsroom.corpus, format=name, sets="all").file as file:
        data = file.read()
    other = SmallNewsroom("sea")
    report = put(other, name, data)
    assert (report.created, report.failed) == (1, 0)
    copied = Span.objects.filter(set__corpus=other.corpus).order_by("start", "label")
    assert list(copied.values_list("label", "quote")) == before
    assert Article.objects.get(corpus=other.corpus).external_id == "a1"
    assert integrity.run_checks().found == 0


def test_only_the_reference_is_restored() -> None:
    for name, row in FORMATS.items():
        if row.is_readable and name != "jsonl":
            with pytest.raises(InvalidInputError, match="jsonl"):
                import_file(None, "new", io.BytesIO(b"x"), ImportOptions(format=name, restore=True))
