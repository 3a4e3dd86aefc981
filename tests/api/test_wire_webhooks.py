"""Webhooks on the wire: what is asked for, what is answered, and that secrets are shown once."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotations.models import Delivery, Webhook
from annotations.services.webhooks import outbox
from tests.newsroom import Newsroom, new_id

URL = "https://192.0.9.1/hook"
HOOKS = "corpora/lake/webhooks/"


def made(newsroom: Newsroom, **fields: Any) -> dict[str, Any]:
    reply = newsroom.max.post(HOOKS, {"url": URL, "events": ["article.added"], **fields})
    assert reply.status == 201, reply
    assert reply.headers["Location"].endswith(f"/api/v1/webhooks/{reply.data['id']}/")
    return dict(reply.data)


def test_a_webhook_shows_its_secret_once(newsroom: Newsroom) -> None:
    id = new_id()
    row = made(newsroom, id=id, events=["release.ready", "article.added"])
    secret = row.pop("secret")
    assert secret.startswith("whsec_")
    assert list(row) == [
        "id", "url", "description", "events", "payload", "state", "disabled_reason", "disabled_at",
        "failing_since", "cursor", "replay_until", "old_secret_until", "created_by", "created_at", "version",
    ]  # fmt: skip
    assert (row["events"], row["payload"], row["state"]) == (
        ["article.added", "release.ready"],
        "thin",
        "active",
    )
    again = newsroom.max.post(HOOKS, {"id": id, "url": URL, "events": ["article.added", "release.ready"]})
    assert (again.status, again.data["secret"]) == (200, None)
    assert newsroom.max.post(HOOKS, {"id": id, "url": URL, "events": ["job.failed"]}).refusal == (
        409,
        "id-taken",
    )
    for reply in (newsroom.max.get(HOOKS), newsroom.max.get(f"webhooks/{id}/")):
        assert secret.encode() not in reply.content
    assert newsroom.max.all(HOOKS) == [row]
    rotated = newsroom.max.post(f"webhooks/{id}/rotate/")
    assert rotated.status == 200
    assert rotated.data["secret"] not in ("", None, secret)
    assert rotated.data["old_secret_until"] is not None
    assert secret.encode() not in newsroom.max.get("corpora/lake/events/").content


@pytest.mark.parametrize(
    ("sent", "refusal", "pointer"),
    [
        ({"url": "http://192.0.9.1/"}, (422, "not-public"), "/url"),
        ({"url": "https://127.0.0.1/"}, (422, "not-public"), "/url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, (422, "not-public"), "/url"),
        ({"url": "https://2130706433/"}, (422, "not-public"), "/url"),
        ({"url": "nonsense"}, (422, "not-public"), "/url"),
        ({"url": 5}, (400, "invalid"), "/url"),
        ({"url": ""}, (400, "invalid"), "/url"),
        ({"url": "https://a.example/" + "a" * 2_000}, (400, "invalid"), "/url"),
        ({"events": []}, (400, "invalid"), "/events"),
        ({"events": "article.added"}, (400, "invalid"), "/events"),
        ({"events": {"article.added": 1}}, (400, "invalid"), "/events"),
        ({"events": ["article.eaten"]}, (400, "invalid"), "/events/0"),
        ({"events": ["webhook.test"]}, (400, "invalid"), "/events/0"),
        ({"events": ["article.added", "article.added"]}, (400, "invalid"), "/events"),
        ({"events": None}, (400, "invalid"), "/events"),
        ({"payload": "fat"}, (400, "invalid"), "/payload"),
        ({"description": "a\x00b"}, (400, "invalid"), "/description"),
        ({"secret": "whsec_mine"}, (400, "invalid"), "/secret"),
    ],
)
def test_what_cannot_be_is_refused_and_stores_nothing(
    sent: dict[str, Any], refusal: tuple[int, str], pointer: str, newsroom: Newsroom
) -> None:
    reply = newsroom.max.post(HOOKS, {"url": URL, "events": ["article.added"], **sent})
    assert (reply.refusal, reply.pointers) == (refusal, [pointer])
    assert not Webhook.objects.exists()


def test_a_change_needs_the_version_and_a_public_address(newsroom: Newsroom) -> None:
    at = f"webhooks/{made(newsroom)['id']}/"
    assert newsroom.max.patch(at, {"payload": "full"}).refusal == (428, "precondition-required")
    assert newsroom.max.patch(at, {"payload": "full"}, 2).refusal == (412, "stale")
    assert newsroom.max.patch(at, {"url": "https://10.0.0.1/"}, 1).refusal == (422, "not-public")
    assert newsroom.max.patch(at, {"payload": "thin"}, 7).data["version"] == 1
    changed = newsroom.max.patch(at, {"payload": "full", "state": "disabled", "events": ["job.failed"]}, 1)
    assert (changed.data["disabled_reason"], changed.version) == ("by_hand", 2)
    assert changed.data["disabled_at"] is not None
    active = newsroom.max.patch(at, {"state": "active"}, 2)
    assert (active.data["disabled_reason"], active.data["disabled_at"]) == (None, None)
    assert newsroom.max.delete(at, 2).refusal == (412, "stale")
    assert newsroom.max.delete(at, 3).status == 204
    assert newsroom.max.get(at).refusal == (404, "not-found")


def test_deliveries_are_listed_by_state_and_sent_again(newsroom: Newsroom) -> None:
    id = made(newsroom)["id"]
    for number in range(3):
        newsroom.article(external_id=f"a{number}")
    outbox.dispatch_events(timezone.now())
    first = Delivery.objects.order_by("event_seq")[0]
    Delivery.objects.filter(pk=first.pk).update(
        state="parked", attempts=10, status=500, finished_at=timezone.now()
    )
    at = f"webhooks/{id}/deliveries/"
    assert [row["seq"] for row in newsroom.max.all(at, page_size=2)] == sorted(
        Delivery.objects.values_list("event_seq", flat=True)
    )
    [parked] = newsroom.max.all(at, state="parked")
    assert list(parked) == [
        "id", "webhook", "message_id", "seq", "type", "state", "attempts", "next_attempt_at", "attempted_at",
        "status", "duration_ms", "error", "request", "answer", "created_at", "finished_at",
    ]  # fmt: skip
    assert newsroom.max.get(at, state="lost").refusal == (400, "invalid")
    again = newsroom.max.post(f"deliveries/{parked['id']}/retry/")
    assert (again.status, again.data["state"], again.data["attempts"]) == (200, "pending", 0)
    tested = newsroom.max.post(f"webhooks/{id}/test/")
    assert (tested.status, tested.data["type"], tested.data["seq"]) == (201, "webhook.test", 0)
    version = newsroom.max.get(f"webhooks/{id}/").version
    newsroom.max.patch(f"webhooks/{id}/", {"state": "disabled"}, version)
    for path in (f"deliveries/{parked['id']}/retry/", f"webhooks/{id}/test/"):
        assert newsroom.max.post(path).refusal == (409, "not-allowed-now")


def test_a_replay_is_bounded_by_what_was_read(newsroom: Newsroom) -> None:
    row = made(newsroom)
    at = f"webhooks/{row['id']}/replay/"
    reply = newsroom.max.post(at, {"after": 0, "until": 2**60})
    assert (reply.status, reply.data["replay_until"]) == (200, row["cursor"])
    for sent in ({}, {"after": -1}, {"after": "0"}, {"after": 5, "until": 5}, {"after": 1, "before": 2}):
        assert newsroom.max.post(at, sent).refusal == (400, "invalid"), sent


def test_another_newsroom_sees_nothing(newsroom: Newsroom) -> None:
    id = made(newsroom)["id"]
    newsroom.article()
    outbox.dispatch_events(timezone.now())
    delivery = Delivery.objects.get()
    for path in (f"webhooks/{id}/", f"webhooks/{id}/deliveries/", HOOKS):
        assert newsroom.sam.get(path).refusal == (404, "not-found")
    for path in (f"webhooks/{id}/test/", f"webhooks/{id}/rotate/", f"deliveries/{delivery.pk}/retry/"):
        assert newsroom.sam.post(path).refusal == (404, "not-found")
    assert newsroom.sam.all("corpora/sea/webhooks/") == []
