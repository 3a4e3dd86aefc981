"""A client that speaks with the service in the process of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import httpx
import pytest
from django.test import Client as Browser

from annotations.enums import Scope
from annotations.services.core import access_tokens
from standpoint_client import Client
from tests.newsroom import Newsroom


class Service(httpx.BaseTransport):
    """The service in this process, within the transaction of the test."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = Browser().generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            request.headers.get("Content-Type", ""),
            headers=dict(request.headers),
        )
        content = reply.getvalue() if reply.streaming else reply.content
        return httpx.Response(reply.status_code, headers=dict(reply.headers), content=content)


class Lossy(httpx.BaseTransport):
    """A connection on which answers get lost, end after some bytes, or are another's.

    There is one entry of ``faults`` for each request.
    """

    def __init__(self, through: httpx.BaseTransport) -> None:
        self.through = through
        self.faults: list[Any] = []
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, httpx.Response):
            return fault
        response = self.through.handle_request(request)
        if fault == "lost":
            response.read()
            response.close()
            raise httpx.ReadError("The line was cut.", request=request)
        if isinstance(fault, int):
            return httpx.Response(
                response.status_code, headers=response.headers, stream=_Broken(response.read()[:fault])
            )
        return response


class _Broken(httpx.SyncByteStream):
    """Content that ends too early."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self.content
        raise httpx.ReadError("The line was cut.")


class Connection(NamedTuple):
    """A client, the line that it speaks on, and how long it would have waited each time."""

    client: Client
    line: Lossy
    waits: list[float]


Connect = Callable[..., Connection]


def connect_as(newsroom: Newsroom, username: str = "max", *scopes: Scope) -> Connection:
    """Return the client of a person with a token of all scopes, or of these; it waits for nothing."""
    secret = access_tokens.create_token(newsroom.user(username), "client", scopes or tuple(Scope))[1]
    client = Client("http://testserver", secret)
    line, waits = Lossy(Service()), list[float]()
    client.transport.http = httpx.Client(transport=line, headers=client.transport.http.headers)
    client.transport.sleep = waits.append
    return Connection(client, line, waits)


@pytest.fixture
def connect(newsroom: Newsroom) -> Connect:
    return partial(connect_as, newsroom)


@pytest.fixture
def max_(connect: Connect) -> Connection:
    """The manager's."""
    return connect("max")
