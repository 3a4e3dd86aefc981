"""The OpenAPI document says what the views declare."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any

import pytest
from drf_spectacular.drainage import reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from annotations.formats import FORMATS
from tests.api import views_for_tests
from tests.newsroom import Newsroom


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


# --- The document of the service -----------------------------------------------------------


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """The document of the service, of which nothing may be doubtful."""
    reset_generator_stats()
    # the generator tells of doubts on the standard error alone
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()) as doubts:
        warnings.simplefilter("error")
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    assert doubts.getvalue() == ""
    return found


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def _inline_enums(schema: Any) -> Iterator[list[str]]:
    if isinstance(schema, dict):
        if "enum" in schema:
            yield schema["enum"]
        for part in schema.values():
            yield from _inline_enums(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _inline_enums(part)


def test_operation_ids_are_names(whole: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in _operations(whole)]
    assert len(set(ids)) == len(ids)
    assert [each for each in ids if not re.fullmatch("[a-z]+(_[a-z]+)*", each)] == []
    assert {"import_create", "set_span_create", "set_start_review_create"} <= set(ids)


def test_every_choice_has_one_name(whole: dict[str, Any]) -> None:
    schemas = whole["components"]["schemas"]
    enums = {name: tuple(schema["enum"]) for name, schema in schemas.items() if "enum" in schema}
    assert {"Role", "State", "ArticleStatus", "ActorKind", "ExportFormat", "ProblemCode"} <= set(enums)
    assert [name for name in enums if re.search(r"\d|Enum$", name)] == []
    assert len(set(enums.values())) == len(enums), "the same words under two names"
    others = {name: schema for name, schema in schemas.items() if name not in enums}
    # the language of the document itself is a parameter of the package that makes it
    paths = {path: methods for path, methods in whole["paths"].items() if path != "/api/v1/schema/"}
    assert list(_inline_enums([others, paths])) == []


def test_a_row_is_no_word_of_the_same_name(whole: dict[str, Any]) -> None:
    schemas = whole["components"]["schemas"]
    rows = schemas["ArticleStatusList"]["properties"]["results"]["items"]
    assert "approved_set" in schemas[rows["$ref"].rsplit("/", 1)[1]]["properties"]
    assert set(schemas["Statement"]["properties"]["actor"]["properties"]) == {"id", "name"}


def test_files_have_their_media_types(whole: dict[str, Any]) -> None:
    def types(path: str) -> set[str]:
        return set(whole["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"])

    exports = {row.media_type.partition(";")[0] for row in FORMATS.values() if row.is_writable}
    assert types("corpora/{slug}/export/") == types("jobs/{id}/file/") == exports
    assert types("releases/{id}/files/{name}") > exports
    assert types("articles/{id}/text/") == {"text/plain"}
    assert types("jobs/{id}/report/") == {"application/x-ndjson"}
    body = whole["paths"]["/api/v1/corpora/{slug}/imports/"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/x-ndjson", "text/plain", "application/octet-stream"}
    assert whole["servers"][0]["url"] == "/"


def test_what_is_json_is_no_string_of_bytes(whole: dict[str, Any]) -> None:
    """Whoever checks an answer of such a type by its schema has read it as JSON."""
    answers = [
        (path, media_type, content["schema"])
        for path, methods in whole["paths"].items()
        for operation in methods.values()
        for answer in operation["responses"].values()
        for media_type, content in answer.get("content", {}).items()
        if media_type.endswith(("/json", "+json"))
    ]
    assert len(answers) > 300
    assert [row for row in answers if row[2].get("format") == "binary"] == []


def test_what_may_be_null_is_so_by_one_schema_alone(whole: dict[str, Any]) -> None:
    def alternatives(schema: object) -> Iterator[list[Any]]:
        if isinstance(schema, dict):
            yield from [schema["oneOf"]] if "oneOf" in schema else []
        for part in (
            schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
        ):
            yield from alternatives(part)

    found = list(alternatives(whole))
    assert found
    assert [each for each in found if {} in each] == []


def test_the_files_of_a_release_are_of_the_types_that_it_names(
    whole: dict[str, Any], newsroom: Newsroom
) -> None:
    newsroom.approved("ann")
    written = {name: row for name, row in FORMATS.items() if row.is_writable and not row.needs_question}
    formats = [name for name, row in written.items() if not row.required_package]
    made = newsroom.max.post("corpora/lake/releases/", {"formats": formats}).data
    path = whole["paths"]["/api/v1/releases/{id}/files/{name}"]["get"]
    named = set(path["responses"]["200"]["content"])
    for file in made["files"]:
        reply = newsroom.vic.get(f"releases/{made['id']}/files/{file['name']}")
        assert reply.headers["Content-Type"].partition(";")[0] in named, file
