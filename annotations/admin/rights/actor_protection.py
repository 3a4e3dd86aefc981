"""The protection of an actor on its page: the confirmation with what will be masked, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from annotations.admin.access import current_user, get_visible_or_404, has_permission
from annotations.admin.labels import LazyText
from annotations.admin.rights.forms import WithdrawingForm
from annotations.admin.scoped_admin import change_url
from annotations.admin.service_admin import seen_version
from annotations.exceptions import StandpointError
from annotations.models import Actor, Article
from annotations.permissions import Permission
from annotations.services.releases.takedown import protect_actor, releases_with_actor
from annotations.services.rights import confidentiality
from annotations.services.rights.preview import PlaceKind, masking_preview
from annotations.translation import translate_message

_TEMPLATE = "admin/annotations/rights/protect.html"
#: How many places the page lists.
MAX_LISTED = 100
_KIND_LABELS: Mapping[PlaceKind, LazyText] = {
    PlaceKind.TEXT: gettext_lazy("Text"),
    PlaceKind.SPAN: gettext_lazy("Mark"),
    PlaceKind.TITLE: gettext_lazy("Title"),
    PlaceKind.AUTHOR: gettext_lazy("Author"),
    PlaceKind.SOURCE: gettext_lazy("Source"),
    PlaceKind.URL: gettext_lazy("Address"),
    PlaceKind.EXTERNAL_ID: gettext_lazy("External id"),
}


def actor_urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses of protecting and lifting, before the pages whose address is any id."""
    view = site.admin_view(require_POST(lift_protection))
    return [
        path(
            "<uuid:pk>/protect/",
            site.admin_view(protect_page),
            {"site": site},
            name="annotations_actor_protect",
        ),
        path("<uuid:pk>/lift/", view, name="annotations_actor_lift"),
    ]


def protection_row(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """Return the protection of an actor, and what the user may do about it."""
    row = confidentiality.protection_of(actor)
    may = actor.merged_into_id is None and has_permission(request, Permission.PROTECT_ACTOR, actor)
    asked_by = None if row is None else row.lift_asked_by
    is_own = asked_by is not None and asked_by.pk == current_user(request).pk
    return {
        "protection": row,
        "reason_shown": may or has_permission(request, Permission.PROTECT_ACTOR, actor),
        "protect_url": reverse("admin:annotations_actor_protect", args=(actor.pk,)) if may else "",
        "lift_url": reverse("admin:annotations_actor_lift", args=(actor.pk,)) if may and not is_own else "",
        "is_confirming": asked_by is not None,
        "waits_for_other": is_own,
    }


def protect_page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Show what will be masked and which releases hold the name, and protect the actor."""
    actor = get_visible_or_404(request, Actor.objects.select_related("corpus").defer("corpus__guideline"), pk)
    if not has_permission(request, Permission.PROTECT_ACTOR, actor):
        raise PermissionDenied
    by, holding = current_user(request), list(releases_with_actor(actor))
    protection = confidentiality.protection_of(actor)
    initial = {"seen": actor.version, "reason": protection.reason if protection else ""}
    form = WithdrawingForm(request.POST or None, releases=holding, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        chosen = values.get("also_withdraw", [])
        try:
            protect_actor(by, pk, values["reason"], also_withdraw=chosen, version=values["seen"])
            messages.success(
                request, gettext("The actor is protected: its name leaves the house only masked.")
            )
            return HttpResponseRedirect(f"{change_url(Actor, pk)}#protection")
        except StandpointError as error:
            form.add_error(None, translate_message(error.detail))
    found = masking_preview(actor.corpus, pk, limit=MAX_LISTED)
    context = {
        **site.each_context(request),
        "title": gettext("Protect"),
        "subtitle": str(actor),
        "opts": Actor._meta,
        "object": actor,
        "entry_url": change_url(Actor, pk),
        "form": form,
        "found": found,
        "listed": [
            (change_url(Article, place.article), place, _KIND_LABELS[place.kind]) for place in found.listed
        ],
        "protection": protection,
        "standing": any(row.withdrawn_at is None for row in holding),
    }
    return TemplateResponse(request, _TEMPLATE, context)


def lift_protection(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the end of a protection, or confirm it, and return to the actor."""
    actor = get_visible_or_404(request, Actor.objects.all(), pk)
    if not has_permission(request, Permission.PROTECT_ACTOR, actor):
        raise PermissionDenied
    try:
        lifted = confidentiality.lift_protection(current_user(request), pk, version=seen_version(request))
        ended = confidentiality.protection_of(lifted) is None
        text = (
            gettext("The protection has ended: the name leaves the house as it is.")
            if ended
            else gettext(
                "You have asked for the end of the protection; it lasts until a second manager confirms."
            )
        )
        messages.success(request, text)
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
    return HttpResponseRedirect(f"{change_url(Actor, pk)}#protection")
