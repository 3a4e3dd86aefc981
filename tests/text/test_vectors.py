"""Rules that the workbench and the service decide by their own code: both read the cases in tests/vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotations.exceptions import EmptySnapError
from annotations.services.core import notifications
from annotations.text.edges import Paragraphs, snap_range
from annotations.text.folding import fold_text
from annotations.text.offsets import OffsetMap
from annotations.text.ranges import Range
from annotations.text.sentences import ABBREVIATIONS, Sentences

VECTORS = Path(__file__).resolve().parent.parent / "vectors"


def read(name: str) -> list[Any]:
    cases = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["cases"]
    assert cases
    return list(cases)


@pytest.mark.parametrize("case", read("offsets"))
def test_offsets_in_utf16_units(case: dict[str, Any]) -> None:
    offsets = OffsetMap(case["text"])
    assert [offsets.to_utf16(point) for point in range(len(case["text"]) + 1)] == case["units"]


@pytest.mark.parametrize("case", read("sentences"))
def test_sentences_go_on_after_abbreviations(case: dict[str, Any]) -> None:
    found = Sentences(case["text"])
    assert [found.quote(index) for index in range(len(found))] == case["sentences"]


def test_the_abbreviations_of_both_are_the_same() -> None:
    stored = json.loads((VECTORS / "sentences.json").read_text(encoding="utf-8"))["abbreviations"]
    assert stored == sorted(ABBREVIATIONS)


@pytest.mark.parametrize("case", read("edges"))
def test_edges_are_snapped(case: dict[str, Any]) -> None:
    where = Range(*case["range"])
    if case["snapped"] is None:
        with pytest.raises(EmptySnapError):
            snap_range(case["text"], where)
    else:
        assert snap_range(case["text"], where) == Range(*case["snapped"])


@pytest.mark.parametrize("case", read("paragraphs"))
def test_paragraphs(case: dict[str, Any]) -> None:
    text = case["text"]
    assert [where.quote(text) for where in Paragraphs(text)] == case["paragraphs"]


@pytest.mark.parametrize("case", read("mentions"))
def test_mentioned_names(case: dict[str, Any]) -> None:
    assert notifications._MENTION.findall(case["text"]) == case["names"]


@pytest.mark.parametrize("case", read("folding"))
def test_texts_are_folded(case: dict[str, Any]) -> None:
    assert fold_text(case["text"]) == case["folded"]
