"""The user's notifications: the bell of every page, and the list behind it."""

from __future__ import annotations

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
from annotations.admin.labels import LazyText
from annotations.enums import NotificationKind
from annotations.models import AnnotationSet, Comment, Corpus, Notification
from annotations.services.core import notifications
from annotations.visibility import visible

TEMPLATE = "admin/annotations/team/notifications.html"
PAGE_SIZE = 50
#: The highest number of the bell.
MAX_COUNTED = 100

NOTIFICATION_WORDINGS = {
    NotificationKind.ASSIGNED: gettext_lazy("gave you work on"),
    NotificationKind.RETURNED: gettext_lazy("returned your work on"),
    NotificationKind.APPROVED: gettext_lazy("approved your work on"),
    NotificationKind.COMMENT: gettext_lazy("commented on"),
    NotificationKind.MENTION: gettext_lazy("mentioned you on"),
}


@dataclass(frozen=True)
class NotificationDescription:
    """One notification in words, with the text of its comment if the user may read it."""

    row: Notification
    message: LazyText
    comment: str


def own_notifications(request: HttpRequest) -> QuerySet[Notification]:
    """Return the user's notifications of corpora in which they still are members."""
    by = current_user(request)
    return visible(by, Notification.objects.filter(corpus__in=visible(by, Corpus.objects.all()).values("pk")))


def count_unread(request: HttpRequest) -> int:
    """Return the number of unread notifications for the bell, at most ``MOST``."""
    if not (request.user.is_authenticated and request.user.is_active):
        return 0
    return own_notifications(request).filter(read_at__isnull=True)[:MAX_COUNTED].count()


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Render the list, the newest first."""
    rows = own_notifications(request).select_related("corpus", "set__article", "by")
    rows = rows.defer("corpus__guideline", "corpus__description", "set__article__search_key")
    page_ = Paginator(rows.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("p"))
    notifications: list[Any] = list(page_.object_list)
    comments = dict(
        visible(
            current_user(request),
            Comment.objects.filter(pk__in=[row.comment_id for row in notifications if row.comment_id]),
        ).values_list("pk", "text")
    )
    descriptions = [
        NotificationDescription(
            row,
            NOTIFICATION_WORDINGS[NotificationKind(row.kind)],
            Truncator(comments.get(row.comment_id, "")).chars(240),
        )
        for row in notifications
    ]
    context = {
        **site.each_context(request),
        "title": gettext("Notifications"),
        "notifications": descriptions,
        "page": page_,
        "any_unread": any(row.read_at is None for row in notifications),
    }
    return TemplateResponse(request, TEMPLATE, context)


def open_notification(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark a notification as read and redirect to its set, if the user can still see it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    by = current_user(request)
    row = get_visible_or_404(request, own_notifications(request), pk)
    notifications.mark_read(by, pk)
    if "stay" in request.POST or not visible(by, AnnotationSet.objects.filter(pk=row.set_id)).exists():
        return HttpResponseRedirect(reverse("admin:notifications"))
    return HttpResponseRedirect(reverse("admin:annotations_annotationset_workbench", args=(row.set_id,)))


def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all notifications as read."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    number = notifications.mark_all_read(current_user(request))
    text = ngettext("%(n)s notification is read now.", "%(n)s notifications are read now.", number)
    messages.success(request, text % {"n": number})
    return HttpResponseRedirect(reverse("admin:notifications"))
