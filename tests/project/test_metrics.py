"""Metrics: what the dashboard and the alerts name exists, and what is counted is told by all processes."""

from __future__ import annotations

import io
import json
import re
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from annotations.models import Job, JobKind, Worker
from project.metrics import catalog
from project.metrics.stored import StoredNumbers
from tests.newsroom import Newsroom
from tests.server import ROOT, free_port, running_server

METRICS = (*catalog.COUNTED, *catalog.STORED)
SHOWN = {name for metric in METRICS for name in catalog.shown_names(metric)}
_NAME = re.compile(r"\bstandpoint_[a-z_]+")


@pytest.mark.parametrize("file", ["ops/dashboard.json", "ops/alerts.yaml"])
def test_every_metric_that_is_named_exists(file: str) -> None:
    named = set(_NAME.findall((ROOT / file).read_text(encoding="utf-8")))
    assert len(named) >= 8
    assert named <= SHOWN, named - SHOWN


def test_the_dashboard_shows_them_all() -> None:
    expressions = json.dumps(json.loads((ROOT / "ops" / "dashboard.json").read_text(encoding="utf-8")))
    for metric in METRICS:
        if metric is not catalog.DATABASE_UP:
            assert metric.name in expressions, metric.name


def test_the_guide_lists_them_all() -> None:
    listed = re.findall(r"^\| `(standpoint_\w+)`", (ROOT / "docs/howto/watch.md").read_text(), re.MULTILINE)
    names = [catalog.shown_names(metric)[0].removesuffix("_bucket") for metric in METRICS]
    assert listed == names


def test_the_rows_say_how_the_work_stands(
    newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    newsroom.approved()
    newsroom.set()
    now = timezone.now()
    Job.objects.filter().delete()
    Job.objects.create(
        corpus=newsroom.lake, kind=JobKind.EXPORT, run_after=now - timedelta(minutes=10), state="queued"
    )
    Worker.objects.create(name="alive", started_at=now, beat_at=now)
    Worker.objects.create(name="dead", started_at=now, beat_at=now - timedelta(hours=1))
    readings = {(metric.name, labels): number for metric, labels, number in StoredNumbers().read()}
    assert readings["standpoint_sets", ("approved",)] == 1
    assert readings["standpoint_sets", ("open",)] == 1
    assert readings["standpoint_jobs", ("export", "queued")] == 1
    assert readings["standpoint_job_oldest_seconds", ("export", "queued")] >= 600
    assert readings["standpoint_workers_alive", ()] == 1
    assert readings["standpoint_last_event", ()] > 0
    assert ("standpoint_fsck_findings", ()) not in readings
    call_command("fsck", stdout=io.StringIO())
    readings = {(metric.name, labels): number for metric, labels, number in StoredNumbers().read()}
    assert readings["standpoint_fsck_findings", ()] == 0
    assert readings["standpoint_fsck_time_seconds", ()] > 0


def fetch(port: int) -> str:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            time.sleep(0.2)
    raise AssertionError("Nobody serves metrics.")


@pytest.mark.slow
def test_all_processes_are_counted_together(tmp_path: Path) -> None:
    library = pytest.importorskip("prometheus_client")
    port = free_port()
    given: dict[str, Any] = {"METRICS_PORT": str(port), "WEB_WORKERS": "2"}
    given["PYTHONPATH"] = str(Path(str(library.__file__)).parents[1])
    with running_server(tmp_path, **given) as server:
        secret = "sf_never-in-metrics"
        for _ in range(40):
            server.request("GET", f"/api/v1/corpora/lake/feed/?token={secret}")
        server.request("GET", "/nowhere/")
        told = fetch(port)
        assert server.request("GET", "/metrics")[0].status == 404
    assert secret not in told
    route = 'method="GET",route="api/v1/corpora/<slug:slug>/feed/"'
    assert f'standpoint_requests_total{{{route},status="401"}} 40.0' in told
    assert f"standpoint_request_seconds_count{{{route}}} 40.0" in told
    assert "standpoint_database_up 1.0" in told
    for metric in METRICS:
        assert f"# TYPE {metric.name}" in told or metric.name.startswith("standpoint_pool"), metric.name
