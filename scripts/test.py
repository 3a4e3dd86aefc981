"""Run the suite on SQLite, then on PostgreSQL what may depend on the engine, and print the sum.

tests/engines.py decides which those are.

Arguments are passed on to both, as in `scripts/test.py -m slow`. PostgreSQL is a throw-away server,
unless STANDPOINT_TEST_DATABASE names one. The last line has the number of passed tests of each; the
exit status is 0 only if both runs are complete and nothing failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = str(min(4, os.cpu_count() or 1))


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


def run_suite(engine: str, database: str | None, arguments: list[str]) -> Outcome:
    """Run pytest with this database; None is the SQLite of the test settings."""
    print(f"\n=== {engine} ===", flush=True)
    environment = {key: value for key, value in os.environ.items() if key != "STANDPOINT_TEST_DATABASE"}
    if database is not None:
        environment["STANDPOINT_TEST_DATABASE"] = database
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", PROCESSES, "--dist", "worksteal"]
        command += [f"--junitxml={report}", *([] if database is None else ["--engine-dependent"]), *arguments]
        status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        return read_outcome(engine, status, report)


def run_on_postgresql(arguments: list[str]) -> Outcome:
    """Run the suite on the PostgreSQL of STANDPOINT_TEST_DATABASE, or on a throw-away server."""
    given = os.environ.get("STANDPOINT_TEST_DATABASE")
    if given:
        return run_suite("postgresql", given, arguments)
    # a name of its own: another run must not lose its server when this one ends
    server = [sys.executable, str(ROOT / "scripts" / "postgres.py")]
    name = f"test-{os.getpid()}"
    started = subprocess.run([*server, "start", name], stdout=subprocess.PIPE, text=True, check=False)
    try:
        if started.returncode:
            return Outcome("postgresql", started.returncode, 0, 0)
        return run_suite("postgresql", started.stdout.strip(), arguments)
    finally:
        subprocess.run([*server, "stop", name], check=False)


def main() -> int:
    """Run both; return the exit status."""
    arguments = sys.argv[1:]
    outcomes = [run_suite("sqlite", None, arguments), run_on_postgresql(arguments)]
    print()
    print("; ".join(map(str, outcomes)))
    return 0 if all(outcome.is_green for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
