"""The limits of what is stored: each entrance refuses the same values in the same words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotations import limits
from annotations.admin import form_fields as forms
from annotations.api.serializers.corpora import CorpusSlugField
from annotations.api.serializers.registry import QidField
from annotations.formats.core import value_checks

GOOD_SLUGS = ["a", "0", "lake-2", "a" * limits.MAX_SLUG]
BAD_SLUGS = ["", "A", "a_b", "-a", "a-", "a--b", "ä", "a\n", "a" * (limits.MAX_SLUG + 1)]
GOOD_QIDS = ["Q1", "Q42", "Q" + "9" * (limits.MAX_QID - 1)]
BAD_QIDS = ["q42", "Q", "Q0", "Q042", "Q4２", " Q42", "Q42\n", "P42", "Q" + "9" * limits.MAX_QID]


@pytest.mark.parametrize("value", GOOD_SLUGS)
def test_a_slug(value: str) -> None:
    limits.check_slug(value)


@pytest.mark.parametrize("value", GOOD_QIDS)
def test_an_item_of_wikidata(value: str) -> None:
    limits.check_qid(value)


@pytest.mark.parametrize("check", [limits.check_slug, CorpusSlugField().check_value, value_checks.check_slug])
@pytest.mark.parametrize("value", BAD_SLUGS)
def test_a_bad_slug_is_refused_in_the_same_words(check: Callable[[str], None], value: str) -> None:
    with pytest.raises(
        (ValueError, value_checks.InvalidValueError), match=r"^A slug has lower-case .* at most 50 of them\.$"
    ):
        check(value)


@pytest.mark.parametrize(
    "check", [limits.check_qid, QidField().check_value, value_checks.check_qid, forms.check_wikidata_item]
)
@pytest.mark.parametrize("value", BAD_QIDS)
def test_a_bad_item_is_refused_in_the_same_words(check: Callable[[str], None], value: str) -> None:
    with pytest.raises(
        (ValueError, value_checks.InvalidValueError), match=r"^It takes an item of Wikidata such as Q42\.$"
    ):
        check(value)


def test_metadata_is_flat_and_bounded() -> None:
    good = {"a": "b", "n": limits.MAX_METADATA_INTEGER, "yes": True, "none": None}
    assert list(limits.check_metadata(good)) == []
    bad = {
        "": 1,
        "long": "x" * (limits.MAX_METADATA_TEXT + 1),
        "half": 0.5,
        "deep": {},
        "big": limits.MAX_METADATA_INTEGER + 1,
        "small": -limits.MAX_METADATA_INTEGER - 1,
        "nul": "\0",
    }
    assert {error.key: error.code for error in limits.check_metadata(bad)} == {
        "": "characters",
        "long": "too-long",
        "half": "type",
        "deep": "type",
        "big": "too-large",
        "small": "too-small",
        "nul": "characters",
    }
    assert [(error.key, error.code) for error in limits.check_metadata([])] == [(None, "type")]
    many = {str(number): number for number in range(limits.MAX_METADATA_KEYS + 1)}
    assert [(error.key, error.code) for error in limits.check_metadata(many)] == [(None, "too-long")]
