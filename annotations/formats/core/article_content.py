"""The revision and the sets of an article that a format with one text for each article can hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotations.enums import State
from annotations.formats.core.csv_stream import read_rows
from annotations.formats.core.interfaces import Losses, Readable
from annotations.formats.core.records import AnnotationSet, Article, Revision
from annotations.text.parsing import format_timestamp

#: The meaning of losses, shared by the formats that hold texts.
REVISIONS_LOSS = "older and newer versions of a text"
SETS_LOSS = "sets beyond the first of an article, the approved one before others, and sets on another text"
COMMENTS_LOSS = "remarks"
METADATA_LOSS = "articles with metadata that have no place in the file"


def select_content(
    article: Article, losses: Losses, *, several: bool = False
) -> tuple[Revision, Sequence[AnnotationSet]]:
    """Return the revision, and the sets on it: the approved one first, and only that unless ``several``.

    The revision is that of the first set, or else the current one. Everything else is counted as a loss.
    """
    sets = article.sets
    if len(sets) > 1:
        sets = sorted(sets, key=lambda row: row.state != State.APPROVED)
    revision = article.revisions[-1]
    if sets and sets[0].revision != revision.id:
        revision = next((row for row in article.revisions if row.id == sets[0].revision), revision)
    taken = [row for row in sets if row.revision == revision.id]
    taken = taken if several else taken[:1]
    if len(article.revisions) > 1:
        losses.add("revisions", [row.id for row in article.revisions if row is not revision])
    if len(taken) < len(sets):
        losses.add("sets", [row.id for row in sets if row not in taken])
    for row in taken:
        if row.comments:
            losses.add("comments", [comment.id for comment in row.comments])
    return revision, taken


INDEX_FILE = "index.csv"
INDEX_COLUMNS = (
    "file", "article_id", "external_id", "title", "source", "author", "url", "language", "published_at",
    "story_key", "revision", "sha256", "length",
)  # fmt: skip
#: The columns of an index that an import takes.
_IMPORTED_COLUMNS = (
    "external_id",
    "title",
    "source",
    "author",
    "url",
    "language",
    "published_at",
    "story_key",
)


def build_index_row(name: str, article: Article, revision: Revision) -> Sequence[Any]:
    """Return the row of a file in the table of contents of an archive."""
    published = "" if article.published_at is None else format_timestamp(article.published_at)
    return (
        name, article.id, article.external_id, article.title, article.source, article.author,
        article.url, article.language, published, article.story_key, revision.number,
        revision.sha256, len(revision.text),
    )  # fmt: skip


def read_index(stream: Readable) -> Mapping[str, Mapping[str, Any]] | None:
    """Return the fields of each file by an index of our own, also one that a spreadsheet has stored again.

    None stands for any other table.
    """
    rows = read_rows(stream)
    header = next(rows, None)
    if header is None or tuple(header.cells) != INDEX_COLUMNS:
        return None
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if row.code:
            return None
        about = dict(zip(INDEX_COLUMNS, row.cells, strict=False))
        found[about["file"]] = {name: about[name] for name in _IMPORTED_COLUMNS if about.get(name)}
    return found


def record_metadata_loss(article: Article, losses: Losses) -> None:
    """Count the article as a loss if it has metadata."""
    if article.metadata != "{}":
        losses.add("metadata", [article.id])


def record_link_losses(sets: Iterable[AnnotationSet], losses: Losses) -> None:
    """Count the spans that are linked to the registry."""
    losses.add("links", [span[0] for row in sets for span in row.spans if span[7] or span[8]])
