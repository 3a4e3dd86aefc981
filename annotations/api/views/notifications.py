"""The notifications of the caller."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import filters
from annotations.api.operations import page, plain
from annotations.api.serializers.teams import NotificationShape
from annotations.api.views.base import View
from annotations.models import Notification
from annotations.permissions import Scope
from annotations.services import notices
from annotations.visibility import get_visible, visible


def notification_rows() -> QuerySet[Notification]:
    """Return notifications with all that their serializer shows."""
    return Notification.objects.select_related("corpus", "set", "by").defer("corpus__guideline")


class Notifications(View):
    """The caller's notifications."""

    resource = "notification"
    scopes = {"GET": (Scope.READ,)}
    parameters = {"GET": filters.parameters_of(filters.NOTIFICATIONS)}
    answers = {"GET": page(NotificationShape)}

    def get(self, request: Request) -> Response:
        """List them, the oldest first."""
        rows = visible(self.person, notification_rows())
        return self.page(
            filters.apply(filters.NOTIFICATIONS, rows, self.person, self.query()), NotificationShape
        )


class NotificationRead(View):
    """Marking a notification as read."""

    resource = "notification reading"
    scopes = {"POST": (Scope.READ,)}
    answers = {"POST": plain(NotificationShape)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Mark it as read; a second time changes nothing."""
        get_visible(self.person, Notification.objects.all(), pk=pk)
        self.query()
        notices.read(self.person, pk)
        return self.answer(NotificationShape(get_visible(self.person, notification_rows(), pk=pk)))
