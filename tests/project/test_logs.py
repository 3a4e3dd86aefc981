"""The log: one event, one line, whatever a value holds."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import NoReturn

import pytest
from django.test import Client
from django.urls import path

from annotations.context import request_id
from project.logs import JsonFormatter
from tests.server import ROOT


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


def test_a_database_that_is_away_is_told_once_in_a_while(capfd: pytest.CaptureFixture[str]) -> None:
    """Each process tries to connect many times a second, and psycopg would say so each time."""
    code = (
        "import logging.config, psycopg, psycopg_pool\n"
        "from project.logs import logging_config\n"
        "logging.config.dictConfig(logging_config('{level}'))\n"
        "for _ in range(20):\n"
        "    logging.getLogger('psycopg.pool').warning('error connecting in %r: %s', 'x', 'away')\n"
        "logging.getLogger('psycopg.pool').warning('another one')\n"
    )
    said = {}
    for level in ("INFO", "CRITICAL"):
        subprocess.run([sys.executable, "-c", code.format(level=level)], cwd=ROOT, check=True)
        said[level] = [json.loads(line)["message"] for line in capfd.readouterr().err.splitlines()]
    assert said == {"INFO": ["error connecting in 'x': away", "another one"], "CRITICAL": []}


def _break(_request: object) -> NoReturn:
    raise ValueError("broken")


urlpatterns = [path("admin/broken/", _break), path("api/v1/broken/", _break)]
handler500 = "annotations.api.exceptions.handler500"


@pytest.mark.urls("tests.project.test_logs")
@pytest.mark.parametrize("at", ["/admin/broken/", "/api/v1/broken/"])
def test_the_page_of_a_fault_and_its_line_share_an_id(at: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(JsonFormatter())
    answer = Client(raise_request_exception=False).get(at)
    assert answer.status_code == 500
    own_id = answer["X-Request-ID"]
    assert own_id in answer.content.decode()
    lines = [json.loads(each) for each in caplog.text.splitlines() if each]
    assert [each["request_id"] for each in lines if "exception" in each] == [own_id]
    assert "broken" not in answer.content.decode().replace(at, "")
