"""Handing out by hand and in bulk: which articles, to whom, how spread, until when, and what comes first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from annotations.admin.access import person
from annotations.admin.article_pages import annotators
from annotations.admin.forms import name_parts
from annotations.admin.team import base
from annotations.exceptions import StandpointError
from annotations.models import Article, Corpus
from annotations.permissions import Permission, Seen
from annotations.services import planning
from annotations.services.assignments import Job, assign_many, with_room
from annotations.states import EDITABLE, ArticleStatus, Round, Strategy
from annotations.text.values import MAX_LANGUAGE
from annotations.told import told
from annotations.visibility import visible

if TYPE_CHECKING:
    _Several = forms.ModelMultipleChoiceField[User]
else:  # Django's own class takes no type arguments when the program runs.
    _Several = forms.ModelMultipleChoiceField

TEMPLATE = "admin/annotations/team/hand_out.html"
#: How many articles the page lists, and how many one press of the button takes at most.
LISTED = 100


class PeopleField(_Several):
    """People by name, each with how much they have before them."""

    def label_from_instance(self, obj: Any) -> str:
        """What stands beside the box."""
        return gettext("%(name)s (%(n)s at work)") % {"name": obj.get_username(), "n": obj.at_work}


class People(forms.Form):
    """Whom, and until when."""

    owners: Any = PeopleField(
        queryset=User.objects.none(),
        to_field_name="username",
        label=gettext_lazy("People"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    due_at = forms.SplitDateTimeField(label=gettext_lazy("Due"), required=False, widget=AdminSplitDateTime)

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_parts(self.fields["due_at"], gettext("Due"))
        owners = self.fields["owners"]
        if isinstance(owners, forms.ModelMultipleChoiceField):
            at_work = Count(
                "sets",
                filter=Q(sets__corpus=corpus, sets__state__in=list(EDITABLE)),
                distinct=True,
            )
            owners.queryset = annotators(corpus).annotate(at_work=at_work)

    def names(self) -> list[str]:
        """The people who were ticked; a message for those who ticked nobody comes from the service."""
        return [user.get_username() for user in self.cleaned_data["owners"]]


class HandOut(People):
    """How the articles are spread, and what they are worth."""

    strategy = forms.ChoiceField(
        label=gettext_lazy("Spread"),
        initial=Strategy.ROUND_ROBIN,
        choices=[
            (Strategy.ROUND_ROBIN.value, gettext_lazy("In turn")),
            (Strategy.LEAST_LOADED.value, gettext_lazy("To whoever has the least")),
        ],
        required=False,
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        required=False,
        min_value=-limits.MAX_PRIORITY,
        max_value=limits.MAX_PRIORITY,
        initial=0,
    )


class Search(forms.Form):
    """Which articles the page lists."""

    q = forms.CharField(label=gettext_lazy("Title, id, author or source"), required=False, max_length=200)
    language = forms.CharField(label=gettext_lazy("Language"), required=False, max_length=MAX_LANGUAGE)
    source = forms.CharField(
        label=gettext_lazy("Source, exactly"), required=False, max_length=limits.MAX_SOURCE
    )

    def found(self, rows: QuerySet[Article]) -> QuerySet[Article]:
        """The rows that fit; a search that cannot be read finds nothing."""
        if not self.is_valid():
            return rows.none()
        sent = {name: value for name, value in self.cleaned_data.items() if value}
        if any("\0" in value for value in sent.values()):
            return rows.none()
        lookups = {"q": "search_key__contains", "language": "language", "source": "source"}
        asked = {lookups[name]: value for name, value in sent.items()}
        if "q" in sent:
            asked["search_key__contains"] = sent["q"].casefold()
        return rows.filter(**asked)


def waiting(request: HttpRequest, corpus: Corpus) -> QuerySet[Article]:
    """The articles that still take an annotator, what comes first at the top."""
    rows = visible(person(request), with_room(corpus))
    return rows.order_by("-priority", "pk").defer("search_key", "metadata")


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """The list with its boxes, and what is done with those that are ticked."""
    corpus = base.corpus_of(request, pk, Permission.ASSIGN_SET)
    search = Search(request.GET)
    if request.method == "POST":
        return _act(request, corpus, search)
    rows = search.found(waiting(request, corpus))
    context = base.context(
        request,
        site,
        corpus,
        "hand_out",
        gettext("Hand out work"),
        search=search,
        form=HandOut(corpus=corpus),
        articles=list(rows[:LISTED]),
        total=rows.count(),
        most=limits.MAX_ARTICLES_PER_REQUEST,
        media=site_media(),
    )
    return TemplateResponse(request, TEMPLATE, context)


def site_media() -> forms.Media:
    """What Django's fields for times need."""
    return AdminSplitDateTime().media


def _act(request: HttpRequest, corpus: Corpus, search: Search) -> HttpResponse:
    deed = DEEDS.get(request.POST.get("deed", ""))
    if deed is None:
        raise BadRequest
    form = HandOut(request.POST, corpus=corpus)
    ids = ticked(request, search.found(waiting(request, corpus)))
    if not ids:
        messages.error(request, gettext("Tick the articles first."))
    elif form.is_valid():
        try:
            messages.success(request, deed(request, corpus, ids, form))
        except StandpointError as error:
            messages.error(request, told(error.detail))
    else:
        base.tell_faults(request, form)
    return HttpResponseRedirect(request.get_full_path())


def ticked(request: HttpRequest, rows: QuerySet[Article]) -> list[UUID]:
    """The articles of the boxes, or all that the search finds; of what is forged only what is there."""
    if "everything" in request.POST:
        return list(rows.values_list("pk", flat=True)[: limits.MAX_ARTICLES_PER_REQUEST])
    sent = set(request.POST.getlist("article")[: limits.MAX_ARTICLES_PER_REQUEST])
    return [
        pk for pk in rows.values_list("pk", flat=True)[: limits.MAX_ARTICLES_PER_REQUEST] if str(pk) in sent
    ]


def _assign(request: HttpRequest, corpus: Corpus, ids: list[UUID], form: HandOut) -> str:
    job = Job(
        articles=ids,
        owners=form.names(),
        strategy=Strategy(form.cleaned_data["strategy"] or Strategy.ROUND_ROBIN),
        round=Round.PRODUCTION,
        due_at=form.cleaned_data["due_at"],
    )
    made = len(assign_many(person(request), Seen.of(corpus), job))
    words = ngettext("%(n)s set was handed out.", "%(n)s sets were handed out.", made)
    return words % {"n": made}


def _prioritise(request: HttpRequest, corpus: Corpus, ids: list[UUID], form: HandOut) -> str:
    changed = planning.set_priority(person(request), Seen.of(corpus), ids, form.cleaned_data["priority"] or 0)
    words = ngettext(
        "%(n)s article has another priority now.", "%(n)s articles have another priority now.", changed
    )
    return words % {"n": changed}


#: What the buttons of the page do.
DEEDS: Mapping[str, Callable[[HttpRequest, Corpus, list[UUID], HandOut], str]] = {
    "assign": _assign,
    "priority": _prioritise,
}


def any_article(request: HttpRequest, corpus: Corpus) -> QuerySet[Article]:
    """Every article that is in the work, for calibrations."""
    rows = visible(person(request), Article.objects.filter(corpus=corpus))
    return rows.exclude(status=ArticleStatus.EXCLUDED).order_by("-pk").defer("search_key", "metadata")
