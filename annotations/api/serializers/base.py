"""The base of all serializers: what is not asked for is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, TypeAlias

from django.db.models import Model
from django.utils.translation import gettext, gettext_lazy
from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import empty
from rest_framework.settings import api_settings

from annotations.says import says
from annotations.text.gate import excerpt
from annotations.told import told

MOST_ITEMS = 1_000
"""How many items a list in a request may have."""

# Enough to see what is wrong; a body of 100,000 foreign keys must not make as many sentences.
_MOST_UNKNOWN = 20
_WHOLE = api_settings.NON_FIELD_ERRORS_KEY


class StrictList(serializers.ListSerializer[Any]):
    """A list of objects, with a limit."""

    default_error_messages = {
        "empty": gettext_lazy("The list is empty; send at least one item."),
        "max_length": gettext_lazy("The list has more than {max_length} items; send it in parts."),
        "null": gettext_lazy("It cannot be null; send a list."),
        "required": gettext_lazy("It is missing; send it."),
    }

    def to_internal_value(self, data: Any) -> list[Any]:
        """The checked items."""
        if not isinstance(data, list):
            raise ValidationError({_WHOLE: [ErrorDetail(gettext("It has to be a list."), "type")]})
        return list(super().to_internal_value(data))


class Strict(serializers.Serializer[Any]):
    """An object whose fields are all declared; others, and those that only we write, are refused.

    ``many=True`` takes a list of at most 1,000 items (``max_length=`` for another limit).
    ``sparse``: an answer leaves out what is not there, where all others show it as null.
    """

    sparse: ClassVar[bool] = False
    default_error_messages = {"required": gettext_lazy("It is missing; send it.")}

    class Meta:
        list_serializer_class = StrictList

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # For type checkers only: with many=True it also takes what DRF gives to the list.
        super().__init__(*args, **kwargs)

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> serializers.BaseSerializer[Any]:
        """DRF's hook for ``many=True``."""
        return super().many_init(*args, **{"max_length": MOST_ITEMS, **kwargs})

    def run_validation(self, data: Any = empty) -> Any:
        """The checked values; null is a fault of the object and not of a field in it."""
        if data is None and not self.allow_null:
            raise ValidationError(
                {_WHOLE: [ErrorDetail(gettext("It cannot be null; send an object."), "null")]}
            )
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        """The checked values, or all faults at once: unknown fields and wrong ones."""
        if not isinstance(data, Mapping):
            raise ValidationError({_WHOLE: [ErrorDetail(gettext("It has to be an object."), "type")]})
        foreign: dict[str, Any] = self._not_asked_for(data)
        try:
            checked = super().to_internal_value(dict(data))
        except ValidationError as error:
            own = error.detail if isinstance(error.detail, dict) else {_WHOLE: error.detail}
            raise ValidationError({**own, **foreign}) from None
        if foreign:
            raise ValidationError(foreign)
        return checked

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The object as it is shown. DRF would copy every field for every answer first."""
        is_row = isinstance(instance, Model)
        shown = {}
        for name, read, field in _shown(type(self)):
            value = read(instance) if is_row and read else field.get_attribute(instance)
            shown[name] = None if value is None else field.to_representation(value)
        return shown

    def _not_asked_for(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        fields = self.fields
        faults: dict[str, list[ErrorDetail]] = {}
        for name in data:
            if name not in fields:
                known = ", ".join(key for key, field in fields.items() if not field.read_only)
                sentence = says(
                    "There is no field {name} here; the fields are {known}.",
                    name=excerpt(name),
                    known=known or says("none"),
                )
                faults[name] = [ErrorDetail(told(sentence), "unknown-field")]
            elif fields[name].read_only:
                faults[name] = [
                    ErrorDetail(gettext("Only the service writes it; leave it out."), "read-only")
                ]
            if len(faults) >= _MOST_UNKNOWN:
                break
        return faults


_Field: TypeAlias = serializers.Field[Any, Any, Any, Any]
_Shown: TypeAlias = tuple[str, Callable[[Any], Any] | None, _Field]


@cache
def _shown(shape: type[Strict]) -> tuple[_Shown, ...]:
    """The fields of an answer, once for all answers, and how a plain column of a row is read."""
    return tuple((name, _reader(field), field) for name, field in shape().fields.items())


def _reader(field: _Field) -> Callable[[Any], Any] | None:
    """None where DRF has to look: a path, or a field that may be missing."""
    is_plain = len(field.source_attrs) == 1 and field.default is empty
    return attrgetter(*field.source_attrs) if is_plain else None


class EmptyAsNull(serializers.Field[Any, Any, Any, Any]):
    """Shows "" as null, for answers: every field is present, and null when empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        """The value, or null for ""."""
        return None if value == "" else value


class StrictObject(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Tells the OpenAPI document that unknown fields are refused and which are never left out."""

    target_class = "annotations.api.serializers.base.Strict"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Any:
        """DRF's fields: in a request no others, in an answer all of them."""
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if direction == "request":
            return {**schema, "additionalProperties": False}
        names = [] if self.target.sparse else list(schema.get("properties", {}))
        return {**schema, "required": names} if names else schema
