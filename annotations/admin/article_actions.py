"""The content of an article's page below the form, and the actions that are offered there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from annotations.addresses import api_url
from annotations.admin.access import current_user, get_visible_or_404, has_permission
from annotations.admin.correction.markup import render_pieces
from annotations.admin.correction.passages import DrawnSpan, MarkedText
from annotations.admin.forms import ReasonForm, label_time_inputs
from annotations.admin.history import describe_events, with_quotes
from annotations.admin.labels import format_number, span_label
from annotations.admin.object_actions import ActionForm, ObjectAction, perform_form
from annotations.admin.refused_forms import take_refused_form
from annotations.admin.scoped_admin import change_url
from annotations.enums import ArticleStatus, State
from annotations.models import AnnotationSet, Article, Corpus, Event, Revision, Role, Span, uuid7
from annotations.models.ordering import text_order
from annotations.permissions import Permission
from annotations.services.core import articles
from annotations.services.double_annotation import adjudication
from annotations.services.team import assignments
from annotations.visibility import visible

#: How many code points of a text a page shows: two million make a browser slow.
MAX_TEXT_SHOWN = 20_000
#: How much of the text stands behind a range that an address names, and how long that may be.
TEXT_AROUND = 2_000
_RANGE = re.compile(r"(\d{1,7})-(\d{1,7})", re.ASCII)
#: How many sets and how many events an article's page shows.
MAX_SETS_SHOWN, MAX_EVENTS_SHOWN = 50, 10
#: How many marks the page of an article draws over its text.
MAX_MARKS_SHOWN = 2_000


class AssignForm(forms.Form):
    """Form for an annotator and a due date. The id makes a form that is sent twice assign once."""

    owner = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Annotator"))
    due_at = forms.SplitDateTimeField(label=gettext_lazy("Due"), required=False, widget=AdminSplitDateTime)
    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label_time_inputs(self.fields["due_at"], gettext("Due"))
        owner = self.fields["owner"]
        if isinstance(owner, forms.ModelChoiceField):
            owner.queryset = active_annotators(corpus)


def active_annotators(corpus: Corpus) -> QuerySet[User]:
    """Return the active users who may annotate in a corpus, by name."""
    roles = [str(role) for role in Role.ANNOTATOR.and_above]
    rows = User.objects.filter(is_active=True, memberships__corpus=corpus, memberships__role__in=roles)
    return rows.order_by(text_order("username"))


def _addressed_range(request: HttpRequest, article: Any) -> tuple[int, int]:
    """Return the range that the address names, as links from a search do; an empty one if there is none."""
    found = _RANGE.fullmatch(request.GET.get("at", ""))
    start, end = map(int, found.groups()) if found else (0, 0)
    is_short = start < end <= article.revision.length and end - start <= TEXT_AROUND
    return (start, end) if is_short else (0, 0)


def page_context(request: HttpRequest, article: Any) -> dict[str, Any]:
    """Return the text, the sets, the last events, and the forms of the actions that the role allows."""
    by = current_user(request)
    start, end = _addressed_range(request, article)
    # A window of the text, moved so far that the range of the address is in it.
    first = max(0, end + TEXT_AROUND - MAX_TEXT_SHOWN)
    text = Revision.objects.values_list(Substr("text", first + 1, MAX_TEXT_SHOWN), flat=True).get(
        pk=article.revision_id
    )
    rows = visible(by, AnnotationSet.objects.filter(article=article)).select_related("owner", "reviewer")
    marks = _gold_marks(by, article, first)
    marked, hit = MarkedText(text, marks), start < end

    def render(begin: int, to: int) -> SafeString:
        return render_pieces(marked.pieces(begin, to))

    context: dict[str, Any] = {
        "text": render(0, start - first if hit else len(text)),
        "hit": render(start - first, end - first) if hit else "",
        "text_after": render(end - first, len(text)) if hit else "",
        "mark_labels": [(name, span_label(name)) for name in sorted({mark.label for mark in marks})],
        "characters_left_out": article.revision.length - MAX_TEXT_SHOWN,
        "text_left_out": format_number(article.revision.length - MAX_TEXT_SHOWN)
        if article.revision.length > MAX_TEXT_SHOWN
        else "",
        "text_url": api_url(f"articles/{article.pk}/text/"),
        "sets": rows.order_by(text_order("owner__username"), "-pk")[:MAX_SETS_SHOWN],
        "forms": [],
    }
    if has_permission(request, Permission.VIEW_EVENTS, article):
        events = visible(by, Event.objects.filter(article_id=article.pk)).order_by("-seq")
        context["events"] = describe_events(with_quotes(events)[:MAX_EVENTS_SHOWN], names_sets=True)
    if not article.corpus.archived:
        context["forms"] = [
            _action_form(request, action, article)
            for action in ACTIONS.values()
            if action.is_offered_to(request, article)
        ]
    return context


def _gold_marks(by: User, article: Article, first: int) -> list[DrawnSpan]:
    """Return what is marked in approved sets that the user sees, by places in the part that is shown.

    ``first`` is where this part begins.
    """
    behind = first + MAX_TEXT_SHOWN
    gold = Span.objects.filter(
        set__article=article, set__revision=article.revision_id, set__state=State.APPROVED
    )
    shown = visible(by, gold.filter(start__lt=behind, end__gt=first)).order_by("start", "pk")[
        :MAX_MARKS_SHOWN
    ]
    return [
        DrawnSpan(max(start, first) - first, min(end, behind) - first, label)
        for start, end, label in shown.values_list("start", "end", "label")
    ]


@dataclass(frozen=True, kw_only=True)
class ArticleAction(ObjectAction):
    """Something that a user can do to an article: who may do it, when it is offered, and its service."""

    permission: Permission
    is_offered: Callable[[Article], bool]
    form: Callable[..., forms.Form]
    perform: Callable[[User, Article, Mapping[str, Any]], str]

    def is_offered_to(self, request: HttpRequest, article: Article) -> bool:
        """Return whether the page offers the action."""
        return self.is_offered(article) and has_permission(request, self.permission, article)


def _action_form(request: HttpRequest, action: ArticleAction, article: Article) -> ActionForm:
    url = reverse(f"admin:annotations_article_{action.name}", args=(article.pk,))
    sent = take_refused_form(request, url, seen=article.version)
    form = action.form(article, sent, initial={"seen": article.version})
    return ActionForm(action, form, url)


def _reason_form(_: Article, *args: Any, **kwargs: Any) -> forms.Form:
    return ReasonForm(*args, **kwargs)


def _assign_form(article: Article, *args: object, **kwargs: object) -> forms.Form:
    return AssignForm(*args, corpus=article.corpus, **kwargs)


def _assign(by: User, article: Article, values: Mapping[str, Any]) -> str:
    row, _ = assignments.assign_article(
        by, article.pk, owner=values["owner"], due_at=values["due_at"], id=values["new_id"]
    )
    return format_html(gettext("<bdi>{}</bdi> has a set on this article now."), row.owner.get_username())


class AdjudicateForm(forms.Form):
    """Form without visible fields. The id makes a form that is sent twice begin once."""

    new_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)


def _adjudicate_form(_: Article, *args: Any, **kwargs: Any) -> forms.Form:
    return AdjudicateForm(*args, **kwargs)


def _adjudicate(by: User, article: Article, values: Mapping[str, Any]) -> str:
    row, _ = adjudication.begin_adjudication(by, article.pk, id=values["new_id"])
    url = reverse("admin:annotations_annotationset_workbench", args=(row.pk,))
    message = gettext('The adjudication is yours: <a href="{}">open it in the workbench</a>.')
    return format_html(message, url)


def _exclude(by: User, article: Article, values: Mapping[str, Any]) -> str:
    articles.exclude_article(by, article.pk, values["reason"], version=values["seen"])
    return gettext("The article is excluded; its sets stay as they are.")


def _include(by: User, article: Article, values: Mapping[str, Any]) -> str:
    articles.include_article(by, article.pk, values["reason"], version=values["seen"])
    return gettext("The article is back in the work.")


ACTIONS: Mapping[str, ArticleAction] = {
    action.name: action
    for action in (
        ArticleAction(
            name="assign",
            title=gettext_lazy("Assign to an annotator"),
            button=gettext_lazy("Assign"),
            help=gettext_lazy("Annotators can also take articles from the queue themselves."),
            permission=Permission.ASSIGN_SET,
            is_offered=lambda article: not article.excluded_reason,
            form=_assign_form,
            perform=_assign,
        ),
        ArticleAction(
            name="adjudicate",
            title=gettext_lazy("Settle the differences"),
            button=gettext_lazy("Begin"),
            help=gettext_lazy(
                "What all annotators have alike is merged; every difference becomes one decision of yours."
            ),
            permission=Permission.ADJUDICATE,
            is_offered=lambda article: article.status == ArticleStatus.READY_FOR_ADJUDICATION,
            form=_adjudicate_form,
            perform=_adjudicate,
        ),
        ArticleAction(
            name="exclude",
            title=gettext_lazy("Exclude from the work"),
            button=gettext_lazy("Exclude"),
            help=gettext_lazy("Nobody gets it from the queue any more. Its sets stay as they are."),
            permission=Permission.EXCLUDE_ARTICLE,
            is_offered=lambda article: not article.excluded_reason,
            form=_reason_form,
            perform=_exclude,
        ),
        ArticleAction(
            name="include",
            title=gettext_lazy("Take back into the work"),
            button=gettext_lazy("Include"),
            help=gettext_lazy("The queue gives it out again."),
            permission=Permission.EXCLUDE_ARTICLE,
            is_offered=lambda article: bool(article.excluded_reason),
            form=_reason_form,
            perform=_include,
        ),
    )
}


def perform_action(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Perform an action and redirect to the article, with the result as a message."""
    action, by = ACTIONS[name], current_user(request)
    rows = Article.objects.select_related("corpus", "revision").defer("revision__text")
    article = get_visible_or_404(request, rows, pk)
    if not has_permission(request, action.permission, article):
        raise PermissionDenied
    perform_form(
        request, action.form(article, request.POST), lambda values: action.perform(by, article, values)
    )
    return HttpResponseRedirect(change_url(Article, article.pk))
