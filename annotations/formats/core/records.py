"""The records of an exchange: plain tuples that readers create and writers take.

Ids are strings, as in the file; times are in UTC. An empty text is "" in the record and null in the
file. ``Span.attributes`` and ``Article.metadata`` are JSON texts: hundreds of thousands of spans share a
few hundred of them, which writers parse once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias


class Corpus(NamedTuple):
    """The header of a file. ``guideline``, its version and ``double_share`` are None where it has none."""

    id: str
    slug: str
    name: str
    description: str = ""
    guideline: str | None = None
    guideline_version: int | None = None
    depth: str = "spans"
    annotators_per_article: int = 1
    same_label_overlap: bool = False
    archived: bool = False
    double_share: int | None = None
    most_open: int | None = None
    carry_approval: str = "review"


class Alias(NamedTuple):
    """A spelling or other name of an actor."""

    text: str
    language: str
    kind: str


class Affiliation(NamedTuple):
    """To which organisation an actor belongs, as what, and when; the dates are partial or ""."""

    id: str
    organisation: str
    role: str
    kind: str
    since: str
    until: str
    note: str


class Actor(NamedTuple):
    """A person or body that speaks."""

    id: str
    name: str
    kind: str
    qid: str
    parent: str | None
    note: str
    aliases: Sequence[Alias]
    merged_into: str | None
    affiliations: Sequence[Affiliation] = ()


class Topic(NamedTuple):
    """A subject heading."""

    id: str
    name: str
    merged_into: str | None


class Proposition(NamedTuple):
    """A sentence that one can be for or against (issue), or that is true or false (assertion)."""

    id: str
    topic: str | None
    text: str
    kind: str
    status: str
    merged_into: str | None


class MovedValues(NamedTuple):
    """What moved with a merge, and the aliases that stayed because the winner had them."""

    aliases: Sequence[Alias] = ()
    stayed: Sequence[Alias] = ()
    name_added: bool = False
    children: Sequence[str] = ()
    affiliations: Sequence[str] = ()
    affiliates: Sequence[str] = ()


class Merge(NamedTuple):
    """An entry of the registry, the loser, that was taken into another one and can be parted from it."""

    id: str
    kind: str
    loser: str
    winner: str
    reason: str
    by: str | None
    at: datetime | None
    moved: MovedValues


class RegistryJudgement(NamedTuple):
    """What somebody judged of two entries of the registry that look alike."""

    id: str
    kind: str
    left: str
    right: str
    verdict: str
    reason: str
    by: str | None
    at: datetime | None


class StoryMember(NamedTuple):
    """An article in a story; ``thousandths`` of the smaller text stand in both it and the lead."""

    article: str
    state: str
    thousandths: int


class Story(NamedTuple):
    """Articles that are copies of one text, the lead among them, with what was judged of them."""

    id: str
    lead: str
    is_lead_chosen: bool
    members: Sequence[StoryMember]


class Tombstone(NamedTuple):
    """The trace of an article that was taken down: whoever has a copy of it learns that it is gone."""

    article: str
    external_id: str | None
    at: datetime


class Revision(NamedTuple):
    """A version of a text; ``sha256`` is the checksum of exactly this text.

    In one that is ``masked``, blocks stand in the place of names. Of one that is ``withheld`` only blocks
    and the words of spans are here; the checksum is that of the text that may not leave.
    """

    id: str
    number: int
    text: str
    sha256: str
    reason: str
    masked: bool = False
    withheld: bool = False


class Span(NamedTuple):
    """A labelled range, in code points, half-open."""

    id: str
    set: str
    label: str
    start: int
    end: int
    quote: str
    attributes: str
    actor: str | None
    proposition: str | None
    origin: str
    version: int


class Relation(NamedTuple):
    """A typed link between two spans of a set."""

    id: str
    set: str
    type: str
    source: str
    target: str
    version: int


class Comment(NamedTuple):
    """A comment on a set, a span or words. ``suggestion`` is the JSON text of what it proposes.

    Without ``start`` and ``end``, the ``quote`` is of words that the text does not have any more.
    """

    id: str
    set: str
    span: str | None
    start: int | None
    end: int | None
    quote: str | None
    parent: str | None
    author: str
    text: str
    blocking: bool
    suggestion: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    created_at: datetime | None
    version: int


class CarryOver(NamedTuple):
    """How a set went on from the one that it is based on, on a corrected text; ``counts`` by status."""

    id: str
    counts: Mapping[str, int]
    digest: str
    by: str | None
    at: datetime | None


class WaitingRelation(NamedTuple):
    """A relation that waits for the span of an item; the other end by its id before, and its span now."""

    type: str
    is_source: bool
    old: str
    span: str | None


class CarryItem(NamedTuple):
    """A span that needs a look after a correction, as it was, and what was decided of it."""

    id: str
    carry: str
    status: str
    old_span: str
    label: str
    start: int
    end: int
    quote: str
    proposal: tuple[int, int, str] | None
    attributes: str
    actor: str | None
    proposition: str | None
    relations: Sequence[WaitingRelation]
    comments: Sequence[str]
    decision: str
    by: str | None
    at: datetime | None
    span: str | None


class AnnotationSet(NamedTuple):
    """The annotations of one owner. An imported line may leave out all fields but the spans."""

    id: str
    article: str
    revision: str
    owner: str
    reviewer: str | None
    kind: str
    round: str
    state: str
    version: int
    guideline_version: int | None
    based_on: str | None
    due_at: datetime | None
    created_at: datetime | None
    submitted_at: datetime | None
    approved_at: datetime | None
    spans: Sequence[Span] = ()
    relations: Sequence[Relation] = ()
    comments: Sequence[Comment] = ()
    approved_by: str | None = None
    carry: CarryOver | None = None
    carry_items: Sequence[CarryItem] = ()


class SuggestedSet(NamedTuple):
    """The suggestions of a model, which are never mixed with people's; model and score as the file says."""

    id: str
    model: str
    score: float | None
    spans: Sequence[Span] = ()
    relations: Sequence[Relation] = ()


class ArticleRights(NamedTuple):
    """The terms of the licence of an article, and its embargo; empty ones are as in its corpus.

    ``sent`` names the fields that the file held, because an update changes only those.
    ``taken_down_reason``: why the item of an agency may not be used any more; it is in no file of ours.
    """

    licence: str = ""
    licence_url: str = ""
    holder: str = ""
    notice: str = ""
    may_export_text: str = ""
    max_quote_share: float | None = None
    may_send_out: bool | None = None
    embargo_until: datetime | None = None
    sent: frozenset[str] = frozenset()
    taken_down_reason: str = ""

    def terms(self) -> dict[str, Any]:
        """Return the terms and the embargo by their names."""
        return {name: getattr(self, name) for name in TERM_FIELDS}


#: The fields of the rights that files hold, in their order.
TERM_FIELDS = ArticleRights._fields[:-2]


class Article(NamedTuple):
    """An article with all its revisions, the current one last, and with its sets.

    ``sent`` names the fields that the file held, because an update changes only those. ``copies`` says of the
    statements that stand in copies of the article, too, in how many of them, by span and actor: None where
    another article stands for it.
    """

    id: str
    corpus: str
    external_id: str | None
    title: str
    source: str
    author: str
    url: str
    language: str
    published_at: datetime | None
    story_key: str
    metadata: str
    annotators: int | None
    priority: int
    excluded_reason: str
    created_at: datetime | None
    revisions: Sequence[Revision]
    sets: Sequence[AnnotationSet]
    sent: frozenset[str] = frozenset()
    suggestions: Sequence[SuggestedSet] = ()
    copies: Mapping[tuple[str, str | None], int | None] = {}
    rights: ArticleRights | None = None

    def is_copy(self, span: str, actor: str | None) -> bool:
        """Return whether another article of the story stands for a statement."""
        return self.copies.get((span, actor), 0) is None


RegistryEntry: TypeAlias = Actor | Topic | Proposition
RegistryRecord: TypeAlias = RegistryEntry | Merge | RegistryJudgement
Record: TypeAlias = Corpus | RegistryRecord | Article | Story | Tombstone
