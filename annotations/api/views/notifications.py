"""The notifications of the caller."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import filters
from annotations.api.operations import paginated_response, unversioned_response
from annotations.api.serializers.team import NotificationSerializer
from annotations.api.views.base import BaseView
from annotations.enums import Scope
from annotations.models import Notification
from annotations.permissions import NOTIFICATION_SCOPES
from annotations.services.core import notifications
from annotations.visibility import get_visible, visible


def notification_rows() -> QuerySet[Notification]:
    """Return notifications with all that their serializer shows."""
    return Notification.objects.select_related("corpus", "set", "by").defer("corpus__guideline")


class NotificationListView(BaseView):
    """The caller's notifications."""

    resource = "notification"
    scopes = {"GET": (Scope.READ,)}
    parameters = {"GET": filters.list_parameters(filters.NOTIFICATIONS)}
    responses = {"GET": paginated_response(NotificationSerializer)}

    def get(self, request: Request) -> Response:
        """List them, the oldest first."""
        rows = visible(self.user, notification_rows())
        return self.paginate(
            filters.apply_filters(filters.NOTIFICATIONS, rows, self.user, self.query_params()),
            NotificationSerializer,
        )


class NotificationReadView(BaseView):
    """Marking a notification as read."""

    resource = "notification reading"
    scopes = {"POST": NOTIFICATION_SCOPES}
    responses = {"POST": unversioned_response(NotificationSerializer)}

    def post(self, request: Request, pk: UUID) -> Response:
        """Mark it as read; a second time changes nothing."""
        get_visible(self.user, Notification.objects.all(), pk=pk)
        self.query_params()
        notifications.mark_read(self.user, pk)
        return self.respond(NotificationSerializer(get_visible(self.user, notification_rows(), pk=pk)))
