"""Webhooks with real processes: the script of the guide, and a worker that is killed after it has sent."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.receiver import Message, running_receiver
from tests.server import ROOT, Server, free_port, running_server

pytestmark = pytest.mark.slow

GUIDE = ROOT / "docs/howto/webhooks.md"


def script() -> str:
    """Return the script of the guide."""
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@contextmanager
def running_worker(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker of the service while the block runs."""
    command = [sys.executable, "manage.py", "worker", "--interval", "0.1"]
    process = subprocess.Popen(command, cwd=ROOT, env=server.settings)
    try:
        yield process
    finally:
        process.kill()
        process.wait(600)


def lake(server: Server) -> str:
    """Found the corpus ``lake`` and return a token of its manager."""
    server.manage("demo")
    code = (
        "from django.contrib.auth.models import User; from annotations.models import Corpus, Membership;"
        "corpus = Corpus.objects.create(slug='lake', name='Lake');"
        "Membership.objects.create(corpus=corpus, user=User.objects.get(username='max'), role='manager')"
    )
    server.manage("shell", "--no-imports", "-c", code)
    return server.manage("token", "max", "--scope=read", "--scope=manage", "--scope=ingest")


def post(server: Server, token: str, path: str, content: object) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    response, body = server.request("POST", f"/api/v1/{path}", json.dumps(content).encode(), headers)
    assert response.status in (200, 201), body
    answer: dict[str, object] = json.loads(body)
    return answer


def test_the_guide_and_a_worker_that_is_killed(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", OUTGOING_ALLOW_LOOPBACK="on") as server:
        token = lake(server)
        with running_receiver() as receiver:
            hook = {"url": receiver.url, "events": ["article.added"]}
            post(server, token, "corpora/lake/webhooks/", hook)
            post(server, token, "corpora/lake/articles/", {"text": "The lock will close."})
            with running_worker(server) as worker:

                def kill(_: Message) -> None:
                    os.kill(worker.pid, signal.SIGKILL)

                receiver.on_message = kill
                assert worker.wait(600) == -signal.SIGKILL
            receiver.on_message = lambda _: None
            # nobody waits for a minute here: the lease of the dead worker is over
            code = "from annotations.models import Webhook; Webhook.objects.update(leased_until=None)"
            server.manage("shell", "--no-imports", "-c", code)
            with running_worker(server):
                while len(receiver.messages) < 2:
                    time.sleep(0.05)
            first, second = receiver.messages
            assert (first.id, first.body) == (second.id, second.body)
        assert len(script().splitlines()) <= 48
        port = str(free_port())
        env = {"STANDPOINT": server.url, "TOKEN": token, "LISTEN": port, "PATH": os.environ["PATH"]}
        with running_worker(server):
            run = subprocess.run(
                [sys.executable, "-c", script()], env=env, capture_output=True, text=True, timeout=600,
                check=False,
            )  # fmt: skip
        assert (run.returncode, run.stdout) == (0, "article.added cms-1\n"), run.stderr
