"""Traces: off unless OpenTelemetry's own variables ask for them, and without secrets."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from project import tracing


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
    ids=str,
)
def test_they_are_off_unless_asked_for(
    variables: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*tracing.VARIABLES, "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert tracing.is_wanted() is wanted


@pytest.mark.django_db
def test_a_request_is_a_span_without_its_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    from opentelemetry import propagate, trace  # noqa: PLC0415 - an extra

    from annotations.models import Corpus  # noqa: PLC0415 - beside it

    exporter, provider = memory.InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "trace", trace, raising=False)
    monkeypatch.setattr(tracing, "propagate", propagate, raising=False)
    monkeypatch.setattr(tracing, "_tracer", lambda: provider.get_tracer("x"))

    def view(_request: object) -> HttpResponse:
        Corpus.objects.filter(slug="secret-slug").exists()
        return HttpResponse(status=503)

    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    request = RequestFactory().get("/api/v1/x/?token=secret", headers={"traceparent": parent})
    tracing.TracingMiddleware(view)(request)
    statement, span = exporter.get_finished_spans()
    assert span.attributes["url.path"] == "/api/v1/x/"
    assert span.attributes["http.response.status_code"] == 503
    assert format(span.context.trace_id, "032x") == parent.split("-")[1]
    assert "SELECT" in statement.attributes["db.query.text"]
    told = " ".join(f"{each.name} {dict(each.attributes)}" for each in (statement, span))
    assert "secret" not in told
