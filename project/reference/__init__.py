"""The pages of docs/reference, each written from the table that the service itself uses.

The package belongs to the project, because it reads all apps: settings, API, formats, rules, commands.
``manage.py write_reference`` writes them; with ``--check`` it compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from annotations.formats import FORMATS
from project.reference import agreement, commands, endpoints, interfaces, rules

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "reference"

#: The files, in the order of the list in docs/README.md, with the functions that write them.
PAGES: Mapping[str, Callable[[], str]] = {
    "endpoints.md": endpoints.endpoints_page,
    "codes.md": interfaces.codes_page,
    "formats.md": interfaces.formats_page,
    "settings.md": interfaces.settings_page,
    "commands.md": commands.commands_page,
    "scheme.md": rules.scheme_page,
    "workflow.md": rules.workflow_page,
    "permissions.md": rules.permissions_page,
    "checks.md": rules.checks_page,
    "agreement.md": agreement.agreement_page,
    **{f"formats/{name}.md": partial(interfaces.format_page, name) for name in FORMATS},
}


def outdated_pages(folder: Path = FOLDER) -> list[str]:
    """Return the names of the pages that are missing, or that differ from the tables."""
    return [name for name, make in PAGES.items() if _stored(folder / name) != make()]


def write_pages(folder: Path = FOLDER) -> list[str]:
    """Write the pages that are out of date, and return their names."""
    changed = outdated_pages(folder)
    for name in changed:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(PAGES[name](), encoding="utf-8")
    return changed


def _stored(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
