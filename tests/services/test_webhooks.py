"""Webhooks: what is sent, in which order, under which ids, and what never is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError

from annotations.enums import NotificationKind
from annotations.models import (
    Corpus,
    Delivery,
    EntryKind,
    Event,
    JobKind,
    Notification,
    Webhook,
)
from annotations.services import job_runner, releases
from annotations.services.core import articles, events
from annotations.services.correction import revisions
from annotations.services.jobs import leases
from annotations.services.registry import merges
from annotations.services.webhooks import deliveries, outbox, sender, signatures, subscriptions
from annotations.services.webhooks.loop import run_pending
from annotations.services.webhooks.types import WEBHOOK_TYPES
from tests import factories
from tests.newsroom import TEXT, Newsroom
from tests.receiver import Receiver

ALL = list(WEBHOOK_TYPES)


def hook(newsroom: Newsroom, receiver: Receiver, *types: str, corpus: str = "lake", **values: Any) -> Webhook:
    by = newsroom.user("max" if corpus == "lake" else "sam")
    seen = factories.seen_by(by, getattr(newsroom, corpus))
    sent = {"url": receiver.url, "events": list(types) or ALL, "payload": "thin", **values}
    return subscriptions.create_webhook(by, seen, sent, origin="https://desk.example")[0]


def fresh(row: Webhook) -> Webhook:
    return Webhook.objects.get(pk=row.pk)


def test_the_package_of_the_specification_verifies_what_is_sent(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    row = hook(newsroom, receiver, "article.added")
    article = newsroom.article(external_id="cms-7")
    run_pending()
    [message] = receiver.messages
    event = Event.objects.get(action="article_added", article_id=article.pk)
    assert message.verify(row.secret) == {
        "type": "article.added",
        "timestamp": event.time.isoformat().replace("+00:00", "Z"),
        "data": {
            "corpus": "lake",
            "seq": event.seq,
            "id": str(article.pk),
            "external_id": "cms-7",
            "version": 1,
            "url": f"https://desk.example/api/v1/articles/{article.pk}/",
            "page": f"https://desk.example/admin/annotations/article/{article.pk}/change/",
        },
    }
    with pytest.raises(WebhookVerificationError):
        message.verify(signatures.make_secret())
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status, delivery.message_id) == ("delivered", 204, message.id)
    assert delivery.request.encode() == message.body


def test_both_secrets_sign_while_the_webhook_is_rotated(newsroom: Newsroom, receiver: Receiver) -> None:
    row = hook(newsroom, receiver, "article.added")
    _, new = subscriptions.rotate_secret(newsroom.user("max"), row.pk)
    newsroom.article()
    run_pending()
    for secret in (row.secret, new):
        assert receiver.messages[0].verify(secret)
    Webhook.objects.update(old_secret_until=timezone.now())
    newsroom.article()
    run_pending()
    assert receiver.messages[1].verify(new)
    with pytest.raises(WebhookVerificationError):
        receiver.messages[1].verify(row.secret)


def test_every_type_comes_from_what_happens(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver)
    by, lake = newsroom.user("max"), newsroom.lake
    returned = newsroom.moved(newsroom.in_review(), "rae", "return", comment="Look again.")
    newsroom.moved(newsroom.moved(returned, "ann", "submit"), "rae", "start_review")
    newsroom.moved(returned, "rae", "approve")
    newsroom.moved(newsroom.approved(), "max", "withdraw", reason="Wrong.")
    newsroom.adjudication()
    articles.exclude_article(by, newsroom.article().pk, "Twice.")
    corrected = newsroom.submitted()
    revisions.add_revision(
        by, corrected.article_id, TEXT.replace("Ada Verde is", "Bea Roth is"), "A name.", recall=True
    )
    one, two = newsroom.actor("Ada Verde"), newsroom.actor("A. Verde")
    values = {"into": UUID(one), "reason": "One."}
    merge, _ = merges.merge_entry(newsroom.user("rae"), EntryKind.ACTOR, UUID(two), values, version=1)
    merges.undo_merge(newsroom.user("rae"), merge.pk, "Two.")
    made, _ = job_runner.make_release(by, lake, releases.ReleaseRequest(formats=("jsonl",)))
    releases.withdraw_release(by, made.pk, "A mistake.")
    job = leases.create_job(by, lake, JobKind.RELEASE, {})
    job_runner.run_job(job.pk, "worker")
    events.record_event("article_taken_down", by=by, corpus_id=lake.pk, article_id=returned.article_id)
    run_pending()
    assert set(receiver.types) == set(ALL)
    by_type = {message.type: message.data["data"] for message in receiver.messages}
    assert by_type["job.failed"] == {
        "corpus": "lake",
        "seq": by_type["job.failed"]["seq"],
        "id": str(job.pk),
        "kind": "release",
        "url": f"https://desk.example/api/v1/jobs/{job.pk}/",
        "page": f"https://desk.example/admin/annotations/job/{job.pk}/change/",
    }
    assert by_type["actor.merged"]["into"] == one
    assert by_type["release.ready"]["id"] == str(made.pk)


def test_a_full_payload_is_what_a_viewer_gets(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "article.added", "set.submitted", "set.approved", payload="full")
    row = newsroom.approved(article=newsroom.article(title="Toll", metadata={"b": 1, "a": None}))
    newsroom.submitted("ben")
    actor, other = newsroom.actor("Ada Verde", note="Mayor."), newsroom.actor("A. Verde")
    hook(newsroom, receiver, "actor.merged", "release.ready", payload="full")
    values = {"into": UUID(actor), "reason": "One."}
    merges.merge_entry(newsroom.user("rae"), EntryKind.ACTOR, UUID(other), values, version=1)
    made, _ = job_runner.make_release(newsroom.user("max"), newsroom.lake, releases.ReleaseRequest())
    run_pending()
    rows = [(message.type, message.data["data"]["row"]) for message in receiver.messages]
    assert ("article.added", newsroom.vic.get(f"articles/{row.article_id}/").data) in rows
    [gold] = newsroom.vic.get(f"articles/{row.article_id}/sets/").data["results"]
    assert ("set.approved", gold) in rows
    assert ("actor.merged", newsroom.vic.get(f"actors/{other}/").data) in rows
    assert ("release.ready", newsroom.vic.get(f"releases/{made.pk}/").data) in rows
    # a set that is not approved is not shown to viewers
    [submitted] = [row for type, row in rows if type == "set.submitted" and row is None]
    assert submitted is None


def test_deliveries_come_in_order_and_wait_for_the_one_that_failed(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    row = hook(newsroom, receiver, "article.added")
    ids = [str(newsroom.article().pk) for _ in range(5)]
    receiver.statuses = [204, 500, 204]
    run_pending()
    assert [message.data["data"]["id"] for message in receiver.messages] == ids[:2]
    states = list(Delivery.objects.order_by("event_seq").values_list("state", "attempts", "status"))
    assert states == [("delivered", 1, 204), ("pending", 1, 500), *[("pending", 0, None)] * 3]
    assert fresh(row).failing_since is not None
    later = timezone.now() + timedelta(seconds=7)
    assert sender.send_due(lambda: later)
    assert [message.data["data"]["id"] for message in receiver.messages] == [*ids[:2], *ids[1:]]
    again = receiver.messages[1:3]
    assert again[0].id == again[1].id
    assert again[1].headers["webhook-timestamp"] >= again[0].headers["webhook-timestamp"]
    assert again[1].verify(row.secret)
    assert (fresh(row).failing_since, fresh(row).next_at) == (None, None)


def test_a_worker_that_dies_after_sending_sends_again_under_the_same_id(
    newsroom: Newsroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(newsroom, receiver, "article.added")
    newsroom.article()
    outbox.dispatch_events(timezone.now())

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sender._Turn, "_store", die)
        patch.setattr(sender, "release_webhook", lambda _: None)
        with pytest.raises(Killed):
            sender.send_due()
    assert not sender.send_due()  # it is still leased
    later = timezone.now() + sender.LEASE + timedelta(seconds=1)
    assert sender.send_due(lambda: later)
    first, second = receiver.messages
    assert (first.id, first.body) == (second.id, second.body)
    assert Delivery.objects.get().state == "delivered"


def test_a_receiver_that_is_down_for_three_days_is_given_up(newsroom: Newsroom, receiver: Receiver) -> None:
    row = hook(newsroom, receiver, "article.added")
    newsroom.article()
    newsroom.article()
    receiver.statuses = [503]
    begin = now = timezone.now()
    outbox.dispatch_events(now)
    while fresh(row).state == "active":
        due = fresh(row).next_at
        assert due is not None
        now = max(due, now)
        sender.send_due(lambda: now)  # noqa: B023 - called at once
    assert timedelta(days=3) <= now - begin < timedelta(days=4, hours=6)
    stored = fresh(row)
    assert (stored.disabled_reason, stored.version) == ("failing", 2)
    first, second = Delivery.objects.order_by("event_seq")
    assert (first.state, first.attempts) == ("parked", 10)
    assert second.state == "pending"
    [told] = Notification.objects.filter(kind=NotificationKind.WEBHOOK_DISABLED)
    assert (told.recipient.username, told.webhook_id, told.set_id) == ("max", row.pk, None)
    assert Event.objects.filter(action="webhook_disabled").count() == 1
    # made active again, it goes on where it stopped
    newsroom.article()
    receiver.statuses, count = [204], len(receiver.messages)
    changed = subscriptions.update_webhook(newsroom.user("max"), row.pk, {"state": "active"}, version=2)
    assert (changed.failing_since, changed.disabled_reason) == (None, "")
    outbox.dispatch_events(now)
    Delivery.objects.filter(state="pending").update(next_attempt_at=now)
    sender.send_due(lambda: now)
    assert len(receiver.messages) == count + 2


def test_the_delays_grow_and_have_some_play() -> None:
    assert sender.RETRY_DELAYS == (5, 30, 120, 600, 3600, 14400, 43200, 86400, 86400)
    assert sender.JITTER == 0.2


def test_gone_disables_at_once(newsroom: Newsroom, receiver: Receiver) -> None:
    row = hook(newsroom, receiver, "article.added")
    newsroom.article()
    newsroom.article()
    receiver.statuses = [410]
    run_pending()
    assert (fresh(row).state, fresh(row).disabled_reason, len(receiver.messages)) == ("disabled", "gone", 1)
    assert Notification.objects.filter(webhook=row).count() == 1


def test_redirects_are_not_followed(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "article.added")
    newsroom.article()
    receiver.statuses, receiver.headers = [307], {"Location": receiver.url}
    receiver.content = b"go\x00 away \xff" + b"x" * 5_000
    run_pending()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status, len(receiver.messages)) == ("pending", 307, 1)
    assert delivery.error == "It answered 307; redirects are not followed."
    assert (delivery.answer[:12], len(delivery.answer)) == ("go\ufffd away \ufffdxx", 1_000)


def test_a_delivery_is_sent_again_and_events_are_replayed_under_their_ids(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    before = newsroom.article()
    row, by = hook(newsroom, receiver, "article.added"), newsroom.user("max")
    newsroom.article()
    newsroom.article()
    run_pending()
    ids = [message.id for message in receiver.messages]
    deliveries.retry_delivery(by, Delivery.objects.get(message_id=ids[0]).pk)
    run_pending()
    assert [message.id for message in receiver.messages] == [*ids, ids[0]]
    receiver.messages.clear()
    deliveries.replay_events(by, row.pk, after=0)
    newsroom.article()
    run_pending()
    assert [message.id for message in receiver.messages][1:3] == ids
    assert receiver.messages[0].data["data"]["id"] == str(before.pk)
    assert (len(receiver.messages), fresh(row).replay_until) == (4, None)
    assert Delivery.objects.count() == 4


def test_a_test_goes_first_and_once(newsroom: Newsroom, receiver: Receiver) -> None:
    row, by = hook(newsroom, receiver, "article.added"), newsroom.user("max")
    receiver.statuses = [500]
    newsroom.article()
    run_pending()
    deliveries.send_test(by, row.pk)
    receiver.statuses = [500]
    run_pending()
    assert receiver.types == ["article.added", "webhook.test"]
    assert Delivery.objects.get(type="webhook.test").state == "parked"
    assert receiver.messages[1].verify(row.secret)["data"] == {"corpus": "lake", "seq": None}


def test_one_worker_at_a_time_sends_for_a_webhook(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "article.added")
    newsroom.article()
    now = timezone.now()
    outbox.dispatch_events(now)
    first = sender.claim_webhook(now)
    assert first is not None
    assert sender.claim_webhook(now) is None
    second = sender.claim_webhook(now + sender.LEASE + timedelta(seconds=1))
    assert second is not None
    sender.release_webhook(first)  # it lost the lease, and must not end that of the other
    assert Webhook.objects.get().leased_until is not None


def test_old_deliveries_are_deleted(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "article.added")
    newsroom.article()
    run_pending()
    assert deliveries.delete_old_deliveries(timezone.now() + timedelta(days=6)) == 0
    assert deliveries.delete_old_deliveries(timezone.now() + timedelta(days=8)) == 1


def test_a_hundred_idle_webhooks_cost_three_queries(newsroom: Newsroom, receiver: Receiver) -> None:
    row = hook(newsroom, receiver, "article.added")
    corpora = [Corpus(slug=f"c{n}", name="C") for n in range(100)]
    Corpus.objects.bulk_create(corpora)
    values = {"url": row.url, "events": ALL, "secret": row.secret, "created_by": row.created_by}
    Webhook.objects.bulk_create(
        Webhook(corpus=corpus, cursor=row.cursor, created_at=timezone.now(), **values) for corpus in corpora
    )
    outbox.dispatch_events(timezone.now())
    with CaptureQueriesContext(connection) as queries:
        outbox.dispatch_events(timezone.now())
        assert not sender.send_due()
    assert len(queries) == (4 if connection.vendor == "postgresql" else 3)


def test_a_receiver_of_many_is_asked_for_each_once(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "article.added")
    for _ in range(5):
        newsroom.article()
    outbox.dispatch_events(timezone.now())
    with CaptureQueriesContext(connection) as few:
        sender.send_due()
    assert len(receiver.messages) == 5
    assert len(few) < 22
