"""The rights on the page of an article: its terms, the takedown and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext

from annotations.admin.access import current_user, get_visible_or_404, has_permission
from annotations.admin.rights.forms import (
    ArticleTermsForm,
    WithdrawingForm,
    describe_terms,
    terms_initial,
)
from annotations.admin.scoped_admin import change_url
from annotations.exceptions import StandpointError
from annotations.models import Article, Erasure, Release
from annotations.permissions import Permission
from annotations.services.releases.takedown import releases_with_article, take_down_article
from annotations.services.rights import takedown, terms
from annotations.translation import translate_message

_TERMS_TEMPLATE = "admin/annotations/rights/article.html"
_TAKEDOWN_TEMPLATE = "admin/annotations/rights/takedown.html"


def _url(name: str, pk: UUID) -> str:
    return reverse(f"admin:annotations_article_{name}", args=(pk,))


def article_urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses of the pages, before those whose address is any id."""
    return [
        path(
            f"<uuid:pk>/{address}/", site.admin_view(view), {"site": site}, name=f"annotations_article_{name}"
        )
        for address, view, name in (
            ("rights", terms_page, "rights"),
            ("take-down", take_down_page, "take_down"),
            ("restore", restore_page, "restore"),
        )
    ]


def rights_context(request: HttpRequest, article: Article) -> dict[str, Any]:
    """Return the rights of an article for its page, with what the user may do about them."""
    rights = terms.article_rights(article)
    effective = terms.effective_terms(article)
    may_change = has_permission(request, Permission.CHANGE_ARTICLE, article)
    may_take_down = has_permission(request, Permission.TAKE_DOWN_ARTICLE, article)
    initial = terms_initial(rights, article.version)
    action = ("restore" if rights.taken_down_at else "take_down") if may_take_down else ""
    return {
        "erasure": Erasure.objects.filter(article=article).first(),
        "rights": {
            "row": rights,
            "terms": describe_terms(rights, effective),
            "is_embargoed": terms.is_embargoed(rights, timezone.now()),
            "form": ArticleTermsForm(initial=initial, effective=effective) if may_change else None,
            "form_url": _url("rights", article.pk),
            "action": action,
            "action_url": _url(action, article.pk) if action else "",
        },
    }


def _get_article(request: HttpRequest, pk: UUID, permission: Permission) -> Article:
    rows = Article.objects.select_related("corpus", "revision", "rights__taken_down_by")
    article = get_visible_or_404(request, rows.defer("revision__text", "corpus__guideline"), pk)
    if not has_permission(request, permission, article):
        raise PermissionDenied
    return article


def _context(request: HttpRequest, site: AdminSite, article: Article, title: str) -> dict[str, Any]:
    return {
        **site.each_context(request),
        "title": title,
        "subtitle": str(article),
        "opts": Article._meta,
        "object": article,
        "article_url": change_url(Article, article.pk),
    }


def terms_page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Save the terms of an article; what is wrong with them is shown beside the fields."""
    article = _get_article(request, pk, Permission.CHANGE_ARTICLE)
    rights, effective = terms.article_rights(article), terms.effective_terms(article)
    initial = terms_initial(rights, article.version)
    form = ArticleTermsForm(request.POST or None, initial=initial, effective=effective)
    if request.method == "POST" and form.is_valid():
        try:
            terms.update_rights(current_user(request), pk, form.terms(), version=form.cleaned_data["seen"])
            messages.success(
                request, gettext("The rights are saved; they hold for all that leaves from now on.")
            )
            return HttpResponseRedirect(f"{change_url(Article, pk)}#rights")
        except StandpointError as error:
            form.add_error(None, translate_message(error.detail))
    context = {**_context(request, site, article, gettext("Rights")), "form": form}
    return TemplateResponse(request, _TERMS_TEMPLATE, {**context, "media": forms.Media() + form.media})


def take_down_page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Ask for the reason and the releases to withdraw, and take the article down."""
    article = _get_article(request, pk, Permission.TAKE_DOWN_ARTICLE)
    holding = list(releases_with_article(article.corpus_id, article.pk))

    def perform(values: Mapping[str, Any]) -> str:
        chosen = values.get("also_withdraw", [])
        take_down_article(
            current_user(request), pk, values["reason"], also_withdraw=chosen, version=values["seen"]
        )
        return gettext("The article is taken down: nothing new that leaves holds it.")

    form = WithdrawingForm(request.POST or None, releases=holding, initial={"seen": article.version})
    context = _context(request, site, article, gettext("Take down"))
    return _ask(request, article, form, perform, {**context, **_releases_context(holding)})


def _releases_context(holding: list[Release]) -> dict[str, Any]:
    return {
        "takes_down": True,
        "withdrawn": [row for row in holding if row.withdrawn_at is not None],
        "standing": any(row.withdrawn_at is None for row in holding),
    }


def restore_page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Ask for the reason, and let the article out again."""
    article = _get_article(request, pk, Permission.TAKE_DOWN_ARTICLE)

    def perform(values: Mapping[str, Any]) -> str:
        takedown.restore_article(current_user(request), pk, values["reason"], version=values["seen"])
        return gettext("The article may leave again; releases that were withdrawn stay so.")

    form = WithdrawingForm(request.POST or None, initial={"seen": article.version})
    return _ask(request, article, form, perform, _context(request, site, article, gettext("Restore")))


def _ask(
    request: HttpRequest, article: Article, form: forms.Form, perform: Any, context: dict[str, Any]
) -> HttpResponse:
    """Perform what a confirmed form asks for, or show it."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, perform(form.cleaned_data))
            return HttpResponseRedirect(f"{change_url(Article, article.pk)}#rights")
        except StandpointError as error:
            form.add_error(None, translate_message(error.detail))
    rights = terms.article_rights(article)
    return TemplateResponse(request, _TAKEDOWN_TEMPLATE, {**context, "form": form, "row": rights})
