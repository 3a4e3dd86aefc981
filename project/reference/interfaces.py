"""The reference of settings, error codes and formats, for operators and integrators."""

from __future__ import annotations

from annotations.api.problems import CODES
from annotations.formats import FORMATS
from annotations.formats.core.interfaces import Format
from annotations.services.exchange.imports import READER_OPTIONS
from project.env import SETTINGS
from project.reference.markdown import code, code_block, heading, page, table
from project.reference.markdown import code_list as as_codes
from project.setting_rows import Setting

FORMATS_INTRODUCTION = (
    "`?format=` of the API and `--format` of the commands take these names, and each has its page. An export "
    "counts what its format could not carry in the header `Loss-Count`; with `strict=true` it is refused "
    "instead, with the list.\n\n"
    "An import of another tool's file takes `map=` (`--map`): a word of ours, a colon and a word of the "
    "file, with commas between them, for labels, relations, attributes, values of attributes and fields of "
    "articles: `claim:Content,held_by:Holder,stance.oppose:Against,text:body`. Words that differ by case, "
    "spaces and hyphens only need no mapping; a relation between two roles of an event is "
    "`made_by:Content>Source`. What has no place here is counted in `losses`; "
    "`discontinuous=hull` takes "
    "marks in several pieces from their first to their last character, otherwise they are refused. "
    "`controls=replace` puts a space for each control character, and `owners=ann:1,ben:2` says which people "
    "of the file are which members."
)

#: What a page of a format says of the options of its reader, by their query parameters; commands put two
#: hyphens before them.
OPTION_NOTES = {
    "external_id": "(the id of the article)",
    "title": "(its title)",
    "map": "(what the file calls our words)",
    "discontinuous": "(`hull` takes marks in several pieces whole)",
    "controls": "(`replace` puts a space for each control character)",
    "documents": "(`blank-line` makes an article of each sentence)",
    "token": "(the column of the words)",
    "tag": "(the column of the tags)",
}


def settings_page() -> str:
    """Return the page of all environment variables that the service reads."""
    return page(
        "Settings",
        "Settings come from the environment. A value that cannot be used stops the start with a sentence "
        "that names the variable. Where two names are given, the second may name a file that holds the "
        "value; that is how containers pass secrets.",
        table(
            ("Variable", "Kind", "Default", "What it does"),
            ((_names(row), row.kind, code(row.default), row.description) for row in SETTINGS),
        ),
    )


def _names(row: Setting) -> str:
    return as_codes([name for name in (row.name, row.file_variable) if name], " or ")


def codes_page() -> str:
    """Return the page of all codes of problem documents."""
    return page(
        "Codes of refusal",
        "Every refusal is a problem document (`application/problem+json`, RFC 9457) with `type` = "
        "`urn:standpoint:<code>`, `title`, `status`, `detail`, `code` and `errors`. Programs decide by "
        "`code`, people read `detail`. [Why refusals look as they do](../explanation/refusals.md).",
        table(
            ("Code", "Status", "Title", "When"),
            ((code(row.code), row.status, row.title, row.when) for row in CODES.values()),
        ),
    )


def formats_page() -> str:
    """Return the page that lists all exchange formats."""
    return page(
        "Formats",
        FORMATS_INTRODUCTION,
        table(
            ("Name", "What it is", "Import", "Export", "Media type", "File", "Dialects"),
            (
                (
                    f"[{code(name)}](formats/{name}.md)",
                    row.title,
                    "yes" if row.is_readable else "no",
                    "yes" if row.is_writable else "no",
                    code(row.media_type),
                    code(f".{row.extension}"),
                    as_codes(row.dialects),
                )
                for name, row in FORMATS.items()
            ),
        ),
    )


def format_page(name: str) -> str:
    """Return the page of an exchange format: commands, losses, an example and how to read it elsewhere."""
    row = FORMATS[name]
    blocks = [
        f"`{name}` · `{row.media_type}` · `.{row.extension}` · [all formats](../formats.md)",
        *row.notes,
    ]
    return page(row.title, *blocks, *_out(row), *_in(row), *_example(row))


def _out(row: Format) -> list[str]:
    if not row.is_writable:
        return []
    blocks = [heading("Out"), code_block(_command("export", row, f"--output lake.{row.extension}"), "sh")]
    if row.required_package:
        blocks.append(f"It needs the package `{row.required_package}`: `requirements-{row.name}.txt`.")
    if row.dialects:
        blocks.append(f"`dialect` takes {as_codes(row.dialects)}; without it, {code(row.dialects[0])}.")
    return [*blocks, *_losses(row)]


def _in(row: Format) -> list[str]:
    if not row.is_readable:
        return [heading("In"), "It is not read."]
    said = [
        f"{code(name)} {OPTION_NOTES[name]}"
        for name, option in READER_OPTIONS.items()
        if option.keyword in row.reader_options
    ]
    return [
        heading("In"),
        code_block(_command("import", row, file=f"FILE.{row.extension}"), "sh"),
        *([f"It takes {', '.join(said)}."] if said else []),
    ]


def _command(command: str, row: Format, *options: str, file: str = "") -> str:
    words = (".venv/bin/python manage.py", command, "lake", file, f"--format {row.name}", *options)
    return " ".join(filter(None, words))


def _example(row: Format) -> list[str]:
    """Return the blocks with example files, and with the call of another tool that reads them."""
    if row.example is None:
        return []
    blocks = [heading("Example")]
    for name, content in row.example.files.items():
        blocks += [f"`{name}`:", code_block(content.rstrip("\n"))]
    if row.example.read_with:
        blocks += ["Read with:", code_block(row.example.read_with, "sh")]
    return blocks


def _losses(row: Format) -> list[str]:
    blocks = [f"It is not meant to hold {row.omissions}."] if row.omissions else []
    if not row.loss_descriptions:
        return [*blocks, "It carries everything else." if blocks else "It carries everything."]
    losses = table(
        ("Counted as lost", "What that is"),
        ((code(what), sentence) for what, sentence in row.loss_descriptions.items()),
    )
    return [*blocks, losses]
