"""The pages of a team: progress, assignments, agreement, calibration, invitations and notifications."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from annotations.admin.team import (
    agreement,
    assignments,
    calibration,
    confusion,
    invitation_accept,
    invitations,
    notifications,
    progress,
    reviewers_page,
)

PageView = Callable[..., HttpResponse]

#: The pages of a corpus, by the last segment of their address.
CORPUS_PAGES: dict[str, PageView] = {
    "team": progress.page,
    "hand-out": assignments.page,
    "calibration": calibration.page,
    "agreement": agreement.page,
    "agreement-marks": confusion.page,
    "invitations": invitations.page,
}


def corpus_urls(site: AdminSite) -> list[URLPattern]:
    """Return the pages below a corpus."""
    rows = (
        (name, f"annotations_corpus_{name.replace('-', '_')}", view) for name, view in CORPUS_PAGES.items()
    )
    pages = [
        path(f"<uuid:pk>/{name}/", site.admin_view(view), {"site": site}, name=label)
        for name, label, view in rows
    ]
    revoke = path(
        "<uuid:pk>/invitations/<uuid:invitation>/delete/",
        site.admin_view(invitations.revoke),
        name="annotations_corpus_invitation_delete",
    )
    return [*pages, revoke]


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
