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
from annotations.api.serializers.base import StrictSerializer
from annotations.api.views.base import BaseView
from annotations.exceptions import FieldError, NotVisibleError, StaleVersionError


class ThingBody(StrictSerializer):
    name = fields.LineField(max_length=10)
    count = fields.StrictIntegerField(min_value=0, required=False)
    link = fields.HttpURLField(required=False, allow_null=True)


class ThingAnswer(StrictSerializer):
    name = fields.LineField(max_length=10)
    count = fields.StrictIntegerField(min_value=0)


class UserAnswer(StrictSerializer):
    id = fields.StrictIntegerField()
    username = fields.LineField(max_length=150)


class Thing(BaseView):
    """A thing with a version."""

    resource = "thing"
    max_body_bytes = 1000
    scopes = {"GET": ("read",), "POST": ("annotate", "review"), "PATCH": ("manage",), "DELETE": ("manage",)}
    parameters = {"GET": frozenset({"full"}), "POST": {"snap": parameters.boolean("Move the edges.")}}
    request_bodies = {"POST": operations.object_or_list_body(ThingBody), "PATCH": ThingBody}
    responses = {
        "GET": operations.detail_response(ThingAnswer),
        "POST": operations.created_response(ThingAnswer),
        "PATCH": operations.detail_response(ThingAnswer),
        "DELETE": operations.no_content_response(),
    }
    error_codes = {"POST": ("quote-mismatch",)}

    def get(self, request: Request) -> Response:
        return self.respond({"name": "a", "count": 1}, version=3)

    def post(self, request: Request) -> Response:
        items, many = self.validated_items(ThingBody)
        content = items if many else items[0]
        return self.respond_created(content, location="/api/v1/thing/", version=1, set_version=7)

    def patch(self, request: Request) -> Response:
        data = self.validated_data(ThingBody, partial=True)
        if self.expected_version() != 3:
            raise StaleVersionError("It has version 3 now.", version=3)
        return self.respond(data, version=4)

    def delete(self, request: Request) -> Response:
        self.expected_version()
        return self.respond_no_content(set_version=8)


class Hidden(BaseView):
    """Refuses everybody, to show what comes before and after 404."""

    scopes = {"GET": ("read",), "POST": ("read",)}

    def get(self, request: Request) -> Response:
        raise NotVisibleError(
            "A sentence that must not be shown.", errors=[FieldError(code="x", detail="y")], a=1
        )

    post = get


class Forgetful(BaseView):
    """Does not call query()."""

    scopes = {"POST": ("read",)}

    def post(self, request: Request) -> Response:
        return Response({})

    def put(self, request: Request) -> Response:
        return Response({})


class Failing(BaseView):
    """Raises what its parameter names."""

    scopes = {"GET": ("read",)}
    parameters = {"GET": frozenset({"error"})}

    def get(self, request: Request) -> Response:
        if self.query_params().get("error") == "database":
            raise OperationalError("canceling statement due to statement timeout: SELECT secret")
        raise ValueError("a secret path /etc/passwd")


class Upload(BaseView):
    """Counts the bytes and lines of a file."""

    max_body_bytes = 100_000
    scopes = {"POST": ("ingest",)}
    parameters = {"POST": frozenset({"format"})}
    parser_classes = (parsers.NDJSONParser, parsers.PlainTextParser, parsers.OctetStreamParser)
    request_bodies = {"POST": operations.file_body("application/x-ndjson", "text/plain")}

    def post(self, request: Request) -> Response:
        body = self.body_stream()
        lines = sum(1 for _ in body)
        return Response({"lines": lines, "bytes": body.bytes_read, "type": body.media_type})


class Tokens(BaseView):
    """For sessions only."""

    permission_classes = (SessionOnly,)

    def get(self, request: Request) -> Response:
        return Response({})


class Users(BaseView):
    """A list of rows that exist in every Django project."""

    resource = "users"
    scopes = {"GET": ("read",)}
    parameters = {"GET": {**parameters.PAGE, "is_staff": parameters.boolean("Of staff only.")}}
    responses = {"GET": operations.paginated_response(UserAnswer)}

    def get(self, request: Request, **kwargs: Any) -> Response:
        filters = self.query_params()
        users = User.objects.all()
        if "is_staff" in filters:
            users = users.filter(is_staff=filters["is_staff"])
        return self.paginate(users.values("id", "username"), UserAnswer)


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
