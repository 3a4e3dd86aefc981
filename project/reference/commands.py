"""The reference of commands, from their argument parsers, and of the targets of the Makefile."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from project.reference.markdown import code, heading, page, table

PROJECT_APPS = ("annotations", "project")
MAKEFILE = Path(__file__).resolve().parent.parent.parent / "Makefile"
INTRODUCTION = (
    "All of them are called as `.venv/bin/python manage.py NAME`, in a container as `python manage.py NAME`. "
    "Each also takes the options that all commands of Django take (`--help` lists them)."
)
_TARGET = re.compile(r"^([a-z]+):.*?## (.*)$", re.MULTILINE)


def project_commands() -> dict[str, BaseCommand]:
    """Return the management commands of the service, by name."""
    return {
        name: load_command_class(app, name)
        for name, app in sorted(get_commands().items())
        if app in PROJECT_APPS
    }


def commands_page() -> str:
    """Return the page of all commands with their arguments."""
    blocks = [INTRODUCTION]
    for name, command in project_commands().items():
        blocks += [heading(name), command.help]
        rows = list(_arguments(command, name))
        blocks += [table(("Argument", "What it does"), rows)] if rows else []
    blocks += [heading("make"), table(("Target", "What it does"), _targets())]
    return page("Commands", *blocks)


def own_arguments(command: BaseCommand, name: str) -> list[argparse.Action]:
    """Return the arguments of the command, without those that all commands have."""
    common = {action.dest for action in BaseCommand().create_parser("manage.py", name)._actions}
    actions = command.create_parser("manage.py", name)._actions
    return [action for action in actions if action.dest not in common]


def _arguments(command: BaseCommand, name: str) -> Iterator[tuple[str, str]]:
    for action in own_arguments(command, name):
        yield code(_shape(action)), action.help or ""


def _shape(action: argparse.Action) -> str:
    """Return the argument as it is typed: ``--output FILE``."""
    value = action.metavar if isinstance(action.metavar, str) else "|".join(map(str, action.choices or ()))
    if not action.option_strings:
        return f"{value or action.dest}{'…' if action.nargs in ('+', '*') else ''}"
    flag = action.option_strings[-1]
    return flag if action.nargs == 0 else f"{flag} {value or action.dest.upper()}"


def _targets() -> Iterator[tuple[str, str]]:
    for name, sentence in _TARGET.findall(MAKEFILE.read_text(encoding="utf-8")):
        yield code(f"make {name}"), sentence
