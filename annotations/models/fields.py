"""Model and form fields of our own: verbatim text, and the key of the canonical entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:  # Django's field classes take no type arguments at run time.
    _TextField = models.TextField


class CanonicalKey(models.ForeignKey):  # type: ignore[type-arg]
    """A key to the entry of the same table that an entry stands for: itself, unless it was merged.

    Merges and their undoing alone change it. The database checks the key when the transaction ends; Django
    need not follow it, since entries are deleted with their corpus only.
    """

    def __init__(self, **kwargs: Any) -> None:
        fixed = {"to": "self", "on_delete": models.DO_NOTHING, "editable": False, "related_name": "variants"}
        super().__init__(**{**kwargs, **fixed})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Return the stored key; a new entry stands for itself."""
        if add and getattr(model_instance, self.attname) is None:
            setattr(model_instance, self.attname, model_instance.pk)
        return super().pre_save(model_instance, add)


class VerbatimText(_TextField):
    """A text field that stores the text unchanged; its form field does not trim either.

    Browsers send CRLF for each line end of a ``<textarea>``, so the form field, and nothing else, turns
    CRLF into LF.
    """

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """Return the form field, for the admin."""
        return super().formfield(**{"form_class": VerbatimFormField, **kwargs})


class VerbatimFormField(forms.CharField):
    """A form field that does not trim, and turns the CRLF of browsers into LF."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs["strip"] = False
        super().__init__(**kwargs)

    def to_python(self, value: object) -> Any:
        """Return the text with LF as line end."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text
