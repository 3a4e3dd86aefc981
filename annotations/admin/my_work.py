"""The first page: what to go on with, what waits for the user, and the buttons that take new work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin.access import current_user
from annotations.admin.labels import LazyText, format_number
from annotations.admin.work_lists import (
    ADJUDICATION,
    DueLabel,
    TaskList,
    describe_due,
    load_lists,
    task_of,
    workbench_path,
)
from annotations.exceptions import InsufficientRoleError, NotVisibleError, StandpointError
from annotations.models import AnnotationSet, Corpus, Role
from annotations.models.ids import uuid7
from annotations.models.ordering import text_order
from annotations.permissions import VisibleRow
from annotations.services.double_annotation import adjudication
from annotations.services.team import own_work, queue
from annotations.services.team.own_work import FinishedWork, HeldWork, WorkList
from annotations.services.team.queue import QueueTask
from annotations.text.parsing import parse_uuid
from annotations.translation import translate_message
from annotations.visibility import get_visible_row, visible

#: How many corpora the page shows: superusers see every corpus.
MAX_CORPORA_SHOWN = 20

NEW_WORK_BUTTONS: Mapping[QueueTask, LazyText] = {
    QueueTask.ANNOTATE: gettext_lazy("Take a new article"),
    QueueTask.REVIEW: gettext_lazy("Take a new review"),
    QueueTask.ADJUDICATE: gettext_lazy("Settle a new article"),
}
GO_ON_LABELS: Mapping[QueueTask, LazyText] = {
    QueueTask.ANNOTATE: gettext_lazy("Go on:"),
    QueueTask.REVIEW: gettext_lazy("Go on with the review:"),
    QueueTask.ADJUDICATE: gettext_lazy("Go on settling:"),
}


@dataclass(frozen=True)
class HeldSet:
    """A set to go on with, and what that is called."""

    row: AnnotationSet
    task: QueueTask

    @property
    def label(self) -> LazyText:
        """The words before the title."""
        return GO_ON_LABELS[self.task]

    @property
    def url(self) -> str:
        """The address of its workbench."""
        return workbench_path(self.row.pk)

    @property
    def place(self) -> tuple[UUID, QueueTask]:
        """The corpus and the kind of work: one such place offers one set to go on with."""
        return self.row.corpus_id, self.task

    @property
    def due(self) -> DueLabel | None:
        """When it is due."""
        return describe_due(self.row.due_at)


@dataclass(frozen=True)
class TaskOffer:
    """One kind of work in a corpus: what the user holds of it, and the button that takes something new.

    The id makes a form that is sent twice take one piece.
    """

    corpus: Corpus
    task: QueueTask
    held: HeldWork | None
    new_id: UUID = field(default_factory=uuid7)

    @property
    def button(self) -> LazyText:
        """The words of the button."""
        return NEW_WORK_BUTTONS[self.task]

    @property
    def held_set(self) -> HeldSet | None:
        """The set to go on with."""
        return HeldSet(self.held.row, self.task) if self.held else None

    @property
    def limit(self) -> str:
        """Why the queue gives nothing new; "" if it may."""
        if self.task != QueueTask.ANNOTATE or self.held is None:
            return ""
        reason = queue.limit_reason(self.corpus, self.held.number)
        return translate_message(reason) if reason else ""


@dataclass(frozen=True)
class CorpusTasks:
    """A corpus with the kinds of work that the user may take there."""

    corpus: Corpus
    offers: list[TaskOffer]


@dataclass(frozen=True)
class MyWork:
    """The work of a user: what to go on with, the lists, and the corpora in which there is more."""

    go_on: HeldSet | None
    lists: list[TaskList]
    finished: FinishedWork
    corpora: list[CorpusTasks]
    #: Whether there are more corpora than these.
    are_corpora_cut: bool
    #: Whether the user has never had a set.
    is_new: bool

    @property
    def main_offer(self) -> TaskOffer | None:
        """The button to begin with where there is nothing to go on with: what others wait for comes first."""
        offers = [offer for row in self.corpora for offer in row.offers if not offer.limit]
        if self.go_on or not offers:
            return None
        waiting = {
            (task.row.corpus_id, wanted)
            for row in self.lists
            for task in row.tasks
            if (wanted := _TASK_OF_LIST.get(row.name))
        }
        return next((each for each in offers if (each.corpus.pk, each.task) in waiting), offers[0])

    @property
    def finished_today(self) -> list[str]:
        """What was finished today, in words."""
        submitted, reviewed = self.finished.submitted, self.finished.reviewed
        rows = (
            (submitted, ngettext("%(n)s article submitted", "%(n)s articles submitted", submitted)),
            (reviewed, ngettext("%(n)s review decided", "%(n)s reviews decided", reviewed)),
        )
        return [words % {"n": format_number(number)} for number, words in rows if number]

    @property
    def has_offers(self) -> bool:
        """Whether there is a corpus in which the user may take work."""
        return any(row.offers for row in self.corpora)


#: The kind of work that shortens a list.
_TASK_OF_LIST: Mapping[str, QueueTask] = {
    WorkList.WAITING: QueueTask.REVIEW,
    ADJUDICATION: QueueTask.ADJUDICATE,
}


def load_my_work(by: User, opened: UUID | None = None) -> MyWork:
    """Return the work of a user, in as many queries however much there is; ``opened``: the last set."""
    lists = load_lists(by)
    held = own_work.held_work(by)
    row = own_work.latest_held_set(by, opened) if held else None
    corpora = visible(by, Corpus.objects.filter(archived=False)).only("pk", "name", "most_open")
    seen = [
        VisibleRow.of(each) for each in corpora.order_by(text_order("name"), "pk")[: MAX_CORPORA_SHOWN + 1]
    ]
    return MyWork(
        go_on=HeldSet(row, task_of(row)) if row else None,
        lists=lists,
        finished=own_work.count_finished(by),
        corpora=[CorpusTasks(each.row, _offers(each, held)) for each in seen[:MAX_CORPORA_SHOWN]],
        are_corpora_cut=len(seen) > MAX_CORPORA_SHOWN,
        is_new=not held and not own_work.has_worked(by),
    )


def _offers(seen: VisibleRow[Corpus], held: Mapping[tuple[UUID, QueueTask], HeldWork]) -> list[TaskOffer]:
    corpus, role = seen.row, Role(seen.role)
    return [
        TaskOffer(corpus, task, held.get((corpus.pk, task)))
        for task in NEW_WORK_BUTTONS
        if queue.may_take(task, role)
    ]


def _open_taken(request: HttpRequest, take: Callable[[], AnnotationSet | None]) -> HttpResponse:
    """Redirect to the workbench of what ``take`` returns, or home with the reason why it takes nothing."""
    try:
        row = take()
    except ValueError as error:
        raise BadRequest from error
    except NotVisibleError as error:
        raise Http404 from error
    except InsufficientRoleError as error:
        raise PermissionDenied from error
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
        row = None
    return HttpResponseRedirect(workbench_path(row.pk) if row else reverse("admin:index"))


def take_next(request: HttpRequest) -> HttpResponse:
    """Take the next piece of work in a corpus and redirect to it, or say why there is none.

    ``another`` takes something new beside what the user holds, as far as the corpus allows.
    """
    by, sent = current_user(request), request.POST

    def take() -> AnnotationSet | None:
        task = QueueTask(sent.get("task", ""))
        seen = get_visible_row(by, Corpus.objects.all(), pk=parse_uuid(sent.get("corpus", "")))
        new_id = parse_uuid(sent["new_id"]) if sent.get("new_id") else None
        outcome = queue.take_next_set(by, seen, task, another=bool(sent.get("another")), id=new_id)
        if outcome.row is None:
            nothing = gettext("There is nothing to take.")
            messages.info(request, translate_message(outcome.reason) if outcome.reason else nothing)
        return outcome.row

    return _open_taken(request, take)


def settle_article(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin the adjudication of an article and redirect to it, or say why it cannot begin."""

    def take() -> AnnotationSet:
        new_id = parse_uuid(request.POST.get("new_id", ""))
        return adjudication.begin_adjudication(current_user(request), pk, id=new_id)[0]

    return _open_taken(request, take)
