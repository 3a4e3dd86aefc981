"""A batch of article lines: looked up, checked, then written in one transaction.

Everything that could violate a constraint is checked before anything is written, so that a faulty line
fails alone. Only the ids of spans, relations and comments are not: they are checked after the database
has refused a first batch. If it refuses a checked one (another request was faster), the lines are
written one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from annotations.exceptions import Duplicate, FieldError, HasSet, UnknownUser
from annotations.formats import records
from annotations.formats.fields import Faults
from annotations.models import Actor, Article, Proposition
from annotations.services.imports import checks, people, update
from annotations.services.imports.rows import Ids, Links, Made, Rows
from annotations.services.imports.run import Pending, Run, Tally, assign, chunks, lock
from annotations.services.sets import settle
from annotations.states import CLOSED, Kind, Round, State


@dataclass
class Plan:
    """A line to write: the article that it updates or None, and the sets to create."""

    pending: Pending
    stored: Article | None
    sets: list[records.AnnotationSet] = field(default_factory=list)
    losses: list[tuple[str, list[str]]] = field(default_factory=list)


GONE = FieldError(
    code=Duplicate.code, detail="The article was deleted a moment ago; leave it out.", pointer=""
)


class Stop(Exception):
    """Raised to stop an import at an article that exists."""

    def __init__(self, pending: Pending, fault: FieldError) -> None:
        super().__init__(fault.detail)
        self.pending = pending
        self.fault = fault


def write(run: Run, batch: Sequence[Pending]) -> None:
    """Write lines with different keys, and count their outcomes in the report."""
    try:
        tally = _write_in_transaction(run, batch)
    except IntegrityError:
        # Users that were created in the transaction are rolled back with it.
        run.people.clear()
        if not run.is_wary:
            run.is_wary = True
            write(run, batch)
            return
        if len(batch) > 1:
            for pending in batch:
                write(run, [pending])
            return
        tally = Tally()
        detail = "Somebody stored the same a moment ago; import this line again."
        fault = FieldError(code=Duplicate.code, detail=detail, pointer="")
        tally.fail(batch[0].line, [fault], batch[0].external_id)
    tally.enter(run.report)
    if tally.stopped is not None:
        raise Stop(*tally.stopped)


def _write_in_transaction(run: Run, batch: Sequence[Pending]) -> Tally:
    tally = Tally()
    with nullcontext() if run.dry_run else transaction.atomic():
        lock(run)
        plans = _plan_lines(run, batch, tally)
        actors, propositions = _find_links(run, plans)
        plans = [plan for plan in plans if _is_writable(run, plan, actors, propositions, tally)]
        new = [plan for plan in plans if plan.stored is None]
        if run.dry_run:
            tally.created += len(new)
            run.made.update(plan.pending.key for plan in new)
            tally.updated += len(plans) - len(new)
        else:
            people.find(run, _usernames(plans))
            _create(run, new, Rows(run, actors, propositions), tally)
            for plan in plans:
                if plan.stored is not None:
                    _update(run, plan, plan.stored, Rows(run, actors, propositions), tally)
        tally.losses = [loss for plan in plans for loss in plan.losses]
        run.meanwhile()
    return tally


def _plan_lines(run: Run, batch: Sequence[Pending], tally: Tally) -> list[Plan]:
    """Return the plan for each line, up to the first line that stops the import."""
    existing = _find_existing(run, batch)
    plans: list[Plan] = []
    for pending in batch:
        if pending.stored is not None:
            plans.append(Plan(pending, existing.get(pending.key)))
            continue
        made = run.dry_run and pending.key in run.made
        stored = existing.get(pending.key)
        if stored is None and not made:
            plans.append(Plan(pending, None))
        elif run.on_conflict == "fail":
            tally.stopped = (pending, _exists_error(pending))
            break
        elif run.on_conflict == "skip" or stored is None:
            tally.skipped += 1
            tally.tell(pending, "skipped", stored and stored.pk)
        else:
            plans.append(Plan(pending, stored))
    for plan in plans:
        _choose_sets(run, plan)
    return plans


def _exists_error(pending: Pending) -> FieldError:
    if pending.article.external_id is not None:
        what, pointer = f"an article with the external id {pending.article.external_id!r}", "/external_id"
    else:
        what, pointer = "an article with exactly this text", "/text"
    detail = f"The corpus has {what} already; skip what exists, update it, or leave the line out."
    return FieldError(code=Duplicate.code, detail=detail, pointer=pointer)


def _find_existing(run: Run, batch: Sequence[Pending]) -> dict[str, Article]:
    """Return the articles of the corpus that the lines of a batch refer to, by their keys."""
    found: dict[str, Article] = {}
    rows = Article.objects.filter(corpus=run.corpus).select_related("revision", "corpus")
    rows = rows.defer("revision__text").order_by("-pk")  # of equal texts, the first article counts
    ids = [pending.stored for pending in batch if pending.stored is not None]
    if (run.on_conflict == "update" or ids) and not run.dry_run:
        rows = rows.select_for_update(of=("self",))
    for some_ids in chunks(ids):
        found |= {f"id {row.pk}": row for row in rows.filter(pk__in=some_ids)}
    batch = [pending for pending in batch if pending.stored is None]
    named = [pending.article.external_id for pending in batch if pending.article.external_id is not None]
    for chunk in chunks(named):
        found |= {f"external id {row.external_id}": row for row in rows.filter(external_id__in=chunk)}
    texts = [p.article.revisions[-1].sha256 for p in batch if p.article.external_id is None]
    for some in chunks(texts):
        found |= {f"text {row.revision.sha256}": row for row in rows.filter(revision__sha256__in=some)}
    return found


def _choose_sets(run: Run, plan: Plan) -> None:
    """Choose the sets to create: all of them in a restore, otherwise one, as the importer's own."""
    article = plan.pending.article
    if run.restore:
        plan.sets = list(article.sets)
        return
    proposed = [span.id for one in article.suggestions for span in one.spans]
    plan.losses += [*((what, list(ids)) for what, ids in plan.pending.losses), ("suggestions", proposed)]
    best = checks.chosen(article)
    if best is None:
        plan.losses.append(("sets", [row.id for row in article.sets]))
        return
    plan.losses += [
        ("sets", [row.id for row in article.sets if row is not best]),
        ("comments", [comment.id for comment in best.comments]),
        ("states", [best.id] if State(best.state) in CLOSED and run.state == State.OPEN else []),
    ]
    if best.spans:
        plan.sets = [best]


def _find_links(run: Run, plans: Iterable[Plan]) -> tuple[Links, Links]:
    spans = [span for plan in plans for row in plan.sets for span in row.spans]
    actors = {span.actor for span in spans if span.actor is not None}
    propositions = {span.proposition for span in spans if span.proposition is not None}
    return run.links(Actor, actors), run.links(Proposition, propositions)


def _is_writable(run: Run, plan: Plan, actors: Links, propositions: Links, tally: Tally) -> bool:
    """Return whether a line can be written; if not, count it as failed or skipped with all its errors."""
    faults = Faults()
    article = plan.pending.article
    if plan.stored is None and plan.pending.stored is not None:
        tally.fail(plan.pending.line, [GONE], plan.pending.external_id)
        return False
    _check_registry_links(run, plan, actors, propositions, faults)
    if run.restore:
        checks.check_restorable(run.corpus, article, faults)
    elif plan.sets:
        _check_marks(run, plan, propositions, faults)
    if plan.stored is not None and not faults:
        faults.extend(update.refusal(run, plan.stored, plan.pending, bool(plan.sets)))
        if run.on_conflict == "skip" and faults and all(fault.code == HasSet.code for fault in faults):
            tally.skipped += 1
            tally.tell(plan.pending, "skipped", plan.stored.pk)
            return False
    if faults:
        tally.fail(plan.pending.line, faults, plan.pending.external_id)
        return False
    if run.restore:
        _drop_unknown_bases(plan)
    else:
        plan.sets = [_as_own_set(run, row) for row in plan.sets]
    return True


def _check_marks(run: Run, plan: Plan, propositions: Links, faults: Faults) -> None:
    """Check that the spans have an owner, and that they may be submitted if that was asked for."""
    article = plan.pending.article
    if run.owner is None:
        detail = "The corpus has no manager to own the marks; name an owner."
        faults.say(UnknownUser.code, checks.place_of(article, 0) or "/spans", detail)
    if run.state == State.SUBMITTED and not faults:
        checks.check_problems(run.corpus, article, plan.sets[0], propositions, faults)


def _check_registry_links(run: Run, plan: Plan, actors: Links, propositions: Links, faults: Faults) -> None:
    """Report links to unknown registry entries as errors, or drop them."""
    if run.lenient:
        plan.sets = [_drop_unknown_links(row, actors, propositions, plan) for row in plan.sets]
        return
    for row in plan.sets:
        checks.check_links(plan.pending.article, row, actors, propositions, faults)


def _drop_unknown_links(
    row: records.AnnotationSet, actors: Links, propositions: Links, plan: Plan
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
    plan.losses.append(("links", [span.id for span in unknown]))
    spans = [
        span._replace(
            actor=span.actor if span.actor in actors else None,
            proposition=span.proposition if span.proposition in propositions else None,
        )
        for span in row.spans
    ]
    return row._replace(spans=spans)


def _drop_unknown_bases(plan: Plan) -> None:
    """Drop ``based_on`` where the file lacks that set: an export of approved sets leaves others out."""
    here = {row.id for row in plan.sets}
    lost = [row for row in plan.sets if row.based_on is not None and row.based_on not in here]
    plan.losses.append(("based_on", [row.id for row in lost]))
    plan.sets = [row._replace(based_on=None) if row in lost else row for row in plan.sets]


def _as_own_set(run: Run, row: records.AnnotationSet) -> records.AnnotationSet:
    """Return the set as new work of the owner."""
    submitted = run.state == State.SUBMITTED
    return row._replace(
        owner=run.owner.get_username() if run.owner else "",
        reviewer=None,
        kind=str(Kind.ANNOTATION),
        round=str(Round.PRODUCTION),
        state=str(run.state),
        version=1,
        guideline_version=None,
        based_on=None,
        due_at=None,
        created_at=run.now,
        submitted_at=run.now if submitted else None,
        approved_at=None,
        comments=(),
    )


def _usernames(plans: Iterable[Plan]) -> set[str]:
    rows = [row for plan in plans for row in plan.sets]
    names = {row.owner for row in rows} | {row.reviewer for row in rows}
    comments = [comment for row in rows for comment in row.comments]
    names |= {comment.author for comment in comments} | {comment.resolved_by for comment in comments}
    return {name for name in names if name}


def _create(run: Run, plans: Sequence[Plan], rows: Rows, tally: Tally) -> None:
    if not plans:
        return
    wanted = [(str(run.corpus.pk), plan.pending.article.id) for plan in plans]
    made: Made = [
        (id, plan.pending.article, plan.sets)
        for id, plan in zip(assign(run, Article, wanted, tally), plans, strict=True)
    ]
    ids = Ids(run, made, tally)
    for id, article, sets in made:
        rows.article(id, article, sets, ids)
    for (id, *_), plan in zip(made, plans, strict=True):
        tally.tell(plan.pending, "created", id)
    rows.store()
    tally.created += len(plans)


def _update(run: Run, plan: Plan, stored: Article, rows: Rows, tally: Tally) -> None:
    changed = update.apply(run, stored, plan.pending.article)
    if plan.sets:
        id = str(stored.pk)
        # The revision is there already; only the sets are new.
        ids = Ids(run, [(id, plan.pending.article._replace(revisions=()), plan.sets)], tally)
        current = {row.revision: str(stored.revision_id) for row in plan.sets}
        rows.sets(id, plan.sets, current, update.facts_with(stored, plan.sets[0]), ids)
        rows.store()
        settle(stored)
    tally.tell(plan.pending, "updated" if changed or plan.sets else "skipped", stored.pk)
    tally.updated += changed or bool(plan.sets)
    tally.skipped += not changed and not plan.sets
