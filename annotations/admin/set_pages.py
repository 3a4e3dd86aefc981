"""The actions on a set's page in the admin: transitions of the workflow, and the due date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
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
from annotations.permissions import Permission, Seen
from annotations.services import planning, review
from annotations.states import LIVE
from annotations.told import told, told_lazily
from annotations.visibility import get_visible
from annotations.workflow import BY_PEOPLE, Guard, Transition


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
    is_offered: Callable[[HttpRequest, AnnotationSet, Sequence[str]], bool]


def _perform_transition(name: str) -> Callable[[User, AnnotationSet, Mapping[str, Any]], AnnotationSet]:
    def perform(by: User, row: AnnotationSet, values: Mapping[str, Any]) -> AnnotationSet:
        request = review.Request(version=values["seen"], reason=values.get("reason", ""))
        return review.move(by, row.pk, name, request).row

    return perform


def _transitions() -> Iterator[Deed]:
    """Yield the transitions that can be made without the text in view, as deeds."""
    for row in BY_PEOPLE:
        if row.texts is not None and not row.workbench_only:
            yield Deed(
                name=row.name,
                title=told_lazily(row.texts.title),
                button=told_lazily(row.texts.button),
                help=told_lazily(row.texts.help),
                success_message=told_lazily(row.texts.done),
                form=ReasonForm if row.needs_reason else SeenForm,
                perform=_perform_transition(row.name),
                is_offered=partial(_is_offered, row),
            )


def _is_offered(
    transition: Transition, request: HttpRequest, row: AnnotationSet, allowed: Sequence[str]
) -> bool:
    """Return whether the page shows a transition; it hides those whose guards would refuse at once."""
    is_own = row.owner_id == person(request).pk
    is_hidden = row.blind and Guard.ONE_OR_UNBLINDED in transition.guards
    return transition.name in allowed and not is_hidden and not (is_own and transition.for_others)


def _set_due_date(by: User, row: AnnotationSet, values: Mapping[str, Any]) -> AnnotationSet:
    return planning.set_due(by, row.pk, values["due_at"], version=values["seen"])


DEEDS: Mapping[str, Deed] = {
    action.name: action
    for action in (
        *_transitions(),
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
    )
}


def boxes(request: HttpRequest, row: AnnotationSet) -> list[dict[str, Any]]:
    """Return the forms of the actions that the user may perform now."""
    if row.corpus.archived:
        return []
    allowed = review.allowed_to(person(request), Seen.of(row))
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
