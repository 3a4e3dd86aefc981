"""What is done to a set from its page in the admin: moves of the workflow with a reason, and the due date."""

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
from annotations.admin.words import field
from annotations.exceptions import NotVisible, NotYourRole, StandpointError
from annotations.models import AnnotationSet
from annotations.permissions import Permission, Seen
from annotations.services import planning, review
from annotations.states import LIVE
from annotations.told import told, told_lazily
from annotations.visibility import get_visible
from annotations.workflow import BY_PEOPLE, Guard, Transition


class SeenForm(forms.Form):
    """Nothing to say; the version that the person saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class DueForm(SeenForm):
    """Until when; empty: no day."""

    due_at = forms.SplitDateTimeField(label=gettext_lazy("Due"), required=False, widget=AdminSplitDateTime)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_parts(self.fields["due_at"], gettext("Due"))


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that is done to a set: what it is called, its form, and what does it."""

    name: str
    title: Any
    button: Any
    help: Any
    told: Any
    form: type[forms.Form]
    do: Callable[[User, AnnotationSet, Mapping[str, Any]], AnnotationSet]
    offered: Callable[[HttpRequest, AnnotationSet, Sequence[str]], bool]


def _moving(name: str) -> Callable[[User, AnnotationSet, Mapping[str, Any]], AnnotationSet]:
    def do(by: User, row: AnnotationSet, sent: Mapping[str, Any]) -> AnnotationSet:
        request = review.Request(version=sent["seen"], reason=sent.get("reason", ""))
        return review.move(by, row.pk, name, request).row

    return do


def _transitions() -> Iterator[Deed]:
    """Yield the transitions that can be made without the text in view, as deeds."""
    for row in BY_PEOPLE:
        if row.texts is not None and not row.workbench_only:
            yield Deed(
                name=row.name,
                title=told_lazily(row.texts.title),
                button=told_lazily(row.texts.button),
                help=told_lazily(row.texts.help),
                told=told_lazily(row.texts.done),
                form=ReasonForm if row.needs_reason else SeenForm,
                do=_moving(row.name),
                offered=partial(_is_offered, row),
            )


def _is_offered(
    transition: Transition, request: HttpRequest, row: AnnotationSet, allowed: Sequence[str]
) -> bool:
    """Return whether the page shows a transition; it hides those whose guards would refuse at once."""
    is_own = row.owner_id == person(request).pk
    is_hidden = row.blind and Guard.ONE_OR_UNBLINDED in transition.guards
    return transition.name in allowed and not is_hidden and not (is_own and transition.for_others)


def _due(by: User, row: AnnotationSet, sent: Mapping[str, Any]) -> AnnotationSet:
    return planning.set_due(by, row.pk, sent["due_at"], version=sent["seen"])


DEEDS: Mapping[str, Deed] = {
    deed.name: deed
    for deed in (
        *_transitions(),
        Deed(
            name="due",
            title=gettext_lazy("Change the due date"),
            button=gettext_lazy("Save"),
            help=gettext_lazy("Left empty, it is due on no day."),
            told=gettext_lazy("The due date was saved."),
            form=DueForm,
            do=_due,
            offered=lambda request, row, _: row.state in LIVE and may(request, Permission.ASSIGN_SET, row),
        ),
    )
}


def boxes(request: HttpRequest, row: AnnotationSet) -> list[dict[str, Any]]:
    """The forms of what whoever asks may do now."""
    if row.corpus.archived:
        return []
    allowed = review.allowed_to(person(request), Seen.of(row))
    return [_box(deed, row) for deed in DEEDS.values() if deed.offered(request, row, allowed)]


def _box(deed: Deed, row: AnnotationSet) -> dict[str, Any]:
    form = deed.form(initial={"seen": row.version, "due_at": row.due_at}, auto_id=f"id_{deed.name}_%s")
    return {"deed": deed, "form": form, "url": url_of(deed.name, row.pk)}


def url_of(name: str, pk: UUID) -> str:
    """Where a deed is sent to."""
    return reverse(f"admin:annotations_annotationset_{name}", args=(pk,))


def done(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Do one of the deeds; go to the set that is worked on then, or back to where the button was."""
    deed, by = DEEDS[name], person(request)
    rows = AnnotationSet.objects.select_related("corpus", "article").defer("corpus__guideline")
    try:
        row = get_visible(by, rows, pk=pk)
    except NotVisible as error:
        raise Http404 from error
    form, target = deed.form(request.POST), row
    if form.is_valid():
        try:
            target = deed.do(by, row, form.cleaned_data)
            messages.success(request, deed.told)
        except NotYourRole as error:
            raise PermissionDenied from error
        except StandpointError as error:
            messages.error(request, told(error.detail))
    else:
        for sent, faults in form.errors.items():
            label = form.fields[sent].label or field(sent)
            messages.error(request, f"{label}: {' '.join(map(str, faults))}")
    return HttpResponseRedirect(_next(request) or change_url(AnnotationSet, target.pk))


def _next(request: HttpRequest) -> str | None:
    """Where the button was, if that is a page of ours."""
    sent = request.POST.get("next", "")
    fits = sent.startswith("/") and url_has_allowed_host_and_scheme(sent, allowed_hosts=None)
    return sent if fits else None
