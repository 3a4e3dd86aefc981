"""Masked records: what is said of protected actors, in every field of every record that leaves the house.

A name becomes as many blocks, so that all offsets stay; a protected actor becomes a source without a name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias, cast

from annotations.formats.core import json_text
from annotations.formats.core.interfaces import RegistryNames
from annotations.formats.core.records import (
    Actor,
    Affiliation,
    Alias,
    AnnotationSet,
    Article,
    ArticleRights,
    CarryItem,
    Comment,
    Corpus,
    Merge,
    RegistryEntry,
    RegistryJudgement,
    Revision,
    Span,
    Tombstone,
    Topic,
)
from annotations.text.masking import BLOCK, NameMatcher, Place, mask_ranges

#: The ranges of a text that are masked beside names, by the id of the revision.
Ranges: TypeAlias = Mapping[str, Sequence[tuple[int, int]]]

#: The texts of an article, beside those of its revisions and those that have to be distinct.
_ARTICLE_TEXTS = ("title", "source", "author", "url", "story_key", "excluded_reason")
#: The texts of the rights in an article.
_RIGHTS_TEXTS = ("licence", "licence_url", "holder", "notice")


@dataclass
class RecordMasker:
    """The masking of all records of one file; ``sources`` are the id and the name that an actor gets."""

    names: NameMatcher
    sources: Mapping[str, tuple[str, str]]
    #: Values that have to be distinct, by what they are values of, once they were masked.
    _taken: set[tuple[str, str]] = field(default_factory=set)
    _json: dict[str, str] = field(default_factory=dict)
    #: Those of the JSON texts that hold no name.
    _plain_json: set[str] = field(default_factory=set)
    #: The places of names in the texts of one article, some of which are asked for several times.
    _found: dict[str, Sequence[Place]] = field(default_factory=dict)

    def find_names(self, text: str) -> Sequence[Place]:
        """Return the places of names in a text."""
        if text not in self._found:
            self._found[text] = self.names.find(text)
        return self._found[text]

    def mask_text(self, text: str) -> str:
        """Return a text with blocks in the place of names."""
        places = self.find_names(text)
        return mask_ranges(text, places) if places else text

    def mask_slug(self, text: str) -> str:
        """Return an address or a file name that can hold letters only with letters in the place of names."""
        return self.mask_text(text).replace(BLOCK, "x")

    def mask_json(self, text: str) -> str:
        """Return a JSON text whose strings and keys are masked."""
        if text not in self._json:
            if len(self._json) >= 10_000:
                self._json.clear()
                self._plain_json.clear()
            self._json[text] = self._mask_json(text)
            if self._json[text] == text:
                self._plain_json.add(text)
        return self._json[text]

    def _mask_json(self, text: str) -> str:
        if not self.names.find(text):
            return text
        return json_text.dump_json(self.mask_value(json.loads(text)))

    def mask_value(self, value: object) -> Any:
        """Return a value of JSON whose strings and keys are masked, with the ids of sources."""
        if isinstance(value, str):
            return self.sources[value][0] if value in self.sources else self.mask_text(value)
        if isinstance(value, list):
            return [self.mask_value(item) for item in value]
        if not isinstance(value, dict):
            return value
        masked: dict[str, Any] = {}
        for key, item in value.items():
            name = _distinct(self.mask_text(key), masked) if self.names.find(key) else key
            masked[name] = self.mask_value(item)
        return masked

    def mask_corpus(self, corpus: Corpus) -> Corpus:
        """Return the header of a file."""
        guideline = corpus.guideline and self.mask_text(corpus.guideline)
        return corpus._replace(
            slug=self.mask_slug(corpus.slug), name=self.mask_text(corpus.name),
            description=self.mask_text(corpus.description), guideline=guideline,
        )  # fmt: skip

    def mask_entry(self, entry: RegistryEntry) -> RegistryEntry | None:
        """Return an entry of the registry, or None for one that was merged into a source."""
        if isinstance(entry, Actor):
            return self._mask_actor(entry)
        if isinstance(entry, Topic):
            return entry._replace(name=self._mask_distinct("topic", entry.name))
        return entry._replace(text=self._mask_distinct(f"proposition {entry.kind}", entry.text))

    def _mask_actor(self, actor: Actor) -> Actor | None:
        if actor.id in self.sources:
            if actor.merged_into is not None:
                return None
            id, name = self.sources[actor.id]
            return Actor(id, name, actor.kind, "", None, "", [], None)
        return actor._replace(
            name=self.mask_text(actor.name), parent=self._new_id(actor.parent),
            note=self.mask_text(actor.note), aliases=self._mask_aliases(actor.aliases),
            affiliations=[self._mask_affiliation(row) for row in actor.affiliations],
        )  # fmt: skip

    def _mask_aliases(self, aliases: Iterable[Alias]) -> list[Alias]:
        """Return aliases without those of which nothing is left, and which would be the same."""
        masked = dict.fromkeys(alias._replace(text=self.mask_text(alias.text)) for alias in aliases)
        return [alias for alias in masked if alias.text.strip(f"{BLOCK} ")]

    def _mask_affiliation(self, row: Affiliation) -> Affiliation:
        return row._replace(
            organisation=self._new_id(row.organisation) or "", role=self.mask_text(row.role),
            note=self.mask_text(row.note),
        )  # fmt: skip

    def mask_merge(self, merge: Merge) -> Merge | None:
        """Return a merge, or None for one of which a source is part."""
        if merge.loser in self.sources or merge.winner in self.sources:
            return None
        moved = merge.moved
        return merge._replace(
            reason=self.mask_text(merge.reason),
            moved=moved._replace(
                aliases=self._mask_aliases(moved.aliases), stayed=self._mask_aliases(moved.stayed),
                children=[id for id in moved.children if id not in self.sources],
                affiliates=[id for id in moved.affiliates if id not in self.sources],
            ),
        )  # fmt: skip

    def mask_judgement(self, judgement: RegistryJudgement) -> RegistryJudgement | None:
        """Return a judgement, or None for one on a source: that it looks like another name tells the name."""
        if judgement.left in self.sources or judgement.right in self.sources:
            return None
        return judgement._replace(reason=self.mask_text(judgement.reason))

    def mask_tombstone(self, tombstone: Tombstone) -> Tombstone:
        """Return the trace of an article that was taken down."""
        external_id = tombstone.external_id
        return tombstone._replace(external_id=external_id and self.mask_text(external_id))

    def mask_names(self, names: RegistryNames) -> RegistryNames:
        """Return the names of the entries that articles link to."""
        return RegistryNames(
            {
                self._new_id(id) or id: self.sources[id][1] if id in self.sources else self.mask_text(name)
                for id, name in names.actors.items()
            },
            *({id: self.mask_text(text) for id, text in texts.items()} for texts in names[1:]),
        )

    def mask_article(self, article: Article, ranges: Ranges) -> Article:
        """Return an article in which names and these ranges are masked, with all that cites them.

        One in which there is nothing to mask is returned as it is.
        """
        self._found.clear()
        if not any(ranges.get(row.id) for row in article.revisions) and not self._needs_mask(article):
            return article
        phrases = _phrases(article.revisions, ranges)
        mask = _PhraseMasker(self.find_names, phrases).mask if phrases else self.mask_text
        revisions = [self._mask_revision(row, ranges.get(row.id, ()), mask) for row in article.revisions]
        masked = {row.id: row for row in revisions if row.masked}
        texts = [(name, value) for name in _ARTICLE_TEXTS if (value := getattr(article, name))]
        masked_texts: dict[str, Any] = {name: mask(value) for name, value in texts}
        external_id = article.external_id
        sets = [self._mask_set(row, article.revisions, masked, mask) for row in article.sets]
        return article._replace(
            corpus=self.mask_slug(article.corpus),
            external_id=external_id and self._mask_distinct("external_id", external_id),
            metadata=self.mask_json(article.metadata),
            revisions=revisions,
            sets=sets,
            copies={(span, self._new_id(actor)): number for (span, actor), number in article.copies.items()},
            rights=article.rights and self._mask_rights(article.rights),
            **masked_texts,
        )

    def _mask_rights(self, rights: ArticleRights) -> ArticleRights:
        masked: dict[str, Any] = {name: self.mask_text(getattr(rights, name)) for name in _RIGHTS_TEXTS}
        return rights._replace(**masked)

    def _needs_mask(self, article: Article) -> bool:
        """Return whether anything in an article is a name or a link of a source."""
        texts = [row.text for row in article.revisions]
        texts += [row.reason for row in article.revisions]
        texts += [getattr(article, name) for name in _ARTICLE_TEXTS]
        texts += article.corpus, article.external_id or "", article.metadata
        texts += [getattr(article.rights, name) for name in _RIGHTS_TEXTS] if article.rights else []
        for row in article.sets:
            texts += [text for comment in row.comments for text in _comment_texts(comment)]
            texts += [text for item in row.carry_items for text in (item.quote, item.attributes)]
        if self.names.may_name(texts) and any(map(self.find_names, texts)):
            return True
        items = [item for row in article.sets for item in row.carry_items]
        actors = {span[7] for row in article.sets for span in row.spans} | {item.actor for item in items}
        attributes = {span[6] for row in article.sets for span in row.spans} - self._plain_json
        return (
            not self.sources.keys().isdisjoint(actors)
            or any(self.mask_json(text) != text for text in attributes)
            or any(item.proposal for item in items)
        )

    def _mask_revision(
        self, row: Revision, ranges: Sequence[tuple[int, int]], mask: Callable[[str], str]
    ) -> Revision:
        text = mask_ranges(mask(row.text), ranges)
        row = row._replace(reason=mask(row.reason)) if row.reason else row
        if text == row.text:
            return row
        return row._replace(text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), masked=True)

    def _mask_set(
        self,
        row: AnnotationSet,
        originals: Sequence[Revision],
        masked: Mapping[str, Revision],
        mask: Callable[[str], str],
    ) -> AnnotationSet:
        text = masked[row.revision].text if row.revision in masked else None
        items = [self._mask_item(item, text, originals, masked, mask) for item in row.carry_items]
        return row._replace(
            spans=self._mask_spans(row.spans, text),
            comments=[self._mask_comment(comment, text, mask) for comment in row.comments],
            carry_items=items,
        )

    def _mask_spans(self, spans: Sequence[Span], text: str | None) -> Sequence[Span]:
        """Return spans, which are plain tuples where the database wrote them."""
        sources, mask_json = self.sources, self.mask_json
        if text is None and not any(row[7] in sources or mask_json(row[6]) != row[6] for row in spans):
            return spans
        return [
            Span(
                *row[:5],
                row[5] if text is None else text[row[3] : row[4]],
                mask_json(row[6]),
                self._new_id(row[7]),
                *row[8:],
            )
            for row in spans
        ]

    def _mask_comment(self, comment: Comment, text: str | None, mask: Callable[[str], str]) -> Comment:
        quote = comment.quote
        if quote and comment.start is not None and text is not None:
            quote = text[comment.start : comment.end]
        elif quote:
            quote = mask(quote)
        suggestion = comment.suggestion and self.mask_json(comment.suggestion)
        return comment._replace(text=mask(comment.text), quote=quote, suggestion=suggestion)

    def _mask_item(
        self,
        item: CarryItem,
        text: str | None,
        originals: Sequence[Revision],
        masked: Mapping[str, Revision],
        mask: Callable[[str], str],
    ) -> CarryItem:
        """Return an item of a correction, whose range is one of an earlier text."""
        quote, place = mask(item.quote), item.proposal
        for row in originals:
            if row.id in masked and row.text[item.start : item.end] == item.quote:
                quote = mask_ranges(quote, _blocks(masked[row.id].text[item.start : item.end]))
        if place is not None and text is not None:
            place = (place[0], place[1], text[place[0] : place[1]])
        elif place is not None:
            place = (place[0], place[1], mask(place[2]))
        if item.actor in self.sources:
            quote = BLOCK * len(quote)
            place = place and (place[0], place[1], BLOCK * len(place[2]))
        return item._replace(
            quote=quote, proposal=place, attributes=self.mask_json(item.attributes),
            actor=self._new_id(item.actor),
        )  # fmt: skip

    def _new_id(self, id: str | None) -> str | None:
        return self.sources[id][0] if id is not None and id in self.sources else id

    def _mask_distinct(self, kind: str, value: str) -> str:
        """Return a masked value that no other of its kind has, where it was masked."""
        masked = self.mask_text(value)
        if masked == value:
            return value
        numbers = count(2)
        found = masked
        while (kind, found) in self._taken:
            found = f"{masked} {next(numbers)}"
        self._taken.add((kind, found))
        return found


class _PhraseMasker:
    """The masking of an article in which words that are no name stand for a source."""

    def __init__(self, find_names: Callable[[str], Sequence[Place]], phrases: Iterable[str]) -> None:
        self._find_names = find_names
        self._phrases = NameMatcher([("", phrase) for phrase in phrases])

    def mask(self, text: str) -> str:
        return mask_ranges(text, [*self._find_names(text), *self._phrases.find(text)])


def _comment_texts(comment: Comment) -> tuple[str, ...]:
    return comment.text, comment.quote or "", comment.suggestion or ""


def _phrases(revisions: Iterable[Revision], ranges: Ranges) -> set[str]:
    """Return the words of ranges; a single word, such as a pronoun, can be anybody elsewhere."""
    return {
        row.text[start:end]
        for row in revisions
        for start, end in ranges.get(row.id, ())
        if len(row.text[start:end].split()) > 1
    }


def _blocks(text: str) -> list[tuple[int, int]]:
    return [(at, at + 1) for at, char in enumerate(text) if char == BLOCK]


def _distinct(name: str, taken: Mapping[str, object]) -> str:
    if name not in taken:
        return name
    return next(numbered for number in count(2) if (numbered := f"{name} {number}") not in taken)


def withhold_text(revision: Revision, shown: Sequence[tuple[int, int]] = ()) -> Revision:
    """Return a revision of whose text only some ranges may leave; the checksum is that of the whole."""
    hidden, at = [], 0
    for start, end in sorted(shown):
        hidden.append((at, start))
        at = max(at, end)
    return revision._replace(
        text=mask_ranges(revision.text, [*hidden, (at, len(revision.text))]), withheld=True
    )


def cite_texts(article: Article) -> Article:
    """Return an article whose spans and comments quote its texts as they are now."""
    texts = {row.id: row.text for row in article.revisions}
    return article._replace(
        sets=[
            row._replace(
                spans=_cite_spans(row.spans, texts[row.revision]),
                comments=[_cite_comment(comment, texts[row.revision]) for comment in row.comments],
                carry_items=[_hide_item(item) for item in row.carry_items],
            )
            for row in article.sets
        ]
    )


def _cite_spans(spans: Sequence[Span], text: str) -> Sequence[Span]:
    return cast("Sequence[Span]", [(*row[:5], text[row[3] : row[4]], *row[6:]) for row in spans])


def _cite_comment(comment: Comment, text: str) -> Comment:
    if not comment.quote:
        return comment
    placed = comment.start is not None
    return comment._replace(quote=text[comment.start : comment.end] if placed else BLOCK * len(comment.quote))


def _hide_item(item: CarryItem) -> CarryItem:
    place = item.proposal
    return item._replace(
        quote=BLOCK * len(item.quote), proposal=place and (place[0], place[1], BLOCK * len(place[2]))
    )
