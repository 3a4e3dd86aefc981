"""The fold of searches: what people type finds what is written, in every spelling of its letters."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.text.folding import fold_question, fold_text, is_found, search_key

FOUND = [
    ("Straßenbau", "STRASSENBAU straßen strassen ẞenb"),
    ("Österreich", "österreich ÖSTERREICH O\u0308sterreich oster"),
    ("İstanbul", "istanbul ISTANBUL i\u0307stanbul"),
    ("ﬁne Ａｎｎ", "FINE fine ann ANN ﬁ"),
    ("so\u00adft hy\u200bphen", "soft hyphen so\u00adft"),
    ("مُحَمَّد", "محمد مُحمد"),
    ("שָׁלוֹם", "שלום"),
    ("Ёлка Тоҷикистон", "елка ЁЛКА ТОҶИКИСТОН тоҷик elka"),
    ("東京都庁 がく", "京都 がく 都庁"),
    ("Κνωσσός", "ΚΝΩΣΣΟΣ κνωσσοσ knossos"),
    ("👍🏿 👩🏽‍✈️", "👍🏿 👩🏽\u200d✈"),
    ("Łódź Øre ŒUVRE", "lodz ŁÓDŹ oeuvre øre"),
    ("O’Neil “quoted”", "o’neil o'neil"),
]
NOT_FOUND = [
    ("かく", "がく"),
    ("Straße", "strase"),
    ("日本 rice", "日光"),
    ("river", "日"),
    ("naïve", "\u0301"),
    ("a\nb", "ab"),
]


@pytest.mark.parametrize(("text", "typed"), FOUND)
def test_every_spelling_finds_it(text: str, typed: str) -> None:
    for word in typed.split():
        assert is_found(word, text), word
        assert is_found(unicodedata.normalize("NFD", word), text), word


@pytest.mark.parametrize(("text", "typed"), NOT_FOUND)
def test_another_word_does_not(text: str, typed: str) -> None:
    assert not is_found(typed, text)


@given(st.text(), st.data())
def test_a_text_is_found_by_itself_and_by_its_fold(text: str, data: st.DataObject) -> None:
    assert fold_text(text) in search_key(text)
    assert fold_text(fold_text(text)) == fold_text(text)
    if fold_text(text):
        for form in (str.upper, str.lower, str.casefold):
            if fold_text(form(text)) == fold_text(text):
                assert is_found(form(text), text)
        assert all(fold_question(text))
