"""The possible reviewers of a set: who can, why nobody can, and the smallest team for each mode."""

from __future__ import annotations

from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin import words
from annotations.admin.access import person
from annotations.admin.team import base
from annotations.exceptions import NotVisible
from annotations.models import AnnotationSet, Role
from annotations.permissions import Permission
from annotations.services import team
from annotations.visibility import get_visible

TEMPLATE = "admin/annotations/team/reviewers.html"
#: The names of the modes of work.
MODES = {"single": gettext_lazy("single"), "double": gettext_lazy("double")}
#: How many people of each mode have to be reviewers or managers.
REVIEWERS = {"single": team.OTHERS[1], "double": team.OTHERS_OF_SEVERAL}


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render all members with the reason against them, and what would help."""
    rows = AnnotationSet.objects.select_related("article", "corpus", "owner").defer("corpus__guideline")
    try:
        row = get_visible(person(request), rows, pk=pk)
    except NotVisible as error:
        raise Http404 from error
    corpus = base.corpus_of(request, row.corpus_id, Permission.VIEW_CORPUS)
    answer = team.reviewers_of(row)
    members = team.Team.of(corpus.pk)
    active, reviewers = len(members.annotators()), len(members.reviewers())
    modes = [
        {
            **mode,
            "name": MODES[mode["mode"]],
            "enough": active >= mode["people"] and reviewers >= REVIEWERS.get(mode["mode"], 1),
        }
        for mode in answer["modes"]
    ]
    context = {
        **site.each_context(request),
        "title": gettext("Who can review this set"),
        "subtitle": f"{row.article} · {row.owner.get_username()}",
        "opts": AnnotationSet._meta,
        "set": row,
        "corpus": corpus,
        "active": active,
        "reviewers": reviewers,
        "may_invite": base.may(request, Permission.INVITE, corpus) and not corpus.archived,
        "invitations_url": base.url(corpus, "invitations"),
        **answer,
        "people": [{**each, "role_name": words.value(Role, each["role"])} for each in answer["people"]],
        "modes": modes,
    }
    return TemplateResponse(request, TEMPLATE, context)
