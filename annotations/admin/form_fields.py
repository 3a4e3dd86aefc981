"""Form fields beyond Django's own, with the same checks as every other entrance."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from annotations import limits
from annotations.exceptions import TextNotAllowedError
from annotations.formats.core.value_checks import InvalidValueError, check_metadata
from annotations.models import AliasKind
from annotations.text import gate, parsing, strictjson
from annotations.translation import translate_message

TextCheck = Callable[[str], None]


def line_check(name: str, max_length: int, *, required: bool = False) -> TextCheck:
    """Return a check for one line without control and bidi control characters."""
    return lambda value: gate.check_line(value, name, max_length, required=required)


def title_check(name: str, max_length: int) -> TextCheck:
    """Return a check for a line as it was published."""
    return lambda value: gate.check_title(value, name, max_length)


def prose_check(name: str, max_length: int = limits.MAX_PROSE) -> TextCheck:
    """Return a check for lines and paragraphs."""
    return lambda value: gate.check_prose(value, name, max_length)


def check_language_tag(value: str) -> None:
    """Raise ``ValueError`` unless the value is empty or has the form of a BCP 47 tag."""
    if value:
        parsing.parse_language_tag(value)


def check_http_url(value: str) -> None:
    """Raise ``ValueError`` unless the value is empty or an absolute http or https URL that may be a link."""
    if value:
        parsing.parse_http_url(value)


def check_wikidata_item(value: str) -> None:
    """Raise ``ValueError`` unless the value is empty or the id of a Wikidata item."""
    if value:
        limits.check_qid(value)


class MetadataField(forms.CharField):
    """Field for a flat JSON object, as text.

    Django's own field would read the last of two equal keys, infinity, and nested JSON until the
    stack is exhausted.
    """

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "strip": False, **kwargs})

    def prepare_value(self, value: object) -> Any:
        """Return the text in the form: what was typed, or the stored object, indented."""
        return value if isinstance(value, str) else json.dumps(value or {}, ensure_ascii=False, indent=2)

    def to_python(self, value: object) -> Any:
        """Return the object that was typed; an empty text is an empty object."""
        if not isinstance(value, str) or not value.strip():
            return value if isinstance(value, dict) else {}
        try:
            document = strictjson.loads(value)
        except ValueError as error:
            raise ValidationError(translate_message(error)) from error
        try:
            check_metadata(document)
        except InvalidValueError as error:
            raise ValidationError(f"{translate_message(error.detail)} {error.pointer}".strip()) from error
        return document

    def has_changed(self, initial: object, data: object) -> bool:
        """Return whether another object was typed, whatever its layout."""
        try:
            return bool(self.to_python(data) != (initial or {}))
        except ValidationError:
            return True


class AliasesField(forms.CharField):
    """Field for the aliases of an actor, one a line: the text, and after bars its language and its kind."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 5, "cols": 60, "class": "short", "dir": "auto"})
        super().__init__(**{"required": False, "strip": False, "widget": widget, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Return the text in the form: what was typed, or a line for each alias."""
        return value if isinstance(value, str) else "\n".join(map(_format_alias, value or ()))

    def to_python(self, value: object) -> Any:
        """Return the aliases as the registry takes them."""
        if not isinstance(value, str):
            return value or []
        lines = [(number, text) for number, text in enumerate(value.splitlines(), 1) if text.strip()]
        return [_parse_alias(number, text) for number, text in lines]

    def has_changed(self, initial: object, data: object) -> bool:
        """Return whether other aliases were typed than the stored ones."""
        try:
            return bool(self.to_python(data) != self.to_python(self.prepare_value(initial)))
        except ValidationError:
            return True


def _format_alias(alias: dict[str, str]) -> str:
    """Return an alias as it is typed, without trailing parts that are the default."""
    parts = [alias["text"].replace("\\", "\\\\").replace("|", "\\|"), alias["language"]]
    if alias["kind"] != AliasKind.NAME:
        parts.append(alias["kind"])
    elif not alias["language"]:
        parts.pop()
    return " | ".join(parts)


def _split_alias(line: str) -> list[str]:
    """Split a line at its bars; a backslash makes the next character a plain one."""
    parts: list[list[str]] = [[]]
    escaped = False
    for char in line:
        if char == "|" and not escaped:
            parts.append([])
        elif char != "\\" or escaped:
            parts[-1].append(char)
        escaped = char == "\\" and not escaped
    return ["".join(part).strip() for part in parts]


def _parse_alias(number: int, line: str) -> dict[str, str]:
    """Return the alias of one line; raise ``ValidationError`` if the line is wrong."""
    parts = _split_alias(line)
    text, language, kind = [*parts, "", ""][:3]
    problem = (
        gettext("Nothing comes after the kind of an alias.")
        if len(parts) > 3
        else _alias_problem(text, language, kind)
    )
    if problem:
        raise ValidationError(gettext("Line %(number)s: %(fault)s") % {"number": number, "fault": problem})
    return {"text": text, "language": language, "kind": kind or str(AliasKind.NAME)}


def _alias_problem(text: str, language: str, kind: str) -> str:
    try:
        gate.check_line(text, "alias", limits.MAX_ALIAS, required=True)
        check_language_tag(language)
    except TextNotAllowedError as error:
        return translate_message(error.detail)
    except ValueError as error:
        return translate_message(error)
    return (
        ""
        if not kind or kind in list(AliasKind)
        else gettext("The kind of an alias is one of %(kinds)s.") % {"kinds": ", ".join(AliasKind)}
    )


class EntrySelect(AutocompleteSelect):
    """Widget that searches for a row by its name, and shows no choice for a value that is no id."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """Return the chosen row; Django asks the database for whatever was sent, which then fails."""
        return super().optgroups(name, [each for each in value if _is_id(str(each))], attrs)


def _is_id(sent: str) -> bool:
    try:
        parsing.parse_uuid(sent)
    except ValueError:
        return False
    return True
