"""The base of all serializers: unknown fields are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, TypeAlias

from django.db.models import Model
from django.utils.translation import gettext, gettext_lazy
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import empty
from rest_framework.settings import api_settings

from annotations.messages import message
from annotations.text.gate import excerpt
from annotations.translation import translate_message

MAX_ITEMS = 1_000
"""How many items a list in a request may have."""

# A body with 100,000 unknown keys must not make as many sentences.
_MAX_UNKNOWN = 20
_NON_FIELD = api_settings.NON_FIELD_ERRORS_KEY


#: The sentences of lists, of objects as of plain values.
LIST_MESSAGES = {
    "required": gettext_lazy("It is missing; send it."),
    "null": gettext_lazy("It cannot be null; send a list."),
    "type": gettext_lazy("It has to be a list."),
    "empty": gettext_lazy("The list is empty; send at least one item."),
    "max_length": gettext_lazy("The list has more than {max_length} items; send it in parts."),
}


class StrictListSerializer(serializers.ListSerializer[Any]):
    """List serializer with a limit on the number of items."""

    default_error_messages = LIST_MESSAGES

    def to_internal_value(self, data: object) -> list[Any]:
        """Return the validated items."""
        if not isinstance(data, list):
            raise ValidationError({_NON_FIELD: [ErrorDetail(str(LIST_MESSAGES["type"]), "type")]})
        return list(super().to_internal_value(data))


class StrictSerializer(serializers.Serializer[Any]):
    """Serializer that refuses unknown fields and read-only ones.

    ``many=True`` takes a list of at most 1,000 items (``max_length=`` for another limit).
    ``omits_missing``: a response leaves out missing values, where all others show them as null.
    """

    omits_missing: ClassVar[bool] = False
    default_error_messages = {"required": gettext_lazy("It is missing; send it.")}

    class Meta:
        list_serializer_class = StrictListSerializer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # For type checkers only: with many=True it also takes the arguments of the list serializer.
        super().__init__(*args, **kwargs)

    @classmethod
    def many_init(cls, *args: object, **kwargs: object) -> serializers.BaseSerializer[Any]:
        """Return the list serializer for ``many=True``, with a limit."""
        return super().many_init(*args, **{"max_length": MAX_ITEMS, **kwargs})

    def run_validation(self, data: object = empty) -> Any:
        """Return the validated values; null is an error of the object and not of a field in it."""
        if data is None and not self.allow_null:
            raise ValidationError(
                {_NON_FIELD: [ErrorDetail(gettext("It cannot be null; send an object."), "null")]}
            )
        return super().run_validation(data)

    def to_internal_value(self, data: object) -> Any:
        """Return the validated values, or raise all errors at once: unknown fields and invalid values."""
        if not isinstance(data, Mapping):
            raise ValidationError({_NON_FIELD: [ErrorDetail(gettext("It has to be an object."), "type")]})
        refused: dict[str, Any] = self._refused_fields(data)
        try:
            validated = super().to_internal_value(dict(data))
        except ValidationError as error:
            own = error.detail if isinstance(error.detail, dict) else {_NON_FIELD: error.detail}
            raise ValidationError({**own, **refused}) from None
        if refused:
            raise ValidationError(refused)
        return validated

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the object as it is shown, without DRF's copy of every field for every object."""
        is_row = isinstance(instance, Model)
        representation = {}
        for name, read, field in _output_fields(type(self)):
            value = read(instance) if is_row and read else field.get_attribute(instance)
            representation[name] = None if value is None else field.to_representation(value)
        return representation

    def _refused_fields(self, data: Mapping[str, object]) -> dict[str, list[ErrorDetail]]:
        fields = self.fields
        errors: dict[str, list[ErrorDetail]] = {}
        for name in data:
            if name not in fields:
                known = ", ".join(key for key, field in fields.items() if not field.read_only)
                sentence = message(
                    "There is no field {name} here; the fields are {known}.",
                    name=excerpt(name),
                    known=known or message("none"),
                )
                errors[name] = [ErrorDetail(translate_message(sentence), "unknown-field")]
            elif fields[name].read_only:
                errors[name] = [
                    ErrorDetail(gettext("Only the service writes it; leave it out."), "read-only")
                ]
            if len(errors) >= _MAX_UNKNOWN:
                break
        return errors


_Field: TypeAlias = serializers.Field[Any, Any, Any, Any]
_OutputField: TypeAlias = tuple[str, Callable[[Any], Any] | None, _Field]


@cache
def _output_fields(serializer: type[StrictSerializer]) -> tuple[_OutputField, ...]:
    """Return the fields of a response, and how to read a plain column of a row, once for all responses."""
    return tuple((name, _getter(field), field) for name, field in serializer().fields.items())


@cache
def shown_fields(serializer: type[StrictSerializer]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Return the fields of a response, and what shows a value that is not None, once for all responses."""
    return tuple((name, field.to_representation) for name, _, field in _output_fields(serializer))


def _getter(field: _Field) -> Callable[[Any], Any] | None:
    """Return a getter for a plain column; None where DRF has to resolve a path or a default."""
    is_plain = len(field.source_attrs) == 1 and field.default is empty
    return attrgetter(*field.source_attrs) if is_plain else None


@extend_schema_field({"type": "string"})
class EmptyAsNullField(serializers.Field[Any, Any, Any, Any]):
    """Read-only field that shows "" as null: every field is present in a response, and null when empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: object) -> object:
        """Return the value, or None for ""."""
        return None if value == "" else value


class StrictSerializerExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """OpenAPI extension that says which fields are never missing, and that unknown ones are refused."""

    target_class = StrictSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Any:
        """Return DRF's schema; a request takes no other fields, a response has all of them."""
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if direction == "request":
            return {**schema, "additionalProperties": False}
        target: StrictSerializer = self.target
        names = [] if target.omits_missing else list(schema.get("properties", {}))
        return {**schema, "required": names} if names else schema
