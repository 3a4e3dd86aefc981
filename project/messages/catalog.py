"""Message catalogues of gettext, by Babel: read as text (.po), written, and compiled (.mo).

Babel is needed for development only; the compiled catalogues are part of the tree.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from project.messages.extract import ExtractedMessage


class StableCatalog(Catalog):
    """A catalogue whose header holds no dates and no version: the same messages are the same bytes."""

    def __iter__(self) -> Iterator[Message]:
        _, *messages = super().__iter__()
        lines = (
            f"Language: {self.locale_identifier}",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=UTF-8",
            "Content-Transfer-Encoding: 8bit",
            f"Plural-Forms: {self.plural_forms}",
        )
        yield Message("", "".join(f"{line}\n" for line in lines))
        yield from messages


def read_catalog(path: Path, language: str) -> Catalog:
    """Return the catalogue of a .po file; an empty one where there is no file."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def create_catalog(language: str, found: Iterable[tuple[str, ExtractedMessage]], old: Catalog) -> Catalog:
    """Return a catalogue of the messages that were found, with their places and the old translations.

    A message that is not found any more is dropped; a new one, and one that has a plural now, comes without
    a translation.
    """
    new = StableCatalog(locale=language, header_comment="")
    for place, (context, text, plural) in found:
        new.add((text, plural) if plural else text, context=context or None, locations=[(place, 0)])
    for message in new:
        known = old.get(message.id, message.context) if message.id else None
        if known is not None and known.pluralizable == message.pluralizable:
            message.string = known.string
            message.flags |= known.flags & {"fuzzy"}
    return new


def format_catalog(catalog: Catalog) -> bytes:
    """Return the .po file, sorted by message."""
    file = io.BytesIO()
    write_po(file, catalog, width=0, sort_output=True, include_lineno=False)
    return file.getvalue().lstrip()


def compile_catalog(catalog: Catalog) -> bytes:
    """Return the .mo file with all messages that are translated."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def untranslated_messages(catalog: Catalog) -> Iterator[str]:
    """Yield the English text of each message that has no translation, or an uncertain (fuzzy) one."""
    for message in catalog:
        texts, translations = as_texts(message.id), as_texts(message.string)
        if texts[0] and (message.fuzzy or not all(translations)):
            yield texts[0]


def as_texts(value: object) -> tuple[str, ...]:
    """Return the English text or the translation of a message, one for each plural form."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else ("",)
