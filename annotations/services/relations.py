"""Adding and deleting the relations between the spans of a set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q

from annotations.exceptions import Duplicate, Invalid, RelationEnds, located
from annotations.models import Relation, Span, bulk, uuid7
from annotations.permissions import Permission
from annotations.says import says
from annotations.scheme import check_relation
from annotations.services import events
from annotations.services.constraints import meaning, repeatable
from annotations.services.refusals import id_taken, require_version
from annotations.services.sets import Work, writing
from annotations.visibility import get_visible


@dataclass(frozen=True, kw_only=True)
class RelationDraft:
    """A relation as the client sent it. ``at`` is the JSON pointer of the draft in the request."""

    type: str
    source_id: UUID
    target_id: UUID
    id: UUID | None = None
    at: str = ""

    @property
    def content(self) -> tuple[str, UUID, UUID]:
        """The type and the ends, which no two relations of a set have in common."""
        return (self.type, self.source_id, self.target_id)


@repeatable
def add(by: User, set_id: UUID, drafts: Sequence[RelationDraft]) -> tuple[list[Relation], bool, int]:
    """Add relations, all or none; return them, whether any is new, and the version of the set."""
    with writing(by, set_id, Permission.EDIT_CONTENT) as edit:
        stored = _stored(drafts)
        new_drafts = [draft for draft in drafts if draft.id not in stored]
        for draft in drafts:
            if draft.id in stored:
                _require_same(edit, stored[draft.id], draft)
        if new_drafts:
            edit.require_editable()
        inserted = iter(_insert(edit, new_drafts))
        result = [stored[draft.id] if draft.id in stored else next(inserted) for draft in drafts]
    return result, bool(new_drafts), edit.row.version


def _stored(drafts: Sequence[RelationDraft]) -> dict[UUID | None, Relation]:
    ids = [draft.id for draft in drafts if draft.id]
    if len(set(ids)) < len(ids):
        counts = Counter(ids)
        repeated = next(id for id in ids if counts[id] > 1)
        twice = [draft for draft in drafts if draft.id == repeated][1]
        with located(f"{twice.at}/id"):
            raise Invalid(
                says("The id {id} stands twice in the request; give each relation its own.", id=twice.id)
            )
    return {row.pk: row for row in Relation.objects.filter(pk__in=ids)} if ids else {}


def _require_same(edit: Work, stored: Relation, draft: RelationDraft) -> None:
    same = (stored.type, stored.source_id, stored.target_id) == draft.content
    if stored.set_id != edit.row.pk or not same:
        with located(f"{draft.at}/id"):
            raise id_taken(draft.id)


def _insert(edit: Work, drafts: Sequence[RelationDraft]) -> list[Relation]:
    if not drafts:
        return []
    ends = {draft.source_id for draft in drafts} | {draft.target_id for draft in drafts}
    labels = dict(Span.objects.filter(set=edit.row, pk__in=ends).values_list("pk", "label"))
    ids_by_content = {
        (type_, source, target): pk
        for pk, type_, source, target in Relation.objects.filter(
            Q(set=edit.row), Q(source__in={draft.source_id for draft in drafts})
        ).values_list("pk", "type", "source_id", "target_id")
    }
    relations = []
    for draft in drafts:
        _check_ends(draft, labels)
        if draft.content in ids_by_content:
            with located(draft.at):
                raise Duplicate(
                    says(
                        "The set has this relation already, under the id {id}.",
                        id=ids_by_content[draft.content],
                    )
                )
        relation = Relation(
            id=draft.id or uuid7(),
            set=edit.row,
            type=draft.type,
            source_id=draft.source_id,
            target_id=draft.target_id,
        )
        ids_by_content[draft.content] = relation.pk
        relations.append(relation)
        edit.tell(events.RELATION_ADDED, after=events.relation_facts(relation))
    with meaning({}):
        bulk.create(relations)
    return relations


def _check_ends(draft: RelationDraft, labels: dict[UUID, str]) -> None:
    for name, end in (("source", draft.source_id), ("target", draft.target_id)):
        if end not in labels:
            with located(f"{draft.at}/{name}"):
                raise RelationEnds(
                    says("The set has no span with the id {end}; both ends are spans of one set.", end=end)
                )
    sentence = check_relation(
        draft.type, labels[draft.source_id], labels[draft.target_id], same=draft.source_id == draft.target_id
    )
    if sentence:
        with located(draft.at):
            raise RelationEnds(sentence)


def delete(by: User, seen: Relation, *, version: int) -> int:
    """Delete a relation; return the version of its set."""
    with writing(by, seen.set_id, Permission.EDIT_CONTENT) as edit:
        relation = get_visible(by, Relation.objects.all(), pk=seen.pk)
        require_version("relation", relation.version, version)
        edit.require_editable()
        edit.tell(events.RELATION_DELETED, before=events.relation_facts(relation))
        relation.delete()
    return edit.row.version
