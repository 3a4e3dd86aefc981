"""Pages by cursor."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.api.conftest import MakeClient

pytestmark = pytest.mark.urls("tests.api.views_for_tests")

URL = "/api/v1/users/"


@pytest.fixture
def client(bearer: MakeClient) -> Client:
    """One who is no staff already exists: the owner of the token."""
    client = bearer("read")
    User.objects.bulk_create(User(username=f"u{i:03}", is_staff=i % 2 == 0) for i in range(119))
    client.get(URL)
    return client


def ids(page: dict[str, Any]) -> list[int]:
    return [row["id"] for row in page["results"]]


def test_there_and_back(client: Client) -> None:
    everybody = list(User.objects.order_by("id").values_list("id", flat=True))
    first = client.get(URL).json()
    assert first.keys() == {"next", "previous", "results"}
    assert (first["previous"], ids(first)) == (None, everybody[:50])
    assert first["next"].startswith("http://testserver/api/v1/users/?cursor=")
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    assert (ids(second), ids(third), third["next"]) == (everybody[50:100], everybody[100:], None)
    back = client.get(third["previous"]).json()
    assert ids(back) == ids(second)
    assert ids(client.get(back["next"]).json()) == ids(third)
    start = client.get(back["previous"]).json()
    assert (ids(start), start["previous"]) == (ids(first), None)
    assert ids(client.get(start["next"]).json()) == ids(second)


@pytest.mark.parametrize("size", [1, 40, 60, 120, 500])
def test_every_size_gives_every_row_once(client: Client, size: int) -> None:
    address, seen = f"{URL}?page_size={size}", []
    while address:
        page = client.get(address).json()
        assert len(page["results"]) <= size
        seen += ids(page)
        address = page["next"]
    assert seen == sorted(User.objects.values_list("id", flat=True))


def test_filters_and_size_stay(client: Client) -> None:
    page = client.get(f"{URL}?is_staff=true&page_size=50").json()
    assert "is_staff=true&page_size=50&cursor=" in page["next"]
    rest = client.get(page["next"]).json()
    assert (len(page["results"]), len(rest["results"]), rest["next"]) == (50, 10, None)


def test_the_size_may_change_on_the_way(client: Client) -> None:
    page = client.get(f"{URL}?page_size=10").json()
    other = client.get(page["next"].replace("page_size=10", "page_size=3")).json()
    assert len(other["results"]) == 3


def test_rows_that_go_meanwhile(client: Client) -> None:
    page = client.get(f"{URL}?page_size=110").json()
    User.objects.filter(id__gt=page["results"][-1]["id"]).delete()
    last = client.get(page["next"]).json()
    assert (last["results"], last["next"]) == ([], None)
    back = client.get(last["previous"]).json()
    assert ids(back) == ids(page)


@pytest.mark.parametrize("size", ["0", "501", "-1", "1.0", "", "a", "1e2", "9" * 30, "٣", " 5"])
def test_sizes_that_are_none(client: Client, size: str) -> None:
    response = client.get(URL, {"page_size": size})
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "page_size"


def test_cursors_of_another_list(client: Client) -> None:
    cursor = client.get(f"{URL}?page_size=10").json()["next"].split("cursor=")[1]
    assert client.get(f"{URL}?cursor={cursor}").status_code == 200
    for address in (
        f"/api/v1/others/?cursor={cursor}",
        f"{URL}?is_staff=true&cursor={cursor}",
        f"{URL}?cursor={cursor}x",
        f"{URL}?cursor={cursor[1:]}",
        f"{URL}?cursor=",
        f"{URL}?cursor=eyJhIjoxfQ",
        f"{URL}?cursor=%F0%9F%98%80",
        f"{URL}?cursor={'a' * 3000}",
    ):
        response = client.get(address)
        assert (response.status_code, response.json()["code"]) == (400, "invalid")
        assert response.json()["errors"][0]["parameter"] == "cursor"


def test_as_many_queries_whatever_the_size(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for size in (1, 100):
        with django_assert_num_queries(2):
            client.get(f"{URL}?page_size={size}")
