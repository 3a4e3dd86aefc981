"""Health checks for load balancers and containers: whether the process lives, and whether it can work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from annotations.api.problems import problem_response
from annotations.messages import message

logger = logging.getLogger(__name__)

HealthView = Callable[[HttpRequest], HttpResponseBase]
_METHODS = "GET, HEAD"


def _read_only(view: HealthView) -> HealthView:
    # Exempt from CSRF, or a POST would be answered 403 and not 405.
    @csrf_exempt
    @wraps(view)
    def read_only_view(request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            detail = message(
                "This address takes {methods}; the request used another method.", methods=_METHODS
            )
            return problem_response("method-not-allowed", detail, headers={"Allow": _METHODS})
        return view(request)

    return read_only_view


@_read_only
def healthz(_request: HttpRequest) -> HttpResponseBase:
    """Answer 200 as long as the process lives. A slow database must not get the process killed."""
    return _ok()


@_read_only
def readyz(_request: HttpRequest) -> HttpResponseBase:
    """Answer 200 if the database answers and has every migration, else 503 to keep traffic away."""
    try:
        missing = _missing_migrations()
    except DatabaseError:
        logger.exception("The database does not answer.")
        return _not_ready(message("The database does not answer."))
    if missing:
        return _not_ready(
            message("{missing} migrations are missing; run manage.py migrate.", missing=missing)
        )
    return _ok()


def _missing_migrations() -> int:
    connection.ensure_connection()
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _ok() -> JsonResponse:
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def _not_ready(detail: str) -> HttpResponseBase:
    return problem_response("unavailable", detail)
