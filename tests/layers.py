"""Which part of the house may import which, as one table, and the rule that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.architecture import Source, python, within

# Who may import whom. A row: the part, what it may import of ours beside itself, and what of the
# world it must not know. The longest prefix of a module's name decides.
PURE = (
    "annotations.scheme", "annotations.text", "annotations.metrics", "annotations.enums",
    "annotations.context", "annotations.exceptions", "annotations.issuers", "annotations.limits",
    "annotations.messages",
)  # fmt: skip
STORAGE = ("annotations.models", *PURE)
RULES = (
    "annotations.addresses",
    "annotations.workflow",
    "annotations.permissions",
    "annotations.visibility",
    "annotations.formats",
    *STORAGE,
)
SERVICES = ("annotations.services", "annotations.translation", *RULES)
# The folders of two layers, lowest first: each may import itself and those before it.
SERVICE_FOLDERS = (
    "core", "registry", "rights", "search", "outgoing", "webhooks", "review", "correction",
    "double_annotation", "team", "jobs", "exchange", "knowledge", "feeds", "releases", "integrity",
    "backup",
)  # fmt: skip
FORMAT_FOLDERS = ("core", "archive", "readers", "writers")
INTERFACES = ("annotations.api", "annotations.admin", "annotations.management", "annotations.checks")
DJANGO = ("django", "rest_framework", "drf_spectacular", "psycopg")
HTTP = ("rest_framework", "drf_spectacular", "django.http", "django.shortcuts")
INTERFACE_TOOLS = ("django.contrib.admin", "django.forms", "django.views", "django.core.management")

LAYERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "project": (("annotations",), ()),
    "annotations": ((), DJANGO),
    "annotations.apps": (("annotations.checks", "annotations.models"), HTTP),
    "annotations.migrations": (STORAGE, HTTP),
    **dict.fromkeys(INTERFACES, (SERVICES, ())),
    "annotations.translation": (("annotations.messages",), (*HTTP, "django.db", *INTERFACE_TOOLS)),
    # the modules beside the folders, such as what runs jobs, may import every folder
    "annotations.services": (("annotations.translation", *RULES), (*HTTP, *INTERFACE_TOOLS)),
    **{
        f"annotations.services.{folder}": (
            (
                *(f"annotations.services.{lower}" for lower in SERVICE_FOLDERS[:place]),
                *("annotations.translation", *RULES),
            ),
            (*HTTP, *INTERFACE_TOOLS),
        )
        for place, folder in enumerate(SERVICE_FOLDERS)
    },
    "annotations.addresses": ((), (*INTERFACE_TOOLS, "django.db")),
    "annotations.workflow": (("annotations.permissions", *STORAGE), (*HTTP, "django.db", *INTERFACE_TOOLS)),
    "annotations.permissions": (STORAGE, HTTP),
    "annotations.visibility": (("annotations.permissions", *STORAGE), HTTP),
    "annotations.models": (PURE, ("rest_framework", "django.http", "django.contrib.admin")),
    "annotations.formats": (PURE, DJANGO),
    **{
        f"annotations.formats.{folder}": (
            (*(f"annotations.formats.{lower}" for lower in FORMAT_FOLDERS[:place]), *PURE),
            DJANGO,
        )
        for place, folder in enumerate(FORMAT_FOLDERS)
    },
    # it writes every format of the table
    "annotations.formats.release": (("annotations.formats", *PURE), DJANGO),
    **{part: (tuple(other for other in PURE if other != part), DJANGO) for part in PURE},
    "annotations.exceptions": ((), DJANGO),
    "annotations.messages": ((), DJANGO),
}


def layer_of(module: str) -> str | None:
    fitting = [layer for layer in LAYERS if within(module, [layer])]
    # `annotations` itself is the empty package, not everything below it
    fitting = [layer for layer in fitting if layer != "annotations" or module == "annotations"]
    return max(fitting, key=len, default=None)


def layering(files: Sequence[Source]) -> Iterator[str]:
    """Imports go down only, and the core knows no framework."""
    for file in python(files):
        layer = layer_of(file.module)
        if layer is None:
            yield f"{file.path}: no row of tests/layers.py:LAYERS says what it may import"
            continue
        may, must_not = LAYERS[layer]
        for node, name in file.imported():
            ours = name.split(".")[0] in {"annotations", "project"}
            if ours and not within(name, [layer, *may]):
                yield file.at(node, f"{layer} must not import {name}")
            elif not ours and within(name, must_not):
                yield file.at(node, f"{layer} must not know {name}")
