"""The log: one JSON object a line, on standard error."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from annotations.context import request_id

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class JsonFormatter(logging.Formatter):
    """A formatter that writes one JSON object a line.

    JSON escapes CR, LF and every other control character, so no value can forge a line.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        current = request_id.get()
        if current is not None:
            line["request_id"] = current
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # ensure_ascii also escapes U+2028 and U+0085, which some programs treat as line ends
        return json.dumps(line, ensure_ascii=True)


class RepeatFilter(logging.Filter):
    """A filter that lets a message of one kind through once in a while.

    While a database is away, each process would say many times a second that it cannot connect.
    """

    def __init__(self, name: str = "", pause: float = 10) -> None:
        """Let the same message through again after ``pause`` seconds."""
        super().__init__(name)
        self.pause = pause
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the message is logged."""
        last = self._last.get(record.msg)
        if last is not None and record.created - last < self.pause:
            return False
        self._last[record.msg] = record.created
        return True


def logging_config(level: str) -> dict[str, Any]:
    """Return Django's ``LOGGING`` setting."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "project.logs.JsonFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "filters": {"repeats": {"()": "project.logs.RepeatFilter"}},
        "loggers": {
            # Django's own handlers (a coloured console, mail to ADMINS) would log everything twice
            "django": {"handlers": [], "level": level, "propagate": True},
            # psycopg sets a level of its own, which is not heard otherwise
            "psycopg": {"level": max(level, "WARNING", key=LOG_LEVELS.index)},
            "psycopg.pool": {"filters": ["repeats"]},
        },
    }
