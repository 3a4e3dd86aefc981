#!/usr/bin/env python3
"""The commands of Standpoint."""

from __future__ import annotations

import gc
import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

from project.env import SettingError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    # A migration, an import or fsck takes as long as it takes; the limit is for web requests.
    os.environ["DATABASE_STATEMENT_TIMEOUT"] = "0"
    # Nor are there circles to look for every 700 objects, of which an import makes millions.
    gc.set_threshold(100_000, 50, 50)
    try:
        # Load the settings now: Django would hold back the error and speak of something else.
        _ = settings.DEBUG
    except SettingError as error:
        sys.exit(f"Standpoint cannot start. {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
