"""The filters of the list of articles that need more than a column, each a list to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy

from annotations.admin.access import current_user
from annotations.models import AnnotationSet, Article, Membership
from annotations.models.ordering import text_order
from annotations.services.exchange.filters import filter_articles
from annotations.text.parsing import parse_timestamp, parse_uuid
from annotations.visibility import visible

#: How many values a filter offers: a corpus may have thousands of sources.
MAX_CHOICES = 200
#: What the filter by source sends for articles without one.
WITHOUT_SOURCE = "\u2013"
COPIES, LEADS = "copies", "leads"


class ChoiceFilter(SimpleListFilter):
    """Filter with a list to choose from, which is short on the page however many choices there are."""

    template = "admin/annotations/filter_choice.html"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Any],
        model_admin: admin.ModelAdmin[Any],
    ) -> None:
        self.request = request
        super().__init__(request, params, model, model_admin)

    def has_output(self) -> bool:
        """Return whether there is a choice, or a link has set the parameter."""
        return bool(self.lookup_choices) or bool(self.value())

    @property
    def other_parameters(self) -> list[tuple[str, str]]:
        """The other parameters of the list, which stay."""
        names = (self.parameter_name, "p")
        return [(name, str(self.request.GET[name])) for name in self.request.GET if name not in names]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the values, first the one that takes every row."""
        del changelist
        yield {"selected": not self.value(), "value": "", "display": gettext("all")}
        for value, label in self.lookup_choices:
            yield {"selected": self.value() == str(value), "value": value, "display": label}


def _corpus_articles(request: HttpRequest) -> QuerySet[Article]:
    """Return the articles among which the list chooses: those of its corpus, or all that the user sees."""
    rows = visible(current_user(request), Article.objects.all())
    try:
        return rows.filter(corpus=parse_uuid(request.GET.get("corpus__id__exact", "")))
    except ValueError:
        return rows


class SourceFilter(ChoiceFilter):
    """Filter for the source."""

    title = pgettext_lazy("field", "source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Return the first sources by name, and that there is none."""
        rows = _corpus_articles(request).order_by(text_order("source")).values_list("source", flat=True)
        found = [str(source) for source in rows.distinct()[:MAX_CHOICES]]
        chosen = [self.value()] if self.value() and self.value() not in {*found, WITHOUT_SOURCE} else []
        values = [source or WITHOUT_SOURCE for source in (*found, *chosen)]
        return [(value, gettext("none given") if value == WITHOUT_SOURCE else str(value)) for value in values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the articles of the source."""
        chosen = self.value()
        if not chosen:
            return queryset
        if "\0" in chosen:
            raise IncorrectLookupParameters
        return queryset.filter(source="" if chosen == WITHOUT_SOURCE else chosen)


class StoryFilter(ChoiceFilter):
    """Filter for articles that are copies of others, or for those of one story."""

    title = pgettext_lazy("field", "story")
    parameter_name = "story"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Return the two kinds of articles, and the story of a link."""
        kinds = [(LEADS, gettext("without copies")), (COPIES, gettext("copies alone"))]
        chosen = self.value()
        return [*kinds, (chosen, gettext("this story"))] if chosen and chosen not in dict(kinds) else kinds

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the articles of the kind, or of the story."""
        chosen, by = self.value(), current_user(request)
        if not chosen:
            return queryset
        leads = filter_articles(queryset, by, {"copies": "leads"})
        if chosen in {LEADS, COPIES}:
            return leads if chosen == LEADS else queryset.exclude(pk__in=leads.values("pk"))
        try:
            return filter_articles(queryset, by, {"story": parse_uuid(chosen)})
        except ValueError as error:
            raise IncorrectLookupParameters from error


class AddedFilter(ChoiceFilter):
    """Filter for what came lately, or since an import."""

    title = pgettext_lazy("field", "added")
    parameter_name = "added"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Return a day and a week, and the time of a link."""
        spans = [("1", gettext("in the last 24 hours")), ("7", gettext("in the last 7 days"))]
        chosen = self.value()
        return (
            [*spans, (chosen, gettext("since this import"))]
            if chosen and chosen not in dict(spans)
            else spans
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the articles that came since then."""
        chosen = self.value()
        if not chosen:
            return queryset
        try:
            return queryset.filter(created_at__gte=parse_since(chosen))
        except ValueError as error:
            raise IncorrectLookupParameters from error


def parse_since(value: str) -> datetime:
    """Return the time that a number of days or a timestamp means; raise ``ValueError`` for anything else."""
    if value in {"1", "7"}:
        return timezone.now() - timedelta(days=int(value))
    return parse_timestamp(value)


class AnnotatorFilter(ChoiceFilter):
    """Filter for the articles on which a member has a set that the user may know of."""

    title = pgettext_lazy("field", "annotator")
    parameter_name = "annotator"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Return the members of the corpus of the list by name; without a corpus there is no filter."""
        try:
            corpus = parse_uuid(request.GET.get("corpus__id__exact", ""))
        except ValueError:
            return []
        members = visible(current_user(request), Membership.objects.filter(corpus=corpus))
        names = members.order_by(text_order("user__username")).values_list("user__username", flat=True)
        return [(str(name), str(name)) for name in names[:MAX_CHOICES]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the articles on which the member has a set that is not withdrawn."""
        chosen = self.value()
        if not chosen:
            return queryset
        if "\0" in chosen:
            raise IncorrectLookupParameters
        sets = visible(current_user(request), AnnotationSet.objects.filter(owner__username=chosen))
        return queryset.filter(pk__in=sets.exclude(state="withdrawn").values("article_id"))
