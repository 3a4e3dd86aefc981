"""Addresses among the settings: the path of a proxy, origins, and the place of files."""

from __future__ import annotations

import re

from project.env import SettingError, read_list, read_text

_FILES_URL = re.compile(r"file:///[^\s?#]+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[^\s?#@:]+)?")
_ORIGIN = re.compile(r"https?://[^\s/?#@]+")
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
