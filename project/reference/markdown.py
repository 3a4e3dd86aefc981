"""Builders for the parts of a Markdown page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by `manage.py write_reference` from the tables of the service. Do not edit. -->"


def page(title: str, *blocks: str) -> str:
    """Return a page: its title, the note that it is generated, and its blocks."""
    return "\n\n".join([f"# {title}", NOTE, *blocks]) + "\n"


def heading(text: str) -> str:
    """Return a heading of level 2."""
    return f"## {text}"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; cells may hold Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(escape_cell, line))} |" for line in lines)


def escape_cell(value: object) -> str:
    """Return the value as a cell of a table, where a bar or a line break would end it."""
    return " ".join(str(value).split()).replace("|", "\\|")


def code(value: object) -> str:
    """Return the value as code; an empty string for None and for an empty value."""
    return f"`{value}`" if value not in (None, "") else ""


def code_list(values: Iterable[object], between: str = ", ") -> str:
    """Return the values as code, with ``between`` between them."""
    return between.join(code(value) for value in values)


def summary_line(docstring: str | None) -> str:
    """Return the first paragraph of a docstring as one line."""
    return " ".join((docstring or "").split("\n\n")[0].split()).replace("``", "`")


def code_block(content: str, language: str = "text") -> str:
    """Return a file or a command as a code block."""
    return f"````{language}\n{content}\n````"
