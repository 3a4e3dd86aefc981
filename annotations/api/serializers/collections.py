"""Serializer fields for lists and objects of plain values: as strict as the fields of ``fields``."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from annotations.api.serializers.fields import StrictTextField

_LIST_MESSAGES = {
    "required": gettext_lazy("It is missing; send it."),
    "null": gettext_lazy("It cannot be null; send a list."),
    "type": gettext_lazy("It has to be a list."),
    "empty": gettext_lazy("The list is empty; send at least one item."),
    "max_length": gettext_lazy("The list has more than {max_length} items; send it in parts."),
}
_OBJECT_MESSAGES = {
    "required": gettext_lazy("It is missing; send it."),
    "null": gettext_lazy("It cannot be null; send an object."),
    "type": gettext_lazy("It has to be an object."),
    "max_length": gettext_lazy("The object has more than {max_length} members; send fewer."),
}

#: A list may have parameters for each of its columns, and nobody sends more than there are.
_MAX_PARAMETERS = 100


class StrictListField(serializers.ListField):
    """Field for a list; one that is too long is refused before its items are looked at."""

    default_error_messages = _LIST_MESSAGES

    def to_internal_value(self, data: object) -> list[Any]:
        """Return the validated items."""
        if not isinstance(data, list):
            self.fail("type")
        _check_size(self, data, self.max_length)
        return list(super().to_internal_value(data))


class StrictObjectField(serializers.DictField):
    """Field for an object whose keys are not known beforehand."""

    default_error_messages = _OBJECT_MESSAGES

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """Return the object with its validated values."""
        if not isinstance(data, dict):
            self.fail("type")
        return dict(super().to_internal_value(data))


class ParameterField(StrictTextField):
    """Field for the value of a parameter, which the table of the parameters checks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_blank=True, **kwargs)

    def check_value(self, value: str) -> None:
        """Accept everything."""


class ParametersField(StrictObjectField):
    """Field for the parameters of a list or a search, by their names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=ParameterField(), **kwargs)

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """Return the texts by their names."""
        if isinstance(data, dict):
            _check_size(self, data, _MAX_PARAMETERS)
        return super().to_internal_value(data)


def _check_size(field: serializers.Field[Any, Any, Any, Any], data: Sized, limit: int | None) -> None:
    if limit is not None and len(data) > limit:
        field.fail("max_length", max_length=limit)
