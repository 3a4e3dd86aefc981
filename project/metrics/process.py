"""The process beside the server that answers with its metrics; gunicorn starts and ends it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: By this variable prometheus-client knows where the processes of the server share their counts.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

_process: subprocess.Popen[bytes] | None = None


def make_folder() -> None:
    """Make the folder of the counts, before the application is loaded; a reload keeps it."""
    if FOLDER_VARIABLE not in os.environ:
        os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="standpoint-metrics-")


def start() -> None:
    """Start the process."""
    global _process  # noqa: PLW0603 - as the embedded worker
    command = [sys.executable, "manage.py", "metrics", "--parent", str(os.getpid())]
    _process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)  # noqa: S603 - our own


def forget(pid: int) -> None:
    """Leave out what a process that has ended counted as happening now."""
    folder = Path(os.environ.get(FOLDER_VARIABLE, os.devnull))
    for file in folder.glob(f"gauge_live*_{pid}.db"):
        file.unlink(missing_ok=True)


def stop() -> None:
    """End the process, and delete the folder."""
    if _process is not None:
        _process.terminate()
        try:
            _process.wait(5)
        except subprocess.TimeoutExpired:
            # it holds nothing that could be lost
            _process.kill()
    shutil.rmtree(os.environ.get(FOLDER_VARIABLE, ""), ignore_errors=True)
