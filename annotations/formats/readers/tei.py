"""The reader of TEI: texts with marks in them, and standoff spans beside them.

A text is its paragraphs with an empty line between them. Marks are elements in the text whose type, analysis
or name is a label here, and ``span`` and ``annotation`` elements that point to ids in the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from annotations.formats.core.foreign_document import rejected_record
from annotations.formats.core.foreign_values import Reading, reading
from annotations.formats.core.interfaces import FOREIGN_OPTIONS, Example, Format, ParsedRecord, Readable
from annotations.formats.core.safe_xml import UnreadableXmlError
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.readers.file_or_archive import read_file_or_archive
from annotations.formats.readers.tei_parser import TeiReader

_ENDINGS = (".xml", ".tei")


def read_tei(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each TEI element."""
    how = reading(names, hull, controls)

    def read_file(file: Readable, stem: str, start: int) -> Iterator[ParsedRecord]:
        return _read_file(file, how, stem, start)

    absent = "There is no TEI file (.xml) in the archive."
    return read_file_or_archive(stream, read_file, endings=_ENDINGS, absent=absent)


def _read_file(stream: Readable, how: Reading, stem: str, start: int) -> Iterator[ParsedRecord]:
    reader = TeiReader(how, stem, start)
    try:
        is_last = False
        while not is_last:
            is_last = reader.feed_from(stream)
            yield from reader.done
            reader.done.clear()
    except UnreadableXmlError as error:
        yield from reader.done
        yield rejected_record(
            reader.number + 1, "syntax", error.detail, f"/{stem}" if stem else "", stem or None
        )
        return
    if reader.number == start:
        detail = "There is no TEI element with a text in the file."
        yield rejected_record(start + 1, "required", detail, f"/{stem}" if stem else "", stem or None)


ROW = Format(
    name="tei",
    title="TEI: texts with marks in them or beside them",
    media_type="application/xml",
    extension="xml",
    reader=read_tei,
    endings=(".tei",),
    reader_options=FOREIGN_OPTIONS,
    notes=(
        (
            "One file, or an archive of them; each `TEI` element is an article. The external id is its"
            " `xml:id` or `idno`, else the name of the file. Paragraphs have an empty line between them;"
            " notes, deletions and corrections beside what stands in the text are left out and counted."
        ),
        (
            "Marks are elements in the text whose `type`, `ana` or name is a label (`map=actor:persName`),"
            " and `span` and `annotation` elements that point to ids, ranges of ids (`from`, `to`) or"
            " `string-range(id, offset, length)`, if that is the same with the blanks of the file and without"
            " them. `link` and `relation` elements are relations. Whose they"
            " are is their `resp`."
        ),
        "A file that declares a document type is refused, and nothing is loaded from elsewhere.",
    ),
    example=Example(
        {
            "a1.xml": '<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="a1"><text><body>'
            '<p><persName type="actor" xml:id="m1">Ardenia</persName> opposes the lock.</p>'
            "</body></text></TEI>"
        }
    ),
)
