"""CoNLL files as people make them: which column holds what is found, or asked for."""

from __future__ import annotations

import pytest

from annotations.exceptions import InvalidInputError
from tests.formats.essence import faults, losses, marks, read, read_one
from tests.formats.test_file_edge_cases import article_of


class TestColumns:
    """CoNLL: which column holds what is found, or asked for; what is not read is counted."""

    def test_a_column_of_numbers_is_no_column_of_words(self) -> None:
        first = "1\tArdenia\t_\tB-actor\n2\tsaid\t_\tO\n3\tnothing\t_\tO\n4\t.\t_\tO\n"
        raw = f"{first}\n1\tMira\t_\tB-actor\n2\tleft\t_\tO\n"
        article = read_one("conll", raw.encode())
        assert article.revisions[0].text == "Ardenia said nothing .\nMira left"
        assert [mark[:2] for mark in marks(article)] == [("actor", "Ardenia"), ("actor", "Mira")]

    @pytest.mark.parametrize(
        ("raw", "text", "unread"),
        [
            # the numbers go through the whole document; parts of speech are not read
            ("0 Ardenia NNP B-actor\n1 said VBD O\n2 no DT O\n", "Ardenia said no", {"column 3": 3}),
            # the name of the document and its part stand before the number of the word
            ("d 0 0 Ardenia N B-actor\nd 0 1 said V O\nd 0 2 no D O\nd 0 3 . P O\n", "Ardenia said no .",
             {"column 1": 4, "column 2": 4, "column 5": 4}),
            # two columns of tags: the last one counts
            ("1\tArdenia\tB-actor\tO\n2\tsaid\tO\tB-claim\n", "Ardenia said", {"column 3": 1}),
            # the tags stand in front
            ("B-actor\tArdenia\nO\tsaid\n", "Ardenia said", {}),
            # comments between rows with tabs
            ("# n-tv.de, 2005\n1\tArdenia\tB-actor\n2\tsaid\tO\n", "Ardenia said", {"comments": 1}),
            # and above sentences whose rows have none, where a word is a “#”, too
            (
                ("-DOCSTART-\n\n# id a1\tdomain=en\nArdenia _ _ B-actor\n# _ _ O\n1 _ _ O\n\n"
                "# id a2\tdomain=en\nNo _ _ O\n"),
                "Ardenia # 1\nNo", {"comments": 2},
            ),
        ],
    )  # fmt: skip
    def test_columns_are_found_and_the_others_counted(
        self, raw: str, text: str, unread: dict[str, int]
    ) -> None:
        (line,) = read("conll", raw.encode())
        assert article_of(line).revisions[0].text == text
        assert losses(line) == unread

    def test_numbers_without_words_are_refused_with_the_way_to_say_it(self) -> None:
        (line,) = read("conll", b"1\tB-actor\n2\tO\n")
        assert faults(line) == [("syntax", "/1")]
        assert "token=" in line.errors[0].detail

    def test_columns_may_be_named(self) -> None:
        raw = b"1\tB-actor\tx\n2\tO\ty\n"
        article = read_one("conll", raw, token="1", tag="2")
        assert (article.revisions[0].text, marks(article)[0][:2]) == ("1 2", ("actor", "1"))
        assert faults(read("conll", raw, token="9")[0]) == [("syntax", "/1")]
        with pytest.raises(InvalidInputError, match="number of a column"):
            read("conll", raw, tag="last")

    @pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u3000", "\x1f".replace("\x1f", "\u2009")])
    def test_a_word_is_never_cut_at_other_spaces(self, space: str) -> None:
        word = f"10{space}000"
        for divider in ("\t", " "):
            rows = f"In{divider}O\n{word}{divider}B-claim\nhomes{divider}I-claim\n"
            article = read_one("conll", rows.encode())
            assert marks(article)[0][:2] == ("claim", f"{word} homes")

    def test_tabs_divide_where_there_are_any(self) -> None:
        article = read_one("conll", b"New York\tB-actor\nsaid\tO\n")
        assert marks(article)[0][1] == "New York"

    def test_documents_without_a_start(self) -> None:
        raw = b"Ardenia\tB-actor\nsaid\tO\n\t\nMira\tB-actor\n\n\nThe\tO\nlake\tO\n"
        (line,) = read("conll", raw)
        (what,) = losses(line)
        assert (what.startswith("sentences in one article"), losses(line)[what]) == (True, 3)
        three = read("conll", raw, documents="blank-line")
        assert [article_of(line).revisions[0].text for line in three] == ["Ardenia said", "Mira", "The lake"]
        with pytest.raises(InvalidInputError, match="blank-line"):
            read("conll", raw, documents="lines")
