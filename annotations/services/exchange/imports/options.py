"""The options of imports, and those of readers: one table for the API, the command and the page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from django.contrib.auth.models import User

from annotations import limits
from annotations.enums import State
from annotations.exceptions import FieldError, InvalidInputError
from annotations.formats import FORMATS, Format
from annotations.formats.core.term_mapping import MAX_LENGTH, TermMapping
from annotations.formats.readers.conll import DOCUMENTS
from annotations.formats.readers.conll_columns import parse_column
from annotations.messages import TranslatableMessage, join_choices, message

#: What to do with a line whose article exists.
CONFLICT_CHOICES = ("fail", "skip", "update")
#: The states in which imported sets can begin.
INITIAL_STATES = (str(State.OPEN), str(State.SUBMITTED))
READABLE_FORMATS: Mapping[str, Format] = {name: row for name, row in FORMATS.items() if row.is_readable}
#: What to do with a span in several fragments.
DISCONTINUOUS_CHOICES = ("refuse", "hull")
#: What to do with control characters.
CONTROLS = ("refuse", "replace")


@dataclass(frozen=True, kw_only=True)
class ReaderOption:
    """An option of some readers.

    ``keyword`` is the argument of the reader, ``choices`` begin with what holds if nothing is said;
    ``convert`` makes the argument of the value, and raises what is wrong with it.
    """

    keyword: str
    title: TranslatableMessage
    description: TranslatableMessage
    choices: Mapping[str, TranslatableMessage] | None = None
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
        title=message("External id"),
        description=message("The external id of the article, for text/plain."),
        max_length=limits.MAX_EXTERNAL_ID,
    ),
    "title": ReaderOption(
        keyword="title",
        title=message("Title"),
        description=message("The title of the article, for text/plain."),
        max_length=limits.MAX_TITLE,
    ),
    "map": ReaderOption(
        keyword="names",
        title=message("Mapping"),
        description=message(
            "What the file calls our labels, relations, attributes, values and fields, such as "
            "claim:Content,held by:Holder,stance.oppose:Against,text:body; a relation between two roles of "
            "an event is made by:Content>Source. For files of other tools."
        ),
        max_length=MAX_LENGTH,
        convert=TermMapping.parse,
    ),
    "discontinuous": ReaderOption(
        keyword="hull",
        title=message("Marks in several pieces"),
        description=message(
            "What becomes of a mark in several pieces: refused (by default), or marked from its first to its "
            "last character, and counted."
        ),
        choices={
            DISCONTINUOUS_CHOICES[0]: message("Refuse their article"),
            DISCONTINUOUS_CHOICES[1]: message("Mark from their first to their last character"),
        },
        convert=DISCONTINUOUS_CHOICES[1].__eq__,
    ),
    "controls": ReaderOption(
        keyword="controls",
        title=message("Control characters"),
        description=message(
            "What becomes of control characters such as form feeds: their article is refused (by default), "
            "or each becomes a space, and is counted."
        ),
        choices={
            CONTROLS[0]: message("Refuse their article"),
            CONTROLS[1]: message("Put a space for each, and count them"),
        },
    ),
    "documents": ReaderOption(
        keyword="documents",
        title=message("Documents of a CoNLL file"),
        description=message(
            "What divides the documents of a CoNLL file: lines that begin with -DOCSTART- (by default), or "
            "every empty line."
        ),
        choices={
            DOCUMENTS[0]: message("Lines that begin with -DOCSTART-"),
            DOCUMENTS[1]: message("Empty lines: each sentence is an article"),
        },
    ),
    "token": ReaderOption(
        keyword="token",
        title=message("Column of the words"),
        description=message(
            "The column of a CoNLL file that holds the words, counted from 1, where it is not found by "
            "itself."
        ),
        max_length=3,
        convert=_column("token"),
    ),
    "tag": ReaderOption(
        keyword="tag",
        title=message("Column of the tags"),
        description=message(
            "The column of a CoNLL file that holds the tags, counted from 1; without this, the last one with "
            "tags."
        ),
        max_length=3,
        convert=_column("tag"),
    ),
}


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """The options of one import.

    ``owners`` says which people of the file are which members; each of them then gets a set. Without
    ``state``, sets begin open. ``restore`` keeps ids, owners, states and times. ``reader`` are options of
    readers, by the names of their parameters.
    """

    format: str = "jsonl"
    on_conflict: str = "fail"
    dry_run: bool = False
    owner: User | None = None
    owners: str = ""
    state: str | None = None
    restore: bool = False
    reader: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def from_parameters(cls, **sent: Any) -> Self:
        """Return the options of parameters, among which those of readers stand beside the others."""
        names = {option.name for option in fields(cls)} - {"reader"}
        own = {name: value for name, value in sent.items() if name in names}
        return cls(**own, reader={name: value for name, value in sent.items() if name not in names})

    def as_parameters(self) -> dict[str, Any]:
        """Return the parameters of a job, all of them JSON; a restore is no job."""
        own = {name: getattr(self, name) for name in ("format", "on_conflict", "dry_run", "state", "owners")}
        return {**own, **self.reader, "owner": self.owner and self.owner.pk}

    @property
    def format_row(self) -> Format:
        """The format of the file."""
        return READABLE_FORMATS[self.format]

    @property
    def initial_state(self) -> State:
        """The state in which imported sets begin."""
        return State(self.state or State.OPEN)

    @property
    def drops_unknown_links(self) -> bool:
        """Whether links to unknown registry entries are dropped and counted, as in files of other tools."""
        return self.format != "jsonl"

    @property
    def takes_empty_sets(self) -> bool:
        """Whether a set without marks is somebody's work, and not a text that nobody has looked at."""
        return self.format_row.tells_empty or self.initial_state == State.SUBMITTED

    def reader_arguments(self) -> dict[str, Any]:
        """Return the arguments of the reader; raise ``InvalidInputError`` for an option that is invalid."""
        _require_choice("format", self.format, READABLE_FORMATS)
        _require_choice("on_conflict", self.on_conflict, CONFLICT_CHOICES)
        _require_choice("state", self.state or State.OPEN, INITIAL_STATES)
        unknown = self.reader.keys() - READER_OPTIONS.keys()
        if unknown:
            raise TypeError(f"There is no option {', '.join(sorted(unknown))}.")
        arguments: dict[str, Any] = {}
        for name, value in self.reader.items():
            option = READER_OPTIONS[name]
            if option.choices and value:
                _require_choice(name, value, option.choices)
            if not value or (option.choices and value == next(iter(option.choices))):
                continue
            if option.keyword not in self.format_row.reader_options:
                formats = [
                    other.name
                    for other in READABLE_FORMATS.values()
                    if option.keyword in other.reader_options
                ]
                detail = f"The format {self.format} does not take it; it belongs to {join_choices(formats)}."
                raise invalid_parameter(name, detail)
            arguments[option.keyword] = option.convert(value)
        return arguments


def _require_choice(parameter: str, value: str, choices: Collection[str]) -> None:
    if value not in choices:
        raise invalid_parameter(parameter, f"It takes {join_choices(list(choices))}.")


def invalid_parameter(parameter: str, detail: str) -> InvalidInputError:
    """Return the error of a parameter."""
    fault = FieldError(code="choice", detail=detail, parameter=parameter)
    return InvalidInputError(f"The parameter {parameter}: {detail}", errors=[fault])
