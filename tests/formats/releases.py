"""A small release with everything at which readers of datasets have stumbled.

Parts, one of them empty; facts that only the last article has; story keys that are dates, and numbers
with zeros before them; marks in marks; texts that nobody marked; and independent sets beside the gold.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from annotations.formats.core.records import Article, Span
from annotations.formats.release.build_spec import BuildSpec
from annotations.formats.release.bundle import BundleWriter, ReleaseBundle
from annotations.formats.release.splits import Splits
from tests.formats import edge_cases
from tests.formats.edge_cases import ACTOR, ISSUE, NAMES, id_of
from tests.formats.test_formats import ENTRIES, HEADER

FORMATS = ("jsonl", "quotes", "positions", "relations", "huggingface", "labelstudio", "casjson")
TEXT = "Ardenia 🚧 said on 2026-01-01 that the lock leaks.\nLorn opposes the toll.\n"
SHARES = {"train": 60, "validation": 20, "test": 20}
FIRST, SECOND = "2026-01-01T10:00:00+00:00", "2026-01-10T10:00:00+00:00"
#: Everything published before the first border is for training, and nothing comes after the second.
BORDERS = [SECOND, "2026-12-31T00:00:00+00:00"]


def articles() -> list[Article]:
    """Twelve articles for two parts; the last in each has what no other has."""
    return [_article(number) for number in range(1, 13)]


def _article(number: int) -> Article:
    is_last = number in (9, 12)
    own = 1000 * number
    spans = [
        _span(own + 1, "actor", "Ardenia", actor=ACTOR if is_last else None),
        _span(own + 2, "claim", "Ardenia 🚧 said on 2026-01-01 that the lock leaks"),
        _span(own + 3, "claim", "lock", attributes='{"statement_date": "2026-01-01"}'),
        _span(own + 4, "position", "opposes the toll", proposition=ISSUE),
        _span(own + 5, "claim", "2026-01-01"),
    ]
    links = [edge_cases.relation(own + 6, "made_by", own + 2, own + 1)] if is_last else []
    gold = edge_cases.article().sets[0]._replace(
        id=id_of(own), article=id_of(number), revision=id_of(own + 7), owner="person-1", spans=spans,
        relations=links, comments=[],
    )  # fmt: skip
    first = gold._replace(
        id=id_of(own + 8), owner="person-2", state="superseded", spans=spans[:2], relations=[]
    )
    second = first._replace(id=id_of(own + 9), owner="person-3", spans=spans[1:3])
    return edge_cases.article(
        id=id_of(number), external_id=f"00{number}", title="2026-02-03", author="1999-12-31",
        source="2026" if not is_last else "Courier", url="https://example.org/x" if is_last else "",
        language="en", story_key=f"2016-08-{number:02}", metadata='{"b": 1}' if is_last else "{}",
        published_at=datetime(2026, 1, number, 10, tzinfo=UTC),
        revisions=[edge_cases.revision(own + 7, 1, TEXT)], sets=[gold, first, second],
    )  # fmt: skip


def _span(number: int, label: str, words: str, **fields: str | None) -> Span:
    return edge_cases.span(number, label, words, TEXT, **fields)


def recipe(**fields: object) -> BuildSpec:
    """What the small release is made by."""
    values: dict[str, object] = {
        "id": id_of(500), "number": 1, "name": "", "created_at": "2026-03-01T12:00:00Z",
        "software": "standpoint/2", "slug": "lake", "formats": list(FORMATS), "filter": {},
        "include_text": True,
        "splits": Splits("time", SHARES, "", BORDERS), "independent_sets": True, **fields,
    }  # fmt: skip
    return BuildSpec(**values)  # type: ignore[arg-type]


def build(folder: Path, *made_of: Article, **fields: object) -> ReleaseBundle:
    """Write a release into a new folder."""
    folder.mkdir()
    writer = BundleWriter(folder, recipe(**fields))
    writer.write_head(HEADER, ENTRIES)
    for article in made_of or articles():
        writer.write_article(article, NAMES)
    return writer.close()
