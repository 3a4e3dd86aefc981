"""What a merge would change, as it is shown beforehand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from annotations.models import Actor, AnnotationSet, Merge, Proposition, Span, Statement
from annotations.services import job_runner, releases
from annotations.services.core import relations
from tests import factories
from tests.api.test_wire_merges import merge, preview, undo
from tests.newsroom import Newsroom


def position(
    newsroom: Newsroom, actor: str, proposition: str, stance: str = "oppose", **article: Any
) -> AnnotationSet:
    """An approved set in which an actor takes a position."""
    row = newsroom.set("ann", newsroom.article(**article))
    holder = factories.make_span(row, actor_id=Actor.objects.get(pk=actor).pk)
    held = factories.make_span(
        row, "position", 70, 96, attributes={"stance": stance, "basis": "stated", "attribution": "named"},
        proposition_id=Proposition.objects.get(pk=proposition).pk,
    )  # fmt: skip
    draft = relations.RelationDraft(type="held_by", source_id=held.pk, target_id=holder.pk)
    relations.add_relations(newsroom.user("ann"), row.pk, [draft])
    for by, name in (("ann", "submit"), ("rae", "start_review"), ("rae", "approve")):
        newsroom.moved(row, by, name)
    return newsroom.fresh(row)


def test_a_preview_says_what_would_change(newsroom: Newsroom) -> None:
    loser, winner = newsroom.actor("A A"), newsroom.actor("B B")
    issue = newsroom.proposition()
    position(newsroom, loser, issue, "oppose", published_at=datetime(2026, 3, 1, tzinfo=UTC))
    position(newsroom, winner, issue, "support", published_at=datetime(2026, 1, 1, tzinfo=UTC))
    job_runner.make_release(newsroom.user("max"), newsroom.lake, releases.ReleaseRequest())
    found = preview(newsroom, loser, winner)
    assert list(found) == [
        "loser", "winner", "aliases", "conflicts", "spans", "sets", "articles", "cells",
        "changes_of_mind", "releases",
    ]  # fmt: skip
    assert (found["spans"], found["sets"], found["articles"]) == (1, 1, 1)
    assert found["changes_of_mind"] == {"before": 0, "after": 1}
    empty = dict.fromkeys(("support", "oppose", "mixed", "undecided"), 0)
    assert found["cells"] == [
        {
            "actor": winner,
            "proposition": issue,
            "before": {**empty, "support": 1, "score": 1.0},
            "after": {**empty, "support": 1, "oppose": 1, "score": 0.0},
        }
    ]
    assert (found["conflicts"], found["releases"]) == ([], [1])
    assert Merge.objects.count() == 0
    made = merge(newsroom, loser, winner).data
    usage = newsroom.vic.get(f"actors/{winner}/usage/").data
    assert (usage["spans"], usage["first_day"], usage["last_day"]) == (2, "2026-01-01", "2026-03-01")
    assert usage["propositions"] == [{"id": issue, "text": "A new toll", "statements": 2}]
    assert usage["by_source"] == [{"source": None, "spans": 2, "articles": 2}]
    assert Statement.objects.filter(actor_id=loser).count() == 1, "a merge writes no statement"
    assert undo(newsroom, made["id"]).status == 200


def test_issues_of_one_actor_become_one_cell(newsroom: Newsroom) -> None:
    actor = newsroom.actor()
    loser, winner = newsroom.proposition("A toll"), newsroom.proposition("Tolls")
    position(newsroom, actor, loser, "oppose")
    found = preview(newsroom, loser, winner, "proposition")
    assert [(cell["actor"], cell["proposition"]) for cell in found["cells"]] == [(actor, winner)]
    assert [cell["after"]["oppose"] for cell in found["cells"]] == [1]


def test_blind_work_is_neither_counted_nor_shown(newsroom: Newsroom) -> None:
    loser, winner = newsroom.actor("A A"), newsroom.actor("B B")
    article = newsroom.article(annotators=2)
    for who in ("ann", "ben"):
        factories.make_span(newsroom.set(who, article), actor_id=Actor.objects.get(pk=loser).pk)
    assert Span.objects.count() == 2
    usages = {who: newsroom[who].get(f"actors/{loser}/usage/").data["spans"] for who in ("ann", "rae", "vic")}
    assert usages == {"ann": 1, "rae": 0, "vic": 0}
    found = preview(newsroom, loser, winner)
    assert (found["spans"], found["sets"], found["articles"]) == (0, 0, 0)
