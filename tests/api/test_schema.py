"""The OpenAPI document says what the views declare."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.api import views_for_tests


def _generated() -> dict[str, Any]:
    generator = SchemaGenerator(patterns=views_for_tests.urlpatterns)  # type: ignore[no-untyped-call]
    document: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return document


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return _generated()


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate_schema(document)  # type: ignore[no-untyped-call]


def test_operations(document: dict[str, Any]) -> None:
    thing = document["paths"]["/api/v1/thing/"]
    assert {method: thing[method]["operationId"] for method in thing} == {
        "get": "thing_retrieve",
        "post": "thing_create",
        "patch": "thing_update",
        "delete": "thing_delete",
    }
    assert thing["get"]["tags"] == ["thing"]
    # The same view stands at a second address here, so the generator numbers them.
    assert document["paths"]["/api/v1/others/"]["get"]["operationId"] == "users_list"


def test_security(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert document["components"]["securitySchemes"]["session"]["in"] == "cookie"
    assert document["paths"]["/api/v1/thing/"]["get"]["security"] == [{"token": []}, {"session": []}]


def test_parameters(document: dict[str, Any]) -> None:
    def names(address: str, method: str) -> set[tuple[str, str]]:
        operation = document["paths"][f"/api/v1/{address}/"][method]
        return {(each["name"], each["in"]) for each in operation.get("parameters", [])}

    assert names("users", "get") == {("cursor", "query"), ("page_size", "query"), ("is_staff", "query")}
    assert names("thing", "post") == {("snap", "query")}
    assert names("thing", "patch") == names("thing", "delete") == {("If-Match", "header")}


def test_bodies(document: dict[str, Any]) -> None:
    thing = document["paths"]["/api/v1/thing/"]
    schema = thing["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert [each.get("type") for each in schema["oneOf"]] == [None, "array"]
    components = document["components"]["schemas"]
    body = components["ThingBodyRequest"]
    assert body["additionalProperties"] is False
    assert body["required"] == ["name"]
    assert body["properties"]["name"] == {"type": "string", "maxLength": 10, "minLength": 1}
    assert body["properties"]["count"]["minimum"] == 0
    assert body["properties"]["link"]["type"] == ["string", "null"]
    assert body["properties"]["link"]["format"] == "uri"
    assert "required" not in components["PatchedThingBodyRequest"]
    upload = document["paths"]["/api/v1/upload/"]["post"]["requestBody"]["content"]
    assert list(upload) == ["application/x-ndjson", "text/plain"]


def test_answers(document: dict[str, Any]) -> None:
    thing = document["paths"]["/api/v1/thing/"]
    post = thing["post"]["responses"]
    assert {"200", "201", "400", "401", "403", "404", "411", "413", "415", "422", "503"} == set(post)
    assert {"ETag", "Location"} == set(post["201"]["headers"])
    assert "`quote-mismatch`" in post["422"]["description"]
    assert post["400"]["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    assert {"412", "428"} <= set(thing["patch"]["responses"])
    assert "content" not in thing["delete"]["responses"]["204"]
    page = document["paths"]["/api/v1/users/"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert page["required"] == ["next", "previous", "results"]
    assert document["components"]["schemas"]["ThingAnswer"]["required"] == ["name", "count"]
