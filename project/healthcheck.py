"""The health check of the container: ``python -m project.healthcheck``.

It sends the first name in ALLOWED_HOSTS as the host, because requests for other hosts are refused.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException

from project import env, setting_addresses


def main() -> int:
    """Return exit status 0 if the server on this machine answers ``/healthz`` with 200, else 1."""
    host = next(iter(env.read_list("ALLOWED_HOSTS")), "localhost").removeprefix(".")
    connection = HTTPConnection("127.0.0.1", env.read_integer("PORT", minimum=1, maximum=65_535), timeout=4)
    try:
        connection.request(
            "GET", f"{setting_addresses.read_path_prefix('SCRIPT_NAME')}/healthz", headers={"Host": host}
        )
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
