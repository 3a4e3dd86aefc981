"""The service against its own OpenAPI document: requests that fit it and requests that do not.

Few examples here, always the same ones; ``slow`` has many. Each address also gets the ids of real
things, so that more than 404 is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.api.matrix import stored_version
from tests.api.matrix_rows import ROWS
from tests.api.resources import Resources
from tests.newsroom import Newsroom

PROVES = False  # the data of these tests is proved by others

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
#: A file that a client has to close, and schemathesis does not; imports and exports have their own tests.
FILES = (
    "GET corpora/<slug:slug>/export/", "POST corpora/<slug:slug>/imports/",
    "GET releases/<uuid:pk>/files/<str:name>", "GET jobs/<uuid:pk>/report/",
    "GET jobs/<uuid:pk>/file/",
)  # fmt: skip


@pytest.fixture(scope="module")
def contract() -> Iterator[Any]:
    """The document, asked of the running application; its requests share the test's transaction."""
    pairs = (signals.request_started, signals.request_finished)
    for signal in pairs:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())
    for signal in pairs:
        signal.connect(close_old_connections)


def path_of(route: str) -> str:
    """A route as the document writes it."""
    named = re.sub("<.*?:(.*?)>", r"{\1}", route).replace("{pk}", "{id}")
    return f"/api/v1/{named}"


def run(contract: Any, newsroom: Newsroom, key: str, examples: int) -> set[int]:
    """Ask one operation many times, and answer which statuses were seen."""
    method, route = key.split()
    things = Resources(newsroom, newsroom.lake, "max", "ann", "rae")
    row, path = ROWS[key], path_of(route)
    names = re.findall(r"\{(.*?)\}", path)
    operation = contract[path][method]
    caller = newsroom[next(iter(row.scopes), "max")]
    authorization = caller.client.defaults["HTTP_AUTHORIZATION"]
    found: set[int] = set()

    @given(
        case=st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        ),
        real=st.booleans(),
        current=st.booleans(),
    )
    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, real: bool, current: bool) -> None:
        headers = {"Authorization": authorization}
        if real and row.at:
            case.path_parameters = dict(zip(names, [things[name] for name in row.at], strict=True))
            if current and row.version:
                headers["If-Match"] = f'"{stored_version(row, things)}"'
        found.add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    ask()
    return found


OPERATIONS = [key for key in ROWS if key not in FILES]


@pytest.mark.parametrize("key", OPERATIONS)
def test_the_service_keeps_to_its_document(contract: Any, newsroom: Newsroom, key: str) -> None:
    assert run(contract, newsroom, key, 2)


@pytest.mark.slow
@pytest.mark.parametrize("key", OPERATIONS)
def test_the_service_keeps_to_its_document_in_full(contract: Any, newsroom: Newsroom, key: str) -> None:
    found = run(contract, newsroom, key, 60)
    assert ROWS[key].session or found - {404}, found


def test_every_operation_is_in_the_document(contract: Any) -> None:
    document = Client().get("/api/v1/schema/").json()
    found = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    documented = {"GET /api/v1/schema/", *(f"{key.split()[0]} {path_of(key.split()[1])}" for key in ROWS)}
    assert found == documented
    operations = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert len(operations) == len(set(operations))
    assert document["openapi"].startswith("3.1")


def references(node: Any) -> Iterator[str]:
    """Every ``$ref`` of a document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_the_document_holds_together() -> None:
    """Valid JSON Schemas of 2020-12, no reference into nothing, and no field without a type."""
    first, document = (Client().get("/api/v1/schema/").json() for _ in range(2))
    assert document == first
    components = document["components"]["schemas"]
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in components, reference
    for name, schema in components.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        for field, each in schema.get("properties", {}).items():
            assert each, (name, field)
        if name.endswith("Shape") and schema.get("type") == "object" and not name.startswith("Suggestion"):
            assert set(schema["required"]) == set(schema["properties"]), name
        if name.endswith("Request"):
            assert schema["additionalProperties"] is False, name
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            statuses = set(operation["responses"])
            assert {"401", "403"} <= statuses, (method, path)
            assert ("404" in statuses) or "{" not in path, (method, path)
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert list(response["content"]) == ["application/problem+json"], (method, path, status)
