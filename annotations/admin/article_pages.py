"""What stands below the form of an article, and what is done from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Left
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from annotations.admin.access import may, person
from annotations.admin.base import change_url
from annotations.admin.forms import ReasonForm, name_parts
from annotations.admin.history import tell_all, with_quotes
from annotations.admin.words import Text, field, number
from annotations.exceptions import NotVisible, StandpointError
from annotations.models import AnnotationSet, Article, Corpus, Event, Revision, Role, uuid7
from annotations.permissions import Permission
from annotations.services import adjudication, articles, assignments
from annotations.states import ArticleStatus
from annotations.told import told
from annotations.visibility import get_visible, visible

#: How much of a text a page shows at once: a browser grows slow with two million letters.
SHOWN = 20_000
#: How many sets and how many events an article's page shows.
SETS, EVENTS = 50, 10


class AssignForm(forms.Form):
    """Who annotates, and until when. The id makes a form that is sent twice assign once."""

    owner = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Annotator"))
    due_at = forms.SplitDateTimeField(label=gettext_lazy("Due"), required=False, widget=AdminSplitDateTime)
    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_parts(self.fields["due_at"], gettext("Due"))
        owner = self.fields["owner"]
        if isinstance(owner, forms.ModelChoiceField):
            owner.queryset = annotators(corpus)


def annotators(corpus: Corpus) -> Any:
    """Who may annotate in a corpus, by name."""
    roles = [str(role) for role in Role.ANNOTATOR.including]
    rows = User.objects.filter(is_active=True, memberships__corpus=corpus, memberships__role__in=roles)
    return rows.order_by("username")


def beside(request: HttpRequest, article: Any) -> dict[str, Any]:
    """The text, the sets, the last events, and the forms that one's role lets one send."""
    by = person(request)
    text = Revision.objects.filter(pk=article.revision_id).values_list(Left("text", SHOWN), flat=True)
    rows = visible(by, AnnotationSet.objects.filter(article=article)).select_related("owner", "reviewer")
    context: dict[str, Any] = {
        "text": text[0],
        "text_left_out": number(article.revision.length - SHOWN) if article.revision.length > SHOWN else "",
        "text_url": f"/api/v1/articles/{article.pk}/text/",
        "sets": rows.order_by("-pk")[:SETS],
        "forms": [],
    }
    if may(request, Permission.VIEW_EVENTS, article):
        trail = visible(by, Event.objects.filter(article_id=article.pk)).order_by("-seq")
        context["told"] = tell_all(with_quotes(trail)[:EVENTS], names_sets=True)
    if not article.corpus.archived:
        context["forms"] = [_box(deed, article) for deed in DEEDS.values() if deed.fits(request, article)]
    return context


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that is done to an article from its page: who may, when it is offered, and how."""

    name: str
    title: Text
    button: Text
    help: Text
    permission: Permission
    offered: Callable[[Article], bool]
    form: Callable[..., forms.Form]
    do: Callable[[User, Article, Mapping[str, Any]], str]

    def fits(self, request: HttpRequest, article: Article) -> bool:
        """Whether the page offers it."""
        return self.offered(article) and may(request, self.permission, article)


def _box(deed: Deed, article: Article) -> dict[str, Any]:
    form = deed.form(article, initial={"seen": article.version})
    url = reverse(f"admin:annotations_article_{deed.name}", args=(article.pk,))
    return {"deed": deed, "form": form, "url": url}


def _reason(_: Article, *args: Any, **kwargs: Any) -> forms.Form:
    return ReasonForm(*args, **kwargs)


def _whom(article: Article, *args: Any, **kwargs: Any) -> forms.Form:
    return AssignForm(*args, corpus=article.corpus, **kwargs)


def _assign(by: User, article: Article, sent: Mapping[str, Any]) -> str:
    row, _ = assignments.assign(by, article.pk, owner=sent["owner"], due_at=sent["due_at"], id=sent["new_id"])
    return format_html(gettext("<bdi>{}</bdi> has a set on this article now."), row.owner.get_username())


class AdjudicateForm(forms.Form):
    """Nothing to say. The id makes a form that is sent twice begin once."""

    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)


def _nothing(_: Article, *args: Any, **kwargs: Any) -> forms.Form:
    return AdjudicateForm(*args, **kwargs)


def _adjudicate(by: User, article: Article, sent: Mapping[str, Any]) -> str:
    row, _ = adjudication.begin(by, article.pk, id=sent["new_id"])
    url = reverse("admin:annotations_annotationset_workbench", args=(row.pk,))
    said = gettext('The adjudication is yours: <a href="{}">open it in the workbench</a>.')
    return format_html(said, url)


def _exclude(by: User, article: Article, sent: Mapping[str, Any]) -> str:
    articles.exclude(by, article.pk, sent["reason"], version=sent["seen"])
    return gettext("The article is excluded; its sets stay as they are.")


def _include(by: User, article: Article, sent: Mapping[str, Any]) -> str:
    articles.include(by, article.pk, sent["reason"], version=sent["seen"])
    return gettext("The article is back in the work.")


DEEDS: Mapping[str, Deed] = {
    deed.name: deed
    for deed in (
        Deed(
            name="assign",
            title=gettext_lazy("Assign to an annotator"),
            button=gettext_lazy("Assign"),
            help=gettext_lazy("Annotators can also take articles from the queue themselves."),
            permission=Permission.ASSIGN_SET,
            offered=lambda article: not article.excluded_reason,
            form=_whom,
            do=_assign,
        ),
        Deed(
            name="adjudicate",
            title=gettext_lazy("Settle the differences"),
            button=gettext_lazy("Begin"),
            help=gettext_lazy(
                "What all annotators have alike is merged; every difference becomes one decision of yours."
            ),
            permission=Permission.ADJUDICATE,
            offered=lambda article: article.status == ArticleStatus.READY_FOR_ADJUDICATION,
            form=_nothing,
            do=_adjudicate,
        ),
        Deed(
            name="exclude",
            title=gettext_lazy("Exclude from the work"),
            button=gettext_lazy("Exclude"),
            help=gettext_lazy("Nobody gets it from the queue any more. Its sets stay as they are."),
            permission=Permission.EXCLUDE_ARTICLE,
            offered=lambda article: not article.excluded_reason,
            form=_reason,
            do=_exclude,
        ),
        Deed(
            name="include",
            title=gettext_lazy("Take back into the work"),
            button=gettext_lazy("Include"),
            help=gettext_lazy("The queue gives it out again."),
            permission=Permission.EXCLUDE_ARTICLE,
            offered=lambda article: bool(article.excluded_reason),
            form=_reason,
            do=_include,
        ),
    )
}


def done(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Do one of the deeds and go back to the article, with what became of it as a message."""
    deed, by = DEEDS[name], person(request)
    rows = Article.objects.select_related("corpus", "revision").defer("revision__text")
    try:
        article = get_visible(by, rows, pk=pk)
    except NotVisible as error:
        raise Http404 from error
    if not may(request, deed.permission, article):
        raise PermissionDenied
    form = deed.form(article, request.POST)
    if form.is_valid():
        try:
            messages.success(request, deed.do(by, article, form.cleaned_data))
        except StandpointError as error:
            messages.error(request, told(error.detail))
    else:
        for sent, faults in form.errors.items():
            label = form.fields[sent].label or field(sent)
            messages.error(request, f"{label}: {' '.join(map(str, faults))}")
    return HttpResponseRedirect(change_url(Article, article.pk))
