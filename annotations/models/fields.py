"""Fields that keep text as it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:  # Django's own classes take no type arguments when the program runs.
    _TextField = models.TextField


class VerbatimText(_TextField):
    """Text that is stored to the character; its form field does not trim either.

    Browsers send CRLF for every line end of a ``<textarea>``, so the form field (and nothing
    else) turns CRLF into LF.
    """

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """The form field of the admin."""
        return super().formfield(**{"form_class": VerbatimFormField, **kwargs})


class VerbatimFormField(forms.CharField):
    """A form field that neither trims nor keeps the CRLF which browsers make of line ends."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs["strip"] = False
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """The text with the line ends that its writer typed."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text
