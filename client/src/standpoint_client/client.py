"""The service as a whole: who one is, its corpora, and single rows by their address."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, TypeVar, cast

from typing_extensions import Self

from standpoint_client import logins, shapes
from standpoint_client.api import Api
from standpoint_client.corpus import CorpusClient
from standpoint_client.jobs import JobClient
from standpoint_client.transport import Transport

Connected = TypeVar("Connected", bound="Client")


class Client(Api):
    """A Standpoint service, as the person of a token sees it.

    Without arguments it is the service of STANDPOINT_URL and STANDPOINT_TOKEN, or the one of
    ``standpoint login``.
    """

    def __init__(
        self, url: str | None = None, token: str | None = None, *, timeout: float = 60.0, tries: int = 6
    ) -> None:
        if url is None and token is None:
            url, token = os.environ.get("STANDPOINT_URL"), os.environ.get("STANDPOINT_TOKEN")
        if url is None:
            url, token = logins.load_login()
        super().__init__(Transport(url, token, timeout=timeout, tries=tries))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.transport.close()

    def me(self) -> shapes.Me:
        """Return who the token is, with roles."""
        return cast(shapes.Me, self.get("me/"))

    def corpora(self) -> Iterator[shapes.Corpus]:
        """Yield the corpora that the person sees."""
        return cast(Iterator[shapes.Corpus], self.rows("corpora/"))

    def corpus(self, slug: str) -> CorpusClient:
        """Return what is to be done in one corpus; nothing is asked yet."""
        return CorpusClient(self, slug)

    def change_spans(
        self, set: str, ids: Iterable[str], *, version: int, **changes: Any
    ) -> list[shapes.Span]:
        """Change up to 1,000 spans of a set, all or none, at the version of the set that was seen.

        Either ``delete=True``, or fields: ``label``, ``attributes`` (whole), ``set_attributes`` (those that
        are named; None takes one away), ``actor``, ``proposition``. Returned are the spans that stay.
        """
        body = {"ids": list(ids), **changes}
        return cast(list[shapes.Span], self.act(f"sets/{set}/spans/bulk/", body, version=version))

    def job(self, id: str) -> JobClient:
        """Return a job of the service."""
        return JobClient(self, cast(shapes.Job, self.get(f"jobs/{id}/")))
