"""Message catalogues of gettext: read and written as text (.po), compiled as gettext reads them (.mo).

No tool of GNU gettext is needed, neither here nor where the service runs.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+)?"(.*)"\Z')
_BRACES = re.compile(r"\{\w+[^{}]*\}")
_CONTEXT_END = "\x04"
_MAGIC = 0x950412DE

Key = tuple[str, str]
"""Context (empty for none) and English words."""


@dataclass(frozen=True)
class Message:
    """Words of ours: their context, and their plural where they come with a number."""

    context: str
    text: str
    plural: str = ""

    @property
    def key(self) -> Key:
        """By what gettext finds them."""
        return self.context, self.text


@dataclass(frozen=True)
class Entry:
    """A message with its translation: one text, or one for each plural form."""

    message: Message
    translations: tuple[str, ...] = ()
    is_fuzzy: bool = False
    places: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether somebody has translated it, and stands by it."""
        return bool(self.translations) and all(self.translations) and not self.is_fuzzy


def read(text: str) -> dict[Key, Entry]:
    """Every entry of a .po file, the header under the empty key; what is commented out is not read."""
    entries = (_entry(block) for block in re.split(r"\n\s*\n", text.strip()))
    return {entry.message.key: entry for entry in entries if entry is not None}


def _entry(block: str) -> Entry | None:
    parts: dict[str, str] = {}
    at = ""
    for line in block.splitlines():
        found = _LINE.match(line.strip())
        if not found:
            continue
        at = found[1] or at
        parts[at] = parts.get(at, "") + str(ast.literal_eval(f'"{found[2]}"'))
    if "msgid" not in parts:
        return None
    message = Message(parts.get("msgctxt", ""), parts["msgid"], parts.get("msgid_plural", ""))
    translations = tuple(value for name, value in sorted(parts.items()) if name.startswith("msgstr"))
    return Entry(message, translations, is_fuzzy=bool(re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE)))


def write(header: Entry, entries: Iterable[Entry]) -> str:
    """The .po file: the header, then the entries in the order of their words."""
    ordered = sorted(entries, key=lambda entry: entry.message.key[::-1])
    return "\n".join(_block(entry) for entry in (header, *ordered))


def _block(entry: Entry) -> str:
    message = entry.message
    lines = [f"#: {' '.join(entry.places)}"] if entry.places else []
    if entry.is_fuzzy:
        lines.append("#, fuzzy")
    if "%(" in message.text + message.plural:
        lines.append("#, python-format")
    elif _BRACES.search(message.text + message.plural):
        lines.append("#, python-brace-format")
    if message.context:
        lines.append(f"msgctxt {_quoted(message.context)}")
    lines.append(f"msgid {_quoted(message.text)}")
    if message.plural:
        lines.append(f"msgid_plural {_quoted(message.plural)}")
        texts = entry.translations or ("", "")
        lines += [f"msgstr[{form}] {_quoted(text)}" for form, text in enumerate(texts)]
    else:
        lines.append(f"msgstr {_quoted(entry.translations[0] if entry.translations else '')}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    if "\n" not in escaped:
        return f'"{escaped}"'
    lines = escaped.splitlines(keepends=True)
    return "\n".join(['""', *('"{}"'.format(line.replace("\n", "\\n")) for line in lines)])


def compiled(entries: Mapping[Key, Entry]) -> bytes:
    """The .mo file: what is translated, sorted as the format asks for; always the same bytes."""
    texts = {_id(entry.message): "\0".join(entry.translations) for entry in entries.values() if entry.is_done}
    pairs = sorted((key.encode(), value.encode()) for key, value in texts.items())
    start = 28 + 16 * len(pairs)
    ids, values = _table([key for key, _ in pairs], start)
    strings, end = _table([value for _, value in pairs], start + len(values))
    head = struct.pack("<7I", _MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 28 + 16 * len(pairs))
    return head + ids + strings + values + end


def _table(texts: list[bytes], start: int) -> tuple[bytes, bytes]:
    """Lengths and places of the texts, and the texts themselves, each ended by a zero byte."""
    rows = bytearray()
    data = bytearray()
    for text in texts:
        rows += struct.pack("<2I", len(text), start + len(data))
        data += text + b"\0"
    return bytes(rows), bytes(data)


def _id(message: Message) -> str:
    context = message.context + _CONTEXT_END if message.context else ""
    return context + message.text + (f"\0{message.plural}" if message.plural else "")
