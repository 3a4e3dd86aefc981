"""The image as tests run it: without Docker, with the environment and the limits of compose.yaml."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.server import ROOT

#: What the `.env` beside compose.yaml would say.
GIVEN = {"SECRET_KEY": "0123456789" * 6, "ALLOWED_HOSTS": "localhost", "POSTGRES_PASSWORD": "unused"}

needs_image = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("debootstrap") is None or shutil.which("buildah") is None,
    reason="`make image` needs root, and installs debootstrap and buildah",
)


def composed_environment() -> dict[str, str]:
    """The environment of compose.yaml, with what it leaves to `.env` put in."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    filled = {}
    for name, value in document["x-standpoint"]["environment"].items():
        variable, _, default = str(value).removeprefix("${").removesuffix("}").partition(":")
        filled[name] = GIVEN.get(variable, default[1:] if default.startswith("-") else str(value))
    return filled


class Container:
    """A container of the image, with the limits of compose.yaml that need no namespace."""

    def __init__(self, storage: Path, environment: dict[str, str]) -> None:
        self.storage = storage
        self.name = self.buildah("from", "--pull-never", "localhost/standpoint").strip()
        self.environment = environment
        self.run_command = self.command({})

    @property
    def _buildah(self) -> list[str]:
        places = ["--root", str(self.storage / "images"), "--runroot", str(self.storage / "run")]
        return ["buildah", *places, "--storage-driver", "vfs"]

    def command(self, environment: Mapping[str, str], volumes: Mapping[Path, str] | None = None) -> list[str]:
        """What runs a command as on a machine of its own: with this environment, and folders from outside."""
        given = {**self.environment, **environment}
        mounted = [f"--volume={ours}:{theirs}" for ours, theirs in (volumes or {}).items()]
        limits = ["--isolation=chroot", "--mount=type=tmpfs,destination=/tmp,tmpfs-size=64m"]
        told = [f"--env={name}={value}" for name, value in given.items()]
        return [*self._buildah, "run", *limits, *mounted, *told, self.name, "--"]

    def buildah(self, *arguments: str) -> str:
        """What buildah prints."""
        done = subprocess.run([*self._buildah, *arguments], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def run(self, *command: str) -> str:
        """What a command in the container prints."""
        done = subprocess.run([*self.run_command, *command], check=False, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def status(self, *command: str) -> int:
        """The exit status of a command in the container."""
        return subprocess.run([*self.run_command, *command], check=False, capture_output=True).returncode
