"""Merges at the same moment: one wins, the other one hears of it, and none closes a circle."""

from __future__ import annotations

from functools import partial

import pytest

from annotations.models import Actor, Merge
from annotations.services.integrity import run_checks
from tests.api.together import at_once, twin
from tests.newsroom import Newsroom, Reply

ROUNDS = 4

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stored_newsroom(transactional_db: None) -> Newsroom:
    """A newsroom for each test, which other connections see."""
    return Newsroom()


def merge_at_once(newsroom: Newsroom, *pairs: tuple[str, str]) -> list[Reply]:
    """The answers to merges of these losers and winners, all sent from the versions of before."""
    versions = {loser: newsroom.vic.get(f"actors/{loser}/").version for loser, _ in pairs}
    return at_once(
        [
            partial(
                twin(newsroom.rae).post,
                f"actors/{loser}/merge/",
                {"into": into, "reason": "One."},
                version=versions[loser],
            )
            for loser, into in pairs
        ]
    )


def check_registry() -> None:
    """Every actor ends at one that is not merged, and what is derived is what it should be."""
    for actor in Actor.objects.select_related("canonical"):
        assert actor.canonical.merged_into_id is None
        assert (actor.canonical_id == actor.pk) == (actor.merged_into_id is None)
    assert run_checks().found == 0


def test_of_two_merges_of_one_loser_the_later_one_is_refused(stored_newsroom: Newsroom) -> None:
    for number in range(ROUNDS):
        loser, one, other = (stored_newsroom.actor(f"{name} {number}") for name in ("Lorn", "Ada", "Bea"))
        replies = merge_at_once(stored_newsroom, (loser, one), (loser, other))
        assert sorted(reply.status for reply in replies) == [201, 412], replies
        winner = (one, other)[[reply.status for reply in replies].index(201)]
        assert [str(row.winner) for row in Merge.objects.filter(loser=loser)] == [winner]
        assert str(Actor.objects.get(pk=loser).canonical_id) == winner
    check_registry()


def test_two_actors_that_are_merged_into_each_other_never_make_a_circle(stored_newsroom: Newsroom) -> None:
    for number in range(ROUNDS):
        one, other = (stored_newsroom.actor(f"{name} {number}") for name in ("Ada", "Bea"))
        replies = merge_at_once(stored_newsroom, (one, other), (other, one))
        assert sorted(reply.status for reply in replies) == [201, 412], replies
        assert Actor.objects.filter(pk__in=(one, other), merged_into__isnull=True).count() == 1
    check_registry()


def test_merges_in_a_ring_leave_one_actor_that_is_not_merged(stored_newsroom: Newsroom) -> None:
    for number in range(ROUNDS):
        ids = [stored_newsroom.actor(f"{name} {number}") for name in ("Ada", "Bea", "Cia")]
        replies = merge_at_once(stored_newsroom, *zip(ids, [*ids[1:], ids[0]], strict=True))
        assert {reply.status for reply in replies} <= {201, 409, 412}, replies
        assert 201 in {reply.status for reply in replies}
        assert Actor.objects.filter(pk__in=ids, merged_into__isnull=True).exists()
    check_registry()
