"""The OpenAPI document, made from the tables that the views declare."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction
from rest_framework.serializers import Serializer

from annotations.api.operations import FILE_SCHEMA, OperationTables, RequestBodySpec, ResponseSpec
from annotations.api.pagination import CursorPage
from annotations.api.parameters import Parameter
from annotations.api.preconditions import IF_MATCH, VERSION_TAG
from annotations.api.problems import CODES, MEDIA_TYPE
from annotations.api.serializers.fields import StrictChoiceField

_VERBS = {"GET": "retrieve", "POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}
_TEXT = {"type": "string"}

_FIELD_ERROR = {
    "type": "object",
    "required": ["code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "Where in the body: a JSON pointer."},
        "parameter": {"type": "string", "description": "Which parameter of the address, or header."},
        "code": _TEXT,
        "detail": _TEXT,
    },
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:standpoint:"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A whole sentence: what is wrong, where, what to do."},
        "code": _TEXT,
        "errors": {"type": "array", "items": _FIELD_ERROR},
    },
}


class AutoSchema(SpectacularSchema):
    """Schema of a view, made from its ``OperationTables``."""

    def get_operation_id(self) -> str:
        """Return an id such as "span_update": unique, and stable for generated clients."""
        named = self._tables.operation_ids
        if self.method in named:
            return named[self.method]
        resource = self._tables.resource or super().get_operation_id()
        verb = (
            "list"
            if self._declared_answer().shape in ("page", "own-page")
            else _VERBS.get(self.method, self.method.lower())
        )
        return re.sub("[ -]", "_", f"{resource}_{verb}")

    def get_tags(self) -> list[str]:
        """Return the resource as the only tag."""
        resource = self._tables.resource
        return [resource.replace("_", " ")] if resource else list(super().get_tags())

    def get_request_serializer(self) -> Any:
        """Return None: ``_get_request_body`` makes the schema itself."""
        return None

    def get_response_serializers(self) -> Any:
        """Return None: ``_get_response_bodies`` makes the schemas itself."""
        return None

    @property
    def _tables(self) -> OperationTables:
        # drf-spectacular's own views declare nothing.
        return self.view if isinstance(self.view, OperationTables) else OperationTables()

    def _is_list_view(self, serializer: object = None) -> bool:
        return False

    def _get_parameters(self) -> list[dict[str, Any]]:
        declared: list[dict[str, Any]] = super()._get_parameters()
        allowed = self._tables.parameters.get(self.method, ())
        rows = allowed if isinstance(allowed, Mapping) else dict.fromkeys(allowed)
        declared += [_parameter_schema(self, name, row) for name, row in rows.items()]
        if self.method in self._tables.requires_if_match:
            declared.append(
                {
                    "name": IF_MATCH,
                    "in": "header",
                    "required": True,
                    "description": 'The version that you saw, such as `"3"`.',
                    "schema": {"type": "string", "pattern": f"^{VERSION_TAG}$"},
                }
            )
        return declared

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        body = self._declared_body()
        if body is None:
            return None
        schema: dict[str, Any] = {"type": "string", "format": "binary"}
        if body.content is not None:
            partial = self.method == "PATCH"
            schema = self._wrap_schema(
                self._component_ref(body.content(partial=partial), "request"), body.shape
            )
        content = {media_type: {"schema": schema} for media_type in body.media_types}
        return {"content": content, "required": body.required}

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        answer = self._declared_answer()
        responses = {str(answer.status): self._success_response(answer)}
        if answer.status == HTTPStatus.CREATED:
            responses["200"] = {
                **self._success_response(answer),
                "description": "It was stored already, the same.",
            }
        if answer.partial:
            responses["206"] = self._partial_response(answer)
        if answer.preview_content is not None:
            responses["200"] = self._preview_response(answer, answer.preview_content)
        if answer.accepted_content is not None:
            responses["202"] = self._accepted_response(answer.accepted_content)
        for status, codes in sorted(self._error_codes().items()):
            responses[str(status)] = self._error_response(codes)
        return responses

    def _declared_answer(self) -> ResponseSpec:
        declared = self._tables.responses.get(self.method)
        if declared is None or isinstance(declared, ResponseSpec):
            return declared or ResponseSpec(status=204 if self.method == "DELETE" else 200)
        return ResponseSpec(content=declared)

    def _declared_body(self) -> RequestBodySpec | None:
        declared = self._tables.request_bodies.get(self.method)
        return (
            declared
            if declared is None or isinstance(declared, RequestBodySpec)
            else RequestBodySpec(content=declared)
        )

    def _success_response(self, answer: ResponseSpec) -> dict[str, Any]:
        headers = {name: {"schema": _TEXT, "description": text} for name, text in answer.headers.items()}
        if answer.versioned:
            headers["ETag"] = {"schema": _TEXT, "description": "The version, to be sent as If-Match."}
        if answer.status == HTTPStatus.CREATED:
            headers["Location"] = {"schema": _TEXT, "description": "The address of what is new."}
        response: dict[str, Any] = {"description": HTTPStatus(answer.status).phrase}
        if headers:
            response["headers"] = headers
        if answer.content is not None:
            schema = self._content_schema(answer)
            response["content"] = {
                each: {"schema": _schema_of_type(each, schema)} for each in answer.media_types
            }
        return response

    def _partial_response(self, answer: ResponseSpec) -> dict[str, Any]:
        whole = self._success_response(answer)
        place = {"schema": _TEXT, "description": "The place of the part, and the size of the file."}
        return {
            **whole,
            "description": "The part that Range asks for.",
            "headers": {**whole["headers"], "Content-Range": place},
        }

    def _preview_response(self, answer: ResponseSpec, content: type[Serializer[Any]]) -> dict[str, Any]:
        schemas = [self._component_ref(content(), "response"), self._content_schema(answer)]
        return {
            "description": "A preview; or it was stored already, the same.",
            "content": {each: {"schema": {"oneOf": schemas}} for each in answer.media_types},
        }

    def _accepted_response(self, content: type[Serializer[Any]]) -> dict[str, Any]:
        return {
            "description": "A worker does it: ask the job in Location how far it is.",
            "headers": {"Location": {"schema": _TEXT, "description": "The address of the job."}},
            "content": {"application/json": {"schema": self._component_ref(content(), "response")}},
        }

    def _content_schema(self, answer: ResponseSpec) -> dict[str, Any]:
        if answer.content is None or isinstance(answer.content, dict):
            return dict(self._name_enums(answer.content or {}))
        return self._wrap_schema(self._component_ref(answer.content(), "response"), answer.shape)

    def _name_enums(self, schema: object) -> Any:
        """Return a schema with references in place of the words that have a title: their name."""
        if isinstance(schema, list):
            return [self._name_enums(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if "enum" in schema and "title" in schema:
            words = {key: value for key, value in schema.items() if key != "title"}
            return dict(named_component(self, schema["title"], words).ref)
        return {key: self._name_enums(part) for key, part in schema.items()}

    def _component_ref(self, serializer: Serializer[Any], direction: Direction) -> dict[str, Any]:
        component = self.resolve_serializer(serializer, direction)
        return dict(component.ref) if component and component.schema else {"type": "object"}

    def _wrap_schema(self, schema: dict[str, Any], shape: str) -> dict[str, Any]:
        if shape == "page":
            return CursorPage().get_paginated_response_schema({"type": "array", "items": schema})
        if shape == "list":
            return {"type": "array", "items": schema}
        if shape == "one-or-list":
            return {"oneOf": [schema, {"type": "array", "items": schema, "minItems": 1, "maxItems": 1000}]}
        return schema

    def _error_codes(self) -> dict[int, list[str]]:
        codes = {"unauthenticated", "scope", "not-found", "role", "invalid", "unavailable"}
        codes.update(self._tables.error_codes.get(self.method, ()))
        if self._declared_body() is not None:
            codes.update(("length-required", "too-large", "unsupported-media-type"))
        if self.method in self._tables.requires_if_match:
            codes.update(("precondition-required", "stale"))
        if self.method != "GET":
            codes.add("csrf")
        by_status: dict[int, list[str]] = {}
        for code in sorted(codes):
            by_status.setdefault(CODES[code].status, []).append(code)
        return by_status

    def _error_response(self, codes: Collection[str]) -> dict[str, Any]:
        code = named_component(
            self, "ProblemCode", {"type": "string", "enum": sorted({row.code for row in CODES.values()})}
        )
        properties = {**_PROBLEM["properties"], "code": dict(code.ref)}
        component = named_component(self, "Problem", {**_PROBLEM, "properties": properties})
        description = " ".join(f"`{CODES[code].code}`: {CODES[code].when}" for code in codes)
        return {"description": description, "content": {MEDIA_TYPE: {"schema": component.ref}}}


def named_component(auto_schema: Any, name: str, schema: Mapping[str, Any]) -> ResolvedComponent:
    """Return the component of this name, which is added to the document where it is not in it."""
    component = ResolvedComponent(  # type: ignore[no-untyped-call]
        name=name, type=ResolvedComponent.SCHEMA, object=name, schema=dict(schema)
    )
    auto_schema.registry.register_on_missing(component)
    return component


class ChoiceFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """OpenAPI extension that gives the words of a field one name, wherever they stand."""

    target_class = StrictChoiceField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: object, direction: Direction) -> Any:
        """Return a reference to the words, or the words where they have no name."""
        field: StrictChoiceField = self.target
        schema = {"type": "string", "enum": list(field.choices)}
        if not field.enum_name:
            return schema
        return dict(named_component(auto_schema, field.enum_name, schema).ref)


def _parameter_schema(auto_schema: object, name: str, parameter: Parameter | None) -> dict[str, Any]:
    if parameter is None:
        return {"name": name, "in": "query", "schema": dict(_TEXT)}
    schema = dict(parameter.schema)
    if parameter.enum_name:
        schema = dict(named_component(auto_schema, parameter.enum_name, schema).ref)
    return {
        "name": name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": schema,
    }


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Security scheme of access tokens."""

    target_class = "annotations.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        """Return HTTP Bearer."""
        return {"type": "http", "scheme": "bearer"}


class FeedScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Security scheme of the private addresses of feeds."""

    target_class = "annotations.api.authentication.FeedAuthentication"
    name = "feed"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        """Return the parameter with the secret of a feed."""
        return {"type": "apiKey", "in": "query", "name": "token"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Security scheme of the browser session."""

    target_class = "annotations.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        """Return the session cookie; writing also needs ``X-CSRFToken``."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


def _schema_of_type(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body of this type; a file of JSON is JSON, and no string of bytes."""
    if media_type.startswith("text/"):
        return _TEXT
    is_json = media_type.endswith(("/json", "+json"))
    return {} if is_json and schema == FILE_SCHEMA else schema
