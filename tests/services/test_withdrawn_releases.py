"""Releases that are withdrawn: by a flag, once and for good, whatever dies on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from annotations.exceptions import InsufficientRoleError, NotAllowedNowError
from annotations.models import Event, Job, JobState, Release, ReleaseState
from annotations.services import integrity, job_runner, releases
from annotations.services.jobs import storage
from annotations.services.releases import build, verify
from annotations.services.releases.verify import verify_release
from tests.services.released import newsroom_with_gold, path, released
from tests.services.small_newsroom import SmallNewsroom


@pytest.fixture
def newsroom(db: None, files_dir: Path) -> SmallNewsroom:
    return newsroom_with_gold()


def test_a_release_is_withdrawn_by_a_flag(newsroom: SmallNewsroom) -> None:
    made = released(newsroom, formats=["jsonl"])
    with pytest.raises(InsufficientRoleError):
        releases.withdraw_release(newsroom.people["rae"], made.pk, "No.")
    gone = releases.withdraw_release(newsroom.people["max"], made.pk, "A text had to go.")
    again = releases.withdraw_release(newsroom.people["max"], made.pk, "Other words.")
    assert (gone.withdrawn_reason, again.withdrawn_at) == ("A text had to go.", gone.withdrawn_at)
    assert Event.objects.filter(action="release_withdrawn").count() == 1
    assert not path(made, "").exists()
    assert list(verify_release(Release.objects.select_related("corpus").get(pk=made.pk))) == []


def test_what_is_withdrawn_is_deleted_by_the_maintenance_where_the_request_died(
    newsroom: SmallNewsroom, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then fsck is content; a job that runs again does not bring the files back."""
    made = released(newsroom, formats=["jsonl"])
    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete_files", lambda _path: None)
        releases.withdraw_release(newsroom.people["max"], made.pk, "A text had to go.")
    assert path(made, "").exists()
    assert not integrity.run_checks().checks["release-files"].found
    settings.JOB_LEASE = -1
    assert integrity.run_checks().checks["release-files"].found
    job_runner.delete_orphans()
    assert not integrity.run_checks().checks["release-files"].found
    settings.JOB_LEASE = 30
    Job.objects.update(state=JobState.QUEUED)
    job_runner.run_job(Job.objects.get().pk, "one")
    assert Job.objects.get().state == JobState.DONE
    assert not path(made, "").exists()


def test_what_is_left_of_a_withdrawal_is_deleted_by_the_same_request(
    newsroom: SmallNewsroom, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker is needed; a file that no row names is found as well."""
    made = released(newsroom, formats=["jsonl"])
    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete_files", lambda _path: None)
        releases.withdraw_release(newsroom.people["max"], made.pk, "A text had to go.")
    for left in path(made, "").iterdir():
        left.unlink()
    path(made, "a copy").write_text("text")
    settings.JOB_LEASE = -1
    (finding,) = integrity.run_checks().checks["release-files"].findings
    assert "withdraw it again" in finding.sentence
    releases.withdraw_release(newsroom.people["max"], made.pk, "A text had to go.")
    assert not path(made, "").exists()
    assert not integrity.run_checks().checks["release-files"].found
    assert not any(storage.data_directory(storage.TMP_DIR).iterdir())


@pytest.mark.parametrize("place", ["restore", "job"])
def test_what_is_withdrawn_meanwhile_does_not_come_back(
    newsroom: SmallNewsroom, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore, or a job that was given to another worker, has built the files and finds them withdrawn."""
    made = released(newsroom, formats=["jsonl"])
    path(made, "manifest.json").unlink()
    if place == "job":
        Release.objects.update(state=ReleaseState.BUILDING)
        Job.objects.update(state=JobState.QUEUED)
    module = verify if place == "restore" else build
    real = module.build_release

    def build_slowly(*arguments: Any) -> Any:
        bundle = real(*arguments)
        Release.objects.update(state=ReleaseState.READY)
        Job.objects.update(attempt=F("attempt") + 1)
        releases.withdraw_release(newsroom.people["max"], made.pk, "A text had to go.")
        return bundle

    monkeypatch.setattr(module, "build_release", build_slowly)
    if place == "restore":
        list(verify_release(Release.objects.select_related("corpus").get(pk=made.pk), restore=True))
    else:
        job_runner.run_job(Job.objects.get().pk, "one")
    assert Release.objects.get().withdrawn_at is not None
    assert not path(made, "").exists()


def test_a_release_under_way_cannot_be_withdrawn(newsroom: SmallNewsroom) -> None:
    made, _ = job_runner.make_release(
        newsroom.people["max"], newsroom.corpus, releases.ReleaseRequest(), inline=False
    )
    assert (made.state, Job.objects.get(release=made).state) == (ReleaseState.BUILDING, JobState.QUEUED)
    with pytest.raises(NotAllowedNowError):
        releases.withdraw_release(newsroom.people["max"], made.pk, "Too early.")
