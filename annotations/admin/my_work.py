"""The user's work: the box on the first page, and the buttons that take the next piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin.access import current_user
from annotations.admin.correction.outcome import describe_open_items
from annotations.admin.correction.worklist import items_url
from annotations.admin.labels import LazyText
from annotations.admin.sets import unlisted_columns, workbench_url
from annotations.enums import EDITABLE, ArticleStatus, State
from annotations.exceptions import InsufficientRoleError, NotVisibleError, StandpointError
from annotations.models import AnnotationSet, CarryItem, Comment, Corpus, Role
from annotations.models.ordering import nulls_last, text_order
from annotations.permissions import PERMISSIONS, VisibleRow
from annotations.services.team import queue
from annotations.services.team.queue import QueueTask
from annotations.text.parsing import parse_uuid
from annotations.translation import translate_message
from annotations.visibility import get_visible_row, visible

#: How many sets each list of the box shows.
MAX_SETS_SHOWN = 20
#: How many corpora the box shows: superusers see every corpus.
MAX_CORPORA_SHOWN = 20

TASK_BUTTONS = (
    (QueueTask.ANNOTATE, gettext_lazy("Take the next article")),
    (QueueTask.REVIEW, gettext_lazy("Take the next review")),
    (QueueTask.ADJUDICATE, gettext_lazy("Settle the next article")),
)


@dataclass(frozen=True)
class CorpusTasks:
    """A corpus with the kinds of work that the user may take there."""

    corpus: Corpus
    buttons: list[tuple[str, LazyText]]


@dataclass(frozen=True)
class SetTask:
    """A set that waits for the user, with what is open on it: comments, and marks to look at."""

    row: AnnotationSet
    open_comments: int = 0
    open_items: int = 0

    @property
    def items(self) -> str:
        """How many marks wait for a look; "" if none does."""
        return describe_open_items(self.open_items) if self.open_items else ""

    @property
    def items_url(self) -> str:
        """The address of the worklist."""
        return items_url(self.row.pk)


@dataclass
class MyWork:
    """The box: sets in the order in which they should be looked at."""

    returned: list[SetTask] = field(default_factory=list)
    in_progress: list[SetTask] = field(default_factory=list)
    reviewing: list[SetTask] = field(default_factory=list)
    waiting: list[SetTask] = field(default_factory=list)
    corpora: list[CorpusTasks] = field(default_factory=list)

    @property
    def lists(self) -> list[tuple[LazyText, list[SetTask]]]:
        """The lists that are not empty, with their headings."""
        rows = (
            (gettext("Returned to me"), self.returned),
            (gettext("In progress"), self.in_progress),
            (gettext("I am reviewing"), self.reviewing),
            (gettext("Waiting for review"), self.waiting),
        )
        return [row for row in rows if row[1]]

    @property
    def has_buttons(self) -> bool:
        """Whether there is a corpus in which the user may take work."""
        return any(row.buttons for row in self.corpora)


def load_my_work(by: User) -> MyWork:
    """Return the work of a user, in three queries however much there is."""
    box = MyWork(corpora=_corpora(by))
    sets: QuerySet[Any] = visible(by, AnnotationSet.objects.select_related("article", "corpus", "owner"))
    sets = sets.defer(*unlisted_columns(""))
    open_sets = sets.filter(corpus__archived=False).order_by(nulls_last("due_at"), "pk")
    mine = Q(owner=by, state__in=EDITABLE) | Q(reviewer=by, state=State.IN_REVIEW)
    counted = open_sets.filter(mine).annotate(
        open_comments=count_open_comments(), open_items=_count_open_items(by)
    )
    for row in counted[: 3 * MAX_SETS_SHOWN]:
        group = {State.RETURNED: box.returned, State.OPEN: box.in_progress}.get(
            State(row.state), box.reviewing
        )
        group.append(SetTask(row, row.open_comments, row.open_items))
    reviewable = Q(state=State.SUBMITTED, article__status=ArticleStatus.READY_FOR_REVIEW) & ~Q(owner=by)
    reviewers = [str(role) for role in Role.REVIEWER.and_above]
    waiting = open_sets.filter(reviewable, my_role__in=reviewers)
    box.waiting = [SetTask(row) for row in waiting[:MAX_SETS_SHOWN]]
    return box


def count_open_comments() -> Coalesce:
    """Return the number of unresolved comments on a set; replies count with their parent."""
    rows = Comment.objects.filter(set=OuterRef("pk"), resolved_at=None, parent=None).order_by()
    counts = rows.values("set").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), 0, output_field=IntegerField())


def _count_open_items(by: User) -> Coalesce:
    """Return the number of marks that wait for a look since a correction; others than the owner have none."""
    rows = CarryItem.objects.open().filter(set=OuterRef("pk"), set__owner=by).order_by()
    counts = rows.values("set").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), 0, output_field=IntegerField())


def _corpora(by: User) -> list[CorpusTasks]:
    corpora = visible(by, Corpus.objects.filter(archived=False)).only("pk", "name")
    by_name = corpora.order_by(text_order("name"), "pk")
    seen = [VisibleRow.of(row) for row in by_name[:MAX_CORPORA_SHOWN]]
    return [CorpusTasks(each.row, _buttons(each.role)) for each in seen]


def _buttons(role: Role) -> list[tuple[str, LazyText]]:
    return [
        (str(task), label)
        for task, label in TASK_BUTTONS
        if role in PERMISSIONS[queue.TASK_PERMISSIONS[task]].role.and_above
    ]


def take_next(request: HttpRequest) -> HttpResponse:
    """Take the next piece of work in a corpus and redirect to it, or say why there is none."""
    by = current_user(request)
    try:
        task = QueueTask(request.POST.get("task", ""))
        seen = get_visible_row(by, Corpus.objects.all(), pk=parse_uuid(request.POST.get("corpus", "")))
        outcome = queue.take_next_set(by, seen, task)
    except ValueError as error:
        raise BadRequest from error
    except NotVisibleError as error:
        raise Http404 from error
    except InsufficientRoleError as error:
        raise PermissionDenied from error
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
        return HttpResponseRedirect(reverse("admin:index"))
    if outcome.row is None:
        messages.info(
            request,
            translate_message(outcome.reason) if outcome.reason else gettext("There is nothing to take."),
        )
        return HttpResponseRedirect(reverse("admin:index"))
    return HttpResponseRedirect(workbench_url(outcome.row))
