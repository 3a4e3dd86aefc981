"""An erased article: no word of it is left, in the database or in releases; rows and hashes are."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from annotations.models import Article, Delivery, Erasure, Event, Release, ReleaseChunk, Revision, Span
from annotations.services import erasure, integrity
from annotations.services.releases.verify import verify_release
from annotations.services.webhooks import outbox
from tests import factories
from tests.newsroom import Caller, Newsroom

#: A word that stands in everything of the article, and nowhere else.
SECRET = "zarquonella"
TEXT = f"Then {SECRET} told us. {factories.TEXT}"
OTHER = "Another article, which stays. Ada Verde is opposed to any new toll."


@pytest.fixture
def newsroom(transactional_db: None, settings: Any, tmp_path: Path) -> Newsroom:
    settings.FILES_DIR = tmp_path / "files"
    return Newsroom(staff=True)


def furnish(newsroom: Newsroom) -> Article:
    """An article whose secret stands in every place that holds words, with a release and an import of it."""
    hook = {"url": "https://93.184.215.14/hook", "events": ["article.added"], "payload": "full"}
    assert newsroom.max.post("corpora/lake/webhooks/", hook).status == 201
    article = newsroom.article(
        TEXT,
        title=f"About {SECRET}",
        author=SECRET.title(),
        url=f"https://news.example/{SECRET}",
        external_id=f"id-{SECRET}",
        metadata={"desk": SECRET},
        story_key=SECRET,
    )
    newsroom.max.patch(f"articles/{article.pk}/", {"rights": {"notice": SECRET}}, 1)
    row = newsroom.set("ann", article)
    start = TEXT.index(SECRET)
    span = {
        "label": "actor", "start": start, "end": start + len(SECRET),
        "attributes": {"mention_type": "name", "role_text": f"the {SECRET}"},
    }  # fmt: skip
    assert newsroom.ann.post(f"sets/{row.pk}/spans/", span).status == 201
    assert newsroom.rae.post(f"sets/{row.pk}/comments/", {"text": f"Is {SECRET} one?"}).status in (
        201,
        403,
        404,
    )
    newsroom.ann.post(f"sets/{row.pk}/comments/", {"text": f"It is {SECRET}."})
    row = newsroom.moved(newsroom.fresh(row), "ann", "submit")
    row = newsroom.moved(row, "rae", "start_review")
    newsroom.moved(row, "rae", "approve")
    newsroom.max.post(
        f"articles/{article.pk}/revisions/", {"text": f"{TEXT} More.", "reason": f"{SECRET} asked."}
    )
    outbox.dispatch_events(timezone.now())
    assert Delivery.objects.update(request=f"Sent was {SECRET}.", answer=SECRET) > 0
    return article


def with_releases(newsroom: Newsroom) -> None:
    formats = {"formats": ["jsonl", "quotes"], "name": "One"}
    for _ in range(2):
        assert newsroom.max.post("corpora/lake/releases/", formats).status == 201
    second = Release.objects.get(number=2)
    assert newsroom.max.post(f"releases/{second.pk}/withdraw/", {"reason": "A mistake."}).status == 200


def words_in_database() -> Iterator[str]:
    """Every value of every table of ours, and what is packed in chunks."""
    for model in apps.get_app_config("annotations").get_models():
        for row in model._default_manager.values():
            yield f"{model.__name__} {row}"
    for chunk in ReleaseChunk.objects.all():
        yield f"chunk {zlib.decompress(bytes(chunk.data)).decode()}"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM annotations_searchpart")
            yield from (f"words {row}" for row in cursor.fetchall())


def bytes_in_files(folder: Path) -> Iterator[bytes]:
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield data
            if path.suffix == ".zip":
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    yield from (archive.read(name) for name in archive.namelist())


def test_no_word_is_left_and_everything_else_is(newsroom: Newsroom, settings: Any) -> None:
    article = furnish(newsroom)
    other = newsroom.approved("ben", newsroom.article(OTHER + factories.TEXT)).article
    with_releases(newsroom)
    line = json.dumps({"external_id": "x1", "text": f"An import with {SECRET}."}) + "{"
    newsroom.max.raw("POST", "corpora/lake/imports/?format=jsonl", line.encode(), "application/x-ndjson")
    Article.objects.filter(external_id="x1").delete()
    before = list(Revision.objects.filter(article=article).order_by("number").values("number", "sha256"))
    spans = Span.objects.count()
    kept = Release.objects.get(number=1).files.get(name="lake.jsonl").sha256

    plan = erasure.plan_erasure(Article.objects.get(pk=article.pk))
    assert plan.releases == [1, 2]
    made = erasure.erase_article(newsroom.user("max"), article.pk, "A court said so.")

    assert [row for row in words_in_database() if SECRET in row.casefold()] == []
    folder = Path(settings.FILES_DIR)
    assert not [data for data in bytes_in_files(folder) if SECRET.encode() in data.lower()]
    if connection.vendor == "sqlite":
        erasure.purge_database()
        stored = Path(str(connection.settings_dict["NAME"]))
        for path in stored.parent.glob(f"{stored.name}*"):
            assert SECRET.encode() not in path.read_bytes().lower(), path
    # rows, hashes and the work of others are there
    assert (
        list(Revision.objects.filter(article=article).order_by("number").values("number", "sha256")) == before
    )
    assert [{"number": row["number"], "sha256": row["sha256"]} for row in made.hashes] == before
    assert Span.objects.count() == spans
    assert OTHER in newsroom.vic.get(f"articles/{other.pk}/text/").content.decode()
    report = integrity.run_checks()
    assert {name: row.findings for name, row in report.checks.items() if row.found} == {}
    # releases are built again without it, say so, and verify
    first, second = Release.objects.order_by("number")
    for release in (first, second):
        assert list(verify_release(release)) == []
    assert first.files.get(name="lake.jsonl").sha256 != kept
    shown = newsroom.vic.get(f"releases/{first.pk}/").data
    assert [(row["number"], row["article"], row["reason"]) for row in shown["amendments"]] == [
        (1, str(article.pk), "A court said so.")
    ]
    manifest = json.loads(newsroom.vic.get(f"releases/{first.pk}/files/manifest.json").content)
    assert manifest["amendments"] == shown["amendments"]
    assert manifest["counts"]["articles"] == 1
    assert str(other.pk) in newsroom.vic.get(f"releases/{first.pk}/files/lake.jsonl").content.decode()
    assert not (folder / "releases" / str(second.pk)).exists()


def test_the_article_answers_that_it_was_erased_and_does_not_come_back(newsroom: Newsroom) -> None:
    article = furnish(newsroom)
    erasure.erase_article(None, article.pk, "A court said so.")
    at, version = f"articles/{article.pk}/", Article.objects.get(pk=article.pk).version
    for reply in (
        newsroom.vic.get(at),
        newsroom.vic.get(f"{at}text/"),
        newsroom.max.patch(at, {"title": "New"}, version),
        newsroom.max.post(f"{at}include/", {"reason": "x"}),
        newsroom.max.post(f"{at}take-down/", {"reason": "x"}),
        newsroom.max.post(f"{at}revisions/", {"text": "x", "reason": "x"}),
        newsroom.max.delete(at, version),
        newsroom.max.get(f"sets/{article.sets.values_list('pk', flat=True)[0]}/"),
    ):
        assert reply.refusal == (410, "erased"), reply
    assert newsroom.vic.get("corpora/lake/articles/").status == 200
    assert newsroom.ben.post("corpora/lake/queue/", {"task": "annotate"}).data["set"] is None
    export = newsroom.max.get("corpora/lake/export/", format="jsonl", sets="all").content.decode()
    assert str(article.pk) not in export
    sent = {"external_id": f"id-{SECRET}", "text": "It is back."}
    assert newsroom.max.post("corpora/lake/articles/", sent).refusal == (409, "duplicate")
    for conflict in ("skip", "update"):
        path = f"corpora/lake/imports/?format=jsonl&on_conflict={conflict}"
        report = newsroom.max.raw("POST", path, json.dumps(sent).encode(), "application/x-ndjson").data
        assert (report["created"], report["updated"], report["failed"]) == (0, 0, 1), report
        assert report["errors"][0]["code"] == "erased"
    call_command("erase", str(article.pk), "--allow-again", stdout=StringIO())
    assert newsroom.max.post("corpora/lake/articles/", sent).status == 201


def test_the_command_tells_first_and_prints_the_certificate(newsroom: Newsroom) -> None:
    article = furnish(newsroom)
    with_releases(newsroom)
    told = StringIO()
    call_command("erase", f"lake/id-{SECRET}", stdout=told)
    assert "Releases that would be built again without it: 1, 2." in told.getvalue()
    assert "Nothing has changed." in told.getvalue()
    assert not Erasure.objects.exists()
    for arguments in (
        ("lake/none",),
        ("nonsense",),
        (str(article.pk), "--confirm"),
        (str(article.pk), "--certificate"),
    ):
        with pytest.raises(CommandError):
            call_command("erase", *arguments, stdout=StringIO())
    printed = StringIO()
    call_command("erase", str(article.pk), "--confirm", "--reason", "A court.", "--by", "max", stdout=printed)
    certificate = json.loads(printed.getvalue())
    assert (certificate["article"], certificate["by"], certificate["amended_releases"]) == (
        str(article.pk), "max", [1, 2],
    )  # fmt: skip
    assert SECRET not in printed.getvalue()
    again = StringIO()
    call_command("erase", str(article.pk), "--certificate", stdout=again)
    assert json.loads(again.getvalue()) == certificate
    with pytest.raises(CommandError, match="was erased"):
        call_command("erase", str(article.pk), "--confirm", "--reason", "Again.", stdout=StringIO())
    assert Event.objects.filter(article_id=article.pk).order_by("seq").last().action == "article_erased"  # type: ignore[union-attr]
    client = Caller.with_session(newsroom.user("max")).client
    page = client.get(reverse("admin:annotations_article_change", args=(article.pk,))).content.decode()
    assert "A court." in page
    assert certificate["revisions"][0]["sha256"] in page
