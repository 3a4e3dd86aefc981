"""What is done to many articles of a corpus at once: to those ticked, or to all that the list finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations import limits
from annotations.admin.access import current_user, has_permission
from annotations.admin.corpus_tabs import listed_corpus
from annotations.admin.forms import label_time_inputs
from annotations.admin.labels import LazyText, format_number
from annotations.admin.team import pages
from annotations.admin.team.assignments import HandOutForm, PriorityForm, hand_out, set_priority
from annotations.exceptions import StandpointError
from annotations.models import Article, Corpus
from annotations.models.fields import VerbatimFormField
from annotations.permissions import Permission, VisibleRow
from annotations.services.core import articles
from annotations.services.team import due_dates
from annotations.services.team.assignments import MAX_SETS, articles_with_open_slot
from annotations.translation import translate_message

TEMPLATE = "admin/annotations/article/bulk.html"
#: The button of the page that asks for what the action needs.
CONFIRMED = "confirmed"


class DueForm(forms.Form):
    """Form for the day on which sets are due."""

    due_at = forms.SplitDateTimeField(label=gettext_lazy("Due"), widget=AdminSplitDateTime)

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        del corpus
        super().__init__(*args, **kwargs)
        label_time_inputs(self.fields["due_at"], gettext("Due"))


class ExclusionForm(forms.Form):
    """Form for the reason of an exclusion."""

    reason = VerbatimFormField(label=gettext_lazy("Reason"), max_length=limits.MAX_PROSE)

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        del corpus
        super().__init__(*args, **kwargs)

    def clean_reason(self) -> str:
        """Return the reason; it needs visible characters."""
        reason = str(self.cleaned_data["reason"])
        if not reason.strip():
            raise forms.ValidationError(gettext("Say why, in a sentence."))
        return reason


def _set_due_dates(by: User, seen: VisibleRow[Corpus], ids: list[UUID], form: Any) -> str:
    count = due_dates.set_due_dates(by, seen, ids, form.cleaned_data["due_at"])
    text = ngettext("%(n)s set has another due date now.", "%(n)s sets have another due date now.", count)
    return text % {"n": format_number(count)}


def _exclude(by: User, seen: VisibleRow[Corpus], ids: list[UUID], form: Any) -> str:
    count = articles.exclude_articles(by, seen, ids, form.cleaned_data["reason"])
    text = ngettext("%(n)s article is excluded.", "%(n)s articles are excluded.", count)
    return text % {"n": format_number(count)}


def _all(rows: QuerySet[Article], corpus: Corpus) -> QuerySet[Article]:
    del corpus
    return rows


def _open(rows: QuerySet[Article], corpus: Corpus) -> QuerySet[Article]:
    """Return the articles that still take an annotator."""
    return rows.filter(pk__in=articles_with_open_slot(corpus).values("pk"))


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """Something that is done to many articles: who may, what it asks for, and its service.

    ``narrow`` leaves out articles for which it means nothing, of which ``left_out`` tells.
    """

    name: str
    title: LazyText
    button: LazyText
    help: LazyText
    permission: Permission
    form: Callable[..., Any]
    perform: Callable[[User, VisibleRow[Corpus], list[UUID], Any], str]
    narrow: Callable[[QuerySet[Article], Corpus], QuerySet[Article]] = _all


BULK_ACTIONS: Mapping[str, BulkAction] = {
    action.name: action
    for action in (
        BulkAction(
            name="hand_out",
            title=gettext_lazy("Hand out …"),
            button=gettext_lazy("Hand out"),
            help=gettext_lazy(
                "Each article gets as many of these people as it takes. Articles that take nobody any more "
                "are left out."
            ),
            permission=Permission.ASSIGN_SET,
            form=HandOutForm,
            perform=hand_out,
            narrow=_open,
        ),
        BulkAction(
            name="priority",
            title=gettext_lazy("Priority …"),
            button=gettext_lazy("Set the priority"),
            help=gettext_lazy("The queue hands out the highest first; 0 is usual."),
            permission=Permission.CHANGE_ARTICLE,
            form=PriorityForm,
            perform=set_priority,
        ),
        BulkAction(
            name="due",
            title=gettext_lazy("Due date …"),
            button=gettext_lazy("Set the due date"),
            help=gettext_lazy("For the sets of these articles that are under way."),
            permission=Permission.ASSIGN_SET,
            form=DueForm,
            perform=_set_due_dates,
        ),
        BulkAction(
            name="exclude",
            title=gettext_lazy("Exclude …"),
            button=gettext_lazy("Exclude"),
            help=gettext_lazy("Nobody gets them from the queue any more. Their sets stay as they are."),
            permission=Permission.EXCLUDE_ARTICLE,
            form=ExclusionForm,
            perform=_exclude,
        ),
    )
}


def offered_actions(request: HttpRequest) -> list[BulkAction]:
    """Return the actions that the list offers: those of one corpus in which the role allows them."""
    corpus = listed_corpus(request)
    if corpus is None or corpus.archived:
        return []
    return [each for each in BULK_ACTIONS.values() if has_permission(request, each.permission, corpus)]


def run_bulk_action(
    request: HttpRequest, action: BulkAction, rows: QuerySet[Article], site: AdminSite
) -> HttpResponse | None:
    """Ask for what an action needs, or perform it; None: it is done, and the list comes again."""
    corpus = listed_corpus(request)
    if corpus is None or not has_permission(request, action.permission, corpus):
        return None
    # first in the order of their ids: whatever the order of the list, the same ones are taken
    ids = list(action.narrow(rows, corpus).order_by("pk").values_list("pk", flat=True)[:MAX_SETS])
    chosen = rows.count()
    is_confirmed = CONFIRMED in request.POST
    form = action.form(request.POST if is_confirmed else None, corpus=corpus)
    if is_confirmed and form.is_valid():
        try:
            messages.success(request, action.perform(current_user(request), VisibleRow.of(corpus), ids, form))
            return None
        except StandpointError as error:
            messages.error(request, translate_message(error.detail))
    names = [each.name for each in offered_actions(request)]
    page_context = {
        **pages.page_context(request, site, corpus, str(action.button)),
        "action": action,
        "index": names.index(action.name),
        "names": names,
        "form": form,
        "media": form.media,
        "summary": _summary(len(ids)),
        "left_out": format_number(chosen - len(ids)) if chosen > len(ids) else "",
        "ticked": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "ticked_name": ACTION_CHECKBOX_NAME,
        "across": request.POST.get("select_across", "0"),
        "confirmed": CONFIRMED,
        "list_url": request.get_full_path(),
        "sample": [str(article) for article in rows.order_by("pk").filter(pk__in=ids[:5])],
    }
    return TemplateResponse(request, TEMPLATE, page_context)


def _summary(number: int) -> str:
    text = ngettext("%(n)s article", "%(n)s articles", number)
    return text % {"n": format_number(number)}
