"""Every refusal as a problem document."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.core import exceptions as django_errors
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.test import Client, RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import exceptions as drf

from annotations import exceptions as ours
from annotations.api import exceptions as api
from annotations.api.problems import (
    CODES,
    STATUS_BY_CODE,
    HTTPProblemError,
    ProblemCode,
    problem_key,
    problem_response,
)
from annotations.api.validation_errors import translate_validation_error
from tests.api.conftest import MakeClient

MEMBERS = {"type", "title", "status", "detail", "code", "errors"}


def subclasses(base: type[Any]) -> set[type[Any]]:
    return {each for cls in base.__subclasses__() for each in {cls, *subclasses(cls)}}


def handled(exc: Exception) -> dict[str, Any]:
    response = api.problem_handler(exc, {})
    document: dict[str, Any] = json.loads(response.content)
    key = problem_key(type(exc)) if isinstance(exc, ours.StandpointError) else document["code"]
    assert response.status_code == document["status"] == STATUS_BY_CODE[key]
    assert document.keys() >= MEMBERS
    return document


def test_every_refusal_has_a_row_in_the_table() -> None:
    assert {cls.code for cls in subclasses(ours.StandpointError)} <= CODES.keys()
    assert {cls.code for cls in subclasses(HTTPProblemError)} <= CODES.keys()


@pytest.mark.parametrize("row", CODES.values(), ids=lambda row: row.code)
def test_the_table_is_fit_to_be_printed(row: ProblemCode) -> None:
    assert 400 <= row.status < 600
    assert row.title
    assert not row.title.endswith(".")
    assert row.when.endswith(".")


@pytest.mark.parametrize("cls", sorted(subclasses(ours.StandpointError), key=str))
def test_our_refusals(cls: type[ours.StandpointError]) -> None:
    document = handled(cls("A sentence.", errors=[ours.FieldError(code="x", detail="y", pointer="/a")]))
    assert document["code"] == cls.code
    assert document["title"] == cls.title
    if cls is not ours.NotVisibleError:
        assert document["detail"] == "A sentence."
        assert document["errors"] == [{"pointer": "/a", "code": "x", "detail": "y"}]


def test_data_adds_members_and_replaces_none() -> None:
    document = handled(ours.StaleVersionError("A sentence.", version=3, status="open", type="x"))
    assert document["version"] == 3
    assert document["status"] == 412
    assert document["type"] == "urn:standpoint:stale"


def test_there_are_not_endless_errors() -> None:
    faults = [ours.FieldError(code="x", detail="y", parameter="z")] * 5000
    assert (
        len(json.loads(problem_response("invalid", "A sentence.", errors=faults).content)["errors"]) == 1000
    )


@pytest.mark.parametrize(
    ("exc", "code"),
    [
        (Http404("secret"), "not-found"),
        (drf.NotFound("secret"), "not-found"),
        (ours.NotVisibleError("secret", a=1), "not-found"),
        (drf.NotAuthenticated(), "unauthenticated"),
        (drf.AuthenticationFailed("secret"), "unauthenticated"),
        (drf.PermissionDenied("secret"), "role"),
        (drf.PermissionDenied("CSRF Failed: secret"), "csrf"),
        (django_errors.PermissionDenied("secret"), "role"),
        (drf.ParseError("secret"), "invalid"),
        (drf.MethodNotAllowed("PUT"), "method-not-allowed"),
        (drf.UnsupportedMediaType("secret"), "unsupported-media-type"),
        (drf.Throttled(3), "rate-limited"),
        (drf.APIException("secret"), "internal"),
        (django_errors.RequestDataTooBig("secret"), "too-large"),
        (django_errors.TooManyFieldsSent("secret"), "invalid"),
        (django_errors.SuspiciousOperation("secret"), "invalid"),
        (django_errors.DisallowedHost("secret"), "host"),
        (django_errors.BadRequest("secret"), "invalid"),
        (UnreadablePostError("secret"), "invalid"),
        (OperationalError("database is locked secret"), "unavailable"),
        (InterfaceError("connection already closed secret"), "unavailable"),
        (KeyError("secret"), "internal"),
        (RecursionError("secret"), "internal"),
    ],
)
def test_what_django_and_drf_raise(exc: Exception, code: str) -> None:
    document = handled(exc)
    assert document["code"] == code
    assert "secret" not in json.dumps(document)


def test_headers() -> None:
    assert api.problem_handler(drf.NotAuthenticated(), {})["WWW-Authenticate"] == "Bearer"
    assert api.problem_handler(drf.Throttled(3), {})["Retry-After"] == "3"
    assert api.problem_handler(OperationalError(), {})["Retry-After"] == "5"


class TestValidation:
    """Nested errors of DRF become a flat list."""

    def faults(self, detail: Any, **options: bool) -> list[ours.FieldError]:
        return list(translate_validation_error(drf.ValidationError(detail), **options).errors)

    def test_nested(self) -> None:
        name, stance = drf.ErrorDetail("No.", "required"), drf.ErrorDetail("No.", "invalid_choice")
        detail = [{}, {"name": [name]}, {"attributes": {"a/b~c": [stance]}, "list": {3: [name]}}]
        assert [(fault.pointer, fault.code) for fault in self.faults(detail)] == [
            ("/1/name", "required"),
            ("/2/attributes/a~1b~0c", "choice"),
            ("/2/list/3", "required"),
        ]

    def test_the_whole(self) -> None:
        detail = {"non_field_errors": ["A."], "inner": {"non_field_errors": ["B."]}}
        assert [(fault.pointer, fault.detail) for fault in self.faults(detail)] == [
            ("", "A."),
            ("/inner", "B."),
        ]
        assert [fault.pointer for fault in self.faults("A.")] == [""]

    def test_parameters(self) -> None:
        faults = self.faults({"status": ["No."], "a/b": ["No."]}, in_query=True)
        assert [(fault.parameter, fault.pointer) for fault in faults] == [("status", None), ("a/b", None)]

    def test_text_alone_is_another_refusal(self) -> None:
        text = drf.ErrorDetail("No.", "text-not-allowed")
        assert isinstance(
            translate_validation_error(drf.ValidationError({"text": [text]})), ours.TextNotAllowedError
        )
        both = {"text": [text], "title": [drf.ErrorDetail("No.", "type")]}
        assert isinstance(translate_validation_error(drf.ValidationError(both)), ours.InvalidInputError)

    def test_sentences(self) -> None:
        def sentence(detail: Any, **options: bool) -> str:
            return translate_validation_error(drf.ValidationError(detail), **options).detail

        assert sentence({"a": ["No."]}) == "At /a: No."
        assert sentence({"a": ["No."]}, in_query=True) == "The parameter a: No."
        assert sentence(["No."]) == "No."
        assert sentence({"a": ["No."], "b": ["No."]}).startswith("2 things in the request")

    @given(
        st.recursive(
            st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
        )
    )
    def test_takes_whatever_it_gets(self, detail: Any) -> None:
        api.problem_handler(drf.ValidationError(detail), {})


@pytest.mark.urls("tests.api.views_for_tests")
class TestFaultsOfOurs:
    """500 and 503: the log knows more than the client."""

    def test_unforeseen(self, bearer: MakeClient, caplog: pytest.LogCaptureFixture) -> None:
        client = bearer("read", raise_request_exception=False)
        response = client.get("/api/v1/failing/", headers={"X-Request-ID": "abc-1"})
        assert (response.status_code, response.json()["code"]) == (500, "internal")
        assert response.json()["request_id"] == response["X-Request-ID"] == "abc-1"
        assert b"secret" not in response.content
        own = [record for record in caplog.records if record.name == "annotations.api.exceptions"]
        assert len(own) == 1
        assert own[0].exc_info
        assert "GET '/api/v1/failing/'" in own[0].getMessage()

    def test_the_database(self, bearer: MakeClient, caplog: pytest.LogCaptureFixture) -> None:
        response = bearer("read").get("/api/v1/failing/?error=database")
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert response["Retry-After"] == "5"
        assert b"SELECT" not in response.content
        assert any(record.levelno == logging.ERROR and record.exc_info for record in caplog.records)


@pytest.mark.urls("tests.api.views_for_tests")
class TestOutsideOfViews:
    """Django's own errors: documents below /api/, pages elsewhere."""

    @pytest.mark.parametrize("path", ["/api/", "/api/v1/no/", "/api/v1/%00/", "/api/v2/x"])
    def test_no_such_address(self, db: None, path: str) -> None:
        response = Client().get(path)
        assert (response.status_code, response.json()["code"]) == (404, "not-found")
        assert response["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    def test_an_unknown_address_asks_for_no_csrf_token(self, db: None, method: str) -> None:
        response = Client(enforce_csrf_checks=True).generic(method, "/api/v1/gone/x/")
        assert (response.status_code, response.json()["code"]) == (404, "not-found")

    def test_no_such_page(self, db: None) -> None:
        response = Client().get("/no/")
        assert response.status_code == 404
        assert response["Content-Type"].startswith("text/html")
        assert b"<h1>There is no such page</h1>" in response.content

    @pytest.mark.parametrize("path", ["/api/v1/thing/", "/no/"])
    def test_a_foreign_host(self, db: None, path: str) -> None:
        with override_settings(ALLOWED_HOSTS=["example.org"]):
            response = Client().get(path, headers={"Host": "evil.example"})
        assert response.status_code == 400
        assert b"evil" not in response.content
        if path.startswith("/api/"):
            assert response.json()["code"] == "host"

    @pytest.mark.parametrize(
        ("view", "status"),
        [(api.handler400, 400), (api.handler403, 403), (api.handler404, 404), (api.csrf_failure, 403)],
    )
    def test_pages_need_nothing(self, view: Any, status: int) -> None:
        """Neither a session nor a database, and no script or style inside."""
        page = view(RequestFactory().get("/x/"), Exception("secret"))
        assert page.status_code == status
        for word in (b"secret", b"<script", b"<style", b"style="):
            assert word not in page.content
        document = json.loads(view(RequestFactory().get("/api/x/"), Exception("secret")).content)
        assert document["status"] == status

    def test_the_page_of_a_fault(self) -> None:
        assert api.handler500(RequestFactory().get("/x/")).status_code == 500
        assert api.handler500(RequestFactory().get("/api/x/"))["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("code", [code for code, row in CODES.items() if row.status in (429, 503)])
def test_whoever_shall_try_again_is_told_when(code: str) -> None:
    assert problem_response(code, "Wait.")["Retry-After"].isdigit()
    assert problem_response(code, "Wait.", headers={"Retry-After": "60"})["Retry-After"] == "60"
