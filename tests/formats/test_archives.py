"""Archives that mean harm: refused as a whole, by a sentence, before anything is read."""

from __future__ import annotations

import io
import stat
import struct
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from annotations.exceptions import InvalidInputError
from annotations.formats import FORMATS
from annotations.formats.archive.zip_reader import (
    END_LOCATOR_64,
    END_RECORD_64,
    MAX_ENTRIES,
    CheckedArchive,
    PrefixedStream,
)
from tests.formats.edge_cases import zipped
from tests.formats.essence import read

GOOD = {"a.txt": "Ardenia says no.", "a.ann": "T1\tactor 0 7\tArdenia\n"}
#: The formats that read archives.
READERS = ("brat", "text", "conll", "webannotsv", "doccano")


def entry(
    name: str, *, data: bytes = b"x", mode: int = 0o100644, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """An archive with one good text and one odd entry."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("good.txt", "Good.")
        info = zipfile.ZipInfo(name)
        info.filename = name
        info.external_attr = mode << 16
        info.compress_type = method
        archive.writestr(info, data)
    return out.getvalue()


def patched(data: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert old in data
    return data.replace(old, new)


def opened(data: bytes) -> closing[CheckedArchive]:
    return closing(CheckedArchive(io.BytesIO(data)))


def flagged(bit: int) -> bytes:
    """An archive whose last entry has a flag that it should not have."""
    raw = bytearray(zipped(GOOD))
    at = raw.rfind(b"PK\x01\x02")
    raw[at + 8] |= bit
    return bytes(raw)


def doubled() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "one")
        archive.writestr("b.txt", "two")
    return patched(out.getvalue(), b"b.txt", b"a.txt")


def overlapping() -> bytes:
    """Two entries whose contents are the same bytes."""
    raw = bytearray(zipped({"a.txt": "x" * 100, "b.txt": "x" * 100}))
    second = raw.rfind(b"PK\x01\x02")
    struct.pack_into("<L", raw, second + 42, 0)  # it begins where the first one does
    return bytes(raw)


def lying() -> bytes:
    """An entry that says it is smaller than it is."""
    raw = bytearray(zipped({"a.txt": "x" * 5_000}))
    struct.pack_into("<L", raw, raw.rfind(b"PK\x01\x02") + 24, 10)
    struct.pack_into("<L", raw, 22, 10)
    return bytes(raw)


def wrong_checksum() -> bytes:
    raw = bytearray(zipped(GOOD))
    raw[raw.rfind(b"PK\x01\x02") + 16] ^= 1
    return bytes(raw)


def many(count: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.txt", b"")
    return out.getvalue()


ATTACKS: dict[str, Callable[[], bytes]] = {
    "up": lambda: entry("../evil.txt"),
    "up inside": lambda: entry("a/../../evil.txt"),
    "absolute": lambda: entry("/tmp/evil.txt"),
    "drive": lambda: entry("C:/evil.txt"),
    "drive, relative": lambda: entry("C:evil.txt"),
    "backslash": lambda: entry("..\\evil.txt"),
    "NUL": lambda: patched(entry("a?b.txt"), b"a?b.txt", b"a\0b.txt"),
    "line break": lambda: entry("a\nb.txt"),
    "link": lambda: entry("link.txt", data=b"/etc/passwd", mode=stat.S_IFLNK | 0o777),
    "device": lambda: entry("tty.txt", mode=stat.S_IFCHR | 0o666),
    "pipe": lambda: entry("pipe.txt", mode=stat.S_IFIFO | 0o666),
    "folder that is a file": lambda: entry("folder.txt", mode=stat.S_IFDIR | 0o755),
    "twice": doubled,
    "twice by case": lambda: zipped({"a.txt": "1", "A.TXT": "2"}),
    "twice by accent": lambda: zipped({"\u00e9.txt": "1", "e\u0301.txt": "2"}),
    "long name": lambda: zipped({"n" * 256: "1"}),
    "long path": lambda: zipped({"/".join(["n" * 200] * 6): "1"}),
    "encrypted": lambda: flagged(0x01),
    "strongly encrypted": lambda: flagged(0x41),
    "odd packing": lambda: entry("a.txt", data=b"x" * 99, method=zipfile.ZIP_LZMA),
    "wrong checksum": wrong_checksum,
    "cut off": lambda: zipped(GOOD)[:-30],
    "cut off in the middle": lambda: zipped({"a.txt": "x" * 99})[:60],
    "zip in zip": lambda: zipped({"a.zip": zipped(GOOD)}),
    "ratio": lambda: zipped({"a.txt": b"\0" * 20_000_000}),
    "overlap": overlapping,
    "lying": lying,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_refused_by_a_sentence(attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = tmp_path / "canary"
    canary.write_text("alive", encoding="utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    data = ATTACKS[attack]()
    for name in READERS:
        began = time.process_time()
        lines = cast("Any", FORMATS[name].reader)(io.BytesIO(data))
        with pytest.raises(InvalidInputError) as refusal:
            next(lines)
        assert time.process_time() - began < 2
        assert refusal.value.errors[0].code == "archive"
        assert refusal.value.detail.startswith("The archive is refused: ")
        assert refusal.value.detail.endswith(".")
        assert "\n" not in refusal.value.detail
    assert canary.read_text(encoding="utf-8") == "alive"
    assert not list(inside.iterdir())


def counted(count: int) -> bytes:
    """An archive that says, in the end record of large ones, that it has so many entries."""
    raw = zipped(GOOD)
    at = raw.rfind(b"PK\x05\x06")
    end = END_RECORD_64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, 0, 0)
    return raw[:at] + end + END_LOCATOR_64.pack(b"PK\x06\x07", 0, at, 1) + raw[at:]


def test_too_many_entries_are_not_even_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(*_: object, **__: object) -> None:
        raise AssertionError("it was listed")

    most, too_many = io.BytesIO(counted(MAX_ENTRIES)), io.BytesIO(counted(MAX_ENTRIES + 1))
    monkeypatch.setattr("zipfile.ZipFile", listed)
    with pytest.raises(InvalidInputError, match=r"100,000 entries"):
        CheckedArchive(too_many)
    with pytest.raises(AssertionError, match="listed"):
        CheckedArchive(most)


def test_a_count_that_lies_is_found_by_the_length_of_the_list() -> None:
    raw = bytearray(many(300))
    struct.pack_into("<2H", raw, raw.rfind(b"PK\x05\x06") + 8, 1, 1)
    with opened(bytes(raw)) as archive:
        assert len(archive.names) == 300


@pytest.mark.parametrize("name", READERS)
def test_what_is_no_archive_is_no_accident(name: str) -> None:
    data = b"PK\x03\x04" + b"not at all"
    with pytest.raises(InvalidInputError, match="The archive is refused"):
        read(name, data)


def test_a_good_archive_passes() -> None:
    with opened(zipped({**GOOD, "folder/": "", "folder/\u00e4.txt": "x"})) as archive:
        assert archive.names == ["a.txt", "a.ann", "folder/\u00e4.txt"]
        assert archive.read("a.txt") == b"Ardenia says no."
        assert "a.txt" in archive
        assert archive.size("a.txt") == 16


def test_names_in_an_old_code_page_pass() -> None:
    raw = zipped({"\u00e4\u00f6\u00fc.txt": "x", "z.txt": "y"})
    # without the flag the name is read as code page 437, a character a byte
    old = raw.replace("\u00e4\u00f6\u00fc.txt".encode(), b"abcdef.txt")
    with opened(old) as archive:
        assert len(archive.names) == 2


def test_marks_without_a_text_are_told() -> None:
    lines = read("brat", zipped({**GOOD, "b.ann": "T1\tactor 0 1\tx\n"}))
    assert next(line.errors for line in lines) == []
    assert lines[1].errors[0].code == "required"
    assert lines[1].errors[0].pointer == "/b.ann"


def test_files_that_are_not_read_are_told() -> None:
    (line,) = read("brat", zipped({**GOOD, "picture.png": "x", "annotation.conf": "y"}))
    assert list(line.losses) == [("files", ["picture.png"])]


@pytest.mark.parametrize("sizes", [(1, 2, 3, 100), (100,), (4, 5)])
def test_a_beginning_that_was_read_comes_again(sizes: tuple[int, ...]) -> None:
    data = b"one\ntwo\nthree"
    stream = PrefixedStream(data[:4], io.BytesIO(data[4:]))
    assert b"".join(stream.read(size) for size in sizes) == data[: sum(sizes)]
    stream = PrefixedStream(data[:2], io.BytesIO(data[2:]))
    assert [stream.readline(), stream.readline(2), stream.readline(), stream.readline()] == [
        b"one\n", b"tw", b"o\n", b"three",
    ]  # fmt: skip
