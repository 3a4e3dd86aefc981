"""Traces by OpenTelemetry: a span for each request and each of its statements.

Off unless one of OpenTelemetry's own variables asks for them; its library reads all others itself. Spans are
sent by a thread in the background and dropped if they cannot be: no request ever waits for them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from project.env import SettingError

#: Each says where traces go to, and so that they are wanted.
VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_SERVICE = "standpoint"


def is_wanted() -> bool:
    """Return whether the environment asks for traces."""
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    is_none = os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "none"
    return not is_off and not is_none and any(os.environ.get(name) for name in VARIABLES)


if is_wanted():
    try:
        from opentelemetry import propagate, trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and OpenTelemetry is not installed; install "
            "requirements-otel.txt, or leave it empty."
        ) from error


@cache
def _tracer() -> Any:
    """Return the tracer of this process, made at its first request: its thread would not survive a fork."""
    name = os.environ.get("OTEL_SERVICE_NAME", _SERVICE)
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("standpoint")


class TracingMiddleware:
    """Middleware that makes a span of each request, named by its route."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request within a span; its address has no parameters, which can hold secrets."""
        tracer = _tracer()
        attributes = {"http.request.method": str(request.method), "url.path": request.path}
        begun = tracer.start_as_current_span(
            str(request.method),
            context=propagate.extract(request.headers),
            kind=trace.SpanKind.SERVER,
            attributes=attributes,
        )
        with begun as span, connection.execute_wrapper(_trace_statement):
            response = self.get_response(request)
            if request.resolver_match is not None:
                span.update_name(f"{request.method} {request.resolver_match.route}")
                span.set_attribute("http.route", request.resolver_match.route)
            span.set_attribute("http.response.status_code", response.status_code)
            span.set_attribute("standpoint.request_id", str(getattr(request, "request_id", "")))
            if response.status_code >= 500:
                span.set_status(trace.StatusCode.ERROR)
        return response


def _trace_statement(
    execute: Callable[..., Any], sql: str, parameters: object, many: bool, context: dict[str, Any]
) -> Any:
    """Execute a statement within a span, which tells its SQL and none of its values."""
    with _tracer().start_as_current_span(
        str(sql).split(" ", 1)[0],
        kind=trace.SpanKind.CLIENT,
        attributes={"db.system.name": context["connection"].vendor, "db.query.text": str(sql)},
    ):
        return execute(sql, parameters, many, context)
