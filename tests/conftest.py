"""What every test gets: no network, the engine it asks for, one Hypothesis profile."""

from __future__ import annotations

import copy
import gc
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db import connection

from tests import cpu, databases, factories, lanes, soundness, speed
from tests.newsroom import Newsroom

#: Debian's Chromium without windows takes half as much of a CPU as the whole one without a screen.
CHROMIUMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = next((each for each in CHROMIUMS if each.exists()), CHROMIUMS[-1])

# a test makes many objects, and few that stand in a circle
GC_THRESHOLDS = (10_000, 20, 20)

# deadline: a loaded machine is no fault of the code; print_blob: a failure can be had again;
# max_examples: each run tries others, so that few of them are many in a week
hypothesis.settings.register_profile("standpoint", deadline=None, print_blob=True, max_examples=40)
hypothesis.settings.load_profile("standpoint")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine-dependent",
        action="store_true",
        help="only the tests whose result may depend on the database engine (tests/engines.py)",
    )
    parser.addoption("--cpu-report", action="store_true", help="print what each test costs (tests/cpu.py)")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--cpu-report"):
        config.pluginmanager.register(cpu.CpuReport())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return (config.getoption("--engine-dependent") and lanes.is_left_out(collection_path)) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--engine-dependent"):
        lanes.select(config, items)
    lanes.refuse_databases(items)
    refuse_mixed_modules(items)
    vendor = connection.vendor
    reasons = {
        "postgres": None if vendor == "postgresql" else "shows what only PostgreSQL can do",
        "sqlite": None if vendor == "sqlite" else "shows what only SQLite does",
        "browser": None if CHROMIUM.exists() else f"{CHROMIUM} is missing; scripts/browser installs it",
    }
    for item in items:
        for marker, reason in reasons.items():
            if reason is not None and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
        if item.get_closest_marker("browser"):
            # On a machine that does much else, as the other engine's tests, a browser now and then loses a
            # click. The summary shows an R for each further try; what fails three times is broken.
            item.add_marker(pytest.mark.flaky(reruns=2))
    # The browser's first, in one row: it starts once and keeps what it has cached, and the short tests are
    # left for the end, when each worker takes what the other has not begun.
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep the garbage collector from what lives as long as the process: modules, models and tests.

    It would go through some hundred thousand objects again and again, and free none of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def refuse_mixed_modules(items: list[pytest.Item]) -> None:
    """Stop where a test commits in a module whose tests share a newsroom that is not committed."""
    for item in items:
        shared = getattr(item, "_fixtureinfo").name2fixturedefs.get("stored_newsroom")  # noqa: B009
        marker = item.get_closest_marker("django_db")
        commits = "transactional_db" in getattr(item, "fixturenames", ()) or (
            marker is not None and marker.kwargs.get("transaction")
        )
        if shared and commits and shared[-1].scope == "module":
            raise pytest.UsageError(f"{item.nodeid} commits; give its module a stored_newsroom of its own.")


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Let pytest-django take the database of SQLite that is there; its folder goes with the process."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_blocker: Any) -> None:
    """Bring the migrated database of an earlier run, or of another worker."""
    with django_db_blocker.unblock():
        databases.restore()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Leave the migrated database to the next run."""
    with django_db_blocker.unblock():
        databases.store()


@pytest.fixture(autouse=True, scope="session")
def cheap_setup() -> Iterator[None]:
    """Share between tests what takes long to make and is the same for all."""
    with speed.shared_middleware(), speed.quick_flush():
        yield


def is_local(host: Any) -> bool:
    """Loopback, or no host at all; any other name would be asked of a name server."""
    if host in {None, "", b"", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """A test that reaches for another machine fails, also where there is no network anyway.

    The error is no OSError, which the code under test might take for a network that is down.
    """
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        # the address of a Unix socket is no tuple
        if isinstance(address, tuple) and not is_local(address[0]):
            self.close()
            raise AssertionError(f"A test must not connect to {address!r}.")
        connect(self, address)

    def guarded_resolve(host: Any, *arguments: Any, **named: Any) -> Any:
        if not is_local(host):
            raise AssertionError(f"A test must not look up {host!r}.")
        return resolve(host, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_resolve)
        yield


@pytest.fixture(scope="module")
def stored_newsroom(django_db_setup: None, django_db_blocker: Any) -> Iterator[Newsroom]:
    """A newsroom for all tests of a module."""
    yield from speed.shared_rows(django_db_blocker, Newsroom)


@pytest.fixture
def newsroom(request: pytest.FixtureRequest, stored_newsroom: Newsroom, db: None) -> Iterator[Newsroom]:
    """A newsroom, whose data keeps every promise when the test is over, whatever it did.

    A module that writes nothing of its own kind says so: ``PROVES = False``.
    """
    newsroom = copy.deepcopy(stored_newsroom)
    factories.restart_titles()
    if not getattr(request.module, "PROVES", True):
        yield newsroom
        return
    writes = speed.Writes()
    with connection.execute_wrapper(writes):
        yield newsroom
    if writes.seen and lanes.proves(request.node.nodeid):
        soundness.prove_integrity()
