"""The error of backups and restores."""

from __future__ import annotations


class BackupError(Exception):
    """A backup that cannot be written, or not be restored; the message is a whole sentence."""
