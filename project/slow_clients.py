"""The worker class of gunicorn with which slow and idle clients hold no thread.

gunicorn's own class gives a connection to a thread before anything has come, and the thread then waits for
the client. Here the main loop, which waits for all of them at once, receives the head and a small body; a
thread gets only what is complete. What is too large for that is read by a thread while it comes, and half of
the threads are enough for all such requests, so that the others always answer. ``/healthz`` has a thread of
its own. The main loop also keeps connections for further requests, without a thread, and closes them without
waiting for their clients. ADR 0026 and 0045.
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
from uuid import uuid4

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import (  # type: ignore[attr-defined] # its types are older
    STOP_KEEPALIVE_LINGER,
    TConn,
    ThreadWorker,
)

from annotations.context import request_id
from project import env_addresses
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
#: After so many requests a connection moves on if its process works on others at the same time.
REQUESTS_BEFORE_MOVING = 20
#: The longest body that is complete before a thread gets it.
SMALL_BODY = 64 * 1024

_LINE_END, _HEAD_END = b"\r\n", b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_STREAMED = re.compile(rb"^(?:transfer-encoding|expect):", re.IGNORECASE | re.MULTILINE)
_PREFIX = re.escape(env_addresses.read_url_prefix()).encode()
_HEALTH = re.compile(rb"\A(?:GET|HEAD) (?:%s)?/healthz[ ?]" % _PREFIX)


class Connection(TConn):
    """A connection whose beginning was received before a thread has it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.received = bytearray()
        self.deadline = 0.0
        #: The requests that were answered on it.
        self.answered = 0
        self._begin()

    def _begin(self) -> None:
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

    def begin_next(self) -> bool:
        """Begin a next request after an answer; return whether all of it has come along with the last one."""
        self.answered += 1
        self._begin()
        parser: Any = self.parser
        ahead = parser.unreader.take_buffered()
        return bool(ahead) and self._take(ahead)

    def receive(self) -> bool:
        """Receive what has come; return whether a thread can begin; raise ``OSError`` at the end."""
        part = self.sock.recv(SMALL_BODY)
        if not part:
            raise ConnectionResetError
        return self._take(part)

    def _take(self, part: bytes) -> bool:
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
        """Make the parser, unless it is there from an earlier request, and give it what was received."""
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
        #: Those with a request that a thread works on or will; and of them those with a large one.
        self._busy: set[Connection] = set()
        self._large: set[Connection] = set()
        self._large_waiting: deque[Connection] = deque()
        self._receiving: deque[Connection] = deque()
        self._kept: deque[Connection] = deque()
        self._lingering: deque[Connection] = deque()
        self._in_thread = threading.local()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and wait in the main loop for what it sends."""
        try:
            sock, address = listener.accept()
        except OSError:  # somebody else was quicker, or the client is gone
            return
        waiting = self._kept or self._receiving
        if waiting and self.nr_conns >= self.worker_connections - 1:
            # before no more are accepted, whoever has waited longest makes room
            self._drop(waiting, waiting[0])
        self.nr_conns += 1
        connection = Connection(self.cfg, sock, address, listener.getsockname())
        self._await(connection, self._receiving, RECEIVE_TIMEOUT, self._receive)

    def handle(self, conn: TConn) -> Any:
        """Handle a request in a thread."""
        self._in_thread.connection = conn
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request in a thread; say in the answer whether the connection is kept."""
        if not self._may_keep(cast("Connection", conn)):
            req.force_close()
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer what is refused before the application has it: a problem document below ``/api/``."""
        connection: Connection = self._in_thread.connection
        if not connection.is_api:
            super().handle_error(req, client, addr, exc)
            return
        # Django has made no id for it yet; the answer and the line in the log share this one
        token = request_id.set(uuid4().hex)
        try:
            if is_client_error(exc):
                self.log.warning("Invalid request from ip=%s: %s", addr[0], exc)
            else:
                self.log.error("Error handling request", exc_info=exc)
            with suppress(OSError):
                client.sendall(refusal_bytes(exc, with_body=connection.wants_body))
        finally:
            request_id.reset(token)

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Keep a connection after its answer or close it, and begin the next large request."""
        connection = cast("Connection", conn)
        self._busy.discard(connection)
        self._large.discard(connection)
        if self._large_waiting and len(self._large) < self._most_large:
            self._start_large(self._large_waiting.popleft())
        if not fs.cancelled() and fs.exception() is None and fs.result():
            self._keep(connection)
        else:
            self._linger(connection)

    def _may_keep(self, connection: Connection) -> bool:
        """Return whether a connection is kept after the answer to its request.

        A kept connection stays with one process, and all busy clients could meet in the same process. So a
        client that had to wait for a thread here, or has been here long beside others, comes back by a new
        connection, which goes to a process that is free.
        """
        if connection.is_large:
            return False  # what is left of its body would be waited for
        waits = len(self._busy) > int(self.cfg.threads)
        return not waits and (len(self._busy) < 2 or connection.answered < REQUESTS_BEFORE_MOVING)

    def _keep(self, connection: Connection) -> None:
        if connection.begin_next():
            self._start(connection)
            return
        try:
            connection.sock.setblocking(False)
        except OSError:
            self._close(connection)
            return
        if connection.received:
            self._await(connection, self._receiving, RECEIVE_TIMEOUT, self._receive)
        else:
            seconds = float(self.cfg.keepalive) if self.alive else STOP_KEEPALIVE_LINGER
            self._await(connection, self._kept, seconds, self._continue)

    def _continue(self, connection: Connection, client: object) -> None:
        """Receive a next request on a kept connection, in no more time than a first one has."""
        self.poller.unregister(connection.sock)
        self._kept.remove(connection)
        self._await(connection, self._receiving, RECEIVE_TIMEOUT, self._receive)
        self._receive(connection, client)

    def _linger(self, connection: Connection) -> None:
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
        for waiting in (self._receiving, self._kept, self._lingering):
            while waiting and waiting[0].deadline <= now:
                self._drop(waiting, waiting[0])

    def _cap_keepalive(self, deadline: float) -> None:
        """Let a server that stops wait no longer than this for requests on kept connections."""
        for connection in self._kept:
            connection.deadline = min(connection.deadline, deadline)

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

    def _receive(self, connection: Connection, _client: object) -> None:
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
        self._start(connection)

    def _start(self, connection: Connection) -> None:
        """Give a connection to a thread, or let it wait for one that reads large bodies."""
        connection.data_ready = True
        if connection.is_health_check:
            self._submit(self._health_pool, connection)
        elif not connection.is_large:
            self._busy.add(connection)
            self.enqueue_req(connection)
        elif len(self._large) < self._most_large:
            self._start_large(connection)
        else:
            self._large_waiting.append(connection)

    def _drain(self, connection: Connection, _client: object) -> None:
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
        self._busy.add(connection)
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
