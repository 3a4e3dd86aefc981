"""The workload: generated news articles with spans and relations, the same for the same seed.

An article has about 3,600 code points, 30 spans and 20 relations, typographic quotes and sometimes an
emoji. All names and words are made of random syllables.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

_SYLLABLES = (
    "ba", "dor", "el", "fin", "ga", "hul", "im", "ka", "lo", "mer", "nu", "or", "pe", "qui", "ras", "sel",
    "tan", "ul", "ven", "wi", "xa", "yor", "zé", "må", "lün", "ço", "the", "an", "ir", "os",
)  # fmt: skip
_TITLES = ("the mayor", "the harbour office", "the minister", "a spokesperson", "the council", "the union")
_SAYS = ("said that", "announced that", "denied that", "warned that", "expects that")
_STANDS = ("is opposed to", "supports", "is still undecided about", "campaigned against")
_EMOJI = ("📰", "⚖️", "👩🏽‍⚖️", "🌊")

_CLAIM_TYPES = ("assertion", "evaluation", "demand", "announcement", "prediction")
_STANCES = ("oppose", "support", "undecided", "mixed")
_SOURCES = ("Lünor Post", "Tanvé Herald", "Yorsel Gazette", "Merka Today")

#: The time in the ids of the workload, in milliseconds; the current time would change them.
_START_MS = 1_750_000_000_000


class Span(NamedTuple):
    """A span, in code points."""

    id: UUID
    label: str
    start: int
    end: int
    quote: str
    attributes: dict[str, str]


class Relation(NamedTuple):
    """A relation between two spans of one article."""

    id: UUID
    type: str
    source: UUID
    target: UUID


@dataclass(frozen=True)
class Article:
    """An article of the workload."""

    id: UUID
    external_id: str
    title: str
    source: str
    published_at: str
    text: str
    spans: tuple[Span, ...]
    relations: tuple[Relation, ...]

    def to_line(self) -> bytes:
        """Return the article as a line of the import format."""
        values: dict[str, Any] = {
            "type": "article",
            "external_id": self.external_id,
            "title": self.title,
            "source": self.source,
            "language": "en",
            "published_at": self.published_at,
            "metadata": {"desk": "politics", "words": self.text.count(" ") + 1},
            "text": self.text,
            "spans": [{**span._asdict(), "id": str(span.id)} for span in self.spans],
            "relations": [
                {**each._asdict(), "id": str(each.id), "source": str(each.source), "target": str(each.target)}
                for each in self.relations
            ],
        }
        return json.dumps(values, ensure_ascii=False).encode() + b"\n"


@dataclass
class _Generator:
    """A generator of articles; all randomness comes from one seeded source."""

    random: random.Random
    ids: int = 0
    parts: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[Span] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)

    def new_id(self) -> UUID:
        """Return a UUID of version 7; 1,000 are made within each millisecond."""
        self.ids += 1
        stamp = _START_MS + self.ids // 1000
        value = stamp << 80 | 0x7 << 76 | (self.ids % 1000) << 64 | 0b10 << 62 | self.random.getrandbits(62)
        return UUID(int=value)

    def random_word(self) -> str:
        return "".join(self.random.choices(_SYLLABLES, k=self.random.randint(1, 4)))

    def random_words(self, least: int, most: int) -> str:
        return " ".join(self.random_word() for _ in range(self.random.randint(least, most)))

    def append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def append_span(self, label: str, quote: str, attributes: dict[str, str]) -> Span:
        """Append words to the text, and a span over them."""
        span = Span(self.new_id(), label, self.length, self.length + len(quote), quote, attributes)
        self.append(quote)
        self.spans.append(span)
        return span

    def add_relation(self, type_: str, source: Span, target: Span) -> None:
        self.relations.append(Relation(self.new_id(), type_, source.id, target.id))

    def append_actor(self) -> Span:
        if self.random.random() < 0.4:
            title = self.random.choice(_TITLES)
            return self.append_span("actor", title, {"mention_type": "description", "role_text": title})
        name = f"{self.random_word().capitalize()} {self.random_word().capitalize()}"
        return self.append_span("actor", name, {"mention_type": "name"})

    def append_claim(self) -> Span:
        direct = self.random.random() < 0.5
        attributes = {
            "claim_type": self.random.choice(_CLAIM_TYPES),
            "mode": "direct" if direct else "indirect",
            "attribution": "named",
            "certainty": "certain",
        }
        self.append(f" {self.random.choice(_SAYS)} " + ("“" if direct else ""))
        span = self.append_span("claim", self.random_words(6, 12), attributes)
        self.append(".” " if direct else ". ")
        return span

    def append_position(self) -> Span:
        stands = self.random.randrange(len(_STANDS))
        attributes = {"stance": _STANCES[stands], "basis": "stated", "attribution": "named"}
        self.append(" ")
        span = self.append_span("position", f"{_STANDS[stands]} {self.random_words(3, 6)}", attributes)
        self.append(". ")
        return span

    def append_statement(self) -> None:
        """Append a sentence with a claim or a position of an actor, and two sentences without spans."""
        actor = self.append_actor()
        is_claim = self.random.random() < 0.67
        said = self.append_claim() if is_claim else self.append_position()
        self.add_relation("made_by" if is_claim else "held_by", said, actor)
        if len(self.spans) > 2 and self.random.random() < 0.37:
            self.add_relation("about", said, self.spans[0])
        for _ in range(2):
            self.append(
                f"{self.random_words(6, 12).capitalize()} — {self.random_word()}’s {self.random_word()}. "
            )
        if self.random.random() < 0.1:
            self.append(f"{self.random.choice(_EMOJI)} ")
        if self.random.random() < 0.4:
            self.append("\n\n")

    def generate_article(self, number: int) -> Article:
        self.parts, self.length, self.spans, self.relations = [], 0, [], []
        for _ in range(self.random.randint(13, 17)):
            self.append_statement()
        return Article(
            id=self.new_id(),
            external_id=f"article-{number:06}",
            title=f"{self.random_words(3, 8).capitalize()} “{self.random_word()}”",
            source=self.random.choice(_SOURCES),
            published_at=f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T08:{number % 60:02}:00Z",
            text="".join(self.parts),
            spans=tuple(self.spans),
            relations=tuple(self.relations),
        )


def generate_articles(count: int, *, seed: int = 1) -> Iterator[Article]:
    """Return ``count`` articles; another seed makes others, with other ids."""
    generator = _Generator(random.Random(seed))
    return (generator.generate_article(number) for number in range(count))


def span_values(span: Span, set_id: UUID) -> tuple[Any, ...]:
    """Return a span as a row of its table, in the order of ``SPAN_COLUMNS``."""
    attributes = json.dumps(span.attributes)
    return (
        span.id, set_id, span.label, span.start, span.end, span.quote, attributes, None, None, "import", 1,
    )  # fmt: skip


SPAN_COLUMNS = (
    "id", "set_id", "label", "start", "end", "quote", "attributes", "actor_id", "proposition_id", "origin",
    "version",
)  # fmt: skip


@dataclass(frozen=True)
class WorkloadFile:
    """A file of the workload, with its size and the number of articles and spans."""

    path: Path
    articles: int
    spans: int
    size: int


def write_workload(path: Path, count: int, *, seed: int = 1) -> WorkloadFile:
    """Write the articles as a file for the import."""
    spans = size = 0
    with path.open("wb") as file:
        for article in generate_articles(count, seed=seed):
            spans += len(article.spans)
            size += file.write(article.to_line())
    return WorkloadFile(path, count, spans, size)
