"""The actions on a set's page in the admin: transitions of the workflow, and the due date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy

from annotations.admin.access import may, person
from annotations.admin.base import change_url
from annotations.admin.forms import ReasonForm, name_parts
from annotations.admin.words import Text, field
from annotations.exceptions import NotVisible, NotYourRole, StandpointError
from annotations.models import AnnotationSet
from annotations.permissions import Permission
from annotations.services import planning, review
from annotations.states import LIVE
from annotations.told import told
from annotations.visibility import get_visible
from annotations.workflow import TRANSITIONS


class SeenForm(forms.Form):
    """Form without visible fields: it carries the version that the user saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class DueForm(SeenForm):
    """Form for the due date; empty: none."""

    due_at = forms.SplitDateTimeField(label=gettext_lazy("Due"), required=False, widget=AdminSplitDateTime)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_parts(self.fields["due_at"], gettext("Due"))


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that a user can do to a set: its texts, its form, and its service."""

    name: str
    title: Text
    button: Text
    help: Text
    success_message: Text
    form: type[forms.Form]
    perform: Callable[[User, AnnotationSet, Mapping[str, Any]], AnnotationSet]
    is_offered: Callable[[HttpRequest, AnnotationSet, list[str]], bool]


def _perform_transition(name: str) -> Callable[[User, AnnotationSet, Mapping[str, Any]], AnnotationSet]:
    def perform(by: User, row: AnnotationSet, values: Mapping[str, Any]) -> AnnotationSet:
        request = review.Request(version=values["seen"], reason=values.get("reason", ""))
        return review.move(by, row.pk, name, request).row

    return perform


def _transition(name: str, title: Text, button: Text, help: Text, success_message: Text) -> Deed:
    """Return a transition as an action; the workflow's table says who may and whether it needs a reason."""
    return Deed(
        name=name,
        title=title,
        button=button,
        help=help,
        success_message=success_message,
        form=ReasonForm if TRANSITIONS[name].needs_reason else SeenForm,
        perform=_perform_transition(name),
        is_offered=lambda _request, _row, allowed: name in allowed,
    )


def _set_due_date(by: User, row: AnnotationSet, values: Mapping[str, Any]) -> AnnotationSet:
    return planning.set_due(by, row.pk, values["due_at"], version=values["seen"])


DEEDS: Mapping[str, Deed] = {
    action.name: action
    for action in (
        _transition(
            "take_over",
            gettext_lazy("Take over"),
            gettext_lazy("Take over"),
            gettext_lazy(
                "This set is withdrawn, and you go on with a copy, which somebody else will review."
            ),
            gettext_lazy("The work is yours now."),
        ),
        _transition(
            "reopen",
            gettext_lazy("Reopen"),
            gettext_lazy("Reopen"),
            gettext_lazy("A new open set is made from this one, which stays approved until the new one is."),
            gettext_lazy("A new set was opened."),
        ),
        _transition(
            "release_review",
            gettext_lazy("Give the review back"),
            gettext_lazy("Give back"),
            gettext_lazy("Somebody else can review it then."),
            gettext_lazy("The review was given back."),
        ),
        _transition(
            "release",
            gettext_lazy("Give back to the queue"),
            gettext_lazy("Release"),
            gettext_lazy("Whoever takes the article next goes on with what is marked."),
            gettext_lazy("The work was given back to the queue; what is marked stays."),
        ),
        Deed(
            name="due",
            title=gettext_lazy("Change the due date"),
            button=gettext_lazy("Save"),
            help=gettext_lazy("Left empty, it is due on no day."),
            success_message=gettext_lazy("The due date was saved."),
            form=DueForm,
            perform=_set_due_date,
            is_offered=lambda request, row, _: row.state in LIVE and may(request, Permission.ASSIGN_SET, row),
        ),
        _transition(
            "withdraw",
            gettext_lazy("Withdraw"),
            gettext_lazy("Withdraw"),
            gettext_lazy("The set is taken out for good. It stays readable."),
            gettext_lazy("The set was withdrawn."),
        ),
    )
}


def boxes(request: HttpRequest, row: AnnotationSet) -> list[dict[str, Any]]:
    """Return the forms of the actions that the user may perform now."""
    if row.corpus.archived:
        return []
    allowed = review.allowed_to(person(request), row)
    if row.blind or row.owner_id == person(request).pk:
        # The user's own set cannot be taken over, and a hidden one must not be copied.
        allowed = [name for name in allowed if name != "take_over"]
    return [
        _action_form(action, row) for action in DEEDS.values() if action.is_offered(request, row, allowed)
    ]


def _action_form(action: Deed, row: AnnotationSet) -> dict[str, Any]:
    form = action.form(initial={"seen": row.version, "due_at": row.due_at}, auto_id=f"id_{action.name}_%s")
    return {"action": action, "form": form, "url": url_of(action.name, row.pk)}


def url_of(name: str, pk: UUID) -> str:
    """Return the address of an action."""
    return reverse(f"admin:annotations_annotationset_{name}", args=(pk,))


def done(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Perform an action; redirect to the set that it leads to, or back to the page of the button."""
    action, by = DEEDS[name], person(request)
    rows = AnnotationSet.objects.select_related("corpus", "article").defer("corpus__guideline")
    try:
        row = get_visible(by, rows, pk=pk)
    except NotVisible as error:
        raise Http404 from error
    form, target = action.form(request.POST), row
    if form.is_valid():
        try:
            target = action.perform(by, row, form.cleaned_data)
            messages.success(request, str(action.success_message))
        except NotYourRole as error:
            raise PermissionDenied from error
        except StandpointError as error:
            messages.error(request, told(error.detail))
    else:
        for field_name, errors in form.errors.items():
            label = form.fields[field_name].label or field(field_name)
            messages.error(request, f"{label}: {' '.join(map(str, errors))}")
    return HttpResponseRedirect(_next(request) or change_url(AnnotationSet, target.pk))


def _next(request: HttpRequest) -> str | None:
    """Return the page of the button, if it is a page of this site."""
    url = request.POST.get("next", "")
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_ours else None
