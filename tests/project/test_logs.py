"""The log: one event, one line, whatever a value holds."""

from __future__ import annotations

import json
import logging

from annotations.context import request_id
from project.logs import JsonFormatter


def line(message: str, error: Exception | None = None) -> str:
    caught = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("standpoint", logging.INFO, __file__, 1, "said %s", (message,), caught)
    return JsonFormatter().format(record)


def test_no_value_can_forge_a_line() -> None:
    nasty = 'a\r\nb\x1b[31m\u2028\u0085\x00"}'
    said = line(nasty)
    assert said.isascii()
    assert said.isprintable()
    assert json.loads(said)["message"] == f"said {nasty}"


def test_an_exception_stays_on_its_line() -> None:
    said = line("x", ValueError("two\nlines"))
    assert "\n" not in said
    assert "ValueError: two\nlines" in json.loads(said)["exception"]


def test_the_request_is_named() -> None:
    assert "request_id" not in json.loads(line("x"))
    token = request_id.set("r-1")
    try:
        assert json.loads(line("x"))["request_id"] == "r-1"
    finally:
        request_id.reset(token)
