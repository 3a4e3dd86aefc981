"""Downloads of finished files: whole, in part, and on from where they broke off."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from annotations.models import Job
from annotations.services import job_runner
from annotations.services.exchange.exports import jobs as exports
from tests.newsroom import Newsroom
from tests.object_store import BUCKET, running_store

PROVES = False  # the data of these tests is proved by others


@pytest.fixture(params=["folder", "bucket"])
def files(
    request: pytest.FixtureRequest, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Where files lie."""
    settings.FILES_DIR = tmp_path / "files"
    if request.param == "folder":
        yield
        return
    pytest.importorskip("obstore")
    with running_store() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        settings.FILES_URL = f"s3://{BUCKET}/desk/{running.port}"
        yield


@pytest.fixture
def addresses(files: None, newsroom: Newsroom) -> list[str]:
    """An export that a worker has made, and a file of a release."""
    newsroom.approved("ann")
    job = newsroom.max.post("corpora/lake/exports/", {"format": "jsonl"}).data["id"]
    job_runner.run_job(Job.objects.get(pk=job).pk, "one")
    release = newsroom.max.post("corpora/lake/releases/", {"formats": ["jsonl"]}).data["id"]
    return [f"jobs/{job}/file/", f"releases/{release}/files/lake.jsonl"]


def test_a_part_is_sent_where_one_is_asked_for(addresses: list[str], newsroom: Newsroom) -> None:
    for address in addresses:
        whole = newsroom.max.get(address)
        data, size = whole.content, len(whole.content)
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        assert (whole.status, whole.headers["ETag"]) == (200, etag)
        assert whole.headers["Accept-Ranges"] == "bytes"
        for asked, start, end in (
            ("bytes=0-0", 0, 1), ("bytes=7-", 7, size), ("bytes=-5", size - 5, size),
            (f"bytes=10-{size * 9}", 10, size), (f"bytes=-{size * 9}", 0, size), ("BYTES = 3-8", 3, 9),
        ):  # fmt: skip
            part = newsroom.max.raw("GET", address, headers={"Range": asked})
            assert (part.status, part.content) == (206, data[start:end]), asked
            assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
            assert part.headers["Content-Length"] == str(end - start)
            for name in ("ETag", "Repr-Digest", "Content-Disposition", "Content-Type"):
                assert part.headers[name] == whole.headers[name]
        for asked in (
            "bytes=5-3",
            "bytes=-",
            "bytes=a-b",
            "pages=1-2",
            "bytes=0-1,4-5",
            f"bytes={'9' * 30}-",
        ):
            answer = newsroom.max.raw("GET", address, headers={"Range": asked})
            assert (answer.status, answer.content) == (200, data), asked
        for asked in (f"bytes={size}-", "bytes=-0", f"bytes={size + 5}-{size + 9}"):
            refused = newsroom.max.raw("GET", address, headers={"Range": asked})
            assert refused.refusal == (416, "range-not-satisfiable")
            assert refused.headers["Content-Range"] == f"bytes */{size}"


def test_the_tag_decides_what_is_sent(addresses: list[str], newsroom: Newsroom) -> None:
    for address in addresses:
        whole = newsroom.max.get(address)
        etag, data = whole.headers["ETag"], whole.content

        def ask(**headers: str) -> tuple[int, bytes]:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = newsroom.max.raw("GET", address, headers=named)  # noqa: B023 - called at once
            return answer.status, answer.content

        assert ask(Range="bytes=4-", If_Range=etag) == (206, data[4:])
        for other in ('"other"', f"W/{etag}", "Tue, 01 Dec 2026 00:00:00 GMT"):
            assert ask(Range="bytes=4-", If_Range=other) == (200, data)
        for same in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            assert ask(If_None_Match=same) == (304, b"")
        assert ask(If_None_Match='"other"') == (200, data)
        assert ask(If_Match=f'"other", {etag}') == ask(If_Match="*") == (200, data)
        for other in ('"other"', f"W/{etag}", "nonsense"):
            assert newsroom.max.raw("GET", address, headers={"If-Match": other}).refusal == (412, "stale")


def test_an_export_in_one_request_cannot_be_gone_on_with(newsroom: Newsroom) -> None:
    newsroom.approved("ann")
    whole = newsroom.max.get("corpora/lake/export/")
    assert whole.headers["Accept-Ranges"] == "none"
    assert (
        newsroom.max.raw("GET", "corpora/lake/export/", headers={"Range": "bytes=4-"}).content
        == whole.content
    )


def test_too_large_an_export_names_the_address_that_makes_it(newsroom: Newsroom, settings: Any) -> None:
    """By the spans that the caller sees and the filters choose, and by articles where there are none."""
    newsroom.approved("ann")
    settings.EXPORT_INLINE_SPANS = exports.ARTICLES_FOR_SPANS  # one article
    assert newsroom.vic.get("corpora/lake/export/", sets="none").status == 200
    newsroom.article()
    refused = newsroom.vic.get("corpora/lake/export/", sets="none", format="text")
    assert refused.refusal == (422, "too-large")
    assert refused.data["exports"] == "/api/v1/corpora/lake/exports/?sets=none&format=text"
    assert refused.data["exports"] in refused.data["detail"]
    assert newsroom.vic.get("corpora/lake/export/", sets="none", external_id="no such").status == 200
    made = newsroom.vic.post(refused.data["exports"].removeprefix("/api/v1/"))
    assert (made.status, made.data["kind"]) == (202, "export")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_goes_on_where_it_broke_off(addresses: list[str], newsroom: Newsroom, tmp_path: Path) -> None:
    class Handler(BaseHTTPRequestHandler):
        """The service in this process, for one request."""

        def do_GET(self) -> None:
            reply = newsroom.max.raw("GET", self.path, headers={"Range": self.headers["Range"]})
            self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.content)

        def log_message(self, *_args: object) -> None:
            pass

    got = tmp_path / "lake.jsonl"
    for address in addresses:
        data = newsroom.max.get(address).content
        got.write_bytes(data[:100])
        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            url = f"http://127.0.0.1:{server.server_port}/api/v1/{address}"
            command = ["curl", "-sS", "--noproxy", "*", "-C", "-", "-w", "%{http_code}", "-o", str(got), url]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
                server.handle_request()
                status, _ = curl.communicate(timeout=600)
        assert (status, got.read_bytes()) == ("206", data)
