"""Releases and jobs on the wire: shapes, the way to a worker and back, files, differences, withdrawal."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from annotations.models import Job, Release
from annotations.services import job_runner
from annotations.services.jobs import leases
from tests.newsroom import Newsroom, new_id

PROVES = False  # the data of these tests is proved by others

RELEASE = {
    "id", "number", "name", "state", "created_at", "filter", "counts", "files", "losses",
    "amendments", "withdrawn",
}  # fmt: skip
JOB = {
    "id", "corpus", "kind", "state", "done", "total", "result", "error", "notice", "attempt", "created_at",
    "started_at", "finished_at",
}  # fmt: skip
LINES = b"".join(
    json.dumps({"external_id": f"a{n}", "text": f"Text {n}."}).encode() + b"\n" for n in range(5)
)
NDJSON = "application/x-ndjson"


@pytest.fixture(autouse=True)
def files_dir(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def gold(newsroom: Newsroom) -> Newsroom:
    newsroom.approved("ann")
    return newsroom


def release(newsroom: Newsroom, **body: Any) -> Any:
    reply = newsroom.max.post("corpora/lake/releases/", {"formats": ["jsonl"], **body})
    assert reply.status == 201, reply
    return reply.data


def test_a_release_has_this_shape(gold: Newsroom) -> None:
    reply = gold.max.post(
        "corpora/lake/releases/",
        {"name": "First", "formats": ["jsonl", "quotes"], "source": None, "splits": "story_key"},
    )
    assert reply.status == 201, reply
    made = reply.data
    assert set(made) == RELEASE
    assert (made["number"], made["name"], made["state"], made["withdrawn"]) == (1, "First", "ready", None)
    assert made["filter"] == {"sets": "approved"}
    assert reply.headers["Location"].endswith(f"/api/v1/releases/{made['id']}/")
    assert gold.vic.get(f"releases/{made['id']}/").data == made
    assert gold.vic.get("corpora/lake/releases/").data["results"] == [made]
    assert all(set(one) == {"name", "sha256", "bytes", "records"} for one in made["files"])
    names = {one["name"] for one in made["files"]}
    assert {"manifest.json", "README.md", "croissant.json", "lake.train.jsonl", "lake-1.zip"} <= names


def test_files_are_what_the_release_says(gold: Newsroom) -> None:
    made = release(gold)
    for one in made["files"]:
        reply = gold.vic.get(f"releases/{made['id']}/files/{one['name']}")
        assert reply.status == 200
        assert hashlib.sha256(reply.content).hexdigest() == one["sha256"]
        digest = base64.b64encode(bytes.fromhex(one["sha256"])).decode()
        assert reply.headers["Repr-Digest"] == f"sha-256=:{digest}:"
        assert reply.headers["Content-Length"] == str(one["bytes"])
        assert reply.headers["Content-Disposition"] == f'attachment; filename="{one["name"]}"'
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("..%2fsecret-key", "%2e%2e", "other.jsonl", "..%2f..%2f..%2fetc%2fpasswd"):
        assert gold.vic.get(f"releases/{made['id']}/files/{name}").status == 404


def test_the_same_id_again_is_a_repeat(gold: Newsroom) -> None:
    id = new_id()
    first = release(gold, id=id)
    again = gold.max.post("corpora/lake/releases/", {"id": id, "formats": ["jsonl"]})
    assert (again.status, again.data) == (200, first)
    other = gold.max.post("corpora/lake/releases/", {"id": id, "formats": ["quotes"]})
    assert other.refusal == (409, "id-taken")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/formats"),
        ({"formats": []}, "/formats"),
        ({"formats": ["nonsense"]}, "/formats/0"),
        ({"formats": ["jsonl"], "sets": "submitted"}, "/sets"),
        ({"formats": ["jsonl"], "splits": "colour"}, "/splits/by"),
        ({"formats": ["jsonl"], "splits": {"by": "time", "shares": {"train": 50}}}, "/splits"),
        ({"formats": ["jsonl"], "splits": {"by": "time", "shares": {"train": "x"}}}, "/splits/shares"),
        ({"formats": ["brat"], "include_text": False}, "/formats"),
        ({"formats": ["jsonl"], "published_after": "yesterday"}, "/published_after"),
        ({"formats": ["jsonl"], "number": 3}, "/number"),
    ],
)
def test_what_is_wrong_is_said_where(gold: Newsroom, body: Any, pointer: str) -> None:
    reply = gold.max.post("corpora/lake/releases/", body)
    assert reply.refusal == (400, "invalid")
    assert reply.pointers == [pointer], reply
    assert not Release.objects.exists()


def test_a_large_release_goes_to_a_worker(gold: Newsroom, settings: Any) -> None:
    settings.RELEASE_INLINE_SPANS = 0
    reply = gold.max.post("corpora/lake/releases/", {"formats": ["jsonl"]})
    assert reply.status == 202
    job = reply.data
    assert set(job) == JOB
    assert (job["kind"], job["state"], job["done"], job["result"]) == ("release", "queued", 0, None)
    assert "manage.py worker" in job["notice"]
    assert reply.headers["Location"].endswith(f"/api/v1/jobs/{job['id']}/")
    row = gold.max.get("corpora/lake/releases/").data["results"][0]
    assert (row["state"], row["files"]) == ("building", [])
    early = gold.max.get(f"releases/{row['id']}/files/manifest.json")
    assert early.refusal == (409, "not-ready")
    leases.record_worker_heartbeat("one")
    assert gold.max.get(f"jobs/{job['id']}/").data["notice"] is None
    job_runner.run_job(Job.objects.get().pk, "one")
    done = gold.max.get(f"jobs/{job['id']}/").data
    assert (done["state"], done["done"], done["error"]) == ("done", done["total"], None)
    assert done["result"] == {"release": row["id"], "number": 1}
    assert gold.max.get(f"releases/{row['id']}/").data["state"] == "ready"


def test_an_import_goes_to_a_worker_and_reports_each_line(newsroom: Newsroom) -> None:
    at = "corpora/lake/imports/?on_conflict=skip&background=true"
    reply = newsroom.max.raw("POST", at, LINES, NDJSON)
    assert reply.status == 202
    assert newsroom.max.get(f"jobs/{reply.data['id']}/report/").refusal == (404, "not-found")
    job_runner.run_job(Job.objects.get().pk, "one")
    job = newsroom.max.get(f"jobs/{reply.data['id']}/").data
    assert (job["state"], job["done"], job["total"]) == ("done", len(LINES), len(LINES))
    assert job["result"]["created"] == 5
    told = newsroom.max.get(f"jobs/{job['id']}/report/")
    rows = [json.loads(line) for line in told.content.splitlines()]
    assert [(row["line"], row["external_id"], row["outcome"]) for row in rows] == [
        (n + 1, f"a{n}", "created") for n in range(5)
    ]
    # the same in the request
    again = newsroom.max.raw("POST", at.replace("true", "false"), LINES, NDJSON)
    assert (again.status, again.data["skipped"]) == (200, 5)
    assert set(again.data) == set(job["result"])


def test_the_size_of_a_file_decides(newsroom: Newsroom, settings: Any) -> None:
    settings.IMPORT_INLINE_BYTES = len(LINES)
    assert newsroom.max.raw("POST", "corpora/lake/imports/", LINES, NDJSON).status == 200
    settings.IMPORT_INLINE_BYTES -= 1
    assert newsroom.max.raw("POST", "corpora/lake/imports/", LINES, NDJSON).status == 202
    wrong = newsroom.max.raw("POST", "corpora/lake/imports/?owner=nobody&background=true", LINES, NDJSON)
    assert wrong.refusal == (422, "unknown-user")


def test_releases_are_compared(gold: Newsroom) -> None:
    first = release(gold)
    gold.approved("ben")
    second = release(gold)
    for to in ("2", second["id"]):
        told = gold.vic.get(f"releases/{first['id']}/diff/", to=to).data
        assert told["from"] == {"id": first["id"], "number": 1}
        assert told["articles"]["added"]["count"] == len(told["articles"]["added"]["ids"]) == 1
        assert (told["spans"]["added"]["count"], told["spans"]["removed"]["count"]) == (1, 0)
    for to, refusal in (("", (400, "invalid")), ("x", (400, "invalid")), ("3", (404, "not-found"))):
        assert gold.vic.get(f"releases/{first['id']}/diff/", to=to).refusal == refusal
    assert gold.vic.get(f"releases/{first['id']}/diff/").refusal == (400, "invalid")


def test_a_withdrawn_release_tells_why_and_hands_nothing_out(gold: Newsroom) -> None:
    made = release(gold)
    assert gold.rae.post(f"releases/{made['id']}/withdraw/", {"reason": "No."}).refusal == (403, "role")
    assert gold.max.post(f"releases/{made['id']}/withdraw/", {}).refusal == (400, "invalid")
    gone = gold.max.post(f"releases/{made['id']}/withdraw/", {"reason": "A text had to go."}).data
    assert gone["withdrawn"] == {"at": gone["withdrawn"]["at"], "by": "max", "reason": "A text had to go."}
    assert gone["files"] == made["files"]
    assert gold.vic.get(f"releases/{made['id']}/").data == gone
    reply = gold.vic.get(f"releases/{made['id']}/files/manifest.json")
    assert reply.refusal == (410, "withdrawn")
    assert reply.data["reason"] == "A text had to go."
    repeat = gold.max.post(f"releases/{made['id']}/withdraw/", {"reason": "Again."})
    assert (repeat.status, repeat.data) == (200, gone)
    assert release(gold)["number"] == 2


def test_withheld_texts_are_nowhere_in_the_bundle(gold: Newsroom) -> None:
    made = release(gold, formats=["jsonl", "quotes", "positions", "dna"], include_text=False)
    packed = gold.vic.get(f"releases/{made['id']}/files/lake-1.zip").content
    with zipfile.ZipFile(io.BytesIO(packed)) as bundle:
        assert all(b"the lock will close" not in bundle.read(name) for name in bundle.namelist())


def test_a_corpus_with_releases_is_kept(newsroom: Newsroom) -> None:
    release(newsroom, sets="none")
    version = newsroom.max.get("corpora/lake/").version
    assert newsroom.max.delete("corpora/lake/", version).refusal == (409, "in-use")
