"""The page of the rights in a corpus: defaults, counts, embargoes, takedowns and protected actors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from annotations.admin.access import current_user
from annotations.admin.rights.actor_protection import protection_row
from annotations.admin.rights.forms import TermsForm, terms_initial
from annotations.admin.scoped_admin import change_url
from annotations.admin.team import pages
from annotations.exceptions import StandpointError
from annotations.models import Actor, Article, Corpus
from annotations.models.ordering import text_order
from annotations.permissions import Permission
from annotations.services.rights import counts, terms
from annotations.services.rights.confidentiality import protected_actors, with_protection
from annotations.translation import translate_message
from annotations.visibility import visible

TEMPLATE = "admin/annotations/rights/corpus.html"
#: How many embargoes, takedowns and protected actors the page lists.
MAX_LISTED = 100


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the page, or save the terms of articles that have none of their own."""
    corpus = pages.get_corpus(request, pk, Permission.VIEW_RIGHTS)
    may_change = pages.has_corpus_permission(request, Permission.CHANGE_RIGHTS, corpus)
    rights = terms.corpus_rights(corpus)
    form = TermsForm(request.POST or None, initial=terms_initial(rights, rights.version))
    if request.method == "POST" and may_change and form.is_valid():
        by = current_user(request)
        try:
            terms.update_corpus_rights(by, pk, form.terms(), version=form.cleaned_data["seen"])
            messages.success(
                request, gettext("The rights are saved; they hold for all that leaves from now on.")
            )
            return HttpResponseRedirect(pages.page_url(corpus, "rights"))
        except StandpointError as error:
            form.add_error(None, translate_message(error.detail))
    context = pages.page_context(
        request,
        site,
        corpus,
        gettext("Rights"),
        form=form if may_change else None,
        counts=counts.count_rights(corpus),
        embargoed=_article_rows(request, counts.embargoed_articles(corpus)),
        taken_down=_article_rows(request, counts.taken_down_articles(corpus)),
        protected=_protected_rows(request, corpus),
        most=MAX_LISTED,
    )
    return TemplateResponse(request, TEMPLATE, context)


def _article_rows(request: HttpRequest, rows: Any) -> list[tuple[str, Article]]:
    found = visible(current_user(request), rows.select_related("rights__taken_down_by").defer("search_key"))
    return [(change_url(Article, row.pk), row) for row in found[:MAX_LISTED]]


def _protected_rows(request: HttpRequest, corpus: Corpus) -> list[dict[str, Any]]:
    rows = visible(current_user(request), with_protection(protected_actors(corpus)))
    return [
        {"url": change_url(Actor, row.pk), "actor": row, **protection_row(request, row)}
        for row in rows.order_by(text_order("folded_name"), "pk")[:MAX_LISTED]
    ]
