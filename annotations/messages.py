"""Messages for users: English strings that keep their template and values for a later translation.

A service does not know the language of the user who will read its error; logs, events and stored
reports are in English in any case. ``message`` therefore returns the English sentence as a ``str``
that remembers its template and values, and an interface translates it for its user
(``annotations.translation``). Joining or slicing such a ``str`` gives a plain one, which stays English.

The message catalogue is collected from the calls, so the template must be a literal in the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

TranslateTemplate = Callable[["TranslatableMessage"], str]
"""Returns the template of a message in another language."""
FormatInteger = Callable[[int], str]
"""Formats an integer with the digit groups of a language: 1.000 in German."""


class TranslatableMessage(str):  # noqa: SLOT000 - it keeps its template and values
    """An English message with the template and the values that it was made from.

    ``values`` fill the placeholders of ``template``; a value that is a message is translated with the
    whole. ``context`` and ``plural`` are those of gettext; ``number`` chooses between ``template`` and
    ``plural``.
    """

    template: str
    values: Mapping[str, object]
    context: str = ""
    plural: str = ""
    number: int = 1

    def translate_with(self, translate: TranslateTemplate, format_integer: FormatInteger) -> str:
        """Return the message in another language. Braces inside a value are never read as placeholders."""
        values = {name: _translate(value, translate, format_integer) for name, value in self.values.items()}
        return _fill(translate(self), values)


class _LocalizedInteger(int):
    """An integer that ``{count:,}`` formats with the digit groups of a language."""

    format_integer: FormatInteger

    def __format__(self, spec: str) -> str:
        return self.format_integer(int(self)) if spec == "," else format(int(self), spec)


def message(template: str, /, **values: object) -> TranslatableMessage:
    """Return a message: ``message("There is no {name} here.", name=…)``, in the syntax of ``str.format``.

    Without values, the template is the text, braces included.
    """
    return _create(template, _fill(template, values), values)


def plural_message(singular: str, plural: str, number: int, /, **values: object) -> TranslatableMessage:
    """Return a message in the singular or the plural; both may use ``{number}``."""
    values["number"] = number
    result = _create(singular, _fill(singular if number == 1 else plural, values), values)
    result.plural, result.number = plural, number
    return result


def term(context: str, text: str) -> TranslatableMessage:
    """Return a stored value, such as ``in_review``, as a message.

    Its entry in the catalogue is spelled out (``in review``) and has the context of its table.
    """
    result = _create(text.replace("_", " "), text, {})
    result.context = context
    return result


def join_list(parts: Iterable[str]) -> TranslatableMessage:
    """Return the parts with commas between them: ``a, b, c``."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    # The template has only placeholders and no entry in any catalogue: it is the same in every language.
    return _create(", ".join(f"{{{name}}}" for name in values), ", ".join(values.values()), dict(values))


def join_choices(values: Iterable[str]) -> str:
    """Return the values as alternatives: ``a, b or c``; an empty string if there are none."""
    *first, last = [*values] or [""]
    return message("{first} or {last}", first=join_list(first), last=last) if first else last


def message_of(error: str | BaseException) -> str:
    """Return the message of an error with its template and values, which ``str(error)`` would lose."""
    if isinstance(error, str):
        return error
    first = error.args[0] if error.args else ""
    return first if isinstance(first, str) else str(error)


def _create(template: str, text: str, values: Mapping[str, object]) -> TranslatableMessage:
    result = TranslatableMessage(text)
    result.template, result.values = template, values
    return result


def _fill(template: str, values: Mapping[str, object]) -> str:
    return template.format(**values) if values else template


def _translate(value: object, translate: TranslateTemplate, format_integer: FormatInteger) -> object:
    if isinstance(value, TranslatableMessage):
        return value.translate_with(translate, format_integer)
    if type(value) is int:
        number = _LocalizedInteger(value)
        number.format_integer = format_integer
        return number
    return value
