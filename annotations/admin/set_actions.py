"""The actions on a set's page in the admin: transitions of the workflow, and the due date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy

from annotations.admin.access import current_user, get_visible_or_404, has_permission
from annotations.admin.forms import ReasonForm, label_time_inputs
from annotations.admin.labels import LazyText
from annotations.admin.object_actions import ActionForm, ObjectAction, perform_form
from annotations.admin.refused_forms import take_refused_form
from annotations.admin.scoped_admin import change_url
from annotations.enums import LIVE
from annotations.models import AnnotationSet
from annotations.permissions import Permission, VisibleRow
from annotations.services.review import guards, transitions
from annotations.services.team import due_dates
from annotations.translation import translate_message_lazy
from annotations.workflow import USER_TRANSITIONS, Guard, Transition


class VersionForm(forms.Form):
    """Form without visible fields: it carries the version that the user saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class DueDateForm(VersionForm):
    """Form for the due date; empty: none."""

    due_at = forms.SplitDateTimeField(label=gettext_lazy("Due"), required=False, widget=AdminSplitDateTime)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label_time_inputs(self.fields["due_at"], gettext("Due"))


@dataclass(frozen=True, kw_only=True)
class SetAction(ObjectAction):
    """Something that a user can do to a set: its form, its service, and what is said when it is done."""

    success_message: LazyText
    form: type[forms.Form]
    perform: Callable[[User, AnnotationSet, Mapping[str, Any]], AnnotationSet]
    is_offered: Callable[[HttpRequest, AnnotationSet, Sequence[str]], bool]


def _perform_transition(name: str) -> Callable[[User, AnnotationSet, Mapping[str, Any]], AnnotationSet]:
    def perform(by: User, row: AnnotationSet, values: Mapping[str, Any]) -> AnnotationSet:
        request = guards.TransitionRequest(version=values["seen"], reason=values.get("reason", ""))
        return transitions.make_transition(by, row.pk, name, request).row

    return perform


def _transitions() -> Iterator[SetAction]:
    """Yield the transitions that can be made without the text in view, as actions."""
    for row in USER_TRANSITIONS:
        if row.texts is not None and not row.workbench_only:
            yield SetAction(
                name=row.name,
                title=translate_message_lazy(row.texts.title),
                button=translate_message_lazy(row.texts.button),
                help=translate_message_lazy(row.texts.help),
                success_message=translate_message_lazy(row.texts.done),
                form=ReasonForm if row.needs_reason else VersionForm,
                perform=_perform_transition(row.name),
                is_offered=partial(_is_offered, row),
            )


def _is_offered(
    transition: Transition, request: HttpRequest, row: AnnotationSet, allowed: Sequence[str]
) -> bool:
    """Return whether the page shows a transition; it hides those whose guards would refuse at once."""
    is_own = row.owner_id == current_user(request).pk
    is_hidden = row.blind and Guard.SINGLE_OR_UNBLINDED in transition.guards
    return transition.name in allowed and not is_hidden and not (is_own and transition.for_others)


def _set_due_date(by: User, row: AnnotationSet, values: Mapping[str, Any]) -> AnnotationSet:
    return due_dates.set_due_date(by, row.pk, values["due_at"], version=values["seen"])


ACTIONS: Mapping[str, SetAction] = {
    action.name: action
    for action in (
        *_transitions(),
        SetAction(
            name="due",
            title=gettext_lazy("Change the due date"),
            button=gettext_lazy("Save"),
            help=gettext_lazy("Left empty, it is due on no day."),
            success_message=gettext_lazy("The due date was saved."),
            form=DueDateForm,
            perform=_set_due_date,
            is_offered=lambda request, row, _: (
                row.state in LIVE and has_permission(request, Permission.ASSIGN_SET, row)
            ),
        ),
    )
}


def action_forms(request: HttpRequest, row: AnnotationSet) -> list[ActionForm]:
    """Return the forms of the actions that the user may perform now."""
    if row.corpus.archived:
        return []
    allowed = transitions.available_transitions(current_user(request), VisibleRow.of(row))
    return [
        _action_form(request, action, row)
        for action in ACTIONS.values()
        if action.is_offered(request, row, allowed)
    ]


def _action_form(request: HttpRequest, action: SetAction, row: AnnotationSet) -> ActionForm:
    url = action_url(action.name, row.pk)
    sent = take_refused_form(request, url, seen=row.version)
    form = action.form(
        sent, initial={"seen": row.version, "due_at": row.due_at}, auto_id=f"id_{action.name}_%s"
    )
    return ActionForm(action, form, url)


def action_url(name: str, pk: UUID) -> str:
    """Return the address of an action."""
    return reverse(f"admin:annotations_annotationset_{name}", args=(pk,))


def perform_action(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Perform an action; redirect to the set that it leads to, or back to the page of the button."""
    action, by = ACTIONS[name], current_user(request)
    rows = AnnotationSet.objects.select_related("corpus", "article").defer("corpus__guideline")
    target = row = get_visible_or_404(request, rows, pk)

    def perform(values: Mapping[str, Any]) -> str:
        nonlocal target
        target = action.perform(by, row, values)
        return str(action.success_message)

    perform_form(request, action.form(request.POST), perform)
    return HttpResponseRedirect(_next(request) or change_url(AnnotationSet, target.pk))


def _next(request: HttpRequest) -> str | None:
    """Return the page of the button, if it is a page of this site."""
    url = request.POST.get("next", "")
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_ours else None
