"""The addresses of pages and of the API, below the path at which the service is reached."""

from __future__ import annotations

from django.conf import settings
from django.urls import get_script_prefix, reverse

#: Where the routes of the API begin, below the prefix of the service.
API_PATH = "api/v1/"


def path_prefix() -> str:
    """Return the path below which the service is reached, with a slash at both ends."""
    forced = settings.FORCE_SCRIPT_NAME
    # Only a thread with a request knows the prefix that its server was told, and a worker has no requests.
    return get_script_prefix() if forced is None else f"{forced.rstrip('/')}/"


def page_url(name: str, *arguments: object) -> str:
    """Return the path of a page by its name."""
    return reverse(name, args=arguments)


def api_url(path: str = "") -> str:
    """Return the path of an address of the API, such as ``sets/…/``."""
    return f"{path_prefix()}{API_PATH}{path}"
