"""nginx with the configuration of the docs, as it stands there, before one machine or several."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.server import ROOT, free_port

PAGE = ROOT / "docs" / "howto" / "behind-a-proxy.md"
#: Around what the page shows: where nginx may write when it is not installed.
MAIN = """
{user}
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {shown}
}}
"""


def find_nginx() -> str:
    """The program, or a skipped test."""
    done = subprocess.run([str(ROOT / "scripts" / "nginx")], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"There is no nginx. {done.stderr.strip()}")
    return done.stdout.strip()


def shown_configuration(folder: Path, port: int, *services: int) -> str:
    """The block of the page with the ports and files of this run; machines beside one another take turns."""
    block = re.search(r"```nginx\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    shown = block[1]
    # as docs/howto/more-than-one-machine.md has it
    health = " max_fails=1 fail_timeout=5s" if len(services) > 1 else ""
    for written, ours in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "server 127.0.0.1:8000;": " ".join(f"server 127.0.0.1:{each}{health};" for each in services),
        "/etc/ssl/certs/standpoint.example.pem": f"{folder}/certificate.pem",
        "/etc/ssl/private/standpoint.example.key": f"{folder}/key.pem",
        "/var/log/nginx/standpoint.log": f"{folder}/access.log",
    }.items():
        assert written in shown, written
        shown = shown.replace(written, ours)
    return shown


@contextmanager
def running_nginx(folder: Path, *services: int) -> Iterator[int]:
    """nginx with that configuration; its port."""
    program = find_nginx()
    port = free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=localhost", "-days", "1", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", "key.pem", "-out", "certificate.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    # its processes give up the rights of root otherwise, and could not get at the folder of a test
    user = "user root;" if os.geteuid() == 0 else ""
    main = MAIN.format(folder=folder, user=user, shown=shown_configuration(folder, port, *services))
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    command = [program, "-p", str(folder), "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen([*command, "-g", "daemon off;"], stdout=output, stderr=output)
        try:
            wait_for_port(port, process, folder)
            yield port
        finally:
            process.terminate()
            process.wait(600)


def wait_for_port(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(6_000):
        with closing(socket.socket()) as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, (folder / "output").read_text() + (folder / "error.log").read_text()
        time.sleep(0.1)
    raise AssertionError("nginx does not listen.")
