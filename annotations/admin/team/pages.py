"""The base of the pages of a corpus: the corpus through the gate, and what their frame needs."""

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

from annotations.admin import labels
from annotations.admin.access import current_user
from annotations.admin.labels import LazyText
from annotations.exceptions import NotVisibleError
from annotations.models import Article, Corpus
from annotations.permissions import Permission, VisibleRow, is_allowed
from annotations.visibility import get_visible, visible


@dataclass(frozen=True)
class PageLink:
    """A link to another page; ``here``: it is the current page."""

    label: LazyText
    url: str
    here: bool = False


def get_corpus(request: HttpRequest, pk: UUID, permission: Permission) -> Corpus:
    """Return the corpus with the user's role: 404 for strangers, 403 for members without the permission."""
    try:
        corpus = get_visible(current_user(request), Corpus.objects.defer("guideline"), pk=pk)
    except NotVisibleError as error:
        raise Http404 from error
    if not has_corpus_permission(request, permission, corpus):
        raise PermissionDenied
    return corpus


def has_corpus_permission(request: HttpRequest, permission: Permission, corpus: Corpus) -> bool:
    """Return whether the user has the permission in a corpus that came from ``visible``."""
    return is_allowed(current_user(request), permission, VisibleRow.of(corpus))


def page_url(corpus: Corpus, name: str) -> str:
    """Return the address of a page of a corpus."""
    return reverse(f"admin:annotations_corpus_{name}", args=(corpus.pk,))


def page_context(
    request: HttpRequest, site: AdminSite, corpus: Corpus, title: LazyText, **extra: object
) -> dict[str, Any]:
    """Return the context that the frame of every page needs."""
    return {
        **site.each_context(request),
        "title": title,
        "subtitle": corpus.name,
        "corpus": corpus,
        "opts": Corpus._meta,
        **extra,
    }


def page_number(request: HttpRequest) -> int:
    """Return the number of the page of a list; what is no such number counts as the first."""
    text = request.GET.get("p", "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text) else 1


@dataclass(frozen=True)
class ArticleLink:
    """An article to link to."""

    id: UUID
    title: str


def article_links(request: HttpRequest, ids: Iterable[UUID | str]) -> dict[str, ArticleLink]:
    """Return articles by their ids, as text, in one query."""
    rows: Any = visible(current_user(request), Article.objects.filter(pk__in=set(map(str, ids))))
    return {
        str(pk): ArticleLink(pk, title or external_id or str(pk))
        for pk, title, external_id in rows.values_list("pk", "title", "external_id")
    }


def add_error_messages(request: HttpRequest, form: forms.Form) -> None:
    """Add each error of a form as a message, with the name of its field."""
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else None
        text = " ".join(map(str, cast("Sequence[str]", errors)))
        messages.error(request, f"{label or labels.field_label(name)}: {text}")
