"""The path below which a proxy serves the service: requests come with it or without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class PathPrefix:
    """A WSGI application that takes the prefix off the path of a request, where the proxy left it there."""

    def __init__(self, application: Application, prefix: str) -> None:
        self._application = application
        self._prefix = prefix

    def __call__(self, environ: dict[str, Any], start_response: object) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if self._prefix and f"{path}/".startswith(f"{self._prefix}/"):
            environ["PATH_INFO"] = path.removeprefix(self._prefix)
            environ["SCRIPT_NAME"] = self._prefix
        return self._application(environ, start_response)
