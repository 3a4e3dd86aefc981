"""The steps of ``bench.webhooks``, which run in ``manage.py shell``, with Django set up."""

from __future__ import annotations

import json
import time
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.models import Article, Corpus, Event, Membership, Role, Webhook, bulk
from annotations.services.core import events
from annotations.services.core.articles import build_revision
from annotations.services.webhooks.signatures import make_secret
from annotations.services.webhooks.types import WEBHOOK_TYPES

SLUG, ARTICLES = "webhooks", 100


def _make_webhook(corpus: Corpus, url: str, user: User) -> Webhook:
    now = timezone.now()
    return Webhook(
        corpus=corpus,
        url=url,
        events=list(WEBHOOK_TYPES),
        secret=make_secret(),
        created_by=user,
        created_at=now,
    )


def prepare(url: str) -> str:
    """Store a corpus with articles and a webhook."""
    user = User.objects.create_user("editor")
    corpus = Corpus.objects.create(slug=SLUG, name="Webhooks")
    Membership.objects.create(corpus=corpus, user=user, role=Role.MANAGER)
    for number in range(ARTICLES):
        article = Article(corpus=corpus, external_id=f"w{number}", created_at=timezone.now())
        article.revision = build_revision(article, f"Text {number}.", number=1, by=None)
        with transaction.atomic():
            article.save(force_insert=True)
            article.revision.save(force_insert=True)
    _make_webhook(corpus, url, user).save(force_insert=True)
    return "prepared"


def _build_events(number: int) -> list[Event]:
    corpus = Corpus.objects.get(slug=SLUG)
    ids = list(Article.objects.filter(corpus=corpus).values_list("pk", flat=True))
    return [
        events.build_event("article_added", by=None, corpus_id=corpus.pk, article_id=ids[place % len(ids)])
        for place in range(number)
    ]


def record(number: int) -> str:
    """Record so many events at once."""
    rows = _build_events(number)
    with transaction.atomic():
        bulk.create_objects(rows)
    return str(number)


def record_steadily(rate: int, seconds: int) -> str:
    """Record events at a steady rate, each in a transaction of its own."""
    begun = time.monotonic()
    for place, event in enumerate(_build_events(rate * seconds)):
        time.sleep(max(0.0, begun + place / rate - time.monotonic()))
        event.time = timezone.now()
        event.save(force_insert=True)
    return str(rate * seconds)


def lags(received: list[tuple[float, str]]) -> str:
    """Return the seconds from the event to the receiver, as JSON."""
    return json.dumps([at - datetime.fromisoformat(sent).timestamp() for at, sent in received])


def add_idle(number: int, url: str) -> str:
    """Add webhooks in corpora in which nothing happens."""
    user = User.objects.get(username="editor")
    for place in range(number):
        corpus = Corpus.objects.create(slug=f"idle-{place}", name="Idle")
        _make_webhook(corpus, url, user).save(force_insert=True)
    return str(number)
