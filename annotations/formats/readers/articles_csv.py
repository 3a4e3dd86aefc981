"""The reader of tables of articles (CSV, TSV): a row for each, below a row of column names."""

from __future__ import annotations

from collections.abc import Iterator

from annotations.formats.core.csv_stream import MisfitRowError, TableRow, pair_cells, read_rows
from annotations.formats.core.foreign_document import ForeignDocument, rejected_record
from annotations.formats.core.foreign_rights import set_right
from annotations.formats.core.foreign_values import Reading, find_key, reading
from annotations.formats.core.interfaces import Example, Format, ParsedRecord, Readable
from annotations.formats.core.term_mapping import ARTICLE_FIELDS, RIGHTS_FIELDS, TermMapping
from annotations.text.gate import excerpt


def read_csv(
    stream: Readable, *, names: TermMapping | None = None, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each row; columns that are no field of an article become metadata."""
    how = reading(names, controls=controls)
    header: list[str] = []
    for row in read_rows(stream):
        if row.code:
            yield rejected_record(row.number, row.code, row.message)
        elif not header:
            header = [cell.strip() for cell in row.cells]
            fault = _check_header(header, how.names)
            if fault:
                yield rejected_record(row.number, "required", fault)
                return
        else:
            yield _parse_row(header, row, how)


def _check_header(header: list[str], names: TermMapping) -> str:
    named = [name for name in header if name]
    if len(set(named)) < len(named):
        return "Two columns have the same name; rename one of them."
    if find_key(dict.fromkeys(header), names.file_field("text")) not in header:
        return (
            f"There is no column {excerpt(names.file_field('text'))}; name the columns in the first row, "
            "and the one with the texts by a mapping such as text:body."
        )
    return ""


def _parse_row(header: list[str], row: TableRow, how: Reading) -> ParsedRecord:
    try:
        cells = pair_cells(header, row.cells)
    except MisfitRowError as misfit:
        return rejected_record(row.number, "syntax", str(misfit))
    is_nameless = bool(cells.pop("", ""))
    draft = ForeignDocument(row.number, how, text=cells.pop(find_key(cells, how.names.file_field("text"))))
    for name in RIGHTS_FIELDS:
        column = find_key(cells, how.names.file_field(name))
        set_right(draft.values, name, cells.pop(column, ""))
    draft.set_fields(cells)
    if is_nameless:
        draft.record_loss("cells of columns without a name")
    return draft.build_record()


FORMAT = Format(
    name="csv",
    title="CSV or TSV of articles: a row for each",
    media_type="text/csv; charset=utf-8",
    extension="csv",
    endings=(".csv", ".tsv"),
    reader=read_csv,
    reader_options=frozenset({"names", "controls"}),
    notes=(
        (
            f"The first row names the columns, in capitals or not: {', '.join(ARTICLE_FIELDS)}; a column"
            " of another name is metadata, and so is a date, address, language or line that does not fit,"
            " which is counted. Columns"
            " with other names are renamed by a mapping: `text:body,external_id:nr`."
        ),
        (
            f"The rights in an article stand in the columns {', '.join(RIGHTS_FIELDS)}; an empty cell is as"
            " in the corpus. A licence is its SPDX identifier, CC-… or LicenseRef-…, a share goes from 0 to 1"
            " with a point, and an embargo needs its offset (`2026-03-01T06:00+01:00`). A value that does not"
            " fit is an error of its row: nothing is guessed about rights."
        ),
        (
            "Comma, semicolon, tab or bar: the first row tells which. Cells with quotation"
            " marks or line ends are"
            " quoted by RFC 4180; a byte order mark is passed over."
        ),
    ),
    example=Example({"lake.csv": 'external_id,title,text\na1,The lock,"Ardenia opposes the lock."\n'}),
)
