"""The pages of docs/reference, each written from the table that the service itself uses.

The package belongs to the project, because it reads all apps: settings, API, formats, rules, commands.
``manage.py write_reference`` writes them; with ``--check`` it compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from annotations.formats import FORMATS
from project.reference import commands, endpoints, interfaces, measures, rules

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "reference"

#: The files, in the order of the list in docs/README.md, with the functions that write them.
PAGES: Mapping[str, Callable[[], str]] = {
    "endpoints.md": endpoints.page_of_endpoints,
    "codes.md": interfaces.codes,
    "formats.md": interfaces.formats,
    "settings.md": interfaces.settings,
    "commands.md": commands.page_of_commands,
    "scheme.md": rules.scheme,
    "workflow.md": rules.workflow,
    "permissions.md": rules.permissions,
    "checks.md": rules.checks,
    "agreement.md": measures.agreement,
    **{f"formats/{name}.md": partial(interfaces.page_of, name) for name in FORMATS},
}


def outdated(folder: Path = FOLDER) -> list[str]:
    """Return the names of the pages that are missing, or that differ from the tables."""
    return [name for name, make in PAGES.items() if _stored(folder / name) != make()]


def write(folder: Path = FOLDER) -> list[str]:
    """Write the pages that are out of date, and return their names."""
    changed = outdated(folder)
    for name in changed:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(PAGES[name](), encoding="utf-8")
    return changed


def _stored(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
