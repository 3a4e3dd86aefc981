"""The log-in that ``standpoint login`` keeps: a file that only its owner can read."""

from __future__ import annotations

import json
import os
from pathlib import Path

from standpoint_client.errors import StandpointClientError


def login_file() -> Path:
    """Return where the log-in is kept."""
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "standpoint" / "login.json"


def store_login(url: str, token: str) -> Path:
    """Store a log-in instead of the one before, and return the file."""
    file = login_file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    # made with its mode, so that there is no moment in which others can read it
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump({"url": url, "token": token}, out)
    part.replace(file)
    return file


def load_login() -> tuple[str, str]:
    """Return address and token of the log-in."""
    try:
        stored = json.loads(login_file().read_text(encoding="utf-8"))
        return str(stored["url"]), str(stored["token"])
    except (OSError, ValueError, KeyError):
        message = "There is no log-in; give an address and a token, or run `standpoint login`."
        raise StandpointClientError(message) from None
