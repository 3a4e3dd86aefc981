"""What every test gets: no network, the engine it asks for, one Hypothesis profile."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db import connection

CHROMIUM = Path("/usr/bin/chromium")

# deadline: a loaded machine is no fault of the code; print_blob: a failure can be had again
hypothesis.settings.register_profile("standpoint", deadline=None, print_blob=True)
hypothesis.settings.load_profile("standpoint")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
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


def is_local(address: Any) -> bool:
    """Unix sockets and loopback; a name other than localhost would ask a name server."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"localhost", ""}


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """A test that reaches for another machine fails, also where there is no network anyway."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if not is_local(address):
            raise AssertionError(f"A test must not connect to {address!r}.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
