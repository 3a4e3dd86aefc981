"""The user's notifications: the bell of every page, and the list behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin.access import current_user, get_visible_or_404
from annotations.admin.labels import LazyText, format_number
from annotations.enums import NotificationKind
from annotations.models import AnnotationSet, Comment, Corpus, Notification
from annotations.services.core import notifications
from annotations.services.team.own_work import WorkList
from annotations.visibility import visible

TEMPLATE = "admin/annotations/team/notifications.html"
PAGE_SIZE = 50
#: The highest number of the bell.
MAX_COUNTED = 100
#: How many lines the first page shows.
MAX_NEWS = 5

NOTIFICATION_WORDINGS = {
    NotificationKind.ASSIGNED: gettext_lazy("gave you work on"),
    NotificationKind.RETURNED: gettext_lazy("returned your work on"),
    NotificationKind.APPROVED: gettext_lazy("approved your work on"),
    NotificationKind.COMMENT: gettext_lazy("commented on"),
    NotificationKind.MENTION: gettext_lazy("mentioned you on"),
    NotificationKind.WEBHOOK_DISABLED: gettext_lazy("sends nothing any more to"),
}


@dataclass(frozen=True)
class NotificationLine:
    """One line in words: a notification, or all that somebody gave out on one day.

    ``comment`` is the text of its comment if the user may read it.
    """

    row: Notification
    number: int
    is_unread: bool
    comment: str

    @property
    def message(self) -> LazyText:
        """What was done."""
        return NOTIFICATION_WORDINGS[NotificationKind(self.row.kind)]

    @property
    def subject(self) -> str:
        """What it was done to: the article, or how many of them, or the address of a webhook."""
        if self.number == 1:
            return str(self.row.set.article if self.row.set else self.row.webhook)
        return ngettext("%(n)s article", "%(n)s articles", self.number) % {"n": format_number(self.number)}


def own_notifications(request: HttpRequest) -> QuerySet[Notification]:
    """Return the user's notifications of corpora in which they still are members."""
    by = current_user(request)
    return visible(by, Notification.objects.filter(corpus__in=visible(by, Corpus.objects.all()).values("pk")))


def count_unread(request: HttpRequest) -> int:
    """Return the number of unread notifications for the bell, at most ``MAX_COUNTED``."""
    if not (request.user.is_authenticated and request.user.is_active):
        return 0
    return own_notifications(request).filter(read_at__isnull=True)[:MAX_COUNTED].count()


def load_unread(request: HttpRequest) -> list[NotificationLine]:
    """Return the newest lines that are not read, for the first page."""
    rows = _gather(own_notifications(request).filter(read_at__isnull=True))
    return _describe(request, rows[:MAX_NEWS])


def _gather(rows: QuerySet[Notification]) -> QuerySet[Any]:
    """Return the newest notification of each line with what the page shows of it."""
    rows = rows.select_related("corpus", "set__article", "webhook", "by")
    rows = rows.defer("corpus__guideline", "corpus__description", "set__article__search_key")
    return notifications.gather_lines(rows)


def _describe(request: HttpRequest, rows: Iterable[Any]) -> list[NotificationLine]:
    rows = list(rows)
    about = Comment.objects.filter(pk__in=[row.comment_id for row in rows if row.comment_id])
    texts = dict(visible(current_user(request), about).values_list("pk", "text"))
    return [
        NotificationLine(row, row.number, row.unread > 0, Truncator(texts.get(row.comment_id, "")).chars(240))
        for row in rows
    ]


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Render the list, the newest first."""
    page_ = Paginator(_gather(own_notifications(request)), PAGE_SIZE).get_page(request.GET.get("p"))
    lines = _describe(request, page_.object_list)
    context = {
        **site.each_context(request),
        "title": gettext("Notifications"),
        "lines": lines,
        "page": page_,
        "any_unread": any(line.is_unread for line in lines),
    }
    return TemplateResponse(request, TEMPLATE, context)


def open_notification(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark a line as read and redirect to what it is about, if the user can still see it.

    That is the thread of its comment, with the span chosen; the set; all work that is in progress; or the
    webhook.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    by = current_user(request)
    row = get_visible_or_404(request, own_notifications(request), pk)
    notifications.mark_line_read(by, pk)
    if "stay" not in request.POST and row.webhook_id is not None:
        return HttpResponseRedirect(
            reverse("admin:annotations_corpus_webhook", args=(row.corpus_id, row.webhook_id))
        )
    sets = AnnotationSet.objects.none() if row.set_id is None else AnnotationSet.objects.filter(pk=row.set_id)
    if "stay" in request.POST or not visible(by, sets).exists():
        return HttpResponseRedirect(reverse("admin:notifications"))
    if "all" in request.POST:
        return HttpResponseRedirect(reverse("admin:work_list", args=(WorkList.IN_PROGRESS,)))
    place = f"#comment={row.comment_id}" if row.comment_id else ""
    bench = reverse("admin:annotations_annotationset_workbench", args=(row.set_id,))
    return HttpResponseRedirect(bench + place)


def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all notifications as read."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    number = notifications.mark_all_read(current_user(request))
    text = ngettext("%(n)s notification is read now.", "%(n)s notifications are read now.", number)
    messages.success(request, text % {"n": number})
    return HttpResponseRedirect(reverse("admin:notifications"))
