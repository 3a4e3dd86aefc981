"""The overview page of a corpus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext

from annotations.admin import plots
from annotations.admin.access import current_user, get_visible_or_404
from annotations.admin.labels import enum_label, format_number
from annotations.admin.scoped_admin import list_url
from annotations.admin.team import pages
from annotations.admin.team.article_progress import article_progress
from annotations.enums import State
from annotations.models import AnnotationSet, Corpus
from annotations.services.team import corpus_counts

TEMPLATE = "admin/annotations/corpus/overview.html"


@dataclass(frozen=True)
class CountRow:
    """A number with its name, and the list behind it."""

    name: str
    label: str
    number: int
    url: str


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render progress by status, work by day, and the counts behind them."""
    by = current_user(request)
    corpus = get_visible_or_404(request, Corpus.objects.defer("guideline"), pk)
    counts = corpus_counts.count_corpus(by, corpus)
    days = corpus_counts.count_per_day(by, corpus)
    context = {
        **pages.page_context(request, site, corpus, gettext("Overview")),
        "progress": article_progress(corpus, counts["articles"]["by_status"]),
        "sets": _sets(corpus, counts["sets"]["by_state"]),
        "marks": _marks(counts["spans"]),
        "chart": plots.make_bar_plot(
            [(day.date, {"submitted": day.submitted, "approved": day.approved}) for day in days],
            ("submitted", "approved"),
        ),
        "busy": [day for day in reversed(days) if day.submitted or day.approved],
        "submitted": sum(day.submitted for day in days),
        "approved": sum(day.approved for day in days),
    }
    return TemplateResponse(request, TEMPLATE, context)


def _marks(spans: Mapping[str, Any]) -> str:
    """Return the number of spans by label in words: ``3 marks: 1 claim, 2 actors``."""
    total, by_label = int(spans["total"]), spans["by_label"]
    kinds = ", ".join(MARK_COUNTS[name](by_label[name]) for name in MARK_COUNTS)
    return f"{ngettext('%(n)s mark', '%(n)s marks', total) % {'n': format_number(total)}}: {kinds}."


#: The number of marks of each label, in words.
MARK_COUNTS: Mapping[str, Callable[[int], str]] = {
    "actor": lambda n: ngettext("%(n)s actor", "%(n)s actors", n) % {"n": format_number(n)},
    "claim": lambda n: ngettext("%(n)s claim", "%(n)s claims", n) % {"n": format_number(n)},
    "position": lambda n: ngettext("%(n)s position", "%(n)s positions", n) % {"n": format_number(n)},
}


def _sets(corpus: Corpus, states: dict[str, int]) -> list[CountRow]:
    counts = [(str(state), int(states[state])) for state in State if states[state]]
    return [
        CountRow(
            name,
            enum_label(State, name),
            count,
            list_url(AnnotationSet, urlencode({"corpus__id__exact": corpus.pk, "state__exact": name})),
        )
        for name, count in counts
    ]
