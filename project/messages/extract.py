"""Which words there are to translate: in calls of gettext and says, in templates, scripts and tables."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils.translation.template import templatize

from annotations.admin import words as admin_words
from annotations.api import problems
from annotations.models import words
from annotations.workflow import TRANSITIONS
from project.messages import of_django
from project.messages.catalog import Message

ROOT = Path(__file__).resolve().parent.parent.parent
APP = ROOT / "annotations"

#: A call of gettext: whether it has a context, and whether a plural.
CALLS = {
    "gettext": (False, False),
    "gettext_lazy": (False, False),
    "ngettext": (False, True),
    "ngettext_lazy": (False, True),
    "pgettext": (True, False),
    "pgettext_lazy": (True, False),
    "npgettext": (True, True),
    # sentences that an interface translates (annotations.says)
    "says": (False, False),
    "says_many": (False, True),
    "word": (True, False),
}
_STRING = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_IN_TEXT = re.compile(rf"\b(n?p?gettext)\(\s*{_STRING}(?:\s*,\s*{_STRING})?(?:\s*,\s*{_STRING})?")

Found = Iterator[tuple[str, Message]]
"""Places, as paths from the root of the tree, with the words that stand there."""


def pages() -> Found:
    """What stands in Python, in templates and in the tables: the domain ``django``."""
    for path in _files("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        yield from ((_name(path), message) for message in in_python(tree))
    for path in _files("*.html"):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        yield from ((_name(path), message) for message in in_text(code, ast.literal_eval))
    yield from (("annotations/models", message) for message in in_tables())
    yield from (("annotations/api/problems.py", Message("", row.title)) for row in problems.CODES.values())
    yield from (
        ("annotations/workflow/transitions.py", Message("transition", words.spelled(name)))
        for name in TRANSITIONS
    )
    yield from (("annotations/scheme", Message(*pair)) for pair in admin_words.of_the_scheme())
    yield from (("project/messages/of_django.py", Message("", said)) for said in of_django.SENTENCES)


def scripts() -> Found:
    """What stands in the modules of the workbench: the domain ``djangojs``."""
    for path in _files("*.js"):
        text = path.read_text(encoding="utf-8")
        yield from ((_name(path), message) for message in in_text(text, json.loads))


def _files(pattern: str) -> list[Path]:
    return sorted(path for path in APP.rglob(pattern) if "migrations" not in path.parts)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def in_python(tree: ast.AST) -> Iterator[Message]:
    """The words of every call whose words stand in it; others are words of a table."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        kind = CALLS.get(node.func.id)
        given = [
            arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if kind is not None and len(given) >= 1 + sum(kind):
            yield _message(kind, given)


def in_text(text: str, unquoted: Callable[[str], Any]) -> Iterator[Message]:
    """The same in a script, or in what Django makes of a template; ``unquoted`` reads a string."""
    for name, *given in _IN_TEXT.findall(text):
        kind = CALLS[name]
        read = [str(unquoted(one)) for one in given if one]
        yield _message(kind, read)


def _message(kind: tuple[bool, bool], given: list[str]) -> Message:
    has_context, has_plural = kind
    context, rest = (given[0], given[1:]) if has_context else ("", given)
    return Message(context, rest[0], rest[1] if has_plural else "")


def in_tables() -> Iterator[Message]:
    """The names of tables and fields, and the values of enumerations."""
    for context, values in words.VOCABULARIES.items():
        yield from (Message(context, words.spelled(value)) for value in values)
    for model in apps.get_app_config("annotations").get_models():
        meta = model._meta
        yield Message("model", str(meta.verbose_name))
        yield Message("model", str(meta.verbose_name_plural))
        yield from (Message("field", str(field.verbose_name)) for field in meta.local_fields)
