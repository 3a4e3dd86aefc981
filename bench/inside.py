"""Calls into the service's own code, which run in ``manage.py shell``, with Django set up."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.enums import Scope, State
from annotations.models import AnnotationSet, Corpus, ReleaseState
from annotations.services import job_runner, releases
from annotations.services.core import access_tokens, articles, corpora, spans
from annotations.services.team import assignments
from annotations.visibility import get_visible_row
from bench.client import HOST


def create_user() -> str:
    """Create the user of the benchmark; return an access token with all scopes."""
    user = User.objects.create_user("bench")
    user.user_permissions.add(Permission.objects.get(codename="add_corpus"))
    return access_tokens.create_token(user, "bench", list(Scope))[1]


def count_queries(token: str, path: str) -> int:
    """Return the number of queries of one GET, after another one has filled all caches."""
    client = Client(headers=_headers(token))
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"GET {path}: {answer.status_code}")
    return len(captured)


def _headers(token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}", "host": HOST}


def create_long_article(characters: int, marks: int) -> str:
    """Create a long article with many spans; return ``set-id session-key`` of its owner."""
    owner = User.objects.create_user("editor", is_staff=True)
    owner.user_permissions.add(Permission.objects.get(codename="add_corpus"))
    owner = User.objects.get(pk=owner.pk)
    founded, _ = corpora.create_corpus(owner, {"slug": "desk", "name": "Desk"})
    corpus = get_visible_row(owner, Corpus.objects.all(), pk=founded.pk)
    sentence = "The harbour office said on Monday that Ada Verde would close the lock in June. "
    paragraph = sentence * 6 + "\n\n"
    text = paragraph * (characters // len(paragraph) + 1)
    article, _ = articles.create_article(owner, corpus, {"title": "Long", "text": text})
    row, _ = assignments.assign_article(owner, article.pk, owner=owner)
    places = range(0, marks * len(sentence) * 2, len(sentence) * 2)
    starts = (at // (len(sentence) * 6) * len(paragraph) + at % (len(sentence) * 6) for at in places)
    drafts = [spans.SpanDraft(label="actor", start=start + 4, end=start + 18) for start in starts]
    spans.add_spans(owner, row.pk, drafts)
    client = Client()
    client.force_login(owner)
    return f"{row.pk} {client.cookies['sessionid'].value}"


def measure_release(slug: str, *, formats: Sequence[str], splits: str = "") -> str:
    """Release a corpus as if all its sets were approved; return ``seconds megabytes`` of memory growth."""
    corpus = Corpus.objects.get(slug=slug)
    AnnotationSet.objects.filter(corpus=corpus).update(state=State.APPROVED, imported=True)
    nothing = releases.ReleaseRequest(filter={"external_id": "nothing"})
    job_runner.make_release(None, corpus, nothing, inline=True)  # code that is loaded once is no growth
    before, peak, over = _resident(), [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            peak[0] = max(peak[0], _resident() - before)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    started = time.perf_counter()
    order = releases.ReleaseRequest(formats=formats, splits=releases.parse_splits(splits) if splits else None)
    made, _ = job_runner.make_release(None, corpus, order, inline=True)
    seconds = time.perf_counter() - started
    over.set()
    watcher.join()
    if made.state != ReleaseState.READY:
        raise RuntimeError(f"The release is {made.state}.")
    return f"{seconds:.2f} {peak[0] / 1024 / 1024:.1f}"


def _resident() -> int:
    """Return the resident memory of this process in bytes."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
