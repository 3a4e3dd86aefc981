"""How far independent annotators agree.

``count_agreement`` compares the sets of one article, ``agreement_report`` computes the metrics of many
articles. ``AgreementCounts`` connects the two: they can be added and stored. The metrics themselves take
plain values: contingency tables, and half-open ranges in code points. ``METRICS`` documents each of them.
"""

from __future__ import annotations

from annotations.metrics.agreement.compare import AnnotatorPair, SetData, count_agreement, pair_spans
from annotations.metrics.agreement.confidence import ConfidenceInterval, RatioSums, f1_interval
from annotations.metrics.agreement.counts import AgreementCounts, EqualityCounts, LabelCounts, RelationCounts
from annotations.metrics.agreement.figures import (
    ContingencyTable,
    Disagreement,
    Figure,
    WiebeAgr,
    alpha,
    alpha_disagreement,
    coincidence_table,
    coincidences_of_table,
    f1,
    kappa,
    kappa_disagreement,
    pi,
    pi_disagreement,
    wiebe_agr,
)
from annotations.metrics.agreement.intervals import (
    Interval,
    OverlapMatches,
    merge_overlapping,
    overlap_matches,
)
from annotations.metrics.agreement.reference import METRICS, Metric
from annotations.metrics.agreement.report import (
    ALL,
    REASONS,
    agreement_report,
    overall_iou_f1,
    people_rows,
    worst_pairs,
)
from annotations.metrics.agreement.unitizing import alpha_u, alpha_u_disagreement

__all__ = [
    "ALL",
    "METRICS",
    "REASONS",
    "AgreementCounts",
    "AnnotatorPair",
    "ConfidenceInterval",
    "ContingencyTable",
    "Disagreement",
    "EqualityCounts",
    "Figure",
    "Interval",
    "LabelCounts",
    "Metric",
    "OverlapMatches",
    "RatioSums",
    "RelationCounts",
    "SetData",
    "WiebeAgr",
    "agreement_report",
    "alpha",
    "alpha_disagreement",
    "alpha_u",
    "alpha_u_disagreement",
    "coincidence_table",
    "coincidences_of_table",
    "count_agreement",
    "f1",
    "f1_interval",
    "kappa",
    "kappa_disagreement",
    "merge_overlapping",
    "overall_iou_f1",
    "overlap_matches",
    "pair_spans",
    "people_rows",
    "pi",
    "pi_disagreement",
    "wiebe_agr",
    "worst_pairs",
]
