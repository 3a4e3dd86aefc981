"""The promises of the README, one test each, as somebody outside would try them."""

from __future__ import annotations

import csv
import io
import json
import uuid

import pytest

from annotations.services import integrity
from tests.newsroom import Newsroom, new_id, span

pytestmark = pytest.mark.django_db

NASTY = "  \ufeffTom\u0301s said:\r\n“¡Sí!” \u200d👩\u200d🚒\u2028שלום\t\r\n "
EXPORT = "corpora/lake/export/"


def test_1_the_text_comes_back_to_the_byte(newsroom: Newsroom) -> None:
    made = newsroom.max.post("corpora/lake/articles/", {"external_id": "nasty", "text": NASTY})
    assert made.status == 201
    assert newsroom.vic.get(f"articles/{made.data['id']}/text/").content == NASTY.encode()
    lines = newsroom.vic.get(EXPORT, format="jsonl", sets="none").content.decode().split("\n")
    articles = [json.loads(line) for line in lines if line]
    texts = {line["external_id"]: line["revisions"] for line in articles if line.get("type") == "article"}
    assert [revision["text"] for revision in texts["nasty"]] == [NASTY]


def test_2_a_span_says_what_it_quotes(newsroom: Newsroom) -> None:
    row = newsroom.set("ann", newsroom.article(f"👩\u200d🚒 {'x' * 10}"))
    path = f"sets/{row.pk}/spans/"
    refused = newsroom.ann.post(path, span(4, 14, quote="x" * 9))
    assert refused.refusal == (422, "quote-mismatch")
    assert refused.data["actual"] == "x" * 10
    assert newsroom.ann.post(path, span(4, 15)).refusal == (422, "out-of-bounds")
    stored = newsroom.ann.post(path, span(4, 14, quote="x" * 10))
    assert (stored.status, stored.data["quote"]) == (201, "x" * 10)
    moved = newsroom.ann.patch(f"spans/{stored.data['id']}/", {"start": 3, "end": 4}, version=1)
    assert moved.data["quote"] == " "


@pytest.mark.parametrize("name", ["rae", "max", "ada"])
def test_3_nobody_approves_their_own_work(newsroom: Newsroom, name: str) -> None:
    row = newsroom.submitted(name)
    assert newsroom[name].move(row.pk, "start-review").refusal == (403, "four-eyes")
    newsroom.moved(row, "rae" if name != "rae" else "max", "start_review")
    assert newsroom[name].move(row.pk, "approve").status == 403


def test_4_a_decision_on_a_stale_view_is_refused(newsroom: Newsroom) -> None:
    row = newsroom.in_review("ann")
    seen = row.version
    newsroom.ann.post(f"sets/{row.pk}/comments/", {"text": "Wait, one more thing."})
    refused = newsroom.rae.move(row.pk, "approve", version=seen)
    assert refused.refusal == (412, "stale")
    assert refused.data["version"] == seen + 1
    assert newsroom.fresh(row).state == "in_review"
    assert newsroom.rae.post(f"sets/{row.pk}/approve/").refusal == (428, "precondition-required")


def test_5_a_retry_makes_no_second_copy(newsroom: Newsroom) -> None:
    article = {"id": new_id(), "external_id": "once", "text": "Ada Verde."}
    answers = [newsroom.max.post("corpora/lake/articles/", article) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 200]
    assert answers[0].data == answers[1].data
    row = newsroom.set("ann")
    sent = [span(id=new_id()), span(0, 3, id=new_id())]
    stored = [newsroom.ann.post(f"sets/{row.pk}/spans/", sent) for _ in range(2)]
    assert [answer.status for answer in stored] == [201, 200]
    assert stored[0].data == stored[1].data
    version = stored[0].set_version
    moves = [newsroom.ann.move(row.pk, "submit", version=version) for _ in range(2)]
    assert [answer.status for answer in moves] == [200, 200]
    assert newsroom.fresh(row).version == version + 1


def test_6_the_same_dataset_is_the_same_to_the_byte(newsroom: Newsroom) -> None:
    for owner in ("ann", "ben"):
        newsroom.approved(owner)
    first = newsroom.vic.get(EXPORT, format="jsonl")
    newsroom.set("ann")
    assert first.content == newsroom.vic.get(EXPORT, format="jsonl", status="done").content
    assert first.headers["Repr-Digest"].startswith("sha-256=:")


def test_7_an_export_says_what_it_could_not_carry(newsroom: Newsroom) -> None:
    row = newsroom.approved("ann")
    newsroom.ann.post(f"sets/{row.pk}/comments/", {"text": "A remark."})
    table = newsroom.vic.get(EXPORT, format="quotes")
    assert len(list(csv.DictReader(io.StringIO(table.content.decode())))) == 1
    assert table.headers["Loss-Count"] == "1"
    refused = newsroom.vic.get(EXPORT, format="quotes", strict="true")
    assert refused.refusal == (422, "would-lose")
    assert [loss["what"] for loss in refused.data["losses"]] == ["comments"]
    assert newsroom.vic.get(EXPORT, format="jsonl", strict="true").headers["Loss-Count"] == "0"


def test_8_a_corpus_of_others_does_not_exist(newsroom: Newsroom) -> None:
    row = newsroom.approved("ann")
    inside = [
        "corpora/lake/", "corpora/lake/articles/", EXPORT,
        f"articles/{row.article_id}/", f"sets/{row.pk}/",
    ]  # fmt: skip
    nowhere = [
        "corpora/nowhere/", "corpora/nowhere/articles/", "corpora/nowhere/export/",
        f"articles/{uuid.uuid4()}/", f"sets/{uuid.uuid4()}/",
    ]  # fmt: skip
    for real, imagined in zip(inside, nowhere, strict=True):
        assert newsroom.vic.get(real).status == 200
        refused = newsroom.sam.get(real)
        assert refused.refusal == (404, "not-found")
        assert refused.content == newsroom.sam.get(imagined).content
    assert [corpus["slug"] for corpus in newsroom.sam.all("corpora/")] == ["sea"]


def test_the_oracle_agrees(newsroom: Newsroom) -> None:
    newsroom.approved("ann")
    assert integrity.run_checks().found == 0
