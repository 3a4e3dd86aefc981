"""Actions that the page of an object offers below its form, each with a form of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from annotations.admin.labels import LazyText, field_label
from annotations.admin.refused_forms import keep_refused_form
from annotations.exceptions import InsufficientRoleError, StandpointError
from annotations.translation import translate_message


@dataclass(frozen=True, kw_only=True)
class ObjectAction:
    """Something that a user can do to an object: its name in addresses, and its texts."""

    name: str
    title: LazyText
    button: LazyText
    help: LazyText


@dataclass(frozen=True)
class ActionForm:
    """The form of an action on a page, and the address to which it is sent."""

    action: ObjectAction
    form: forms.Form
    url: str


def perform_form(request: HttpRequest, form: forms.Form, perform: Callable[[Mapping[str, Any]], str]) -> None:
    """Perform what a form asks for; what came of it, or what is wrong, becomes a message.

    What was filled in is kept for the page if it is refused.
    """
    if not form.is_valid():
        for name, errors in form.errors.items():
            label = form.fields[name].label or field_label(name)
            messages.error(request, f"{label}: {' '.join(map(str, errors))}")
        keep_refused_form(request, request.path)
        return
    try:
        messages.success(request, perform(form.cleaned_data))
    except InsufficientRoleError as error:
        raise PermissionDenied from error
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
        keep_refused_form(request, request.path)
