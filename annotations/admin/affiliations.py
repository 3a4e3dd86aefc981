"""The affiliations on the page of an actor: a timeline with a table, and the forms that change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from annotations import limits
from annotations.admin import form_fields
from annotations.admin.access import current_user, has_permission, is_archived
from annotations.admin.forms import ServiceForm
from annotations.admin.plots import TimelinePlot, make_timeline
from annotations.admin.scoped_admin import change_url
from annotations.admin.service_admin import seen_version
from annotations.exceptions import NotVisibleError, StandpointError
from annotations.models import Actor, Affiliation
from annotations.permissions import Permission, VisibleRow
from annotations.scheme.affiliations import first_day, last_day
from annotations.services.registry import affiliations
from annotations.text.parsing import parse_partial_date
from annotations.translation import translate_message
from annotations.visibility import get_visible, visible


def check_partial_date(value: str) -> None:
    """Raise ``ValueError`` unless the value is empty or a date as exact as a day, a month or a year."""
    if value:
        parse_partial_date(value)


class AffiliationForm(ServiceForm):
    """Form for one affiliation."""

    service_fields = ("organisation", "kind", "role", "since", "until", "note")
    text_checks = {
        "role": form_fields.line_check("role", limits.MAX_AFFILIATION_ROLE),
        "since": check_partial_date,
        "until": check_partial_date,
        "note": form_fields.prose_check("note"),
    }

    class Meta:
        model = Affiliation
        fields = ("organisation", "kind", "role", "since", "until", "note")
        labels = {"since": gettext_lazy("Since"), "until": gettext_lazy("Until")}
        widgets = {
            "organisation": form_fields.EntrySelect(Affiliation._meta.get_field("organisation"), admin.site),
            "note": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "role": forms.TextInput(attrs={"dir": "auto"}),
            "since": forms.TextInput(attrs={"size": 10, "placeholder": "2019-05"}),
            "until": forms.TextInput(attrs={"size": 10, "placeholder": "2021"}),
        }


@dataclass(frozen=True)
class AffiliationRow:
    """A line of the table, with the form that changes it for users who may."""

    affiliation: Affiliation
    kind: str
    url: str
    form: AffiliationForm | None


def affiliations_context(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """Return what the page of an actor shows of its affiliations."""
    rows = list(_rows(request, actor))
    is_open = actor.merged_into_id is None and not is_archived(actor)
    may_change = is_open and has_permission(request, Permission.CHANGE_AFFILIATION, actor)
    forms_by_row = {row.pk: _form(request, actor, row) for row in rows} if may_change else {}
    return {
        "affiliations": [
            AffiliationRow(
                row,
                _kind_label(row),
                change_url(Actor, row.organisation_id),
                forms_by_row.get(row.pk),
            )
            for row in rows
        ],
        "affiliation_timeline": _timeline(rows),
        "new_affiliation": _form(request, actor, None) if may_change else None,
    }


def _rows(request: HttpRequest, actor: Actor) -> Sequence[Affiliation]:
    rows = visible(current_user(request), Affiliation.objects.filter(actor=actor))
    return sorted(
        rows.select_related("organisation"), key=lambda row: (first_day(row), last_day(row), row.pk)
    )


def _kind_label(row: Affiliation) -> str:
    return str(row.get_kind_display())


def _form(
    request: HttpRequest, actor: Actor, row: Affiliation | None, data: object = None
) -> AffiliationForm:
    form = AffiliationForm(data, instance=row, auto_id=f"id_{row.pk if row else 'new'}_%s")
    field = form.fields["organisation"]
    if isinstance(field, forms.ModelChoiceField):
        others = Actor.objects.filter(corpus_id=actor.corpus_id).exclude(pk=actor.pk)
        field.queryset = visible(current_user(request), others)
    return form


def _timeline(rows: Sequence[Affiliation]) -> TimelinePlot | None:
    """Return the timeline of those that have a date; the others stand in the table alone."""
    today = timezone.localdate()
    dated = [
        (f"{row.organisation.name} · {_kind_label(row)}", first_day(row), last_day(row))
        for row in rows
        if row.since or row.until
    ]
    return make_timeline(dated, today) if dated else None


# --- Changes ---------------------------------------------------------------------------------------


def change_affiliations(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add, change or delete an affiliation of an actor, and return to its page."""
    by = current_user(request)
    try:
        actor = get_visible(by, Actor.objects.select_related("corpus").defer("corpus__guideline"), pk=pk)
    except NotVisibleError as error:
        raise Http404 from error
    if not has_permission(request, Permission.CHANGE_AFFILIATION, actor):
        raise PermissionDenied
    action = ACTIONS.get(request.POST.get("action", ""))
    try:
        if action is None:
            messages.error(request, gettext("The form does not say what to do; load the page again."))
        else:
            action(request, actor)
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
    return HttpResponseRedirect(f"{change_url(Actor, pk)}#affiliations")


def _add(request: HttpRequest, actor: Actor) -> None:
    values = _valid_values(request, _form(request, actor, None, request.POST))
    if values is not None:
        affiliations.add_affiliation(current_user(request), VisibleRow.of(actor), values)
        messages.success(request, gettext("The affiliation was added."))


def _change(request: HttpRequest, actor: Actor) -> None:
    row = _named_row(request, actor)
    values = _valid_values(request, _form(request, actor, row, request.POST))
    if values is not None:
        affiliations.update_affiliation(current_user(request), row.pk, values, version=seen_version(request))
        messages.success(request, gettext("The affiliation was saved."))


def _delete(request: HttpRequest, actor: Actor) -> None:
    row = _named_row(request, actor)
    affiliations.delete_affiliation(current_user(request), row.pk, version=seen_version(request))
    messages.success(request, gettext("The affiliation was deleted."))


ACTIONS: dict[str, Callable[[HttpRequest, Actor], None]] = {"add": _add, "change": _change, "delete": _delete}


def _named_row(request: HttpRequest, actor: Actor) -> Affiliation:
    try:
        id = UUID(request.POST.get("affiliation", ""))
    except ValueError as error:
        raise Http404 from error
    return get_visible(current_user(request), Affiliation.objects.filter(actor=actor), pk=id)


def _valid_values(request: HttpRequest, form: AffiliationForm) -> dict[str, Any] | None:
    """Return the values for the service; None, with messages, if the form is wrong."""
    if not form.is_valid():
        for name, errors in form.errors.items():
            label = form.fields[name].label if name in form.fields else ""
            messages.error(request, f"{label}: {' '.join(map(str, errors))}")
        return None
    values = {name: form.cleaned_data[name] for name in form.service_fields if name != "organisation"}
    values["organisation_id"] = form.cleaned_data["organisation"].pk
    if "new_id" in form.cleaned_data:
        values["id"] = form.cleaned_data["new_id"]
    return values
