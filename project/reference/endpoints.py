"""The reference of endpoints, from the URL patterns of the service."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from annotations.api.permissions import SessionOnly
from annotations.enums import Scope
from project.reference.markdown import code, code_list, page, summary_line, table

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_NOT_OURS = re.compile(r"^admin/|^$|<path:")
#: Descriptions for views of packages, whose docstrings describe the class.
_OF_PACKAGES: Mapping[str, str] = {
    "/api/v1/schema/": "The OpenAPI 3.1 document of this API.",
    "/api/v1/docs/": "The same as pages to read and to try out (Swagger UI, without any other host).",
}


class Endpoint(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    description: str
    access: str
    parameters: tuple[str, ...]


def list_endpoints() -> list[Endpoint]:
    """Return every endpoint, in the order of the URL patterns."""
    return [
        endpoint
        for route, callback in _routes(get_resolver("project.urls").url_patterns)
        for endpoint in _methods(_path(route), callback)
    ]


def endpoints_page() -> str:
    """Return the page of all endpoints with their scopes and parameters."""
    return page(
        "Endpoints",
        "Shapes of requests and answers are in the OpenAPI document, which the running service gives at "
        "`/api/v1/schema/` and shows at `/api/v1/docs/`. “Access” names the scopes of which an access token "
        "needs one; a browser session needs none. A parameter that is not listed is refused. Refusals are in "
        "[codes.md](codes.md), and who may do what is in [permissions.md](permissions.md).",
        table(
            ("Method", "Path", "What it does", "Access", "Parameters"),
            (
                (row.method, code(row.path), row.description, row.access, code_list(row.parameters))
                for row in list_endpoints()
            ),
        ),
    )


def _routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if _NOT_OURS.search(route):
            continue
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def _path(route: str) -> str:
    """Return the path as in the OpenAPI document: ``/api/v1/sets/{id}/``."""
    names = {"pk": "id"}
    return "/" + _VARIABLE.sub(lambda found: f"{{{names.get(found[1], found[1])}}}", route)


def _methods(path: str, callback: Callable[..., Any]) -> Iterator[Endpoint]:
    view: type[APIView] | None = getattr(callback, "view_class", None)
    if view is None:
        yield Endpoint("GET", path, summary_line(callback.__doc__), "everybody", ())
        return
    for name in view.http_method_names:
        if name in ("head", "options") or not hasattr(view, name):
            continue
        parameters = getattr(view, "parameters", {}).get(name.upper(), ())
        # the order of a set differs from process to process
        names = tuple(sorted(parameters) if isinstance(parameters, AbstractSet) else parameters)
        yield Endpoint(name.upper(), path, _description(path, view, name), _access(view, name), names)


def _description(path: str, view: type[APIView], name: str) -> str:
    """Return the description of a method: its docstring, or that of the view if the method is inherited."""
    documented = getattr(view, name) if name in vars(view) else view
    return _OF_PACKAGES.get(path) or summary_line(documented.__doc__)


def _access(view: type[APIView], name: str) -> str:
    if AllowAny in view.permission_classes:
        return "everybody"
    if SessionOnly in view.permission_classes:
        return "sessions only"
    needed = getattr(view, "scopes", {}).get(name.upper(), ())
    return code_list(scope for scope in Scope if scope in needed)
