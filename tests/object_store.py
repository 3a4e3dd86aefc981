"""A store of objects on loopback that speaks as much of S3 as the service asks for.

It takes an object whole and refuses one whose SHA-256 is another; ``delay`` holds each PUT back after it has
been stored, so that its sender can be killed before it hears of that.
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "newsroom"


@dataclass
class ObjectStore:
    """What the store holds, by key, and how it was asked."""

    port: int = 0
    objects: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    dispositions: dict[str, str] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    delay: float = 0.0

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which the service finds it."""
        return {
            "AWS_ENDPOINT": f"http://127.0.0.1:{self.port}", "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "not a secret", "AWS_REGION": "eu-west-1",
        }  # fmt: skip

    def put(self, key: str, data: bytes, disposition: str = "") -> None:
        self.objects[key], self.times[key] = data, datetime.now(UTC)
        self.dispositions[key] = disposition

    def age(self, seconds: float) -> None:
        """Let all objects be older."""
        self.times = {
            key: datetime.fromtimestamp(at.timestamp() - seconds, UTC) for key, at in self.times.items()
        }


class _Handler(BaseHTTPRequestHandler):
    store: ObjectStore
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _key(self) -> tuple[str, dict[str, str]]:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        self.store.asked.append(f"{self.command} {address.path}")
        return unquote(address.path).removeprefix(f"/{BUCKET}").lstrip("/"), query

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # whoever was killed does not listen
        with suppress(BrokenPipeError, ConnectionResetError):
            if self.command != "HEAD":
                self.wfile.write(body)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_PUT(self) -> None:
        key, query = self._key()
        data = self._body()
        told = self.headers.get("x-amz-checksum-sha256")
        if told and base64.b64decode(told) != hashlib.sha256(data).digest():
            self._answer(400, b"<Error><Code>BadDigest</Code></Error>")
            return
        if "partNumber" in query:
            self.store.parts[query["uploadId"]][int(query["partNumber"])] = data
        else:
            self.store.put(key, data, self.headers.get("Content-Disposition", ""))
        time.sleep(self.store.delay)
        self._answer(200, ETag=f'"{hashlib.md5(data).hexdigest()}"')  # noqa: S324 - that is its name

    def do_POST(self) -> None:
        key, query = self._key()
        body = self._body()
        if "uploads" in query:
            upload = uuid.uuid4().hex
            self.store.parts[upload] = {}
            self.store.dispositions[key] = self.headers.get("Content-Disposition", "")
            self._answer(
                200, _result("InitiateMultipartUploadResult", UploadId=upload, Key=key, Bucket=BUCKET)
            )
        elif "uploadId" in query:
            parts = self.store.parts.pop(query["uploadId"])
            data = b"".join(parts[number] for number in sorted(parts))
            self.store.put(key, data, self.store.dispositions[key])
            time.sleep(self.store.delay)
            self._answer(200, _result("CompleteMultipartUploadResult", ETag='"x"', Key=key, Bucket=BUCKET))
        elif "delete" in query:
            for found in re.findall(rb"<Key>(.*?)</Key>", body):
                self.store.objects.pop(found.decode(), None)
            rows = b"".join(b"<Deleted>%s</Deleted>" % key for key in re.findall(rb"<Key>.*?</Key>", body))
            self._answer(200, b"<DeleteResult>" + rows + b"</DeleteResult>")

    def do_DELETE(self) -> None:
        key, _ = self._key()
        self.store.objects.pop(key, None)
        self._answer(204)

    def do_HEAD(self) -> None:
        self._get()

    def do_GET(self) -> None:
        self._get()

    def _get(self) -> None:
        key, query = self._key()
        if "list-type" in query:
            self._answer(200, self._listing(query.get("prefix", "")))
            return
        if key not in self.store.objects:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        data = self.store.objects[key]
        named = {
            "ETag": '"x"', "Last_Modified": format_datetime(self.store.times[key], usegmt=True),
            "Content_Disposition": self.store.dispositions.get(key, ""),
        }  # fmt: skip
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked:
            start, end = int(asked[1]), int(asked[2] or len(data) - 1) + 1
            part = data[start:end]
            named["Content_Range"] = f"bytes {start}-{start + len(part) - 1}/{len(data)}"
            self._answer(206, part, **named)
        else:
            self._answer(200, data, Content_Length=str(len(data)), **named)

    def _listing(self, prefix: str) -> bytes:
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(data)}</Size><ETag>x</ETag>"
            f"<LastModified>{self.store.times[key].strftime('%Y-%m-%dT%H:%M:%S.000Z')}</LastModified></Contents>"
            for key, data in sorted(self.store.objects.items())
            if key.startswith(prefix)
        )
        return (
            f"<ListBucketResult><Name>{BUCKET}</Name><Prefix>{escape(prefix)}</Prefix>"
            f"<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        ).encode()


def _result(name: str, **values: str) -> bytes:
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in values.items())
    return f"<{name}>{inner}</{name}>".encode()


@contextmanager
def running_store() -> Iterator[ObjectStore]:
    """A store that ends with the block."""
    store = ObjectStore()
    handler = type("Handler", (_Handler,), {"store": store})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        store.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield store
        finally:
            server.shutdown()
