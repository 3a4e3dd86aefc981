"""The words of the scheme and of the tables, in the language of whoever looks.

The tables themselves are pure and English. Contexts keep apart what is one word in English only:
values stand in the context of their attribute or enumeration, the rest in ``scheme``, ``attribute``
and ``relation``. ``of_the_scheme`` lists all of them for the message catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from annotations import scheme
from annotations.formats import FORMATS, Format
from annotations.formats.tables import LONG_CELLS
from annotations.measures.agreement import REASONS
from annotations.models.words import spelled

#: A text of ours that may be translated only when it is shown.
Text = str | Promise


#: What a format may be unable to carry, by its name, or by how that begins.
LOSSES = frozenset(
    {
        *(what for row in FORMATS.values() for what in row.cannot),
        # what readers tell of files of other tools
        "attribute", "attributes of relations", "cancelled annotations", "control", "discontinuous", "drafts",
        "duplicates", "equivalences", "field", "files", "items", "label", "labels of a whole text", "notes",
        "references", "regions without a label", "relation", "reviews", "second directions", "variable",
        "MISC", "annotations of another view", "answers", "byte order marks, kept in the text", "column",
        "controls", "corrections", "deletions", "descriptions of figures", "element", "empty nodes",
        "empty sets", "reference", "running heads", "scores", "sets",
        "spans without a label", "statements without a concept and an agreement",
        "tags inside of a contraction", "targets on other sources", "type", LONG_CELLS,
    }
)  # fmt: skip


def number(value: int) -> str:
    """A number as people write it: grouped, in the way of the language."""
    return str(formats.number_format(value, use_l10n=True, force_grouping=True))


def value(kind: type[StrEnum], stored: str) -> str:
    """What people call a value of an enumeration."""
    return pgettext(kind.__name__, spelled(stored))


def field(name: str) -> str:
    """What people call a column."""
    return pgettext("field", spelled(name))


def label(name: str) -> str:
    """The title of a label."""
    return pgettext("scheme", scheme.LABELS[name].title)


def relation(name: str) -> str:
    """The title of a relation: made by."""
    return pgettext("relation", spelled(name))


def attribute(name: str) -> str:
    """The title of an attribute."""
    return pgettext("attribute", spelled(name))


def attribute_value(name: str, stored: object) -> str:
    """What people call a value of an attribute; what is no choice stays as it was written."""
    known = scheme.ATTRIBUTES.get(name)
    return pgettext(name, str(stored)) if known and stored in known.values else str(stored)


def format_choices(rows: Mapping[str, Format]) -> list[tuple[str, Text]]:
    """Formats to choose from, by their names, in words that are translated when they are shown."""
    return [(name, pgettext_lazy("format", row.title)) for name, row in rows.items()]


def reason(text: str) -> str:
    """Why there is no figure; empty for nothing."""
    return pgettext("figure", text) if text else ""


def choices(values: Iterable[StrEnum], kind: type[StrEnum]) -> list[dict[str, str]]:
    """Stored values with what people call them, as scripts take them."""
    return [{"value": str(one), "text": value(kind, one)} for one in values]


def loss(what: str) -> str:
    """What was lost on the way into or out of a format; the name of ``label Place`` stays as it is."""
    if what in LOSSES:
        return pgettext("loss", what)
    head, space, name = what.partition(" ")
    return f"{pgettext('loss', head)}{space}{name}" if head in LOSSES else what


def losses(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Stored losses as a page shows them."""
    return [{**row, "what": loss(str(row["what"]))} for row in rows]


def of_the_scheme() -> Iterator[tuple[str, str]]:
    """Context and English words of all that is translated here and stands in no call of gettext."""
    yield from (("figure", text) for text in REASONS)
    yield from (("format", row.title) for row in FORMATS.values())
    yield from (("format", row.link_label) for row in FORMATS.values() if row.link_label)
    yield from (("loss", what) for what in LOSSES)
    for one in scheme.LABELS.values():
        yield from (("scheme", one.title), ("scheme", one.description))
    for fact in scheme.ATTRIBUTES.values():
        yield from (("attribute", fact.title), ("scheme", fact.description))
        for choice in fact.choices:
            yield from ((fact.name, choice.value), ("scheme", choice.description))
    for link in scheme.RELATIONS.values():
        yield from (("relation", link.title), ("scheme", link.description))
