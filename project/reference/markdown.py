"""The little Markdown that reference pages need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by `manage.py write_reference` from the tables of the service. Do not edit. -->"


def page(title: str, *blocks: str) -> str:
    """A page: title, the note that nobody edits it, and its blocks."""
    return "\n\n".join([f"# {title}", NOTE, *blocks]) + "\n"


def heading(text: str) -> str:
    """A heading below the title."""
    return f"## {text}"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; cells are Markdown of their own."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)


def cell(value: object) -> str:
    """A value inside a table, where a bar or a line break would end it."""
    return " ".join(str(value).split()).replace("|", "\\|")


def code(value: object) -> str:
    """As one types it; nothing for nothing."""
    return f"`{value}`" if value not in (None, "") else ""


def codes(values: Iterable[object], between: str = ", ") -> str:
    """Several of them."""
    return between.join(code(value) for value in values)


def sentence(docstring: str | None) -> str:
    """The first paragraph of a docstring as one line."""
    return " ".join((docstring or "").split("\n\n")[0].split()).replace("``", "`")


def fenced(content: str, language: str = "text") -> str:
    """A file or a command as a block of its own."""
    return f"````{language}\n{content}\n````"
