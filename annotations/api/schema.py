"""The OpenAPI document, from the tables that the views declare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction
from rest_framework.serializers import Serializer

from annotations.api.operations import Answer, Body
from annotations.api.pagination import CursorPage
from annotations.api.parameters import Parameter
from annotations.api.preconditions import HEADER
from annotations.api.problems import CODES, MEDIA_TYPE

_VERBS = {"GET": "retrieve", "POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
_TEXT = {"type": "string"}

_FAULT = {
    "type": "object",
    "required": ["code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "Where in the body: a JSON pointer."},
        "parameter": {"type": "string", "description": "Which parameter of the address, or header."},
        "code": _TEXT,
        "detail": _TEXT,
    },
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:standpoint:"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A whole sentence: what is wrong, where, what to do."},
        "code": {"type": "string", "enum": list(CODES)},
        "errors": {"type": "array", "items": _FAULT},
    },
}


class AutoSchema(SpectacularSchema):
    """Reads ``bodies``, ``answers``, ``parameters``, ``guarded``, ``refusals`` and ``resource`` of a view."""

    def get_operation_id(self) -> str:
        """``spans_list``, ``span_update``, ``set_submit``: unique, and stable for generated clients."""
        named: Mapping[str, str] = getattr(self.view, "operation_ids", {})
        if self.method in named:
            return named[self.method]
        resource = getattr(self.view, "resource", "") or super().get_operation_id()
        verb = "list" if self._answer().shape == "page" else _VERBS.get(self.method, self.method.lower())
        return f"{resource}_{verb}".replace("-", "_")

    def get_tags(self) -> list[str]:
        """The resource."""
        resource = getattr(self.view, "resource", "")
        return [resource] if resource else list(super().get_tags())

    def get_request_serializer(self) -> Any:
        """Not asked: ``_get_request_body`` writes it."""
        return None

    def get_response_serializers(self) -> Any:
        """Not asked: ``_get_response_bodies`` writes it."""
        return None

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False

    def _get_parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._get_parameters()
        allowed = getattr(self.view, "parameters", {}).get(self.method, ())
        rows = allowed if isinstance(allowed, Mapping) else dict.fromkeys(allowed)
        found += [_parameter(name, row) for name, row in rows.items()]
        if self.method in getattr(self.view, "guarded", ()):
            found.append(
                {
                    "name": HEADER,
                    "in": "header",
                    "required": True,
                    "description": 'The version that you saw, such as `"3"`.',
                    "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,18}"$'},
                }
            )
        return found

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        body = self._body()
        if body is None:
            return None
        schema: dict[str, Any] = {"type": "string", "format": "binary"}
        if body.content is not None:
            partial = self.method == "PATCH"
            schema = self._shaped(self._ref(body.content(partial=partial), "request"), body.shape)
        content = {media_type: {"schema": schema} for media_type in body.media_types}
        return {"content": content, "required": body.required}

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        answer = self._answer()
        responses = {str(answer.status): self._success(answer)}
        if answer.status == HTTPStatus.CREATED:
            responses["200"] = {**self._success(answer), "description": "It was stored already, the same."}
        if answer.later is not None:
            responses["202"] = self._later(answer.later)
        for status, codes in sorted(self._refusals().items()):
            responses[str(status)] = self._refusal(codes)
        return responses

    def _answer(self) -> Answer:
        declared = getattr(self.view, "answers", {}).get(self.method)
        if declared is None or isinstance(declared, Answer):
            return declared or Answer(status=204 if self.method == "DELETE" else 200)
        return Answer(content=declared)

    def _body(self) -> Body | None:
        declared = getattr(self.view, "bodies", {}).get(self.method)
        return declared if declared is None or isinstance(declared, Body) else Body(content=declared)

    def _success(self, answer: Answer) -> dict[str, Any]:
        headers = {name: {"schema": _TEXT, "description": says} for name, says in answer.headers.items()}
        if answer.versioned:
            headers["ETag"] = {"schema": _TEXT, "description": "The version, to be sent as If-Match."}
        if answer.status == HTTPStatus.CREATED:
            headers["Location"] = {"schema": _TEXT, "description": "The address of what is new."}
        found: dict[str, Any] = {"description": HTTPStatus(answer.status).phrase}
        if headers:
            found["headers"] = headers
        if answer.content is not None:
            found["content"] = {answer.media_type: {"schema": self._answered(answer)}}
        return found

    def _later(self, content: type[Serializer[Any]]) -> dict[str, Any]:
        return {
            "description": "A worker does it: ask the job in Location how far it is.",
            "headers": {"Location": {"schema": _TEXT, "description": "The address of the job."}},
            "content": {"application/json": {"schema": self._ref(content(), "response")}},
        }

    def _answered(self, answer: Answer) -> dict[str, Any]:
        if answer.content is None or isinstance(answer.content, dict):
            return answer.content or {}
        return self._shaped(self._ref(answer.content(), "response"), answer.shape)

    def _ref(self, serializer: Serializer[Any], direction: Direction) -> dict[str, Any]:
        component = self.resolve_serializer(serializer, direction)
        return dict(component.ref) if component and component.schema else {"type": "object"}

    def _shaped(self, schema: dict[str, Any], shape: str) -> dict[str, Any]:
        if shape == "page":
            return CursorPage().get_paginated_response_schema({"type": "array", "items": schema})
        if shape == "list":
            return {"type": "array", "items": schema}
        if shape == "one-or-list":
            return {"oneOf": [schema, {"type": "array", "items": schema, "minItems": 1, "maxItems": 1000}]}
        return schema

    def _refusals(self) -> dict[int, list[str]]:
        codes = {"unauthenticated", "scope", "not-found", "role", "invalid", "unavailable"}
        codes.update(getattr(self.view, "refusals", {}).get(self.method, ()))
        if self._body() is not None:
            codes.update(("length-required", "too-large", "unsupported-media-type"))
        if self.method in getattr(self.view, "guarded", ()):
            codes.update(("precondition-required", "stale"))
        if self.method != "GET":
            codes.add("csrf")
        found: dict[int, list[str]] = {}
        for code in sorted(codes):
            found.setdefault(CODES[code].status, []).append(code)
        return found

    def _refusal(self, codes: Collection[str]) -> dict[str, Any]:
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            # a copy: the generator takes the enum out of it, and the next document needs it again
            name="Problem",
            type=ResolvedComponent.SCHEMA,
            object="Problem",
            schema=deepcopy(_PROBLEM),
        )
        self.registry.register_on_missing(component)
        says = " ".join(f"`{code}`: {CODES[code].when}" for code in codes)
        return {"description": says, "content": {MEDIA_TYPE: {"schema": component.ref}}}


def _parameter(name: str, parameter: Parameter | None) -> dict[str, Any]:
    if parameter is None:
        return {"name": name, "in": "query", "schema": dict(_TEXT)}
    return {
        "name": name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The access token."""

    target_class = "annotations.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """HTTP Bearer."""
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session of the browser."""

    target_class = "annotations.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The session cookie; writing also takes ``X-CSRFToken``."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
