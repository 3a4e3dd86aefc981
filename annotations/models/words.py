"""What the values and the fields of the tables are called by people, in the language of whoever reads.

Names in the code are English; here they become words that can be translated. A name is translated
within a context, since one English word may need several in another language: the state of a set is
not a state that speaks.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.translation import pgettext_lazy

#: Every context in which values stand as choices, with the values; the message catalogue is made from it.
VOCABULARIES: dict[str, tuple[str, ...]] = {}


def spelled(name: str) -> str:
    """A name of the code as English words: ``in review``."""
    return name.replace("_", " ")


def choices(values: Iterable[StrEnum | str], context: str = "") -> list[tuple[str, Any]]:
    """The values of a table as Django wants choices: stored value and what people read.

    ``context`` is the name of the enumeration, unless the values are plain strings.
    """
    name = context or str(getattr(values, "__name__", ""))
    VOCABULARIES[name] = tuple(str(value) for value in values)
    return [(value, pgettext_lazy(name, spelled(value))) for value in VOCABULARIES[name]]


def name(tables: Iterable[type[models.Model]]) -> None:
    """Make the names of tables and fields words that can be translated.

    Done after the classes are made: said in each field, the names would stand in every migration.
    """
    for table in tables:
        meta: Any = table._meta
        meta.verbose_name, meta.verbose_name_plural = (
            pgettext_lazy("model", str(text)) for text in (meta.verbose_name, meta.verbose_name_plural)
        )
        for field in meta.local_fields:
            field.verbose_name = pgettext_lazy("field", str(field.verbose_name))
