"""Files that a manager uploads: read by the service, told file by file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotations.models import Article, Span
from tests.admin.conftest import TwoNewsrooms
from tests.formats.edge_cases import zipped


def send(newsrooms: TwoNewsrooms, name: str, *files: tuple[str, bytes], **sent: Any) -> Any:
    """Upload files."""
    url = reverse("admin:annotations_corpus_import", args=(newsrooms.a.corpus.pk,))
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return newsrooms.client(name).post(url, {"on_conflict": "skip", "sent_files": uploads, **sent})


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def test_several_files_are_read_and_told_one_by_one(newsrooms: TwoNewsrooms) -> None:
    text = b"Zeile 1\r\nZeile 2\n"
    lines = line(external_id="x1", text="One.") + line(external_id="x2", text="") + b"nonsense\n"
    answer = send(newsrooms, "max", ("one.txt", text), ("two.jsonl", lines), ("three.pdf", b"%PDF"))
    outcomes = answer.context["outcomes"]
    assert [outcome.name for outcome in outcomes] == ["one.txt", "two.jsonl", "three.pdf"]
    assert dict(outcomes[0].counts)["created"] == 1
    assert (dict(outcomes[1].counts)["created"], dict(outcomes[1].counts)["failed"]) == (1, 2)
    assert "not read" in outcomes[2].refusal
    article = Article.objects.get(external_id="one", corpus=newsrooms.a.corpus)
    assert article.revision.text == "Zeile 1\r\nZeile 2\n", "a file keeps its line ends"
    assert Article.objects.filter(external_id="x1").exists()
    assert b"<td>2</td>" in answer.content


def test_a_file_of_another_tool_is_read_with_its_words(newsrooms: TwoNewsrooms) -> None:
    marks = "T1\tPerson 0 4\tOne.\nT2\tPlace 0 3\tOne\n"
    archive = zipped({"a.txt": "One.", "a.ann": marks})
    answer = send(newsrooms, "max", ("lake.zip", archive), map="actor:Person")
    (outcome,) = answer.context["outcomes"]
    assert dict(outcome.counts)["created"] == 1
    assert [(loss["what"], loss["count"]) for loss in outcome.losses] == [("label Place", 1)]
    assert b"<bdi>label Place</bdi>" in answer.content
    assert Span.objects.get(set__article__external_id="a").quote == "One."


def test_a_dry_run_stores_nothing(newsrooms: TwoNewsrooms) -> None:
    before = Article.objects.count()
    answer = send(newsrooms, "max", ("one.txt", b"One."), dry_run="on")
    assert b"nothing was stored" in answer.content
    assert Article.objects.count() == before


def test_an_article_that_exists_is_treated_as_was_chosen(newsrooms: TwoNewsrooms) -> None:
    send(newsrooms, "max", ("one.txt", b"One."))
    skipped = send(newsrooms, "max", ("one.txt", b"Another."), on_conflict="skip")
    assert dict(skipped.context["outcomes"][0].counts)["skipped"] == 1
    stopped = send(newsrooms, "max", ("one.txt", b"Another."), on_conflict="fail")
    assert stopped.context["outcomes"][0].refusal
    updated = send(newsrooms, "max", ("one.txt", b"Another."), on_conflict="update")
    assert dict(updated.context["outcomes"][0].counts)["updated"] == 1
    assert Article.objects.get(external_id="one").revision.text == "Another."


@pytest.mark.parametrize("name", ["ann", "rae", "vic"])
def test_only_managers_import(newsrooms: TwoNewsrooms, name: str) -> None:
    url = reverse("admin:annotations_corpus_import", args=(newsrooms.a.corpus.pk,))
    assert newsrooms.client(name).get(url).status_code == 403
    assert send(newsrooms, name, ("one.txt", b"One.")).status_code == 403


@pytest.mark.parametrize("name", ["sam", "tom"])
def test_isolation_find_no_page(newsrooms: TwoNewsrooms, name: str) -> None:
    before = Article.objects.count()
    assert send(newsrooms, name, ("one.txt", b"One.")).status_code == 404
    assert Article.objects.count() == before


def test_a_form_without_files_says_so(newsrooms: TwoNewsrooms) -> None:
    answer = send(newsrooms, "max")
    assert answer.status_code == 200
    assert answer.context["form"].errors["sent_files"]
    wrong = send(newsrooms, "max", ("one.txt", b"One."), on_conflict="overwrite")
    assert wrong.context["form"].errors["on_conflict"]
    empty = send(newsrooms, "max", ("one.txt", b""))
    assert empty.context["form"].errors["sent_files"]


def test_a_name_of_a_file_is_text_and_no_path(newsrooms: TwoNewsrooms) -> None:
    answer = send(newsrooms, "max", ("../../<b>x</b>.txt", b"One."))
    assert b"<b>x</b>" not in answer.content
    assert answer.status_code == 200


def again(newsrooms: TwoNewsrooms, name: str, tried: Any, **more: Any) -> Any:
    """Press the button that imports what was tried."""
    url = reverse("admin:annotations_corpus_import", args=(newsrooms.a.corpus.pk,))
    sent = {**dict(tried.context["kept_options"]), "kept": tried.context["kept"], **more}
    return newsrooms.client(name).post(url, sent)


def test_what_was_tried_is_imported_without_choosing_it_again(newsrooms: TwoNewsrooms) -> None:
    files = (("one.txt", b"One."), ("two.jsonl", line(external_id="x1", text="Two.") + b"nonsense\n"))
    tried = send(newsrooms, "max", *files, dry_run="on", on_conflict="update")
    assert "Import these 2 articles" in tried.content.decode()
    assert not Article.objects.filter(external_id__in=["one", "x1"]).exists()
    answer = again(newsrooms, "max", tried)
    assert sorted(outcome.name for outcome in answer.context["outcomes"]) == ["one.txt", "two.jsonl"]
    assert Article.objects.filter(external_id__in=["one", "x1"]).count() == 2
    body = answer.content.decode()
    assert "Import these" not in body
    for part in ("hand_out_url", "articles_url"):
        listed = newsrooms.client("max").get(answer.context[part]).content.decode()
        assert "x1" in listed
        assert "kiwi-article" not in listed.split('id="content-start"')[1]
    gone = again(newsrooms, "max", tried)
    assert {outcome.refusal for outcome in gone.context["outcomes"]} == {
        "The file is kept no more; choose it again."
    }


def test_a_kept_file_is_its_users_and_its_corpus_alone(newsrooms: TwoNewsrooms) -> None:
    tried = send(newsrooms, "max", ("one.txt", b"Only mine."), dry_run="on")
    for entry in ("../../../etc/passwd:x.txt", "x", "", "g" * 32 + ":x.txt"):
        refused = again(newsrooms, "max", tried, kept=[entry])
        assert refused.status_code == 200
        assert all(outcome.refusal for outcome in refused.context["outcomes"])
    tried = send(newsrooms, "max", ("one.txt", b"Only mine."), dry_run="on")
    answer = again(newsrooms, "sue", tried)
    assert answer.context["outcomes"][0].refusal
    assert again(newsrooms, "ann", tried).status_code == 403
    assert not Article.objects.filter(external_id="one").exists()


def test_columns_of_a_table_are_chosen_from_lists(newsrooms: TwoNewsrooms) -> None:
    table = "nr;Headline, long;Body\nk1;The lock;Ardenia opposes the lock.\n"
    tried = send(newsrooms, "max", ("lake.csv", table.encode()), dry_run="on")
    (outcome,) = tried.context["outcomes"]
    assert outcome.table.header == ["nr", "Headline, long", "Body"]
    assert outcome.importable == 0, "no column is called text"
    chosen = {"column-external_id": "nr", "column-title": "Headline, long", "column-text": "Body"}
    tried = again(newsrooms, "max", tried, dry_run="on", **chosen)
    (outcome,) = tried.context["outcomes"]
    assert {choice.name: choice.chosen for choice in outcome.table.choices if choice.chosen} == {
        "external_id": "nr", "title": "Headline, long", "text": "Body",
    }  # fmt: skip
    assert outcome.importable == 1
    again(newsrooms, "max", tried)
    article = Article.objects.get(external_id="k1", corpus=newsrooms.a.corpus)
    assert (article.title, article.revision.text) == ("The lock", "Ardenia opposes the lock.")


def test_a_file_is_known_by_its_content(newsrooms: TwoNewsrooms) -> None:
    tasks = [{"id": 1, "data": {"text": "One.", "external_id": "ls1"}, "annotations": []}]
    answer = send(newsrooms, "max", ("tasks.json", json.dumps(tasks).encode()))
    (outcome,) = answer.context["outcomes"]
    assert outcome.format == "labelstudio"
    assert dict(outcome.counts)["created"] == 1
