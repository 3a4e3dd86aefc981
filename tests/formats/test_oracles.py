"""Foreign readers as judges: what we write, they find, with the same words."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Any

import cassis
import openpyxl
import pytest
import rdflib
import yaml

from annotations.formats import FORMATS, Dialect
from annotations.formats.readers.dna import DNA_COLUMNS
from annotations.formats.writers.webannotation import JSON_LD_CONTEXT
from annotations.scheme import ATTRIBUTES, LABELS, RELATIONS
from tests.formats import edge_cases, oracles
from tests.formats.test_formats import EVERYTHING, losses, written

#: Every mark of the awkward records, by the set that holds it.
MARKS = Counter(
    (span.label, span.quote) for article in EVERYTHING for row in article.sets for span in row.spans
)
GOLD = Counter(
    (span.label, span.quote)
    for article in EVERYTHING
    for row in article.sets
    if row.state == "approved"
    for span in row.spans
)
BLANK = Counter({("claim", "\n"): 1})


def data_of(name: str, dialect: Dialect = Dialect.MACHINE) -> bytes:
    return written(FORMATS[name], *EVERYTHING, dialect=dialect)[0]


def test_brat_by_its_grammar() -> None:
    found = oracles.brat(data_of("brat"))
    marks = Counter(mark for marks, _ in found.values() for mark in marks)
    # a line break at the edge of a mark has no place there
    trimmed = Counter({(label, words.strip("\r\n")): count for (label, words), count in MARKS.items()})
    assert marks == trimmed - Counter({("claim", ""): 1})
    others = [line for _, lines in found.values() for line in lines]
    assert sum(line.startswith("R") for line in others) == 7
    assert any(line.startswith("#") and "\trole_text T" in line for line in others)


def test_brat_comes_with_its_configuration() -> None:
    configuration = oracles.files(data_of("brat"))["annotation.conf"].decode()
    sections = dict.fromkeys(("entities", "relations", "events", "attributes"), "")
    assert all(f"[{name}]\n" in configuration for name in sections)
    assert all(f"\n{label}\n" in configuration for label in LABELS)
    assert all(f"\n{name}\tArg1:" in configuration for name in RELATIONS)
    assert "\nstance\tArg:position, Value:support|oppose|mixed|undecided\n" in configuration


def test_conll_has_as_many_beginnings_as_spans() -> None:
    layers = oracles.conll(data_of("conll"))
    assert list(layers) == [f"{label}.conll" for label in LABELS]
    words = [[token for token, _ in document] for document in layers["actor.conll"]]
    assert all([[token for token, _ in document] for document in layer] == words for layer in layers.values())
    lost = losses(written(FORMATS["conll"], *EVERYTHING)[1])
    begun = Counter(tag[2:] for layer in layers.values() for doc in layer for _, tag in doc if tag[0] == "B")
    expected = Counter(label for (label, _), count in GOLD.items() for _ in range(count))
    expected -= Counter({"claim": lost["blank"], "actor": lost["overlaps"]})
    assert begun == expected + Counter({"claim": lost["lines"]})


def test_conll_and_its_twin_are_the_same_length() -> None:
    entries = oracles.files(data_of("conll"))
    twin = entries["offsets.tsv"].decode().split("\n")
    for label in LABELS:
        rows = entries[f"{label}.conll"].decode().split("\n")
        assert len(rows) == len(twin)
        article = ""
        for row, place in zip(rows, twin, strict=True):
            if row.startswith("-DOCSTART-"):
                article = entries[f"texts/{place.partition(chr(9))[2]}.txt"].decode()
            elif row:
                start, end = map(int, place.split("\t"))
                assert row.split(" ")[0] == article[start:end]
            else:
                assert not place


def test_webanno_by_its_grammar() -> None:
    entries = oracles.files(data_of("webannotsv"))
    found: Counter[oracles.Mark] = Counter()
    relations: Counter[str] = Counter()
    for name, table in entries.items():
        if name.endswith(".tsv"):
            marks, links = oracles.webanno(table, entries[name.replace(".tsv", ".txt")])
            found.update(marks)
            relations.update(type_ for type_, _, _ in links)
    trimmed = Counter({(label, words.strip()): count for (label, words), count in MARKS.items()})
    assert found == trimmed - Counter({("claim", ""): 1})
    assert relations == {"held_by": 4, "made_by": 1, "about": 1, "supports": 1}


def test_cassis_reads_the_cas() -> None:
    found: Counter[oracles.Mark] = Counter()
    relations = 0
    for name, raw in oracles.files(data_of("casjson")).items():
        if not name.endswith(".json"):
            continue
        cas = cassis.load_cas_from_json(raw.decode())
        for label in LABELS:
            for mark in cas.select(f"standpoint.{label.capitalize()}"):
                found[label, mark.get_covered_text()] += 1
        for link in cas.select("standpoint.Relation"):
            assert link.name in RELATIONS
            assert link.source.identifier != link.target.identifier
            relations += 1
    assert found == MARKS
    assert relations == sum(len(row.relations) for article in EVERYTHING for row in article.sets)


def test_cassis_finds_attributes_and_links() -> None:
    data, _ = written(FORMATS["casjson"], edge_cases.article())
    (raw,) = (raw for name, raw in oracles.files(data).items() if name.endswith(".json"))
    cas = cassis.load_cas_from_json(raw.decode())
    first, _ = cas.select("standpoint.Position")
    assert (first.stance, first.basis, first.mode) == ("oppose", "stated", None)
    assert first.proposition_text == edge_cases.NAMES.propositions[edge_cases.ISSUE]
    assert cas.select("standpoint.Actor")[0].actor == edge_cases.ACTOR


#: The terms of the recommendation's context that we use, as its vocabulary defines them.
OA, RDF = "http://www.w3.org/ns/oa#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def reference(name: str) -> dict[str, str]:
    return {"@id": name, "@type": "@id"}


def word(name: str) -> dict[str, str]:
    return {"@id": name, "@type": "@vocab"}


TERMS: dict[str, Any] = {
    "oa": OA, "dcterms": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/", "rdf": RDF,
    "dc": "http://purl.org/dc/elements/1.1/", "as": "http://www.w3.org/ns/activitystreams#",
    "dctypes": "http://purl.org/dc/dcmitype/", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "id": "@id", "type": "@type", "Annotation": "oa:Annotation", "Text": "dctypes:Text",
    "TextualBody": "oa:TextualBody", "SpecificResource": "oa:SpecificResource", "Person": "foaf:Person",
    "TextQuoteSelector": "oa:TextQuoteSelector", "TextPositionSelector": "oa:TextPositionSelector",
    "AnnotationPage": "as:OrderedCollectionPage", "AnnotationCollection": "as:OrderedCollection",
    "tagging": "oa:tagging", "describing": "oa:describing", "linking": "oa:linking",
    "identifying": "oa:identifying", "classifying": "oa:classifying",
    "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    "body": reference("oa:hasBody"), "target": reference("oa:hasTarget"), "source": reference("oa:hasSource"),
    "selector": reference("oa:hasSelector"), "creator": reference("dcterms:creator"),
    "partOf": reference("as:partOf"), "canonical": reference("oa:canonical"),
    "motivation": word("oa:motivatedBy"),
    "purpose": word("oa:hasPurpose"), "value": "rdf:value", "exact": "oa:exact", "prefix": "oa:prefix",
    "suffix": "oa:suffix", "format": "dc:format", "language": "dc:language", "name": "foaf:name",
    "nickname": "foaf:nick", "label": "rdfs:label",
    "start": {"@id": "oa:start", "@type": f"{XSD}nonNegativeInteger"},
    "end": {"@id": "oa:end", "@type": f"{XSD}nonNegativeInteger"},
    "created": {"@id": "dcterms:created", "@type": f"{XSD}dateTime"},
}  # fmt: skip
QUERY = """
SELECT ?label ?start ?end ?exact ?text WHERE {
  ?mark a oa:Annotation ; oa:motivatedBy oa:tagging ; oa:hasBody ?body ; oa:hasTarget ?target .
  ?body oa:hasPurpose oa:tagging ; rdf:value ?label .
  ?target oa:hasSource ?source ; oa:hasSelector ?position , ?quote .
  ?position a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end .
  ?quote a oa:TextQuoteSelector ; oa:exact ?exact .
  ?whole oa:motivatedBy oa:describing ; oa:hasTarget ?source ; oa:hasBody/rdf:value ?text .
}
"""


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_rdflib_finds_every_mark_on_its_text() -> None:
    document = json.loads(data_of("webannotation"))
    assert document.pop("@context") == JSON_LD_CONTEXT
    graph = rdflib.Graph().parse(data=json.dumps({"@context": TERMS, **document}), format="json-ld")
    found: Counter[oracles.Mark] = Counter()
    for label, start, end, exact, text in graph.query(QUERY, initNs={"oa": OA, "rdf": RDF}):  # type: ignore[misc]
        assert str(text)[int(start) : int(end)] == str(exact)
        found[str(label), str(exact)] += 1
    assert found == MARKS
    links = graph.subjects(rdflib.URIRef(f"{OA}motivatedBy"), rdflib.URIRef(f"{OA}linking"))
    assert len(list(links)) == sum(len(row.relations) for article in EVERYTHING for row in article.sets)


@pytest.mark.parametrize("name", ["labelstudio", "doccano", "huggingface", "spacy"])
def test_json_says_every_mark_with_its_words(name: str) -> None:
    found = Counter(_json_marks(name, data_of(name)))
    if name == "spacy":
        # whole tokens only, and what lies between them not at all
        assert sum(found.values()) == sum((GOLD - BLANK).values())
        assert found["actor", edge_cases.FAMILY] == 1
    else:
        assert found == (GOLD if name == "doccano" else MARKS)


def _json_marks(name: str, data: bytes) -> list[oracles.Mark]:
    if name == "labelstudio":
        return [
            (
                region["value"]["labels"][0],
                task["data"]["text"][region["value"]["start"] : region["value"]["end"]],
            )
            for task in json.loads(data)
            for annotation in task["annotations"]
            for region in annotation["result"]
            if region["type"] == "labels"
        ]
    lines = oracles.lines(
        {
            "doccano": lambda: data,
            "huggingface": lambda: oracles.files(data)["data/train.jsonl"],
            "spacy": lambda: oracles.files(data)["docs.jsonl"],
        }[name]()
    )
    keys = {"doccano": ("entities", "start_offset", "end_offset")}.get(name, ("spans", "start", "end"))
    spans = ((line, line[keys[0]]["sc"] if name == "spacy" else line[keys[0]]) for line in lines)
    return [(one["label"], line["text"][one[keys[1]] : one[keys[2]]]) for line, some in spans for one in some]


def test_labelstudio_marks_gold_and_names_every_control() -> None:
    tasks = json.loads(data_of("labelstudio"))
    assert [task["annotations"][0]["ground_truth"] for task in tasks] == [True, True]
    kinds = {
        (region["from_name"], region["type"])
        for task in tasks
        for one in task["annotations"]
        for region in one["result"]
        if "from_name" in region
    }
    assert {("stance", "choices"), ("role_text", "textarea"), ("actor", "textarea")} <= kinds


def test_doccano_in_triples() -> None:
    lines = oracles.lines(data_of("doccano", Dialect.SEQUENCE))
    found = Counter((label, line["text"][start:end]) for line in lines for start, end, label in line["label"])
    assert found == GOLD


def test_doccano_ids_are_integers_and_differ() -> None:
    lines = oracles.lines(data_of("doccano"))
    ids = [one["id"] for line in lines for name in ("entities", "relations") for one in line[name]]
    assert ids == list(range(1, len(ids) + 1))


def test_every_row_of_the_hub_has_every_key() -> None:
    lines = oracles.lines(oracles.files(data_of("huggingface"))["data/train.jsonl"])
    assert {tuple(line) for line in lines} == {tuple(lines[0])}
    spans = [span for line in lines for span in line["spans"]]
    assert {tuple(span) for span in spans} == {tuple(spans[0])}
    assert set(ATTRIBUTES) < set(spans[0])


def test_the_card_has_a_head_that_programs_read() -> None:
    card = oracles.files(data_of("huggingface"))["README.md"].decode()
    _, head, body = card.split("---\n", 2)
    values = yaml.safe_load(head)
    assert values["pretty_name"] == "The lake"
    assert values["language"] == ["tg"]
    assert values["configs"][0]["data_files"] == [{"split": "train", "path": "data/train.parquet"}]
    assert values["size_categories"] == ["n<1K"]
    sections = ("Motivation", "Composition", "Collection", "Labelling", "Uses", "Distribution", "Maintenance")
    assert all(f"\n## {name}\n" in body for name in sections)
    assert "| spans: claim | 4 |" in body


def test_dna_as_its_own_program_writes() -> None:
    text = data_of("dna", Dialect.DNA).decode()
    head, *rows = text.rstrip("\n").split("\n")
    assert head == ";".join(f'"{name}"' for name in DNA_COLUMNS)
    assert [row.split(";")[0] for row in rows] == ["1", "2", "2"]  # a mixed stance is two rows
    assert all(row.count(";") == len(DNA_COLUMNS) - 1 for row in rows)
    assert [row.split(";")[5] for row in rows] == ["0", "1", "0"]
    assert rows[0].split(";")[6:9] == [
        "24",
        "42",
        '"the lock, it leaks"',
    ]  # UTF-16: the family counts three more


def test_dna_machine_is_plain_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(data_of("dna").decode(), newline=""), delimiter=";", strict=True))
    assert [row["organization"] for row in rows] == ["Ardenia"] * 3
    assert rows[0]["document_title"] == "\u202eTitle, “quoted”"


def test_a_spreadsheet_finds_no_formula_in_an_event_list() -> None:
    text = data_of("dna", Dialect.SPREADSHEET).decode("utf-8-sig")
    sheet = openpyxl.Workbook().create_sheet()
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=";"):
        sheet.append(row)
    assert [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
