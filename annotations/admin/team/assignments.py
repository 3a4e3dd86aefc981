"""Assigning by hand and in bulk: which articles, to whom, how spread, until when, with what priority."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations import limits
from annotations.admin.access import current_user
from annotations.admin.article_actions import active_annotators
from annotations.admin.article_filters import parse_since
from annotations.admin.forms import label_time_inputs
from annotations.admin.labels import format_number
from annotations.admin.team import pages
from annotations.enums import EDITABLE, ArticleStatus, AssignmentStrategy, Round
from annotations.exceptions import StandpointError
from annotations.models import Article, Corpus
from annotations.permissions import Permission, VisibleRow
from annotations.services.exchange.filters import filter_articles
from annotations.services.team import due_dates
from annotations.services.team.assignments import (
    MAX_SETS,
    AssignmentRequest,
    articles_with_open_slot,
    assign_articles,
)
from annotations.text.parsing import MAX_LANGUAGE
from annotations.translation import translate_message
from annotations.visibility import visible

if TYPE_CHECKING:
    _ModelMultipleChoiceField = forms.ModelMultipleChoiceField[User]
else:  # Django's class takes no type arguments at runtime.
    _ModelMultipleChoiceField = forms.ModelMultipleChoiceField

TEMPLATE = "admin/annotations/team/hand_out.html"
#: How many articles the page lists.
MAX_LISTED = 100


class UsersField(_ModelMultipleChoiceField):
    """Field for users by name, each with the number of their open sets."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the text beside the checkbox."""
        return gettext("%(name)s (%(n)s at work)") % {"name": obj.get_username(), "n": obj.at_work}


class AssigneesForm(forms.Form):
    """Form for assignees and a due date."""

    owners: Any = UsersField(
        queryset=User.objects.none(),
        to_field_name="username",
        label=gettext_lazy("People"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    due_at = forms.SplitDateTimeField(label=gettext_lazy("Due"), required=False, widget=AdminSplitDateTime)

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label_time_inputs(self.fields["due_at"], gettext("Due"))
        owners = self.fields["owners"]
        if isinstance(owners, forms.ModelMultipleChoiceField):
            at_work = Count(
                "sets",
                filter=Q(sets__corpus=corpus, sets__state__in=list(EDITABLE)),
                distinct=True,
            )
            owners.queryset = active_annotators(corpus).annotate(at_work=at_work)

    def usernames(self) -> list[str]:
        """Return the selected usernames."""
        return [user.get_username() for user in self.cleaned_data["owners"]]


class HandOutForm(AssigneesForm):
    """Form for assignees, of whom there is at least one, and how to spread articles over them."""

    strategy = forms.ChoiceField(
        label=gettext_lazy("Spread"),
        initial=AssignmentStrategy.ROUND_ROBIN,
        choices=[
            (AssignmentStrategy.ROUND_ROBIN.value, gettext_lazy("In turn")),
            (AssignmentStrategy.LEAST_LOADED.value, gettext_lazy("To whoever has the least")),
        ],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owners"].required = True
        self.fields["owners"].error_messages["required"] = gettext("Tick at least one person.")


class PriorityForm(forms.Form):
    """Form for a priority."""

    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        required=False,
        min_value=-limits.MAX_PRIORITY,
        max_value=limits.MAX_PRIORITY,
        initial=0,
    )

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        del corpus
        super().__init__(*args, **kwargs)


class ArticleSearchForm(forms.Form):
    """Form for the articles that the page lists."""

    q = forms.CharField(label=gettext_lazy("Title, id, author or source"), required=False, max_length=200)
    words = forms.CharField(
        label=gettext_lazy("Words in the text"), required=False, max_length=limits.MAX_QUESTION
    )
    language = forms.CharField(label=gettext_lazy("Language"), required=False, max_length=MAX_LANGUAGE)
    source = forms.CharField(
        label=gettext_lazy("Source, exactly"), required=False, max_length=limits.MAX_SOURCE
    )

    added = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_added(self) -> datetime | None:
        """Return the time since which the articles have come."""
        try:
            return parse_since(self.cleaned_data["added"]) if self.cleaned_data["added"] else None
        except ValueError as error:
            raise forms.ValidationError(gettext("This is no time.")) from error

    def matching_rows(self, rows: QuerySet[Article], by: User) -> QuerySet[Article]:
        """Return the matching rows, of what ``by`` sees; an invalid search finds nothing."""
        if not self.is_valid():
            return rows.none()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        since = values.pop("added", None)
        rows = rows.filter(created_at__gte=since) if since else rows
        if any("\0" in value for value in values.values()):
            return rows.none()
        lookups = {"q": "search", "words": "q", "language": "language", "source": "source"}
        return filter_articles(rows, by, {lookups[name]: value for name, value in values.items()})


def waiting_articles(request: HttpRequest, corpus: Corpus) -> QuerySet[Article]:
    """Return the articles that still take an annotator, by priority."""
    rows = visible(current_user(request), articles_with_open_slot(corpus))
    return rows.order_by("-priority", "pk").defer("search_key", "metadata")


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the list with its checkboxes, and perform an action on the selected articles."""
    corpus = pages.get_corpus(request, pk, Permission.ASSIGN_SET)
    search = ArticleSearchForm(request.GET)
    forms_by_action = {
        name: form(request.POST if request.method == "POST" else None, corpus=corpus)
        for name, (form, _) in BULK_ACTIONS.items()
    }
    if request.method == "POST" and _perform(request, corpus, search, forms_by_action):
        return HttpResponseRedirect(request.get_full_path())
    rows = search.matching_rows(waiting_articles(request, corpus), current_user(request))
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Hand out work"),
        search=search,
        form=forms_by_action["assign"],
        priority_form=forms_by_action["priority"],
        ticked=request.POST.getlist("article"),
        takes_everything="everything" in request.POST,
        articles=list(rows[:MAX_LISTED]),
        total=rows.count(),
        most=MAX_SETS,
        media=time_widget_media(),
    )
    return TemplateResponse(request, TEMPLATE, context)


def time_widget_media() -> forms.Media:
    """Return the scripts and styles of Django's time inputs."""
    return AdminSplitDateTime().media


def _perform(
    request: HttpRequest, corpus: Corpus, search: ArticleSearchForm, forms_by_action: Mapping[str, forms.Form]
) -> bool:
    """Perform the action of a button; return False where it is refused, so that the page keeps the form."""
    name = request.POST.get("bulk_action", "")
    if name not in BULK_ACTIONS:
        raise BadRequest
    form, (_, action) = forms_by_action[name], BULK_ACTIONS[name]
    ids = selected_article_ids(
        request, search.matching_rows(waiting_articles(request, corpus), current_user(request))
    )
    if not form.is_valid():
        pages.add_error_messages(request, form)
    if not ids:
        messages.error(request, gettext("Tick the articles first."))
    elif form.is_valid():
        try:
            messages.success(request, action(current_user(request), VisibleRow.of(corpus), ids, form))
            return True
        except StandpointError as error:
            messages.error(request, translate_message(error.detail))
    return False


def selected_article_ids(request: HttpRequest, rows: QuerySet[Article]) -> list[UUID]:
    """Return the ids of the selected articles, or of all that match; invented ids are left out."""
    if "everything" in request.POST:
        return list(rows.values_list("pk", flat=True)[:MAX_SETS])
    ids = set(request.POST.getlist("article")[:MAX_SETS])
    return [pk for pk in rows.values_list("pk", flat=True)[:MAX_SETS] if str(pk) in ids]


def hand_out(by: User, seen: VisibleRow[Corpus], ids: list[UUID], form: Any) -> str:
    """Assign articles as a form says; return what to tell the user."""
    job = AssignmentRequest(
        articles=ids,
        owners=form.usernames(),
        strategy=AssignmentStrategy(form.cleaned_data["strategy"] or AssignmentStrategy.ROUND_ROBIN),
        round=Round.PRODUCTION,
        due_at=form.cleaned_data["due_at"],
    )
    count = len(assign_articles(by, seen, job))
    text = ngettext("%(n)s set was handed out.", "%(n)s sets were handed out.", count)
    return text % {"n": format_number(count)}


def set_priority(by: User, seen: VisibleRow[Corpus], ids: list[UUID], form: Any) -> str:
    """Give articles the priority of a form; return what to tell the user."""
    count = due_dates.set_article_priority(by, seen, ids, form.cleaned_data["priority"] or 0)
    text = ngettext(
        "%(n)s article has another priority now.", "%(n)s articles have another priority now.", count
    )
    return text % {"n": format_number(count)}


#: The actions of the page's buttons, with their forms.
BULK_ACTIONS: Mapping[str, tuple[Callable[..., Any], Callable[..., str]]] = {
    "assign": (HandOutForm, hand_out),
    "priority": (PriorityForm, set_priority),
}


def included_articles(request: HttpRequest, corpus: Corpus) -> QuerySet[Article]:
    """Return every article that is not excluded, for calibrations."""
    rows = visible(current_user(request), Article.objects.filter(corpus=corpus))
    return rows.exclude(status=ArticleStatus.EXCLUDED).order_by("-pk").defer("search_key", "metadata")
