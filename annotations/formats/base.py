"""What a format is: a row of the table ``FORMATS``, with a writer, a reader or both.

A writer gets records in the order of the file (corpus, registry, articles), writes bytes, and
counts what it cannot carry. A reader turns a stream into lines, each a record or its faults. Both
know nothing of databases and of HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from annotations.exceptions import FieldError
from annotations.formats.records import Actor, Article, Corpus, Proposition, Record, Topic

MOST_IDS = 100
"""So many ids an entry in a list of losses names; the count is always whole."""

MOST_KINDS = 200
"""So many kinds of loss are told apart; names in a foreign file are without number."""


class Dialect(StrEnum):
    """For whom a file is written: exact, or as one kind of reader needs it."""

    MACHINE = "machine"
    SPREADSHEET = "spreadsheet"
    SEQUENCE = "sequence"
    DNA = "dna"
    DOCBIN = "docbin"


class Part(StrEnum):
    """What of a corpus a writer wants, beside articles and sets: the rest is not loaded.

    ``NAMES`` are those of the registry that spans link to, ``REGISTRY`` all of it as entries.
    """

    REGISTRY = "registry"
    NAMES = "names"
    TEXTS = "texts"
    SPANS = "spans"
    RELATIONS = "relations"
    COMMENTS = "comments"


class Losses:
    """What was lost on the way, by kind: how many, and the first ids."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._ids: dict[str, list[str]] = {}

    def add(self, what: str, ids: Iterable[str]) -> None:
        """Count one loss for each id; what has no id yet is counted by ""."""
        found = list(ids)
        if found:
            if what not in self._counts and len(self._counts) >= MOST_KINDS:
                what = what.partition(" ")[0]  # "label Place" is then one of many kinds of "label"
            self._counts[what] = self._counts.get(what, 0) + len(found)
            known = self._ids.setdefault(what, [])
            known.extend([id for id in found if id][: MOST_IDS - len(known)])

    def __len__(self) -> int:
        return sum(self._counts.values())

    def as_list(self) -> list[dict[str, Any]]:
        """``[{what, count, ids}]``, in the order in which they were met."""
        return [
            {"what": what, "count": count, "ids": self._ids[what]} for what, count in self._counts.items()
        ]


class Readable(Protocol):
    """A binary file, or a request body that behaves like one."""

    def read(self, size: int = ..., /) -> bytes:
        """At most ``size`` bytes; none at the end."""

    def readline(self, size: int = ..., /) -> bytes:
        """At most ``size`` bytes of one line, with its end."""


class Writer:
    """Base of all writers: each method may be left as it is where the format has no place for it."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        self.out = out
        self.dialect = dialect
        self.losses = Losses()
        self.records = 0

    def corpus(self, corpus: Corpus) -> None:
        """What stands above everything else."""

    def entry(self, entry: Actor | Topic | Proposition) -> None:
        """An entry of the registry: actors first, then topics, then propositions."""

    def article(self, article: Article, names: Names) -> None:
        """An article with the sets that are exported."""

    def close(self) -> None:
        """What stands below everything else."""

    def abandon(self) -> None:
        """Let go of files that are open, instead of ``close``."""


class Names(NamedTuple):
    """How the registry calls what spans link to: actors, propositions, and the topics of these."""

    actors: Mapping[str, str]
    propositions: Mapping[str, str]
    topics: Mapping[str, str]


Loss = tuple[str, Sequence[str]]
"""What was lost, and the ids of it; "" where it has none."""


class Chunk(NamedTuple):
    """Articles that are in memory together, and the names of what is linked in them."""

    articles: Sequence[Article]
    names: Names


class Marks(NamedTuple):
    """Marks in a file that does not hold their text: of an article that has to be there already.

    ``on`` makes of its text the line that the file would have held with it.
    """

    external_id: str
    on: Callable[[str], Line]


class Line(NamedTuple):
    """One line of a file: its record, or what is wrong with it; and what of it has no place here."""

    number: int
    record: Record | Marks | None
    faults: list[FieldError] = []
    external_id: str | None = None
    losses: Sequence[Loss] = ()


class ReleaseFile(NamedTuple):
    """How a release writes a format, where an export is an archive with a data card of its own."""

    writer: type[Writer]
    extension: str
    media_type: str


class PlainRecords(NamedTuple):
    """The fields of the records in a file, and by what Croissant finds them: ``column`` or ``jsonPath``."""

    extract: str
    fields: Sequence[str]


class Example(NamedTuple):
    """What a file looks like, by the names of its parts, and how another tool reads it."""

    files: Mapping[str, str]
    read_with: str = ""


@dataclass(frozen=True, kw_only=True)
class Format:
    """One row of ``FORMATS``.

    ``parts`` is what the writer wants to be given; ``cannot`` says for each kind of loss that an
    export may count what it means; ``leaves_out`` says what such a file is never meant to hold.
    ``options`` are the keyword arguments that the reader takes. ``requires`` is the optional package
    without which nothing is written. ``notes`` are sentences for the page of the format.
    ``endings`` are those of file names by which an upload is known to be in this format. ``link`` is the
    name of the link by which the page of a corpus offers an export.
    ``without_text`` is the writer for releases that withhold texts; None where every file holds them.
    ``in_release`` says how a release writes it, where that differs from an export: the data card then
    names its files to programs that load datasets. ``plain_records`` describe the files to Croissant.
    """

    name: str
    title: str
    media_type: str
    extension: str
    writer: type[Writer] | None = None
    reader: Callable[..., Iterator[Line]] | None = None
    parts: frozenset[Part] = frozenset()
    dialects: tuple[Dialect, ...] = ()
    cannot: Mapping[str, str] = field(default_factory=dict)
    leaves_out: str = ""
    options: frozenset[str] = frozenset()
    requires: str = ""
    notes: Sequence[str] = ()
    example: Example | None = None
    endings: tuple[str, ...] = ()
    link: str = ""
    without_text: type[Writer] | None = None
    in_release: ReleaseFile | None = None
    plain_records: PlainRecords | None = None

    @property
    def reads(self) -> bool:
        """Whether files of this format can be imported."""
        return self.reader is not None

    @property
    def writes(self) -> bool:
        """Whether exports can be made in this format."""
        return self.writer is not None
