"""Settings that are addresses: origins, the path below which everything lies, the place of files."""

from __future__ import annotations

import re

from project.env import SettingError, read_list, read_text

_ORIGIN = re.compile(r"https?://[^\s/?#@;'\"]+")
_FILES_URL = re.compile(r"file:///[^\s?#]+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[^\s?#@:]+)?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
#: The first parts of our own paths: as a prefix they could not be told from them.
OWN_PATHS = ("admin", "api", "static", "healthz", "readyz")
# What stands for itself in an address and in a regular expression of the server.
_PATH_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+)+")


def read_path_prefix(name: str) -> str:
    """Return a path prefix that begins with a slash and does not end with one, or nothing."""
    raw = read_text(name)
    if raw in ("", "/"):
        return ""
    if raw.removeprefix("/").split("/")[0] in OWN_PATHS:
        raise SettingError(f"{name} must not begin with a path of the service itself, as {raw!r} does.")
    if not _PATH_PREFIX.fullmatch(raw):
        raise SettingError(
            f"{name} must be a path such as /standpoint, with a slash before each part and none at the end, "
            f"not {raw!r}."
        )
    return raw


def read_url_prefix() -> str:
    """Return the path below which a proxy serves the service, or nothing."""
    return read_path_prefix("URL_PREFIX") or read_path_prefix("SCRIPT_NAME")


def read_origin(name: str) -> str:
    """Return an origin without a slash at its end, or nothing."""
    raw = read_text(name).rstrip("/")
    if raw and not _ORIGIN.fullmatch(raw):
        raise SettingError(f"{name} must be an address such as https://standpoint.example, not {raw!r}.")
    return raw


def read_origins(name: str) -> list[str]:
    """Return origins: a scheme and a host each, with a port or without, and nothing after that."""
    origins = read_list(name)
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingError(
                f"{name} must name origins such as https://standpoint.example, without a path, "
                f"not {origin!r}."
            )
    return origins


def read_exact_origins(name: str) -> list[str]:
    """Return origins as browsers send them: in small letters, without the port that goes without saying."""
    origins = []
    for origin in read_origins(name):
        scheme, _, host = origin.lower().partition("://")
        if "*" in host:
            raise SettingError(f"{name} must name each origin whole, without a wildcard, not {origin!r}.")
        origins.append(f"{scheme}://{host.removesuffix(_DEFAULT_PORTS[scheme])}")
    return origins


def read_files_url(name: str) -> str:
    """Return the address of a folder or a bucket, without a slash at its end, or nothing."""
    raw = read_text(name).rstrip("/")
    if raw and not _FILES_URL.fullmatch(raw):
        raise SettingError(
            f"{name} must be file:///absolute/folder or s3://bucket/prefix, without a question mark and "
            "without a password; the key of a store belongs into AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY."
        )
    return raw
