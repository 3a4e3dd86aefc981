"""A desk with sets in every state, for the checks of integrity, and ways round all services to its rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from annotations.enums import CarryDecision, DecisionChoice, ReasonCode
from annotations.models import (
    AnnotationSet,
    CarryItem,
    Event,
)
from annotations.services import job_runner, releases
from annotations.services.correction import items, revisions
from annotations.services.double_annotation import adjudication, decisions
from annotations.services.registry import names
from tests.services.small_newsroom import TEXT, SmallNewsroom


def make_desk() -> SimpleNamespace:
    """Make the desk through the services."""
    lake, sea = SmallNewsroom("lake"), SmallNewsroom("sea")
    actor = lake.actor("Ardenia", aliases=[{"text": "Ardennia", "language": "", "kind": "spelling"}])
    part = lake.actor("Ministry", parent_id=actor.pk)
    topic = lake.topic("Lock")
    issue = lake.issue("Open the lock", topic.pk)
    first, second, double = (
        lake.article("first"), lake.article("second"), lake.article("double", annotators=2),
    )  # fmt: skip
    gold = lake.work("ann", first, actor=actor.pk, issue=issue.pk)
    lake.move("ann", gold, "submit")
    lake.move("rae", gold, "start_review", "approve")
    reopened = lake.move("max", gold, "reopen", reason="A second look")
    work = lake.work("ann", second)
    one, two = lake.work("ann", double), lake.work("ben", double)
    lake.move("ann", one, "submit")
    under_review = lake.work("ben", lake.article("third"))
    lake.move("ben", under_review, "submit")
    lake.move("rae", under_review, "start_review")
    lake.move("rae", under_review, "return", comment="Mark the toll, too.")
    lake.move("ben", under_review, "submit")
    lake.move("rae", under_review, "start_review")
    left = lake.work("ben", lake.article("fourth"))
    taken = lake.move("rae", left, "take_over", reason="Ben is away")
    foreign = sea.actor("Ardenia")
    checked, equivalent, reviewed_again = correct_sets(lake, actor.pk)
    settled = lake.article("settled", annotators=2)
    for name in ("ann", "ben"):
        sides = lake.work(name, settled, issue=issue.pk if name == "ann" else None)
        lake.move(name, sides, "submit")
    merged = adjudication.begin_adjudication(lake.people["rae"], settled.pk)[0]
    taken_side = merged.decisions.get()
    verdict = decisions.DecisionResolution(
        id=taken_side.pk, version=1, choice=DecisionChoice.TAKE_A, reason=ReasonCode.LINK
    )
    decisions.resolve_decisions(lake.people["rae"], merged.pk, [verdict])
    release, _ = job_runner.make_release(
        lake.people["max"], lake.corpus, releases.ReleaseRequest(sets="none"), inline=True
    )
    return SimpleNamespace(
        lake=lake, sea=sea, actor=actor, part=part, topic=topic, issue=issue, first=first, second=second,
        other=lake.actor("Lorn"), double=double, gold=gold, reopened=reopened, work=work, one=one, two=two,
        under_review=under_review, left=left, taken=taken, foreign=foreign, merged=merged,
        sea_set=sea.work("ann", sea.article("far")), release=release,
        checked=checked, equivalent=equivalent, reviewed_again=reviewed_again,
    )  # fmt: skip


def correct_sets(lake: SmallNewsroom, actor: Any) -> tuple[AnnotationSet, AnnotationSet, AnnotationSet]:
    """Three sets on corrected texts: looked at and submitted, still approved, and approved once more."""
    lake.corpus.carry_approval = "when_untouched"
    lake.corpus.save()
    found = []
    for number, (text, moves) in enumerate(
        (
            (TEXT.replace("Ardenia said", "Ardenia denied"), ()),
            (f"{TEXT} It rained.", ("submit", "start_review", "approve")),
            (TEXT.replace("Ardenia said", "Ardenia denied"), ("submit", "start_review", "approve")),
        )
    ):
        row = lake.work("ann", lake.article(f"corrected-{number}"), actor=actor)
        for move in moves:
            lake.move("ann" if move == "submit" else "rae", row, move)
        revisions.add_revision(lake.people["max"], row.article_id, text, "A correction.")
        new = AnnotationSet.objects.get(based_on=row)
        for item in CarryItem.objects.filter(set=new):
            fine = items.ItemDecision(decision=CarryDecision.FINE)
            items.settle_item(lake.people["ann"], item, fine, version=lake.fresh(new).version)
        if new.state == "open":
            lake.move("ann", new, "submit")
        if new.state == "open" and moves:
            lake.move("rae", new, "start_review", "approve")
        found.append(lake.fresh(new))
    return found[0], found[1], found[2]


def long_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)


def rewrite(row: AnnotationSet, name: str, /, action: str = "", **after: Any) -> None:
    """Make an event tell something else."""
    event = Event.objects.get(set_id=row.pk, action=name)
    data = event.data | {"after": event.data["after"] | after}
    Event.objects.filter(pk=event.pk).update(data=data, action=action or name)


def put_event(row: AnnotationSet, action: str, **data: Any) -> None:
    Event.objects.create(
        corpus_id=row.corpus_id,
        article_id=row.article_id,
        set_id=row.pk,
        user_id=row.owner_id,
        action=action,
        data=data,
        time=timezone.now(),
    )


def change(model: Any, row: Any, **values: Any) -> None:
    assert model.objects.filter(pk=row.pk).update(**values) == 1
    if "merged_into" in values:
        names.refresh_names(
            names.KINDS_BY_MODEL[model], row.corpus_id, [row.pk]
        )  # all else is as it should be
