"""Files as other tools write them: what becomes of each thing in them, and what is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotations.formats.core.interfaces import ParsedRecord, StandoffAnnotations
from annotations.formats.core.records import Article
from annotations.formats.core.term_mapping import TermMapping
from tests.formats.edge_cases import zipped
from tests.formats.essence import faults, losses, marks, read, read_one

TEXT = "Ardenia says no. Lorn waits."


def brat(ann: str, text: str = TEXT, **options: Any) -> ParsedRecord:
    (line,) = read("brat", zipped({"a.txt": text, "a.ann": ann}), **options)
    return line


class TestBrat:
    """Every kind of line."""

    def test_what_has_no_place_is_counted(self) -> None:
        line = brat(
            "T1\tactor 0 7\tArdenia\nT2\tPlace 17 21\tLorn\nT3\tactor 0 7\tArdenia\nT4\tclaim 13 15\tno\n"
            "R1\tmade_by Arg1:T4 Arg2:T3\nR2\tmade_by Arg1:T4 Arg2:T2\nR3\tLocated Arg1:T1 Arg2:T4\n"
            "R4\tmade_by Arg1:T1 Arg2:T4\nA1\tMood T1 bad\nA2\tMood R1 bad\nM1\tNegation T4\n*\tEquiv T1 T3\n"
            "N1\tReference T1 Wikidata:Q1\tArdenia\n#1\tAnnotatorNotes T1\tHm\nA3\tmention_type T4 name\n"
        )
        assert losses(line) == {
            "label Place": 1, "duplicates": 1, "attribute Mood=bad": 1, "attributes of relations": 1,
            "attribute Negation": 1, "equivalences": 1, "references": 1, "notes": 1, "relations": 1,
            "relation Located": 1, "relation made_by": 1, "attribute mention_type": 1,
        }  # fmt: skip
        assert isinstance(line.record, Article)
        assert [row.type for row in line.record.sets[0].relations] == ["made_by"]

    def test_words_are_translated(self) -> None:
        names = TermMapping.parse("actor:Place,claim=Says,polarity.deny:Negation,stance.oppose:Against")
        line = brat("T1\tPlace 17 21\tLorn\nT2\tSays 13 15\tno\nM1\tNegation T2\n", names=names)
        assert isinstance(line.record, Article)
        assert marks(line.record) == [("actor", "Lorn", "{}"), ("claim", "no", '{"polarity": "deny"}')]

    def test_roles_of_events_are_relations(self) -> None:
        line = brat(
            "T1\tPosition 8 15\tsays no\nT2\tActor 0 7\tArdenia\n"
            "E1\tPosition:T1 HeldBy:T2 About2:T2\nA1\tStance E1 Oppose\n"
        )
        assert isinstance(line.record, Article)
        assert [row.type for row in line.record.sets[0].relations] == ["held_by", "about"]
        assert marks(line.record)[0] == ("position", "says no", '{"stance": "oppose"}')

    def test_pieces_are_refused_or_hulled(self) -> None:
        ann = "T1\tclaim 8 12;17 21\tsays Lorn\n"
        assert faults(brat(ann)) == [("discontinuous", "/a.ann/1")]
        line = brat(ann, hull=True)
        assert isinstance(line.record, Article)
        assert marks(line.record) == [("claim", "says no. Lorn", "{}")]
        assert losses(line) == {"discontinuous": 1}

    def test_pieces_with_blanks_between_them_are_one(self) -> None:
        line = brat("T1\tclaim 8 12;13 15\tsays no\n")
        assert isinstance(line.record, Article)
        assert marks(line.record) == [("claim", "says no", "{}")]
        assert not line.losses

    @pytest.mark.parametrize(
        ("ann", "code", "place"),
        [
            ("T1\tactor 0 8\tArdenia\n", "quote-mismatch", "/a.ann/1"),
            ("\nT1\tactor 20 99\tLorn\n", "out-of-bounds", "/a.ann/2"),
            ("T1\tactor 5 5\t\n", "empty-span", "/a.ann/1"),
            ("T1 actor 0 7 Ardenia\n", "syntax", "/a.ann/1"),
            ("R1\tmade_by Arg1:T1 Arg2:T2\n", "relation-ends", "/a.ann/1"),
            ("A1\tMood T9 bad\n", "relation-ends", "/a.ann/1"),
            ("what\n", "syntax", "/a.ann/1"),
        ],
    )
    def test_a_fault_names_its_line(self, ann: str, code: str, place: str) -> None:
        assert faults(brat(ann)) == [(code, place)]

    def test_offsets_that_count_otherwise_are_found(self) -> None:
        assert faults(brat("T1\tactor 3 7\tLorn\n", "\U0001f6a7 Lorn.")) == [("quote-mismatch", "/a.ann/1")]

    def test_crlf_files_are_read(self) -> None:
        line = brat("T1\tactor 0 7\tArdenia\r\nA1\tmention_type T1 name\r\n")
        assert isinstance(line.record, Article)
        assert marks(line.record) == [("actor", "Ardenia", '{"mention_type": "name"}')]

    def test_folders_with_the_same_texts_are_several_annotators(self) -> None:
        files = {"ann/a.txt": TEXT, "ann/a.ann": "T1\tactor 0 7\tArdenia\n"}
        files |= {"ben/a.txt": TEXT, "ben/a.ann": "T1\tactor 17 21\tLorn\n", "ben/b.txt": "Other."}
        first, second = read("brat", zipped(files))
        assert isinstance(first.record, Article)
        assert [row.spans[0].quote for row in first.record.sets] == ["Ardenia", "Lorn"]
        assert (first.external_id, second.external_id) == ("a", "ben/b")


def task(**fields: Any) -> dict[str, Any]:
    return {"id": 3, "data": {"text": TEXT}, **fields}


def region(start: int, end: int, label: str, **fields: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label]}
    return {"id": "r", "type": "labels", "from_name": "label", "value": value, **fields}


class TestLabelStudio:
    """The full export, and the flat one."""

    def test_predictions_are_suggestions(self) -> None:
        found = {"id": 9, "model_version": "m1", "score": 0.5, "result": [region(0, 7, "actor")]}
        article = read_one("labelstudio", json.dumps([task(predictions=[found])]).encode())
        assert not article.sets
        (one,) = article.suggestions
        assert (one.model, one.score, one.spans[0].origin) == ("m1", 0.5, "suggestion")

    def test_what_has_no_place_is_counted(self) -> None:
        results = [
            region(0, 7, "Place"), region(0, 7, "actor", id="s"),
            {"type": "choices", "value": {"choices": ["x"]}},
            {"id": "s", "type": "rating", "from_name": "mood", "value": {"rating": 3}},
            {"id": "t", "type": "paragraphlabels", "value": {}},
        ]  # fmt: skip
        sent = task(
            annotations=[{"id": 1, "result": results, "reviews": [{}]}, {"id": 2, "was_cancelled": True}],
            drafts=[{}],
        )
        (line,) = read("labelstudio", json.dumps([sent]).encode())
        assert losses(line) == {
            "label Place": 1, "control choices": 1, "control paragraphlabels": 1, "attribute mood=3": 1,
            "reviews": 1, "cancelled annotations": 1, "drafts": 1,
        }  # fmt: skip

    def test_the_flat_variety(self) -> None:
        flat = {
            "id": 3,
            "text": TEXT,
            "label": [{"start": 0, "end": 7, "text": "Ardenia", "labels": ["Actor"]}],
        }
        article = read_one("labelstudio", json.dumps([{**flat, "annotator": 1, "rubric": "News"}]).encode())
        assert marks(article) == [("actor", "Ardenia", "{}")]
        assert (article.external_id, article.metadata) == ("3", '{"rubric": "News"}')

    def test_the_text_may_have_another_name(self) -> None:
        sent = json.dumps([{"data": {"body": TEXT, "kicker": "The lock"}}]).encode()
        article = read_one("labelstudio", sent, names=TermMapping.parse("text:body,title:kicker"))
        assert (article.revisions[0].text, article.title) == (TEXT, "The lock")
        (line,) = read("labelstudio", sent)
        assert faults(line) == [("required", "/data")]

    def test_words_that_the_text_does_not_say(self) -> None:
        wrong = region(1, 7, "actor")
        wrong["value"]["text"] = "Ardenia"
        (line,) = read("labelstudio", json.dumps([task(annotations=[{"result": [wrong]}])]).encode())
        assert faults(line) == [("quote-mismatch", "/annotations/0/result/0/value")]

    def test_gold_comes_first(self) -> None:
        sent = task(annotations=[{"result": [region(0, 7, "actor")]}, {"ground_truth": True, "result": []}])
        article = read_one("labelstudio", json.dumps([sent]).encode())
        assert [row.state for row in article.sets] == ["open", "approved"]

    def test_a_broken_array_tells_how_far_it_was_read(self) -> None:
        good = json.dumps(task())
        lines = read("labelstudio", f"[{good}, {good}, {{".encode())
        assert [bool(line.record) for line in lines] == [True, True, False]
        assert faults(lines[2]) == [("syntax", "")]


class TestDoccano:
    """Both shapes, and the zip of several people."""

    def test_several_people_are_several_sets(self) -> None:
        row = {"id": 1, "text": TEXT}
        files = {
            "ann.jsonl": json.dumps({**row, "label": [[0, 7, "ACTOR"]]}),
            "ben.jsonl": json.dumps({**row, "label": [[17, 21, "ACTOR"]]}) + "\n" + json.dumps({"text": "B"}),
        }
        first, second = read("doccano", zipped(files))
        assert isinstance(first.record, Article)
        assert [row.spans[0].quote for row in first.record.sets] == ["Ardenia", "Lorn"]
        assert second.external_id is None

    def test_columns_are_named(self) -> None:
        sent = {"column_data": TEXT, "label": [], "desk": "News", "published_at": "2026-03-01 12:00"}
        names = TermMapping.parse("text:column_data,source:desk")
        article = read_one("doccano", json.dumps(sent).encode(), names=names)
        assert (article.source, str(article.published_at)) == ("News", "2026-03-01 12:00:00+00:00")

    @pytest.mark.parametrize("format", ["doccano", "prodigy"])
    def test_a_list_is_read_like_lines(self, format: str) -> None:
        rows = [{"text": "One."}, 1, {"text": "Two."}]
        raw = b"\xef\xbb\xbf " + json.dumps(rows, indent=1).encode()
        assert [faults(line) != [] for line in read(format, raw)] == [
            False,
            True,
            False,
        ] or format == "prodigy"
        texts = [
            line.record.revisions[0].text for line in read(format, raw) if isinstance(line.record, Article)
        ]
        assert texts == ["One.", "Two."]

    def test_lines_fail_alone(self) -> None:
        lines = read("doccano", b'{"text": "a"}\nnope\n{"text": 1}\n{"text": "b", "label": [[0]]}\n')
        assert [faults(line) for line in lines] == [
            [], [("syntax", "")], [("required", "/text")], [("type", "/label/0")],
        ]  # fmt: skip

    def test_labels_of_whole_texts_are_counted(self) -> None:
        (line,) = read("doccano", json.dumps({"text": TEXT, "label": ["good"], "Comments": [1]}).encode())
        assert losses(line) == {"labels of a whole text": 1, "comments": 1}


class TestConll:
    """Files of other people."""

    @pytest.mark.parametrize(
        "tags",
        [
            ("B-actor", "I-actor", "O", "B-actor", "B-claim"),
            ("I-actor", "I-actor", "O", "I-actor", "I-claim"),
            ("B-actor", "E-actor", "O", "S-actor", "S-claim"),
            ("B-actor", "L-actor", "O", "U-actor", "U-claim"),
        ],
    )
    def test_every_scheme_of_tags(self, tags: tuple[str, ...]) -> None:
        words = ("Mira", "Halvorsen", "and", "Lorn", "agree")
        rows = "".join(f"{word} NN {tag}\n" for word, tag in zip(words, tags, strict=True))
        article = read_one("conll", f"-DOCSTART- -X- O\n\n{rows}\nSo .\n".replace("So .", "So O").encode())
        assert article.revisions[0].text == "Mira Halvorsen and Lorn agree\nSo"
        assert [mark[:2] for mark in marks(article)] == [
            ("actor", "Mira Halvorsen"), ("actor", "Lorn"), ("claim", "agree"),
        ]  # fmt: skip

    def test_documents_of_an_archive_are_numbered(self) -> None:
        two = "-DOCSTART-\n\nA O\n\n-DOCSTART-\n\nB O\n"
        lines = read("conll", zipped({"set/train.conll": two, "x.png": "x"}))
        assert [line.external_id for line in lines] == ["set/train", "set/train-2"]
        assert losses(lines[0]) == {"files": 1}

    def test_a_row_without_a_tag(self) -> None:
        (line,) = read("conll", b"word\n")
        assert faults(line) == [("syntax", "/1")]


class TestWebAnnotation:
    """Marks on what is elsewhere."""

    def annotation(self, **fields: Any) -> dict[str, Any]:
        position = {"type": "TextPositionSelector", "start": 0, "end": 7}
        body = {"type": "TextualBody", "purpose": "tagging", "value": "Actor"}
        return {"id": "x", "body": body, "target": {"source": "a1", "selector": position}, **fields}

    def test_marks_without_a_text_wait_for_it(self) -> None:
        (line,) = read("webannotation", json.dumps(self.annotation()).encode())
        assert isinstance(line.record, StandoffAnnotations)
        assert line.record.external_id == "a1"
        read_on = line.record.read_with_text(TEXT)
        assert isinstance(read_on.record, Article)
        assert marks(read_on.record) == [("actor", "Ardenia", "{}")]
        assert faults(line.record.read_with_text("short")) == [("out-of-bounds", "/items/0/target")]

    def test_a_quote_alone_has_to_be_the_only_one(self) -> None:
        quote = {"type": "TextQuoteSelector", "exact": "n"}
        sent = self.annotation(target={"source": "a1", "selector": quote})
        (line,) = read("webannotation", json.dumps([sent]).encode())
        assert isinstance(line.record, StandoffAnnotations)
        assert faults(line.record.read_with_text(TEXT)) == [("quote-mismatch", "/items/0/target")]
        quote["prefix"] = "says "
        (line,) = read("webannotation", json.dumps([sent]).encode())
        assert isinstance(line.record, StandoffAnnotations)
        assert isinstance(line.record.read_with_text(TEXT).record, Article)

    def test_what_has_no_place_is_counted(self) -> None:
        highlight = self.annotation(id="h", body=[], motivation="highlighting")
        page = self.annotation(id="p", target={"source": "a1", "selector": {"type": "XPathSelector"}})
        comment = self.annotation(id="c")
        comment["body"] = [comment["body"], {"type": "TextualBody", "purpose": "commenting", "value": "Hm"}]
        (line,) = read("webannotation", json.dumps({"items": [highlight, page, comment]}).encode())
        assert isinstance(line.record, StandoffAnnotations)
        found = losses(line.record.read_with_text(TEXT))
        assert found == {"label highlighting": 1, "selectors": 1, "body commenting": 1}
