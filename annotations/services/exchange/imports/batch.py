"""A batch of article lines: looked up, checked, then written in one transaction.

What could violate a constraint is checked before it is written, so that a faulty line fails alone; ids of
spans, relations and comments only after the database has refused a batch. Refused again, lines go one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from annotations.enums import CLOSED, Round, SetKind, State
from annotations.exceptions import DuplicateError, ErasedError, FieldError, SetExistsError, UnknownUserError
from annotations.formats.core import records
from annotations.formats.core.object_reader import FieldErrors
from annotations.models import Actor, AnnotationSet, Article, Proposition
from annotations.services.core.articles import ERASED_ID_MESSAGE
from annotations.services.core.sets import refresh_status
from annotations.services.exchange.imports import checks, update, users
from annotations.services.exchange.imports.carries import drop_unknown_bases
from annotations.services.exchange.imports.context import (
    BatchResult,
    ImportContext,
    PendingArticle,
    assign_ids,
    lock_corpus,
)
from annotations.services.exchange.imports.rows import AssignedIds, BatchRows, Links, NewArticles
from annotations.services.exchange.imports.stored_articles import exists_error, find_stored_articles
from annotations.services.review.frozen_agreement import freeze_at_submission


@dataclass
class LinePlan:
    """A line to write: the article that it updates or None, and the sets to create."""

    pending: PendingArticle
    stored: Article | None
    sets: list[records.AnnotationSet] = field(default_factory=list)
    #: The pointer of each set in its line.
    places: list[str] = field(default_factory=list)
    losses: list[tuple[str, list[str]]] = field(default_factory=list)


ARTICLE_DELETED = FieldError(
    code=DuplicateError.code, detail="The article was deleted a moment ago; leave it out.", pointer=""
)


ARTICLE_ERASED = FieldError(code=ErasedError.code, detail=ERASED_ID_MESSAGE, pointer="/external_id")


class ArticleExistsError(Exception):
    """Raised to stop an import at an article that exists."""

    def __init__(self, pending: PendingArticle, fault: FieldError) -> None:
        super().__init__(fault.detail)
        self.pending = pending
        self.fault = fault


def write_batch(context: ImportContext, batch: Sequence[PendingArticle]) -> None:
    """Write lines with different keys, and count their outcomes in the report.

    If the database refuses them, an id may be taken: from then on ids are looked up first. If it refuses
    them again, each line is written alone.
    """
    if _try_to_write(context, batch):
        return
    if not context.check_ids_first:
        context.check_ids_first = True
        if _try_to_write(context, batch):
            return
    for pending in batch:
        if len(batch) == 1 or not _try_to_write(context, [pending]):
            detail = "Somebody stored the same a moment ago; import this line again."
            fault = FieldError(code=DuplicateError.code, detail=detail, pointer="")
            context.report.add_failure(pending.line, pending.external_id, [fault])


def _try_to_write(context: ImportContext, batch: Sequence[PendingArticle]) -> bool:
    """Write lines in one transaction; return whether the database has taken them."""
    try:
        batch_result = _write_in_transaction(context, batch)
    except IntegrityError:
        # Users that were created in the transaction are rolled back with it.
        context.user_ids.clear()
        return False
    batch_result.add_to_report(context.report)
    if batch_result.stopped is not None:
        raise ArticleExistsError(*batch_result.stopped)
    return True


def _write_in_transaction(context: ImportContext, batch: Sequence[PendingArticle]) -> BatchResult:
    batch_result = BatchResult()
    with nullcontext() if context.options.dry_run else transaction.atomic():
        lock_corpus(context)
        plans = _plan_lines(context, batch, batch_result)
        actors, propositions = _find_links(context, plans)
        lines = [(plan.stored, plan.pending.article) for plan in plans]
        corrections = batch_result.corrections = update.begin_corrections(context, lines)
        plans = [plan for plan in plans if _is_writable(context, plan, actors, propositions, batch_result)]
        new = [plan for plan in plans if plan.stored is None]
        if context.options.dry_run:
            batch_result.created += len(new)
            context.dry_run_keys.update(plan.pending.key for plan in new)
            batch_result.updated += len(plans) - len(new)
            lines = [(plan.stored, plan.pending.article) for plan in plans]
            batch_result.carried += update.preview_updates(context, lines, corrections)
        else:
            users.load_users(context, users.names_in_sets(row for plan in plans for row in plan.sets))
            _create(context, new, BatchRows(context, actors, propositions), batch_result)
            for plan in plans:
                if plan.stored is not None:
                    rows = BatchRows(context, actors, propositions)
                    _update(context, plan, plan.stored, rows, batch_result)
            batch_result.carried += update.finish_corrections(context, corrections)
        batch_result.losses = [loss for plan in plans for loss in plan.losses]
        context.start_prefetching()
    return batch_result


def _plan_lines(
    context: ImportContext, batch: Sequence[PendingArticle], batch_result: BatchResult
) -> list[LinePlan]:
    """Return the plan for each line, up to the first line that stops the import."""
    existing = find_stored_articles(context, batch)
    plans: list[LinePlan] = []
    for pending in batch:
        if pending.stored is not None:
            plans.append(LinePlan(pending, existing.get(pending.key)))
            continue
        made = context.options.dry_run and pending.key in context.dry_run_keys
        stored = existing.get(pending.key)
        if stored is None and not made:
            plans.append(LinePlan(pending, None))
        elif context.options.on_conflict == "fail":
            batch_result.stopped = (pending, exists_error(pending))
            break
        elif context.options.on_conflict == "skip" or stored is None:
            batch_result.skipped += 1
            batch_result.add_outcome(pending, "skipped", stored and stored.pk)
        else:
            plans.append(LinePlan(pending, stored))
    for plan in plans:
        _choose_sets(context, plan)
    return plans


def _choose_sets(context: ImportContext, plan: LinePlan) -> None:
    """Choose the sets to create: all of them in a restore, otherwise one for each owner."""
    article, where = plan.pending.article, plan.pending.where
    if context.options.restore:
        _take(plan, list(article.sets))
        return
    proposed = [span.id or where for one in article.suggestions for span in one.spans]
    plan.losses += [*((what, list(ids)) for what, ids in plan.pending.losses), ("suggestions", proposed)]
    best = _best_sets(context, article)
    names_people = context.options.drops_unknown_links or bool(context.owners)
    for row in article.sets:
        if not any(row is one for one in best):
            what = f"sets of {row.owner}" if names_people and row.owner else "sets"
            plan.losses.append((what, [row.id or where]))
    for row in best:
        closed = State(row.state) in CLOSED and context.options.initial_state == State.OPEN
        plan.losses += [
            ("comments", [comment.id for comment in row.comments]),
            ("carry_items", [item.id for item in row.carry_items if not item.decision]),
            ("states", [row.id or where] if closed else []),
        ]
    empty = [row for row in best if not row.spans and not context.options.takes_empty_sets]
    plan.losses.append(("empty sets", [row.id or where for row in empty]))
    _take(plan, [row for row in best if not any(row is one for one in empty)])


def _take(plan: LinePlan, rows: list[records.AnnotationSet]) -> None:
    places = {id(row): index for index, row in enumerate(plan.pending.article.sets)}
    plan.sets = rows
    plan.places = [checks.set_pointer(plan.pending.article, places[id(row)]) for row in rows]


def _best_sets(context: ImportContext, article: records.Article) -> list[records.AnnotationSet]:
    """Return the most advanced set of each mapped owner; without a mapping, only one."""
    fitting = checks.fitting_sets(article)
    if not context.owners:
        return fitting[:1]
    best: dict[int, records.AnnotationSet] = {}
    for row in fitting:
        if row.owner in context.owners:
            best.setdefault(context.owners[row.owner].pk, row)
    return list(best.values())


def _find_links(context: ImportContext, plans: Iterable[LinePlan]) -> tuple[Links, Links]:
    rows = [row for plan in plans for row in plan.sets]
    links = [(span.actor, span.proposition) for row in rows for span in row.spans]
    links += [(item.actor, item.proposition) for row in rows for item in row.carry_items]
    actors = {actor for actor, _ in links if actor is not None}
    propositions = {proposition for _, proposition in links if proposition is not None}
    return context.find_links(Actor, actors), context.find_links(Proposition, propositions)


def _is_writable(
    context: ImportContext, plan: LinePlan, actors: Links, propositions: Links, batch_result: BatchResult
) -> bool:
    """Return whether a line can be written; if not, count it as failed or skipped with all its errors."""
    faults = FieldErrors()
    article = plan.pending.article
    if _is_erased(context, plan):
        batch_result.add_failure(plan.pending.line, [ARTICLE_ERASED], plan.pending.external_id)
        return False
    if plan.stored is None and plan.pending.stored is not None:
        batch_result.add_failure(plan.pending.line, [ARTICLE_DELETED], plan.pending.external_id)
        return False
    if not context.options.restore:
        _check_owners(context, plan, faults)
    _check_registry_links(context, plan, actors, propositions, faults)
    if context.options.restore:
        checks.check_restorable(context.corpus, article, faults)
    elif plan.sets:
        _check_marks(context, plan, propositions, faults)
    if plan.stored is not None and not faults:
        owners = [_owner_of(context, row) for row in plan.sets]
        faults.extend(update.find_update_errors(plan.stored, plan.pending, owners, batch_result.corrections))
        if (
            context.options.on_conflict == "skip"
            and faults
            and all(fault.code == SetExistsError.code for fault in faults)
        ):
            batch_result.skipped += 1
            batch_result.add_outcome(plan.pending, "skipped", plan.stored.pk)
            return False
    if faults:
        batch_result.add_failure(plan.pending.line, faults, plan.pending.external_id)
        return False
    if context.options.restore:
        plan.sets, losses = drop_unknown_bases(plan.sets)
        plan.losses += losses
    else:
        plan.sets = [_as_own_set(context, row) for row in plan.sets]
    return True


def _is_erased(context: ImportContext, plan: LinePlan) -> bool:
    """Return whether a line would bring the words of an erased article back."""
    external_id = plan.pending.article.external_id
    if plan.stored is not None:
        return hasattr(plan.stored, "erasure")
    return external_id is not None and context.is_erased(external_id)


def _check_owners(context: ImportContext, plan: LinePlan, faults: FieldErrors) -> None:
    """Check that the article of a line takes as many annotators as it has sets to create."""
    if plan.stored is None and len(plan.sets) > 1:
        checks.check_slots(context.corpus, plan.pending.article, len(plan.sets), faults)


def _owner_of(context: ImportContext, row: records.AnnotationSet) -> User | None:
    """Return the member who gets a set: by the mapping, or else the owner of the import."""
    return context.owners.get(row.owner, context.owner)


def _check_marks(context: ImportContext, plan: LinePlan, propositions: Links, faults: FieldErrors) -> None:
    """Check that the spans have an owner, and that they may be submitted if that was asked for."""
    article = plan.pending.article
    if context.owner is None and not context.owners:
        detail = "The corpus has no manager to own the marks; name an owner."
        faults.record(UnknownUserError.code, plan.places[0] or "/spans", detail)
    if context.options.initial_state == State.SUBMITTED and not faults:
        for row, pointer in zip(plan.sets, plan.places, strict=True):
            checks.check_problems(context.corpus, article, row, propositions, faults, pointer=pointer)


def _check_registry_links(
    context: ImportContext, plan: LinePlan, actors: Links, propositions: Links, faults: FieldErrors
) -> None:
    """Report links to unknown registry entries as errors, or drop them."""
    if context.options.drops_unknown_links:
        plan.sets = [_drop_unknown_links(row, actors, propositions, plan) for row in plan.sets]
        return
    for row, pointer in zip(plan.sets, plan.places, strict=True):
        checks.check_links(pointer, row, actors, propositions, faults)


def _drop_unknown_links(
    row: records.AnnotationSet, actors: Links, propositions: Links, plan: LinePlan
) -> records.AnnotationSet:
    """Return the set without links to entries that are not in this corpus."""
    unknown = [
        span
        for span in row.spans
        if (span.actor is not None and span.actor not in actors)
        or (span.proposition is not None and span.proposition not in propositions)
    ]
    if not unknown:
        return row
    plan.losses.append(("links", [span.id or plan.pending.where for span in unknown]))
    spans = [
        span._replace(
            actor=span.actor if span.actor in actors else None,
            proposition=span.proposition if span.proposition in propositions else None,
        )
        for span in row.spans
    ]
    return row._replace(spans=spans)


def _as_own_set(context: ImportContext, row: records.AnnotationSet) -> records.AnnotationSet:
    """Return the set as new work of the owner."""
    submitted = context.options.initial_state == State.SUBMITTED
    owner = _owner_of(context, row)
    return row._replace(
        owner=owner.get_username() if owner else "",
        reviewer=None,
        kind=str(SetKind.ANNOTATION),
        round=str(Round.PRODUCTION),
        state=str(context.options.initial_state),
        version=1,
        guideline_version=None,
        based_on=None,
        due_at=None,
        created_at=context.now,
        submitted_at=context.now if submitted else None,
        approved_at=None,
        approved_by=None,
        comments=(),
        carry=None,
        carry_items=(),
    )


def _create(
    context: ImportContext, plans: Sequence[LinePlan], rows: BatchRows, batch_result: BatchResult
) -> None:
    if not plans:
        return
    wanted = [(str(context.corpus.pk), plan.pending.article.id) for plan in plans]
    made: NewArticles = [
        (id, plan.pending.article, plan.sets)
        for id, plan in zip(assign_ids(context, Article, wanted, batch_result), plans, strict=True)
    ]
    ids = AssignedIds(context, made, batch_result)
    for id, article, sets in made:
        rows.add_article(id, article, sets, ids)
    for (id, *_), plan in zip(made, plans, strict=True):
        batch_result.add_outcome(plan.pending, "created", id)
    rows.insert()
    _freeze(id for id, _, sets in made if sum(row.state == State.SUBMITTED for row in sets) > 1)
    batch_result.created += len(plans)


def _update(
    context: ImportContext, plan: LinePlan, stored: Article, rows: BatchRows, batch_result: BatchResult
) -> None:
    changed = update.apply_update(context, stored, plan.pending.article, batch_result.corrections)
    if plan.sets:
        id = str(stored.pk)
        # The revision is there already; only the sets are new.
        ids = AssignedIds(
            context, [(id, plan.pending.article._replace(revisions=()), plan.sets)], batch_result
        )
        current = {row.revision: str(stored.revision_id) for row in plan.sets}
        rows.add_sets(id, plan.sets, current, update.summarize_with_set(stored, plan.sets), ids)
        rows.insert()
        refresh_status(stored)
        if context.options.initial_state == State.SUBMITTED:
            _freeze([id])
    batch_result.add_outcome(plan.pending, "updated" if changed or plan.sets else "skipped", stored.pk)
    batch_result.updated += changed or bool(plan.sets)
    batch_result.skipped += not changed and not plan.sets


def _freeze(articles: Iterable[str]) -> None:
    """Freeze the agreement of articles with submitted sets, as their last submission would have done."""
    ids = list(articles)
    if not ids:
        return
    rows = AnnotationSet.objects.filter(article__pk__in=ids, kind=SetKind.ANNOTATION, state=State.SUBMITTED)
    rows = rows.select_related("article").order_by("submitted_at", "pk")
    for row in {(row.article_id, row.round): row for row in rows}.values():
        freeze_at_submission(row, row.submitted_at)
