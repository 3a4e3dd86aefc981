"""A receiver of webhooks on this machine, which answers what a test wants and keeps what it got."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook as Verifier


@dataclass
class Message:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def id(self) -> str:
        """The id of the message."""
        return self.headers["webhook-id"]

    @property
    def type(self) -> str:
        """The type of the event."""
        return str(self.data["type"])

    def verify(self, secret: str) -> Any:
        """Return the content as the package of the specification reads it; raises for a wrong signature."""
        return Verifier(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """What came in. ``statuses`` are answered in turn, the last one for good; ``on_message`` comes before."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    messages: list[Message] = field(default_factory=list)
    on_message: Callable[[Message], None] = lambda _: None

    def next_status(self) -> int:
        """Return the status of the next answer."""
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

    @property
    def types(self) -> list[str]:
        """The types in the order in which they came."""
        return [message.type for message in self.messages]


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """Run a receiver at a port of its own while the block runs."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message = Message(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            receiver.messages.append(message)
            receiver.on_message(message)
            self.send_response(receiver.next_status())
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
