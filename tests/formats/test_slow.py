"""The tools themselves, where they are installed: spaCy, pyarrow and datasets open what we wrote."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from annotations.exceptions import NotInstalledError
from annotations.formats import FORMATS, Dialect
from annotations.formats.core import optional_packages
from tests.formats import oracles
from tests.formats.test_formats import EVERYTHING, losses, written
from tests.formats.test_oracles import GOLD, MARKS

SPANS = [span for article in EVERYTHING for row in article.sets for span in row.spans]
pytestmark = pytest.mark.filterwarnings("default")


def unpacked(name: str, folder: Path, dialect: Dialect = Dialect.MACHINE) -> Path:
    """What a format writes, as files."""
    data, _ = written(FORMATS[name], *EVERYTHING, dialect=dialect)
    zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
    return folder


@pytest.mark.slow
def test_spacy_reads_its_packed_documents(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    tokens = pytest.importorskip("spacy.tokens")
    vocab = spacy.blank("xx").vocab
    packed = tokens.DocBin().from_disk(unpacked("spacy", tmp_path, Dialect.DOCBIN) / "docs-0001.spacy")
    found: Counter[oracles.Mark] = Counter()
    for doc, article in zip(packed.get_docs(vocab), EVERYTHING, strict=True):
        assert doc.text == article.revisions[-1].text
        assert doc.user_data["article_id"] == article.id
        found.update((span.label_, span.text) for span in doc.spans["sc"])
    assert sum(found.values()) == sum(GOLD.values()) - 1
    assert len(GOLD - found) <= 4  # blank, and those that were widened


@pytest.mark.slow
def test_spacy_reads_its_own_json(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    tokens = pytest.importorskip("spacy.tokens")
    lines = (unpacked("spacy", tmp_path) / "docs.jsonl").read_text(encoding="utf-8").split("\n")
    for line, article in zip(filter(None, lines), EVERYTHING, strict=True):
        doc = tokens.Doc(spacy.blank("xx").vocab).from_json(json.loads(line))
        assert len(doc.spans["sc"]) == len(json.loads(line)["spans"]["sc"])
        assert doc.text.split() == article.revisions[-1].text.split()


@pytest.mark.slow
def test_pyarrow_reads_the_tables(tmp_path: Path) -> None:
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    folder = unpacked("parquet", tmp_path)
    rows = {name: parquet.read_table(folder / f"{name}.parquet").to_pylist() for name in
            ("documents", "spans", "relations", "registry")}  # fmt: skip
    assert Counter((row["label"], row["quote"]) for row in rows["spans"]) == MARKS
    texts = {(row["id"], row["revision"]): row["text"] for row in rows["documents"]}
    assert all(
        texts[row["document_id"], row["revision"]][row["start"] : row["end"]] == row["quote"]
        for row in rows["spans"]
    )
    assert {row["type"] for row in rows["registry"]} == {"actor", "topic", "proposition"}
    assert len(rows["relations"]) == sum(len(row.relations) for one in EVERYTHING for row in one.sets)


@pytest.mark.slow
def test_parquet_counts_what_it_loses_and_is_the_same_again() -> None:
    pytest.importorskip("pyarrow")
    row = FORMATS["parquet"]
    data, writer = written(row, *EVERYTHING)
    assert set(losses(writer)) == set(row.loss_descriptions)
    assert data == written(row, *EVERYTHING)[0]


@pytest.mark.slow
def test_datasets_loads_the_folder(tmp_path: Path) -> None:
    datasets: Any = pytest.importorskip("datasets")
    folder = unpacked("huggingface", tmp_path / "lake")
    found = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"]
    marks = Counter(
        (span["label"], row["text"][span["start"] : span["end"]]) for row in found for span in row["spans"]
    )
    assert marks == MARKS
    assert all(span["text"] in row["text"] for row in found for span in row["spans"])


@pytest.mark.parametrize(("name", "dialect"), [("spacy", Dialect.DOCBIN), ("parquet", Dialect.MACHINE)])
def test_what_is_not_installed_is_said_in_a_sentence(
    name: str, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(optional_packages, "import_module", missing)
    with pytest.raises(
        NotInstalledError, match=r"install requirements-\w+\.txt, or choose another format\.$"
    ):
        written(FORMATS[name], dialect=dialect)
