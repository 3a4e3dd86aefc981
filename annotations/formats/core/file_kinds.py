"""Files that are no file of any format here, told by their first bytes, with what can be done."""

from __future__ import annotations

import re
from collections.abc import Callable

#: The readers of zip archives, of SQLite databases and of XML; for all others such a file is a mistake.
SQLITE = b"SQLite format 3\x00"
HEAD = 4_096

_GATE = (
    "This is GATE's own XML, which is not read here; save the documents in GATE as brat, or its plain texts"
    " with the annotations as UIMA CAS JSON, and send those."
)
_XMI = (
    "This is UIMA XMI, which is not read here; export the documents as UIMA CAS JSON or WebAnno TSV 3.3, in"
    " INCEpTION under Export, and send those."
)
_NEWSML = (
    "This is NewsML or NITF, which is not read here; ask the agency for ninjs, or save the texts as plain"
    " text, and send those."
)
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (
        SQLITE,
        (
            "This is a SQLite database. If it is one of DNA, send it in the format dna; of any other, export"
            " its tables as CSV."
        ),
    ),
    (b"\x1f\x8b", "This is a gzip file; unpack it first."),
    (b"BZh91AY&SY", "This is a bzip2 file; unpack it first."),
    (b"\xfd7zXZ\x00", "This is an xz file; unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "This is a 7z archive; unpack it, and pack the files as zip."),
    (b"Rar!\x1a\x07", "This is a RAR archive; unpack it, and pack the files as zip."),
    (b"%PDF-", "This is a PDF, which holds no plain text; save its text as a .txt file in UTF-8."),
    (b"\xd0\xcf\x11\xe0", "This is a file of an office program; save it as CSV or as plain text in UTF-8."),
    (b"PAR1\x15", "This is a Parquet file; save its rows as JSON lines or CSV."),
)


def describe_root(name: str) -> str:
    """Return what a file of XML with this outermost element is, with what to do; "" for any other."""
    return _ROOTS.get(name.rpartition(" ")[2].lower(), "")


_ROOTS = {"gatedocument": _GATE, "xmi": _XMI, "cas": _XMI} | dict.fromkeys(
    ("newsml", "newsitem", "newsmessage", "packageitem", "conceptitem", "knowledgeitem", "nitf"), _NEWSML
)


def _describe_xml(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = _ROOT.search(start) if start.startswith(b"<") else None
    return describe_root(found[1].decode("ascii", "replace")) if found else ""


def describe(head: bytes, *, takes: frozenset[str]) -> str:
    """Return a sentence if a file with these first bytes cannot be one that a format ``takes``; else ""."""
    for magic, sentence in _MAGIC:
        if head.startswith(magic) and not (magic == SQLITE and "sqlite" in takes):
            return sentence
    if head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in head:
        return "This is a file of an office program; save it as CSV or as plain text in UTF-8."
    return next((found for check in _CHECKS if (found := check(head))), "")


_CHECKS: tuple[Callable[[bytes], str], ...] = (_describe_xml,)
