"""How names are compared."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pytest

from annotations.scheme.affiliations import affiliations_at, check_period
from annotations.text.names import comparable_forms, differ_in_first_name, inner_grams, name_grams


def test_trigrams_know_where_words_begin_and_end() -> None:
    assert name_grams("jo li") == {" jo", "jo ", "o l", " li", "li "}
    assert inner_grams("jo l") == {"jo ", "o l"}
    assert inner_grams("jo l") <= name_grams("jo liam")
    assert inner_grams("o'b") <= name_grams("sean o'brien")
    assert inner_grams("jo") == set()
    assert name_grams("::") == {" ::", ":: "}


def test_a_comma_turns_a_name_round() -> None:
    assert comparable_forms("halvorsen, mira")[0] == comparable_forms("mira halvorsen")[0]
    assert comparable_forms("halvorsen mira")[1] == comparable_forms("mira halvorsen")[1]


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("maria keller", "mario keller", True),
        ("keller, maria", "mario keller", True),
        ("maria keller", "maria kellner", False),
        ("m. keller", "maria keller", False),
        ("n. keller", "maria keller", True),
        ("mikhail gorbachev", "michail gorbatschow", False),
        ("keller", "maria keller", False),
        ("halvorsen mira", "mira halvorsen", False),
    ],
)
def test_other_first_names_are_those_of_other_people(one: str, other: str, differs: bool) -> None:
    assert differ_in_first_name(one, other) == differs == differ_in_first_name(other, one)


class Period(NamedTuple):
    since: str
    until: str


@pytest.mark.parametrize(
    ("since", "until", "day", "holds"),
    [
        ("", "", date(2020, 1, 1), True),
        ("2020", "", date(2020, 1, 1), True),
        ("2020", "", date(2019, 12, 31), False),
        ("", "2020-02", date(2020, 2, 29), True),
        ("", "2020-02", date(2020, 3, 1), False),
        ("2020-05-02", "2020-05-02", date(2020, 5, 2), True),
    ],
)
def test_an_affiliation_holds_from_its_first_day_to_its_last(
    since: str, until: str, day: date, holds: bool
) -> None:
    assert bool(affiliations_at([Period(since, until)], day)) == holds


@pytest.mark.parametrize(
    ("since", "until"), [("2020-06", "2020-05"), ("2020-02-30", ""), ("", "20"), ("0000", "")]
)
def test_a_wrong_period_is_refused(since: str, until: str) -> None:
    with pytest.raises(ValueError, match=r"date|before"):
        check_period(since, until)
