"""The writer of JSONL, the reference format ``standpoint/1``: one JSON object a line, without any loss.

The header, then actors, topics, propositions, merges and articles, each by id. Keys stand in a fixed order,
empty values are null, and the file has no date: the same content is the same bytes. Lines are formatted
by hand, because a general encoder would take most of the time of an export.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import IO, Any

from annotations.formats.core.interfaces import (
    ANNOTATED_TEXTS,
    Dialect,
    Example,
    Format,
    RecordSection,
    RegistryNames,
    Writer,
)
from annotations.formats.core.json_text import (
    CanonicalAttributes,
    canonical_metadata,
    dump_json,
    id_or_null,
    json_array,
    json_boolean,
    number_or_null,
    quote_json,
    string_or_null,
    time_or_null,
)
from annotations.formats.core.record_parser import FORMAT_VERSION, OFFSET_UNIT
from annotations.formats.core.records import (
    Actor,
    Alias,
    AnnotationSet,
    Article,
    ArticleRights,
    CarryItem,
    CarryOver,
    Comment,
    Corpus,
    Merge,
    Proposition,
    RegistryEntry,
    RegistryJudgement,
    Relation,
    Revision,
    Span,
    Story,
    Tombstone,
    Topic,
)
from annotations.formats.readers.jsonl import read_jsonl
from annotations.text.parsing import format_timestamp


class JsonlWriter(Writer):
    """A writer of everything that is exported."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._attributes = CanonicalAttributes()

    def _write_line(self, line: str) -> None:
        self.out.write(f"{line}\n".encode())
        self.records += 1

    def write_corpus(self, corpus: Corpus) -> None:
        """Write the header."""
        about = {**corpus._asdict(), "description": corpus.description or None}
        about["guideline"] = corpus.guideline or None
        self._write_line(
            dump_json(
                {"type": "header", "format": FORMAT_VERSION, "corpus": about, "offset_unit": OFFSET_UNIT}
            )
        )

    def write_entry(self, entry: RegistryEntry) -> None:
        """Write a line of the registry."""
        values: dict[str, Any] = {"type": ENTRY_TYPES[type(entry)], **entry._asdict()}
        if isinstance(entry, Actor):
            values["aliases"] = [_alias_values(alias) for alias in entry.aliases]
            values["affiliations"] = [_without_empty(row._asdict()) for row in entry.affiliations]
        self._write_line(dump_json(_without_empty(values)))

    def write_merge(self, merge: Merge) -> None:
        """Write a line of a merge."""
        moved = merge.moved._asdict()
        for name in ("aliases", "stayed"):
            moved[name] = [_alias_values(alias) for alias in moved[name]]
        at = None if merge.at is None else format_timestamp(merge.at)
        values = {**merge._asdict(), "reason": merge.reason or None, "at": at, "moved": moved}
        self._write_line(dump_json({"type": "merge", **values}))

    def write_judgement(self, judgement: RegistryJudgement) -> None:
        """Write a line of what was judged of two entries."""
        at = None if judgement.at is None else format_timestamp(judgement.at)
        values = {**judgement._asdict(), "reason": judgement.reason or None, "at": at}
        self._write_line(dump_json({"type": "judgement", **values}))

    def write_story(self, story: Story) -> None:
        """Write a line of a story."""
        values = {**story._asdict(), "members": [member._asdict() for member in story.members]}
        self._write_line(dump_json({"type": "story", **values}))

    def write_tombstone(self, tombstone: Tombstone) -> None:
        """Write a line that says that an article was taken down."""
        values = {**tombstone._asdict(), "at": format_timestamp(tombstone.at)}
        self._write_line(dump_json({"type": "tombstone", **values}))

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write an article with everything that belongs to it."""
        a, current = article, article.revisions[-1]
        self._write_line(
            f'{{"type": "article", "id": "{a.id}", "corpus": {quote_json(a.corpus)}, '
            f'"external_id": {string_or_null(a.external_id)}, "title": {string_or_null(a.title)}, '
            f'"source": {string_or_null(a.source)}, "author": {string_or_null(a.author)}, '
            f'"url": {string_or_null(a.url)}, "language": {string_or_null(a.language)}, '
            f'"published_at": {time_or_null(a.published_at)}, "story_key": {string_or_null(a.story_key)}, '
            f'"metadata": {canonical_metadata(a.metadata)}, "annotators": {number_or_null(a.annotators)}, '
            f'"priority": {a.priority}, "excluded_reason": {string_or_null(a.excluded_reason)}, '
            f'{_format_rights(a.rights)}"revision": {{"id": "{current.id}", "number": {current.number}, '
            f'"sha256": "{current.sha256}", "length": {len(current.text)}}}, '
            f'"created_at": {time_or_null(a.created_at)}, '
            f'"revisions": {json_array(map(_format_revision, a.revisions))}, '
            f'"sets": {json_array(map(self._format_set, a.sets))}}}'
        )

    def _format_set(self, s: AnnotationSet) -> str:
        return (
            f'{{"id": "{s.id}", "article": "{s.article}", "revision": "{s.revision}", '
            f'"owner": {quote_json(s.owner)}, "reviewer": {string_or_null(s.reviewer)}, "kind": "{s.kind}", '
            f'"round": "{s.round}", "state": "{s.state}", "version": {s.version}, '
            f'"guideline_version": {number_or_null(s.guideline_version)}, '
            f'"based_on": {id_or_null(s.based_on)}, "due_at": {time_or_null(s.due_at)}, '
            f'"created_at": {time_or_null(s.created_at)}, "submitted_at": {time_or_null(s.submitted_at)}, '
            f'"approved_at": {time_or_null(s.approved_at)}, '
            f'"approved_by": {string_or_null(s.approved_by)}, "spans": {self._format_spans(s.spans)}, '
            f'"relations": {_format_relations(s.relations)}, '
            f'"comments": {json_array(map(_format_comment, s.comments))}, '
            f'"carry": {_format_carry(s.carry)}, '
            f'"carry_items": {json_array(map(self._format_item, s.carry_items))}}}'
        )

    def _format_item(self, item: CarryItem) -> str:
        values: dict[str, Any] = {**item._asdict(), "proposal": None, "decision": item.decision or None}
        if item.proposal is not None:
            values["proposal"] = dict(zip(("start", "end", "quote"), item.proposal, strict=True))
        values["attributes"] = json.loads(self._attributes[item.attributes])
        values["relations"] = [link._asdict() for link in item.relations]
        values["at"] = None if item.at is None else format_timestamp(item.at)
        return dump_json(values)

    def _format_spans(self, spans: Sequence[Span]) -> str:
        """Return the spans as JSON. The hot loop: it runs for every span of a corpus."""
        attributes, quote = self._attributes, quote_json
        return json_array(
            [
                f'{{"id": "{id}", "set": "{set_id}", "label": "{label}", "start": {start}, "end": {end}, '
                f'"quote": {quote(words)}, "attributes": {attributes[facts]}, '
                f'"actor": {"null" if actor is None else _quoted_id(actor)}, '
                f'"proposition": {"null" if proposition is None else _quoted_id(proposition)}, '
                f'"origin": "{origin}", "version": {version}}}'
                for id, set_id, label, start, end, words, facts, actor, proposition, origin, version in spans
            ]
        )


def _alias_values(alias: Alias) -> dict[str, Any]:
    return {**alias._asdict(), "language": alias.language or None}


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Return an object in which null stands for an empty text."""
    return {name: None if value == "" else value for name, value in values.items()}


def _quoted_id(id: str) -> str:
    """Return an id in quotation marks."""
    return f'"{id}"'


def _format_rights(rights: ArticleRights | None) -> str:
    """Return the member of the rights; nothing where all terms are those of the corpus.

    The files of older releases, which knew no rights, stay the same to the byte.
    """
    if rights is None:
        return ""
    values = rights.terms()
    until = values["embargo_until"]
    values["embargo_until"] = None if until is None else format_timestamp(until)
    return f'"rights": {dump_json(_without_empty(values))}, '


def _format_revision(revision: Revision) -> str:
    """Return a revision as JSON; one whose text is withheld has its length in the place of it."""
    text = "null" if revision.withheld else quote_json(revision.text)
    length = f', "length": {len(revision.text)}' if revision.withheld else ""
    masked = ', "masked": true' if revision.masked else ""
    return (
        f'{{"id": "{revision.id}", "number": {revision.number}, "text": {text}, '
        f'"sha256": "{revision.sha256}", "reason": {string_or_null(revision.reason)}{length}{masked}}}'
    )


def _format_relations(relations: Sequence[Relation]) -> str:
    return json_array(
        [
            f'{{"id": "{id}", "type": "{type_}", "source": "{source}", "target": "{target}", '
            f'"version": {version}}}'
            for id, _, type_, source, target, version in relations
        ]
    )


def _format_comment(comment: Comment) -> str:
    return (
        f'{{"id": "{comment.id}", "span": {id_or_null(comment.span)}, '
        f'"start": {number_or_null(comment.start)}, "end": {number_or_null(comment.end)}, '
        f'"quote": {string_or_null(comment.quote)}, '
        f'"parent": {id_or_null(comment.parent)}, "author": {quote_json(comment.author)}, '
        f'"text": {quote_json(comment.text)}, "blocking": {json_boolean(comment.blocking)}, '
        f'"suggestion": {comment.suggestion or "null"}, '
        f'"resolved_by": {string_or_null(comment.resolved_by)}, '
        f'"resolved_at": {time_or_null(comment.resolved_at)}, '
        f'"created_at": {time_or_null(comment.created_at)}, "version": {comment.version}}}'
    )


def _format_carry(carry: CarryOver | None) -> str:
    if carry is None:
        return "null"
    at = None if carry.at is None else format_timestamp(carry.at)
    return dump_json({**carry._asdict(), "at": at})


class JsonlWithoutTextWriter(Writer):
    """A writer of lines in which every text is null; length and checksum prove a text that is known."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._buffer = io.BytesIO()
        self._jsonl = JsonlWriter(self._buffer, dialect=dialect)
        self.losses = self._jsonl.losses

    def write_corpus(self, corpus: Corpus) -> None:
        """Write the header."""
        self._jsonl.write_corpus(corpus)
        self._flush_line(self._buffer.getvalue())

    def write_entry(self, entry: RegistryEntry) -> None:
        """Write a line of the registry."""
        self._jsonl.write_entry(entry)
        self._flush_line(self._buffer.getvalue())

    def write_merge(self, merge: Merge) -> None:
        """Write a line of a merge."""
        self._jsonl.write_merge(merge)
        self._flush_line(self._buffer.getvalue())

    def write_judgement(self, judgement: RegistryJudgement) -> None:
        """Write a line of what was judged of two entries."""
        self._jsonl.write_judgement(judgement)
        self._flush_line(self._buffer.getvalue())

    def write_story(self, story: Story) -> None:
        """Write a line of a story."""
        self._jsonl.write_story(story)
        self._flush_line(self._buffer.getvalue())

    def write_tombstone(self, tombstone: Tombstone) -> None:
        """Write a line that says that an article was taken down."""
        self._jsonl.write_tombstone(tombstone)
        self._flush_line(self._buffer.getvalue())

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write an article without its texts."""
        bare = [revision._replace(text="") for revision in article.revisions]
        self._jsonl.write_article(article._replace(revisions=bare), names)
        line = json.loads(self._buffer.getvalue())
        line["revision"]["length"] = len(article.revisions[-1].text)
        for shown, revision in zip(line["revisions"], article.revisions, strict=True):
            shown["text"] = None
            shown["length"] = len(revision.text)
        self._flush_line(f"{dump_json(line)}\n".encode())

    def _flush_line(self, data: bytes) -> None:
        self.out.write(data)
        self.records += 1
        self._buffer.seek(0)
        self._buffer.truncate()


ENTRY_TYPES: dict[type[RegistryEntry], str] = {Actor: "actor", Topic: "topic", Proposition: "proposition"}


FORMAT = Format(
    name="jsonl",
    title="JSON lines, the reference format",
    media_type="application/x-ndjson",
    extension="jsonl",
    tells_empty=True,
    keeps_merges=True,
    writer=JsonlWriter,
    reader=read_jsonl,
    reader_options=frozenset({"controls"}),
    sections=ANNOTATED_TEXTS | {RecordSection.REGISTRY, RecordSection.CORRECTIONS, RecordSection.RIGHTS},
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
