"""Run the suite on SQLite, beside it on PostgreSQL what may depend on the engine, and print the sum.

tests/engines.py decides which those are. Both run at once, because each waits now and then: for a browser,
for a server, for the other worker's last test. What PostgreSQL has to say comes when SQLite has ended.

Arguments are passed on to both, as in `scripts/test.py -m slow`. With --beside, a command such as `make lint`
runs at the same time; what it prints comes as a whole, too, and the run fails when it fails. PostgreSQL is
a throw-away server, unless STANDPOINT_TEST_DATABASE names one. The last line has the number of passed tests
of each; the exit status is 0 only if both runs are complete and nothing failed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = min(4, os.cpu_count() or 1)
#: Fewer on PostgreSQL, which has less to do and should not be the last.
PROCESSES_BESIDE = max(1, PROCESSES // 2)
#: Where compiled tests are kept; what pytest makes of their assertions takes longer than many tests.
BYTECODE = ROOT / "var" / "tests" / "bytecode"


@dataclass(frozen=True)
class Outcome:
    """The result of the suite on one engine."""

    engine: str
    status: int
    passed: int
    failed: int

    @property
    def is_green(self) -> bool:
        """Whether the run is complete and nothing failed."""
        return self.status == 0 and self.failed == 0 and self.passed > 0

    def __str__(self) -> str:
        text = f"{self.engine}: {self.passed} passed"
        if self.failed:
            text += f", {self.failed} failed"
        elif not self.is_green:
            text += f", stopped with status {self.status}"
        return text


def read_outcome(engine: str, status: int, report: Path) -> Outcome:
    """Return the outcome from pytest's report file, which is easier to parse than its output."""
    try:
        suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314  # written by our pytest
        counts = [
            {key: int(suite.get(key, 0)) for key in ("tests", "errors", "failures", "skipped")}
            for suite in suites
        ]
    except (OSError, ET.ParseError):
        return Outcome(engine, status or 1, 0, 0)
    failed = sum(count["errors"] + count["failures"] for count in counts)
    passed = sum(count["tests"] - count["skipped"] for count in counts) - failed
    return Outcome(engine, status, passed, failed)


def environment_with(database: str | None) -> dict[str, str]:
    """Return the environment of a run."""
    unwanted = {"STANDPOINT_TEST_DATABASE", "PYTHONDONTWRITEBYTECODE"}
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    environment["PYTHONPYCACHEPREFIX"] = str(BYTECODE)
    if database is not None:
        environment["STANDPOINT_TEST_DATABASE"] = database
    return environment


def compile_tests() -> None:
    """Compile a share of the tests in each of some processes, where none are kept.

    Otherwise every worker of both engines compiles all of them, with all that they import.
    """
    if BYTECODE.exists():
        return
    parts = sorted(path.parent for path in (ROOT / "tests").glob("*/__init__.py"))
    parts += sorted((ROOT / "tests").glob("test_*.py"))
    command = [sys.executable, "-m", "pytest", "-qq", "-n0", "--collect-only"]
    running = [
        subprocess.Popen(
            [*command, *map(str, parts[number::PROCESSES])],
            cwd=ROOT,
            env=environment_with(None),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(PROCESSES)
    ]
    for process in running:
        process.wait()  # what cannot be collected is told by the suite itself


def run_suite(arguments: list[str], database: str | None = None, output: IO[str] | None = None) -> Outcome:
    """Run pytest on PostgreSQL with this database, or on the SQLite of the test settings."""
    engine, processes, chosen = "sqlite", PROCESSES, []
    if database is not None:
        engine, processes, chosen = "postgresql", PROCESSES_BESIDE, ["--engine-dependent"]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", str(processes), "--dist", "worksteal"]
        done = subprocess.run(
            [*command, f"--junitxml={report}", *chosen, *arguments],
            cwd=ROOT,
            env=environment_with(database),
            stdout=output,
            stderr=output,
            check=False,
        )
        return read_outcome(engine, done.returncode, report)


def run_on_postgresql(arguments: list[str], output: IO[str]) -> Outcome:
    """Run the suite on the PostgreSQL of STANDPOINT_TEST_DATABASE, or on a throw-away server."""
    given = os.environ.get("STANDPOINT_TEST_DATABASE")
    if given:
        return run_suite(arguments, given, output)
    # a name of its own: another run must not lose its server when this one ends
    server = [sys.executable, str(ROOT / "scripts" / "postgres.py")]
    name = f"test-{os.getpid()}"
    started = subprocess.run([*server, "start", name], stdout=subprocess.PIPE, text=True, check=False)
    try:
        if started.returncode:
            return Outcome("postgresql", started.returncode, 0, 0)
        return run_suite(arguments, started.stdout.strip(), output)
    finally:
        subprocess.run([*server, "stop", name], check=False)


def run_beside(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command that is no test; keep what it prints."""
    return subprocess.run(
        shlex.split(command),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def main() -> int:
    """Run both, and what is asked for beside them; return the exit status."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--beside", metavar="COMMAND")
    asked, arguments = parser.parse_known_args()
    with tempfile.TemporaryFile("w+") as output, ThreadPoolExecutor() as pool:
        command = pool.submit(run_beside, asked.beside) if asked.beside else None
        compile_tests()
        postgresql = pool.submit(run_on_postgresql, arguments, output)
        print("\n=== sqlite ===", flush=True)
        outcomes = [run_suite(arguments), postgresql.result()]
        output.seek(0)
        print(f"\n=== postgresql ===\n{output.read()}")
    is_green = all(outcome.is_green for outcome in outcomes)
    closing = "; ".join(map(str, outcomes))
    if command is not None:
        done = command.result()
        print(f"=== {asked.beside} ===\n{done.stdout}")
        if done.returncode:
            is_green, closing = False, f"{closing}; {asked.beside}: failed with status {done.returncode}"
    print(closing)
    return 0 if is_green else 1


if __name__ == "__main__":
    sys.exit(main())
