"""Translatable names of models, fields and enumeration values.

Names in the code are English; here they become translatable. Each is translated in a gettext context,
because one English word may need several translations: the state of a set is not a state as an actor.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.translation import pgettext_lazy

#: The values of each gettext context, from which the message catalogue is collected.
VOCABULARIES: dict[str, tuple[str, ...]] = {}


def to_words(name: str) -> str:
    """Return a name of the code as English words, such as ``in review``."""
    return name.replace("_", " ")


def translated_choices(values: Iterable[StrEnum | str], context: str = "") -> list[tuple[str, Any]]:
    """Return the values as choices of Django: pairs of stored value and translatable name.

    The default ``context`` is the name of the enumeration; plain strings need one.
    """
    name = context or str(getattr(values, "__name__", ""))
    words = [str(value) for value in values]
    # a context may be shared: the kinds of statements are labels
    VOCABULARIES[name] = tuple(dict.fromkeys((*VOCABULARIES.get(name, ()), *words)))
    return [(value, pgettext_lazy(name, to_words(value))) for value in words]


def translate_table_names(tables: Iterable[type[models.Model]]) -> None:
    """Make the verbose names of models and fields translatable.

    This happens after the classes exist: given in each field, the names would appear in every migration.
    """
    for table in tables:
        meta: Any = table._meta
        meta.verbose_name, meta.verbose_name_plural = (
            pgettext_lazy("model", str(text)) for text in (meta.verbose_name, meta.verbose_name_plural)
        )
        for field in meta.local_fields:
            field.verbose_name = pgettext_lazy("field", str(field.verbose_name))
