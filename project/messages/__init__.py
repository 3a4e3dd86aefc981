"""The catalogues of translated messages, which are kept in step with the code.

Each language has two: ``django`` for messages of the server, ``djangojs`` for messages of the workbench. A
catalogue is a .po file, in which people translate, and the .mo file that is compiled from it. Both are
committed, so that nothing has to be compiled where the service runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.utils import translation

from project.messages import catalog, extract

LOCALE = extract.APP / "locale"
#: The languages that the code is translated into. Babel knows how each forms its plurals.
LANGUAGES = tuple(code for code, _ in settings.LANGUAGES if code != "en")
DOMAINS: Mapping[str, Callable[[], extract.ExtractedMessages]] = {
    "django": extract.server_messages,
    "djangojs": extract.script_messages,
}


def catalog_path(language: str, domain: str, extension: str, folder: Path = LOCALE) -> Path:
    """Return the path of a catalogue; ``extension`` is ``po`` or ``mo``."""
    return folder / language / "LC_MESSAGES" / f"{domain}.{extension}"


def expected_files(folder: Path = LOCALE) -> Iterator[tuple[Path, bytes]]:
    """Yield every file as it should be: translations are kept, new messages come without one, old ones go."""
    for language in LANGUAGES:
        for domain, messages in DOMAINS.items():
            path = catalog_path(language, domain, "po", folder)
            with translation.override(None):
                merged = catalog.create_catalog(language, messages(), catalog.read_catalog(path, language))
            yield path, catalog.format_catalog(merged)
            yield catalog_path(language, domain, "mo", folder), catalog.compile_catalog(merged)


def outdated_files(folder: Path = LOCALE) -> dict[Path, bytes]:
    """Return the files that are not as they should be, with the content that they should have."""
    return {
        path: content
        for path, content in expected_files(folder)
        if not path.exists() or path.read_bytes() != content
    }


def write_files(folder: Path = LOCALE) -> list[Path]:
    """Bring every file up to date; return the paths of those that were not."""
    outdated = outdated_files(folder)
    for path, content in outdated.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(outdated)


def untranslated_messages(folder: Path = LOCALE) -> list[str]:
    """Return the messages without a certain translation: ``de/django: Submit``."""
    return [
        f"{language}/{domain}: {text}"
        for language in LANGUAGES
        for domain in DOMAINS
        for text in catalog.untranslated_messages(
            catalog.read_catalog(catalog_path(language, domain, "po", folder), language)
        )
    ]
