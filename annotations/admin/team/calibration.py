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

from annotations.admin.access import current_user
from annotations.admin.scoped_admin import change_url
from annotations.admin.team import pages
from annotations.admin.team.assignments import (
    MAX_LISTED,
    ArticleSearchForm,
    AssigneesForm,
    included_articles,
    selected_article_ids,
    time_widget_media,
)
from annotations.enums import Round
from annotations.exceptions import StandpointError
from annotations.models import Corpus
from annotations.permissions import Permission, VisibleRow
from annotations.services.double_annotation import calibration
from annotations.services.team.assignments import AssignmentRequest, assign_articles
from annotations.text.parsing import parse_uuid
from annotations.translation import translate_message

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
    corpus = pages.get_corpus(request, pk, Permission.ASSIGN_SET)
    search = ArticleSearchForm(request.GET)
    if request.method == "POST" and _perform(request, corpus, search):
        return HttpResponseRedirect(request.get_full_path())
    refused = request.POST.get("bulk_action")
    rounds = calibration.calibration_articles(corpus)
    rows = search.matching_rows(included_articles(request, corpus), current_user(request))
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Calibration"),
        running=[row for row in rounds if row.is_open],
        over=[row for row in rounds if not row.is_open],
        search=search,
        form=AssigneesForm(request.POST if refused == "start" else None, corpus=corpus),
        close=CloseForm(request.POST if refused == "close" else None, auto_id="close_%s"),
        ticked=request.POST.getlist("article") if refused == "start" else [],
        closing=request.POST.getlist("article") if refused == "close" else [],
        articles=list(rows[:MAX_LISTED]),
        total=rows.count(),
        guideline_url=f"{change_url(Corpus, corpus.pk)}#id_guideline",
        agreement_url=f"{pages.page_url(corpus, 'agreement')}?round=calibration",
        media=time_widget_media(),
    )
    return TemplateResponse(request, TEMPLATE, context)


def _perform(request: HttpRequest, corpus: Corpus, search: ArticleSearchForm) -> bool:
    """Perform the action of a button; return False where it is refused, so that the page keeps the form."""
    actions = {"start": _start, "close": _close}
    action = actions.get(request.POST.get("bulk_action", ""))
    if action is None:
        raise BadRequest
    try:
        return action(request, corpus, search)
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
    return False


def _start(request: HttpRequest, corpus: Corpus, search: ArticleSearchForm) -> bool:
    form = AssigneesForm(request.POST, corpus=corpus)
    ids = selected_article_ids(
        request, search.matching_rows(included_articles(request, corpus), current_user(request))
    )
    if not form.is_valid():
        pages.add_error_messages(request, form)
        return False
    if not ids or len(form.usernames()) < 2:
        messages.error(request, gettext("Tick at least one article, and two people to compare."))
        return False
    job = AssignmentRequest(
        articles=ids, owners=form.usernames(), round=Round.CALIBRATION, due_at=form.cleaned_data["due_at"]
    )
    count = len(assign_articles(current_user(request), VisibleRow.of(corpus), job))
    text = ngettext("The calibration has begun: %(n)s set.", "The calibration has begun: %(n)s sets.", count)
    messages.success(request, text % {"n": count})
    return True


def _close(request: HttpRequest, corpus: Corpus, _: ArticleSearchForm) -> bool:
    form = CloseForm(request.POST)
    if not form.is_valid():
        pages.add_error_messages(request, form)
        return False
    try:
        ids = [parse_uuid(value) for value in request.POST.getlist("article")[:MAX_LISTED]]
    except ValueError as error:
        raise BadRequest from error
    if not ids:
        messages.error(request, gettext("Tick the articles whose calibration ends."))
        return False
    number = calibration.close_calibration(
        current_user(request), VisibleRow.of(corpus), ids, reason=form.cleaned_data["reason"]
    )
    text = ngettext(
        "Closed; %(n)s unfinished set was withdrawn.", "Closed; %(n)s unfinished sets were withdrawn.", number
    )
    messages.success(request, text % {"n": number})
    return True
