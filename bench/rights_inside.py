"""The steps of ``bench.rights``, which run in ``manage.py shell``, with Django set up."""

from __future__ import annotations

import io
import json
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any
from unittest import mock

from django.contrib.auth.models import User
from django.utils import timezone

from annotations.models import Actor, ConfidentialActor, Corpus, Membership, Role
from annotations.services.exchange.exports import export_corpus
from annotations.services.exchange.exports.outgoing import OutgoingRecords
from annotations.services.exchange.imports import ImportOptions, import_file
from bench import workload

SLUG = "rights"
NAMES, TIMES = 50, 5
_NAME = re.compile(r"\b[A-ZÀ-Þ]\w{4,} [A-ZÀ-Þ]\w{4,}\b")


def create_articles(number: int) -> str:
    """Store a corpus of the workload."""
    corpus = Corpus.objects.create(slug=SLUG, name="Rights")
    user = User.objects.create_superuser("editor")
    Membership.objects.create(corpus=corpus, user=user, role=Role.MANAGER)
    lines = b"\n".join(article.to_line() for article in workload.generate_articles(number))
    report = import_file(user, corpus, io.BytesIO(lines + b"\n"), ImportOptions())
    return json.dumps(report.created)


def measure() -> str:
    """Return the seconds of the processor for an export: without the gate, through it, and with names masked.

    The three take turns, because a machine is not always as fast; the best of each counts.
    """
    corpus = Corpus.objects.get(slug=SLUG)
    plain = _best({"bare": _without_gate, "open": nullcontext}, corpus)
    names = protect_names(corpus)
    masked = _best({"bare": _without_gate, "masked": nullcontext}, corpus)
    return json.dumps([plain["bare"], plain["open"], masked["bare"], masked["masked"], names])


def protect_names(corpus: Corpus) -> int:
    """Protect people whom the texts name; return how many articles name one of them."""
    user, rng = User.objects.get(username="editor"), random.Random(5)
    texts = [article.revision.text for article in corpus.articles.select_related("revision").iterator()]
    found = sorted({name for text in rng.sample(texts, min(len(texts), 500)) for name in _NAME.findall(text)})
    chosen = rng.sample(found, min(NAMES, len(found)))
    for name in chosen:
        actor = Actor.objects.create(corpus=corpus, name=name, kind="person")
        ConfidentialActor.objects.create(actor=actor, reason="x", by=user, at=timezone.now())
    return sum(any(name in text for name in chosen) for text in texts)


def _best(ways: dict[str, Callable[[], AbstractContextManager[Any]]], corpus: Corpus) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TIMES):
        for name, around in ways.items():
            with around():
                began = time.process_time()
                export_corpus(None, corpus, format="jsonl", sets="all").file.close()
                seconds[name].append(time.process_time() - began)
    return {name: min(found) for name, found in seconds.items()}


def _without_gate() -> AbstractContextManager[Any]:
    """Return a context in which records pass as if there were no gate."""
    stack = ExitStack()
    passing: dict[str, Any] = {
        **dict.fromkeys(("narrow", "header", "entries", "merges", "judgements", "chunk"), _same),
        **dict.fromkeys(("count_shut", "tombstones"), _nothing),
        "needs_texts": property(lambda _: False),
    }
    for name, value in passing.items():
        stack.enter_context(mock.patch.object(OutgoingRecords, name, value))
    return stack


def _same(_: object, records: Any, *_ids: object, **_options: object) -> Any:
    return records


def _nothing(*_: object) -> Iterator[Any]:
    return iter(())
