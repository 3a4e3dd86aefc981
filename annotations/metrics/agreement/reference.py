"""The documentation of each metric of the agreement report, for people who read or quote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Section = Literal["labels", "attributes", "links", "relations"]


@dataclass(frozen=True, slots=True)
class Metric:
    """The documentation of one metric.

    Its section and name in the report, its title, definition and source, the range of its values, and when
    it has none ("n/a").
    """

    section: Section
    name: str
    title: str
    definition: str
    source: str
    range: str
    not_available: str


_HRIPCSAK = (
    "Hripcsak and Rothschild (2005), Agreement, the F-measure, and reliability in information retrieval,"
    " J. Am. Med. Inform. Assoc. 12(3)"
)
_KRIPPENDORFF = "Krippendorff (2004), Content Analysis, 2nd edition, example on p. 230"
_NOBODY = "Nobody marked anything."
_CATEGORY = "Nobody marked anything, or every unit lies in a mark of both: chance explains it all."

METRICS: tuple[Metric, ...] = (
    Metric(
        "labels",
        "exact_f1",
        "Exact F1",
        "2 · matches / (marks of the first + marks of the second). A match has the same label, start and"
        " end. Between two annotators this is positive specific agreement.",
        _HRIPCSAK,
        "0 to 1",
        _NOBODY,
    ),
    Metric(
        "labels",
        "iou_f1",
        "IoU F1",
        "As exact F1, but a match is a pair of the same label whose common part is more than half of what"
        " they cover together. Such pairs are unique where marks of a label do not overlap; where they do,"
        " the closest pair goes first.",
        "Kirillov et al. (2019), Panoptic Segmentation, CVPR, theorem 1",
        "0 to 1, not below exact F1",
        _NOBODY,
    ),
    Metric(
        "labels",
        "overlap_f1",
        "Overlap F1",
        "As exact F1, but a match is a pair of the same label that shares a character. Each mark has one"
        " partner at most, and the matches are as many as possible.",
        "SemEval-2013 task 9, type matching",
        "0 to 1, not below IoU F1",
        _NOBODY,
    ),
    Metric(
        "labels",
        "agr",
        "agr",
        "The share of the first one's marks that overlap a mark of the second with the same label, the"
        " same the other way round (both in agr_ways), and the mean of the two.",
        "Wiebe, Wilson and Cardie (2005), Annotating Expressions of Opinions and Emotions in Language,"
        " Language Resources and Evaluation 39",
        "0 to 1",
        "Nobody marked anything, or only one of the two did: then one way has nothing to divide by.",
    ),
    Metric(
        "labels",
        "token_kappa",
        "Cohen's kappa by word",
        "(Po - Pe) / (1 - Pe), where each word is in or out of a mark of the label, for each of the two."
        " A word is in if the mark touches it; punctuation is no word, and a Chinese or Japanese character"
        " is one. Pe is made of each one's own margins. Of several pairs or labels the observed and the"
        " expected disagreement are added. Words that nobody marks count as agreement.",
        "Cohen (1960), A coefficient of agreement for nominal scales, Educ. Psychol. Meas. 20(1); pooled as"
        " in Davies and Fleiss (1982), Biometrics 38, and de Vries et al. (2008), Field Methods 20(3)",
        "-1 to 1; 0 is what chance gives",
        _CATEGORY,
    ),
    Metric(
        "labels",
        "char_kappa",
        "Cohen's kappa by character",
        "As kappa by word, but the unit is the code point, spaces and punctuation included. Long marks weigh"
        " more.",
        "Cohen (1960)",
        "-1 to 1; 0 is what chance gives",
        _CATEGORY,
    ),
    Metric(
        "labels",
        "alpha",
        "Krippendorff's alpha by word",
        "1 - Do / De, where each word is in or out of a mark of the label. De is made of the margins of all"
        " together and corrected for small samples. Of m annotators of an article each pair weighs"
        " 1 / (m - 1), which is the alpha of all m.",
        _KRIPPENDORFF,
        "-1 to 1; 0 is what chance gives",
        _CATEGORY,
    ),
    Metric(
        "labels",
        "alpha_u",
        "Krippendorff's alpha_U",
        "1 - Do / De of marks on a continuum: marks that meet differ by the squares of what their starts and"
        " ends are apart, a mark in a gap by the square of its length. The unit is the code point. De is the"
        " expectation if marks are moved about in their own text. Pairs, labels and texts are added. Long"
        " marks weigh much more. It knows no marks in one another: those of one person and label are joined"
        " first, as for kappa and alpha, and joined says how many were.",
        "Krippendorff (1995), On the reliability of unitizing continuous data, Sociological Methodology 25;"
        " (2004), Content Analysis, example on p. 254. For two annotators: of more, the definition"
        " misbehaves (Krippendorff et al. 2016, Quality and Quantity 50)",
        "at most 1; 0 is what chance gives",
        "Nobody marked anything.",
    ),
    Metric(
        "attributes",
        "alpha",
        "Krippendorff's alpha of an attribute",
        "1 - Do / De of the values in matched pairs of marks (same label, IoU > 0.5). A pair in which only"
        " one gave a value is missing data, and counted in one_sided.",
        _KRIPPENDORFF,
        "-1 to 1; 0 is what chance gives",
        "In no matched pair did both give a value, all gave the same one, or the values are free text.",
    ),
    Metric(
        "attributes",
        "equal",
        "Equal values",
        "Of the matched pairs in which somebody gave a value, the share in which both gave the same.",
        "A plain share, not corrected for chance",
        "0 to 1",
        "In no matched pair did anybody give a value.",
    ),
    Metric(
        "links",
        "equal",
        "Equal links",
        "Of the matched pairs in which somebody linked the registry, the share in which both linked the same"
        " entry.",
        "A plain share; there are too many entries for chance to matter",
        "0 to 1",
        "In no matched pair did anybody link.",
    ),
    Metric(
        "relations",
        "f1",
        "Relation F1",
        "2 · matches / (relations of the first + relations of the second). A match has the same type, and"
        " both of its ends are matched marks.",
        _HRIPCSAK,
        "0 to 1",
        "Nobody made such a relation.",
    ),
    Metric(
        "relations",
        "joining_f1",
        "Relation F1 between matched marks",
        "As relation F1, but only relations whose two ends the other one marked too are counted, so that"
        " missing marks are not held against the relations.",
        _HRIPCSAK,
        "0 to 1",
        "No such relation joins two marks that both have made.",
    ),
)
