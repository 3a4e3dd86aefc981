"""Build the image of the Dockerfile without Docker: ``make image``.

scripts/image.py [--extra s3 …] [--to FOLDER] [--storage FOLDER]

The base is made of Debian's packages by debootstrap and takes the name that the Dockerfile asks for;
buildah builds over it, as root, with no daemon and no namespaces. Leaves ``standpoint.tar`` (``docker load``
and ``podman load`` read it) and ``standpoint.cdx.json``, its bill of materials, in FOLDER (var/image). What
it needs in between, some 2 GB, lies in a temporary folder and is deleted, unless --storage names one to keep.

Debian's packages and Python's come from where this machine has them from: its sources of apt, its settings of
pip and its certificates hold in the build, and none of them is part of the image.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGE = "localhost/standpoint"
SUITE = "bookworm"
TOOLS = {"buildah": "buildah", "debootstrap": "debootstrap"}
#: Of this machine, readable while the image is built.
BORROWED = (Path("/etc/ssl/certs"), Path("/etc/pip.conf"), Path("/usr/local/share/ca-certificates"))
#: The optional parts that the Dockerfile takes of itself.
DEFAULT_EXTRAS = ("sso", "metrics")
BASE_PACKAGES = ("python3", "python3-venv", "ca-certificates")


def require_tools() -> None:
    """Install what is missing from Debian's packages, or say what to install."""
    missing = [package for program, package in TOOLS.items() if shutil.which(program) is None]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"Missing: {' '.join(missing)}. Please install it; only root on Debian can do so here.")
    print(f"Installing {' '.join(missing)} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (("update",), ("install", "-y", "--no-install-recommends", *missing)):
        run("apt-get", "-qq", *arguments, environment=environment)


def run(*command: str, environment: dict[str, str] | None = None) -> None:
    """Run a program, and end with its status where it fails."""
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, stdout=sys.stderr)
    if done.returncode:
        sys.exit(f"{command[0]} failed with status {done.returncode}.")


def buildah(storage: Path, *arguments: str) -> list[str]:
    """Return the command of buildah with everything that it keeps below one folder."""
    places = ["--root", str(storage / "images"), "--runroot", str(storage / "run")]
    return ["buildah", *places, "--storage-driver", "vfs", *arguments]


def base_name() -> str:
    """Return the name of the base that the Dockerfile asks for."""
    found = re.search(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        sys.exit("The Dockerfile names no base.")
    return f"docker.io/library/{found[1]}"


def debian_mirror() -> str:
    """Return where this machine has Debian's packages from."""
    files = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file())
    found = re.search(r"^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(https?://\S+/debian/?)(?:\s|$)", text, re.MULTILINE)
    if found is None:
        sys.exit("The sources of apt name no mirror of Debian.")
    return found[1]


def make_base(storage: Path) -> None:
    """Make the base, unless the storage has it: a small Debian with its own Python."""
    known = subprocess.run(buildah(storage, "images", "-q", base_name()), capture_output=True, check=False)
    if known.returncode == 0 and known.stdout.strip():
        return
    print(f"Making the base {base_name()} of Debian {SUITE} ...", flush=True)
    with tempfile.TemporaryDirectory(dir=storage) as folder:
        tree, archive = Path(folder) / "tree", Path(folder) / "base.tar"
        run("debootstrap", "--variant=minbase", f"--include={','.join(BASE_PACKAGES)}", SUITE, str(tree),
            debian_mirror())  # fmt: skip
        (tree / "usr/bin/python").symlink_to("python3")
        for left in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(tree / left, ignore_errors=True)
        run("tar", "--one-file-system", "-C", str(tree), "-cf", str(archive), ".")
        container = subprocess.check_output(buildah(storage, "from", "scratch"), text=True).strip()
        run(*buildah(storage, "add", "--quiet", container, str(archive), "/"))
        run(*buildah(storage, "commit", "--quiet", "--rm", container, base_name()))


def build_image(storage: Path, extras: Sequence[str]) -> None:
    """Build the Dockerfile over the base."""
    make_base(storage)
    print("Building ...", flush=True)
    volumes = [f"--volume={path}:{path}:ro" for path in BORROWED if path.exists()]
    run(*buildah(
        storage, "build", "--isolation=chroot", "--layers=false", "--format=docker", "--pull=never", *volumes,
        f"--build-arg=EXTRAS={' '.join(extras)}", f"--tag={IMAGE}", ".",
    ))  # fmt: skip


def export_image(storage: Path, folder: Path) -> None:
    """Write the image and its bill of materials into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "standpoint.tar"
    archive.unlink(missing_ok=True)
    run(*buildah(storage, "push", "--quiet", IMAGE, f"docker-archive:{archive}:standpoint:latest"))
    container = subprocess.check_output(buildah(storage, "from", "--pull-never", IMAGE), text=True).strip()
    mounted = subprocess.check_output(buildah(storage, "mount", container), text=True).strip()
    shutil.copyfile(Path(mounted) / "srv/standpoint/sbom.cdx.json", folder / "standpoint.cdx.json")
    run(*buildah(storage, "rm", container))
    print(
        f"The image is in {archive} ({archive.stat().st_size / 2**20:.0f} MiB), with its bill of materials."
    )


@contextmanager
def storage_folder(given: Path | None) -> Iterator[Path]:
    """Yield the folder for layers: the one to keep, or a temporary one on the disk."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="standpoint-image-", dir="/var/tmp") as folder:
        yield Path(folder)


def main() -> None:
    """Build and export."""
    parser = argparse.ArgumentParser(description="Build the image without Docker.")
    parser.add_argument(
        "--extra", action="append", help="an optional part, such as s3; without it: sso and metrics"
    )
    parser.add_argument("--to", type=Path, default=ROOT / "var" / "image", help="where the image is written")
    parser.add_argument("--storage", type=Path, help="keep layers here, for the next build")
    asked = parser.parse_args()
    extras = asked.extra or DEFAULT_EXTRAS
    for extra in extras:
        if not (ROOT / f"requirements-{extra}.lock").is_file():
            sys.exit(f"There is no optional part {extra!r}: requirements-{extra}.lock is missing.")
    require_tools()
    with storage_folder(asked.storage) as storage:
        build_image(storage, extras)
        export_image(storage, asked.to)


if __name__ == "__main__":
    main()
