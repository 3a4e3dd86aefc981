"""Releases: numbered datasets that never change."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from standpoint_client import shapes
from standpoint_client.api import Api
from standpoint_client.downloads import download, file_digest
from standpoint_client.errors import StandpointClientError
from standpoint_client.frames import read_table

MANIFEST = "manifest.json"


class ReleaseClient:
    """A release of a corpus; ``row`` has its number, counts and files."""

    def __init__(self, client: Api, row: shapes.Release) -> None:
        self.client = client
        self.row = row

    def pull(self, folder: str | Path) -> Path:
        """Write all files of the release into a folder, each checked by its SHA-256, and return the folder.

        A file that is there already with these bytes is not sent again.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for file in self.row["files"]:
            self._pull_file(file, target / _plain_name(file["name"]))
        return target

    def to_pandas(self, format: str = "quotes", part: str | None = None) -> Any:
        """Return a table of the release as a data frame; of a release in parts, of one of them."""
        ending = f".{part}.{format}.csv" if part else f".{format}.csv"
        found = [file for file in self.row["files"] if file["name"].endswith(ending)]
        found = found if part else [file for file in found if file["name"].count(".") == 2]
        if len(found) != 1:
            names = ", ".join(file["name"] for file in self.row["files"])
            raise StandpointClientError(
                f"Release {self.row['number']} has no file …{ending}; it has {names}."
            )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / _plain_name(found[0]["name"])
            self._pull_file(found[0], path)
            return read_table(path)

    def _pull_file(self, file: shapes.ReleaseFile, path: Path) -> None:
        if not path.exists() or file_digest(path) != file["sha256"]:
            address = f"releases/{self.row['id']}/files/{file['name']}"
            download(self.client.transport, address, path, {}, sha256=file["sha256"])


def verify_folder(folder: Path) -> list[str]:
    """Return what is wrong with the files of a release on the disk, by its manifest."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    faults = []
    for file in manifest["files"]:
        path = folder / _plain_name(file["name"])
        if not path.exists():
            faults.append(f"{file['name']} is missing.")
        elif file_digest(path) != file["sha256"]:
            faults.append(f"{file['name']} is not as it was released.")
    return faults


def _plain_name(name: str) -> str:
    """Return the name of a file of a release, which never leads out of its folder."""
    if Path(name).name != name or name in ("", ".", ".."):
        raise StandpointClientError(f"{name!r} is no name of a file.")
    return name
