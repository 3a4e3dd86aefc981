"""What the base view refuses, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.api.conftest import MakeClient

pytestmark = pytest.mark.urls("tests.api.views_for_tests")

JSON = "application/json"


def code(response: Any) -> tuple[int, str]:
    document = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert document["type"] == f"urn:standpoint:{document['code']}"
    assert document["status"] == response.status_code
    assert document["detail"].endswith(".")
    return response.status_code, document["code"]


def test_answers_with_versions_and_without_caches(bearer: MakeClient) -> None:
    response = bearer("read").get("/api/v1/thing/")
    assert response.json() == {"name": "a", "count": 1}
    assert response["ETag"] == '"3"'
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == JSON


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*;q=0.1", "nonsense", ""])
def test_answers_json_whatever_is_accepted(bearer: MakeClient, accept: str) -> None:
    client = bearer("read")
    assert client.get("/api/v1/thing/", headers={"Accept": accept})["Content-Type"] == JSON
    assert code(client.get("/api/v1/hidden/", headers={"Accept": accept})) == (404, "not-found")


def test_chunks_come_before_everything(db: None) -> None:
    response = Client().post("/api/v1/thing/", b"x" * 5000, JSON, headers={"Transfer-Encoding": "chunked"})
    assert code(response) == (411, "length-required")


def test_size_comes_before_who_asks(db: None) -> None:
    response = Client().post("/api/v1/thing/", b"x" * 1001, JSON)
    assert code(response) == (413, "too-large")
    assert response.json()["limit"] == 1000


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "9" * 30, "١"])
def test_a_length_that_is_no_number(bearer: MakeClient, length: str) -> None:
    response = bearer("annotate").generic("POST", "/api/v1/thing/", b"", JSON, CONTENT_LENGTH=length)
    assert code(response) == (400, "invalid")


def test_who_asks_comes_before_what(db: None) -> None:
    response = Client().post("/api/v1/thing/?foreign=1", b"{", "text/plain")
    assert code(response) == (401, "unauthenticated")
    assert response["WWW-Authenticate"] == "Bearer"


def test_scope_comes_before_method_and_kind(bearer: MakeClient) -> None:
    response = bearer("read").post("/api/v1/thing/?foreign=1", b"{", "text/plain")
    assert code(response) == (403, "scope")
    assert response.json()["needed"] == ["annotate", "review"]
    assert "annotate or review" in response.json()["detail"]


def test_invisible_comes_before_kind_and_parameters(bearer: MakeClient) -> None:
    response = bearer("read").post("/api/v1/hidden/?foreign=1", b"{", "text/plain")
    assert code(response) == (404, "not-found")


def test_everything_invisible_looks_the_same(bearer: MakeClient) -> None:
    client = bearer("read")
    hidden, missing = client.get("/api/v1/hidden/"), client.get("/api/v1/nowhere/")
    assert hidden.content == missing.content
    assert code(hidden) == code(missing) == (404, "not-found")
    assert hidden.json()["errors"] == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_kind_comes_before_parameters(bearer: MakeClient, kind: str) -> None:
    response = bearer("annotate").generic("POST", "/api/v1/thing/?foreign=1", b"a=b", kind)
    assert code(response) == (415, "unsupported-media-type")


def test_parameters_come_before_the_body(bearer: MakeClient) -> None:
    response = bearer("annotate").post("/api/v1/thing/?foreign=1", b"{", JSON)
    assert code(response) == (400, "invalid")
    assert response.json()["errors"][0]["parameter"] == "foreign"


def test_the_body_comes_before_the_version(bearer: MakeClient) -> None:
    client = bearer("manage")
    response = client.patch("/api/v1/thing/", b'{"nonsense": 1}', JSON)
    assert code(response) == (400, "invalid")
    assert response.json()["errors"][0] == {
        "pointer": "/nonsense",
        "code": "unknown-field",
        "detail": "There is no field nonsense here; the fields are name, count, link.",
    }
    assert code(client.patch("/api/v1/thing/", b'{"count": 1}', JSON)) == (428, "precondition-required")
    stale = client.patch("/api/v1/thing/", b'{"count": 1}', JSON, headers={"If-Match": '"2"'})
    assert code(stale) == (412, "stale")
    assert stale.json()["version"] == 3
    good = client.patch("/api/v1/thing/", b'{"count": 1}', JSON, headers={"If-Match": 'W/"3"'})
    assert (good.status_code, good["ETag"], good.json()) == (200, '"4"', {"count": 1})


def test_one_or_many(bearer: MakeClient) -> None:
    client = bearer("review")
    one = client.post("/api/v1/thing/", {"name": "a"}, JSON)
    assert (one.status_code, one.json()) == (201, {"name": "a"})
    assert (one["Location"], one["ETag"], one["Set-Version"]) == (
        "http://testserver/api/v1/thing/",
        '"1"',
        "7",
    )
    many = client.post("/api/v1/thing/", [{"name": "a"}, {"name": "b"}], JSON)
    assert many.json() == [{"name": "a"}, {"name": "b"}]
    faulty = client.post("/api/v1/thing/", [{"name": "a"}, {"name": 5, "count": "1"}, {}], JSON)
    places = [(error["pointer"], error["code"]) for error in faulty.json()["errors"]]
    assert places == [("/1/name", "type"), ("/1/count", "type"), ("/2/name", "required")]
    assert faulty.json()["detail"].startswith("3 things")
    assert code(client.post("/api/v1/thing/", [], JSON)) == (400, "invalid")


@pytest.mark.parametrize("raw", [b"null", b"5", b'"a"', b"true"])
def test_a_body_that_is_no_object(bearer: MakeClient, raw: bytes) -> None:
    response = bearer("annotate").post("/api/v1/thing/", raw, JSON)
    assert code(response) == (400, "invalid")
    assert response.json()["errors"][0]["pointer"] == ""


def test_too_many_items(session: Client, bearer: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.api.views_for_tests.Thing.max_body_bytes", 100_000)
    client = bearer("annotate")
    assert client.post("/api/v1/thing/", [{"name": "a"}] * 1000, JSON).status_code == 201
    response = client.post("/api/v1/thing/", [{"name": "a"}] * 1001, JSON)
    assert code(response) == (400, "invalid")
    assert response.json()["errors"][0]["code"] == "too-long"


@pytest.mark.parametrize(
    "query",
    ["a=1", "full=1&full=2", "full=%00", "full=%ff", "full=%ED%A0%80", "full=%1b", "%00=1", "=", "FULL=1"],
)
def test_parameters_of_a_read(bearer: MakeClient, query: str) -> None:
    """Also of a handler that does not look at them."""
    assert code(bearer("read").get(f"/api/v1/thing/?{query}")) == (400, "invalid")


def test_very_many_parameters(bearer: MakeClient) -> None:
    query = "&".join(f"a{i}=1" for i in range(5000))
    assert code(bearer("read").get(f"/api/v1/thing/?{query}")) == (400, "invalid")


@pytest.mark.parametrize("sent", ["1", "TRUE", "", "yes"])
def test_a_boolean_parameter(bearer: MakeClient, sent: str) -> None:
    client = bearer("annotate")
    response = client.post(f"/api/v1/thing/?snap={sent}", {"name": "a"}, JSON)
    assert code(response) == (400, "invalid")
    assert response.json()["errors"] == [
        {"parameter": "snap", "code": "value", "detail": "It takes true or false."}
    ]
    assert client.post("/api/v1/thing/?snap=true", {"name": "a"}, JSON).status_code == 201


def test_a_method_that_is_not_there(bearer: MakeClient) -> None:
    response = bearer("read").put("/api/v1/thing/", b"{}", JSON)
    assert code(response) == (405, "method-not-allowed")
    assert response["Allow"] == "GET, POST, PATCH, DELETE, HEAD, OPTIONS"


def test_options_tell_the_methods_and_nothing_else(bearer: MakeClient, db: None) -> None:
    response = bearer().options("/api/v1/thing/")
    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "GET, POST, PATCH, DELETE, HEAD, OPTIONS"
    assert code(Client().options("/api/v1/thing/")) == (401, "unauthenticated")


def test_head_is_get_without_a_body(bearer: MakeClient) -> None:
    client = bearer("read")
    response = client.head("/api/v1/thing/?full=1")
    assert (response.status_code, response.content, response["ETag"]) == (200, b"", '"3"')
    assert client.head("/api/v1/thing/?x=1").status_code == 400
    assert bearer("manage").head("/api/v1/thing/").status_code == 403


def test_delete(bearer: MakeClient) -> None:
    client = bearer("manage")
    assert code(client.delete("/api/v1/thing/")) == (428, "precondition-required")
    response = client.delete("/api/v1/thing/", headers={"If-Match": '"3"'})
    assert (response.status_code, response.content, response["Set-Version"]) == (204, b"", "8")


def test_a_view_that_forgets_its_parameters_or_scopes_is_found(session: Client, bearer: MakeClient) -> None:
    client = bearer("read")
    with pytest.raises(RuntimeError, match="query"):
        client.post("/api/v1/forgetful/")
    with pytest.raises(RuntimeError, match="declares no scopes for PUT"):
        client.put("/api/v1/forgetful/")


def test_sessions_have_all_scopes_and_need_csrf(session: Client) -> None:
    assert session.get("/api/v1/thing/").status_code == 200
    assert session.get("/api/v1/tokens/").status_code == 200
    for kind, raw in (
        (JSON, b"{"),
        ("text/plain", b"a"),
        ("application/x-www-form-urlencoded", b"a=b"),
        ("", b""),
    ):
        response = session.generic("POST", "/api/v1/thing/?foreign=1", raw, kind)
        assert code(response) == (403, "csrf")
    token = "a" * 32
    session.cookies[settings.CSRF_COOKIE_NAME] = token
    good = session.post("/api/v1/thing/", {"name": "a"}, JSON, headers={"X-CSRFToken": token})
    assert good.status_code == 201
    bad = session.post("/api/v1/thing/", {"name": "a"}, JSON, headers={"X-CSRFToken": "b" * 32})
    assert code(bad) == (403, "csrf")


def test_no_token_where_only_sessions_may(bearer: MakeClient, db: None) -> None:
    assert code(bearer("read", "manage").get("/api/v1/tokens/")) == (403, "scope")
    assert code(Client().get("/api/v1/tokens/")) == (401, "unauthenticated")
