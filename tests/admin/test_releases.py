"""Releases and jobs in the admin: made, watched, compared, withdrawn, by those who may."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotations.models import AnnotationSet, Job, JobState, Release, ReleaseState
from annotations.services import job_runner
from tests.admin.conftest import TwoNewsrooms, page


@pytest.fixture(autouse=True)
def files_dir(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


def make(newsrooms: TwoNewsrooms, by: str = "max", **sent: Any) -> Any:
    url = reverse("admin:annotations_corpus_release", args=(newsrooms.a.corpus.pk,))
    return newsrooms.client(by).post(
        url, {"formats": ["jsonl"], "sets": "approved", "include_text": "on", **sent}
    )


def made(newsrooms: TwoNewsrooms) -> Release:
    found = newsrooms.a.corpus.releases.order_by("-number")[0]
    assert isinstance(found, Release)
    return found


def test_a_manager_makes_a_release_and_everybody_sees_its_files(
    newsrooms: TwoNewsrooms, approved: AnnotationSet
) -> None:
    answer = make(newsrooms, name="Spring", splits="story_key")
    release = made(newsrooms)
    assert (release.state, release.name) == (ReleaseState.READY, "Spring")
    assert answer["Location"] == page(Release, "change", release.pk)
    shown = newsrooms.client("vic").get(answer["Location"]).content.decode()
    assert f"/api/v1/releases/{release.pk}/files/manifest.json" in shown
    assert "Withdraw the release" not in shown
    download = newsrooms.client("vic").get(f"/api/v1/releases/{release.pk}/files/manifest.json")
    assert b'"standpoint-release/1"' in download.getvalue()


@pytest.mark.parametrize(("by", "status"), [("rae", 403), ("vic", 403), ("sam", 404)])
def test_others_make_none(newsrooms: TwoNewsrooms, by: str, status: int) -> None:
    before = Release.objects.count()
    assert make(newsrooms, by).status_code == status
    assert Release.objects.count() == before


def test_what_is_refused_is_said_on_the_page(newsrooms: TwoNewsrooms) -> None:
    answer = make(newsrooms, formats=["brat"], include_text="")
    assert "holds whole texts" in answer.content.decode()
    assert make(newsrooms, formats=[]).context["form"].errors["formats"]


def test_a_large_release_is_watched_as_a_job(newsrooms: TwoNewsrooms, settings: Any) -> None:
    settings.RELEASE_INLINE_SPANS = -1
    answer = make(newsrooms)
    release = made(newsrooms)
    assert answer["Location"] == page(Job, "change", release.job_id)
    shown = newsrooms.client("max").get(answer["Location"]).content.decode()
    assert "manage.py worker" in shown
    assert "annotations/job.js" in shown
    assert f'data-job="/api/v1/jobs/{release.job_id}/"' in shown
    assert release.job is not None
    job_runner.run_job(release.job.pk, "worker")
    shown = newsrooms.client("max").get(answer["Location"]).content.decode()
    assert "annotations/job.js" not in shown
    assert page(Release, "change", release.pk) in shown


def test_two_are_compared_and_one_is_withdrawn(newsrooms: TwoNewsrooms, approved: AnnotationSet) -> None:
    make(newsrooms, language="xx")
    first = made(newsrooms)
    make(newsrooms)
    second = made(newsrooms)
    url = page(Release, "change", second.pk)
    answer = newsrooms.client("vic").get(url, {"from": str(first.number)})
    assert dict(answer.context["changes"]["rows"])["articles"] == [1, 0, 0]
    withdraw = reverse("admin:annotations_release_withdraw", args=(second.pk,))
    assert newsrooms.client("rae").post(withdraw, {"reason": "No."}).status_code == 403
    assert newsrooms.client("sam").post(withdraw, {"reason": "No."}).status_code == 404
    newsrooms.client("max").post(withdraw, {"reason": " "})
    assert made(newsrooms).withdrawn_at is None
    newsrooms.client("max").post(withdraw, {"reason": "A <b>text</b> had to go."})
    assert made(newsrooms).withdrawn_at is not None
    shown = newsrooms.client("vic").get(url).content.decode()
    assert "A &lt;b&gt;text&lt;/b&gt; had to go." in shown
    assert "/files/manifest.json" not in shown


@pytest.mark.parametrize(
    ("on_conflict", "said"), [("skip", ""), ("fail", "skip what exists, update it, or leave the line out.")]
)
def test_files_are_read_by_a_worker_and_the_job_tells_what_came_of_it(
    newsrooms: TwoNewsrooms, on_conflict: str, said: str
) -> None:
    url = reverse("admin:annotations_corpus_import", args=(newsrooms.a.corpus.pk,))
    lines = b'{"external_id": "x", "text": "One."}\nnonsense\n{"external_id": "x", "text": "One."}\n'
    upload = SimpleUploadedFile("three.jsonl", lines)
    sent = {"on_conflict": on_conflict, "sent_files": [upload], "background": "on"}
    answer = newsrooms.client("max").post(url, sent)
    job = answer.context["outcomes"][0].job
    assert job.state == JobState.QUEUED
    assert "manage.py worker" in answer.content.decode()
    job_runner.run_job(job.pk, "worker")
    shown = newsrooms.client("max").get(page(Job, "change", job.pk)).content.decode()
    assert f"/api/v1/jobs/{job.pk}/report/" in shown
    assert "<td>2</td>" in shown
    faults = re.findall('<p class="errornote"[^>]*>(.*?)</p>', shown)
    assert [text.endswith(said) for text in faults] == [True] * bool(said)  # those of the file are none


def test_a_large_corpus_is_exported_by_a_worker(
    newsrooms: TwoNewsrooms, approved: AnnotationSet, settings: Any
) -> None:
    url = reverse("admin:annotations_corpus_export", args=(newsrooms.a.corpus.pk,))
    button = "Make it in the background"
    assert button not in newsrooms.client("vic").get(url).content.decode()
    settings.EXPORT_INLINE_SPANS = 0
    assert button in newsrooms.client("vic").get(url).content.decode()
    answer = newsrooms.client("vic").post(url, {"format": "quotes"})
    job = Job.objects.get(kind="export")
    assert answer["Location"] == page(Job, "change", job.pk)
    shown = newsrooms.client("vic").get(answer["Location"]).content.decode()
    assert f'data-job="/api/v1/jobs/{job.pk}/"' in shown
    assert f'href="{reverse("admin:annotations_job_changelist")}"' not in shown
    job_runner.run_job(job.pk, "worker")
    assert f"/api/v1/jobs/{job.pk}/file/" in newsrooms.client("vic").get(answer["Location"]).content.decode()
    assert answer["Location"] in newsrooms.client("vic").get(url).content.decode()
    assert answer["Location"] not in newsrooms.client("max").get(url).content.decode()
    assert newsrooms.client("max").get(answer["Location"]).status_code == 404
    assert newsrooms.client("sam").post(url, {"format": "quotes"}).status_code == 404
    assert newsrooms.client("vic").post(url, {"format": "nonsense"}).context["form"].errors["format"]
    assert Job.objects.filter(kind="export").count() == 1


def test_the_form_says_what_will_be_in_it(newsrooms: TwoNewsrooms, approved: AnnotationSet) -> None:
    url = reverse("admin:annotations_corpus_release", args=(newsrooms.a.corpus.pk,))
    shown = newsrooms.client("max").get(url)
    assert "1 article, 2 marks" in shown.content.decode()
    assert "kiwi-article" in shown.content.decode()
    before = Release.objects.count()
    asked = make(newsrooms, language="xx", preview="1")
    assert "0 articles, 0 marks" in asked.content.decode()
    assert Release.objects.count() == before, "asking makes none"


def test_each_change_is_listed_with_its_words_and_as_a_table(
    newsrooms: TwoNewsrooms, approved: AnnotationSet
) -> None:
    make(newsrooms, language="xx")
    first = made(newsrooms)
    make(newsrooms)
    second = made(newsrooms)
    url = reverse("admin:annotations_release_changes", args=(second.pk, first.pk))
    assert (
        url
        in newsrooms.client("vic")
        .get(page(Release, "change", second.pk), {"from": first.number})
        .content.decode()
    )
    body = newsrooms.client("vic").get(url).content.decode()
    span = approved.spans.get(label="actor")
    assert f"<ins>{span.quote}</ins>" in body
    assert "Agreement before and after" in body
    only = newsrooms.client("vic").get(url, {"what": "articles"})
    assert [row.change.after for row in only.context["changes"]] == ["kiwi-article"]
    assert not newsrooms.client("vic").get(url, {"q": "nothing of this"}).context["changes"]
    table = newsrooms.client("vic").get(url, {"what": "spans", "format": "csv"}).content.decode()
    assert span.quote in table
    assert "kiwi-article" in table
    back = reverse("admin:annotations_release_changes", args=(first.pk, second.pk))
    assert f"<del>{span.quote}</del>" in newsrooms.client("vic").get(back).content.decode()
    assert newsrooms.client("sam").get(url).status_code == 404
    foreign = reverse("admin:annotations_release_changes", args=(second.pk, newsrooms.b[Release].pk))
    assert newsrooms.client("sue").get(foreign).status_code == 404


def test_a_withdrawal_asks_first(newsrooms: TwoNewsrooms, approved: AnnotationSet) -> None:
    make(newsrooms)
    release = made(newsrooms)
    withdraw = reverse("admin:annotations_release_withdraw", args=(release.pk,))
    assert withdraw in newsrooms.client("max").get(page(Release, "change", release.pk)).content.decode()
    assert withdraw not in newsrooms.client("vic").get(page(Release, "change", release.pk)).content.decode()
    assert newsrooms.client("vic").get(withdraw).status_code == 403
    asked = newsrooms.client("max").get(withdraw)
    assert "This cannot be undone." in asked.content.decode()
    assert made(newsrooms).withdrawn_at is None
    again = newsrooms.client("max").post(withdraw, {"reason": " "})
    assert "Say why, in a sentence." in again.content.decode()
    assert made(newsrooms).withdrawn_at is None
