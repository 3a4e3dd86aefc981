"""The options of readers: one table for the API, the command and the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from annotations import limits
from annotations.exceptions import FieldError, Invalid
from annotations.formats import Format
from annotations.formats.columns import parse_column
from annotations.formats.conll_reader import DOCUMENTS
from annotations.formats.translation import MAX_LENGTH, Translation
from annotations.says import Sentence, one_of, says

#: What to do with a span in several fragments.
DISCONTINUOUS = ("refuse", "hull")
#: What to do with control characters.
CONTROLS = ("refuse", "replace")


@dataclass(frozen=True, kw_only=True)
class ReaderOption:
    """An option of some readers.

    ``keyword`` is the argument of the reader, ``choices`` begin with what holds if nothing is said;
    ``convert`` makes the argument of the value, and raises what is wrong with it.
    """

    keyword: str
    title: Sentence
    description: Sentence
    choices: Mapping[str, Sentence] | None = None
    max_length: int = 0
    convert: Callable[[str], Any] = str


def _column(parameter: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        parse_column(parameter, value)
        return value

    return check


READER_OPTIONS: Mapping[str, ReaderOption] = {
    "external_id": ReaderOption(
        keyword="external_id",
        title=says("External id"),
        description=says("The external id of the article, for text/plain."),
        max_length=limits.MAX_EXTERNAL_ID,
    ),
    "title": ReaderOption(
        keyword="title",
        title=says("Title"),
        description=says("The title of the article, for text/plain."),
        max_length=limits.MAX_TITLE,
    ),
    "map": ReaderOption(
        keyword="names",
        title=says("Mapping"),
        description=says(
            "What the file calls our labels, relations, attributes, values and fields, such as "
            "claim:Content,held_by:Holder,stance.oppose:Against,text:body; a relation between two roles of "
            "an event is made_by:Content>Source. For files of other tools."
        ),
        max_length=MAX_LENGTH,
        convert=Translation.read,
    ),
    "discontinuous": ReaderOption(
        keyword="hull",
        title=says("Marks in several pieces"),
        description=says(
            "What becomes of a mark in several pieces: refused (by default), or marked from its first to its "
            "last character, and counted."
        ),
        choices={
            DISCONTINUOUS[0]: says("Refuse their article"),
            DISCONTINUOUS[1]: says("Mark from their first to their last character"),
        },
        convert=DISCONTINUOUS[1].__eq__,
    ),
    "controls": ReaderOption(
        keyword="controls",
        title=says("Control characters"),
        description=says(
            "What becomes of control characters such as form feeds: their article is refused (by default), "
            "or each becomes a space, and is counted."
        ),
        choices={
            CONTROLS[0]: says("Refuse their article"),
            CONTROLS[1]: says("Put a space for each, and count them"),
        },
    ),
    "documents": ReaderOption(
        keyword="documents",
        title=says("Documents of a CoNLL file"),
        description=says(
            "What divides the documents of a CoNLL file: lines that begin with -DOCSTART- (by default), or "
            "every empty line."
        ),
        choices={
            DOCUMENTS[0]: says("Lines that begin with -DOCSTART-"),
            DOCUMENTS[1]: says("Empty lines: each sentence is an article"),
        },
    ),
    "token": ReaderOption(
        keyword="token",
        title=says("Column of the words"),
        description=says(
            "The column of a CoNLL file that holds the words, counted from 1, where it is not found by "
            "itself."
        ),
        max_length=3,
        convert=_column("token"),
    ),
    "tag": ReaderOption(
        keyword="tag",
        title=says("Column of the tags"),
        description=says(
            "The column of a CoNLL file that holds the tags, counted from 1; without this, the last one with "
            "tags."
        ),
        max_length=3,
        convert=_column("tag"),
    ),
}


def reader_arguments(
    row: Format, readable: Mapping[str, Format], sent: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return the arguments of the reader; raise for an option that its format does not take."""
    unknown = sent.keys() - READER_OPTIONS.keys()
    if unknown:
        raise TypeError(f"There is no option {', '.join(sorted(unknown))}.")
    arguments: dict[str, Any] = {}
    for name, value in sent.items():
        option = READER_OPTIONS[name]
        if option.choices and value and value not in option.choices:
            raise invalid_parameter(name, f"It takes {one_of(list(option.choices))}.")
        if not value or (option.choices and value == next(iter(option.choices))):
            continue
        if option.keyword not in row.options:
            formats = [name for name, other in readable.items() if option.keyword in other.options]
            detail = f"The format {row.name} does not take it; it belongs to {one_of(formats)}."
            raise invalid_parameter(name, detail)
        arguments[option.keyword] = option.convert(value)
    return arguments


def invalid_parameter(parameter: str, detail: str) -> Invalid:
    """Return the error of a parameter."""
    fault = FieldError(code="choice", detail=detail, parameter=parameter)
    return Invalid(f"The parameter {parameter}: {detail}", errors=[fault])
