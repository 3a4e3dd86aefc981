"""The pages of a team: progress, assignments, agreement, calibration, invitations and notifications."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from annotations.admin.team import invitation_accept, notifications, reviewers_page


def set_urls(site: AdminSite) -> list[URLPattern]:
    """Return the page of the possible reviewers of a set."""
    view = site.admin_view(reviewers_page.page)
    return [path("<uuid:pk>/reviewers/", view, {"site": site}, name="annotations_annotationset_reviewers")]


def site_urls(site: AdminSite) -> list[URLPattern]:
    """Return the pages that belong to no corpus: notifications, and accepting an invitation."""
    accept = never_cache(csrf_protect(invitation_accept.page))
    notification_list = site.admin_view(notifications.page)
    return [
        path("notifications/", notification_list, {"site": site}, name="notifications"),
        path("notifications/read/", site.admin_view(notifications.read_all), name="notifications_read"),
        path(
            "notifications/<uuid:pk>/open/",
            site.admin_view(notifications.open_notification),
            name="notification",
        ),
        path("invitation/<str:token>/", accept, {"site": site}, name="invitation"),
    ]
