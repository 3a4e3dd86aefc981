"""The messages to translate: in calls of gettext and ``message``, in templates, scripts and tables."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.utils.translation.template import templatize

from annotations.admin import labels as admin_words
from annotations.api import problems
from annotations.models import vocabulary
from annotations.workflow import TRANSITIONS
from project.messages import django_sentences

ROOT = Path(__file__).resolve().parent.parent.parent
APP = ROOT / "annotations"

#: Functions that take messages: whether the first argument is a context, and whether there is a plural.
CALLS = {
    "gettext": (False, False),
    "gettext_lazy": (False, False),
    "ngettext": (False, True),
    "ngettext_lazy": (False, True),
    "pgettext": (True, False),
    "pgettext_lazy": (True, False),
    "npgettext": (True, True),
    # sentences that are translated where they are shown (annotations.messages)
    "message": (False, False),
    "plural_message": (False, True),
    "term": (True, False),
}
_STRING = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_IN_TEXT = re.compile(rf"\b(n?p?gettext)\(\s*{_STRING}(?:\s*,\s*{_STRING})?(?:\s*,\s*{_STRING})?")


class ExtractedMessage(NamedTuple):
    """An English message: its context (empty for none), and its plural where it comes with a number."""

    context: str
    text: str
    plural: str = ""


ExtractedMessages = Iterator[tuple[str, ExtractedMessage]]
"""Places, as paths from the root of the tree, with the messages that are found there."""


def server_messages() -> ExtractedMessages:
    """Yield the messages of Python code, of templates and of tables: the domain ``django``."""
    for path in _files("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        yield from ((_place(path), message) for message in messages_in_python(tree))
    for path in _files("*.html"):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        yield from ((_place(path), message) for message in messages_in_text(code, ast.literal_eval))
    yield from (("annotations/models", message) for message in messages_in_tables())
    for row in problems.CODES.values():
        yield "annotations/api/problems.py", ExtractedMessage("", row.title)
    for name in TRANSITIONS:
        yield "annotations/workflow/transitions.py", ExtractedMessage("transition", vocabulary.to_words(name))
    yield from (
        ("annotations/scheme", ExtractedMessage(*pair)) for pair in admin_words.iter_catalogue_messages()
    )
    for sentence in django_sentences.SENTENCES:
        yield "project/messages/django_sentences.py", ExtractedMessage("", sentence)


def script_messages() -> ExtractedMessages:
    """Yield the messages of the workbench's modules: the domain ``djangojs``."""
    for path in _files("*.js"):
        text = path.read_text(encoding="utf-8")
        yield from ((_place(path), message) for message in messages_in_text(text, json.loads))


def _files(pattern: str) -> list[Path]:
    return sorted(path for path in APP.rglob(pattern) if "migrations" not in path.parts)


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def messages_in_python(tree: ast.AST) -> Iterator[ExtractedMessage]:
    """Yield the messages of all calls with literal messages; the other calls take words of a table."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        kind = CALLS.get(node.func.id)
        literals = [
            arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if kind is not None and len(literals) >= 1 + sum(kind):
            yield _message(kind, literals)


def messages_in_text(text: str, unquote: Callable[[str], Any]) -> Iterator[ExtractedMessage]:
    """Yield the messages of a script, or of what ``templatize`` makes of a template."""
    for name, *strings in _IN_TEXT.findall(text):
        yield _message(CALLS[name], [str(unquote(string)) for string in strings if string])


def _message(kind: tuple[bool, bool], literals: list[str]) -> ExtractedMessage:
    has_context, has_plural = kind
    context, rest = (literals[0], literals[1:]) if has_context else ("", literals)
    return ExtractedMessage(context, rest[0], rest[1] if has_plural else "")


def messages_in_tables() -> Iterator[ExtractedMessage]:
    """Yield the names of models and fields, and the values of enumerations."""
    for context, values in vocabulary.VOCABULARIES.items():
        yield from (ExtractedMessage(context, vocabulary.to_words(value)) for value in values)
    for model in apps.get_app_config("annotations").get_models():
        meta = model._meta
        yield ExtractedMessage("model", str(meta.verbose_name))
        yield ExtractedMessage("model", str(meta.verbose_name_plural))
        yield from (ExtractedMessage("field", str(field.verbose_name)) for field in meta.local_fields)
