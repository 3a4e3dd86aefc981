"""Archives as the service writes them: other programs read them, and the same content is the same bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from annotations.formats import FORMATS
from annotations.formats.archive.archive_writer import ArchiveWriter
from annotations.formats.archive.zip_reader import CheckedArchive
from annotations.formats.archive.zip_writer import CompressedStream, ZipWriter

ENTRIES = {
    "a.txt": b"short",
    "large.tsv": b"one\ttwo\tthree\n" * 10_000,
    "\u00e9t\u00e9/b.txt": "Li\u00e8ge".encode(),
    "empty.txt": b"",
    "again.tsv": bytes(range(256)) * 300,
}


def written() -> bytes:
    """All entries, one that grows beside them, and two from files."""
    out = io.BytesIO()
    archive = ZipWriter(out)
    words = CompressedStream()
    for name, data in ENTRIES.items():
        words.write(data)
        archive.add(name, data)
    archive.add_stream("words.conll", words)
    archive.add_file("copy.bin", io.BytesIO(b"copied" * 1_000))
    archive.add_stored("stored.bin", io.BytesIO(b"stored" * 500))
    archive.close()
    return out.getvalue()


def check(data: bytes) -> None:
    expected = {
        **ENTRIES,
        "words.conll": b"".join(ENTRIES.values()),
        "copy.bin": b"copied" * 1_000,
        "stored.bin": b"stored" * 500,
    }
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == expected
        assert found.namelist() == list(expected)
        plain = [entry.filename for entry in found.infolist() if entry.compress_type == zipfile.ZIP_STORED]
        assert plain == ["stored.bin"]
        assert {entry.date_time for entry in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {(entry.create_system, entry.external_attr >> 16) for entry in found.infolist()} == {
            (3, 0o644)
        }
    archive = CheckedArchive(io.BytesIO(data))
    assert {name: archive.read(name) for name in archive.names} == expected
    archive.close()


def test_others_read_it() -> None:
    check(written())


def test_the_same_bytes() -> None:
    assert written() == written()


@pytest.mark.parametrize(
    ("name", "most"),
    [("ZIP64_LIMIT", 1), ("ZIP64_LIMIT", 2_000), ("ZIP_FILECOUNT_LIMIT", 3)],
)
def test_long_fields(monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    """What is too large for the short fields, without four gigabytes."""
    short = written()
    monkeypatch.setattr(zipfile, name, most)
    data = written()
    assert b"PK\x06\x06" in data
    assert len(data) > len(short)
    check(data)


def test_an_archive_behind_other_bytes() -> None:
    """The writer takes a file where it stands."""
    out = io.BytesIO(b"before")
    out.seek(0, io.SEEK_END)
    archive = ZipWriter(out)
    archive.add("a.txt", b"short")
    archive.close()
    assert zipfile.ZipFile(out).read("a.txt") == b"short"


def test_an_empty_one() -> None:
    out = io.BytesIO()
    ZipWriter(out).close()
    assert zipfile.ZipFile(io.BytesIO(out.getvalue())).namelist() == []


def test_a_full_disk_is_told() -> None:
    """By the call that met it."""

    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "No space left on device")

    archive = ZipWriter(Full())
    with pytest.raises(OSError, match="No space"):
        archive.add("a.txt", b"short")
    archive.abandon()


@pytest.mark.parametrize(
    "name",
    [name for name, row in FORMATS.items() if row.writer and issubclass(row.writer, ArchiveWriter)],
)
def test_an_abandoned_archive_gets_no_end(tmp_path: Path, name: str) -> None:
    """Nor does it leave a file open, of which pytest would tell."""
    kind = FORMATS[name].writer
    assert kind is not None
    with (tmp_path / "a.zip").open("w+b") as out:
        writer = kind(out)
        writer.abandon()
        del writer
    assert b"PK\x05\x06" not in (tmp_path / "a.zip").read_bytes()
