"""The published JSON Schema is the one of the tables, and real lines fit it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from annotations.formats import FORMATS
from annotations.formats.core.json_schema import build_line_schema
from tests.formats import edge_cases
from tests.formats.test_formats import written

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "reference" / "standpoint-1.schema.json"


def lines() -> list[dict[str, Any]]:
    data, _ = written(FORMATS["jsonl"], edge_cases.article(), edge_cases.article(annotators=None, sets=[]))
    return [json.loads(line) for line in data.splitlines()]


def test_the_published_schema_is_up_to_date() -> None:
    text = json.dumps(build_line_schema(), indent=2, ensure_ascii=False) + "\n"
    assert PUBLISHED.read_text(encoding="utf-8") == text, "write it again from annotations.formats.schema"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(build_line_schema())


def test_what_we_write_fits() -> None:
    validator = Draft202012Validator(build_line_schema())
    for line in lines():
        validator.validate(line)


@pytest.mark.parametrize("number", range(5))
def test_it_refuses_what_is_more_or_less(number: int) -> None:
    validator = Draft202012Validator(build_line_schema())
    line = lines()[number]
    with pytest.raises(ValidationError):
        validator.validate({**line, "more": 1})
    for name in line:
        with pytest.raises(ValidationError):
            validator.validate({key: value for key, value in line.items() if key != name})
