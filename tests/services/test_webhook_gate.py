"""What a webhook never sends, and what waits: rolled back, embargoed, taken down, blind, masked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotations.enums import Round
from annotations.models import (
    ArticleRights,
    ConfidentialActor,
    CorpusRights,
    Delivery,
    EntryKind,
)
from annotations.services.core import events
from annotations.services.registry import merges
from annotations.services.webhooks import outbox, sender
from annotations.services.webhooks.loop import run_pending
from tests.newsroom import Newsroom
from tests.receiver import Receiver
from tests.services.test_webhooks import hook


def test_nothing_is_sent_of_what_was_rolled_back_or_of_another_corpus(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    hook(newsroom, receiver, "article.added")
    with transaction.atomic():
        newsroom.article()
        transaction.set_rollback(True)
    newsroom.article(corpus=newsroom.sea)
    newsroom.topic()
    run_pending()
    assert receiver.messages == []
    newsroom.article()
    run_pending()
    assert len(receiver.messages) == 1


def test_an_embargoed_article_waits_and_blocks_nothing(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "article.added", payload="full")
    secret, other = newsroom.article(title="Secret"), newsroom.article()
    until = timezone.now() + timedelta(hours=1)
    rights = ArticleRights.objects.create(article=secret, embargo_until=until)
    run_pending()
    assert [message.data["data"]["id"] for message in receiver.messages] == [str(other.pk)]
    assert b"Secret" not in receiver.messages[0].body
    assert Delivery.objects.get(article_id=secret.pk).state == "held"
    rights.embargo_until = timezone.now()
    rights.save()
    run_pending()
    assert receiver.messages[1].data["data"]["row"]["title"] == "Secret"


def test_an_embargo_that_comes_after_the_event_holds_it_too(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "article.added")
    article = newsroom.article()
    outbox.dispatch_events(timezone.now())
    ArticleRights.objects.create(article=article, embargo_until=timezone.now() + timedelta(hours=1))
    assert sender.send_due()
    assert (receiver.messages, Delivery.objects.get().state) == ([], "held")


def test_what_was_taken_down_or_is_not_sent_out_is_skipped(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "article.added", "article.taken_down", payload="full")
    down, closed, usual = newsroom.article(), newsroom.article(), newsroom.article()
    outbox.dispatch_events(timezone.now())
    by = newsroom.user("max")
    ArticleRights.objects.create(article=down, taken_down_at=timezone.now(), taken_down_by=by)
    ArticleRights.objects.create(article=closed, may_send_out=False)
    for article in (down, closed):
        events.record_event("article_taken_down", by=by, corpus_id=newsroom.lake.pk, article_id=article.pk)
    run_pending()
    sent = [(message.type, message.data["data"]["id"]) for message in receiver.messages]
    assert sent == [("article.added", str(usual.pk)), ("article.taken_down", str(down.pk))]
    assert receiver.messages[1].data["data"]["row"] is None
    assert Delivery.objects.filter(state="skipped").count() == 2
    CorpusRights.objects.create(corpus=newsroom.lake, may_send_out=False)
    newsroom.article()
    run_pending()
    assert len(receiver.messages) == 2


def test_blind_work_waits_and_calibrations_are_never_sent(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "set.submitted", "adjudication.ready")
    article = newsroom.article(annotators=2)
    first, second = newsroom.submitted("ann", article), newsroom.set("ben", article)
    calibration = newsroom.set("ann", round_=Round.CALIBRATION)
    newsroom.moved(calibration, "ann", "submit")
    run_pending()
    assert receiver.messages == []
    newsroom.moved(second, "ben", "submit")
    run_pending()
    sent = [(message.type, message.data["data"]["id"]) for message in receiver.messages]
    assert sent == [
        ("set.submitted", str(first.pk)),
        ("set.submitted", str(second.pk)),
        ("adjudication.ready", str(article.pk)),
    ]


def test_names_that_stay_in_the_house_are_masked(newsroom: Newsroom, receiver: Receiver) -> None:
    hook(newsroom, receiver, "article.added", "actor.merged", payload="full")
    newsroom.article(title="Ada Verde speaks", external_id="Ada Verde-1", metadata={"of": "Ada Verde"})
    actor, other = newsroom.actor("Ada Verde"), newsroom.actor("A. Verde")
    ConfidentialActor.objects.create(
        actor_id=actor, reason="Threats.", by=newsroom.user("max"), at=timezone.now()
    )
    values = {"into": UUID(actor), "reason": "One."}
    merges.merge_entry(newsroom.user("rae"), EntryKind.ACTOR, UUID(other), values, version=1)
    run_pending()
    # that two entries were found to be the same would tell of the source
    [message] = receiver.messages
    assert message.data["type"] == "article.added"
    assert b"Verde" not in message.body
