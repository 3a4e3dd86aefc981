"""The terms of every format: the row of the table ``FORMATS``, writers, readers and what they exchange.

A writer takes records in the order of the file (corpus, registry, articles), writes bytes, and counts
what the format cannot carry. A reader yields the records of a stream, or their errors. Neither knows
databases or HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any, NamedTuple, Protocol

from annotations.exceptions import FieldError
from annotations.formats.core.records import (
    Actor,
    Article,
    Corpus,
    Merge,
    Proposition,
    Record,
    RegistryJudgement,
    Story,
    Tombstone,
    Topic,
)
from annotations.formats.core.typed_columns import Column

MAX_LOSS_IDS = 100
"""The number of ids that a loss names; its count is complete."""

MAX_LOSS_KINDS = 200
"""The number of kinds of loss that are kept apart, since a file can have any number of names."""


class Dialect(StrEnum):
    """A variant of a format: exact, or as one kind of reader needs it."""

    MACHINE = "machine"
    SPREADSHEET = "spreadsheet"
    SEQUENCE = "sequence"
    DNA = "dna"
    DOCBIN = "docbin"
    CONGRUENCE = "congruence"
    CONFLICT = "conflict"


class RecordSection(StrEnum):
    """A part of a corpus that a writer asks for, beside articles and sets; the others are not loaded.

    ``NAMES`` are the names of the entries that spans link to; ``REGISTRY`` is all entries; ``CORRECTIONS``
    is how sets were carried over to a corrected text; ``COPIES`` is which statements of theirs copies repeat;
    ``RIGHTS`` is the terms of their licences.
    """

    REGISTRY = "registry"
    NAMES = "names"
    TEXTS = "texts"
    SPANS = "spans"
    RELATIONS = "relations"
    COMMENTS = "comments"
    CORRECTIONS = "corrections"
    COPIES = "copies"
    RIGHTS = "rights"


#: The sections of a format that holds texts with all that people have said of them.
ANNOTATED_TEXTS = frozenset(
    {RecordSection.TEXTS, RecordSection.SPANS, RecordSection.RELATIONS, RecordSection.COMMENTS}
)
#: The options of a reader that takes files of other tools.
FOREIGN_OPTIONS = frozenset({"names", "hull", "controls"})


class Losses:
    """The counter of what a file could not carry: by kind, how many, and the first ids."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._ids: dict[str, list[str]] = {}

    def add(self, what: str, ids: Iterable[str]) -> None:
        """Count one loss for each id; "" stands for an object without an id."""
        found = list(ids)
        if found:
            if what not in self._counts and len(self._counts) >= MAX_LOSS_KINDS:
                what = what.partition(" ")[0]  # "label Place" is then one of many kinds of "label"
            self._counts[what] = self._counts.get(what, 0) + len(found)
            known = self._ids.setdefault(what, [])
            known.extend([id for id in found if id][: MAX_LOSS_IDS - len(known)])

    def absorb(self, other: Losses, what: str) -> None:
        """Add what another counter has of one kind."""
        if what in other._counts:
            self._counts[what] = self._counts.get(what, 0) + other._counts[what]
            known = self._ids.setdefault(what, [])
            known.extend(other._ids[what][: MAX_LOSS_IDS - len(known)])

    def __len__(self) -> int:
        return sum(self._counts.values())

    def as_list(self) -> list[dict[str, Any]]:
        """Return ``[{what, count, ids}]``, in the order in which the kinds were first counted."""
        return [
            {"what": what, "count": count, "ids": self._ids[what]} for what, count in self._counts.items()
        ]


class Readable(Protocol):
    """A binary file, or a request body that behaves like one."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""

    def readline(self, size: int = ..., /) -> bytes:
        """Return at most ``size`` bytes of one line, with its end."""


class Writer:
    """The base of all writers; a method does nothing where the format has no place for its records."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        self.out = out
        self.dialect = dialect
        #: What is looked for, where the format needs a question.
        self.question = ""
        self.losses = Losses()
        self.records = 0

    def write_corpus(self, corpus: Corpus) -> None:
        """Write the header of the corpus, before all other records."""

    def write_entry(self, entry: Actor | Topic | Proposition) -> None:
        """Write an entry of the registry: actors first, then topics, then propositions."""

    def write_merge(self, merge: Merge) -> None:
        """Write a merge of entries, after all of them."""

    def write_judgement(self, judgement: RegistryJudgement) -> None:
        """Write what was judged of two entries, after all merges."""

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write an article with the sets that are exported."""

    def write_story(self, story: Story) -> None:
        """Write a story, after all articles."""

    def write_tombstone(self, tombstone: Tombstone) -> None:
        """Write the trace of an article that was taken down, after all stories."""

    def close(self) -> None:
        """Write the end of the file."""

    def abandon(self) -> None:
        """Close open files, instead of ``close``."""


#: What the gate of rights keeps back from every format.
RIGHTS_LOSSES: Mapping[str, str] = {
    "masked": "articles and entries in which the names of protected sources are masked",
    "withheld-texts": "articles whose texts may leave in part or not at all",
    "embargoed": "articles that are left out until their embargo ends",
    "taken-down": "articles that were taken down",
    "quote-share": "articles of which fewer words may be quoted than are marked",
}
WITHHELD_TEXTS = "withheld-texts"


class RegistryNames(NamedTuple):
    """The names of the canonical actors and propositions that spans link to, and the topics of the latter."""

    actors: Mapping[str, str]
    propositions: Mapping[str, str]
    topics: Mapping[str, str]


Loss = tuple[str, Sequence[str]]
"""A kind of loss, and the ids of the lost objects; "" where one has no id."""


class ArticleChunk(NamedTuple):
    """Articles that are in memory together, and the names of the entries that they link to."""

    articles: Sequence[Article]
    names: RegistryNames


class StandoffAnnotations(NamedTuple):
    """Spans and relations without their text: they belong to an article that is stored already.

    ``read_with_text`` takes the stored text, and returns the record that the file would have held with it.
    """

    external_id: str
    read_with_text: Callable[[str], ParsedRecord]


class ParsedRecord(NamedTuple):
    """A record of a file, or its faults; and what of it could not be imported.

    ``ends`` says that nothing behind it is read.
    """

    number: int
    record: Record | StandoffAnnotations | None
    errors: list[FieldError] = []
    external_id: str | None = None
    losses: Sequence[Loss] = ()
    ends: bool = False


class ReleaseVariant(NamedTuple):
    """A file by which a release writes a format, where an export is an archive with a data card of its own.

    ``config`` is the configuration by which the data card names the file to programs, or "". Losses are
    told of the format, or of the format and ``aspect``, which is what the file shows of it.
    """

    writer: type[Writer]
    extension: str
    media_type: str
    columns: Sequence[Column]
    config: str = ""
    aspect: str = ""


class Example(NamedTuple):
    """Example files by their names, and a command that reads them."""

    files: Mapping[str, str]
    read_with: str = ""


@dataclass(frozen=True, kw_only=True)
class Format:
    """A row of ``FORMATS``.

    ``sections`` are those that the writer asks for. ``loss_descriptions`` explain the kinds of loss that
    an export may count, ``omissions`` what such files never hold. ``reader_options`` are the keyword
    arguments of the reader, ``required_package`` is the optional one that the writer needs. ``notes`` are
    sentences for the reference page. ``endings`` are the endings of uploads that are read in this format
    by default. ``takes`` are kinds of binary files that the reader knows. ``tells_empty`` says that a set
    without marks in such a file is somebody's work; in others it may be a text that nobody has looked at.
    ``keeps_merges`` says that links are written as they are stored, with the merges, so that these can be
    undone elsewhere; other formats get canonical links.
    ``needs_question`` says that the file lists what a question finds, so that it needs one.
    ``link_label`` is the text of the link to an export on the page of a corpus.
    ``without_text`` is the writer of releases that withhold texts; None where files always hold them.
    ``in_release`` are the files that releases hold, where they differ from an export: the data card then
    names some of them to programs that load datasets. ``columns`` describe the files to Croissant.
    """

    name: str
    title: str
    media_type: str
    extension: str
    writer: type[Writer] | None = None
    reader: Callable[..., Iterator[ParsedRecord]] | None = None
    sections: frozenset[RecordSection] = frozenset()
    dialects: tuple[Dialect, ...] = ()
    loss_descriptions: Mapping[str, str] = field(default_factory=dict)
    omissions: str = ""
    reader_options: frozenset[str] = frozenset()
    required_package: str = ""
    notes: Sequence[str] = ()
    example: Example | None = None
    endings: tuple[str, ...] = ()
    takes: frozenset[str] = frozenset()
    tells_empty: bool = False
    keeps_merges: bool = False
    needs_question: bool = False
    link_label: str = ""
    without_text: type[Writer] | None = None
    in_release: Sequence[ReleaseVariant] = ()
    columns: Sequence[Column] = ()

    @property
    def is_readable(self) -> bool:
        """Return whether files of this format can be imported."""
        return self.reader is not None

    @property
    def is_writable(self) -> bool:
        """Return whether exports can be made in this format."""
        return self.writer is not None

    @property
    def can_withhold(self) -> bool:
        """Return whether files can hold an article without its text."""
        return self.without_text is not None


def write_article(format: Format, writer: Writer, article: Article, names: RegistryNames) -> None:
    """Write an article, unless its text is withheld from a format that cannot do without."""
    if article.revisions[-1].withheld:
        writer.losses.add(WITHHELD_TEXTS, [article.id])
        if not format.can_withhold:
            return
    writer.write_article(article, names)
