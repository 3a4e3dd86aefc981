"""The reader of tables of articles (CSV, TSV): a row for each, below a row of column names."""

from __future__ import annotations

from collections.abc import Iterator

from annotations.formats.base import Example, Format, Line, Readable
from annotations.formats.csvstream import TableRow, rows
from annotations.formats.drafts import Draft, refused
from annotations.formats.foreign import Reading, find_key, reading
from annotations.formats.translation import FIELDS, Translation
from annotations.text.gate import excerpt


def read_csv(stream: Readable, *, names: Translation | None = None, controls: str = "") -> Iterator[Line]:
    """Yield an article for each row; columns that are no field of an article become metadata."""
    how = reading(names, controls=controls)
    header: list[str] = []
    for row in rows(stream):
        if row.code:
            yield refused(row.number, row.code, row.says)
        elif not header:
            header = [cell.strip() for cell in row.cells]
            fault = _check_header(header, how.names)
            if fault:
                yield refused(row.number, "required", fault)
                return
        else:
            yield _parse_row(header, row, how)


def _check_header(header: list[str], names: Translation) -> str:
    if len(set(header)) < len(header):
        return "Two columns have the same name; rename one of them."
    if find_key(dict.fromkeys(header), names.field("text")) not in header:
        return (
            f"There is no column {excerpt(names.field('text'))}; name the columns in the first row, and the"
            " one with the texts by a mapping such as text:body."
        )
    return ""


def _parse_row(header: list[str], row: TableRow, how: Reading) -> Line:
    if len(row.cells) != len(header):
        says = f"The row has {len(row.cells)} cells, and the header {len(header)}."
        return refused(row.number, "syntax", says)
    cells = dict(zip(header, row.cells, strict=True))
    draft = Draft(row.number, how, text=cells.pop(find_key(cells, how.names.field("text"))))
    draft.fields(cells)
    return draft.line()


ROW = Format(
    name="csv",
    title="CSV or TSV of articles: a row for each",
    media_type="text/csv; charset=utf-8",
    extension="csv",
    endings=(".csv", ".tsv"),
    reader=read_csv,
    options=frozenset({"names", "controls"}),
    notes=(
        (
            f"The first row names the columns, in capitals or not: {', '.join(FIELDS)}; a column of another"
            " name is metadata, and so is a date, address, language or line that does not fit, which is"
            " counted. Columns"
            " with other names are renamed by a mapping: `text:body,external_id:nr`."
        ),
        (
            "Comma, semicolon, tab or bar: the first row tells which. Cells with quotation"
            " marks or line ends are"
            " quoted by RFC 4180; a byte order mark is passed over."
        ),
    ),
    example=Example({"lake.csv": 'external_id,title,text\na1,The lock,"Ardenia opposes the lock."\n'}),
)
