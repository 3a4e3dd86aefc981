"""The rows of a dataset for the Hugging Face Hub: their columns, and the same rows as tokens with tags.

The files of two configurations have them: ``default`` has a row for each set, ``tokens`` one for each line
of its text. In releases, the same two with ``independent`` in their names hold the independent sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from annotations.formats.core.interfaces import Losses
from annotations.formats.core.records import AnnotationSet, Span
from annotations.formats.core.token_layers import LAYER_LOSSES, place_spans
from annotations.formats.core.tokenizer import TokenColumns
from annotations.formats.core.typed_columns import Column, text_columns
from annotations.scheme import ATTRIBUTES, LABEL_NAMES

DEFAULT, TOKENS, INDEPENDENT = "default", "tokens", "independent"
#: The aspect of a file that has the rows of another one, and loses the same.
TWIN = "table"

SPAN_COLUMNS = (
    *text_columns("id", "label"), Column("start", "int32"), Column("end", "int32"),
    *text_columns("text", "actor_id", "actor", "proposition_id", "proposition", *ATTRIBUTES),
)  # fmt: skip
RELATION_COLUMNS = text_columns("id", "type", "source", "target")
ROW_COLUMNS = (
    *text_columns(
        "id", "external_id", "set_id", "state", "annotator", "title", "source", "author", "url", "language",
        "published_at", "story_key", "metadata", "text", "sha256",
    ),
    Column("spans", fields=SPAN_COLUMNS),
    Column("relations", fields=RELATION_COLUMNS),
)  # fmt: skip


def _tag_names(labels: Sequence[str]) -> tuple[str, ...]:
    return ("O", *(f"{prefix}-{label}" for label in labels for prefix in "BI"))


TAGS = _tag_names(LABEL_NAMES)
_LAYER_TAGS = {label: f"{label}_tags" for label in LABEL_NAMES}
TOKEN_COLUMNS = (
    *text_columns("id", "article_id", "set_id"),
    Column("line", "int32"),
    Column("tokens", repeated=True),
    Column("starts", "int32", repeated=True),
    Column("ends", "int32", repeated=True),
    Column("ner_tags", "int64", repeated=True, names=TAGS),
    *(Column(name, "int64", repeated=True, names=_tag_names([label])) for label, name in _LAYER_TAGS.items()),
)
#: What the rows of tokens cannot carry; the rows of sets carry all of it.
TOKEN_LOSSES = {**LAYER_LOSSES, "nested": "spans inside a longer one, which ner_tags has alone"}

ROW_FIELDS = (
    ("`id`, `external_id`", "the article, as we and as its source call it"),
    ("`set_id`, `state`", "the set of marks; null where nobody has marked"),
    ("`annotator`", "who marked, as a number"),
    ("`title`, `source`, `author`, `url`, `language`, `published_at`, `story_key`", "of the article"),
    ("`metadata`", "further facts of the article, as JSON"),
    ("`text`, `sha256`", "the text, and its checksum"),
    ("`spans`", "the marks: id, label, start, end, text, the linked actor or proposition, attributes"),
    ("`relations`", "links between marks: id, type, source, target"),
    ("`tokens`, `starts`, `ends`", "in `tokens`: the tokens of a line of the text, and their offsets in it"),
    ("`ner_tags`", "in `tokens`: a BIO tag for each token; of marks in one another the longest"),
    (", ".join(f"`{name}`" for name in _LAYER_TAGS.values()), "in `tokens`: the tags of one label alone"),
)


class HubConfig(NamedTuple):
    """A configuration of a data card: its columns, and its files by their splits."""

    name: str
    columns: Sequence[Column]
    files: Mapping[str, str]


def token_rows(row: AnnotationSet, tokens: TokenColumns, losses: Losses) -> Iterator[dict[str, Any]]:
    """Yield the lines of a text with the tags of one set; lines without tokens are left out."""
    layers = {"ner_tags": _tag(row.spans, tokens, losses, None)}
    for label, name in _LAYER_TAGS.items():
        layers[name] = _tag([span for span in row.spans if span[2] == label], tokens, losses, label)
    for number, (first, behind) in enumerate(tokens.line_ranges()):
        yield {
            "id": f"{row.id}-{number}",
            "article_id": row.article,
            "set_id": row.id,
            "line": number,
            "tokens": tokens.words[first:behind],
            "starts": tokens.starts[first:behind],
            "ends": tokens.ends[first:behind],
            **{name: tags[first:behind] for name, tags in layers.items()},
        }


def _tag(spans: Sequence[Span], tokens: TokenColumns, losses: Losses, label: str | None) -> list[int]:
    """Return the number of the tag of each token: in the layer of a label, or with None in that of all."""
    tags, found = [0] * len(tokens), Losses()
    for name, runs in place_spans(spans, tokens, found, overlaps="overlaps" if label else "nested"):
        begin = 1 if label else 1 + 2 * LABEL_NAMES.index(name)
        for first, behind in runs:
            tags[first:behind] = [begin, *[begin + 1] * (behind - first - 1)]
    # the layer of all labels has the same blanks, edges and lines as the others
    for what in LAYER_LOSSES if label else ("nested",):
        losses.absorb(found, what)
    return tags
