"""Sentences that can be said in another language later: English text that knows what it was made of.

Below the interfaces nobody knows who will read a refusal, and in which language; logs, events and
stored reports are English in any case. So ``says`` makes the English sentence, a ``str`` like every
other, which keeps its template and its values, and an interface tells it in the words of the reader
(``annotations.told``). What joins or cuts such a ``str`` gets a plain one, which stays English.

The message catalogue is collected from the calls: the template is written in the call itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

Translate = Callable[["Sentence"], str]
"""The template of a sentence in another language."""
Grouped = Callable[[int], str]
"""A number as people of a language write it: 1.000."""


class Sentence(str):  # noqa: SLOT000 - it keeps what it was made of
    """English words, and what they were made of.

    ``values`` stand in the places of ``template``; a value that is a sentence itself is told in the
    language of the whole. ``context`` and ``plural`` are those of gettext, ``number`` decides between
    ``template`` and ``plural``.
    """

    template: str
    values: Mapping[str, object]
    context: str = ""
    plural: str = ""
    number: int = 1

    def told(self, translate: Translate, grouped: Grouped) -> str:
        """The same in other words. No value is read as a template, whatever braces it holds."""
        told = {name: _told(value, translate, grouped) for name, value in self.values.items()}
        return _filled(translate(self), told)


class _Number(int):
    """A whole number that ``{count:,}`` groups in the way of a language."""

    grouped: Grouped

    def __format__(self, spec: str) -> str:
        return self.grouped(int(self)) if spec == "," else format(int(self), spec)


def says(template: str, /, **values: object) -> Sentence:
    """A sentence: ``says("There is no {name} here.", name=…)``, with the places of ``str.format``.

    Without values it is the template as it stands, braces included.
    """
    return _sentence(template, _filled(template, values), values)


def says_many(one: str, many: str, number: int, /, **values: object) -> Sentence:
    """A sentence in the singular or the plural; both know ``{number}``."""
    values["number"] = number
    made = _sentence(one, _filled(one if number == 1 else many, values), values)
    made.plural, made.number = many, number
    return made


def word(context: str, text: str) -> Sentence:
    """A word of a table in a sentence, as it is stored.

    The catalogue has it in the context of that table, in the words of people: ``in review``.
    """
    made = _sentence(text.replace("_", " "), text, {})
    made.context = context
    return made


def listed(parts: Iterable[str]) -> Sentence:
    """The parts with commas between them: ``a, b, c``."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    # no words of its own: no catalogue has it, so it is the same in every language
    return _sentence(", ".join(f"{{{name}}}" for name in values), ", ".join(values.values()), dict(values))


def one_of(values: Iterable[str]) -> str:
    """The values to choose from: ``a, b or c``; nothing where there is none."""
    *first, last = [*values] or [""]
    return says("{first} or {last}", first=listed(first), last=last) if first else last


def said(what: str | BaseException) -> str:
    """The sentence of an error, still with what it was made of: ``str(error)`` would lose that."""
    if isinstance(what, str):
        return what
    first = what.args[0] if what.args else ""
    return first if isinstance(first, str) else str(what)


def _sentence(template: str, text: str, values: Mapping[str, object]) -> Sentence:
    made = Sentence(text)
    made.template, made.values = template, values
    return made


def _filled(template: str, values: Mapping[str, object]) -> str:
    return template.format(**values) if values else template


def _told(value: object, translate: Translate, grouped: Grouped) -> object:
    if isinstance(value, Sentence):
        return value.told(translate, grouped)
    if type(value) is int:
        number = _Number(value)
        number.grouped = grouped
        return number
    return value
