"""If-Match, by its letters."""

from __future__ import annotations

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from annotations.api.preconditions import expected_version, format_etag, optional_version
from annotations.exceptions import InvalidInputError, PreconditionRequiredError


def request(value: str | None) -> Request:
    headers = {} if value is None else {"If-Match": value}
    return Request(APIRequestFactory().patch("/", headers=headers))


@pytest.mark.parametrize(
    ("sent", "version"),
    [('"3"', 3), ('W/"3"', 3), (' "3" ', 3), ('"0"', 0), (f'"{"9" * 18}"', 10**18 - 1)],
)
def test_one_version(sent: str, version: int) -> None:
    assert expected_version(request(sent)) == version
    assert optional_version(request(sent)) == version


@pytest.mark.parametrize(
    "sent",
    [
        "*",
        "",
        "3",
        '"3',
        '3"',
        '"3", "4"',
        '"3","3"',
        'w/"3"',
        'W/ "3"',
        '"-1"',
        '"3.0"',
        '"abc"',
        '"01"',
        '"007"',
        '"00"',
        'W/"01"',
        '"+1"',
        '" 1"',
        '"1 "',
        '""',
        '"٣"',
        f'"{"9" * 19}"',
        f'"{"9" * 5000}"',
    ],
)
def test_anything_else(sent: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        expected_version(request(sent))
    assert caught.value.errors[0].parameter == "If-Match"


def test_none() -> None:
    assert optional_version(request(None)) is None
    with pytest.raises(PreconditionRequiredError):
        expected_version(request(None))


def test_out_and_in() -> None:
    assert format_etag(3) == '"3"'
    assert expected_version(request(format_etag(12))) == 12
