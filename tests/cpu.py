"""How much CPU time each test takes: ``pytest --cpu-report``.

A machine that does much else changes how long a test takes, but hardly how much it computes. Counted are
the process of the test, its children (a browser, a server, Node) and its session on PostgreSQL.
"""

from __future__ import annotations

import os
import resource
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

_TICKS = os.sysconf("SC_CLK_TCK")
#: How many tests and files the report names.
_NAMED = 60


def _fields(pid: str) -> list[str]:
    """The fields of /proc/…/stat from the state on; none for a process that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _descendants_seconds() -> float:
    """What living descendants have used, and their own children that have ended."""
    parents: dict[str, list[str]] = defaultdict(list)
    ticks: dict[str, int] = {}
    for pid in (each.name for each in Path("/proc").iterdir() if each.name.isdigit()):
        if fields := _fields(pid):
            parents[fields[1]].append(pid)
            ticks[pid] = sum(map(int, fields[11:15]))
    total, todo = 0, [str(os.getpid())]
    while todo:
        children = parents[todo.pop()]
        total += sum(ticks[child] for child in children)
        todo += children
    return total / _TICKS


#: What each session on PostgreSQL has used: one of the pool comes and goes, and brings what it used before.
_sessions: dict[str, float] = {}


def _backend_seconds() -> float:
    """What the sessions on PostgreSQL have used that this process has had."""
    raw = getattr(connection, "connection", None)  # a test may put a stub in its place
    if raw is not None and connection.vendor == "postgresql" and not raw.closed:
        pid = str(raw.info.backend_pid)
        if fields := _fields(pid):
            _sessions[pid] = sum(map(int, fields[11:13])) / _TICKS
    return sum(_sessions.values())


def used_seconds(with_children: bool) -> float:
    """What the process has used up to now."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    total = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime + _backend_seconds()
    return total + _descendants_seconds() if with_children else total


class CpuReport:
    """A plugin that counts in the workers, and prints where the reports arrive."""

    def __init__(self) -> None:
        self.phases: dict[str, float] = defaultdict(float)
        self.tests: dict[str, list[float]] = defaultdict(list)
        self.used: dict[str, float] = {}

    def _count(self, item: pytest.Item, when: str) -> Iterator[None]:
        with_children = item.get_closest_marker("browser") is not None
        before = used_seconds(with_children)
        yield
        self.used[when] = max(0.0, used_seconds(with_children) - before)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        yield from self._count(item, "setup")

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        yield from self._count(item, "call")

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        yield from self._count(item, "teardown")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Iterator[None]:
        outcome = yield
        outcome.get_result().cpu = self.used.pop(call.when, 0.0)  # type: ignore[attr-defined]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        used = getattr(report, "cpu", 0.0)
        self.phases[str(report.when)] += used
        self.tests[report.nodeid].append(used)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        terminalreporter.section("CPU seconds")
        total = sum(self.phases.values())
        write(
            f"{total:8.1f} in {len(self.tests)} tests, "
            + ", ".join(f"{phase} {used:.1f}" for phase, used in self.phases.items())
        )
        files: dict[str, list[float]] = defaultdict(list)
        functions: dict[str, list[float]] = defaultdict(list)
        for nodeid, phases in self.tests.items():
            files[nodeid.partition("::")[0]].append(sum(phases))
            functions[nodeid.partition("[")[0]].append(sum(phases))
        for title, groups in (("files", files), ("functions", functions)):
            write(f"-- {title} --")
            named = sorted(groups.items(), key=lambda group: -sum(group[1]))[:_NAMED]
            for name, used in named:
                write(f"{sum(used):8.1f} {len(used):5} {name}")
        write("-- tests --")
        for nodeid, phases in sorted(self.tests.items(), key=lambda test: -sum(test[1]))[:_NAMED]:
            write(f"{sum(phases):8.1f} {' '.join(f'{used:.1f}' for used in phases):>14} {nodeid}")
