"""The page of feeds: the user's own private addresses, which are made, shown once and ended here."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_variables

from annotations.admin import labels
from annotations.admin.access import current_user
from annotations.admin.team import pages
from annotations.exceptions import NotVisibleError, StandpointError
from annotations.models import Actor, Corpus, FeedAddress, FeedType, Statement, uuid7
from annotations.models.ordering import text_order
from annotations.permissions import Permission, VisibleRow
from annotations.services.core.errors import shown_once_error
from annotations.services.feeds import addresses
from annotations.translation import translate_message
from annotations.visibility import get_visible, visible

TEMPLATE = "admin/annotations/corpus/feeds.html"
MAX_LISTED = 100


class FeedForm(forms.Form):
    """Form for a private address. The id makes a form that is sent twice make one."""

    type = forms.ChoiceField(
        label=gettext_lazy("Entries"),
        choices=lambda: [(each.value, labels.enum_label(FeedType, each)) for each in FeedType],
    )
    actor = forms.ModelChoiceField(
        label=gettext_lazy("Only by"),
        queryset=Actor.objects.none(),
        required=False,
        empty_label=gettext_lazy("everybody"),
    )
    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)

    def __init__(self, data: object, request: HttpRequest, corpus: Corpus) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        # of the others a feed would be empty, and a registry can have tens of thousands
        speakers = Statement.objects.filter(corpus=corpus).values("actor__canonical")
        actors = visible(current_user(request), Actor.objects.filter(corpus=corpus, pk__in=speakers))
        field = cast("forms.ModelChoiceField[Actor]", self.fields["actor"])
        field.queryset = actors.order_by(text_order("name"), "pk")


@sensitive_variables("link", "secret")
def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the form and the list.

    A new address is in the response itself: a message would wait in the session.
    """
    corpus = pages.get_corpus(request, pk, Permission.READ_FEED)
    form, link = FeedForm(request.POST or None, request, corpus), None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            row, secret = addresses.create_address(
                current_user(request),
                VisibleRow.of(corpus),
                FeedType(values["type"]),
                actor=values["actor"] and values["actor"].pk,
                id=values["new_id"],
            )
            if not secret:
                raise shown_once_error()
            link = request.build_absolute_uri(addresses.feed_path(row, secret))
            form = FeedForm(None, request, corpus)
        except StandpointError as error:
            form.add_error(None, translate_message(error.detail))
    rows = addresses.list_addresses(current_user(request), corpus).order_by("-token_id")[:MAX_LISTED]
    context = pages.page_context(request, site, corpus, gettext("Feeds"), form=form, link=link, rows=rows)
    response = TemplateResponse(request, TEMPLATE, context)
    if link:
        response["Cache-Control"] = "no-store"
    return response


def revoke(request: HttpRequest, pk: UUID, feed: UUID, site: AdminSite) -> HttpResponse:
    """End an address; it stops working at once."""
    del site
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    corpus = pages.get_corpus(request, pk, Permission.READ_FEED)
    try:
        get_visible(current_user(request), FeedAddress.objects.filter(corpus=corpus), pk=feed)
        addresses.revoke_address(current_user(request), feed)
    except NotVisibleError as error:
        raise Http404 from error
    messages.success(request, gettext("The address was ended."))
    return HttpResponseRedirect(pages.page_url(corpus, "feeds"))
