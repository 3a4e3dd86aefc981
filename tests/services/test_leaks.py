"""No name of a protected source leaves the house, in any byte of any file; other words stay as they are."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotations.models import Actor, Article, ConfidentialActor
from annotations.services import job_runner, releases
from annotations.services.exchange.exports import WRITABLE_FORMATS, export_corpus
from annotations.services.releases.takedown import releases_with_actor
from tests import stored_files
from tests.services.exchange import lines_of, restore
from tests.services.leaks import NAME, is_installed, leaks_in, plant, plant_spellings
from tests.services.small_newsroom import SmallNewsroom

pytestmark = pytest.mark.django_db
CASES = [
    (name, str(dialect))
    for name, row in WRITABLE_FORMATS.items()
    for dialect in (row.dialects or ("machine",))
    if is_installed(name, str(dialect))
]


@pytest.fixture
def newsroom(settings: Any, tmp_path: Path) -> SmallNewsroom:
    settings.FILES_DIR = tmp_path / "files"
    made = SmallNewsroom()
    plant(made)
    plant_spellings(made)
    return made


def exported(newsroom: SmallNewsroom, format: str = "jsonl", **options: Any) -> tuple[str, bytes, list[Any]]:
    made = export_corpus(
        None, newsroom.corpus, format=format, sets="all", question="knows OR said", **options
    )
    with made.file as file:
        return made.filename, file.read(), made.losses


def test_the_search_would_find_the_names(newsroom: SmallNewsroom) -> None:
    ConfidentialActor.objects.all().delete()
    for format in filter(is_installed, ("jsonl", "brat", "parquet", "huggingface", "quotes", "spacy")):
        name, data, _ = exported(newsroom, format)
        assert leaks_in(data, name), format


def test_no_export_names_the_source(newsroom: SmallNewsroom) -> None:
    found = {}
    for format, dialect in CASES:
        name, data, losses = exported(newsroom, format, dialect=dialect)
        found[format, dialect] = leaks_in(data, name)
        assert "masked" in {loss["what"] for loss in losses}, format
    assert {case: leaks for case, leaks in found.items() if leaks} == {}


def test_no_file_of_a_release_names_the_source(newsroom: SmallNewsroom) -> None:
    formats = [
        name for name, row in WRITABLE_FORMATS.items() if not row.needs_question and is_installed(name)
    ]
    request = releases.ReleaseRequest(
        name=f"What {NAME} said", formats=formats, independent_sets=True,
        filter={"q": "knows OR lock OR Quintyr"}, splits=releases.parse_splits("time"),
    )  # fmt: skip
    made, _ = job_runner.make_release(newsroom.people["max"], newsroom.corpus, request)
    assert made.state == "ready", made.job
    files = sorted(stored_files.release_path(made.pk).iterdir())
    assert len(files) > len(formats)
    assert {file.name: found for file in files if (found := leaks_in(file.read_bytes(), file.name))} == {}
    readme = stored_files.release_path(made.pk, "README.md").read_text()
    assert "the names of protected sources are masked" in readme


def test_every_span_still_quotes_its_text_and_the_source_has_a_number(newsroom: SmallNewsroom) -> None:
    _, data, _ = exported(newsroom)
    for article in lines_of(data):
        texts = {row["id"]: row["text"] for row in article["revisions"]}
        for row in article["sets"]:
            for span in row["spans"]:
                assert texts[row["revision"]][span["start"] : span["end"]] == span["quote"]
            for remark in row["comments"]:
                if remark["start"] is not None:
                    assert texts[row["revision"]][remark["start"] : remark["end"]] == remark["quote"]
    [named] = [article for article in lines_of(data) if article["external_id"] not in ("plain", "spelled")]
    assert named["revisions"][0]["masked"] is True
    quotes = [span["quote"] for row in named["sets"] for span in row["spans"]]
    assert "█" * len("old gatekeeper") in quotes
    assert {"Lorn", "Ardenia", "who is against the toll"} < set(quotes)
    [spelled] = [article for article in lines_of(data) if article["external_id"] == "spelled"]
    assert len(spelled["revisions"]) == 2
    [source] = [actor for actor in lines_of(data, "actor") if actor["name"] == "Source 1"]
    assert (source["qid"], source["aliases"], source["note"], source["affiliations"]) == (None, [], None, [])
    linked = {span["actor"] for row in named["sets"] for span in row["spans"]}
    assert source["id"] in linked
    ids = {actor["id"] for actor in lines_of(data, "actor")}
    assert linked - {None} <= ids


def test_a_masked_file_can_be_imported(newsroom: SmallNewsroom) -> None:
    _, data, _ = exported(newsroom)
    report = restore(data, slug="copy")
    assert report.failed == 0, report.as_dict()["errors"]
    assert Article.objects.filter(corpus__slug="copy").count() == 3


def test_an_export_is_the_same_twice_and_a_release_has_ids_of_its_own(newsroom: SmallNewsroom) -> None:
    assert exported(newsroom)[1] == exported(newsroom)[1]
    ids = set()
    for _ in range(2):
        made, _ = job_runner.make_release(newsroom.people["max"], newsroom.corpus, releases.ReleaseRequest())
        [file] = [file for file in stored_files.release_path(made.pk).iterdir() if file.suffix == ".jsonl"]
        ids |= {
            line["id"]
            for line in map(json.loads, file.read_text().splitlines())
            if line.get("name") == "Source 1"
        }
    assert len(ids) == 2


def test_the_command_names_file_and_name_of_each_leak(newsroom: SmallNewsroom) -> None:
    protected = list(ConfidentialActor.objects.values())
    ConfidentialActor.objects.all().delete()
    request = releases.ReleaseRequest(formats=["jsonl", "huggingface", "spacy"])
    job_runner.make_release(newsroom.people["max"], newsroom.corpus, request)
    for values in protected:
        ConfidentialActor.objects.create(**{**values, "at": timezone.now()})
    job_runner.make_release(newsroom.people["max"], newsroom.corpus, request)
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("release", "quintyr-files", leaks=1, json=True, stdout=out)
    leaks = json.loads(out.getvalue())["leaks"]
    assert {"README.md", "manifest.json", "CITATION.cff", "croissant.json"} <= {
        leak["file"] for leak in leaks
    }
    assert any("docs.jsonl" in leak["file"] for leak in leaks)
    assert any(leak["file"].startswith("quintyr-files-1.zip/") for leak in leaks)
    assert {"Zsófia Quintyr", "Quintyr", "zsofia-quintyr"} <= {leak["words"] for leak in leaks}
    call_command("release", "quintyr-files", leaks=2, stdout=out)
    assert "in release 2: 0." in out.getvalue()
    with pytest.raises(CommandError, match="no release 3"):
        call_command("release", "quintyr-files", leaks=3)
    for actor in Actor.objects.filter(confidential__isnull=False):
        assert [release.number for release in releases_with_actor(actor)] == [1]
