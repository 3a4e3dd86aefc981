"""The tallies of an export: what its articles say, counted while they pass by."""

from __future__ import annotations

from datetime import date

from annotations.formats.core.interfaces import Losses
from annotations.formats.core.record_statements import statements_of_set
from annotations.formats.core.records import Article
from annotations.metrics.discourse.tallies import Tally, join_days
from annotations.scheme.statements import COUNTED_BASES, Statement

#: The losses of a file of counts, and what they mean.
TALLY_LOSSES = {
    "spans": "marked ranges that are no position, beside the actors who hold one",
    "unlinked": "positions without a linked holder or without an issue",
    "ascribed": "positions that somebody else ascribes to their holder",
    "undecided": "positions that take no side",
    "copies": "positions of copies of one text, where another of them says the same",
    "relations": "links other than held_by",
    "comments": "remarks",
}
_HELD_BY = "held_by"


class TallyCounter:
    """A counter of positions by actor, issue, stance and year; its memory grows with the cells only."""

    def __init__(self, losses: Losses, *, sided: bool) -> None:
        self._losses = losses
        self._sided = sided
        self._tallies: dict[tuple[str, str, str, str], Tally] = {}
        self.statements = 0

    def add(self, article: Article) -> None:
        """Count the positions of an article."""
        for row in article.sets:
            for statement in statements_of_set(article, row):
                if statement.kind == "position":
                    self._add(statement, is_copy=article.is_copy(statement.span, statement.actor))
            held = {relation[4] for relation in row.relations if relation[2] == _HELD_BY}
            others = [span[0] for span in row.spans if span[2] != "position" and span[0] not in held]
            self._losses.add("spans", others)
            self._losses.add("relations", [link[0] for link in row.relations if link[2] != _HELD_BY])
            self._losses.add("comments", [comment[0] for comment in row.comments])

    def _add(self, statement: Statement, *, is_copy: bool) -> None:
        reasons = {
            "unlinked": not (statement.actor and statement.proposition),
            "ascribed": statement.basis not in COUNTED_BASES,
            "undecided": not statement.stance or (self._sided and statement.stance == "undecided"),
            "copies": is_copy,
        }
        lost = next((reason for reason, applies in reasons.items() if applies), None)
        if lost is not None:
            self._losses.add(lost, [statement.span])
            return
        self.statements += 1
        key = (
            statement.actor,
            statement.proposition,
            statement.stance,
            _year(statement.day, statement.day_last),
        )
        stored = self._tallies.get(key) or Tally(*key[:3], 0, key[3])
        self._tallies[key] = stored._replace(
            number=stored.number + 1,
            first=join_days(stored.first, statement.day, latest=False),
            last=join_days(stored.last, statement.day_last, latest=True),
        )

    def tallies(self) -> list[Tally]:
        """Return the tallies by year, in the order of actor, issue, stance and year."""
        return [self._tallies[key] for key in sorted(self._tallies)]


def _year(first: date | None, last: date | None) -> str:
    """Return the year of a statement; "" if it has no day, or may be of two years."""
    if first is None or last is None or first.year != last.year:
        return ""
    return f"{first.year:04}"
