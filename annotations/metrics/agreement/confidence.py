"""Confidence intervals of F1 from sums over articles, which add up as the counts themselves do.

F1 = 2 · matches / (first + second) is the share of all marks that both have. Marks of one article are not
independent of one another, so the article is the unit of which the sample is drawn: its variance is that of
a ratio of sums over clusters (Cochran 1977, formula 6.4). The interval is Wilson's (Wilson 1927), for as many
independent marks as would give that variance (Korn and Graubard 1998), which keeps it between 0 and 1, also
where everything agrees.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple, Self

#: The quantile of the normal distribution for 95 percent.
Z = 1.959964
#: The same of Student's distribution for 1, 2, 3 … degrees of freedom: few articles say less.
_T = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
)  # fmt: skip


class ConfidenceInterval(NamedTuple):
    """The lower and the upper end of a 95 % interval."""

    low: float
    high: float


class RatioSums(NamedTuple):
    """The sums over articles of which an interval is made; ``agreed`` are the marks that both have."""

    articles: int = 0
    agreed: float = 0
    marks: float = 0
    agreed_squares: float = 0
    products: float = 0
    mark_squares: float = 0

    def with_article(self, agreed: float, marks: float) -> Self:
        """Return the sums with one more article; one without marks says nothing."""
        if not marks:
            return self
        return type(self)(
            self.articles + 1,
            self.agreed + agreed,
            self.marks + marks,
            self.agreed_squares + agreed * agreed,
            self.products + agreed * marks,
            self.mark_squares + marks * marks,
        )


def f1_interval(sums: RatioSums) -> ConfidenceInterval | None:
    """Return the 95 % interval of a pooled F1, or None if fewer than two articles have marks."""
    if sums.articles < 2:
        return None
    share = sums.agreed / sums.marks
    pairs = sums.marks / 2  # a match is one fact about two marks
    binomial = share * (1 - share) / pairs
    design = max(1.0, _cluster_variance(sums, share) / binomial) if binomial > 0 else 1.0
    return wilson_interval(share, pairs / design * (Z / _student(sums.articles - 1)) ** 2)


def wilson_interval(share: float, size: float) -> ConfidenceInterval:
    """Return Wilson's 95 % score interval of a share among ``size`` independent cases."""
    shrink = 1 + Z * Z / size
    middle = (share + Z * Z / (2 * size)) / shrink
    reach = Z / shrink * sqrt(max(share * (1 - share), 0) / size + Z * Z / (4 * size * size))
    return ConfidenceInterval(max(middle - reach, 0.0), min(middle + reach, 1.0))


def _cluster_variance(sums: RatioSums, share: float) -> float:
    """Return the variance of a ratio of sums over articles, by linearisation."""
    residuals = sums.agreed_squares - 2 * share * sums.products + share * share * sums.mark_squares
    return max(residuals, 0) / sums.marks**2 * sums.articles / (sums.articles - 1)


def _student(degrees: int) -> float:
    # beyond the table the first term of the expansion is exact to the third place
    return _T[degrees - 1] if degrees <= len(_T) else Z + (Z**3 + Z) / (4 * degrees)
