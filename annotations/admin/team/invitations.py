"""Invitations: the form, the list, and taking one back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_variables

from annotations import limits
from annotations.admin import labels
from annotations.admin.access import current_user
from annotations.admin.team import pages
from annotations.exceptions import NotVisibleError, StandpointError
from annotations.models import Invitation, Membership, Role, uuid7
from annotations.models.ordering import text_order
from annotations.permissions import Permission, VisibleRow
from annotations.services.core.errors import shown_once_error
from annotations.services.team import invitations
from annotations.translation import translate_message
from annotations.visibility import get_visible, visible

TEMPLATE = "admin/annotations/team/invitations.html"
MAX_LISTED = 100


class InviteForm(forms.Form):
    """Form for an invitation. The id makes a form that is sent twice invite once."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=lambda: [(role.value, labels.enum_label(Role, role)) for role in Role],
        initial=Role.ANNOTATOR,
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=limits.MAX_EMAIL,
        help_text=gettext_lazy("Gets the link by mail. Left empty, you hand the link over yourself."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until it ends"),
        min_value=1,
        max_value=invitations.MAX_DAYS,
        initial=invitations.DEFAULT_DAYS,
    )
    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)


@sensitive_variables("link")
def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the form and the list.

    A new link is in the response itself: a message would wait in the session.
    """
    corpus = pages.get_corpus(request, pk, Permission.INVITE_MEMBER)
    form = InviteForm(request.POST or None)
    link, created = None, None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            created, token = invitations.create_invitation(
                current_user(request),
                VisibleRow.of(corpus),
                Role(values["role"]),
                email=values["email"],
                days=values["days"],
                id=values["new_id"],
            )
            if not token:
                raise shown_once_error()
            link = request.build_absolute_uri(invitations.invitation_path(token))
            invitations.send_invitation(created, link)
            form = InviteForm()
        except StandpointError as error:
            form.add_error(None, translate_message(error.detail))
    rows: Any = visible(current_user(request), Invitation.objects.filter(corpus=corpus))
    members: Any = visible(current_user(request), Membership.objects.filter(corpus=corpus))
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Invitations"),
        form=form,
        link=link,
        created=created,
        now=timezone.now(),
        rows=rows.select_related("invited_by", "used_by").order_by("-pk")[:MAX_LISTED],
        members=members.select_related("user").order_by(text_order("user__username"))[:MAX_LISTED],
    )
    response = TemplateResponse(request, TEMPLATE, context)
    if link:
        response["Cache-Control"] = "no-store"
    return response


def revoke(request: HttpRequest, pk: UUID, invitation: UUID, site: AdminSite) -> HttpResponse:
    """Take one back; its link stops working at once."""
    del site
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    corpus = pages.get_corpus(request, pk, Permission.INVITE_MEMBER)
    try:
        get_visible(current_user(request), Invitation.objects.filter(corpus=corpus), pk=invitation)
        invitations.delete_invitation(current_user(request), invitation)
        messages.success(request, gettext("The invitation was taken back."))
    except NotVisibleError as error:
        raise Http404 from error
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
    return HttpResponseRedirect(pages.page_url(corpus, "invitations"))
