"""The names of the scheme and of the tables, in the language of the user.

The tables themselves are pure and English. Contexts keep words apart that are one word in English
only: values stand in the context of their attribute or enumeration, the rest in ``scheme``,
``attribute`` and ``relation``. ``iter_catalogue_messages`` yields all of them for the message catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import pgettext, pgettext_lazy

from annotations import scheme
from annotations.formats import FORMATS, Format
from annotations.formats.core.hub_rows import TOKEN_LOSSES
from annotations.formats.core.interfaces import RIGHTS_LOSSES
from annotations.metrics.agreement import REASONS
from annotations.models.vocabulary import to_words
from annotations.text.parsing import round_figure

#: A text that may be translated lazily.
LazyText = str | Promise


#: What people call the columns whose names are no words.
FIELD_WORDS: Mapping[str, str] = {"qid": "Wikidata id"}

#: The names of the losses of formats, or how they begin.
LOSSES = frozenset(
    {
        *(what for row in FORMATS.values() for what in row.loss_descriptions),
        *TOKEN_LOSSES,
        *RIGHTS_LOSSES,
        # losses of readers of other tools' files
        "attribute", "attributes of relations", "cancelled annotations", "control", "discontinuous", "drafts",
        "duplicates", "equivalences", "field", "files", "items", "label", "labels of a whole text", "notes",
        "references", "regions without a label", "relation", "reviews", "second directions", "variable",
        "MISC", "annotations of another view", "answers", "byte order marks, kept in the text", "column",
        "controls", "corrections", "deletions", "descriptions of figures", "element", "empty nodes",
        "empty sets", "reference", "running heads", "scores", "sets",
        "spans without a label", "statements without a concept and an agreement",
        "tags inside of a contraction", "targets on other sources", "type",
    }
)  # fmt: skip


def format_number(value: int) -> str:
    """Return a number as people write it: grouped, in the format of the language."""
    return str(formats.number_format(value, use_l10n=True, force_grouping=True))


def format_figure(value: float, places: int = 2, *, trimmed: bool = False) -> str:
    """Return a figure as people round it, never cut: 0.889 is 0.89. ``trimmed``: without zeros at the end."""
    rounded = round_figure(value, places)
    if trimmed and places:
        rounded = rounded.normalize()
        places = max(0, -int(rounded.as_tuple().exponent))
    written = str(formats.number_format(abs(rounded), places, use_l10n=True, force_grouping=True))
    return f"−{written}" if rounded < 0 else written


def format_percent(share: float) -> str:
    """Return a share of 1 in whole percent: 0.889 is 89 %."""
    return f"{format_figure(100 * share, 0)} %"


def format_day(time: datetime | None) -> str:
    """Return a day in the shortest form, with the whole time in its title."""
    if time is None:
        return "–"
    local = timezone.localtime(time)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        formats.date_format(local, "DATETIME_FORMAT"),
        local.date().isoformat(),
    )


def enum_label(kind: type[StrEnum], stored: str) -> str:
    """Return what people call a value of an enumeration."""
    return pgettext(kind.__name__, to_words(stored))


def field_label(name: str) -> str:
    """Return what people call a column."""
    return pgettext("field", FIELD_WORDS.get(name, to_words(name)))


def span_label(name: str) -> str:
    """Return the title of a label."""
    return pgettext("scheme", scheme.LABELS[name].title)


def relation_label(name: str) -> str:
    """Return the title of a relation: made by."""
    return pgettext("relation", to_words(name))


def attribute_label(name: str) -> str:
    """Return the title of an attribute."""
    return pgettext("attribute", to_words(name))


def attribute_value_label(name: str, stored: object) -> str:
    """Return what people call a value of an attribute; a value that is no choice stays as it is."""
    row = scheme.ATTRIBUTES.get(name)
    return pgettext(name, str(stored)) if row and stored in row.values else str(stored)


def format_choices(rows: Mapping[str, Format]) -> list[tuple[str, LazyText]]:
    """Return formats as choices of a form, translated when they are shown."""
    return [(name, pgettext_lazy("format", row.title)) for name, row in rows.items()]


def missing_value_reason(text: str) -> str:
    """Return why a measure has no value; "" for ""."""
    return pgettext("figure", text) if text else ""


def enum_choices(values: Iterable[StrEnum], kind: type[StrEnum]) -> list[dict[str, str]]:
    """Return stored values with their names, as scripts take them."""
    return [{"value": str(each), "text": enum_label(kind, each)} for each in values]


def loss_label(what: str) -> str:
    """Return what a format lost; the name in ``label Place`` stays as it is."""
    if what in LOSSES:
        return pgettext("loss", what)
    head, space, name = what.partition(" ")
    return f"{pgettext('loss', head)}{space}{name}" if head in LOSSES else what


def labelled_losses(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return stored losses as a page shows them."""
    return [{**row, "what": loss_label(str(row["what"]))} for row in rows]


def iter_catalogue_messages() -> Iterator[tuple[str, str]]:
    """Yield context and English text of all messages that stand in no call of gettext."""
    yield from (("figure", text) for text in REASONS)
    yield from (("field", text) for text in FIELD_WORDS.values())
    yield from (("format", row.title) for row in FORMATS.values())
    yield from (("format", row.link_label) for row in FORMATS.values() if row.link_label)
    yield from (("loss", what) for what in LOSSES)
    for label_ in scheme.LABELS.values():
        yield from (("scheme", label_.title), ("scheme", label_.description))
    for attribute_ in scheme.ATTRIBUTES.values():
        yield from (("attribute", attribute_.title), ("scheme", attribute_.description))
        for choice in attribute_.choices:
            yield from ((attribute_.name, choice.value), ("scheme", choice.description))
    for link in scheme.RELATIONS.values():
        yield from (("relation", link.title), ("scheme", link.description))
