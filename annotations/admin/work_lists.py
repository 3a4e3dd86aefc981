"""The lists of a user's work: on the first page, each on a page of its own, and as the way through it.

A list passes itself on to the workbench as ``?list=``, so that one can go on to its next set. It is made
anew for whoever asks, from what they may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin.access import current_user, get_visible_or_404
from annotations.admin.correction.outcome import describe_open_items
from annotations.admin.correction.worklist import items_url
from annotations.admin.labels import LazyText, format_number
from annotations.enums import SetKind, State
from annotations.models import AnnotationSet, Article, CarryItem, Comment
from annotations.models.ids import uuid7
from annotations.services.team import own_work
from annotations.services.team.own_work import WorkList
from annotations.services.team.queue import QueueTask

TEMPLATE = "admin/annotations/work/list.html"
#: How many lines the first page shows of each list, and a page of a list.
MAX_SHOWN, PAGE_SIZE = 20, 50
#: The key of the session under which the workbench leaves the set that was opened last.
_OPENED_KEY = "opened_set"
#: The list of articles that wait for adjudication, of which there are no sets yet.
ADJUDICATION = "adjudication"

TITLES: Mapping[str, LazyText] = {
    WorkList.RETURNED: gettext_lazy("Returned to me"),
    WorkList.IN_PROGRESS: gettext_lazy("In progress"),
    WorkList.REVIEWING: gettext_lazy("I am reviewing"),
    WorkList.WAITING: gettext_lazy("Waiting for review"),
    ADJUDICATION: gettext_lazy("To adjudicate"),
    WorkList.OTHERS: gettext_lazy("Waiting for others"),
}
#: The columns of a corpus and an article that no list shows.
_UNLISTED = ("article__search_key", "corpus__guideline", "corpus__description")


@dataclass(frozen=True)
class DueLabel:
    """When something is due, in words, and whether that is over."""

    text: str
    is_over: bool


def describe_due(due_at: datetime | None) -> DueLabel | None:
    """Return when something is due, counted in days of the service's time zone; None: on no day."""
    if due_at is None:
        return None
    days = (timezone.localdate(due_at) - timezone.localdate()).days
    if due_at < timezone.now():
        over = ngettext("%(n)s day over", "%(n)s days over", -days) % {"n": format_number(-days)}
        return DueLabel(over if days else gettext("over since today"), is_over=True)
    near = {0: gettext("due today"), 1: gettext("due tomorrow")}
    far = gettext("due %(day)s") % {"day": formats.date_format(timezone.localtime(due_at))}
    return DueLabel(near.get(days, far), is_over=False)


@dataclass(frozen=True)
class SetTask:
    """A set of a list, with what is open on it: comments, and marks to look at."""

    row: AnnotationSet
    which: WorkList
    open_comments: int = 0
    open_items: int = 0

    @property
    def url(self) -> str:
        """The address of the workbench, with the list."""
        return f"{workbench_path(self.row.pk)}?list={self.which}"

    @property
    def due(self) -> DueLabel | None:
        """When it is due; what others have now is not the user's to finish."""
        return None if self.which == WorkList.OTHERS else describe_due(self.row.due_at)

    @property
    def state(self) -> str:
        """The state in words, in the list where it differs from line to line."""
        return str(self.row.get_state_display()) if self.which == WorkList.OTHERS else ""

    @property
    def items(self) -> str:
        """How many marks wait for a look; "" if none does."""
        return describe_open_items(self.open_items) if self.open_items else ""

    @property
    def items_url(self) -> str:
        """The address of the worklist."""
        return items_url(self.row.pk)


@dataclass(frozen=True)
class ArticleTask:
    """An article whose differences wait for the user. The id makes a form that is sent twice begin once."""

    row: Article
    new_id: UUID


@dataclass(frozen=True)
class TaskList:
    """The first lines of a list with its title, and how many there are."""

    name: str
    tasks: list[Any]
    total: int

    @property
    def title(self) -> LazyText:
        """The heading."""
        return TITLES[self.name]

    @property
    def url(self) -> str:
        """The address of the whole list."""
        return list_path(self.name)

    @property
    def is_cut(self) -> bool:
        """Whether there are more lines than these."""
        return self.total > len(self.tasks)

    @property
    def all_label(self) -> str:
        """The words of the link to the whole list."""
        return gettext("all %(n)s") % {"n": format_number(self.total)}


def workbench_path(pk: UUID) -> str:
    """Return the address of a set's workbench."""
    return reverse("admin:annotations_annotationset_workbench", args=(pk,))


def list_path(name: str) -> str:
    """Return the address of a list."""
    return reverse("admin:work_list", args=(name,))


def task_of(row: AnnotationSet) -> QueueTask:
    """Return the kind of work that a set is for the user who holds it."""
    if row.state == State.IN_REVIEW:
        return QueueTask.REVIEW
    return QueueTask.ADJUDICATE if row.kind == SetKind.ADJUDICATION else QueueTask.ANNOTATE


def _rows(by: User, name: str) -> QuerySet[Any]:
    """Return what a list shows of its sets or articles."""
    if name == ADJUDICATION:
        articles = own_work.articles_to_adjudicate(by).select_related("corpus")
        return articles.defer("search_key", "corpus__guideline", "corpus__description")
    sets = own_work.sets_of(by, WorkList(name)).select_related("article", "corpus").defer(*_UNLISTED)
    if name == WorkList.WAITING:
        return sets
    return sets.annotate(open_comments=_count_open_comments(), open_items=_count_open_items(by))


def _count_open_comments() -> Coalesce:
    """Return the number of unresolved comments on a set; replies count with their parent."""
    rows = Comment.objects.filter(set=OuterRef("pk"), resolved_at=None, parent=None).order_by()
    counts = rows.values("set").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), 0, output_field=IntegerField())


def _count_open_items(by: User) -> Coalesce:
    """Return the number of marks that wait for a look since a correction; others than the owner have none."""
    rows = CarryItem.objects.open().filter(set=OuterRef("pk"), set__owner=by).order_by()
    counts = rows.values("set").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), 0, output_field=IntegerField())


def _task(name: str, row: Any) -> SetTask | ArticleTask:
    if name == ADJUDICATION:
        return ArticleTask(row, uuid7())
    return SetTask(row, WorkList(name), getattr(row, "open_comments", 0), getattr(row, "open_items", 0))


def load_lists(by: User) -> list[TaskList]:
    """Return the first lines of every list that is not empty, in one query each."""
    found = []
    for name in TITLES:
        rows = list(own_work.with_total(_rows(by, name))[:MAX_SHOWN])
        if rows:
            found.append(TaskList(name, [_task(name, row) for row in rows], rows[0].total))
    return found


def page(request: HttpRequest, name: str, site: AdminSite) -> HttpResponse:
    """Render a whole list, page by page."""
    if name not in TITLES:
        raise Http404
    rows = Paginator(_rows(current_user(request), name), PAGE_SIZE).get_page(request.GET.get("p"))
    context = {
        **site.each_context(request),
        "title": TITLES[name],
        "list": TaskList(name, [_task(name, row) for row in rows.object_list], rows.paginator.count),
        "page": rows,
    }
    return TemplateResponse(request, TEMPLATE, context)


def remember_opened(request: HttpRequest, row: AnnotationSet) -> None:
    """Keep in the session which set was opened last, of those on which the user can go on."""
    opened = str(row.pk)
    if own_work.is_held(current_user(request), row) and request.session.get(_OPENED_KEY) != opened:
        request.session[_OPENED_KEY] = opened


def find_opened(request: HttpRequest) -> UUID | None:
    """Return which set was opened last since the user signed in."""
    opened = request.session.get(_OPENED_KEY)
    return UUID(opened) if opened else None


def find_list(request: HttpRequest) -> WorkList | None:
    """Return the list that an address passes on; None if it names none of ours."""
    name = request.GET.get("list", "")
    return WorkList(name) if name in set(WorkList) else None


def way_through_list(request: HttpRequest, row: AnnotationSet) -> dict[str, Any] | None:
    """Return the list that the user comes from, with the ways to the sets beside this one."""
    which = find_list(request)
    if which is None:
        return None
    by = current_user(request)
    return {
        "title": str(TITLES[which]),
        "url": list_path(which),
        **{
            name: _step_path(which, row.pk, name)
            if own_work.neighbour(by, which, row, forward=name == "next")
            else None
            for name in _STEPS
        },
    }


#: The ways through a list, by the last segment of their address.
_STEPS = ("previous", "next")


def _step_path(which: WorkList, pk: UUID, step: str) -> str:
    return reverse("admin:work_step", args=(which, step, pk))


def step(request: HttpRequest, name: str, step: str, pk: UUID) -> HttpResponse:
    """Redirect to the workbench of the set beside a set in a list, or to the list if that was the last one.

    What is beside it is decided now: others may have taken what came next when the page was made.
    """
    if name not in set(WorkList) or step not in _STEPS:
        raise BadRequest
    row = get_visible_or_404(request, AnnotationSet.objects.only("due_at"), pk)
    which = WorkList(name)
    beside = own_work.neighbour(current_user(request), which, row, forward=step == "next")
    if beside is None:
        messages.info(request, gettext("There is nothing more in this list."))
        return HttpResponseRedirect(list_path(which))
    return HttpResponseRedirect(SetTask(beside, which).url)
