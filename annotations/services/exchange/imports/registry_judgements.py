"""The judgements of a file about entries that look alike: a pair that was judged is not shown again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from annotations.exceptions import FieldError
from annotations.formats.core import records
from annotations.models import EntryKind, Judgement
from annotations.services.exchange.imports.context import BatchResult, ImportContext, assign_ids
from annotations.services.exchange.imports.registry_merges import find_stored_ids
from annotations.services.exchange.imports.users import load_users
from annotations.services.registry import moves


class PendingJudgement(NamedTuple):
    """A judgement of a line that waits to be written."""

    line: int
    judgement: records.RegistryJudgement


def write_judgements(
    context: ImportContext, waiting: Sequence[PendingJudgement], batch_result: BatchResult
) -> None:
    """Store the judgements of a file; a pair that is judged already stays as it is."""
    new: list[tuple[records.RegistryJudgement, EntryKind, UUID, UUID]] = []
    for kind in EntryKind:
        of_kind = [item for item in waiting if item.judgement.kind == kind]
        named = {id for item in of_kind for id in (item.judgement.left, item.judgement.right)}
        ids = find_stored_ids(context, moves.MODELS[kind], named)
        for item in of_kind:
            sent = item.judgement
            unknown = [name for name in ("left", "right") if getattr(sent, name) not in ids]
            for name in unknown:
                detail = f"There is no {kind} with the id {getattr(sent, name)} in this corpus."
                fault = FieldError(code="not-in-corpus", detail=detail, pointer=f"/{name}")
                batch_result.add_failure(item.line, [fault])
            if not unknown:
                left, right = sorted((UUID(ids[sent.left]), UUID(ids[sent.right])))
                new.append((sent, kind, left, right))
    if not context.options.dry_run:
        _store(context, new, batch_result)


def _store(
    context: ImportContext,
    new: Sequence[tuple[records.RegistryJudgement, EntryKind, UUID, UUID]],
    batch_result: BatchResult,
) -> None:
    known = set(Judgement.objects.filter(corpus=context.corpus).order_by().values_list("left", "right"))
    unknown = {(left, right): (sent, kind) for sent, kind, left, right in new if (left, right) not in known}
    by = context.by if context.by is not None else context.owner
    if context.options.restore:
        load_users(context, [sent.by for sent, _ in unknown.values() if sent.by])
    elif by is None:
        batch_result.losses += [("judgement by nobody", [sent.id for sent, _ in unknown.values()])]
        return
    wanted = [(str(context.corpus.pk), sent.id) for sent, _ in unknown.values()]
    ids = assign_ids(context, Judgement, wanted, batch_result)
    for id, ((left, right), (sent, kind)) in zip(ids, unknown.items(), strict=True):
        judge = None if by is None else by.pk
        if context.options.restore:
            judge = context.user_ids[sent.by] if sent.by else None
        if judge is None:
            batch_result.losses.append(("judgement by nobody", [sent.id]))
            continue
        at = sent.at if context.options.restore and sent.at else context.now
        Judgement.objects.create(
            pk=UUID(id), corpus=context.corpus, kind=kind, left=left, right=right, verdict=sent.verdict,
            reason=sent.reason, at=at, by_id=judge,
        )  # fmt: skip
