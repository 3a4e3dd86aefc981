"""The admin: Django loads this package, and each module registers its tables."""

from __future__ import annotations

from django.contrib import admin

from annotations.admin import (
    access_tokens,
    accounts,
    aliases,
    articles,
    corpora,
    events,
    jobs,
    registry,
    releases,
    sets,
)
from annotations.admin.site import StandpointSite

__all__ = [
    "access_tokens",
    "accounts",
    "aliases",
    "articles",
    "corpora",
    "events",
    "jobs",
    "registry",
    "releases",
    "sets",
]

# Django makes the site before any app is loaded, and this is what gives it our pages.
admin.site.__class__ = StandpointSite
