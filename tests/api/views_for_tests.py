"""Small views with which the parts of the API are tested one by one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import OperationalError
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import error_views, operations, parameters, parsers
from annotations.api.permissions import SessionOnly
from annotations.api.serializers import fields
from annotations.api.serializers.base import Strict
from annotations.api.views.base import View
from annotations.exceptions import FieldError, NotVisible, Stale


class ThingBody(Strict):
    name = fields.Line(max_length=10)
    count = fields.StrictInteger(min_value=0, required=False)
    link = fields.HttpURL(required=False, allow_null=True)


class ThingAnswer(Strict):
    name = fields.Line(max_length=10)
    count = fields.StrictInteger(min_value=0)


class UserAnswer(Strict):
    id = fields.StrictInteger()
    username = fields.Line(max_length=150)


class Thing(View):
    """A thing with a version."""

    resource = "thing"
    max_body = 1000
    scopes = {"GET": ("read",), "POST": ("annotate", "review"), "PATCH": ("manage",), "DELETE": ("manage",)}
    parameters = {"GET": frozenset({"full"}), "POST": {"snap": parameters.boolean("Move the edges.")}}
    bodies = {"POST": operations.one_or_list(ThingBody), "PATCH": ThingBody}
    answers = {
        "GET": operations.one(ThingAnswer),
        "POST": operations.created(ThingAnswer),
        "PATCH": operations.one(ThingAnswer),
        "DELETE": operations.nothing(),
    }
    refusals = {"POST": ("quote-mismatch",)}

    def get(self, request: Request) -> Response:
        return self.answer({"name": "a", "count": 1}, version=3)

    def post(self, request: Request) -> Response:
        items, many = self.body_or_list(ThingBody)
        content = items if many else items[0]
        return self.created(content, at="/api/v1/thing/", version=1, set_version=7)

    def patch(self, request: Request) -> Response:
        data = self.body(ThingBody, partial=True)
        if self.version() != 3:
            raise Stale("It has version 3 now.", version=3)
        return self.answer(data, version=4)

    def delete(self, request: Request) -> Response:
        self.version()
        return self.deleted(set_version=8)


class Hidden(View):
    """Refuses everybody, to show what comes before and after 404."""

    scopes = {"GET": ("read",), "POST": ("read",)}

    def get(self, request: Request) -> Response:
        raise NotVisible("A sentence that must not be shown.", errors=[FieldError(code="x", detail="y")], a=1)

    post = get


class Forgetful(View):
    """Does not call query()."""

    scopes = {"POST": ("read",)}

    def post(self, request: Request) -> Response:
        return Response({})

    def put(self, request: Request) -> Response:
        return Response({})


class Failing(View):
    """Raises what its parameter names."""

    scopes = {"GET": ("read",)}
    parameters = {"GET": frozenset({"error"})}

    def get(self, request: Request) -> Response:
        if self.query().get("error") == "database":
            raise OperationalError("canceling statement due to statement timeout: SELECT secret")
        raise ValueError("a secret path /etc/passwd")


class Upload(View):
    """Counts the bytes and lines of a file."""

    max_body = 100_000
    scopes = {"POST": ("ingest",)}
    parameters = {"POST": frozenset({"format"})}
    parser_classes = (parsers.NDJSONParser, parsers.PlainTextParser, parsers.OctetStreamParser)
    bodies = {"POST": operations.file("application/x-ndjson", "text/plain")}

    def post(self, request: Request) -> Response:
        body = self.stream()
        lines = sum(1 for _ in body)
        return Response({"lines": lines, "bytes": body.bytes_read, "type": body.media_type})


class Tokens(View):
    """For sessions only."""

    permission_classes = (SessionOnly,)

    def get(self, request: Request) -> Response:
        return Response({})


class Users(View):
    """A list of rows that exist in every Django project."""

    resource = "users"
    scopes = {"GET": ("read",)}
    parameters = {"GET": {**parameters.PAGE, "is_staff": parameters.boolean("Of staff only.")}}
    answers = {"GET": operations.page(UserAnswer)}

    def get(self, request: Request, **kwargs: Any) -> Response:
        filters = self.query()
        users = User.objects.all()
        if "is_staff" in filters:
            users = users.filter(is_staff=filters["is_staff"])
        return self.page(users.values("id", "username"), UserAnswer)


api = [
    path("thing/", Thing.as_view()),
    path("hidden/", Hidden.as_view()),
    path("forgetful/", Forgetful.as_view()),
    path("failing/", Failing.as_view()),
    path("upload/", Upload.as_view()),
    path("tokens/", Tokens.as_view()),
    path("users/", Users.as_view()),
    path("others/", Users.as_view()),
    path("gone/<path:unknown>", error_views.unknown_address),
]
urlpatterns = [path("api/v1/", include(api))]

handler400 = "annotations.api.exceptions.handler400"
handler403 = "annotations.api.exceptions.handler403"
handler404 = "annotations.api.exceptions.handler404"
handler500 = "annotations.api.exceptions.handler500"
