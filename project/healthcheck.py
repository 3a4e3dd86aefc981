"""Asks the server on this machine whether it is alive: ``python -m project.healthcheck``.

The health check of the container. It calls the server by a name that the server answers to, since
a request for a host outside ALLOWED_HOSTS is refused.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException

from project import env


def main() -> int:
    host = next(iter(env.items("ALLOWED_HOSTS")), "localhost").removeprefix(".")
    connection = HTTPConnection("127.0.0.1", env.integer("PORT", least=1, most=65_535), timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
