"""The report: its shape, what it says where there is no figure, and figures worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotations.metrics.agreement import (
    METRICS,
    AgreementCounts,
    AnnotatorPair,
    SetData,
    agreement_report,
    alpha_u,
    coincidence_table,
    count_agreement,
    kappa,
    overall_iou_f1,
)
from annotations.metrics.agreement import alpha as alpha_of
from annotations.metrics.agreement.report import LABEL_METRICS
from annotations.scheme import ATTRIBUTES, LABEL_NAMES, RELATION_NAMES, RelationData, SpanData
from tests.measures.sets import PAIR, compared, marks, span

TEXT = "Mira Halvorsen said the lock will open, but Lorn doubts that it can."
NOTHING = SetData([])


def one(first: Any, second: Any, text: str = TEXT) -> dict[str, Any]:
    return agreement_report([{PAIR: compared(text, first, second)}])


def test_shape() -> None:
    found = one(marks("claim", [(20, 38)]), marks("claim", [(20, 38)]))
    assert list(found) == ["articles", "labels", "pairs", "attributes", "links", "relations", "confusion"]
    assert found["articles"] == 1
    assert list(found["labels"]) == [*LABEL_NAMES, "all"]
    assert list(found["attributes"]) == list(ATTRIBUTES)
    assert list(found["links"]) == ["actor", "proposition"]
    assert list(found["relations"]) == [*RELATION_NAMES, "all"]
    assert list(found["labels"]["claim"]) == [
        *("exact_f1", "iou_f1", "overlap_f1", "agr", "token_kappa", "char_kappa", "alpha", "alpha_u"),
        *("agr_ways", "spans", "joined", "reasons"),
    ]
    [pair] = found["pairs"]
    assert pair == {"owners": ["ann", "ben"], "articles": 1, "labels": found["labels"]}


def test_every_figure_of_the_report_is_explained() -> None:
    found = one([], [])
    told = {(row.section, row.name) for row in METRICS}
    assert len(told) == len(METRICS)
    for section in ("labels", "attributes", "links", "relations"):
        figures = {name for row in found[section].values() for name in row["reasons"]}
        assert {(section, name) for name in figures} == {row for row in told if row[0] == section}
    assert list(LABEL_METRICS) == [row.name for row in METRICS if row.section == "labels"]
    for row in METRICS:
        texts = (row.title, row.definition, row.source, row.range, row.not_available)
        assert all(texts)
        assert row.definition.endswith(".")
        assert row.not_available.endswith(".")


def test_marks_that_are_joined_are_counted() -> None:
    """Three nested marks are one stretch of text, which agrees with it perfectly; exact F1 knows better."""
    found = one(marks("claim", [(0, 14), (4, 14), (8, 14)]), marks("claim", [(0, 14), (14, 20)]))
    row = found["labels"]["claim"]
    assert row["spans"] == [3, 2]
    assert row["joined"] == [2, 0]
    assert found["labels"]["all"]["joined"] == [2, 0]
    assert found["labels"]["actor"]["joined"] == [0, 0]


# --- No figure, and why ---------------------------------------------------------------------


def test_nobody_marked_anything() -> None:
    found = one([], [])
    row = found["labels"]["claim"]
    assert row["spans"] == [0, 0]
    assert row["agr_ways"] == [None, None]
    assert row["reasons"] == dict.fromkeys(LABEL_METRICS, "Nobody marked anything.")
    assert all(row[name] is None for name in LABEL_METRICS)
    assert found["labels"]["all"] == row
    assert found["relations"]["made_by"]["reasons"] == {
        "f1": "Nobody made such a relation.",
        "joining_f1": "No such relation joins two marks that both have made.",
    }


def test_only_one_annotator() -> None:
    assert count_agreement(TEXT, {"ann": SetData(marks("claim", [(0, 4)]))}) == {}
    found = agreement_report([{}, {}])
    assert found["articles"] == 0
    assert found["pairs"] == []
    rows = [row for section in ("labels", "links", "relations") for row in found[section].values()]
    rows += [found["attributes"]["stance"]]
    for row in rows:
        assert row["reasons"]
        assert set(row["reasons"].values()) == {"No article was marked by two people."}
    assert overall_iou_f1({}) == (None, "No article was marked by two people.")


def test_only_one_marked_anything() -> None:
    row = one(marks("claim", [(20, 38)]), [])["labels"]["claim"]
    assert (row["exact_f1"], row["iou_f1"], row["overlap_f1"], row["token_kappa"]) == (0, 0, 0, 0)
    assert row["alpha"] < 0
    assert row["agr_ways"] == [0, None]
    assert row["agr"] is None
    assert list(row["reasons"]) == ["agr"]
    assert row["reasons"]["agr"].startswith("Only one of the two")


def test_everything_in_one_category() -> None:
    row = one(marks("claim", [(0, 4)]), marks("claim", [(0, 4)]), "abcd")["labels"]["claim"]
    assert (row["exact_f1"], row["agr"], row["alpha_u"]) == (1, 1, 1)
    for name in ("token_kappa", "char_kappa", "alpha"):
        assert row[name] is None
        assert row["reasons"][name].startswith("Everything is in one category")


def test_a_text_without_words() -> None:
    row = one(marks("claim", [(0, 1)]), [], "… !")["labels"]["claim"]
    assert row["char_kappa"] == 0
    assert row["reasons"]["token_kappa"] == row["reasons"]["alpha"] == "The texts hold no words."


def test_a_text_of_one_character() -> None:
    found = alpha_u([(0, 1)], [(0, 1)], 1)
    assert found.value is None
    assert found.reason


# --- Marks ----------------------------------------------------------------------------------


def test_edges_are_compared_after_snapping() -> None:
    row = one(marks("claim", [(20, 38)]), marks("claim", [(19, 39)]))["labels"]["claim"]
    assert row["exact_f1"] == 1
    assert row["char_kappa"] == 1


def test_half_of_the_union_is_not_enough() -> None:
    row = one(marks("actor", [(0, 2), (10, 14)]), marks("actor", [(0, 4), (10, 13)]), "a" * 20)["labels"]
    assert row["actor"]["iou_f1"] == 0.5
    assert row["actor"]["overlap_f1"] == 1


def test_a_mark_over_two_has_one_partner_and_is_met_by_both() -> None:
    found = one(marks("claim", [(0, 20)]), marks("claim", [(0, 9), (11, 20)]), "a" * 20)["labels"]["claim"]
    assert found["overlap_f1"] == pytest.approx(2 / 3)
    assert found["agr_ways"] == [1, 1]


def test_the_same_words_for_two_issues_are_matched_by_issue() -> None:
    first = [span("position", 0, 9, proposition=7, stance="support")]
    first += [span("position", 0, 9, proposition=8, stance="oppose")]
    second = [span("position", 0, 9, proposition=9, stance="mixed")]
    second += [span("position", 0, 9, proposition=8, stance="oppose")]
    found = one(first, second)
    assert found["labels"]["position"]["exact_f1"] == 1
    assert found["attributes"]["stance"]["confusion"] == [["oppose", "oppose", 1], ["support", "mixed", 1]]
    assert found["links"]["proposition"]["equal"] == 0.5


def test_kappa_of_words_by_hand() -> None:
    # Mira Halvorsen said the lock will open, but Lorn doubts that it can: 13 words
    row = one(marks("actor", [(0, 14), (44, 48)]), marks("actor", [(5, 14), (44, 48)]))["labels"]["actor"]
    expected = (3 * 2 + 10 * 11) / 13**2
    assert row["token_kappa"] == pytest.approx((12 / 13 - expected) / (1 - expected))
    values = [[True, True]] * 2 + [[True, False]] + [[False, False]] * 10
    assert row["alpha"] == pytest.approx(alpha_of(coincidence_table(values)).value)


def test_confusion_of_labels() -> None:
    first = [span("claim", 0, 10), span("position", 0, 10), span("actor", 20, 25), span("claim", 40, 50)]
    second = [span("claim", 0, 10), span("position", 20, 25), span("claim", 60, 65)]
    assert one(first, second, "a" * 70)["confusion"] == [
        ["actor", "position", 1],
        ["claim", "claim", 1],
        ["claim", None, 1],
        ["position", None, 1],
        [None, "claim", 1],
    ]


# --- Attributes, links, relations -----------------------------------------------------------


def positions(*stances: str | None) -> list[SpanData]:
    return [
        span("position", 10 * index, 10 * index + 5, **({"stance": stance} if stance else {}))
        for index, stance in enumerate(stances)
    ]


def test_attributes_are_compared_in_matched_pairs() -> None:
    first = positions("support", "support", "oppose", "oppose", "mixed", None)
    second = positions("support", "oppose", "oppose", "oppose", None, None)
    row = one([*first, span("position", 60, 62, stance="mixed")], second, "a" * 70)["attributes"]["stance"]
    pairs = [["support", "support"], ["support", "oppose"], ["oppose", "oppose"], ["oppose", "oppose"]]
    assert row["alpha"] == pytest.approx(alpha_of(coincidence_table(pairs)).value)
    assert row["equal"] == 3 / 5
    assert (row["pairs"], row["one_sided"]) == (4, 1)
    assert row["confusion"] == [
        ["mixed", None, 1],
        ["oppose", "oppose", 2],
        ["support", "oppose", 1],
        ["support", "support", 1],
    ]


def test_attributes_without_an_alpha() -> None:
    found = one(positions("support", "support"), positions("support", "support"), "a" * 30)["attributes"]
    assert found["stance"]["equal"] == 1
    assert found["stance"]["reasons"]["alpha"].startswith("Everything is in one category")
    assert found["basis"]["reasons"] == {
        "alpha": "In no matched pair of marks did both give a value.",
        "equal": "In no matched pair of marks did anybody give a value.",
    }
    one_sided = one(positions("support"), positions(None), "a" * 30)["attributes"]["stance"]
    assert one_sided["reasons"] == {"alpha": "In no matched pair of marks did both give a value."}
    assert one_sided["equal"] == 0


def test_free_attributes_and_links_are_equal_or_not() -> None:
    first = [span("actor", 10 * i, 10 * i + 5, actor=actor) for i, actor in enumerate([1, 2, 3, None, None])]
    second = [span("actor", 10 * i, 10 * i + 5, actor=actor) for i, actor in enumerate([1, 2, 4, 5, None])]
    first[0], second[0] = (
        row._replace(attributes={"role_text": "minister"}) for row in (first[0], second[0])
    )
    found = one(first, second, "a" * 60)
    assert found["links"]["actor"] == {"equal": 0.5, "pairs": 3, "one_sided": 1, "reasons": {}}
    role = found["attributes"]["role_text"]
    assert (role["alpha"], role["equal"], role["pairs"]) == (None, 1, 1)
    assert list(role["reasons"]) == ["alpha"]


def test_relations_match_where_both_ends_match() -> None:
    def given(owner: str, claim: int, *relations: tuple[str, str, str]) -> SetData:
        spans = [span("actor", 0, 4, id=f"{owner} mira"), span("actor", 10, 14, id=f"{owner} lorn")]
        spans += [span("claim", claim, 38, id=f"{owner} opens"), span("claim", 50, 58, id=f"{owner} doubt")]
        rows = [(kind, f"{owner} {source}", f"{owner} {target}") for kind, source, target in relations]
        return SetData(spans, [RelationData(index, *row) for index, row in enumerate(rows)])

    first = given("ann", 20, ("made_by", "opens", "mira"), ("made_by", "doubt", "lorn"))
    second = given("ben", 23, ("made_by", "opens", "mira"), ("made_by", "doubt", "mira"))
    found = one(first, second, "a" * 70)["relations"]
    row = {"f1": 0.5, "joining_f1": 0.5, "relations": [2, 2], "reasons": {}}
    assert found["made_by"] == found["all"] == row
    unmatched = given("ben", 35, ("made_by", "opens", "mira"), ("about", "doubt", "lorn"))
    found = one(first, unmatched, "a" * 70)["relations"]
    assert found["made_by"]["f1"] == 0
    assert found["made_by"]["joining_f1"] == 0  # “doubt” joins in the first set
    assert found["all"]["joining_f1"] == 0
    assert found["all"]["relations"] == [2, 2]


# --- Many articles and people ---------------------------------------------------------------


def test_figures_are_pooled_and_not_averaged() -> None:
    full, none = marks("claim", [(0, 4)]), marks("claim", [(30, 34)])
    large = [span("claim", 10 * index, 10 * index + 4) for index in range(3)]
    articles = [{PAIR: compared("a" * 40, large, large)}, {PAIR: compared("a" * 40, full, none)}]
    assert agreement_report(articles)["labels"]["claim"]["exact_f1"] == 3 / 4
    assert [overall_iou_f1(article).value for article in articles] == [1, 0]


def test_people_who_use_a_label_differently_do_not_agree_more_when_pooled() -> None:
    """Two pairs at chance: one marks half of all, the other a tenth. One table would call it agreement."""

    def chance(share: int) -> AgreementCounts:
        first = marks("claim", [(0, 10 * share)])
        second = marks("claim", [(10 * index, 10 * index + share) for index in range(10)])
        return compared("a" * 100, first, second)

    often, seldom = chance(5), chance(1)
    found = agreement_report([{AnnotatorPair("ann", "ben"): often}, {AnnotatorPair("cem", "dan"): seldom}])
    assert [row["labels"]["claim"]["char_kappa"] for row in found["pairs"]] == [0, 0]
    assert found["labels"]["claim"]["char_kappa"] == 0
    as_one_table = kappa((often + seldom).contingency_table("claim", "characters")).value
    assert as_one_table is not None
    assert as_one_table > 0.15


def test_three_annotators() -> None:
    sets = {name: SetData(marks("claim", [(0, 4)])) for name in ("cem", "ann", "ben")}
    counts = count_agreement(TEXT, sets)
    assert set(counts) == {
        AnnotatorPair("ann", "ben", 3),
        AnnotatorPair("ann", "cem", 3),
        AnnotatorPair("ben", "cem", 3),
    }
    two = count_agreement(TEXT, {"ann": sets["ann"], "ben": NOTHING})
    found = agreement_report([counts, two])
    assert found["articles"] == 2
    assert [(row["owners"], row["articles"]) for row in found["pairs"]] == [
        (["ann", "ben"], 2),
        (["ann", "cem"], 1),
        (["ben", "cem"], 1),
    ]
    units = [[True] * 3] + [[False] * 3] * 12 + [[True, False, None]] + [[False, False, None]] * 12
    assert found["labels"]["claim"]["alpha"] == pytest.approx(alpha_of(coincidence_table(units)).value)


# --- Kept counts ----------------------------------------------------------------------------


def test_kept_counts_are_readable() -> None:
    first = [span("claim", 20, 38, claim_type="demand"), span("actor", 0, 14, actor="mira")]
    second = [span("claim", 20, 38, claim_type="assertion"), span("actor", 5, 14, actor="mira")]
    kept = compared(TEXT, first, second).to_json()
    assert json.loads(json.dumps(kept)) == kept
    assert (kept["format"], kept["articles"], kept["tokens"], kept["characters"]) == (1, 1, 13, len(TEXT))
    assert kept["labels"]["claim"]["exact"] == 1
    assert kept["attributes"] == {"claim_type": [["demand", "assertion", 1]]}
    assert kept["same"] == {"actor": {"equal": 1, "different": 0, "one_sided": 0}}
    assert kept["confusion"] == [["actor", "actor", 1], ["claim", "claim", 1]]


def test_counts_of_an_unknown_format_are_refused() -> None:
    with pytest.raises(ValueError, match="format 2; only 1"):
        AgreementCounts.from_json({**AgreementCounts().to_json(), "format": 2})
    with pytest.raises(ValueError, match="format None"):
        AgreementCounts.from_json({})


# --- Cost -----------------------------------------------------------------------------------


def test_the_cost_is_that_of_the_marks_and_not_of_the_text() -> None:
    """The words of a text are found once; the rest never looks at it again."""
    text = "word " * 400_000
    first = marks("claim", [(50 * index, 50 * index + 24) for index in range(2_000)])
    second = marks("claim", [(50 * index + 5, 50 * index + 29) for index in range(2_000)])
    row = one(first, second, text)["labels"]["claim"]
    assert row["iou_f1"] == 1
    assert row["exact_f1"] == 0
    assert 0.7 < row["token_kappa"] < 0.9
