"""The stories of a file, with what was judged of copies; the next search finds everything else anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from annotations.exceptions import FieldError
from annotations.formats.core import records
from annotations.models import COPY_STATES, Article, Story, StoryMember, bulk, uuid7
from annotations.services.core.stories import lock_stories
from annotations.services.exchange.imports.context import (
    BatchResult,
    ImportContext,
    assign_ids,
    parameter_batches,
)

#: How many stories are held before they are written.
MAX_STORIES = 500


class PendingStory(NamedTuple):
    """A story of a line that waits to be written."""

    line: int
    story: records.Story


def write_stories(context: ImportContext, waiting: Sequence[PendingStory]) -> None:
    """Store the stories of a restore; those of another import are found anew, and its judgements are lost."""
    if not waiting:
        return
    batch_result = BatchResult()
    if context.options.restore:
        with transaction.atomic():
            lock_stories(context.corpus.pk)
            _write(context, waiting, batch_result)
    else:
        judged = [item.story.id for item in waiting if _is_judged(item.story)]
        if judged:
            batch_result.losses.append(("judgement of copies", judged))
    batch_result.add_to_report(context.report)


def _is_judged(story: records.Story) -> bool:
    return story.is_lead_chosen or any(row.state in ("confirmed", "apart") for row in story.members)


def _write(context: ImportContext, waiting: Sequence[PendingStory], batch_result: BatchResult) -> None:
    ids = _find_articles(context, {row.article for item in waiting for row in item.story.members})
    members = StoryMember.objects.filter(story__corpus=context.corpus, state__in=COPY_STATES).order_by()
    taken = {str(id) for id in members.values_list("article_id", flat=True)}
    new: list[records.Story] = []
    for item in waiting:
        fault = _fault(item.story, ids, taken)
        if fault is not None:
            batch_result.add_failure(item.line, [fault])
            continue
        taken |= {ids[row.article] for row in item.story.members if row.state in COPY_STATES}
        new.append(item.story)
    if context.options.dry_run:
        return
    wanted = [(str(context.corpus.pk), story.id) for story in new]
    stored = list(zip(assign_ids(context, Story, wanted, batch_result), new, strict=True))
    columns = ("id", "corpus_id", "lead_id", "is_lead_chosen", "size", "version")
    rows = [
        (id, context.corpus.pk, ids[story.lead], story.is_lead_chosen, _size(story), 1)
        for id, story in stored
    ]
    bulk.insert_rows(Story, columns, rows)
    bulk.insert_rows(
        StoryMember,
        ("id", "story_id", "article_id", "state", "containment"),
        [
            (uuid7(), id, ids[row.article], row.state, row.thousandths / 1_000)
            for id, story in stored
            for row in story.members
        ],
    )


def _size(story: records.Story) -> int:
    return sum(row.state in COPY_STATES for row in story.members)


def _find_articles(context: ImportContext, sent: set[str]) -> dict[str, str]:
    """Return the stored ids of articles by the ids of the file."""
    wanted = {id: context.candidate_ids(id) for id in sent}
    stored: set[str] = set()
    for chunk in parameter_batches([id for ids in wanted.values() for id in ids]):
        rows = Article.objects.filter(pk__in=[UUID(id) for id in chunk], corpus=context.corpus).order_by()
        stored |= {str(pk) for pk in rows.values_list("pk", flat=True)}
    return {id: next(each for each in ids if each in stored) for id, ids in wanted.items() if stored & {*ids}}


def _fault(story: records.Story, ids: dict[str, str], taken: set[str]) -> FieldError | None:
    for index, row in enumerate(story.members):
        pointer = f"/members/{index}/article"
        if row.article not in ids:
            detail = f"There is no article with the id {row.article} in this corpus."
            return FieldError(code="not-in-corpus", detail=detail, pointer=pointer)
        if row.state in COPY_STATES and ids[row.article] in taken:
            detail = f"The article {row.article} is a copy in another story already; it is one in one only."
            return FieldError(code="duplicate", detail=detail, pointer=pointer)
    return None
