"""The forms of rights: terms, and reasons with the releases to withdraw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext, gettext_lazy

from annotations import limits
from annotations.admin.form_fields import check_http_url, prose_check, title_check
from annotations.admin.forms import label_time_inputs
from annotations.admin.labels import LazyText, enum_label
from annotations.enums import TextRight
from annotations.exceptions import TextNotAllowedError
from annotations.models import Release, RightsTerms
from annotations.models.fields import VerbatimFormField
from annotations.scheme.licences import check_licence
from annotations.services.rights.terms import EMPTY_TERMS, EffectiveTerms
from annotations.text.parsing import MAX_URL
from annotations.translation import translate_message

_SENT_OUT = (("yes", gettext_lazy("yes")), ("no", gettext_lazy("no")))
_TRUTH: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}


def _check_optional_licence(value: str) -> None:
    if value:
        check_licence(value)


_CHECKS: Mapping[str, Callable[[str], None]] = {
    "licence": _check_optional_licence,
    "licence_url": check_http_url,
    "holder": title_check("holder", limits.MAX_RIGHTS_HOLDER),
    "notice": prose_check("notice"),
}


class TermsForm(forms.Form):
    """Form for the terms of the articles of a corpus."""

    empty_label: LazyText = gettext_lazy("not limited")

    licence = forms.CharField(
        label=gettext_lazy("Licence"),
        required=False,
        max_length=limits.MAX_LICENCE,
        help_text=gettext_lazy(
            "Its SPDX identifier, such as CC-BY-4.0, or LicenseRef- and a name of your own."
        ),
    )
    licence_url = forms.CharField(
        label=gettext_lazy("Address of the licence"), required=False, max_length=MAX_URL
    )
    holder = forms.CharField(
        label=gettext_lazy("Rights holder"), required=False, max_length=limits.MAX_RIGHTS_HOLDER
    )
    notice = VerbatimFormField(
        label=gettext_lazy("Notice"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60, "dir": "auto"}),
        help_text=gettext_lazy("What has to be said beside the text, such as a credit or terms of use."),
    )
    may_export_text = forms.ChoiceField(
        label=gettext_lazy("Text in exports"),
        required=False,
        help_text=gettext_lazy("How much of the text may leave: all of it, marked words alone, or nothing."),
    )
    max_quote_share = forms.FloatField(
        label=gettext_lazy("Largest part that is quoted"),
        required=False,
        min_value=0,
        max_value=1,
        widget=forms.NumberInput(attrs={"step": "any"}),
        help_text=gettext_lazy("From 0 to 1: 0.1 is a tenth of the text."),
    )
    may_send_out = forms.ChoiceField(
        label=gettext_lazy("Sent out by itself"),
        required=False,
        help_text=gettext_lazy("Whether webhooks, feeds, embedded quotes and models may get it."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        empty = ("", self.empty_label)
        rights = [(str(value), enum_label(TextRight, value)) for value in TextRight]
        self.fields["may_export_text"].choices = [empty, *rights]  # type: ignore[attr-defined]
        self.fields["may_send_out"].choices = [empty, *_SENT_OUT]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check the texts by the rules of every other entrance."""
        values = super().clean() or self.cleaned_data
        for name, check in _CHECKS.items():
            try:
                check(values.get(name, ""))
            except TextNotAllowedError as error:
                self.add_error(name, translate_message(error.detail))
            except ValueError as error:
                self.add_error(name, translate_message(error))
        return values

    def terms(self) -> dict[str, Any]:
        """Return the terms as they are stored."""
        values = {name: self.cleaned_data[name] for name in self.fields if name != "seen"}
        return {**values, "may_send_out": _TRUTH[values["may_send_out"]]}


class ArticleTermsForm(TermsForm):
    """Form for the terms and the embargo of one article."""

    empty_label = gettext_lazy("as in the corpus")

    embargo_until = forms.SplitDateTimeField(
        label=gettext_lazy("Embargo until"), required=False, widget=AdminSplitDateTime
    )

    def __init__(self, *args: object, effective: EffectiveTerms, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        label_time_inputs(self.fields["embargo_until"], gettext("Embargo until"))
        for name in ("licence", "licence_url", "holder", "max_quote_share"):
            value = getattr(effective, name)
            if value not in ("", 1.0):
                self.fields[name].widget.attrs["placeholder"] = str(value)


def terms_initial(rights: RightsTerms, seen: int) -> dict[str, Any]:
    """Return stored terms as a form shows them."""
    values: dict[str, Any] = {name: getattr(rights, name) for name in EMPTY_TERMS}
    sends = next(word for word, value in _TRUTH.items() if value is rights.may_send_out)
    until = getattr(rights, "embargo_until", None)
    return {**values, "may_send_out": sends, "embargo_until": until, "seen": seen}


class WithdrawingForm(forms.Form):
    """Form for a reason, and the releases that are withdrawn with what it is about."""

    reason = VerbatimFormField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60, "dir": "auto"}),
        max_length=limits.MAX_PROSE,
    )
    also_withdraw = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Withdraw these releases, too"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, releases: Iterable[Release] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = [(row.number, _release_name(row)) for row in releases if row.withdrawn_at is None]
        field = self.fields["also_withdraw"]
        field.choices = standing  # type: ignore[attr-defined]
        if not standing:
            del self.fields["also_withdraw"]

    def clean_reason(self) -> str:
        """Return the reason; it needs visible characters."""
        reason = str(self.cleaned_data["reason"])
        if not reason.strip():
            raise forms.ValidationError(gettext("Say why, in a sentence."))
        return reason


def _release_name(row: Release) -> str:
    number = gettext("Release %(number)s") % {"number": row.number}
    return f"{number} · {row.name}" if row.name else number


@dataclass(frozen=True)
class TermRow:
    """A term of an article: its name, the value that holds, and whether it is that of the corpus."""

    label: str
    value: str
    is_inherited: bool


def describe_terms(rights: RightsTerms, effective: EffectiveTerms) -> list[TermRow]:
    """Return the terms that hold for an article, those that say nothing left out."""
    shown = {
        "licence": effective.licence,
        "licence_url": effective.licence_url,
        "holder": effective.holder,
        "notice": effective.notice,
        "may_export_text": enum_label(TextRight, effective.may_export_text),
        "max_quote_share": "" if effective.max_quote_share == 1.0 else str(effective.max_quote_share),
        "may_send_out": "" if effective.may_send_out else gettext("no"),
    }
    fields = TermsForm.base_fields
    return [
        TermRow(str(fields[name].label), value, getattr(rights, name) == EMPTY_TERMS[name])
        for name, value in shown.items()
        if value
    ]
