"""The key that signs sessions and forms: checked if the operator gives one, else created and stored."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from project.env import MIN_SECRET_KEY_LENGTH, SettingError


def check_secret_key(key: str, origin: str) -> str:
    """Return the key; raise ``SettingError``, which names ``where`` it comes from, if it is too short."""
    if len(key) < MIN_SECRET_KEY_LENGTH:
        raise SettingError(
            f"{origin} must have at least {MIN_SECRET_KEY_LENGTH} characters; it has {len(key)}."
        )
    return key


def load_or_create_key(path: Path) -> str:
    """Return the key in this file, which is created if there is none.

    Several processes may start at once. Each writes a candidate to a file of its own and links it to
    the final name: exactly one link succeeds, and no process reads half a key.
    """
    if not path.exists():
        try:
            _create(path)
        except OSError as error:
            raise SettingError(
                f"SECRET_KEY is not set and cannot be kept in {str(path)!r}: {error.strerror}."
            ) from error
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"SECRET_KEY is not set and {str(path)!r} cannot be read.") from error
    return check_secret_key(key, f"SECRET_KEY is not set, and the key in {str(path)!r}")


def _create(path: Path) -> None:
    # mkstemp opens with O_EXCL and mode 0600
    handle, candidate = tempfile.mkstemp(dir=path.parent, prefix=".secret-key-")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(candidate, path)
    finally:
        Path(candidate).unlink()
