"""One clock: the time zone of the setting on every page, UTC in the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.models import AnnotationSet, Event
from annotations.services.team import corpus_counts, progress, set_times
from project import env, setting_addresses
from tests.newsroom import Newsroom

#: In Kiritimati it is the next day already.
EVENING = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
ZONE = "Pacific/Kiritimati"


@pytest.fixture
def zone(settings: Any) -> None:
    """The settings with another time zone."""
    settings.TIME_ZONE = ZONE


@pytest.mark.usefixtures("zone")
def test_days_and_times_of_the_pages_are_those_of_the_setting(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = newsroom.submitted()
    Event.objects.update(time=EVENING)
    AnnotationSet.objects.update(submitted_at=EVENING, created_at=EVENING)
    monkeypatch.setattr(timezone, "now", lambda: EVENING)
    manager = newsroom.user("max")
    assert set_times.last_days(1)[0].isoformat() == "2026-03-02"
    last = progress.corpus_progress(manager, newsroom.lake)["throughput"][-1]
    assert (last["day"], last["submit"]) == ("2026-03-02", 1)
    day = corpus_counts.count_per_day(manager, newsroom.lake)[-1]
    assert (day.date.isoformat(), day.submitted) == ("2026-03-02", 1)
    monkeypatch.undo()
    ada = newsroom.user("ada")
    ada.is_staff = True
    ada.save()
    client = Client()
    client.force_login(ada)
    page = client.get(reverse("admin:annotations_annotationset_history", args=(row.pk,))).content.decode()
    assert "2026-03-02 10:30" in page
    assert "2026-03-01 20:30" not in page


@pytest.mark.usefixtures("zone")
def test_the_api_answers_in_utc_whatever_the_zone(newsroom: Newsroom) -> None:
    row = newsroom.set()
    due = EVENING.astimezone(timezone.get_current_timezone())
    AnnotationSet.objects.filter(pk=row.pk).update(due_at=due)
    assert newsroom.max.get(f"sets/{row.pk}/").data["due_at"] == "2026-03-01T20:30:00Z"
    article = newsroom.article(published_at=due)
    assert newsroom.max.get(f"articles/{article.pk}/").data["published_at"] == "2026-03-01T20:30:00Z"
    told = Event.objects.get(article_id=article.pk, action="article_added").data["after"]
    assert told["published_at"] == "2026-03-01T20:30:00Z"


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../../etc/passwd", "berlin", "+02:00"])
def test_a_zone_that_nobody_knows_stops_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIME_ZONE", name)
    with pytest.raises(env.SettingError, match="TIME_ZONE must be the IANA name"):
        env.read_time_zone("TIME_ZONE")
    monkeypatch.setenv("TIME_ZONE", "Europe/Berlin")
    assert env.read_time_zone("TIME_ZONE") == "Europe/Berlin"


@pytest.mark.parametrize(
    "value", ["standpoint", "/standpoint/", "//x", "/a b", "/../x", "/admin", "/api/v1", "https://x/y"]
)
def test_a_path_that_is_none_stops_the_start(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPT_NAME", value)
    with pytest.raises(env.SettingError, match="SCRIPT_NAME must"):
        setting_addresses.read_path_prefix("SCRIPT_NAME")


@pytest.mark.parametrize("value", ["standpoint.example", "https://x.example/", "ftp://x", "https://"])
def test_an_origin_that_is_none_stops_the_start(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSRF_TRUSTED_ORIGINS", f"https://a.example,{value}")
    with pytest.raises(env.SettingError, match="CSRF_TRUSTED_ORIGINS must name origins"):
        setting_addresses.read_origins("CSRF_TRUSTED_ORIGINS")
