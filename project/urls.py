"""The URLs of the service: API, admin, health checks."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog, set_language

from annotations.addresses import API_PATH
from annotations.admin import workbench_files
from annotations.api.views import health

#: Asked for by the language of the page, so that a browser may keep it for a while.
words = gzip_page(
    cache_control(private=True, max_age=3600)(JavaScriptCatalog.as_view(packages=["annotations"]))
)

#: Only where they are installed; named, so that nothing of them is loaded elsewhere.
identity = (
    [path("admin/account/", include("annotations.admin.identity.urls"))]
    if apps.is_installed("allauth.mfa")
    else []
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="start"),
    path("admin/language/", set_language, name="set_language"),
    path("admin/words.js", words, name="words"),
    *workbench_files.urlpatterns,
    *identity,
    path("admin/", admin.site.urls),
    path(API_PATH, include("annotations.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

handler400 = "annotations.api.exceptions.handler400"
handler403 = "annotations.api.exceptions.handler403"
handler404 = "annotations.api.exceptions.handler404"
handler500 = "annotations.api.exceptions.handler500"
