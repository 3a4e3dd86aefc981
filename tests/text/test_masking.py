"""Names are masked wherever they stand as whole words, at the same length."""

from __future__ import annotations

import unicodedata
from unittest import mock
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.text.masking import BLOCK, NameMatcher, mask_ranges

ANNA = "Anna Kovács"


def mask(text: str, *names: str) -> str:
    return NameMatcher([("a", name) for name in names or (ANNA, "Kovács")]).mask(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Kovács’s house, Kovács' and KOVACS's", "██████’s house, ██████' and ██████'s"),
        ("kovácsék and Kovácsné are other words", "kovácsék and Kovácsné are other words"),
        ("Anna  Kovács, Anna\nKovács", "████████████, ███████████"),
        ("pro-Kovács, Kovács-led, _Kovács_", "pro-██████, ██████-led, _██████_"),
        ("Kova\u0301cs", "███████"),
        ("Kov\u200bács and Ko\u00advács", "███████ and ███████"),
        ("https://x/anna-kovacs-says?by=anna+kovacs", "https://x/███████████-says?by=███████████"),
        (f"https://x/{quote('Anna Kovács')}.html", "https://x/██████████████████.html"),
        ("https://x/Kov%25C3%25A1cs", "https://x/███████████████"),
        ("Kov&aacute;cs, Kov&#225;cs, Kov\\u00e1cs", "█████████████, ███████████, ███████████"),
        ("https://xn--kovcs-zqa.hu/", "https://█████████████.hu/"),
        ("#AnnaKovacs, annakovacs@x.org, kovacs2.jpg", "#██████████, ██████████@x.org, ██████2.jpg"),
        ("Ｋｏｖａｃｓ", "██████"),
        ("Ko-\nvács, Ko\u2010\n vács, Ko\u00ad\nvács", "████████, █████████, ████████"),
        ("<i>Ko</i>vács <b>Anna</b> Kovács", "<i>██████████ <b>███████████████"),
        ("Anna<br>Kovács, **Anna** Kovács", "██████████████, **█████████████"),
        ("by\\nKovács, Ko\\x76ács, Kov&#225cs", "by\\n██████, █████████, ██████████"),
        ("“Kovács™”, Kovácsʼs", "“██████™”, ██████ʼs"),
        ("Kovács-\nled, Anna-\nKovács", "██████-\nled, ████████████"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_name_is_masked_where_it_is_a_word(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Osmanov, Elif", "█████████████"),
        ("OSMANOV Elif’s", "████████████’s"),
        ("osmanov_elif.mp3, osmanov-elif.jpg", "████████████.mp3, ████████████.jpg"),
        ("Османов, Элиф", "█████████████"),
        ("@ElifOsmanov, #OsmanovElif", "@███████████, #███████████"),
        ("E l i f  O s m a n o v!", "██████████████████████!"),
        ("Elif O s m a n o v", "██████████████████"),
        ("E.L.I.F. O.S.M.A.N.O.V.", "██████████████████████."),
        ("Elif Osmanov, Elif Osmanov", "████████████, ████████████"),
        ("e l i f and o s m a n", "e l i f and o s m a n"),
        (
            "O s\u00a0m_a n o v, Elif, E_l_i_f-O_s_m_a_n_o_v",
            "O s\u00a0m_a n o v, Elif, █████████████████████",
        ),
        ("Osmanov and Elif", "Osmanov and Elif"),
    ],
)
def test_a_name_is_masked_with_the_family_name_first_and_with_its_letters_apart(
    text: str, masked: str
) -> None:
    assert mask(text, "Elif Osmanov") == masked


@pytest.mark.parametrize(
    ("text", "name", "masked"),
    [
        ("Will will say it willingly.", "Will", "████ ████ say it willingly."),
        ("国务院总理李克强今天说", "李克强", "国务院总理███今天说"),
        ("김철수는 말했다", "김철수", "███는 말했다"),
        (unicodedata.normalize("NFD", "김철수는"), "김철수", unicodedata.normalize("NFD", "████████는")),
        ("김기 is not 기", "기", "김█ is not █"),
        ("Annaさんは", "Anna", "████さんは"),
        ("قال محمد ومحمد لمحمد", "محمد", "قال ████ و████ ل████"),
        ("מאת דנה ולדנה", "דנה", "מאת ███ ולדנה"),
        ("\u2067דנה\u2069", "דנה", "\u2067███\u2069"),
        ("मोदी ने मोदीजी", "मोदी", "████ ने मोदीजी"),
        ("Müller, https://x/mueller-sagt, muller", "Müller", "██████, https://x/███████-sagt, ██████"),
        ("https://x/ivanov", "Иванов", "https://x/██████"),
        ("Straße STRASSE", "Straße", "██████ ███████"),
        ("Agent 47 and Agent 471", "Agent 47", "████████ and Agent 471"),
        ("J. K. Rowling, J.K. Rowling", "J. K. Rowling", "█████████████, ████████████"),
        ("O’Brien and O'Brien", "O'Brien", "███████ and ███████"),
        ("Smith & Sons", "Smith & Sons", "████████████"),
        ("Yahoo! said", "Yahoo!", "█████! said"),
        ("by ★", "★", "by █"),
        ("Li Na, Lina", "Li Na", "█████, Lina"),
        ("ﬁn and fin", "fin", "██ and ███"),
        ("か and が", "か", "█ and が"),
        ("がく and かく", "がく", "██ and かく"),
        ("İnan", "inan", "████"),
        ("Osmanovs, OSMANOVS’, Osmanova said", "Osmanov", "████████, ████████’, ████████ said"),
        ("Wills, Martina, Martins", "Martin", "Wills, Martina, ███████"),
        ("Османова, ОСМАНОВЫМ, Oсмaнов", "Osmanov", "████████, █████████, ███████"),
        ("Елифа Османова, Osmanov, ᴏꜱᴍᴀɴᴏᴠ", "Елиф Османов", "██████████████, Osmanov, ᴏꜱᴍᴀɴᴏᴠ"),
        ("Анатолий и Анатолия, Юрию Быкову", "Anatoly", "████████ и ████████, Юрию Быкову"),
        ("Дмитрием Быковым; Дмитрий Быков", "Dmitry Bykov", "████████████████; █████████████"),
        ("Юрий, к Юрию, об Юрии, юристы", "Yuri", "████, к ████, об ████, юристы"),
        ("с Анной, об Анне, ананас", "Анна", "с █████, об ████, ананас"),
        ("ᴏꜱᴍᴀɴᴏᴠ 🅾🆂🅼🅰🅽🅾🆅 Øsmanov", "Osmanov", "███████ ███████ ███████"),
    ],
)  # fmt: skip
def test_names_of_all_kinds_are_masked(text: str, name: str, masked: str) -> None:
    assert mask(text, name) == masked


PIECES = (
    "Anna ", "Elif ", "Osmanov", "Kovács", "Ана", "Османов", "김철수", "李克强", "محمد", "O’", "Brien",
    "<b>", "★", "s", "a", "ов", " ", "-\n", "\u00ad", "\u200b", "\u0301", "%C3%A1", "&#1086;", "\\n", "™",
    "O s m ", "a n o v", "K.o.v.", "á\u00a0c s",
)  # fmt: skip
NAMES = (ANNA, "Osmanov", "Elif Osmanov", "Ана", "김철수", "李克强", "محمد", "O’Brien", "★")
_MATCHER = NameMatcher([(name, name) for name in NAMES])


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_no_text_with_a_name_lacks_the_words_of_it(text: str) -> None:
    found = _MATCHER.find(text)
    with mock.patch.object(NameMatcher, "_possible_names", lambda self, _: self._names):
        assert _MATCHER.find(text) == found


def test_names_that_overlap_are_masked_both() -> None:
    names = NameMatcher([("a", "Anna Kovács"), ("b", "Kovács Péter")])
    assert names.mask("Anna Kovács Péter") == BLOCK * 17
    assert {place.owner for place in names.find("Anna Kovács Péter")} == {"a", "b"}


def test_no_name_masks_nothing() -> None:
    assert not NameMatcher([])
    assert not NameMatcher([("a", " "), ("a", "\u200b")])
    assert NameMatcher([]).mask("Anna") == "Anna"


def test_a_long_text_is_masked_the_same_each_time() -> None:
    anna, elif_ = NameMatcher([("a", ANNA)]), NameMatcher([("e", "Elif Osmanov")])
    text = f"{'No name is here. ' * 40}{ANNA} is."
    for _ in range(2):
        assert [(place.start, place.owner) for place in anna.find(text)] == [(680, "a")]
        assert anna.may_name([text])
        assert not elif_.find(text)
        assert not elif_.may_name([text])
        assert not anna.find(text.replace(ANNA, "Anna Kovach"))


def test_ranges_that_overlap_are_masked_once() -> None:
    assert mask_ranges("0123456789", [(5, 8), (2, 4), (1, 6), (2, 3)]) == "0███████89"


@given(
    st.text(max_size=30),
    st.sampled_from(["Anna", ANNA, "김철수", "李克强", "محمد"]),
    st.text(max_size=30),
)
def test_a_name_between_spaces_is_always_masked_and_the_length_stays(
    before: str, name: str, after: str
) -> None:
    text = f"{before} {name} {after}"
    masked = mask(text, name)
    assert len(masked) == len(text)
    place = len(before) + 1
    assert masked[place : place + len(name)] == BLOCK * len(name)
    assert mask(masked, name) == masked
    for spelling in (name.upper(), unicodedata.normalize("NFD", name)):
        assert spelling not in mask(f"{before} {spelling} {after}", name)
