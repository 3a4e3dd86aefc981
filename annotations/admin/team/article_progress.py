"""How far the articles of a corpus are: the one answer of the overview and of the page of the team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from annotations.admin import charts
from annotations.admin.labels import enum_label, format_number, format_percent
from annotations.admin.scoped_admin import list_url
from annotations.enums import ArticleStatus
from annotations.models import Article, Corpus

#: The statuses from done to unassigned, in the order of the bar.
STATUSES = (
    ArticleStatus.DONE,
    ArticleStatus.ADJUDICATING,
    ArticleStatus.READY_FOR_ADJUDICATION,
    ArticleStatus.IN_REVIEW,
    ArticleStatus.READY_FOR_REVIEW,
    ArticleStatus.ANNOTATING,
    ArticleStatus.UNASSIGNED,
    ArticleStatus.EXCLUDED,
)


@dataclass(frozen=True)
class StatusRow:
    """The number of articles with a status, and the list of them."""

    name: str
    label: str
    number: str
    url: str


@dataclass(frozen=True)
class ArticleProgress:
    """The articles by status as a bar and a list. Excluded articles are not to be done."""

    total: int
    done: int
    to_do: int
    bars: list[charts.Bar]
    rows: list[StatusRow]

    @property
    def left(self) -> int:
        """How many articles are still to be done."""
        return self.to_do - self.done

    @property
    def shown_to_do(self) -> str:
        """The number of articles without the excluded ones, as people write it."""
        return format_number(self.to_do)

    @property
    def shown_done(self) -> str:
        """The number of articles that are done, with their share."""
        number = format_number(self.done)
        return f"{number} ({format_percent(self.done / self.to_do)})" if self.to_do else number


def article_progress(corpus: Corpus, by_status: Mapping[str, int]) -> ArticleProgress:
    """Return the progress of a corpus from its number of articles by status."""
    numbers = {str(status): int(by_status[status]) for status in STATUSES}
    rows = [
        StatusRow(name, enum_label(ArticleStatus, name), format_number(number), _url(corpus, name))
        for name, number in numbers.items()
        if number
    ]
    total = sum(numbers.values())
    return ArticleProgress(
        total,
        numbers[ArticleStatus.DONE],
        total - numbers[ArticleStatus.EXCLUDED],
        charts.make_divided_bar(numbers),
        rows,
    )


def _url(corpus: Corpus, status: str) -> str:
    return list_url(Article, urlencode({"corpus__id__exact": corpus.pk, "status__exact": status}))
