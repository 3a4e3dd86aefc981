"""The programs that data scientists use open a small release, and find what we know to be in it."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from annotations.formats.core import hub_rows
from annotations.formats.core.records import AnnotationSet, Article
from annotations.scheme import LABELS
from tests.formats import releases

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]
ARTICLES = releases.articles()
GOLD = [article.sets[0] for article in ARTICLES]
PARTS = {"train": ARTICLES[:9], "validation": ARTICLES[9:]}
Marks = Counter[tuple[str, str]]


def marks(sets: list[AnnotationSet]) -> Marks:
    return Counter((span.label, span.quote) for row in sets for span in row.spans)


def gold(part: str) -> list[AnnotationSet]:
    return [article.sets[0] for article in PARTS[part]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("releases") / "lake-1"
    releases.build(made)
    return made


@pytest.fixture
def load(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    datasets: Any = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)

    def load_dataset(*arguments: str, **named: Any) -> Any:
        return datasets.load_dataset(str(folder), *arguments, cache_dir=str(tmp_path), **named)

    return load_dataset


class TestDatasets:
    """``datasets.load_dataset`` of the folder."""

    def test_rows_are_what_was_released(self, load: Any) -> None:
        found = load()
        assert list(found) == ["train", "validation"]
        for part, articles in PARTS.items():
            assert [row["story_key"] for row in found[part]] == [one.story_key for one in articles]
            assert [row["external_id"] for row in found[part]] == [one.external_id for one in articles]
            assert {row["title"] for row in found[part]} == {"2026-02-03"}
            assert [row["url"] for row in found[part]] == [one.url or None for one in articles]
            spans = [(row, span) for row in found[part] for span in row["spans"]]
            assert Counter((span["label"], span["text"]) for _, span in spans) == marks(gold(part))
            assert all(row["text"][span["start"] : span["end"]] == span["text"] for row, span in spans)
            dates = {span["statement_date"] for _, span in spans}
            assert dates == {None, "2026-01-01"}
            assert sum(len(row["relations"]) for row in found[part]) == 1

    def test_the_last_row_has_what_no_other_has(self, load: Any) -> None:
        *rest, last = load()["train"]
        assert {row["url"] for row in rest} == {None}
        assert last["url"] == "https://example.org/x"
        assert last["published_at"].startswith("2026-01-09T10:00:00")

    def test_tokens_have_tags_with_names(self, load: Any) -> None:
        found = load("tokens")
        names = found["train"].features["ner_tags"].feature.names
        assert tuple(names) == hub_rows.TAGS
        row = found["train"][0]
        assert row["tokens"][:4] == ["Ardenia", "🚧", "said", "on"]
        assert [names[tag] for tag in row["ner_tags"]][:3] == ["B-claim", "I-claim", "I-claim"]
        layer = found["train"].features["actor_tags"].feature.names
        assert [layer[tag] for tag in row["actor_tags"]][:3] == ["B-actor", "O", "O"]

    def test_independent_sets_come_with_numbers(self, load: Any) -> None:
        found = load("independent")["train"]
        assert Counter(row["annotator"] for row in found) == {"person-2": 9, "person-3": 9}
        sets = [row for article in PARTS["train"] for row in article.sets[1:]]
        spans = Counter((span["label"], span["text"]) for row in found for span in row["spans"])
        assert spans == marks(sets)
        assert load("independent_tokens")["validation"].num_rows == 3 * 2 * 2

    def test_lines_of_json_load_with_the_features_of_the_card(
        self, folder: Path, load: Any, tmp_path: Path
    ) -> None:
        """Programs guess what a column of dates is; what is null in the first ten megabytes they know now."""
        datasets: Any = pytest.importorskip("datasets")
        features = load()["train"].features
        path = str(folder / "lake.train.huggingface.jsonl")
        found = datasets.load_dataset(
            "json", data_files=path, features=features, cache_dir=str(tmp_path / "j")
        )["train"]
        assert found.features == features
        assert [row["url"] for row in found] == [row["url"] for row in load()["train"]]

    def test_an_article_of_megabytes_before_the_first_address(self, tmp_path: Path) -> None:
        datasets: Any = pytest.importorskip("datasets")
        long = [_long(article, 1_900_000) for article in PARTS["train"][2:]]
        releases.build(tmp_path / "long", *long, formats=["huggingface"], splits=None)
        found = datasets.load_dataset(str(tmp_path / "long"), cache_dir=str(tmp_path / "cache"))["train"]
        assert [row["url"] for row in found] == [one.url or None for one in long]
        assert [row["story_key"] for row in found] == [one.story_key for one in long]


def _long(article: Article, size: int) -> Article:
    revision = article.revisions[0]
    return article._replace(revisions=[revision._replace(text=(revision.text * (size // 60))[:size])])


def test_seqeval_counts_the_marks_of_each_label(load: Any) -> None:
    labelling: Any = pytest.importorskip("seqeval.metrics.sequence_labeling")
    metrics: Any = pytest.importorskip("seqeval.metrics")
    scheme: Any = pytest.importorskip("seqeval.scheme")
    found = load("tokens")["train"]
    for column, expected in (
        ("actor_tags", {"actor": 9}),
        ("position_tags", {"position": 9}),
        ("ner_tags", {"claim": 9, "position": 9}),
    ):
        names = found.features[column].feature.names
        tags = [[names[tag] for tag in row[column]] for row in found]
        assert Counter(kind for kind, _, _ in labelling.get_entities(tags)) == expected
        assert metrics.f1_score(tags, tags, mode="strict", scheme=scheme.IOB2) == 1.0


class TestCroissant:
    """``mlcroissant`` validates the description, and loads the records by it."""

    @pytest.fixture
    def dataset(self, folder: Path) -> Any:
        return pytest.importorskip("mlcroissant").Dataset(jsonld=str(folder / "croissant.json"))

    def test_it_is_valid(self, dataset: Any) -> None:
        assert not dataset.metadata.ctx.issues.errors
        assert not dataset.metadata.ctx.issues.warnings

    def test_no_set_of_records_is_of_an_empty_file(self, dataset: Any) -> None:
        names = {one.name for one in dataset.metadata.record_sets}
        assert not any(".test." in name for name in names)
        assert {"lake.train.huggingface.jsonl", "lake.train.huggingface.parquet",
                "lake.train.relations.csv", "lake.train.independent.quotes.csv"} <= names  # fmt: skip

    def test_all_records_load(self, dataset: Any, folder: Path) -> None:
        listed = json.loads((folder / "manifest.json").read_text())["files"]
        number = {one["name"]: one["records"] for one in listed}
        for one in dataset.metadata.record_sets:
            assert sum(1 for _ in dataset.records(one.id)) == number[one.name], one.name

    def test_the_records_are_what_was_released(self, dataset: Any) -> None:
        by_name = {one.name: one.id for one in dataset.metadata.record_sets}
        rows = list(dataset.records(by_name["lake.train.huggingface.parquet"]))
        keys = [_value(row, "story_key") for row in rows]
        assert keys == [one.story_key.encode() for one in PARTS["train"]]
        lines = list(dataset.records(by_name["lake.train.huggingface.jsonl"]))
        assert [_value(row, "id") for row in lines] == [one.id.encode() for one in PARTS["train"]]
        assert {_value(row, "text") for row in lines} == {releases.TEXT.encode()}


def _value(row: dict[str, Any], name: str) -> Any:
    return next(value for key, value in row.items() if key.endswith(f"/{name}"))


class TestTables:
    """pandas and polars."""

    @pytest.mark.parametrize("reader", ["pandas", "polars", "pyarrow.parquet"])
    def test_parquet_has_its_types(self, folder: Path, reader: str) -> None:
        module: Any = pytest.importorskip(reader)
        path = folder / "lake.train.huggingface.parquet"
        read = module.read_table if reader == "pyarrow.parquet" else module.read_parquet
        table = read(path)
        keys = table["story_key"].to_pylist() if reader == "pyarrow.parquet" else table["story_key"].to_list()
        assert keys == [one.story_key for one in PARTS["train"]]

    def test_a_part_without_articles_has_the_same_columns(self, folder: Path) -> None:
        polars: Any = pytest.importorskip("polars")
        empty = polars.read_parquet(folder / "lake.test.huggingface.parquet")
        assert empty.shape[0] == 0
        assert empty.schema == polars.read_parquet(folder / "lake.train.huggingface.parquet").schema

    def test_relations_join_the_quotes(self, folder: Path) -> None:
        pandas: Any = pytest.importorskip("pandas")
        quotes = pandas.read_csv(folder / "lake.train.quotes.csv")
        relations = pandas.read_csv(folder / "lake.train.relations.csv")
        joined = relations.merge(quotes, left_on="source_id", right_on="span_id")
        assert list(joined["label"]) == list(relations["source_label"]) == ["claim"]
        assert list(joined["quote"]) == list(relations["source_quote"])


def test_cassis_reads_the_marks(folder: Path, tmp_path: Path) -> None:
    cassis: Any = pytest.importorskip("cassis")
    with zipfile.ZipFile(folder / "lake.train.casjson.zip") as packed:
        packed.extractall(tmp_path)
    found: Marks = Counter()
    for path in sorted(tmp_path.glob("**/*.json")):
        cas = cassis.load_cas_from_json(path.read_text(encoding="utf-8"))
        for label in LABELS:
            for mark in cas.select(f"standpoint.{label.capitalize()}"):
                found[label, mark.get_covered_text()] += 1
    assert found == marks(gold("train"))


class TestLabelStudio:
    """The converter of label-studio-sdk."""

    CONFIG = """<View><Labels name="label" toName="text"><Label value="actor"/><Label value="claim"/>
<Label value="position"/></Labels><Text name="text" value="$text"/></View>"""

    @pytest.fixture
    def converted(self, folder: Path, tmp_path: Path) -> Path:
        converter: Any = pytest.importorskip("label_studio_sdk.converter")
        made = converter.Converter(self.CONFIG, str(tmp_path))
        source = str(folder / "lake.train.labelstudio.json")
        made.convert_to_json_min(source, str(tmp_path / "min"), is_dir=False)
        made.convert_to_conll2003(source, str(tmp_path / "conll"), is_dir=False)
        return tmp_path

    def test_json_min_has_every_mark(self, converted: Path) -> None:
        tasks = json.loads((converted / "min" / "result.json").read_text(encoding="utf-8"))
        found = Counter(
            (label, mark["text"]) for task in tasks for mark in task["label"] for label in mark["labels"]
        )
        assert found == marks(gold("train"))
        assert len({task["id"] for task in tasks}) == len({task["annotation_id"] for task in tasks}) == 9

    def test_conll_has_every_document(self, converted: Path) -> None:
        text = (converted / "conll" / "result.conll").read_text(encoding="utf-8")
        assert text.count("B-position") == 9
