"""Who is quoted: how many statements are whose, how many of them in quotation marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from annotations.metrics.discourse.quoted import Concentration, measure_concentration
from annotations.models import Corpus
from annotations.services.core.replica import reads_replica
from annotations.services.knowledge.grammar import StatementRequest
from annotations.services.knowledge.matrix import load_rows
from annotations.services.knowledge.parameters import StatementParameter, choice
from annotations.services.knowledge.queries import COUNTED, UNLINKED, StatementQuery
from annotations.services.knowledge.tallies import Counted

#: By what statements are counted, the default first.
KEYS = ("actor", "kind", "affiliation", "source")
QUOTED_PARAMETERS: Mapping[str, StatementParameter] = {
    "by": choice("By what statements are counted.", KEYS, name="QuotedKey", default=KEYS[0]),
}
#: What says that the text itself names nobody.
UNATTRIBUTED = ("unnamed", "author")


@dataclass
class QuotedCount(Counted):
    """The account of a count by who is quoted: of the unlinked, ``unattributed`` are told apart."""

    unattributed: int = 0


class QuotedRow(NamedTuple):
    """Somebody who is quoted, a kind of actors or a source.

    ``direct_share`` is that of the statements all in quotation marks among those of which this is known;
    None where it is known of none. ``share`` is that of all statements that are counted.
    """

    key: str
    name: str
    statements: int
    direct_share: float | None
    articles: int
    share: float
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True)
class Quoted:
    """Who is quoted, in order, and how concentrated the statements are on few."""

    request: StatementRequest
    by: str
    rows: Sequence[QuotedRow]
    concentration: Concentration
    counted: QuotedCount
    as_of: datetime

    def row_request(self, row: QuotedRow) -> StatementRequest:
        """Return the request that lists the statements of a row."""
        if self.by != "source":
            return self.request.listing(row=row.key)
        articles = {**self.request.articles, "source": row.key}
        return replace(self.request.listing(), articles=articles)


@reads_replica
def count_quoted(corpus: Corpus, request: StatementRequest, by: str = KEYS[0]) -> Quoted:
    """Return who is quoted; ``by`` is one of ``KEYS``, and rolls actors up itself but for ``actor``."""
    as_of = timezone.now()
    if by in ("kind", "affiliation"):
        request = replace(request, rollup_actor=by)
    column = "source" if by == "source" else "row"
    query = StatementQuery(corpus, request, needs=() if by == "source" else ("row",))
    found = list(
        query.listed()
        .values_list(column)
        .annotate(
            statements=Count("pk"),
            direct=Count("pk", filter=Q(mode="direct")),
            known=Count("pk", filter=~Q(mode="")),
            articles=Count("article_id", distinct=True),
            first=Min("day"),
            last=Max("day_last"),
        )
    )
    used = sum(row[1] for row in found)
    names = _names({row[0] for row in found}, by, request)
    rows = [
        QuotedRow(
            str(key),
            names[str(key)],
            statements,
            direct / known if known else None,
            articles,
            statements / used,
            first,
            last,
        )
        for key, statements, direct, known, articles, first, last in found
        if statements >= request.min_statements
    ]
    rows.sort(key=_ORDERS[request.order])
    concentration = measure_concentration(row[1] for row in found)
    return Quoted(request, by, rows[: request.rows], concentration, _account(query, used), as_of)


def _by_name(row: QuotedRow) -> tuple[str, str]:
    return row.name.casefold(), row.key


_ORDERS: Mapping[str, Callable[[QuotedRow], Any]] = {
    "salience": lambda row: (-row.statements, *_by_name(row)),
    "name": _by_name,
    "score": lambda row: (row.direct_share is None, -(row.direct_share or 0), *_by_name(row)),
}


def _names(keys: set[Any], by: str, request: StatementRequest) -> dict[Any, str]:
    if by == "source":
        return {key: key for key in keys}
    return {id: row.name for id, row in load_rows(keys, request).items()}


def _account(query: StatementQuery, used: int) -> QuotedCount:
    """Return the account of the count: what the filters chose, by the reason why it was left out."""
    counted = QuotedCount(used=used)
    rows = (
        query.chosen()
        .values_list("left_out")
        .annotate(
            number=Count("pk"),
            undecided=Count("pk", filter=Q(kind="position") & Q(stance__in=("undecided", ""))),
            unattributed=Count("pk", filter=Q(attribution__in=UNATTRIBUTED)),
        )
    )
    for left_out, number, undecided, unattributed in rows:
        counted.statements += number
        if left_out == COUNTED:
            counted.undecided = undecided
            counted.duplicates += number - used
        elif left_out == UNLINKED:
            counted.unlinked, counted.unattributed = number - unattributed, unattributed
        else:
            setattr(counted, left_out, getattr(counted, left_out) + number)
    return counted
