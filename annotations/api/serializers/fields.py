"""Serializer fields that take exactly their type: no "5" for 5, nothing trimmed, nothing guessed.

Error codes are short and stable: ``required``, ``null``, ``type``, ``choice``, ``empty``, ``too-long``,
``too-small``, ``too-large``, ``format``, ``characters``, and ``text-not-allowed`` where the text gate
refuses article text.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from annotations import limits
from annotations.exceptions import TextNotAllowedError
from annotations.messages import message
from annotations.text import gate, parsing
from annotations.translation import translate_message

MAX_INTEGER = 2**63 - 1
MIN_INTEGER = -(2**63)

T = TypeVar("T")

_MISSING = {
    "required": gettext_lazy("It is missing; send it."),
    "null": gettext_lazy("It cannot be null; send a value or leave it out."),
}


class StrictIntegerField(serializers.IntegerField):
    """Field for a JSON integer between two bounds; neither true, "5" nor 5.0."""

    default_error_messages = {
        **_MISSING,
        "type": gettext_lazy("It has to be an integer."),
        "max_value": gettext_lazy("It can be at most {max_value}."),
        "min_value": gettext_lazy("It has to be at least {min_value}."),
    }

    def __init__(self, *, min_value: int = MIN_INTEGER, max_value: int = MAX_INTEGER, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_internal_value(self, data: object) -> int:
        """Return the integer itself."""
        if type(data) is not int:
            self.fail("type")
        return data


class StrictBooleanField(serializers.BooleanField):
    """Field for ``true`` or ``false``; neither "true" nor 1."""

    default_error_messages = {**_MISSING, "type": gettext_lazy("It has to be true or false.")}

    def to_internal_value(self, data: object) -> bool:
        """Return the boolean itself."""
        if not isinstance(data, bool):
            self.fail("type")
        return data


class ShareField(serializers.FloatField):
    """Field for a part of a whole: a JSON number from 0 to 1, and no string."""

    default_error_messages = {
        **_MISSING,
        "type": gettext_lazy("It has to be a number."),
        "max_value": gettext_lazy("It can be at most {max_value}."),
        "min_value": gettext_lazy("It has to be at least {min_value}."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=1, **kwargs)

    def to_internal_value(self, data: object) -> float:
        """Return the number; the parser has refused those that are not finite."""
        if type(data) not in (int, float):
            self.fail("type")
        return float(cast("float", data))


class StrictUUIDField(serializers.UUIDField):
    """Field for a UUID as a string of the form 8-4-4-4-12."""

    default_error_messages = {**_MISSING, "type": gettext_lazy("It has to be a UUID in a string.")}

    def to_internal_value(self, data: object) -> uuid.UUID:
        """Return the UUID."""
        if not isinstance(data, str):
            self.fail("type")
        return _parse(parsing.parse_uuid, data)


class StrictTextField(serializers.CharField):
    """Base of the text fields: never trimmed, never made from a number.

    ``optional=True`` is for columns where "" means that nothing is known: the field may be missing,
    takes null for "", and shows null for "".
    """

    default_error_messages = {
        **_MISSING,
        "type": gettext_lazy("It has to be a string."),
        "blank": gettext_lazy("It is empty; it needs at least one visible character."),
    }
    error_code = "characters"

    def __init__(self, *, optional: bool = False, **kwargs: Any) -> None:
        self.optional = optional
        if optional:
            kwargs = {"allow_null": True, "allow_blank": True, **kwargs}
            if not kwargs.get("read_only"):
                kwargs.setdefault("default", "")
        super().__init__(trim_whitespace=False, **kwargs)
        # ``check`` replaces DRF's validators, so that the sentences are the gate's. The validator of the
        # length stays, because the OpenAPI document reads it.
        self.validators = [each for each in self.validators if isinstance(each, MaxLengthValidator)]

    def run_validation(self, data: object = empty) -> Any:
        """Return the text, or "" for null in an optional field."""
        if self.optional and data is None:
            return ""
        return super().run_validation(data)

    def to_internal_value(self, data: object) -> str:
        """Return the text as it was sent."""
        if not isinstance(data, str):
            self.fail("type")
        try:
            self.check_value(data)
        except TextNotAllowedError as error:
            code = (
                "max_length" if "limit" in error.data and self.error_code == "characters" else self.error_code
            )
            raise serializers.ValidationError(translate_message(error), code=code) from None
        except ValueError as error:
            raise serializers.ValidationError(translate_message(error), code="format") from None
        return data

    def to_representation(self, value: object) -> Any:
        """Return the text; None for "" in an optional field."""
        return None if self.optional and value == "" else str(value)

    def check_value(self, value: str) -> None:
        """Raise ``TextNotAllowedError`` or ``ValueError`` if the field does not take the value."""
        raise NotImplementedError

    @property
    def display_name(self) -> str:
        """The name of the field in sentences."""
        return (self.field_name or "value").replace("_", " ")


class VerbatimTextField(StrictTextField):
    """Field for the text of an article, to the byte. What the gate refuses is 422 and not 400."""

    error_code = TextNotAllowedError.code

    def __init__(self, **kwargs: Any) -> None:
        # "" passes DRF's check of blanks, so that the gate refuses it.
        super().__init__(**{"allow_blank": True, "max_length": gate.MAX_TEXT, **kwargs})

    def run_validation(self, data: object = empty) -> Any:
        """Return the text; an empty one is refused by the gate."""
        return self.to_internal_value(data) if data == "" else super().run_validation(data)

    def check_value(self, value: str) -> None:
        """Check the value by the rules for article text."""
        gate.check_text(value)


class LineField(StrictTextField):
    """Field for one line of text, such as a name, without control and bidi control characters."""

    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def check_value(self, value: str) -> None:
        """Check the value by the rules for lines."""
        gate.check_line(value, self.display_name, self.max_length or 0, required=not self.allow_blank)


class TitleField(LineField):
    """Field for a published line: like ``Line``, but bidi controls are allowed."""

    def check_value(self, value: str) -> None:
        """Check the value by the rules for titles."""
        gate.check_title(value, self.display_name, self.max_length or 0, required=not self.allow_blank)


class ProseField(LineField):
    """Field for comments, notes and guidelines: lines and paragraphs."""

    def check_value(self, value: str) -> None:
        """Check the value by the rules for prose."""
        gate.check_prose(value, self.display_name, self.max_length or 0)
        if not self.allow_blank and not value.strip():
            raise gate.empty_field_error(self.display_name)


class LanguageTagField(StrictTextField):
    """Field for a BCP 47 tag such as ``en`` or ``tg-Cyrl``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=parsing.MAX_LANGUAGE, **kwargs)

    def check_value(self, value: str) -> None:
        """Raise ``ValueError`` unless the value has the form of a tag."""
        parsing.parse_language_tag(value)


class EmailAddressField(StrictTextField):
    """Field for an e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=limits.MAX_EMAIL, **kwargs)

    def check_value(self, value: str) -> None:
        """Raise ``ValueError`` unless the value has the form of an address; an optional field takes ""."""
        if self.optional and not value:
            return
        gate.check_line(value, self.display_name, self.max_length or 0)
        try:
            validate_email(value)
        except ValidationError:
            raise ValueError(message("It has to be an e-mail address.")) from None


@extend_schema_field(
    {"type": "string", "format": "uri", "maxLength": parsing.MAX_URL, "pattern": "^https?://"}
)
class HttpURLField(StrictTextField):
    """Field for an absolute http or https URL."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=parsing.MAX_URL, **kwargs)

    def check_value(self, value: str) -> None:
        """Raise ``ValueError`` unless the value has the form of a URL; nothing is fetched."""
        parsing.parse_http_url(value)


class TimestampField(serializers.DateTimeField):
    """Field for a time of RFC 3339: any offset in, ``Z`` out."""

    default_error_messages = {**_MISSING, "type": gettext_lazy("It has to be a time in a string.")}

    def to_internal_value(self, value: object) -> datetime:
        """Return the time in UTC."""
        if not isinstance(value, str):
            self.fail("type")
        return _parse(parsing.parse_timestamp, value)

    def to_representation(self, value: datetime) -> str:
        """Return the time by RFC 3339 with ``Z``."""
        return parsing.format_timestamp(value)


class StrictChoiceField(serializers.ChoiceField):
    """Field for one of a few words; the error names them all.

    ``name``: of the words in the OpenAPI document; that of the enum, where they are one.
    """

    default_error_messages = {
        **_MISSING,
        "type": gettext_lazy("It has to be a string."),
        "choice": gettext_lazy("It takes one of {allowed}."),
    }

    def __init__(self, choices: Iterable[str], *, name: str = "", **kwargs: Any) -> None:
        super().__init__(choices=[str(choice) for choice in choices], **kwargs)
        self.enum_name = name or str(getattr(choices, "__name__", ""))

    def to_internal_value(self, data: object) -> str:
        """Return the word as it was sent."""
        if not isinstance(data, str):
            self.fail("type")
        if data not in self.choices:
            self.fail("choice", allowed=", ".join(self.choices))
        return data

    def to_representation(self, value: object) -> Any:
        """Return the word; None for ""."""
        return str(value) or None


class OptionalChoiceField(StrictChoiceField):
    """Field for one of a few words, or none: null and "" are "", which is shown as null."""

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        super().__init__(choices, **{"allow_null": True, "default": "", **kwargs})

    def run_validation(self, data: object = empty) -> Any:
        """Return the word, or "" for null."""
        return "" if data is None or data == "" else super().run_validation(data)


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": limits.MAX_METADATA_KEYS,
        "propertyNames": {"minLength": 1, "maxLength": limits.MAX_METADATA_KEY},
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "maxLength": limits.MAX_METADATA_TEXT},
                {
                    "type": "integer",
                    "minimum": -limits.MAX_METADATA_INTEGER,
                    "maximum": limits.MAX_METADATA_INTEGER,
                },
                {"type": "boolean"},
                {"type": "null"},
            ]
        },
    }
)
class MetadataField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """Field for at most 50 keys whose values are strings, integers, booleans or null."""

    default_error_messages = _MISSING

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """Return the object as it was sent."""
        errors = {
            error.key: [serializers.ErrorDetail(translate_message(error.detail), error.code)]
            for error in limits.check_metadata(data)
        }
        if errors:
            detail: Any = errors.get(None, errors)
            raise serializers.ValidationError(detail)
        return cast("dict[str, Any]", data)

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the object sorted by its keys: PostgreSQL would show them in an order of its own."""
        return dict(sorted(value.items()))


def _parse(parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except ValueError as error:
        raise serializers.ValidationError(translate_message(error), code="format") from None
