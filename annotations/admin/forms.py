"""The base of forms whose writes go through a service.

The form carries what the service needs beside the fields: on a new object its id, so that a form
that is sent twice stores one; on an existing object the version that the user saw, so that a stale
form is refused. Errors of the service come back as errors of the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext

from annotations import limits
from annotations.admin.form_fields import TextCheck
from annotations.exceptions import StandpointError
from annotations.messages import TranslatableMessage
from annotations.models import uuid7
from annotations.models.fields import VerbatimFormField
from annotations.translation import translate_message

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:  # Django's class takes no type arguments at runtime.
    _ModelForm = forms.ModelForm

#: The error of a service in this request, for the form that is built again to show it.
_errors: WeakKeyDictionary[HttpRequest, StandpointError] = WeakKeyDictionary()


def remember_error(request: HttpRequest, error: StandpointError) -> None:
    """Remember the error of the service, for the form that shows it in the same request."""
    _errors[request] = error


def remembered_error(request: HttpRequest) -> StandpointError | None:
    """Return the error that the service raised in this request."""
    return _errors.get(request)


class ServiceForm(_ModelForm):
    """Form for a row that only services write.

    ``gates`` are the checks of the texts; ``passed`` are the names of the fields that go to the service.
    """

    text_checks: ClassVar[Mapping[str, TextCheck]] = {}
    service_fields: ClassVar[tuple[str, ...]] = ()
    service_error: ClassVar[StandpointError | None] = None

    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        adding = self.instance._state.adding
        self.fields.pop("seen" if adding else "new_id", None)
        if not adding:
            self.initial["seen"] = getattr(self.instance, "version", None)

    def clean(self) -> dict[str, Any]:
        """Run the checks, then show the error of the service."""
        super().clean()
        for name, check in self.text_checks.items():
            self._check_text(name, check)
        if "new_id" in self.cleaned_data:
            self.instance.pk = self.cleaned_data["new_id"]
        if self.service_error is not None:
            self._show_error(self.service_error)
        return self.cleaned_data

    def _check_text(self, name: str, check: TextCheck) -> None:
        value = self.cleaned_data.get(name)
        if not isinstance(value, str) or not (name in self.changed_data or self.fields[name].required):
            return
        if not isinstance(self.fields[name], VerbatimFormField):
            # White space around a name is not part of it; an unchanged stored value stays as it is.
            value = self.cleaned_data[name] = value.strip()
        try:
            check(value)
        except forms.ValidationError as error:
            # From a validator: its message is a sentence of ours, or one of Django's with its values.
            message = getattr(error, "message", None)
            self.add_error(
                name, translate_message(message) if isinstance(message, TranslatableMessage) else error
            )
        except (StandpointError, ValueError) as error:
            self.add_error(name, translate_message(error))

    def _show_error(self, refusal: StandpointError) -> None:
        """Put the message of an error beside the field that it is about, or above the form."""
        for error in refusal.errors:
            name = (error.pointer or "").strip("/").split("/")[0]
            if name in self.fields:
                self.add_error(name, translate_message(error.detail))
        if not self.errors:
            self.add_error(None, translate_message(refusal.detail))

    def _get_validation_exclusions(self) -> set[str]:
        """Skip all checks of the model: the fields and the service check better."""
        return {field.name for field in self.instance._meta.fields}

    def validate_unique(self) -> None:
        """Skip the check: the services look, and have better messages."""

    def changed_values(self) -> dict[str, Any]:
        """Return the changed values as the service takes them: other rows by their ids."""
        changed = {}
        for name in self.service_fields:
            if name in self.changed_data and self._differs(name):
                value = self.cleaned_data[name]
                if isinstance(self.fields[name], forms.ModelChoiceField):
                    changed[f"{name}_id"] = value and value.pk
                else:
                    changed[name] = value
        return changed

    def _differs(self, name: str) -> bool:
        before, after = self.initial.get(name), self.cleaned_data[name]
        if isinstance(self.fields[name], VerbatimFormField) and isinstance(before, str):
            # A browser sends every line end as CRLF, and the field makes LF of it: that is no change.
            return bool(before.replace("\r\n", "\n").replace("\r", "\n") != after)
        return bool(before != after)


def label_time_inputs(field: forms.Field | None, name: str) -> None:
    """Give the two inputs of a time accessible names; Django labels only the whole."""
    if isinstance(field, forms.SplitDateTimeField) and isinstance(field.widget, forms.MultiWidget):
        for widget, part in zip(field.widget.widgets, (gettext("date"), gettext("time")), strict=True):
            widget.attrs["aria-label"] = f"{name}: {part}"


class ReasonForm(forms.Form):
    """Form for a reason."""

    reason = VerbatimFormField(max_length=limits.MAX_PROSE)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def clean_reason(self) -> str:
        """Return the reason; it needs visible characters."""
        reason = str(self.cleaned_data["reason"])
        if not reason.strip():
            raise forms.ValidationError(gettext("Say why, in a sentence."))
        return reason
