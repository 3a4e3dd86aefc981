"""What corrections of texts left behind, as a restore stores it: carry-overs, and the spans to look at."""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from annotations.formats.core import records
from annotations.formats.core.value_checks import is_uuid
from annotations.services.exchange.imports.context import ImportContext, RegistryLink, uuid5_text

Links = Mapping[str, RegistryLink]

CARRY_OVER_COLUMNS = (
    "id", "article_id", "from_revision_id", "to_revision_id", "from_set_id", "to_set_id", "counts", "digest",
    "by_id", "at",
)  # fmt: skip
CARRY_ITEM_COLUMNS = (
    "id", "carry_id", "set_id", "status", "old_span", "label", "start", "end", "quote", "proposal_start",
    "proposal_end", "proposal_quote", "attributes", "actor_id", "proposition_id", "relations", "comments",
    "decision", "by_id", "at", "span_id",
)  # fmt: skip

Row = tuple[Any, ...]


@dataclass(frozen=True)
class StoredIds:
    """The stored ids of the records of one article by the ids of its line; spans by their sets."""

    article: str
    revisions: Mapping[str, str]
    sets: Mapping[str, str]
    spans: Mapping[str, Mapping[str, str]]
    comments: Mapping[str, str]

    @cached_property
    def _all_spans(self) -> Mapping[str, str]:
        return ChainMap(*(dict(ids) for ids in self.spans.values()))

    def find_old_span(self, sent: str) -> str:
        """Return the id of a span of an earlier set, which may be gone."""
        found = self._all_spans.get(sent)
        return found or (sent if is_uuid(sent) else uuid5_text(UUID(self.article).bytes, sent))


def drop_unknown_bases(
    sets: Sequence[records.AnnotationSet],
) -> tuple[list[records.AnnotationSet], list[tuple[str, list[str]]]]:
    """Return the sets without what names sets that the file lacks, and the losses.

    An export of approved sets leaves out what they are based on, and with it what a correction carried over.
    """
    here = {row.id for row in sets}
    based = [row for row in sets if row.based_on is not None and row.based_on not in here]
    without_base = {row.id for row in based} | {row.id for row in sets if row.based_on is None}
    carries = {row.carry.id for row in sets if row.carry is not None and row.id not in without_base}
    losses = [
        ("based_on", [row.id for row in based]),
        ("carry", [row.id for row in sets if row.carry is not None and row.carry.id not in carries]),
        (
            "carry_items",
            [item.id or row.id for row in sets for item in row.carry_items if item.carry not in carries],
        ),
    ]
    found = []
    for row in sets:
        items = [item for item in row.carry_items if item.carry in carries]
        carry = row.carry if row.carry is not None and row.carry.id in carries else None
        base = row.based_on if row.based_on in here else None
        found.append(row._replace(based_on=base, carry=carry, carry_items=items))
    return found, losses


@dataclass(frozen=True)
class CarryRows:
    """The rows of one article: what its sets come from, and what waits in them."""

    context: ImportContext
    ids: StoredIds
    actors: Links
    propositions: Links

    def carry_over(
        self, id: str, carry: records.CarryOver, *, base: records.AnnotationSet, row: records.AnnotationSet
    ) -> Row:
        """Return the row of how a set went on from another one, its base."""
        ids = self.ids
        return (
            id, ids.article, ids.revisions[base.revision], ids.revisions[row.revision], ids.sets[base.id],
            ids.sets[row.id], json.dumps(dict(carry.counts)), carry.digest, self._find_user(carry.by),
            carry.at or self.context.now,
        )  # fmt: skip

    def item(self, id: str, item: records.CarryItem, row: records.AnnotationSet, carry_id: str) -> Row:
        """Return the row of a span that needs a look."""
        ids, here = self.ids, self.ids.spans[row.id]
        relations = [
            {
                "type": link.type,
                "is_source": link.is_source,
                "old": ids.find_old_span(link.old),
                "span": here.get(link.span) if link.span else None,
            }
            for link in item.relations
        ]
        comments = [ids.comments[comment] for comment in item.comments if comment in ids.comments]
        return (
            id, carry_id, ids.sets[row.id], item.status, ids.find_old_span(item.old_span), item.label,
            item.start, item.end, item.quote, *(item.proposal or (None, None, "")), item.attributes,
            self.actors[item.actor].id if item.actor else None,
            self.propositions[item.proposition].id if item.proposition else None,
            json.dumps(relations), json.dumps(comments), item.decision, self._find_user(item.by), item.at,
            here.get(item.span) if item.span else None,
        )  # fmt: skip

    def _find_user(self, name: str | None) -> int | None:
        return self.context.user_ids[name] if name else None
