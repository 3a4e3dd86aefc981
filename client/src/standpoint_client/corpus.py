"""One corpus: articles and marks in, events, tables and datasets out."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from standpoint_client import shapes
from standpoint_client.api import Api, Row
from standpoint_client.downloads import download
from standpoint_client.errors import ImportFailedError, ProblemError, StillWaitingError
from standpoint_client.frames import read_table
from standpoint_client.jobs import JobClient
from standpoint_client.releases import ReleaseClient

#: How many external ids one question takes.
MOST_IDS = 1_000
#: How much of an import is held in memory before it goes to the disk.
SPOOLED = 8 << 20


class CorpusClient:
    """A corpus of the service, by its slug."""

    def __init__(self, client: Api, slug: str) -> None:
        self.client = client
        self.slug = slug
        self.path = f"corpora/{slug}/"

    def show(self) -> shapes.Corpus:
        """Return the row of the corpus."""
        return cast(shapes.Corpus, self.client.get(self.path))

    # in

    def push(
        self, text: str, *, external_id: str, spans: Iterable[Mapping[str, Any]] = (), **fields: Any
    ) -> shapes.Article:
        """Store an article, or bring the stored one of this external id up to date, and return it.

        Where the text differs from the stored one it is corrected, and the marks of people move along.
        """
        row = {"external_id": external_id, "text": text, **fields}
        if given := list(spans):
            row["spans"] = given
        self.push_many([row])
        return next(self.articles(external_id=external_id))

    def push_many(self, rows: Iterable[Mapping[str, Any]], **params: Any) -> Row:
        """Store many articles with their marks, as lines of JSON, and return the report.

        Each has ``external_id`` and ``text``, and may have metadata, ``spans`` and ``relations``. What is
        there already is brought up to date. Raises ``ImportFailedError`` with the report if lines were
        refused; the others are stored.
        """
        with tempfile.SpooledTemporaryFile(SPOOLED) as file:
            for row in rows:
                file.write(json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n")
            return self.send_file(cast(IO[bytes], file), "jsonl", **params)

    def push_file(self, path: str | Path, format: str, **params: Any) -> Row:
        """Import a file in one of the formats that the service reads, and return the report."""
        with Path(path).open("rb") as file:
            return self.send_file(file, format, **params)

    def send_file(self, file: IO[bytes], format: str, *, progress: bool = False, **params: Any) -> Row:
        """Import an open file; a large one is read by a worker, for which this waits."""
        chosen = {"on_conflict": "update", **params, "format": format}
        kind = "application/x-ndjson" if format == "jsonl" else "application/octet-stream"
        headers = {"Content-Type": kind}
        response = self.client.transport.send(
            "POST", f"{self.path}imports/", params=chosen, headers=headers, body=lambda: file
        )
        report = response.json()
        if response.status_code == 202:
            job = JobClient(self.client, cast(shapes.Job, report)).wait(progress=progress)
            report = cast(Row, job["result"])
        if report["failed"]:
            raise ImportFailedError(report)
        return cast(Row, report)

    # out

    def articles(self, **filters: Any) -> Iterator[shapes.Article]:
        """Yield the articles that filters select, without their texts."""
        return cast(Iterator[shapes.Article], self.client.rows(f"{self.path}articles/", **filters))

    def text(self, article: str) -> str:
        """Return the current text of an article, by its id: code points as they were pushed."""
        response = self.client.transport.send("GET", f"articles/{article}/text/")
        return response.content.decode("utf-8")

    def spans(self, **filters: Any) -> Iterator[shapes.ListedSpan]:
        """Yield the spans that filters select: label, actor, proposition, state, article."""
        return cast(Iterator[shapes.ListedSpan], self.client.rows(f"{self.path}spans/", **filters))

    def sets(self, **filters: Any) -> Iterator[shapes.AnnotationSet]:
        """Yield the sets that filters select."""
        return cast(Iterator[shapes.AnnotationSet], self.client.rows(f"{self.path}sets/", **filters))

    def actors(self, **filters: Any) -> Iterator[shapes.Actor]:
        """Yield the known actors."""
        return cast(Iterator[shapes.Actor], self.client.rows(f"{self.path}actors/", **filters))

    def matrix(self, **params: Any) -> Row:
        """Count who stands where on what."""
        return self.client.get(f"{self.path}matrix/", **params)

    def stats(self) -> shapes.Stats:
        """Count articles, sets and spans."""
        return cast(shapes.Stats, self.client.get(f"{self.path}stats/"))

    def export(
        self,
        format: str,
        path: str | Path = ".",
        *,
        background: bool = False,
        progress: bool = False,
        **params: Any,
    ) -> Path:
        """Write an export to a file, or into a folder, and return its path.

        It is checked by its digest. A worker makes it if it is too large for one request, or with
        ``background``; then a download that breaks off goes on where it was.
        """
        chosen = {**params, "format": format}
        if not background:
            try:
                return download(self.client.transport, f"{self.path}export/", Path(path), chosen)
            except ProblemError as refusal:
                if (refusal.status, refusal.code) != (422, "too-large"):
                    raise
        row = self.client.transport.send("POST", f"{self.path}exports/", params=chosen, json={}).json()
        job = JobClient(self.client, cast(shapes.Job, row)).wait(progress=progress)
        proved = (job["result"] or {})["sha256"]
        return download(self.client.transport, f"jobs/{job['id']}/file/", Path(path), {}, sha256=proved)

    def to_pandas(self, format: str = "quotes", **params: Any) -> Any:
        """Return a table of the service, such as quotes, positions or statements, as a data frame."""
        with tempfile.TemporaryDirectory() as folder:
            return read_table(self.export(format, folder, **params))

    # following the work

    def events(
        self, after: int = 0, *, follow: bool = False, pause: float = 2.0, **filters: Any
    ) -> Iterator[shapes.Event]:
        """Yield the events after a number, each once and in order; with ``follow`` also those to come."""
        while True:
            page = self.client.get(f"{self.path}events/", after=after, **filters)
            for event in page["results"]:
                after = event["seq"]
                yield cast(shapes.Event, event)
            if page["next"] is None:
                if not follow:
                    return
                self.client.transport.sleep(pause)

    def status(self, external_ids: Iterable[str]) -> dict[str, shapes.ArticleStatusRow]:
        """Return how far articles are, by their external ids; unknown ones are left out."""
        ids = list(dict.fromkeys(external_ids))
        found: dict[str, shapes.ArticleStatusRow] = {}
        for start in range(0, len(ids), MOST_IDS):
            asked = {"external_ids": ids[start : start + MOST_IDS]}
            answer = self.client.transport.send("POST", f"{self.path}articles/status/", json=asked).json()
            found |= {row["external_id"]: row for row in answer["results"]}
        return found

    def wait_for_approval(
        self, external_ids: Iterable[str], *, timeout: float | None = None, pause: float = 5.0
    ) -> dict[str, shapes.ArticleStatusRow]:
        """Wait until each article has an approved set, and return their rows.

        Raises ``StillWaitingError`` after ``timeout`` seconds.
        """
        ends = None if timeout is None else time.monotonic() + timeout
        ids = list(external_ids)
        while True:
            rows = self.status(ids)
            waiting = [id for id in ids if id not in rows or rows[id]["approved_set"] is None]
            if not waiting:
                return rows
            if ends is not None and time.monotonic() > ends:
                raise StillWaitingError(f"{len(waiting)} articles are not approved yet, first {waiting[0]}.")
            self.client.transport.sleep(pause)

    # releases

    def releases(self) -> Iterator[ReleaseClient]:
        """Yield the releases, the first one first."""
        for row in self.client.rows(f"{self.path}releases/"):
            yield ReleaseClient(self.client, cast(shapes.Release, row))

    def get_release(self, number: int) -> ReleaseClient:
        """Return a release by its number."""
        for release in self.releases():
            if release.row["number"] == number:
                return release
        raise ProblemError(404, {"code": "not-found", "detail": f"{self.slug} has no release {number}."})

    def release(self, formats: Iterable[str], *, progress: bool = False, **fields: Any) -> ReleaseClient:
        """Make a release, wait until it is ready, and return it."""
        body = {**fields, "formats": list(formats)}
        row = self.client.create(f"{self.path}releases/", body)
        if "number" in row:
            return ReleaseClient(self.client, row)
        job = JobClient(self.client, row).wait(progress=progress)
        return ReleaseClient(self.client, cast(shapes.Release, self.client.get(f"releases/{_made_by(job)}/")))


def _made_by(job: shapes.Job) -> str:
    return str(cast(Row, job["result"])["release"])
