"""The statements of a request as queries: filters, roll-ups, and what is left out of a count, and why.

Every row of the table that the filters choose is counted or left out for one reason, the first that fits.
Lists and counts use the same expressions, so that a list holds exactly what was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
    Window,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, RowNumber

from annotations.models import Actor, Article, Corpus, Proposition, Statement, Topic
from annotations.services.exchange.filters import filter_articles
from annotations.services.knowledge.affiliations import affiliations_held, belongs_to, with_days_as_text
from annotations.services.knowledge.copies import count_copies, find_copies
from annotations.services.knowledge.grammar import DEDUP_PERIODS, StatementRequest
from annotations.services.knowledge.windows import PERIODS
from annotations.services.rights.verdicts import Purpose, open_condition
from annotations.text.parsing import parse_uuid

#: Statements with the columns that a request adds to them.
StatementRows: TypeAlias = QuerySet[Any, Any]

#: Why a statement is not counted, in the order in which the reasons are asked for.
LEFT_OUT = ("ascribed", "unlinked", "undated", "duplicates", "copies")
ASCRIBED, UNLINKED, UNDATED, DUPLICATES, COPIES = LEFT_OUT
COUNTED = ""

_ACTOR, _ISSUE = "actor__canonical_id", "proposition__canonical_id"
_PARENT = "actor__canonical__parent__canonical_id"
_ROW_EXPRESSIONS: Mapping[str, Callable[[], Combinable]] = {
    "none": lambda: F(_ACTOR),
    "parent": lambda: _first_id(_PARENT, _ACTOR),
    "affiliation": lambda: _first_id(
        Subquery(affiliations_held().values("organisation__canonical")[:1]), _PARENT, _ACTOR
    ),
    "kind": lambda: F("actor__canonical__kind"),
}
_COLUMN_EXPRESSIONS: Mapping[str, Callable[[], Combinable]] = {
    "none": lambda: F(_ISSUE),
    "topic": lambda: _first_id("proposition__canonical__topic__canonical_id", _ISSUE),
}

#: The link of a statement without which it has no place on an axis, whatever it is rolled up to.
_LINKS = {"row": "actor", "column": "proposition"}

#: The filters of articles that the table of statements answers itself.
_OWN_COLUMNS = ("source", "language")


def _first_id(*columns: str | Combinable) -> Coalesce:
    """Return the first of some ids that is not null."""
    return Coalesce(*columns, output_field=UUIDField())


@dataclass(frozen=True)
class StatementQuery:
    """The statements of a corpus that a request chooses.

    ``needs`` are the ends, ``row`` and ``column``, without which a statement cannot be counted.
    """

    corpus: Corpus
    request: StatementRequest
    needs: Collection[str] = ()

    def chosen(self) -> StatementRows:
        """Return the rows that the filters choose, counted or not, with ``row``, ``column`` and the rest.

        ``period`` is the first day of the window, ``bucket`` what ``dedup`` counts once, and ``left_out``
        the reason why a row is not counted, or "".
        """
        chosen: StatementRows = self._placed().annotate(left_out=self._left_out())
        return chosen

    def _placed(self) -> StatementRows:
        """Return the rows that the filters choose with their places in a matrix."""
        request = self.request
        rows = self._filtered()
        rows = rows.annotate(
            row=_ROW_EXPRESSIONS[request.rollup_actor](), column=_COLUMN_EXPRESSIONS[request.rollup_issue]()
        )
        if request.time != "none":
            rows = _with_window(rows, "period", request.time)
        if request.dedup in DEDUP_PERIODS:
            rows = _with_window(rows, "bucket", request.dedup)
        if request.dedup != "none":
            # what is not linked may be about anything, so it repeats nothing
            unlinked = When(Q(actor__isnull=True) | Q(proposition__isnull=True), then=F("span_id"))
            rows = rows.annotate(apart=Case(unlinked, output_field=UUIDField()))
        return rows

    def listed(self) -> StatementRows:
        """Return the statements that are counted, of one cell if the request names it."""
        cell = self._of_cell(self._placed())
        if cell is None:
            return self._placed().none()
        rows = self._countable(cell)
        if self.request.copies == "one":
            rows = rows.exclude(pk__in=find_copies(self._countable(self._rows_of_key())))
        return rows.filter(pk__in=self._latest(rows)) if self.counts_keys or self._counts_latest else rows

    def _latest(self, rows: StatementRows) -> StatementRows:
        """Return the ids of the latest of the rows that have a key in common."""
        place = Window(RowNumber(), self.key, order_by=(F("day_last").desc(nulls_last=True), F("pk")))
        latest: StatementRows = rows.annotate(place=place).filter(place=1).values("pk")
        return latest

    def copies_of(self) -> Combinable:
        """Return the expression for how many other articles a listed statement stands for."""
        if self.request.copies != "one":
            return Value(0)
        return count_copies(self._countable(self._placed()))

    def _countable(self, rows: StatementRows) -> StatementRows:
        """Return the rows that count, whatever is said of copies, and of an issue's other statements."""
        # one by one, because databases cannot guess how many rows a CASE leaves
        for reason in self._reasons().values():
            rows = rows.filter(~reason)
        return rows

    def _rows_of_key(self) -> StatementRows:
        """Return the rows that a copy in the cell of the request may repeat; copies may have other days."""
        rows = self._placed()
        if self.request.rollup_actor == "affiliation":
            return rows
        found = self._of_axes(rows)
        return rows.none() if found is None else found

    @property
    def is_dated(self) -> bool:
        """Whether a statement needs a day to be counted."""
        request = self.request
        return request.start is not None or request.end is not None or request.time != "none"

    @property
    def counts_keys(self) -> bool:
        """Whether several rows may count once, so that keys are counted and not rows."""
        request = self.request
        if self._counts_latest:
            return False
        return request.dedup != "none" or request.rollup_actor != "none" or request.rollup_issue != "none"

    @property
    def _counts_latest(self) -> bool:
        """Whether of an actor on an issue the latest row alone counts, whatever the stances."""
        return self.request.dedup != "none" and self.request.dedup_key == "issue"

    @property
    def key(self) -> list[str]:
        """The columns that statements have in common of which one is counted."""
        buckets = {"none": ["span_id"], "article": ["article_id", "apart"], "range": ["apart"]}
        window = ["period"] if self.request.time != "none" else []
        bucket = buckets.get(self.request.dedup, ["bucket", "apart"])
        stance = [] if self._counts_latest else ["stance", "polarity"]
        return ["row", "column", "kind", *stance, *window, *bucket]

    def _filtered(self) -> StatementRows:
        request = self.request
        rows: StatementRows = Statement.objects.filter(corpus=self.corpus).order_by()
        if request.rollup_actor == "affiliation" or request.descendants:
            rows = with_days_as_text(rows)
        own = {name: value for name, value in request.articles.items() if name in _OWN_COLUMNS}
        others = {name: value for name, value in request.articles.items() if name not in own}
        rows = rows.filter(**own)
        if request.goes_out:
            shut = Article.objects.filter(corpus=self.corpus).exclude(open_condition(Purpose.EXPORT))
            rows = rows.exclude(article__in=shut.order_by().values("pk"))
        if others:
            articles = Article.objects.filter(corpus=self.corpus).order_by()
            rows = rows.filter(article__in=filter_articles(articles, None, others).values("pk"))
        if request.actor is not None:
            rows = rows.filter(self._actor_condition(request.actor))
        if request.proposition is not None:
            rows = rows.filter(proposition__in=_variants(Proposition, [request.proposition]))
        if request.topic is not None:
            topics = _variants(Topic, [request.topic])
            rows = rows.filter(proposition__canonical__topic__in=topics)
        for name in ("stance", "kind"):
            if getattr(request, name):
                rows = rows.filter(**{f"{name}__in": getattr(request, name)})
        rows = rows.filter(basis__in=[*_bases(request.basis), "ascribed"])
        return rows.filter(_may_lie_in_range(request))

    def _actor_condition(self, actor: UUID) -> Q:
        if not self.request.descendants:
            return Q(actor__in=_variants(Actor, [actor]))
        return belongs_to(actor)

    def _reasons(self) -> dict[str, Q]:
        """Return the conditions by which statements are left out one by one, in the order of ``LEFT_OUT``."""
        request = self.request
        reasons: dict[str, Q] = {}
        if "ascribed" not in request.basis:
            reasons[ASCRIBED] = Q(basis="ascribed")
        for name in self.needs:
            reasons[UNLINKED] = reasons.get(UNLINKED, Q()) | Q((f"{_LINKS[name]}__isnull", True))
        if self.is_dated:
            reasons[UNDATED] = _crosses_range(request)
            if request.time != "none":
                reasons[UNDATED] |= Q(period__isnull=True)
        if not self.counts_keys and not self._counts_latest:
            reasons[DUPLICATES] = _same_actor_twice(self.corpus)
        return {name: reasons[name] for name in LEFT_OUT if name in reasons}

    def _left_out(self) -> Case:
        """Return why a row is not counted. A copy is left out only if the other statement counts."""
        whens = [When(reason, then=Value(name)) for name, reason in self._reasons().items()]
        counting = self._countable(self._placed())
        if self.request.copies == "one":
            copies = find_copies(counting)
            whens.append(When(pk__in=copies, then=Value(COPIES)))
            counting = counting.exclude(pk__in=copies)
        if self._counts_latest:
            whens.append(When(~Q(pk__in=self._latest(counting)), then=Value(DUPLICATES)))
        return Case(*whens, default=Value(COUNTED), output_field=CharField())

    def _of_cell(self, rows: StatementRows) -> StatementRows | None:
        """Return the rows of the cell that the request names; None if there cannot be such a cell."""
        request, found = self.request, self._of_axes(rows)
        if request.window is None or found is None:
            return found
        start = PERIODS[request.time].start_of(request.window) if request.time != "none" else None
        return None if start is None else found.filter(period=start)

    def _of_axes(self, rows: StatementRows) -> StatementRows | None:
        """Return the rows of the row and the column that the request names; None if there are no such."""
        request = self.request
        if request.row is not None:
            if request.rollup_actor == "kind":
                rows = rows.filter(row=request.row)
            else:
                id = _as_uuid(request.row)
                if id is None:
                    return None
                if request.rollup_actor == "none":
                    # by the index of the links, and not by the join
                    rows = rows.filter(actor__in=_variants(Actor, [id]))
                rows = rows.filter(row=id)
        if request.column is not None:
            id = _as_uuid(request.column)
            if id is None:
                return None
            if request.rollup_issue == "none":
                rows = rows.filter(proposition__in=_variants(Proposition, [id]))
            rows = rows.filter(column=id)
        return rows


def _with_window(rows: StatementRows, name: str, period: str) -> StatementRows:
    """Add the first day of the window in which a statement lies as a whole, or null."""
    first, last = PERIODS[period].first_day("day"), PERIODS[period].first_day("day_last")
    within = When(Q((f"{name}_last", F(f"{name}_first"))), then=F(f"{name}_first"))
    rows = rows.annotate(**{f"{name}_first": first, f"{name}_last": last})
    dated: StatementRows = rows.annotate(**{name: Case(within, output_field=DateField())})
    return dated


def _variants(model: type[Actor | Proposition | Topic], ids: Collection[UUID]) -> QuerySet[Any]:
    """Return the ids of the entries that stand for the same as one of these."""
    entries: QuerySet[Any, Any] = model._default_manager.order_by()
    return entries.filter(canonical__in=entries.filter(pk__in=ids).values("canonical")).values("pk")


def _bases(chosen: Collection[str]) -> list[str]:
    """Return the stored values of a basis; one that is not said is stated, as the workbench assumes."""
    return [*chosen, *([""] if "stated" in chosen else [])]


def _may_lie_in_range(request: StatementRequest) -> Q:
    """Return the condition that a day of a statement lies in the range, or that it has none."""
    touches = Q()
    if request.start is not None:
        touches &= Q(day_last__gte=request.start)
    if request.end is not None:
        touches &= Q(day__lt=request.end)
    return touches | Q(day__isnull=True) if touches else touches


def _crosses_range(request: StatementRequest) -> Q:
    """Return the condition that not all days of a statement lie in the range."""
    crosses = Q(day__isnull=True)
    if request.start is not None:
        crosses |= Q(day__lt=request.start)
    if request.end is not None:
        crosses |= Q(day_last__gte=request.end)
    return crosses


def _same_actor_twice(corpus: Corpus) -> Q:
    """Return the condition that another row of the span, which counts, is of the same actor after merges.

    The rows are few, and a query for all of them is planned better than one for each statement.
    """
    others = Statement.objects.filter(span=OuterRef("span"), actor__canonical=OuterRef("actor__canonical"))
    counting = others.filter(Q(actor__merged_into__isnull=True) | Q(pk__lt=OuterRef("pk"))).order_by()
    of_merged = Statement.objects.filter(corpus=corpus, actor__merged_into__isnull=False).order_by()
    twice = of_merged.filter(Exists(counting)).values("pk")
    return Q(actor__merged_into__isnull=False) & Q(pk__in=twice)


def _as_uuid(text: str) -> UUID | None:
    try:
        return parse_uuid(text)
    except ValueError:
        return None
