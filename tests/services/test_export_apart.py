"""An archive is the same whether another process helps with it, ends before its time, or cannot start."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from annotations.formats import FORMATS, apart
from annotations.formats.apart import _Helper
from annotations.formats.base import Chunk
from annotations.formats.shares import ArchiveWriter, Share
from annotations.models import Corpus
from annotations.services.exports import export
from tests.services.exchange import article, put
from tests.services.scene import Scene

pytestmark = pytest.mark.django_db

IN_SHARES = sorted(
    name
    for name, row in FORMATS.items()
    if row.writer and issubclass(row.writer, ArchiveWriter) and row.writer(None).in_shares
)
TEXTS = (
    "Ardenia opposes the lock.",
    "\U0001f3f4\u200d\u2620\ufe0f =1+1\tMinister \u05e9\u05dc\u05d5\u05dd said\nso.",
    "\u0e01\u0e32\u0e23 \u6771\u4eac e\u0301\u0301 \U00020000 .",
)

Process = subprocess.Popen[bytes]
Export = tuple[bytes, list[dict[str, Any]], int]


def written(corpus: Corpus, format: str) -> Export:
    """An export: its bytes, its losses and how many articles there are."""
    made = export(None, corpus, format=format, sets="all")
    with made.file as file:
        return file.read(), made.losses, made.records


@pytest.fixture
def corpus() -> Corpus:
    scene = Scene()
    for number in range(12):
        text = TEXTS[number % len(TEXTS)]
        spans = [
            {"label": "actor", "start": 0, "end": 4},
            {"label": "claim", "start": 1, "end": len(text) - 1, "attributes": {"claim_type": "assertion"}},
        ]
        line = article(number, text=text, spans=spans, relations=[])
        assert put(scene.people["max"], scene.corpus, line).created == 1
    return scene.corpus


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """The processes that were started; there is help from the first chunk on, and every article is one."""
    found: list[Process] = []
    started = _Helper._started

    def start(helper: _Helper) -> Process:
        found.append(started(helper))
        return found[-1]

    monkeypatch.setattr(_Helper, "_started", start)
    monkeypatch.setattr(apart, "_processors", lambda: 2)
    monkeypatch.setattr(apart, "_CHUNKS_ALONE", 0)
    monkeypatch.setattr(apart, "_ARTICLES", 1)
    return found


def alone(corpus: Corpus, format: str, monkeypatch: pytest.MonkeyPatch) -> Export:
    """The export of a machine with one processor."""
    with monkeypatch.context() as one:
        one.setattr(apart, "_processors", lambda: 1)
        return written(corpus, format)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Share | None]:
    """What the other process answers."""
    found: list[Share | None] = []
    received = _Helper._received

    def receive(helper: _Helper, process: Process) -> Share | None:
        found.append(received(helper, process))
        return found[-1]

    monkeypatch.setattr(_Helper, "_received", receive)
    return found


def test_which_formats() -> None:
    assert IN_SHARES == ["brat", "casjson", "conll", "spacy", "text", "webannotsv"]


@pytest.mark.parametrize("format", IN_SHARES)
def test_the_same_bytes_and_losses(
    helpers: list[Process],
    answers: list[Share | None],
    corpus: Corpus,
    monkeypatch: pytest.MonkeyPatch,
    format: str,
) -> None:
    expected = alone(corpus, format, monkeypatch)
    assert not helpers
    monkeypatch.setattr(_Helper, "gives_back", lambda *_: False)
    assert written(corpus, format) == expected
    assert isinstance(answers[0], Share)  # else it would all have been made here
    assert [process.poll() is None for process in helpers] == [False]


def test_one_that_is_killed(
    helpers: list[Process],
    answers: list[Share | None],
    corpus: Corpus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = alone(corpus, "conll", monkeypatch)
    monkeypatch.setattr(apart, "_MOST_THERE", 12)
    monkeypatch.setattr(_Helper, "gives_back", lambda *_: False)
    sent, chunks = _Helper._send, itertools.count()

    def send(helper: _Helper, process: Process, chunk: Chunk) -> None:
        if next(chunks) == 2:
            while len(answers) < 2:  # no more can be on their way then
                time.sleep(0.01)
            process.kill()
        sent(helper, process, chunk)

    monkeypatch.setattr(_Helper, "_send", send)
    assert written(corpus, "conll") == expected
    assert [type(answer) for answer in answers[:2]] == [Share, Share]
    assert {*answers[2:]} == {None}


def test_nobody_waits_for_one_that_is_not_up_yet(
    helpers: list[Process], corpus: Corpus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = alone(corpus, "conll", monkeypatch)
    never_up = tmp_path / "python"
    never_up.write_text("#!/bin/sh\nexec sleep 30\n")
    never_up.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(never_up))
    assert written(corpus, "conll") == expected
    assert [process.returncode for process in helpers] == [-signal.SIGKILL]  # it did not end by itself


@pytest.mark.parametrize("executable", ["/bin/false", "/nowhere/python"])
def test_one_that_cannot_start(
    helpers: list[Process], corpus: Corpus, monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    expected = alone(corpus, "webannotsv", monkeypatch)
    monkeypatch.setattr(sys, "executable", executable)
    assert written(corpus, "webannotsv") == expected


@pytest.mark.parametrize("format", IN_SHARES)
def test_an_export_that_breaks_off_leaves_nothing_behind(
    helpers: list[Process], corpus: Corpus, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    """No process, and no file that is open, of which pytest would tell."""
    joined, joins = ArchiveWriter.join, itertools.count()

    def join(writer: ArchiveWriter, share: Share) -> None:
        if next(joins) == 4:
            raise InterruptedError
        joined(writer, share)

    monkeypatch.setattr(ArchiveWriter, "join", join)
    with pytest.raises(InterruptedError):
        written(corpus, format)
    assert [process.poll() is None for process in helpers] == [False]


def test_a_short_export_starts_nobody(
    helpers: list[Process], corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_CHUNKS_ALONE", 12)
    written(corpus, "brat")
    assert not helpers
