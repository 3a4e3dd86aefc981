"""Adding and deleting the relations between the spans of a set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q

from annotations.exceptions import DuplicateError, RelationEndsError, error_at
from annotations.messages import message
from annotations.models import Relation, Span, bulk, uuid7
from annotations.permissions import Permission
from annotations.scheme import check_relation
from annotations.services.core import events
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.drafts import find_stored
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import SetEdit, edit_set
from annotations.visibility import get_visible


@dataclass(frozen=True, kw_only=True)
class RelationDraft:
    """A relation as the client sent it. ``at`` is the JSON pointer of the draft in the request."""

    type: str
    source_id: UUID
    target_id: UUID
    id: UUID | None = None
    pointer: str = ""

    @property
    def content(self) -> tuple[str, UUID, UUID]:
        """The type and the ends, which no two relations of a set have in common."""
        return (self.type, self.source_id, self.target_id)


@retry_on_conflict
def add_relations(
    by: User, set_id: UUID, drafts: Sequence[RelationDraft]
) -> tuple[list[Relation], bool, int]:
    """Add relations, all or none; return them, whether any is new, and the version of the set."""
    with edit_set(by, set_id, Permission.EDIT_CONTENT) as edit:
        stored = _find_stored(drafts)
        new_drafts = [draft for draft in drafts if draft.id not in stored]
        for draft in drafts:
            if draft.id in stored:
                _require_same(edit, stored[draft.id], draft)
        if new_drafts:
            edit.require_editable()
        inserted = iter(insert_relations(edit, new_drafts))
        result = [stored[draft.id] if draft.id in stored else next(inserted) for draft in drafts]
    return result, bool(new_drafts), edit.row.version


def _find_stored(drafts: Sequence[RelationDraft]) -> dict[UUID | None, Relation]:
    return find_stored(
        Relation,
        drafts,
        lambda pk: message("The id {id} stands twice in the request; give each relation its own.", id=pk),
    )


def _require_same(edit: SetEdit, stored: Relation, draft: RelationDraft) -> None:
    same = (stored.type, stored.source_id, stored.target_id) == draft.content
    if stored.set_id != edit.row.pk or not same:
        with error_at(f"{draft.pointer}/id"):
            raise id_taken_error(draft.id)


def insert_relations(edit: SetEdit, drafts: Sequence[RelationDraft]) -> list[Relation]:
    """Store new relations within an edit that has checked that they may be added."""
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
            with error_at(draft.pointer):
                raise DuplicateError(
                    message(
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
        edit.record(events.RELATION_ADDED, after=events.relation_payload(relation))
    with translate_integrity_errors({}):
        bulk.create_objects(relations)
    return relations


def _check_ends(draft: RelationDraft, labels: dict[UUID, str]) -> None:
    for name, end in (("source", draft.source_id), ("target", draft.target_id)):
        if end not in labels:
            with error_at(f"{draft.pointer}/{name}"):
                raise RelationEndsError(
                    message("The set has no span with the id {end}; both ends are spans of one set.", end=end)
                )
    sentence = check_relation(
        draft.type,
        labels[draft.source_id],
        labels[draft.target_id],
        is_same_span=draft.source_id == draft.target_id,
    )
    if sentence:
        with error_at(draft.pointer):
            raise RelationEndsError(sentence)


def delete_relation(by: User, seen: Relation, *, version: int) -> int:
    """Delete a relation; return the version of its set."""
    with edit_set(by, seen.set_id, Permission.EDIT_CONTENT) as edit:
        relation = get_visible(by, Relation.objects.all(), pk=seen.pk)
        require_current_version("relation", relation.version, version)
        edit.require_editable()
        edit.record(events.RELATION_DELETED, before=events.relation_payload(relation))
        relation.delete()
    return edit.row.version
