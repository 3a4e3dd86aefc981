"""Serializer fields for lists and objects of plain values: as strict as the fields of ``fields``."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from annotations.api.serializers.base import LIST_MESSAGES
from annotations.api.serializers.fields import StrictTextField

#: More than any list of articles, or search, has parameters.
_MAX_PARAMETERS = 100


class StrictListField(serializers.ListField):
    """Field for a list; one that is too long is refused before its items are looked at."""

    default_error_messages = LIST_MESSAGES

    def to_internal_value(self, data: object) -> list[Any]:
        """Return the validated items."""
        if not isinstance(data, list):
            self.fail("type")
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return list(super().to_internal_value(data))


class StrictObjectField(serializers.DictField):
    """Field for an object whose keys are not known beforehand, with at most ``max_members``."""

    default_error_messages = {
        "required": gettext_lazy("It is missing; send it."),
        "null": gettext_lazy("It cannot be null; send an object."),
        "type": gettext_lazy("It has to be an object."),
        "max_length": gettext_lazy("The object has more than {max_length} members; send fewer."),
    }

    def __init__(self, *, max_members: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_members = max_members

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """Return the object with its validated values."""
        if not isinstance(data, dict):
            self.fail("type")
        if self.max_members is not None and len(data) > self.max_members:
            self.fail("max_length", max_length=self.max_members)
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
        super().__init__(child=ParameterField(), max_members=_MAX_PARAMETERS, **kwargs)
