"""Out and in, and in, out and in: nothing is lost that the format can carry."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotations.formats import Dialect
from annotations.formats.core.term_mapping import TermMapping
from tests.formats import edge_cases
from tests.formats.essence import again, essence, read_one, stored

#: What each format carries of a mark.
CARRIES: dict[str, dict[str, bool]] = {
    "brat": {},
    "labelstudio": {},
    "webannotation": {},
    "webannotsv": {},
    "doccano": {"links": False, "attributes": False},
}
NAMES = list(CARRIES)


@pytest.mark.parametrize("name", NAMES)
def test_out_and_in(name: str) -> None:
    article = edge_cases.article()
    assert essence(again(name, article), **CARRIES[name]) == essence(article, **CARRIES[name])


def test_out_and_in_without_relations() -> None:
    article = edge_cases.article()
    article = article._replace(sets=[article.sets[0]._replace(relations=[])])
    only = {"links": False, "attributes": False}
    assert essence(again("conll", article), **only) == essence(article, **only)
    sequence = again("doccano", article, Dialect.SEQUENCE)
    assert essence(sequence, **only) == essence(article, **only)


@pytest.mark.parametrize("name", ["brat", "labelstudio", "webannotation", "webannotsv"])
def test_several_sets_stay_several(name: str) -> None:
    article = edge_cases.crowded()
    ours = [sorted(span.label for span in row.spans) for row in again(name, article).sets if row.spans]
    assert len(ours) == 2
    assert ours[1] == ["actor"]


@pytest.mark.parametrize("name", ["labelstudio", "webannotation"])
def test_marks_over_marks_and_breaks_survive(name: str) -> None:
    gold, other, _ = sorted(edge_cases.crowded().sets, key=lambda row: row.state != "approved")
    whole = edge_cases.crowded()._replace(sets=[gold, other])
    assert essence(again(name, whole)) == essence(whole)


TEXT = "Ardenia says no.\nLorn \U0001f6a7 is for it, says Mira."
BRAT = {
    "a.txt": TEXT,
    "a.ann": "T1\tPerson 0 7\tArdenia\nT2\tContent 13 15\tno\nR1\tSaidBy Arg1:T2 Arg2:T1\n"
    "T3\tPerson 17 21\tLorn\nA1\tMention T3 Metonym\nE1\tContent:T2 Holder:T3\n"
    "T4\tContent 13 21\tno. Lorn\n",
}
LABELSTUDIO: list[dict[str, Any]] = [
    {
        "id": 7,
        "data": {"text": TEXT},
        "annotations": [
            {
                "id": 1,
                "result": [
                    {
                        "id": "x",
                        "type": "choices",
                        "from_name": "mention_type",
                        "value": {"start": 17, "end": 21, "choices": ["metonym"]},
                    },
                    {
                        "id": "x",
                        "type": "labels",
                        "value": {"start": 17, "end": 21, "text": "Lorn", "labels": ["Person"]},
                    },
                    {"id": "y", "type": "labels", "value": {"start": 22, "end": 23, "labels": ["Content"]}},
                    {
                        "type": "relation",
                        "from_id": "x",
                        "to_id": "y",
                        "direction": "left",
                        "labels": ["SaidBy"],
                    },
                ],
            }
        ],
    }
]
DOCCANO = {
    "text": TEXT,
    "entities": [
        {"id": 1, "label": "Person", "start_offset": 17, "end_offset": 21},
        {"id": 2, "label": "Content", "start_offset": 22, "end_offset": 23},
    ],
    "relations": [{"id": 1, "from_id": 2, "to_id": 1, "type": "SaidBy"}],
}
PAGE = {
    "@context": "http://www.w3.org/ns/anno.jsonld",
    "type": "AnnotationPage",
    "items": [
        {
            "id": "urn:t",
            "motivation": "describing",
            "body": {"type": "TextualBody", "format": "text/plain", "value": TEXT},
            "target": {"id": "urn:source", "name": "a"},
        },
        {
            "id": "urn:l",
            "motivation": "linking",
            "body": [{"type": "TextualBody", "purpose": "tagging", "value": "SaidBy"}, "urn:x"],
            "target": "urn:y",
        },
        {
            "id": "urn:y",
            "body": {"type": "TextualBody", "purpose": "tagging", "value": "Content"},
            "target": {
                "source": "urn:source",
                "selector": {"type": "TextQuoteSelector", "exact": "no", "prefix": "says ", "suffix": "."},
            },
        },
        {
            "id": "urn:x",
            "body": {"type": "TextualBody", "value": "Person"},
            "target": {
                "source": {"id": "urn:source"},
                "selector": {"type": "TextPositionSelector", "start": 17, "end": 21},
            },
        },
    ],
}
ROWS = [
    ("1-1", "0-7", "Ardenia", "_", "*", "Content", "_", "_"),
    ("1-2", "8-12", "says", "_", "_", "_", "_", "_"),
    ("1-3", "13-15", "no", "_", "*[1]|*[2]", "Content[1]|Person[2]", "*", "1-1[0_2]"),
    ("1-4", "15-16", ".", "_", "*[1]", "Content[1]", "_", "_"),
    (),
    ("2-1", "17-21", "Lorn", "name", "_", "_", "_", "_"),
    ("2-2", "22-24", "\U0001f6a7", "*", "_", "_", "_", "_"),
    ("2-3", "25-27", "is", "_", "_", "_", "_", "_"),
    ("2-3.1", "25-26", "i", "*", "_", "_", "_", "_"),
]
WEBANNO = (
    "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Person|mention_type\n"
    "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value\n"
    "#T_RL=webanno.custom.SaidBy|value|BT_de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity\n\n\n"
    "#Text=Ardenia says no.\n"
    + "".join("\t".join((*row, "\n")) if row else "\n#Text=Lorn \U0001f6a7 is\n" for row in ROWS)
)
TRANSLATION = TermMapping.parse("actor:Person,claim:Content,made_by:SaidBy,about=Holder,mention_type:Mention")


def sample(name: str) -> bytes:
    """A file as another tool writes it."""
    if name == "brat":
        return edge_cases.zipped(BRAT)
    found: dict[str, Any] = {
        "labelstudio": LABELSTUDIO, "doccano": DOCCANO, "webannotation": PAGE, "webannotsv": WEBANNO,
    }  # fmt: skip
    return (found[name] if isinstance(found[name], str) else json.dumps(found[name])).encode()


@pytest.mark.parametrize("name", NAMES)
def test_in_out_and_in(name: str) -> None:
    first = read_one(name, sample(name), names=TRANSLATION)
    assert first.sets[0].spans
    second = stored(first)
    assert essence(again(name, second), **CARRIES[name]) == essence(first, **CARRIES[name])
