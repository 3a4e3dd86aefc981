"""Kill whoever does a job, again and again, and look what is left: run by ``test_kills.py``.

The names of some parts as arguments run only those.

A process of its own with a database of its own. Each job is begun by a child that is killed with -9 at
another moment of the work; then its lease runs out, the job is called for again, and done. Prints one
JSON object.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

POINTS = 20
ARTICLES = 300
UPDATE_POINTS, UPDATED = 2, 1_000
ROOT = Path(__file__).resolve().parents[2]


def prepare() -> None:
    """The demo corpus, which has approved work, in a fresh database."""
    call_command("migrate", verbosity=0)
    call_command("import", "demo", str(ROOT / "seeds" / "demo.jsonl"), restore=True, stdout=io.StringIO())


def lines(number: int) -> io.BytesIO:
    """A file to import; every run has articles of its own."""
    rows = (
        {"external_id": f"{number}-{n}", "text": f"Ardenia speaks {number} {n}.",
         "spans": [{"id": "s", "label": "actor", "start": 0, "end": 7, "quote": "Ardenia"}]}
        for n in range(ARTICLES)
    )  # fmt: skip
    return io.BytesIO("".join(f"{json.dumps(row)}\n" for row in rows).encode())


def begun(id: Any, after: float | None) -> float:
    """Let a child do the job, and kill it ``after`` so many seconds; answers how long it lived."""
    from django.db import connection  # noqa: PLC0415 - Django is set up when this runs

    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]  # parent and child must not share it
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        from annotations.services import job_runner  # noqa: PLC0415

        job_runner.run_job(id, "child")
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return time.perf_counter() - started


def finish(job: Any) -> Any:
    """Wait until the lease is over, and do what is called for."""
    from annotations.models import Job, JobState  # noqa: PLC0415
    from annotations.services import job_runner  # noqa: PLC0415

    while True:
        found = Job.objects.get(pk=job.pk)
        if found.state in (JobState.DONE, JobState.FAILED):
            return found
        time.sleep(0.3)
        job_runner.requeue_lost_jobs()
        job_runner.run_job(job.pk, "other")


def kill_imports() -> dict[str, Any]:
    """Everything that was in the file is stored once, and told once."""
    from django.contrib.auth.models import User  # noqa: PLC0415

    from annotations.models import Article, Corpus, Job, Membership, Span  # noqa: PLC0415
    from annotations.services import job_runner  # noqa: PLC0415
    from annotations.services.exchange.imports import ImportOptions  # noqa: PLC0415
    from annotations.services.exchange.imports.jobs import REPORT_FILE  # noqa: PLC0415
    from tests import stored_files  # noqa: PLC0415

    corpus = Corpus.objects.get()
    by = User.objects.create_user("keeper")
    Membership.objects.create(corpus=corpus, user=by, role="manager")
    wrong, midway = [], 0
    whole = begun(job_runner.queue_import(by, corpus, lines(0), ImportOptions()).pk, None)
    for number in range(1, POINTS + 1):
        job: Job = job_runner.queue_import(by, corpus, lines(number), ImportOptions())
        begun(job.pk, whole * number / (POINTS + 1))
        stored = Article.objects.filter(external_id__startswith=f"{number}-").count()
        noted = Job.objects.get(pk=job.pk).cursor.get("lines", 0)
        midway += 0 < stored < ARTICLES
        if stored != noted:
            wrong.append(f"{number}: {stored} articles are stored, {noted} are noted")
        done = finish(job)
        mine = Article.objects.filter(external_id__startswith=f"{number}-")
        spans = Span.objects.filter(set__article__in=mine).count()
        rows = stored_files.job_path(job.pk, REPORT_FILE).read_text().splitlines()
        told = (done.state, mine.count(), spans, (done.result or {}).get("created"), len(rows))
        if told != ("done", ARTICLES, ARTICLES, ARTICLES, ARTICLES):
            wrong.append(f"{number}: {told}: {done.error}")
    return {"points": POINTS, "midway": midway, "seconds": whole, "wrong": wrong}


def changed_lines(number: int) -> io.BytesIO:
    """A file with another text for each of the articles with marks."""
    texts = (f"{'News. ' * number}Ardenia speaks of {n}." for n in range(UPDATED))
    rows = ({"external_id": f"updated-{n}", "text": text} for n, text in enumerate(texts))
    return io.BytesIO("".join(f"{json.dumps(row)}\n" for row in rows).encode())


def kill_updates() -> dict[str, Any]:
    """Whole articles go on to their new text with their sets, and in the end all of them."""
    from django.contrib.auth.models import User  # noqa: PLC0415

    from annotations.models import AnnotationSet, Article, Corpus, Job, Membership  # noqa: PLC0415
    from annotations.services import integrity, job_runner  # noqa: PLC0415
    from annotations.services.exchange.imports import ImportOptions, import_file  # noqa: PLC0415

    corpus = Corpus.objects.get()
    by = User.objects.create_user("corrector")
    Membership.objects.create(corpus=corpus, user=by, role="manager")
    spans = [{"label": "actor", "start": 0, "end": 7, "quote": "Ardenia"}]
    rows = [json.loads(line) | {"spans": spans} for line in changed_lines(0)]
    import_file(
        by, corpus, io.BytesIO("".join(f"{json.dumps(row)}\n" for row in rows).encode()), ImportOptions()
    )
    mine = Article.objects.filter(external_id__startswith="updated-")
    update = ImportOptions(on_conflict="update")
    whole = begun(job_runner.queue_import(by, corpus, changed_lines(1), update).pk, None)
    wrong, midway = [], 0
    for number in range(2, UPDATE_POINTS + 2):
        job: Job = job_runner.queue_import(by, corpus, changed_lines(number), update)
        begun(job.pk, whole * (number - 1) / (UPDATE_POINTS + 1))
        gone_on = mine.filter(revision__number=number + 1).count()
        noted = Job.objects.get(pk=job.pk).cursor.get("lines", 0)
        midway += 0 < gone_on < UPDATED
        open_sets = AnnotationSet.objects.filter(article__in=mine, state="open", span_counts={"actor": 1})
        there = open_sets.filter(revision__number=number + 1).count()
        faults = [
            f"{name}: {tally.findings[0].sentence}"
            for name, tally in integrity.run_checks(corpus).checks.items()
            if tally.found
        ]
        if (gone_on, there, open_sets.count(), faults) != (noted, noted, UPDATED, []):
            wrong.append(
                f"{number}: {gone_on} of {noted} went on, {there} sets of {open_sets.count()}: {faults}"
            )
        done = finish(job)
        last = mine.filter(revision__number=number + 1).count()
        carried = (done.result or {}).get("carried", {}).get("shifted")
        if (done.state, last, open_sets.filter(revision__number=number + 1).count(), carried) != (
            "done",
            UPDATED,
            UPDATED,
            UPDATED,
        ):
            wrong.append(f"{number}: {done.state}, {last} went on, {carried} are reported: {done.error}")
    return {"points": UPDATE_POINTS, "midway": midway, "seconds": whole, "wrong": wrong}


def kill_releases() -> dict[str, Any]:
    """Every release is ready with all its files, whose bytes are those of the others."""
    from annotations.models import Corpus, Job, Release  # noqa: PLC0415
    from annotations.services import job_runner, releases  # noqa: PLC0415
    from annotations.services.releases.verify import verify_release  # noqa: PLC0415
    from tests import stored_files  # noqa: PLC0415

    corpus = Corpus.objects.get()
    order = releases.ReleaseRequest(formats=["jsonl", "quotes", "brat", "huggingface"])

    def ordered() -> Release:
        return job_runner.make_release(None, corpus, order, inline=False)[0]

    def digest(release: Release) -> str:
        data = stored_files.release_path(release.pk, "demo.jsonl").read_bytes()
        return hashlib.sha256(data).hexdigest()

    first = ordered()
    whole = begun(first.job_id, None)
    wrong, frozen = [], 0
    for number in range(1, POINTS + 1):
        release = ordered()
        begun(release.job_id, whole * number / (POINTS + 1))
        found = Release.objects.get(pk=release.pk)
        frozen += found.frozen_at is not None and found.state == "building"
        if (found.state == "ready") != found.files.exists() or found.chunks.exists() != bool(found.frozen_at):
            wrong.append(f"{number}: half a release is {found.state}")
        done = finish(Job.objects.get(release=release))
        ready = Release.objects.select_related("corpus").get(pk=release.pk)
        findings = list(verify_release(ready)) if ready.state == "ready" else [done.error]
        if findings or digest(ready) != digest(first):
            wrong.append(f"{number}: {ready.state} {findings}")
    return {"points": POINTS, "midway": frozen, "seconds": whole, "wrong": wrong}


def kill_exports() -> dict[str, Any]:
    """Every export is done, with the same bytes."""
    from django.contrib.auth.models import User  # noqa: PLC0415

    from annotations.models import Corpus  # noqa: PLC0415
    from annotations.services.exchange.exports.jobs import EXPORT_FILE, queue_export  # noqa: PLC0415
    from tests import stored_files  # noqa: PLC0415

    corpus, by = Corpus.objects.get(), User.objects.get(username="keeper")

    def queue() -> Any:
        return queue_export(by, corpus, {"format": "jsonl"})

    def digest(job: Any) -> str:
        return stored_files.sha256_of_file(stored_files.job_path(job.pk, EXPORT_FILE))

    first = queue()
    whole = begun(first.pk, None)
    wrong = []
    for number in range(1, POINTS + 1):
        job = queue()
        begun(job.pk, whole * number / (POINTS + 1))
        done = finish(job)
        if done.state != "done" or {digest(job), digest(first)} != {done.result["sha256"]}:
            wrong.append(f"{number}: {done.state} {done.error}")
    return {"points": POINTS, "seconds": whole, "wrong": wrong}


def orphans() -> list[str]:
    """Files that belong to nothing when the sweeper has been there."""
    from annotations.models import Job, Release  # noqa: PLC0415
    from annotations.services import job_runner  # noqa: PLC0415
    from annotations.services.jobs import storage  # noqa: PLC0415

    settings.JOB_LEASE = -1  # whatever its age
    job_runner.delete_orphans()
    left = [path.name for path in storage.data_directory(storage.TMP_DIR).iterdir()]
    known = {str(id) for model in (Job, Release) for id in model.objects.values_list("pk", flat=True)}
    for kind in (storage.JOBS_DIR, storage.RELEASES_DIR):
        left += [path.name for path in storage.data_directory(kind).iterdir() if path.name not in known]
    left += [str(path) for path in storage.data_directory(storage.JOBS_DIR).glob("*/upload")]
    return left


def main() -> None:
    """Everything."""
    django.setup()
    prepare()
    settings.JOB_LEASE = 1
    parts: dict[str, Callable[[], Any]] = {
        "imports": kill_imports, "releases": kill_releases, "exports": kill_exports,
        "orphans": orphans, "updates": kill_updates,
    }  # fmt: skip
    wanted = sys.argv[1:] or parts
    json.dump({name: part() for name, part in parts.items() if name in wanted}, sys.stdout)


if __name__ == "__main__":
    main()
