"""The frozen records of a release, packed so that they can be restored exactly.

A chunk holds the names that its articles link to, then the articles, one JSON array on each line,
compressed. The readable files of a release are made from chunks.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from annotations.formats.core.interfaces import RegistryNames
from annotations.formats.core.records import (
    Actor,
    Affiliation,
    Alias,
    AnnotationSet,
    Article,
    ArticleRights,
    Corpus,
    Merge,
    MovedValues,
    Proposition,
    RegistryEntry,
    Revision,
    Tombstone,
    Topic,
)

_LEVEL = 3
_ENTRY_TYPES: dict[str, type[RegistryEntry]] = {"actor": Actor, "topic": Topic, "proposition": Proposition}
_ENTRY_NAMES: dict[type[RegistryEntry], str] = {kind: name for name, kind in _ENTRY_TYPES.items()}
#: The indexes of times in the arrays.
_ARTICLE_TIMES = tuple(Article._fields.index(name) for name in ("published_at", "created_at"))
_SET_TIMES = tuple(
    AnnotationSet._fields.index(name) for name in ("due_at", "created_at", "submitted_at", "approved_at")
)
_MERGE = "merge"
_MERGE_TIMES = (Merge._fields.index("at"),)
_TOMBSTONE = "tombstone"
_TOMBSTONE_TIMES = (Tombstone._fields.index("at"),)
#: The number of fields that every revision is stored with; the others, where the gate has changed it.
_REVISION_FIELDS = Revision._fields.index("masked")
_REVISIONS, _SETS = Article._fields.index("revisions"), Article._fields.index("sets")
#: The number of fields that are stored with every article. Its own rights stand behind them, if it has any;
#: copies are with the names.
_STORED_FIELDS = _SETS + 1
_RIGHTS_TIMES = (ArticleRights._fields.index("embargo_until"),)

#: ``[id, digest]`` of each record.
RecordDigests: TypeAlias = list[list[str]]


class PackedChunk(NamedTuple):
    """A chunk as it is stored."""

    data: bytes
    sha256: str
    digests: RecordDigests


class FrozenHead(NamedTuple):
    """What stands before the articles: the corpus, its registry with merges, and what was taken down."""

    corpus: Corpus
    entries: list[RegistryEntry]
    merges: list[Merge]
    tombstones: list[Tombstone]


def pack_head(
    corpus: Corpus,
    entries: Iterable[RegistryEntry],
    merges: Iterable[Merge] = (),
    tombstones: Iterable[Tombstone] = (),
) -> PackedChunk:
    """Pack the corpus, its registry, merges and tombstones; the last two are not compared by themselves."""
    rows = [("", _dump(corpus))]
    rows += [(entry.id, _dump([_ENTRY_NAMES[type(entry)], *entry])) for entry in entries]
    rows += [("", _dump([_MERGE, *merge])) for merge in merges]
    rows += [("", _dump([_TOMBSTONE, *tombstone])) for tombstone in tombstones]
    return _pack_lines(rows)


def unpack_head(data: bytes) -> FrozenHead:
    """Return the corpus, its registry, the merges in it, and the tombstones."""
    first, *rest = _unpack_lines(data)
    entries: list[RegistryEntry] = []
    merges: list[Merge] = []
    tombstones: list[Tombstone] = []
    for kind, *values in rest:
        if kind == _MERGE:
            merges.append(_unpack_merge(values))
            continue
        if kind == _TOMBSTONE:
            tombstones.append(Tombstone(*_restore_times(values, _TOMBSTONE_TIMES)))
            continue
        entry = _ENTRY_TYPES[kind](*values)
        if isinstance(entry, Actor):
            entry = entry._replace(
                aliases=[Alias(*alias) for alias in entry.aliases],
                affiliations=[Affiliation(*row) for row in entry.affiliations],
            )
        entries.append(entry)
    return FrozenHead(Corpus(*first), entries, merges, tombstones)


def _unpack_merge(values: list[Any]) -> Merge:
    merge = Merge(*_restore_times(values, _MERGE_TIMES))
    moved = MovedValues(*merge.moved)
    aliases, stayed = ([Alias(*alias) for alias in some] for some in (moved.aliases, moved.stayed))
    return merge._replace(moved=moved._replace(aliases=aliases, stayed=stayed))


def pack_articles(articles: Iterable[Article], names: RegistryNames) -> PackedChunk:
    """Pack articles, and the names of the entries that their spans link to.

    What copies of an article say is none of its content, by which releases are compared.
    """
    listed = list(articles)
    copies = {
        article.id: [[*statement, number] for statement, number in article.copies.items()]
        for article in listed
        if article.copies
    }
    rows = [("", _dump([*names, copies] if copies else names))]
    rows += [(article.id, _dump(_stored_fields(article))) for article in listed]
    return _pack_lines(rows)


def _stored_fields(article: Article) -> tuple[object, ...]:
    """Return the fields of an article as they are stored; what is as it always was has no new field."""
    revisions = [row if row.masked or row.withheld else row[:_REVISION_FIELDS] for row in article.revisions]
    rights = () if article.rights is None else (list(article.rights.terms().values()),)
    return (*article[:_REVISIONS], revisions, *article[_REVISIONS + 1 : _STORED_FIELDS], *rights)


def unpack_articles(data: bytes) -> Iterator[tuple[Article, RegistryNames]]:
    """Yield the articles, each with the names of its chunk."""
    first, *rest = _unpack_lines(data)
    count = len(RegistryNames._fields)
    names, copies = RegistryNames(*first[:count]), first[count] if len(first) > count else {}
    for row in rest:
        _restore_times(row, _ARTICLE_TIMES)
        row[_REVISIONS] = [Revision(*revision) for revision in row[_REVISIONS]]
        row[_SETS] = [AnnotationSet(*_restore_times(one, _SET_TIMES)) for one in row[_SETS]]
        article = Article(*row[:_STORED_FIELDS])
        shared = {(span, actor): number for span, actor, number in copies.get(article.id, ())}
        rights = [ArticleRights(*_restore_times(terms, _RIGHTS_TIMES)) for terms in row[_STORED_FIELDS:]]
        yield article._replace(copies=shared, rights=rights[0] if rights else None), names


def drop_article(data: bytes, article_id: str) -> PackedChunk:
    """Return a chunk without an article and what its copies said; every other record is unchanged."""
    names, *lines = zlib.decompress(data).decode().split("\n")
    head = json.loads(names)
    count = len(RegistryNames._fields)
    if len(head) > count:
        head[count].pop(article_id, None)
    rows = [("", _dump(head if len(head) == count or head[count] else head[:count]))]
    rows += [(id, line) for line in lines if (id := json.loads(line)[0]) != article_id]
    return _pack_lines(rows)


def _pack_lines(rows: Sequence[tuple[str, str]]) -> PackedChunk:
    data = zlib.compress("\n".join(line for _, line in rows).encode(), _LEVEL)
    index = [[id, hashlib.sha256(line.encode()).hexdigest()[:32]] for id, line in rows if id]
    return PackedChunk(data, hashlib.sha256(data).hexdigest(), index)


def _unpack_lines(data: bytes) -> list[Any]:
    # JSON escapes line ends, so each of these ends a record
    return [json.loads(line) for line in zlib.decompress(data).decode().split("\n")]


def _restore_times(row: list[Any], places: Sequence[int]) -> list[Any]:
    for place in places:
        if row[place] is not None:
            row[place] = datetime.fromisoformat(row[place])
    return row


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=datetime.isoformat)
