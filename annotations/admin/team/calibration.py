"""Calibration: the same articles for everybody, started and closed by a manager."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin.access import person
from annotations.admin.base import change_url
from annotations.admin.team import base
from annotations.admin.team.handout import LISTED, People, Search, any_article, site_media, ticked
from annotations.exceptions import StandpointError
from annotations.models import Corpus
from annotations.permissions import Permission, Seen
from annotations.services import calibrations
from annotations.services.assignments import Job, assign_many
from annotations.states import Round
from annotations.text.values import canonical_uuid
from annotations.told import told

TEMPLATE = "admin/annotations/team/calibration.html"


class CloseForm(forms.Form):
    """Form for the reason with which unfinished sets are withdrawn."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        initial=gettext_lazy("The calibration is closed."),
        widget=forms.TextInput(attrs={"size": 60}),
    )


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the running and the closed calibrations, and the form that starts another round."""
    corpus = base.corpus_of(request, pk, Permission.ASSIGN_SET)
    search = Search(request.GET)
    if request.method == "POST":
        return _perform(request, corpus, search)
    rounds = calibrations.of_corpus(corpus)
    rows = search.found(any_article(request, corpus))
    context = base.context(
        request,
        site,
        corpus,
        "calibration",
        gettext("Calibration"),
        running=[row for row in rounds if row.is_open],
        over=[row for row in rounds if not row.is_open],
        search=search,
        form=People(corpus=corpus),
        close=CloseForm(auto_id="close_%s"),
        articles=list(rows[:LISTED]),
        total=rows.count(),
        guideline_url=f"{change_url(Corpus, corpus.pk)}#id_guideline",
        agreement_url=f"{base.url(corpus, 'agreement')}?round=calibration",
        media=site_media(),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _perform(request: HttpRequest, corpus: Corpus, search: Search) -> HttpResponse:
    actions = {"start": _start, "close": _close}
    action = actions.get(request.POST.get("bulk_action", ""))
    if action is None:
        raise BadRequest
    try:
        action(request, corpus, search)
    except StandpointError as error:
        messages.error(request, told(error.detail))
    return HttpResponseRedirect(request.get_full_path())


def _start(request: HttpRequest, corpus: Corpus, search: Search) -> None:
    form = People(request.POST, corpus=corpus)
    ids = ticked(request, search.found(any_article(request, corpus)))
    if not form.is_valid():
        return base.tell_faults(request, form)
    if not ids or len(form.names()) < 2:
        return messages.error(request, gettext("Tick at least one article, and two people to compare."))
    job = Job(articles=ids, owners=form.names(), round=Round.CALIBRATION, due_at=form.cleaned_data["due_at"])
    count = len(assign_many(person(request), Seen.of(corpus), job))
    text = ngettext("The calibration has begun: %(n)s set.", "The calibration has begun: %(n)s sets.", count)
    return messages.success(request, text % {"n": count})


def _close(request: HttpRequest, corpus: Corpus, _: Search) -> None:
    form = CloseForm(request.POST)
    if not form.is_valid():
        return base.tell_faults(request, form)
    try:
        ids = [canonical_uuid(value) for value in request.POST.getlist("article")[:LISTED]]
    except ValueError as error:
        raise BadRequest from error
    if not ids:
        return messages.error(request, gettext("Tick the articles whose calibration ends."))
    number = calibrations.close(person(request), Seen.of(corpus), ids, reason=form.cleaned_data["reason"])
    text = ngettext(
        "Closed; %(n)s unfinished set was withdrawn.", "Closed; %(n)s unfinished sets were withdrawn.", number
    )
    return messages.success(request, text % {"n": number})
