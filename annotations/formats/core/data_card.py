"""The data card of a dataset: a head for programs, and the seven questions of a datasheet for people.

Statistics are filled in. Brackets ask for what only people know, so that no empty line looks like an answer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from annotations.formats.core.hub_rows import HubConfig
from annotations.formats.core.interfaces import Losses
from annotations.formats.core.records import AnnotationSet, Article, Corpus
from annotations.formats.core.typed_columns import describe_features
from annotations.scheme import ATTRIBUTES, LABELS, RELATIONS

#: Dataset sizes in the words of the Hugging Face Hub, by their smallest number of rows.
_SIZES = (
    (1_000_000, "1M<n<10M"), (100_000, "100K<n<1M"), (10_000, "10K<n<100K"), (1_000, "1K<n<10K"),
    (0, "n<1K"),
)  # fmt: skip
_MAX_SOURCES = 50


@dataclass
class DatasetCounts:
    """The statistics of an export for its data card."""

    articles: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    def add(self, article: Article, sets: Iterable[AnnotationSet]) -> None:
        """Count an article with the sets that are exported."""
        self.articles += 1
        if article.language:
            self.languages[article.language] += 1
        if article.source and (article.source in self.sources or len(self.sources) < 10_000):
            self.sources[article.source] += 1
        time = article.published_at
        if time is not None:
            self.first = time if self.first is None else min(self.first, time)
            self.last = time if self.last is None else max(self.last, time)
        for row in sets:
            self.states[row.state] += 1
            self.labels.update([span[2] for span in row.spans])
            self.relations.update([link[2] for link in row.relations])


def size_category(rows: int) -> str:
    """Return the size of a dataset in the words of the Hugging Face Hub."""
    return next(word for least, word in _SIZES if rows >= least)


def render_head(corpus: Corpus, counts: DatasetCounts, configs: Sequence[HubConfig]) -> str:
    """Return the head in YAML, whose values are JSON, a subset of YAML.

    The types of the columns are declared, because programs guess them from the first rows otherwise.
    """
    languages = sorted({tag.partition("-")[0].lower() for tag in counts.languages})
    values: dict[str, Any] = {
        **({"language": languages} if languages else {}),
        "pretty_name": corpus.name,
        "license": "other",
        "annotations_creators": ["expert-generated"],
        "language_creators": ["found"],
        "multilinguality": ["multilingual" if len(languages) > 1 else "monolingual"],
        "size_categories": [size_category(counts.articles)],
        "source_datasets": ["original"],
        "task_categories": ["token-classification"],
        "tags": ["news", "claims", "stance"],
        **_configs(configs),
    }
    lines = [f"{name}: {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(["---", *lines, "---", ""])


def _configs(configs: Sequence[HubConfig]) -> dict[str, Any]:
    """Return the part of the head that tells programs which files to load, and what is in them."""
    if not configs:
        return {}
    files = [
        {
            "config_name": config.name,
            "data_files": [{"split": split, "path": path} for split, path in config.files.items()],
        }
        for config in configs
    ]
    infos = [
        {"config_name": config.name, "features": describe_features(config.columns)} for config in configs
    ]
    return {"configs": files, "dataset_info": infos}


def render_body(
    corpus: Corpus,
    counts: DatasetCounts,
    losses: Losses,
    fields: Sequence[tuple[str, str]],
    *,
    not_in_tokens: Losses | None = None,
) -> str:
    """Return the seven sections of the card in Markdown."""
    sections = [
        f"# {escape_line(corpus.name)}",
        escape_line(corpus.description) or "(What is this dataset about, in two sentences?)",
        "## Motivation",
        "(Who made it, for what, and who paid?)",
        "## Composition",
        _composition(counts),
        "### Fields",
        _table(("Field", "What it says"), fields),
        *_loss_section("Not in this dataset", losses),
        *(_loss_section("Not in the configuration tokens", not_in_tokens) if not_in_tokens else []),
        "## Collection",
        _collection(counts),
        "## Labelling",
        _labelling(corpus),
        "## Uses",
        "(What has it been used for, what should it not be used for?)",
        "## Distribution",
        "(Under which licence are the annotations, and who owns the texts?)",
        "## Maintenance",
        "(Who answers questions, and how are mistakes mended?)",
    ]
    if corpus.guideline:
        sections += ["## Guideline", *(f"> {line}".rstrip() for line in corpus.guideline.splitlines())]
    return "\n".join(_separate_blocks(sections)) + "\n"


def _separate_blocks(sections: Sequence[str]) -> Iterable[str]:
    """Yield the blocks with empty lines between them, but none inside a quotation."""
    before = ""
    for section in sections:
        if before and not (before.startswith(">") and section.startswith(">")):
            yield ""
        yield section
        before = section


def escape_line(words: str) -> str:
    """Return text as one line that cannot begin a heading, a table or other Markdown."""
    return " ".join(words.split()).replace("|", "\\|").replace("<", "&lt;")


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _composition(counts: DatasetCounts) -> str:
    rows = [("articles", str(counts.articles))]
    rows += [(f"spans: {label}", str(counts.labels[label])) for label in LABELS]
    rows += [(f"relations: {name}", str(counts.relations[name])) for name in RELATIONS]
    rows += [(f"sets: {state}", str(number)) for state, number in sorted(counts.states.items())]
    return _table(("What", "How many"), rows)


def _loss_section(title: str, losses: Losses) -> list[str]:
    rows = [(escape_line(loss["what"]), str(loss["count"])) for loss in losses.as_list()]
    return [f"### {title}", _table(("What", "How many"), rows)] if rows else []


def _collection(counts: DatasetCounts) -> str:
    lines = ["(How were the articles chosen?)"]
    if counts.first is not None and counts.last is not None:
        lines.append(f"Published from {counts.first:%Y-%m-%d} to {counts.last:%Y-%m-%d}.")
    for what, counter in (("Languages", counts.languages), ("Sources", counts.sources)):
        ranked = sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))
        if ranked:
            shown = ", ".join(f"{escape_line(name)} ({number})" for name, number in ranked[:_MAX_SOURCES])
            more = len(ranked) - _MAX_SOURCES
            lines.append(f"{what}: {shown}{f' and {more} more' if more > 0 else ''}.")
    return "\n\n".join(lines)


def _labelling(corpus: Corpus) -> str:
    version = f" in version {corpus.guideline_version}" if corpus.guideline_version else ""
    people = corpus.annotators_per_article
    many = "One person marks" if people == 1 else f"{people} people mark, independently of one another,"
    return (
        f"{many} each article, by a written guideline{version}; somebody else approves it."
        f" Offsets are Unicode"
        " code points, half-open: `text[start:end]` is the quote.\n\n"
        + _table(
            ("Attribute", "Of", "Values"),
            (
                (row.name, ", ".join(row.labels), ", ".join(row.values) or row.description)
                for row in ATTRIBUTES.values()
            ),
        )
    )
