"""``manage.py demo``: a team at work in an empty database, and nothing at all in any other."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from annotations.enums import LIVE, ApprovalBasis, State
from annotations.models import (
    AnnotationSet,
    Article,
    Corpus,
    Event,
    FrozenAgreement,
    Membership,
    Revision,
    Span,
    Statement,
    Story,
    Topic,
)
from annotations.services import demo, integrity
from annotations.services.team import corpus_counts, progress, stale_work
from tests import factories

pytestmark = pytest.mark.django_db

TABLES = (AnnotationSet, Article, Corpus, Event, Membership, Revision, Span, User)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def rows() -> dict[str, list[object]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in TABLES}


def test_a_team_at_work(folder: Path) -> None:
    printed = run("--address", "http://127.0.0.1:8000/")
    assert printed.startswith("Standpoint is at http://127.0.0.1:8000/\nThe demo was loaded.\n")
    log_ins = json.loads((folder / "demo-logins.json").read_text())
    assert list(log_ins) == ["ann", "ben", "rae", "max", "vic", "ada"]
    for name, log_in in log_ins.items():
        person = User.objects.get(username=name)
        assert person.check_password(log_in["password"])
        assert person.is_staff
        assert person.is_superuser is (name == "ada")
        assert person.has_perm("annotations.add_corpus") is (name in {"max", "ada"})
        assert f"{name:<8}{log_in['password']}" in printed
    roles = dict(Membership.objects.values_list("user__username", "role"))
    assert roles == {name: log_in["role"] for name, log_in in log_ins.items() if name != "ada"}
    assert set(AnnotationSet.objects.values_list("state", flat=True)) == set(State)
    assert Article.objects.count() == 29
    report = integrity.run_checks()
    assert [tally.findings for tally in report.checks.values() if tally.findings] == []


def test_only_its_owner_reads_the_log_ins(folder: Path) -> None:
    run()
    assert [path.name for path in folder.iterdir()] == ["demo-logins.json"]
    assert stat.S_IMODE((folder / "demo-logins.json").stat().st_mode) == 0o600


def test_twice_changes_nothing(folder: Path) -> None:
    first = run()
    kept, before = (folder / "demo-logins.json").read_bytes(), rows()
    second = run()
    assert second == first.replace("The demo was loaded.", "The demo is loaded already.")
    assert (folder / "demo-logins.json").read_bytes() == kept
    assert rows() == before


def test_a_lost_file_is_not_made_up(folder: Path) -> None:
    run()
    (folder / "demo-logins.json").unlink()
    assert "manage.py changepassword" in run()
    assert not (folder / "demo-logins.json").exists()


def test_another_database_is_left_alone(folder: Path) -> None:
    factories.make_corpus("ours")
    before = rows()
    assert run() == "The database has corpora of its own, so the demo was not loaded.\n"
    assert rows() == before
    assert not list(folder.iterdir())


def test_nobody_gets_a_new_password_by_it(folder: Path) -> None:
    factories.make_user("max")
    assert run() == "The database knows people called max, so the demo was not loaded.\n"
    assert not Corpus.objects.exists()


def test_a_spoilt_file_is_told_and_left(folder: Path) -> None:
    (folder / "demo-logins.json").write_text("{}")
    with pytest.raises(CommandError, match=r"does not hold the demo log-ins; delete it"):
        run()
    assert (folder / "demo-logins.json").read_text() == "{}"
    assert not User.objects.exists()


def test_a_seed_that_fails_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = demo.SEEDS.read_text(encoding="utf-8").splitlines()
    broken = folder / "broken.jsonl"
    broken.write_text("\n".join([*lines[:-1], '{"type": "article", "text": 5}', ""]), encoding="utf-8")
    monkeypatch.setattr(demo, "SEEDS", broken)
    with pytest.raises(CommandError, match=rf"^{broken} cannot be loaded; line {len(lines)}: "):
        run()
    assert not Corpus.objects.exists()
    assert not User.objects.exists()


def test_a_service_is_warned() -> None:
    told = StringIO()
    call_command("demo", stdout=StringIO(), stderr=told)
    assert ("Deactivate the demo people" in told.getvalue()) is (connection.vendor == "postgresql")


def test_every_event_lies_at_the_time_that_the_samples_tell() -> None:
    before = timezone.now()
    run()
    trail = list(Event.objects.order_by("seq").values_list("time", "action", "set_id", "username"))
    assert [time for time, *_ in trail] == sorted(time for time, *_ in trail)
    assert max(time for time, *_ in trail) < before - timedelta(days=1)
    assert Article.objects.filter(created_at__gt=before - timedelta(days=1)).count() == 0
    assert Revision.objects.filter(created_at__gt=before - timedelta(days=1)).count() == 0
    for row in AnnotationSet.objects.select_related("owner", "reviewer"):
        steps = {action: (time, name) for time, action, id, name in trail if id == row.pk}
        if row.approved_by == ApprovalBasis.EQUIVALENCE:
            assert steps["approve_by_equivalence"][0] == row.approved_at
            continue
        if row.submitted_at:
            assert steps["submit"] == (row.submitted_at, row.owner.get_username())
        if row.approved_at:
            assert row.reviewer is not None
            assert steps["approve"] == (row.approved_at, row.reviewer.get_username())
        if row.state == State.IN_REVIEW:
            assert steps["start_review"][0] == row.review_started_at
    frozen = FrozenAgreement.objects.get()
    assert frozen.frozen_at == max(row.submitted_at for row in frozen.article.sets.all() if row.submitted_at)


def test_team_page_overview_stuck_work_and_waiting_times_tell_one_story() -> None:
    run()
    corpus, max_ = Corpus.objects.get(), User.objects.get(username="max")
    days = 365
    team = progress.corpus_progress(max_, corpus, days)
    overview = corpus_counts.count_per_day(max_, corpus, days=days)
    by_day = [(row["day"], row["submit"], row["approve"]) for row in team["throughput"]]
    assert by_day == [(row.date.isoformat(), row.submitted, row.approved) for row in overview]
    assert {row["return"] for row in team["throughput"]} == {0, 1}
    totals = [sum(row[name] for row in team["throughput"]) for name in ("created", "submit", "approve")]
    assert totals == [33, 29, 22], "one set was submitted twice, and one is approved by equivalence"
    stuck: dict[Any, Any] = {row.pk: row for row in stale_work.stale_sets(max_, corpus, days=7)}
    live = AnnotationSet.objects.filter(state__in=LIVE)
    assert stuck.keys() == {row.pk for row in live}, "nothing has happened for a week"
    longest = max(row["longest_hours"] or 0 for row in team["waiting"])
    oldest = timezone.now() - min(row.last_at for row in stuck.values())
    assert longest == pytest.approx(oldest.total_seconds() / 3600, abs=0.1)


def test_a_wire_story_in_three_papers_counts_once() -> None:
    run()
    story = Story.objects.get()
    members = {row.article.external_id: row for row in story.members.select_related("article")}
    assert members.keys() == {"quota-wire", "quota-courier", "quota-herald"}
    assert story.lead.external_id == "quota-wire"
    assert {row.state for row in members.values()} == {"found"}
    assert members["quota-courier"].containment == 1 > members["quota-herald"].containment
    vic = Client()
    vic.force_login(User.objects.get(username="vic"))
    path, asked = "/api/v1/corpora/demo/matrix/", {"story": str(story.pk)}
    one, all_ = (vic.get(path, {**asked, "copies": copies}).json()["counted"] for copies in ("one", "all"))
    assert (one["used"], one["copies"], all_["used"]) == (3, 3, 6)


def test_the_samples_tell_a_story_of_positions() -> None:
    run()
    corpus, vic = Corpus.objects.get(), Client()
    vic.force_login(User.objects.get(username="vic"))

    def answer(path: str, **query: str) -> Any:
        return vic.get(f"/api/v1/corpora/demo/{path}/", query).json()

    found = {
        (row["actor"]["name"], row["proposition"]["name"].split()[0], row["kind"])
        for row in answer("changes")["results"]
    }
    assert found >= {
        ("Mira Halvorsen", "The", "change"),
        ("Stellan Brock", "The", "change"),
        ("Wim Haas", "Boats", "contradiction"),
    }
    assert "Tamara Dravenkova" not in {name for name, *_ in found}, "nobody has merged her spellings yet"
    pairs = {
        (row["left"]["name"], row["right"]["name"]): row["score"] for row in answer("duplicates")["results"]
    }
    spellings = ("Tamara Dravenkova", "Tamara Drawenkowa", "Tamara Dravyenkova")
    assert [pairs[pair] for pair in combinations(spellings, 2)] == [88, 97, 86]
    assert pairs["Wim Haas", "Wilma Haas"] < 84, "two people"
    cards = vic.get(reverse("admin:annotations_corpus_changes", args=(corpus.pk,))).content.decode()
    assert cards.count("<h4>One side</h4>") == cards.count("at the same time</p>") == 1
    assert "<strong>Contradiction</strong> in one article, 2764 days apart" in cards
    network = answer("network", mode="actors", aggregation="subtract")
    assert len(network["nodes"]) >= 10
    assert {edge["weight"] > 0 for edge in network["edges"]} == {True, False}
    assert len(answer("matrix", topic=str(Topic.objects.get(name="The Sarn Lock").pk))["columns"]) == 3
    days = Statement.objects.filter(corpus=corpus, day__year__gt=2019)
    first, last = days.earliest("day").day, days.latest("day").day
    assert first
    assert last
    assert (last - first).days > 500
    assert days.values("source").distinct().count() >= 4
