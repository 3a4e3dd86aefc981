"""The worker class of gunicorn with which slow and idle clients hold no thread.

gunicorn's own class gives a connection to a thread before anything has come, and the thread then waits for
the client. Here the main loop, which waits for all of them at once, receives the head and a small body; a
thread gets only what is complete. What is too large for that is read by a thread while it comes, and half of
the threads are enough for all such requests, so that the others always answer. ``/healthz`` has a thread of
its own. The main loop also sees to it that a connection is closed without waiting for its client. ADR 0026.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any, cast

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from project import setting_addresses
from project.refused_requests import (
    LONGEST_HEADERS,
    LONGEST_LINE,
    is_api_request,
    is_client_error,
    refusal_bytes,
)

#: Seconds in which the head and a small body have to come, and then each part of a large one or of an answer.
RECEIVE_TIMEOUT, TRANSFER_TIMEOUT = 20.0, 60.0
#: Seconds for which a connection that was answered waits for the client to close it.
LINGER_TIMEOUT = 2.0
#: The longest body that is complete before a thread gets it.
SMALL_BODY = 64 * 1024

_LINE_END, _HEAD_END = b"\r\n", b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_STREAMED = re.compile(rb"^(?:transfer-encoding|expect):", re.IGNORECASE | re.MULTILINE)
_PREFIX = re.escape(setting_addresses.read_path_prefix("SCRIPT_NAME")).encode()
_HEALTH = re.compile(rb"\A(?:GET|HEAD) (?:%s)?/healthz[ ?]" % _PREFIX)


class Connection(TConn):
    """A connection whose beginning was received before a thread has it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.received = bytearray()
        self.deadline = 0.0
        #: Whether a thread has to read the body while it comes.
        self.is_large = False
        #: Why nothing more is read of the request.
        self.error: ParseException | None = None
        #: Whether the answer is a problem document, and whether it has a body.
        self.is_api = False
        self.wants_body = True
        self._line_length = 0
        self._head_length = 0
        self._total: int | None = None

    def receive(self) -> bool:
        """Receive what has come; return whether a thread can begin; raise ``OSError`` at the end."""
        part = self.sock.recv(SMALL_BODY)
        if not part:
            raise ConnectionResetError
        begin = len(self.received)
        self.received += part
        if not self._head_length:
            self._find_line_end(max(0, begin - len(_LINE_END)))
            found = self.received.find(_HEAD_END, max(0, begin - len(_HEAD_END)))
            self.error = self._length_error(len(self.received) if found < 0 else found)
            if found < 0 or self.error is not None:
                return self.error is not None
            self._head_length = found + len(_HEAD_END)
            self._read_head(bytes(self.received[: self._head_length]))
        return self._total is None or len(self.received) >= self._total

    def _find_line_end(self, begin: int) -> None:
        if not self._line_length:
            self._line_length = max(0, self.received.find(_LINE_END, begin))

    def _length_error(self, head_length: int) -> ParseException | None:
        line_length = self._line_length or head_length
        if line_length > LONGEST_LINE:
            return LimitRequestLine(line_length, LONGEST_LINE)
        if head_length - line_length > LONGEST_HEADERS:
            return LimitRequestHeaders("more bytes than are read")
        return None

    def _read_head(self, head: bytes) -> None:
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        self.is_large = size > SMALL_BODY or _STREAMED.search(head) is not None
        self._total = None if self.is_large else self._head_length + size

    @property
    def is_health_check(self) -> bool:
        """Whether the client asks for ``/healthz``."""
        return _HEALTH.match(self.received) is not None

    def init(self) -> None:
        """Make the parser, and give it what was received."""
        super().init()
        self.sock.settimeout(TRANSFER_TIMEOUT)
        self.is_api = is_api_request(self.received)
        self.wants_body = not self.received.startswith(b"HEAD ")
        if self.error is not None:
            raise self.error
        parser: Any = self.parser
        parser.unreader.unread(bytes(self.received))
        self.received = bytearray()


class BufferingWorker(ThreadWorker):
    """A worker whose threads have only requests that have come."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._health_pool = ThreadPoolExecutor(max_workers=1)
        self._large: set[Connection] = set()
        self._large_waiting: deque[Connection] = deque()
        self._receiving: deque[Connection] = deque()
        self._lingering: deque[Connection] = deque()
        self._in_thread = threading.local()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and wait in the main loop for what it sends."""
        try:
            sock, address = listener.accept()
        except OSError:  # somebody else was quicker, or the client is gone
            return
        if self._receiving and self.nr_conns >= self.worker_connections - 1:
            # before no more are accepted, whoever has waited longest makes room
            self._drop(self._receiving, self._receiving[0])
        self.nr_conns += 1
        connection = Connection(self.cfg, sock, address, listener.getsockname())
        self._await(connection, self._receiving, RECEIVE_TIMEOUT, self._receive)

    def handle(self, conn: TConn) -> Any:
        """Handle a request in a thread."""
        self._in_thread.connection = conn
        return super().handle(conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer what is refused before the application has it: a problem document below ``/api/``."""
        connection: Connection = self._in_thread.connection
        if not connection.is_api:
            super().handle_error(req, client, addr, exc)
            return
        if is_client_error(exc):
            self.log.warning("Invalid request from ip=%s: %s", addr[0], exc)
        else:
            self.log.error("Error handling request", exc_info=exc)
        with suppress(OSError):
            client.sendall(refusal_bytes(exc, with_body=connection.wants_body))

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:  # noqa: ARG002 - gunicorn's
        """Close a connection after its answer, and begin the next large request."""
        connection = cast("Connection", conn)
        self._large.discard(connection)
        if self._large_waiting and len(self._large) < self._most_large:
            self._start_large(self._large_waiting.popleft())
        try:
            connection.sock.setblocking(False)
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connection)
            return
        # Closed at once, unread data would make the kernel take the end of the answer back.
        self._await(connection, self._lingering, LINGER_TIMEOUT, self._drain)

    def murder_pending(self) -> None:
        """Close the connections whose time is over."""
        now = time.monotonic()
        for waiting in (self._receiving, self._lingering):
            while waiting and waiting[0].deadline <= now:
                self._drop(waiting, waiting[0])

    @property
    def _most_large(self) -> int:
        return max(1, int(self.cfg.threads) // 2)

    def _await(
        self,
        connection: Connection,
        waiting: deque[Connection],
        seconds: float,
        then: Callable[[Connection, Any], None],
    ) -> None:
        connection.deadline = time.monotonic() + seconds
        waiting.append(connection)
        self.poller.register(connection.sock, EVENT_READ, partial(then, connection))

    def _receive(self, connection: Connection, _client: Any) -> None:
        try:
            is_ready = connection.receive()
        except BlockingIOError:
            return
        except OSError:
            self._drop(self._receiving, connection)
            return
        if not is_ready:
            return
        self.poller.unregister(connection.sock)
        self._receiving.remove(connection)
        connection.data_ready = True
        if connection.is_health_check:
            self._submit(self._health_pool, connection)
        elif not connection.is_large:
            self.enqueue_req(connection)
        elif len(self._large) < self._most_large:
            self._start_large(connection)
        else:
            self._large_waiting.append(connection)

    def _drain(self, connection: Connection, _client: Any) -> None:
        try:
            if connection.sock.recv(SMALL_BODY):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._drop(self._lingering, connection)

    def _start_large(self, connection: Connection) -> None:
        self._large.add(connection)
        self.enqueue_req(connection)

    def _submit(self, pool: ThreadPoolExecutor, connection: Connection) -> None:
        done = pool.submit(self.handle, connection)
        done.add_done_callback(
            lambda future: self.method_queue.defer(self.finish_request, connection, future)
        )

    def _drop(self, waiting: deque[Connection], connection: Connection) -> None:
        self.poller.unregister(connection.sock)
        waiting.remove(connection)
        self._close(connection)

    def _close(self, connection: Connection) -> None:
        self.nr_conns -= 1
        connection.close()
