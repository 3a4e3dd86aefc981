"""Archives written on two processors: this process and a second one make shares of them side by side.

Both sides are this module: ``shares`` here, and ``python -m annotations.formats.apart`` there, which
knows nothing of databases, gets articles and answers with what it has made of them. Who makes a share
depends on who has time, and what is in it does not. Where there is no second processor, or the other
process ends before its time, all is made here.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Self, cast

from annotations.formats import FORMATS
from annotations.formats.base import Chunk, Dialect
from annotations.formats.shares import ArchiveWriter, Share

#: So many articles become one share: few, because several are on their way at once.
_ARTICLES = 20
#: So many chunks are written before another process is started, which takes as long as 200 articles.
_CHUNKS_ALONE = 5
#: So many chunks the other process has, so that it never waits for the next.
_MOST_THERE = 4
#: So many shares wait for one before them.
_MOST_WAITING = 24
#: Bytes that are on their way in one direction, as many as Linux allows to everybody.
_PIPE = 1024 * 1024
_END = None
_ROOT = Path(__file__).resolve().parent.parent.parent


def shares(format: str, dialect: Dialect, chunks: Iterable[Chunk]) -> Generator[Share, None, None]:
    """The shares of all articles, in their order."""
    here = _maker(format, dialect)
    waiting: deque[_Task] = deque()
    with _Helper(format, dialect) as helper:
        for number, chunk in enumerate(_small(chunks)):
            task = _Task(chunk)
            if number < _CHUNKS_ALONE or not helper.takes(task):
                task.finish(here)
            waiting.append(task)
            while waiting and (waiting[0].is_done or len(waiting) > _MOST_WAITING):
                yield waiting.popleft().finish(here)
        for task in reversed(waiting):
            if helper.gives_back(task):
                task.finish(here)
        while waiting:
            yield waiting.popleft().finish(here)


def _small(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """The articles of chunks in smaller ones."""
    for articles, names in chunks:
        for at in range(0, len(articles), _ARTICLES):
            yield Chunk(articles[at : at + _ARTICLES], names)


def _processors() -> int:
    """Those that this process may use, where the system says so."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _maker(format: str, dialect: Dialect) -> ArchiveWriter:
    return cast("type[ArchiveWriter]", FORMATS[format].writer)(None, dialect=dialect)


class _Task:
    """A chunk, and the share that was made or is being made of it."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk: Chunk | None = chunk
        self.coming: Future[Share | None] | None = None
        self._made: Share | None = None

    @property
    def is_done(self) -> bool:
        """Whether nobody waits who asks for the share."""
        return self._made is not None or (self.coming is not None and self.coming.done())

    def finish(self, here: ArchiveWriter) -> Share:
        """The share; made here where it does not come from the other process."""
        if self._made is None and self.coming is not None:
            self._made = self.coming.result()
        if self._made is None:
            self._made = here.share(*cast("Chunk", self.chunk))
        self.chunk = None
        return self._made


class _Helper:
    """The other process, which is started when it gets something to do."""

    def __init__(self, format: str, dialect: Dialect) -> None:
        self._manner = format, dialect
        self._tasks: list[_Task] = []
        self._process: subprocess.Popen[bytes] | None = None
        # a thread each, which waits for the other process, not for a processor
        self._there = ThreadPoolExecutor(1, "export-there")
        self._back = ThreadPoolExecutor(1, "export-back")
        self._is_there = _processors() > 1
        self._is_up = False  # it is, once it has answered

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._there.shutdown(cancel_futures=True)
            self._back.shutdown(cancel_futures=True)
            with suppress(BrokenPipeError), self._process:
                pass

    def takes(self, task: _Task) -> bool:
        """Whether it has time for one more, which then is being made."""
        self._tasks = [task for task in self._tasks if not task.is_done]
        if not self._is_there or len(self._tasks) >= _MOST_THERE:
            return False
        try:
            self._process = self._process or self._started()
        except OSError:
            self._is_there = False
            return False
        self._there.submit(self._send, self._process, cast("Chunk", task.chunk))
        task.coming = self._back.submit(self._received, self._process)
        self._tasks.append(task)
        return True

    def gives_back(self, task: _Task) -> bool:
        """Whether it has not begun with it, nor ever will."""
        if task.coming is None or task.is_done or (self._is_up and not task.coming.cancel()):
            return False
        task.coming = None
        return True

    def _started(self) -> subprocess.Popen[bytes]:
        command = (sys.executable, "-m", __name__, *self._manner)
        pipe = subprocess.PIPE
        # in one piece each, because after every call of the system a thread waits for the interpreter
        return subprocess.Popen(  # noqa: S603
            command, bufsize=_PIPE, cwd=_ROOT, stdin=pipe, stdout=pipe, pipesize=_PIPE
        )

    def _send(self, process: subprocess.Popen[bytes], chunk: Chunk) -> None:
        articles, names = chunk
        to = cast("IO[bytes]", process.stdin)
        with suppress(OSError):  # then nothing comes back, either
            for said in (names, *articles, _END):
                pickle.dump(said, to, pickle.HIGHEST_PROTOCOL)
            to.flush()

    def _received(self, process: subprocess.Popen[bytes]) -> Share | None:
        """The next share; None if the other process is gone, whatever was the cause."""
        try:
            share = cast("Share", pickle.load(cast("IO[bytes]", process.stdout)))  # noqa: S301 - it is ours
            self._is_up = True
            return share
        except (OSError, EOFError, pickle.UnpicklingError):
            self._is_there = False
            return None


def main(format: str, dialect: str) -> None:
    """The other side: make shares until nobody sends anything."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever is interrupted ends this process, too
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no answer
    writer = _maker(format, Dialect(dialect))
    with suppress(EOFError, BrokenPipeError):
        while True:
            names = pickle.load(source)  # noqa: S301 - from the process that started this one
            articles = iter(partial(pickle.load, source), _END)  # one of them is in memory
            pickle.dump(writer.share(articles, names), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
