"""Archives as we write them: other programs read them, and the same content is the same bytes."""

from __future__ import annotations

import io
import zipfile

import pytest

from annotations.formats import packing
from annotations.formats.archive import Archive
from annotations.formats.packing import Gathered, Growing, ZipOut

ENTRIES = {
    "a.txt": b"short",
    "large.tsv": b"one\ttwo\tthree\n" * 10_000,
    "\u00e9t\u00e9/b.txt": "Li\u00e8ge".encode(),
    "empty.txt": b"",
    "again.tsv": bytes(range(256)) * 300,
}


def written() -> bytes:
    """All entries, one that grows beside them, and one from a file."""
    out = io.BytesIO()
    packed = ZipOut(out)
    words, numbers = Growing(), Growing(numbers=True)
    gathered = {"words.conll": Gathered(), "numbers.tsv": Gathered()}
    for name, data in ENTRIES.items():
        words.write(data)
        numbers.write(b"12\t34\n")
        packed.add(name, data)
        gathered["words.conll"].append(words.pieces())
    gathered["words.conll"].append(words.pieces(rest=True))
    gathered["numbers.tsv"].append(numbers.pieces(rest=True))
    for name, entry in gathered.items():
        packed.take(name, entry)
    packed.copy("copy.bin", io.BytesIO(b"copied" * 1_000))
    packed.store("stored.bin", io.BytesIO(b"stored" * 500))
    packed.close()
    return out.getvalue()


def check(data: bytes) -> None:
    expected = {
        **ENTRIES,
        "words.conll": b"".join(ENTRIES.values()),
        "numbers.tsv": b"12\t34\n" * len(ENTRIES),
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
    archive = Archive(io.BytesIO(data))
    assert {name: archive.read(name) for name in archive.names} == expected
    archive.close()


@pytest.mark.parametrize("piece", [1, 1_000, packing._PIECE])
def test_others_read_it(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(packing, "_PIECE", piece)
    check(written())


def test_the_same_bytes() -> None:
    assert written() == written()


@pytest.mark.parametrize(("name", "most"), [("MOST_32", 1), ("MOST_32", 2_000), ("MOST_16", 3)])
def test_long_fields(monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    """What is too large for the short fields, without four gigabytes."""
    short = written()
    monkeypatch.setattr(packing, name, most)
    data = written()
    assert b"PK\x06\x06" in data
    assert len(data) > len(short)
    check(data)


def test_an_empty_one() -> None:
    out = io.BytesIO()
    ZipOut(out).close()
    assert zipfile.ZipFile(io.BytesIO(out.getvalue())).namelist() == []


def test_a_full_disk_is_told() -> None:
    """By the call that met it."""

    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "No space left on device")

    packed = ZipOut(Full())
    with pytest.raises(OSError, match="No space"):
        packed.add("a.txt", b"short")
