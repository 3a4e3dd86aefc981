"""The Python client against the service: nothing stored twice, nothing lost, and refusals that say why."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from annotations.enums import Scope
from annotations.models import Article, Job, Span
from annotations.services import job_runner
from standpoint_client import (
    ConnectionLostError,
    DigestError,
    ImportFailedError,
    JobFailedError,
    ProblemError,
    StandpointClientError,
    StillWaitingError,
)
from standpoint_client.downloads import download
from standpoint_client.jobs import JobClient
from standpoint_client.releases import verify_folder
from standpoint_client.transport import Transport
from tests.client.conftest import Connect, Connection
from tests.newsroom import TEXT, Newsroom

LOST = "lost"
NAME = {
    "label": "actor",
    "start": 60,
    "end": 69,
    "quote": "Ada Verde",
    "attributes": {"mention_type": "name"},
}


def test_push_stores_and_then_corrects(max_: Connection) -> None:
    lake = max_.client.corpus("lake")
    made = lake.push(TEXT, external_id="a1", title="The toll", spans=[NAME])
    assert (made["external_id"], made["title"], made["revision"]["number"]) == ("a1", "The toll", 1)
    again = lake.push(TEXT.replace("new toll", "new tolls"), external_id="a1", title="The tolls")
    assert (again["id"], again["title"], again["revision"]["number"]) == (made["id"], "The tolls", 2)
    assert lake.text(made["id"]) == TEXT.replace("new toll", "new tolls")
    assert [span["quote"] for span in lake.spans(article=made["id"], state="open")] == ["Ada Verde"]


def test_pushing_many_tells_of_refused_lines_and_keeps_the_others(max_: Connection) -> None:
    lake = max_.client.corpus("lake")
    rows = [{"external_id": f"a{number}", "text": TEXT, "spans": [NAME]} for number in range(3)]
    rows[1]["spans"] = [{**NAME, "quote": "somebody else"}]
    with pytest.raises(
        ImportFailedError, match=r"1 of 3 articles were refused:\n  a1 /spans/0/quote: "
    ) as caught:
        lake.push_many(rows)
    assert caught.value.report["created"] == 2
    assert {row["external_id"] for row in lake.articles() if row["external_id"]} >= {"a0", "a2"}


@pytest.mark.parametrize("faults", [[LOST], [LOST, httpx.Response(503, headers={"Retry-After": "7"}), LOST]])
def test_a_lost_answer_creates_nothing_twice(connect: Connect, newsroom: Newsroom, faults: list[Any]) -> None:
    row = newsroom.set("ann")
    ann = connect("ann")
    before = Span.objects.count()
    ann.line.faults = list(faults)
    made = ann.client.create(f"sets/{row.pk}/spans/", [NAME])
    assert [span["quote"] for span in made] == ["Ada Verde"]
    assert Span.objects.count() == before + 1
    assert len(ann.waits) == len(faults)
    assert len(faults) == 1 or ann.waits[1] == 7


def test_a_pushed_file_is_sent_whole_again(max_: Connection) -> None:
    max_.line.faults = [LOST]
    report = max_.client.corpus("lake").push_many([{"external_id": "a1", "text": TEXT}])
    assert (report["lines"], report["failed"]) == (1, 0)
    assert Article.objects.filter(external_id="a1").count() == 1
    assert len({request.headers["Content-Length"] for request in max_.line.requests}) == 1


def test_who_never_gets_an_answer_is_told(max_: Connection) -> None:
    max_.line.faults = [LOST] * max_.client.transport.tries
    with pytest.raises(
        ConnectionLostError, match=r"No answer from http://testserver/api/v1/me/: The line was cut\."
    ):
        max_.client.me()
    max_.line.faults = [httpx.Response(502, text="<h1>Bad gateway</h1>") for _ in range(6)]
    with pytest.raises(ProblemError, match=r"answered 502, without saying why\. \(502\)"):
        max_.client.me()


def test_a_refusal_says_where_and_is_not_sent_again(connect: Connect, newsroom: Newsroom) -> None:
    row = newsroom.set("ann")
    ann = connect("ann")
    with pytest.raises(ProblemError) as caught:
        ann.client.create(f"sets/{row.pk}/spans/", [NAME, {**NAME, "end": 70}])
    refusal = caught.value
    assert (refusal.status, refusal.code, refusal.pointer) == (422, "quote-mismatch", "/1/quote")
    assert "/1/quote" in str(refusal)
    assert len(ann.line.requests) == 1


def test_edit_goes_on_where_others_changed_something_else(connect: Connect, newsroom: Newsroom) -> None:
    max_, article = connect("max"), newsroom.article(title="Old")
    path = f"articles/{article.pk}/"

    def change_meanwhile(**changes: Any) -> None:
        version = Article.objects.get(pk=article.pk).version
        assert newsroom.max.patch(path, changes, version).status == 200

    max_.line.faults = [None]
    send, others = max_.line.handle_request, [{"source": "The Ardenia Post"}, {"title": "Theirs"}]

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH" and others:
            change_meanwhile(**others.pop(0))
        return send(request)

    max_.line.handle_request = handle  # type: ignore[method-assign]
    # the first other change is of another field; the second is of the same one
    with pytest.raises(ProblemError) as caught:
        max_.client.edit(path, title="Mine")
    assert (caught.value.status, others) == (412, [])
    row = max_.client.edit(path, title="Mine")
    assert (row["title"], row["source"]) == ("Mine", "The Ardenia Post")


def test_lists_are_read_to_their_end(max_: Connection) -> None:
    lake = max_.client.corpus("lake")
    lake.push_many({"external_id": f"a{number}", "text": f"{TEXT} {number}"} for number in range(7))
    found = [row["external_id"] for row in lake.articles(page_size=2)]
    assert sorted(filter(None, found)) == [f"a{number}" for number in range(7)]
    assert [row["slug"] for row in max_.client.corpora()] == ["lake"]
    assert max_.client.me()["username"] == "max"


def test_events_go_on_where_one_stopped(max_: Connection) -> None:
    lake = max_.client.corpus("lake")
    last = max((event["seq"] for event in lake.events()), default=0)
    lake.push_many({"external_id": f"a{number}", "text": f"{TEXT} {number}"} for number in range(3))
    new = list(lake.events(last))
    assert [event["seq"] for event in new] == sorted({event["seq"] for event in new})
    assert {event["external_id"] for event in new if event["external_id"]} == {"a0", "a1", "a2"}
    following = lake.events(last, follow=True)
    assert [next(following)["seq"] for _ in new] == [event["seq"] for event in new]


def test_waiting_for_approval(max_: Connection, newsroom: Newsroom) -> None:
    lake = max_.client.corpus("lake")
    external_id = "done-1"
    approved = newsroom.approved("ann", newsroom.article(external_id=external_id))
    rows = lake.wait_for_approval([external_id, external_id])
    assert rows[external_id]["approved_set"] == str(approved.pk)
    with pytest.raises(StillWaitingError, match="1 articles are not approved yet, first nothing"):
        lake.wait_for_approval([external_id, "nothing"], timeout=0)


def test_an_export_is_proved_by_its_digest(max_: Connection, newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.approved("ann")
    lake = max_.client.corpus("lake")
    path = lake.export("jsonl", tmp_path)
    assert path == tmp_path / "lake.jsonl"
    assert json.loads(path.read_bytes().split(b"\n")[0])["format"] == "standpoint/1"
    max_.line.faults = [
        httpx.Response(200, content=b"other", headers={"Repr-Digest": "sha-256=:AAAAAAAAAAAAAAAAAAAAAA==:"})
    ]
    with pytest.raises(
        DigestError, match=r"^quotes\.csv did not arrive as it was sent; download it again\.$"
    ):
        lake.export("quotes", tmp_path / "quotes.csv")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["lake.jsonl"]


@pytest.fixture
def exported(max_: Connection, newsroom: Newsroom) -> Any:
    """The job of a finished export."""
    newsroom.approved("ann")
    row = max_.client.transport.send("POST", "corpora/lake/exports/", json={}).json()
    job_runner.run_job(UUID(row["id"]), "worker")
    return JobClient(max_.client, row).wait()


def test_a_download_goes_on_where_it_broke_off(max_: Connection, exported: Any, tmp_path: Path) -> None:
    """Within a call and from one to the next; a file that is another by now is sent anew."""
    path, sha256 = f"jobs/{exported['id']}/file/", exported["result"]["sha256"]
    size, place = exported["result"]["bytes"], tmp_path / "lake.jsonl"
    part = place.with_name("lake.jsonl.part")

    def pull(*faults: Any, target: Path = place) -> list[str | None]:
        max_.line.requests.clear()
        max_.line.faults = list(faults)
        assert (
            hashlib.sha256(
                download(max_.client.transport, path, target, {}, sha256=sha256).read_bytes()
            ).hexdigest()
            == sha256
        )
        return [request.headers.get("Range") for request in max_.line.requests]

    assert pull(100, 50, target=tmp_path) == [None, "bytes=100-", "bytes=150-"]
    part.write_bytes(place.read_bytes()[:30])
    assert pull() == ["bytes=30-"]
    part.write_bytes(place.read_bytes() + b"more")
    assert pull() == [f"bytes={size + 4}-", None]
    part.write_bytes(b"of another")
    with pytest.raises(DigestError):
        pull()
    assert not part.exists()
    with pytest.raises(ConnectionLostError):
        pull(*[10] * max_.client.transport.tries)
    assert part.stat().st_size == 10 * max_.client.transport.tries


def test_a_download_that_cannot_go_on_starts_anew(
    max_: Connection, newsroom: Newsroom, tmp_path: Path
) -> None:
    newsroom.approved("ann")
    max_.line.faults = [100]
    assert max_.client.corpus("lake").export("jsonl", tmp_path).stat().st_size > 100
    assert [request.headers.get("Range") for request in max_.line.requests] == [None, None]
    assert [file.name for file in tmp_path.iterdir()] == ["lake.jsonl"]


def test_too_large_an_export_is_made_by_a_worker(
    max_: Connection, newsroom: Newsroom, settings: Any, tmp_path: Path
) -> None:
    newsroom.approved("ann")
    settings.EXPORT_INLINE_SPANS = 0
    max_.client.transport.sleep = lambda _seconds: job_runner.run_job(Job.objects.get().pk, "worker")
    path = max_.client.corpus("lake").export("quotes", tmp_path)
    assert (path.name, path.read_text("utf-8").count("\n")) == ("lake.csv", 2)


def test_a_release_is_made_pulled_and_verified(max_: Connection, newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.approved("ann")
    lake = max_.client.corpus("lake")
    release = lake.release(["jsonl", "quotes"], name="Spring")
    folder = lake.get_release(release.row["number"]).pull(tmp_path / "spring")
    assert verify_folder(folder) == []
    names = {file.name for file in folder.iterdir()}
    assert names == {file["name"] for file in release.row["files"]}
    asked = len(max_.line.requests)
    release.pull(folder)
    assert len(max_.line.requests) == asked, "what is there is not sent again"
    (folder / "lake.quotes.csv").write_text("other")
    (folder / "lake.jsonl").unlink()
    assert sorted(verify_folder(folder)) == [
        "lake.jsonl is missing.",
        "lake.quotes.csv is not as it was released.",
    ]
    with pytest.raises(ProblemError, match=r"lake has no release 9\."):
        lake.get_release(9)


def test_a_download_may_lie_in_a_store(tmp_path: Path) -> None:
    """A redirect to it is followed, without the token, and what it sends is compared with the digest."""
    asked: list[tuple[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((str(request.url), request.headers.get("Authorization")))
        if request.url.host == "desk.example":
            return httpx.Response(302, headers={"Location": "https://store.example/file?signed"})
        return httpx.Response(200, content=b"bytes")

    http = httpx.Client(transport=httpx.MockTransport(answer))
    transport = Transport("https://desk.example", "secret", http=http)
    sha256 = hashlib.sha256(b"bytes").hexdigest()
    download(transport, "jobs/1/file/", tmp_path / "file", {}, sha256=sha256)
    assert (tmp_path / "file").read_bytes() == b"bytes"
    assert asked == [
        ("https://desk.example/api/v1/jobs/1/file/", "Bearer secret"),
        ("https://store.example/file?signed", None),
    ]
    with pytest.raises(DigestError):
        download(transport, "jobs/1/file/", tmp_path / "file", {}, sha256="0" * 64)


def test_a_job_is_waited_for(max_: Connection, newsroom: Newsroom) -> None:
    lake = max_.client.corpus("lake")
    sent = io.BytesIO(json.dumps({"external_id": "a1", "text": TEXT}).encode())
    row = max_.client.transport.send(
        "POST", f"{lake.path}imports/", params={"format": "jsonl", "background": True},
        headers={"Content-Type": "application/x-ndjson"}, body=lambda: sent,
    ).json()  # fmt: skip
    job, out = JobClient(max_.client, row), io.StringIO()
    with pytest.raises(StillWaitingError):
        job.wait(timeout=0)
    max_.client.transport.sleep = lambda _seconds: job_runner.run_job(UUID(job.row["id"]), "worker")
    assert (job.wait(progress=True, out=out)["result"] or {})["created"] == 1
    assert "1" in out.getvalue()
    failed = JobClient(max_.client, {**job.row, "state": "failed", "error": "The file is gone."})
    with pytest.raises(JobFailedError, match=r"^The file is gone\.$"):
        failed.wait()


def test_a_token_is_sent_to_its_service_only(max_: Connection) -> None:
    for address in (
        "http://elsewhere.test/api/v1/me/",
        "https://testserver/api/v1/me/",
    ):
        with pytest.raises(ValueError, match="the token is sent nowhere else"):
            max_.client.get(address)
    assert max_.line.requests == []


def test_scopes_hold(connect: Connect) -> None:
    reader = connect("max", Scope.READ)
    with pytest.raises(ProblemError) as caught:
        reader.client.corpus("lake").push(TEXT, external_id="a1")
    assert (caught.value.status, caught.value.code) == (403, "scope")


def test_without_pandas_a_table_says_so(max_: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(StandpointClientError, match=r"^This needs pandas: pip install pandas$"):
        max_.client.corpus("lake").to_pandas("quotes")


def test_many_spans_are_changed_or_deleted_at_once(connect: Connect, newsroom: Newsroom) -> None:
    row = newsroom.set("ann")
    ann = connect("ann", Scope.READ, Scope.ANNOTATE)
    sent = [
        {**NAME, "start": start, "end": start + 3, "quote": TEXT[start : start + 3]} for start in (0, 4, 8)
    ]
    ids = [span["id"] for span in ann.client.create(f"sets/{row.pk}/spans/", sent)]
    ann.line.faults = [LOST]
    changed = ann.client.change_spans(str(row.pk), ids[:2], version=2, label="claim", attributes={})
    assert [(span["id"], span["label"]) for span in changed] == [(id, "claim") for id in ids[:2]]
    ann.line.faults = [LOST]
    assert ann.client.change_spans(str(row.pk), ids, version=3, delete=True) == []
    with pytest.raises(ProblemError, match="version 4"):
        ann.client.change_spans(str(row.pk), ["0f8fad5b-d9cb-469f-a165-70867728950e"], version=3, delete=True)
    assert not Span.objects.filter(set=row).exists()
