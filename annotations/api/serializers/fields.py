"""Fields that take exactly what they say: no "5" for 5, nothing trimmed, nothing guessed.

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
from annotations.exceptions import TextNotAllowed
from annotations.says import says
from annotations.text import gate, values
from annotations.told import told

MAX_INTEGER = 2**63 - 1
MIN_INTEGER = -(2**63)

T = TypeVar("T")

_MISSING = {
    "required": gettext_lazy("It is missing; send it."),
    "null": gettext_lazy("It cannot be null; send a value or leave it out."),
}


class StrictInteger(serializers.IntegerField):
    """A JSON integer between two bounds; neither true, "5" nor 5.0."""

    default_error_messages = {
        **_MISSING,
        "type": gettext_lazy("It has to be an integer."),
        "max_value": gettext_lazy("It can be at most {max_value}."),
        "min_value": gettext_lazy("It has to be at least {min_value}."),
    }

    def __init__(self, *, min_value: int = MIN_INTEGER, max_value: int = MAX_INTEGER, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        """The integer itself."""
        if type(data) is not int:
            self.fail("type")
        return data


class StrictBoolean(serializers.BooleanField):
    """``true`` or ``false``; neither "true" nor 1."""

    default_error_messages = {**_MISSING, "type": gettext_lazy("It has to be true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        """The boolean itself."""
        if not isinstance(data, bool):
            self.fail("type")
        return data


class StrictUUID(serializers.UUIDField):
    """A UUID as a string of the form 8-4-4-4-12."""

    default_error_messages = {**_MISSING, "type": gettext_lazy("It has to be a UUID in a string.")}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        """The UUID."""
        if not isinstance(data, str):
            self.fail("type")
        return _read(values.canonical_uuid, data)


class Text(serializers.CharField):
    """Base of what is text: never trimmed, never made from a number.

    ``optional=True`` is for columns where "" means that nothing is known: the field may be missing,
    takes null for "", and shows null for "".
    """

    default_error_messages = {
        **_MISSING,
        "type": gettext_lazy("It has to be a string."),
        "blank": gettext_lazy("It is empty; it needs at least one visible character."),
    }
    code = "characters"

    def __init__(self, *, optional: bool = False, **kwargs: Any) -> None:
        self.optional = optional
        if optional:
            kwargs = {"allow_null": True, "allow_blank": True, **kwargs}
            if not kwargs.get("read_only"):
                kwargs.setdefault("default", "")
        super().__init__(trim_whitespace=False, **kwargs)
        # ``check`` says in the gate's words what DRF's validators would; the OpenAPI document takes
        # the length from the validator.
        self.validators = [each for each in self.validators if isinstance(each, MaxLengthValidator)]

    def run_validation(self, data: Any = empty) -> Any:
        """The text, or "" for null in an optional field."""
        if self.optional and data is None:
            return ""
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        """The text as it was sent."""
        if not isinstance(data, str):
            self.fail("type")
        try:
            self.check(data)
        except TextNotAllowed as error:
            code = "max_length" if "limit" in error.data and self.code == "characters" else self.code
            raise serializers.ValidationError(told(error), code=code) from None
        except ValueError as error:
            raise serializers.ValidationError(told(error), code="format") from None
        return data

    def to_representation(self, value: Any) -> Any:
        """The text; null for "" where that means nothing."""
        return None if self.optional and value == "" else str(value)

    def check(self, value: str) -> None:
        """Raise ``TextNotAllowed`` or ``ValueError`` for what the field does not take."""
        raise NotImplementedError

    @property
    def what(self) -> str:
        """How the sentences call the field."""
        return (self.field_name or "value").replace("_", " ")


class VerbatimText(Text):
    """The text of an article, to the byte. What the gate refuses is 422 and not 400."""

    code = TextNotAllowed.code

    def __init__(self, **kwargs: Any) -> None:
        # "" passes DRF's check of blanks, for the gate to refuse it.
        super().__init__(**{"allow_blank": True, "max_length": gate.MAX_TEXT, **kwargs})

    def run_validation(self, data: Any = empty) -> Any:
        """The text; an empty one is refused by the gate."""
        return self.to_internal_value(data) if data == "" else super().run_validation(data)

    def check(self, value: str) -> None:
        """Ask the gate."""
        gate.check_text(value)


class Line(Text):
    """A name or another text of one line, without control and bidi control characters."""

    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def check(self, value: str) -> None:
        """Ask the gate."""
        gate.check_line(value, self.what, self.max_length or 0, required=not self.allow_blank)


class Title(Line):
    """A published line: like ``Line``, but bidi controls are allowed."""

    def check(self, value: str) -> None:
        """Ask the gate."""
        gate.check_title(value, self.what, self.max_length or 0, required=not self.allow_blank)


class Prose(Line):
    """Comments, notes, guidelines: lines and paragraphs."""

    def check(self, value: str) -> None:
        """Ask the gate."""
        gate.check_prose(value, self.what, self.max_length or 0)
        if not self.allow_blank and not value.strip():
            raise gate.empty(self.what)


class LanguageTag(Text):
    """A BCP 47 tag such as ``en`` or ``tg-Cyrl``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=values.MAX_LANGUAGE, **kwargs)

    def check(self, value: str) -> None:
        """By its form."""
        values.language_tag(value)


class Email(Text):
    """An e-mail address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=limits.MAX_EMAIL, **kwargs)

    def check(self, value: str) -> None:
        """By its form; "" is none where the field is optional."""
        if self.optional and not value:
            return
        gate.check_line(value, self.what, self.max_length or 0)
        try:
            validate_email(value)
        except ValidationError:
            raise ValueError(says("It has to be an e-mail address.")) from None


@extend_schema_field(
    {"type": "string", "format": "uri", "maxLength": values.MAX_URL, "pattern": "^https?://"}
)
class HttpURL(Text):
    """An absolute http or https address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=values.MAX_URL, **kwargs)

    def check(self, value: str) -> None:
        """By its form; nothing is fetched."""
        values.http_url(value)


class Timestamp(serializers.DateTimeField):
    """RFC 3339: any offset in, ``Z`` out."""

    default_error_messages = {**_MISSING, "type": gettext_lazy("It has to be a time in a string.")}

    def to_internal_value(self, value: Any) -> datetime:
        """The time in UTC."""
        if not isinstance(value, str):
            self.fail("type")
        return _read(values.timestamp, value)

    def to_representation(self, value: datetime) -> str:
        """RFC 3339 with ``Z``."""
        return values.shown_time(value)


class Choice(serializers.ChoiceField):
    """One of the words of a table; the refusal names them all."""

    default_error_messages = {
        **_MISSING,
        "type": gettext_lazy("It has to be a string."),
        "choice": gettext_lazy("It takes one of {allowed}."),
    }

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        super().__init__(choices=[str(choice) for choice in choices], **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The word as it was sent."""
        if not isinstance(data, str):
            self.fail("type")
        if data not in self.choices:
            self.fail("choice", allowed=", ".join(self.choices))
        return data

    def to_representation(self, value: Any) -> Any:
        """The word; null for ""."""
        return str(value) or None


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
class FlatMetadata(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """An object of at most 50 keys whose values are strings, integers, booleans or null."""

    default_error_messages = _MISSING

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The object as it was sent."""
        errors = {
            error.key: [serializers.ErrorDetail(told(error.detail), error.code)]
            for error in limits.check_metadata(data)
        }
        if errors:
            raise serializers.ValidationError(errors.get(None, errors))
        return cast("dict[str, Any]", data)

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        """The object by its keys: PostgreSQL would show them in an order of its own."""
        return dict(sorted(value.items()))


def _read(read: Callable[[str], T], sent: str) -> T:
    try:
        return read(sent)
    except ValueError as error:
        raise serializers.ValidationError(told(error), code="format") from None
