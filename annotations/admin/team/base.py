"""What the pages of a team have in common: the corpus through the gate, and the way from page to page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from annotations.admin import words
from annotations.admin.access import person
from annotations.exceptions import NotVisible
from annotations.models import Article, Corpus
from annotations.permissions import Permission, Seen, allows
from annotations.visibility import get_visible, visible


@dataclass(frozen=True)
class Link:
    """A way to another page of the team; ``here``: it is the page that is shown."""

    label: Any
    url: str
    here: bool = False


#: The pages in the order of the work, and what one must be allowed to do to see them.
PAGES = (
    ("overview", gettext_lazy("Overview"), Permission.VIEW_CORPUS),
    ("team", gettext_lazy("Team"), Permission.VIEW_PROGRESS),
    ("hand_out", gettext_lazy("Hand out"), Permission.ASSIGN_SET),
    ("calibration", gettext_lazy("Calibration"), Permission.ASSIGN_SET),
    ("agreement", gettext_lazy("Agreement"), Permission.VIEW_OWN_AGREEMENT),
    ("invitations", gettext_lazy("Invitations"), Permission.INVITE),
)


def corpus_of(request: HttpRequest, pk: UUID, permission: Permission) -> Corpus:
    """The corpus, with the role of whoever asks: 404 to strangers, 403 to members who may not."""
    try:
        corpus = get_visible(person(request), Corpus.objects.defer("guideline"), pk=pk)
    except NotVisible as error:
        raise Http404 from error
    if not may(request, permission, corpus):
        raise PermissionDenied
    return corpus


def may(request: HttpRequest, permission: Permission, corpus: Corpus) -> bool:
    """Whether whoever asks may do this in a corpus that came out of the gate."""
    return allows(person(request), permission, Seen.of(corpus))


def url(corpus: Corpus, name: str) -> str:
    """The address of a page of the team."""
    return reverse(f"admin:annotations_corpus_{name}", args=(corpus.pk,))


def links(request: HttpRequest, corpus: Corpus, here: str) -> list[Link]:
    """The pages that whoever asks may see."""
    return [
        Link(label, url(corpus, name), name == here)
        for name, label, permission in PAGES
        if may(request, permission, corpus)
    ]


def context(
    request: HttpRequest, site: AdminSite, corpus: Corpus, here: str, title: Any, **more: Any
) -> dict[str, Any]:
    """What the frame of every page needs."""
    return {
        **site.each_context(request),
        "title": title,
        "subtitle": corpus.name,
        "corpus": corpus,
        "opts": Corpus._meta,
        "pages": links(request, corpus, here),
        **more,
    }


@dataclass(frozen=True)
class Named:
    """An article to link to."""

    id: UUID
    title: str


def titles(request: HttpRequest, ids: Iterable[UUID | str]) -> dict[str, Named]:
    """Articles by their ids, as text, in one query."""
    rows: Any = visible(person(request), Article.objects.filter(pk__in=set(map(str, ids))))
    return {
        str(pk): Named(pk, title or external_id or str(pk))
        for pk, title, external_id in rows.values_list("pk", "title", "external_id")
    }


def tell_faults(request: HttpRequest, form: forms.Form) -> None:
    """Each fault of a form as a message, with the name of its field."""
    for name, faults in form.errors.items():
        label = form.fields[name].label if name in form.fields else None
        said = " ".join(map(str, cast("Sequence[str]", faults)))
        messages.error(request, f"{label or words.field(name)}: {said}")
