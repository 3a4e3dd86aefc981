"""The writer of JSONL, the reference format ``standpoint/1``: one JSON object a line, without any loss.

The header, then actors, topics, propositions and articles, each by id. Keys stand in a fixed order,
empty values are null, and the file has no date: the same content is the same bytes. Lines are formatted
by hand, because a general encoder would take most of the time of an export.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

from annotations.formats.base import Dialect, Example, Format, Names, Part, Writer
from annotations.formats.canonical import (
    Attributes,
    array,
    boolean,
    dumps,
    id_or_null,
    metadata,
    number_or_null,
    quoted,
    text_or_null,
    time_or_null,
)
from annotations.formats.jsonl_reader import read_jsonl
from annotations.formats.parse import FORMAT_VERSION, OFFSET_UNIT
from annotations.formats.records import (
    Actor,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Entry,
    Proposition,
    Relation,
    Revision,
    Span,
    Topic,
)


class JsonlWriter(Writer):
    """A writer of everything that is exported."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._attributes = Attributes()

    def _write_line(self, line: str) -> None:
        self.out.write(f"{line}\n".encode())
        self.records += 1

    def corpus(self, corpus: Corpus) -> None:
        """Write the header."""
        about = {**corpus._asdict(), "description": corpus.description or None}
        about["guideline"] = corpus.guideline or None
        self._write_line(
            dumps({"type": "header", "format": FORMAT_VERSION, "corpus": about, "offset_unit": OFFSET_UNIT})
        )

    def entry(self, entry: Entry) -> None:
        """Write a line of the registry."""
        values: dict[str, Any] = {"type": TYPES[type(entry)], **entry._asdict()}
        if isinstance(entry, Actor):
            values["aliases"] = [
                {**alias._asdict(), "language": alias.language or None} for alias in entry.aliases
            ]
        self._write_line(dumps({name: None if value == "" else value for name, value in values.items()}))

    def article(self, article: Article, names: Names) -> None:  # noqa: ARG002
        """Write an article with everything that belongs to it."""
        a, current = article, article.revisions[-1]
        self._write_line(
            f'{{"type": "article", "id": "{a.id}", "corpus": {quoted(a.corpus)}, '
            f'"external_id": {text_or_null(a.external_id)}, "title": {text_or_null(a.title)}, '
            f'"source": {text_or_null(a.source)}, "author": {text_or_null(a.author)}, '
            f'"url": {text_or_null(a.url)}, "language": {text_or_null(a.language)}, '
            f'"published_at": {time_or_null(a.published_at)}, "story_key": {text_or_null(a.story_key)}, '
            f'"metadata": {metadata(a.metadata)}, "annotators": {number_or_null(a.annotators)}, '
            f'"priority": {a.priority}, "excluded_reason": {text_or_null(a.excluded_reason)}, '
            f'"revision": {{"id": "{current.id}", "number": {current.number}, '
            f'"sha256": "{current.sha256}", "length": {len(current.text)}}}, '
            f'"created_at": {time_or_null(a.created_at)}, '
            f'"revisions": {array(map(_format_revision, a.revisions))}, '
            f'"sets": {array(map(self._format_set, a.sets))}}}'
        )

    def _format_set(self, s: AnnotationSet) -> str:
        return (
            f'{{"id": "{s.id}", "article": "{s.article}", "revision": "{s.revision}", '
            f'"owner": {quoted(s.owner)}, "reviewer": {text_or_null(s.reviewer)}, "kind": "{s.kind}", '
            f'"round": "{s.round}", "state": "{s.state}", "version": {s.version}, '
            f'"guideline_version": {number_or_null(s.guideline_version)}, '
            f'"based_on": {id_or_null(s.based_on)}, "due_at": {time_or_null(s.due_at)}, '
            f'"created_at": {time_or_null(s.created_at)}, "submitted_at": {time_or_null(s.submitted_at)}, '
            f'"approved_at": {time_or_null(s.approved_at)}, "spans": {self._format_spans(s.spans)}, '
            f'"relations": {_format_relations(s.relations)}, '
            f'"comments": {array(map(_format_comment, s.comments))}}}'
        )

    def _format_spans(self, spans: Sequence[Span]) -> str:
        """Return the spans as JSON. The hot loop: it runs for every span of a corpus."""
        attributes, quote = self._attributes, quoted
        return array(
            [
                f'{{"id": "{id}", "set": "{set_id}", "label": "{label}", "start": {start}, "end": {end}, '
                f'"quote": {quote(words)}, "attributes": {attributes[facts]}, '
                f'"actor": {"null" if actor is None else _quoted_id(actor)}, '
                f'"proposition": {"null" if proposition is None else _quoted_id(proposition)}, '
                f'"origin": "{origin}", "version": {version}}}'
                for id, set_id, label, start, end, words, facts, actor, proposition, origin, version in spans
            ]
        )


def _quoted_id(id: str) -> str:
    """Return an id in quotation marks."""
    return f'"{id}"'


def _format_revision(revision: Revision) -> str:
    return (
        f'{{"id": "{revision.id}", "number": {revision.number}, "text": {quoted(revision.text)}, '
        f'"sha256": "{revision.sha256}", "reason": {text_or_null(revision.reason)}}}'
    )


def _format_relations(relations: Sequence[Relation]) -> str:
    return array(
        [
            f'{{"id": "{id}", "type": "{type_}", "source": "{source}", "target": "{target}", '
            f'"version": {version}}}'
            for id, _, type_, source, target, version in relations
        ]
    )


def _format_comment(comment: Comment) -> str:
    return (
        f'{{"id": "{comment.id}", "span": {id_or_null(comment.span)}, '
        f'"parent": {id_or_null(comment.parent)}, "author": {quoted(comment.author)}, '
        f'"text": {quoted(comment.text)}, "blocking": {boolean(comment.blocking)}, '
        f'"suggestion": {comment.suggestion or "null"}, '
        f'"resolved_by": {text_or_null(comment.resolved_by)}, '
        f'"resolved_at": {time_or_null(comment.resolved_at)}, '
        f'"created_at": {time_or_null(comment.created_at)}, "version": {comment.version}}}'
    )


class JsonlWithoutTextWriter(Writer):
    """A writer of lines in which every text is null; length and checksum prove a text that is known."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._buffer = io.BytesIO()
        self._jsonl = JsonlWriter(self._buffer, dialect=dialect)
        self.losses = self._jsonl.losses

    def corpus(self, corpus: Corpus) -> None:
        """Write the header."""
        self._jsonl.corpus(corpus)
        self._flush_line(self._buffer.getvalue())

    def entry(self, entry: Entry) -> None:
        """Write a line of the registry."""
        self._jsonl.entry(entry)
        self._flush_line(self._buffer.getvalue())

    def article(self, article: Article, names: Names) -> None:
        """Write an article without its texts."""
        bare = [revision._replace(text="") for revision in article.revisions]
        self._jsonl.article(article._replace(revisions=bare), names)
        line = json.loads(self._buffer.getvalue())
        line["revision"]["length"] = len(article.revisions[-1].text)
        for shown, revision in zip(line["revisions"], article.revisions, strict=True):
            shown["text"] = None
            shown["length"] = len(revision.text)
        self._flush_line(f"{dumps(line)}\n".encode())

    def _flush_line(self, data: bytes) -> None:
        self.out.write(data)
        self.records += 1
        self._buffer.seek(0)
        self._buffer.truncate()


TYPES: dict[type[Entry], str] = {Actor: "actor", Topic: "topic", Proposition: "proposition"}


ROW = Format(
    name="jsonl",
    title="JSON lines, the reference format",
    media_type="application/x-ndjson",
    extension="jsonl",
    tells_empty=True,
    writer=JsonlWriter,
    reader=read_jsonl,
    options=frozenset({"controls"}),
    parts=frozenset({Part.SPANS, Part.RELATIONS, Part.COMMENTS, Part.REGISTRY, Part.TEXTS}),
    endings=(".jsonl", ".ndjson"),
    link_label="Everything, as JSONL",
    without_text=JsonlWithoutTextWriter,
    example=Example(
        {
            "lake.jsonl": '{"external_id": "a1", "text": "Ardenia opposes the lock.", "spans": [{"id": "s1", '
            '"label": "actor", "start": 0, "end": 7, "quote": "Ardenia"}]}'
        },
        "python -c \"import json; [print(json.loads(line)['type']) for line in open('lake.jsonl')]\"",
    ),
)
