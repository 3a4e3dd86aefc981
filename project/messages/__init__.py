"""The words of the pages in other languages: catalogues that are kept in step with the code.

Each language has two: ``django`` for what the server writes, ``djangojs`` for the workbench. A
catalogue is a .po file, in which people translate, and the .mo file that is made from it. Both are
part of the tree, so that nothing has to be compiled where the service runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from django.utils import translation

from project.messages import catalog, extract
from project.messages.catalog import Entry, Key, Message

LOCALE = extract.APP / "locale"
#: How each language forms its plurals; a language is added by a row here and one in the settings.
PLURALS: Mapping[str, str] = {"de": "nplurals=2; plural=(n != 1);"}
DOMAINS: Mapping[str, Callable[[], extract.Found]] = {"django": extract.pages, "djangojs": extract.scripts}


def found(domain: str) -> dict[Key, Entry]:
    """Every message of the code with its places, and no translation."""
    places: dict[Key, set[str]] = {}
    messages: dict[Key, Message] = {}
    with translation.override(None):
        for place, message in DOMAINS[domain]():
            known = messages.setdefault(message.key, message)
            if message.plural and not known.plural:
                messages[message.key] = message
            places.setdefault(message.key, set()).add(place)
    return {key: Entry(messages[key], places=tuple(sorted(places[key]))) for key in messages}


def path(language: str, domain: str, ending: str, folder: Path = LOCALE) -> Path:
    """Where a catalogue lies."""
    return folder / language / "LC_MESSAGES" / f"{domain}.{ending}"


def header(language: str) -> Entry:
    """The first entry of a catalogue, which says how it is written."""
    lines = (
        f"Language: {language}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {PLURALS[language]}",
    )
    return Entry(Message("", ""), ("".join(f"{line}\n" for line in lines),))


def files(folder: Path = LOCALE) -> Iterator[tuple[Path, bytes]]:
    """Every file as it should be: translations are kept, new words come without one, old ones go."""
    for language in PLURALS:
        for domain in DOMAINS:
            source = path(language, domain, "po", folder)
            old = catalog.read(source.read_text(encoding="utf-8")) if source.exists() else {}
            entries = {key: _kept(entry, old.get(key)) for key, entry in found(domain).items()}
            first = header(language)
            yield source, catalog.write(first, entries.values()).encode()
            whole = {first.message.key: first, **entries}
            yield path(language, domain, "mo", folder), catalog.compiled(whole)


def _kept(entry: Entry, old: Entry | None) -> Entry:
    if old is None or bool(old.message.plural) != bool(entry.message.plural):
        return entry
    return Entry(entry.message, old.translations, is_fuzzy=old.is_fuzzy, places=entry.places)


def outdated(folder: Path = LOCALE) -> list[str]:
    """The files that are not as they should be."""
    return [
        file.relative_to(folder).as_posix()
        for file, content in files(folder)
        if not file.exists() or file.read_bytes() != content
    ]


def write(folder: Path = LOCALE) -> list[str]:
    """Bring every file up to date; answers which were not."""
    names = []
    for file, content in list(files(folder)):
        if not file.exists() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            names.append(file.relative_to(folder).as_posix())
    return names


def untranslated(folder: Path = LOCALE) -> list[str]:
    """The messages that nobody has translated, or only perhaps: ``de/django: Submit``."""
    found_ = []
    for language in PLURALS:
        for domain in DOMAINS:
            entries = catalog.read(path(language, domain, "po", folder).read_text(encoding="utf-8"))
            texts = (entry.message.text for entry in entries.values() if not entry.is_done)
            found_ += [f"{language}/{domain}: {text}" for text in texts]
    return found_
