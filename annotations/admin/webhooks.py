"""The webhooks of a corpus: a list with a form, and a page of each with its last deliveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_variables

from annotations import limits
from annotations.admin.access import current_user
from annotations.admin.labels import LazyText
from annotations.admin.team import pages
from annotations.exceptions import NotVisibleError, StandpointError
from annotations.models import (
    Corpus,
    Delivery,
    Webhook,
    WebhookPayload,
    WebhookState,
    uuid7,
)
from annotations.permissions import Permission, VisibleRow
from annotations.services.core.errors import shown_once_error
from annotations.services.jobs.leases import has_live_worker
from annotations.services.webhooks import deliveries, subscriptions
from annotations.services.webhooks.types import WEBHOOK_TYPES
from annotations.text.parsing import MAX_URL, parse_uuid
from annotations.translation import translate_message, translate_message_lazy
from annotations.visibility import get_visible, visible

LIST_TEMPLATE = "admin/annotations/corpus/webhooks.html"
TEMPLATE = "admin/annotations/corpus/webhook.html"
MAX_DELIVERIES = 100


class WebhookForm(forms.Form):
    """Form for a webhook."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=MAX_URL,
        widget=forms.URLInput(attrs={"class": "vURLField", "dir": "ltr"}),
        help_text=gettext_lazy("https, of a public host, such as https://cms.example.org/standpoint"),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), max_length=limits.MAX_WEBHOOK_DESCRIPTION, required=False
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told"),
        choices=[(name, translate_message_lazy(row.description)) for name, row in WEBHOOK_TYPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    payload = forms.ChoiceField(
        label=gettext_lazy("Content"),
        choices=[
            (WebhookPayload.THIN.value, gettext_lazy("ids and addresses")),
            (WebhookPayload.FULL.value, gettext_lazy("also what a viewer of the corpus sees of it")),
        ],
    )


class WebhookCreateForm(WebhookForm):
    """Form for a new webhook. The id makes a form that is sent twice make one webhook."""

    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)


def webhook_url(corpus: Corpus, id: UUID) -> str:
    """Return the address of the page of a webhook."""
    return reverse("admin:annotations_corpus_webhook", args=(corpus.pk, id))


@sensitive_variables("secret")
def list_page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the list and the form; a new secret is in the response itself, and nowhere else."""
    corpus = pages.get_corpus(request, pk, Permission.CHANGE_WEBHOOK)
    form, secret, created = WebhookCreateForm(request.POST or None), "", None
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        values["id"] = values.pop("new_id")
        origin = request.build_absolute_uri("/").rstrip("/")
        try:
            seen = VisibleRow.of(corpus)
            created, secret = subscriptions.create_webhook(current_user(request), seen, values, origin=origin)
            if not secret:
                raise shown_once_error()
            form = WebhookCreateForm()
        except StandpointError as error:
            form.add_error(None, translate_message(error.detail))
    rows = visible(current_user(request), Webhook.objects.filter(corpus=corpus)).order_by("pk")
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Webhooks"),
        form=form,
        secret=secret,
        created=created,
        rows=[(row, webhook_url(corpus, row.pk)) for row in rows],
    )
    return _respond(request, LIST_TEMPLATE, context, secret)


@sensitive_variables("secret")
def webhook_page(request: HttpRequest, pk: UUID, webhook: UUID, site: AdminSite) -> HttpResponse:
    """Render a webhook with its last deliveries, or do what one of its buttons says."""
    corpus = pages.get_corpus(request, pk, Permission.CHANGE_WEBHOOK)
    by = current_user(request)
    row = _get_webhook(request, corpus, webhook)
    form, secret = WebhookForm(initial={name: getattr(row, name) for name in WebhookForm.base_fields}), ""
    if request.method == "POST" and "save" in request.POST:
        form = WebhookForm(request.POST)
        if form.is_valid() and _save(request, row, form):
            return HttpResponseRedirect(webhook_url(corpus, webhook))
    elif request.method == "POST" and "rotate" in request.POST:
        row, secret = subscriptions.rotate_secret(by, webhook)
    elif request.method == "POST":
        return HttpResponseRedirect(_do_action(request, corpus, row))
    sent = visible(by, Delivery.objects.filter(webhook=row)).order_by("-pk")[:MAX_DELIVERIES]
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Webhook"),
        webhook=row,
        form=form,
        secret=secret,
        is_active=row.state == WebhookState.ACTIVE,
        reason=DISABLED_REASONS.get(row.disabled_reason, ""),
        deliveries=sent,
        notice="" if has_live_worker() else NO_WORKER_NOTICE,
        most=MAX_DELIVERIES,
    )
    return _respond(request, TEMPLATE, context, secret)


NO_WORKER_NOTICE = gettext_lazy(
    "No worker is running, so nothing is sent; start one on a machine of the service with: "
    "python manage.py worker"
)
DISABLED_REASONS: Mapping[str, LazyText] = {
    "by_hand": gettext_lazy("A manager has disabled it."),
    "gone": gettext_lazy("It was disabled because the receiver answered 410: it wants to hear no more."),
    "failing": gettext_lazy("It was disabled because nothing has arrived for three days."),
}


def _respond(request: HttpRequest, template: str, context: dict[str, Any], secret: str) -> HttpResponse:
    response = TemplateResponse(request, template, context)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


def _get_webhook(request: HttpRequest, corpus: Corpus, id: UUID) -> Webhook:
    try:
        rows = Webhook.objects.filter(corpus=corpus).select_related("created_by")
        return get_visible(current_user(request), rows, pk=id)
    except NotVisibleError as error:
        raise Http404 from error


def _save(request: HttpRequest, row: Webhook, form: WebhookForm) -> bool:
    try:
        subscriptions.update_webhook(current_user(request), row.pk, form.cleaned_data, version=row.version)
    except StandpointError as error:
        form.add_error(None, translate_message(error.detail))
        return False
    messages.success(request, gettext("The webhook was changed."))
    return True


def _do_action(request: HttpRequest, corpus: Corpus, row: Webhook) -> str:
    """Do what a button says; return the address of the next page."""
    name = next((name for name in _ACTIONS if name in request.POST), "")
    if not name:
        raise Http404
    try:
        messages.success(request, _ACTIONS[name](request, row))
    except NotVisibleError as error:
        raise Http404 from error
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
        return webhook_url(corpus, row.pk)
    return pages.page_url(corpus, "webhooks") if name == "delete" else webhook_url(corpus, row.pk)


def _test(request: HttpRequest, row: Webhook) -> str:
    deliveries.send_test(current_user(request), row.pk)
    return gettext("A test is on its way; load the page again in a moment to see what became of it.")


def _set_state(request: HttpRequest, row: Webhook, state: WebhookState) -> None:
    subscriptions.update_webhook(current_user(request), row.pk, {"state": state}, version=row.version)


def _activate(request: HttpRequest, row: Webhook) -> str:
    _set_state(request, row, WebhookState.ACTIVE)
    return gettext("The webhook is active again, and goes on where it stopped.")


def _disable(request: HttpRequest, row: Webhook) -> str:
    _set_state(request, row, WebhookState.DISABLED)
    return gettext("The webhook is disabled; what happens meanwhile is sent once it is active again.")


def _delete(request: HttpRequest, row: Webhook) -> str:
    subscriptions.delete_webhook(current_user(request), row.pk, version=row.version)
    return gettext("The webhook was deleted.")


def _retry(request: HttpRequest, row: Webhook) -> str:
    try:
        id = parse_uuid(str(request.POST["retry"]))
    except ValueError:
        raise Http404 from None
    if not Delivery.objects.filter(pk=id, webhook=row).exists():
        raise Http404
    deliveries.retry_delivery(current_user(request), id)
    return gettext("It is sent again; load the page again in a moment to see what became of it.")


_ACTIONS: Mapping[str, Callable[[HttpRequest, Webhook], str]] = {
    "test": _test,
    "activate": _activate,
    "disable": _disable,
    "delete": _delete,
    "retry": _retry,
}
