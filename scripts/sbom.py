"""The bill of materials of an image: what its lock files install, as CycloneDX JSON, on standard output.

scripts/sbom.py requirements.lock [requirements-s3.lock …]

The same lock files give the same bytes: there is no time in it, and its number is made from what it holds.
Packages that only another platform installs are marked as optional.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)\s*(?P<marker>;[^\\]*)?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^    #(?: via|  ) +(?P<what>[^-\s].*)$")


@dataclass
class LockedPackage:
    """A package of a lock file: the files that may be installed, and the packages that need it."""

    name: str
    version: str
    marker: str = ""
    sha256: list[str] = field(default_factory=list)
    needed_by: list[str] = field(default_factory=list)

    @property
    def purl(self) -> str:
        """The address of the package, by which it is found in lists of vulnerabilities."""
        return f"pkg:pypi/{self.name.lower().replace('_', '-')}@{self.version}"


def read_lock(lines: Iterable[str]) -> list[LockedPackage]:
    """Return the packages of a lock file."""
    packages: list[LockedPackage] = []
    for line in lines:
        pin = _PIN.match(line)
        if pin:
            marker = (pin["marker"] or "").strip("; ")
            packages.append(LockedPackage(pin["name"], pin["version"], marker))
            continue
        via = _VIA.match(line)
        if packages:
            packages[-1].sha256 += _HASH.findall(line)
            packages[-1].needed_by += [via["what"].strip()] if via else []
    return packages


def bill_of_materials(packages: Iterable[LockedPackage]) -> dict[str, Any]:
    """Return the document, in the order of names."""
    known = {package.name: package for package in packages}
    rows = [known[name] for name in sorted(known)]
    needs: dict[str, list[str]] = {package.purl: [] for package in rows}
    direct = []
    for package in rows:
        parents = [known[name].purl for name in package.needed_by if name in known]
        for parent in parents:
            needs[parent].append(package.purl)
        if not parents:
            direct.append(package.purl)
    components = [
        {
            "type": "library", "bom-ref": row.purl, "name": row.name, "version": row.version,
            "scope": "optional" if row.marker else "required", "purl": row.purl,
            "properties": [{"name": "lock:sha256", "value": digest} for digest in sorted(row.sha256)],
        }
        for row in rows
    ]  # fmt: skip
    root = {"type": "application", "bom-ref": "standpoint", "name": "standpoint"}
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(components))}",
        "version": 1,
        "metadata": {"component": root},
        "components": components,
        "dependencies": [
            {"ref": "standpoint", "dependsOn": direct},
            *({"ref": purl, "dependsOn": sorted(below)} for purl, below in needs.items()),
        ],
    }  # fmt: skip


def main() -> None:
    """Write the document."""
    packages = [
        package
        for name in sys.argv[1:]
        for package in read_lock(Path(name).read_text(encoding="utf-8").splitlines())
    ]
    json.dump(bill_of_materials(packages), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
