"""The possible reviewers of a set: who can, why nobody can, and the smallest team for each mode."""

from __future__ import annotations

from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin import labels
from annotations.admin.access import get_visible_or_404
from annotations.admin.team import pages
from annotations.models import AnnotationSet, Role
from annotations.permissions import Permission
from annotations.services.review import eligibility

TEMPLATE = "admin/annotations/team/reviewers.html"
#: The names of the modes of work.
MODE_LABELS = {"single": gettext_lazy("single"), "double": gettext_lazy("double")}
#: How many people of each mode have to be reviewers or managers.
REQUIRED_REVIEWERS = {
    "single": eligibility.REVIEWERS_NEEDED[1],
    "double": eligibility.REVIEWERS_NEEDED_FOR_SEVERAL,
}


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render all members with the reason against them, and what would help."""
    rows = AnnotationSet.objects.select_related("article", "corpus", "owner").defer("corpus__guideline")
    row = get_visible_or_404(request, rows, pk)
    corpus = pages.get_corpus(request, row.corpus_id, Permission.VIEW_CORPUS)
    answer = eligibility.describe_reviewers(row)
    members = eligibility.CorpusTeam.load(corpus.pk)
    active, reviewers = len(members.annotator_ids()), len(members.reviewer_ids())
    modes = [
        {
            **mode,
            "name": MODE_LABELS[mode["mode"]],
            "enough": active >= mode["people"] and reviewers >= REQUIRED_REVIEWERS.get(mode["mode"], 1),
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
        "may_invite": pages.has_corpus_permission(request, Permission.INVITE_MEMBER, corpus)
        and not corpus.archived,
        "invitations_url": pages.page_url(corpus, "invitations"),
        **answer,
        "people": [{**each, "role_name": labels.enum_label(Role, each["role"])} for each in answer["people"]],
        "modes": modes,
    }
    return TemplateResponse(request, TEMPLATE, context)
