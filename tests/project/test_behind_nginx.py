"""The configuration of nginx in the docs, as it stands there: everything works through it, below its path."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest

from tests.nginx import find_nginx, running_nginx
from tests.server import Server, running_server

PREFIX = "/standpoint"
#: As the page says, beside the path; without a proxy before it, the service has no such host.
SETTINGS = {
    "URL_PREFIX": PREFIX,
    "TRUST_FORWARDED_PROTO": "on",
    "TRUSTED_PROXIES": "1",
    "SECURE_COOKIES": "on",
}
ADDRESS = re.compile(r"""\s(?:href|src)=["']([^"'#]+)["']""")


class Reader:
    """A client of the proxy, which keeps cookies as a browser does."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.base = f"https://localhost:{port}"
        self.tls = ssl.create_default_context(cafile=str(certificate))
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=self.tls),
            urllib.request.HTTPCookieProcessor(self.cookies),
        )

    def get(self, path: str, headers: dict[str, str] | None = None, data: bytes | None = None) -> Any:
        """An answer with its content and the address that it came from at last."""
        request = urllib.request.Request(urljoin(self.base, path), data, dict(headers or {}))  # noqa: S310
        with self._opener.open(request, timeout=300) as answer:
            answer.content = answer.read()
            return answer

    def sign_in(self, name: str, password: str) -> Any:
        """The page after the sign-in."""
        at = f"{PREFIX}/admin/"
        form = self.get(at).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None
        fields = {"username": name, "password": password, "csrfmiddlewaretoken": token[1], "next": at}
        return self.get(
            f"{PREFIX}/admin/login/",
            {"Referer": self.base, "Origin": self.base},
            urlencode(fields).encode(),
        )


def large_import(size: int) -> Iterator[bytes]:
    """Lines of an import, so many bytes together."""
    text = "A sentence of the long text of an article. " * 2_000
    sent = number = 0
    while sent < size:
        line = json.dumps({"external_id": f"n{number}", "text": f"{number} {text}"}).encode() + b"\n"
        sent, number = sent + len(line), number + 1
        yield line


@pytest.mark.slow
def test_everything_works_through_the_proxy_of_the_docs(tmp_path: Path) -> None:
    find_nginx()
    folder = tmp_path / "nginx"
    folder.mkdir()
    with running_server(tmp_path / "data", **SETTINGS) as server:
        server.manage("demo", "--address", f"https://localhost{PREFIX}/")
        with running_nginx(folder, server.port) as port:
            reader = Reader(port, folder / "certificate.pem")
            check_pages(reader, server, tmp_path / "data")
            token = server.manage("token", "max", "--scope", "read", "--scope", "ingest")
            check_files(reader, token)
            check_slow_client(reader, token)
            secret = check_feed(reader)
            log = (folder / "access.log").read_text()
            assert f"{PREFIX}/api/v1/" in log
            assert secret not in log


def check_pages(reader: Reader, server: Server, data: Path) -> None:
    """Sign-in, cookies, a page of the workbench with all that it loads, health, the OpenAPI document."""
    password = json.loads((data / "demo-logins.json").read_text())["max"]["password"]
    page = reader.sign_in("max", password)
    assert page.geturl() == f"{reader.base}{PREFIX}/admin/"
    assert {(each.path, each.secure) for each in reader.cookies} == {(PREFIX, True)}
    shell = "from annotations.models import AnnotationSet as A; print(A.objects.filter(blind=False)[0].pk)"
    set_id = server.manage("shell", "--no-imports", "--command", shell)
    at = f"{PREFIX}/admin/annotations/annotationset/{set_id}/workbench/"
    workbench = reader.get(at).content.decode()
    loaded = {urljoin(at, each) for each in ADDRESS.findall(workbench)}
    assert {each.rpartition(".")[2] for each in loaded} >= {"js", "css"}
    for each in sorted(loaded):
        assert each.startswith(f"{PREFIX}/"), each
        assert reader.get(each).status == 200, each
    assert f'"api": "{PREFIX}/api/v1/"' in workbench
    assert json.loads(reader.get(f"{PREFIX}/api/v1/sets/{set_id}/").content)["id"] == set_id
    assert reader.get(f"{PREFIX}/healthz").status == 200
    schema = json.loads(reader.get(f"{PREFIX}/api/v1/schema/").content)
    assert schema["servers"] == [{"url": PREFIX}]
    assert reader.get(PREFIX).geturl() == f"{reader.base}{PREFIX}/admin/"


def corpus_of(reader: Reader) -> str:
    found: str = json.loads(reader.get(f"{PREFIX}/api/v1/corpora/").content)["results"][0]["slug"]
    return found


def check_files(reader: Reader, token: str) -> None:
    """30 MB in chunks in, and an export out, whole."""
    slug = corpus_of(reader)
    connection = http.client.HTTPSConnection(reader.base.removeprefix("https://"), context=reader.tls)
    with closing(connection):
        connection.request(
            "POST",
            f"{PREFIX}/api/v1/corpora/{slug}/imports/?format=jsonl&dry_run=true",
            large_import(30 * 1024 * 1024),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"},
            encode_chunked=True,
        )
        answer = connection.getresponse()
        report = json.loads(answer.read())
    assert (answer.status, report["failed"], report["created"] > 300) == (200, 0, True), report
    export = reader.get(f"{PREFIX}/api/v1/corpora/{slug}/export/?format=jsonl&sets=all")
    digest = base64.b64encode(hashlib.sha256(export.content).digest()).decode()
    assert digest in export.headers["Repr-Digest"]
    assert int(export.headers["Content-Length"]) == len(export.content)


def check_slow_client(reader: Reader, token: str) -> None:
    """Whoever sends a byte at a time is answered, and so is everybody else meanwhile."""
    host, port = reader.base.removeprefix("https://").split(":")
    head = f"GET {PREFIX}/api/v1/me/ HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n"
    request = f"{head}Connection: close\r\n\r\n".encode()
    with reader.tls.wrap_socket(
        socket.create_connection((host, int(port)), 60), server_hostname=host
    ) as slow:
        for place in range(0, len(request), 20):
            slow.sendall(request[place : place + 20])
            assert reader.get(f"{PREFIX}/healthz").status == 200
        answer = b"".join(iter(lambda: slow.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")


def check_feed(reader: Reader) -> str:
    """A private address is below the path, and read without a session; its secret."""
    slug = corpus_of(reader)
    csrf = next(each.value for each in reader.cookies if each.name == "csrftoken")
    made = reader.get(
        f"{PREFIX}/api/v1/corpora/{slug}/feeds/",
        {"X-CSRFToken": str(csrf), "Referer": reader.base, "Content-Type": "application/json"},
        b'{"type": "quotes"}',
    )
    assert made.headers["Location"].startswith(f"{reader.base}{PREFIX}/api/v1/feeds/")
    url: str = json.loads(made.content)["url"]
    assert url.startswith(f"{reader.base}{PREFIX}/api/v1/corpora/{slug}/feed/?")
    feed = Reader.__new__(Reader)
    feed.__dict__ = {**reader.__dict__}
    feed._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=reader.tls))
    content = feed.get(url).content.decode()
    assert "<feed" in content
    assert f"{reader.base}{PREFIX}/admin/" in content
    return url.rpartition("token=")[2]
