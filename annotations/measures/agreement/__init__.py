"""How far independent annotators agree.

``count_agreement`` compares the sets of one article, ``agreement_report`` computes the metrics of many
articles. ``AgreementCounts`` connects the two: they can be added and stored. The metrics themselves take
plain values: contingency tables, and half-open ranges in code points. ``METRICS`` documents each of them.
"""

from __future__ import annotations

from annotations.measures.agreement.compare import Pair, SetFacts, count_article
from annotations.measures.agreement.counts import Counts, LabelCounts, RelationCounts, Sameness
from annotations.measures.agreement.figures import (
    Agr,
    Disagreement,
    Figure,
    Table,
    agr,
    alpha,
    alpha_disagreement,
    coincidences,
    coincidences_of,
    f1,
    kappa,
    kappa_disagreement,
    pi,
    pi_disagreement,
)
from annotations.measures.agreement.intervals import Interval, Matches, matches, merged
from annotations.measures.agreement.reference import MEASURES, Measure
from annotations.measures.agreement.report import ALL, REASONS, overall, report
from annotations.measures.agreement.unitizing import alpha_u, unitizing

__all__ = [
    "ALL",
    "MEASURES",
    "REASONS",
    "Agr",
    "Counts",
    "Disagreement",
    "Figure",
    "Interval",
    "LabelCounts",
    "Matches",
    "Measure",
    "Pair",
    "RelationCounts",
    "Sameness",
    "SetFacts",
    "Table",
    "agr",
    "alpha",
    "alpha_disagreement",
    "alpha_u",
    "coincidences",
    "coincidences_of",
    "count_article",
    "f1",
    "kappa",
    "kappa_disagreement",
    "matches",
    "merged",
    "overall",
    "pi",
    "pi_disagreement",
    "report",
    "unitizing",
]
