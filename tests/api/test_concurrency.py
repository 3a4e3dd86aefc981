"""Many at once: nothing that was acknowledged is lost, nothing is given out twice, nothing is torn.

Threads with a database connection each, on both engines; ``slow`` has the full numbers, and processes
against a running server.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from annotations.exceptions import DuplicateError
from annotations.models import (
    AnnotationSet,
    Article,
    Corpus,
    Decision,
    Event,
    Membership,
    Role,
    Span,
)
from annotations.services.core import corpora
from annotations.services.team import invitations
from tests import factories
from tests.api.together import at_once, twin
from tests.newsroom import Caller, Newsroom, Reply, span

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")


@pytest.fixture
def stored_newsroom(transactional_db: None) -> Newsroom:
    """A newsroom for each test, which other connections see."""
    return Newsroom()


def retried(read: Callable[[], int], write: Callable[[int], Reply]) -> int:
    """Read the version and write, until the write is acknowledged; answers the version it made."""
    while True:
        reply = write(read())
        if reply.status == 200:
            return reply.version
        assert reply.refusal == (412, "stale"), reply


def write_to_a_span(newsroom: Newsroom, workers: int, writes: int) -> None:
    row = newsroom.set()
    made = newsroom.ann.post(f"sets/{row.pk}/spans/", span()).data["id"]
    at = f"spans/{made}/"

    def work(number: int) -> list[tuple[int, str]]:
        caller, ledger = twin(newsroom.ann), []
        for turn in range(writes):
            value = f"worker {number} turn {turn}"

            def change(version: int, value: str = value) -> Reply:
                return caller.patch(at, {"attributes": {"role_text": value}}, version)

            ledger.append((retried(lambda: caller.get(at).version, change), value))
        return ledger

    acknowledged = dict(
        entry for ledger in at_once([partial(work, n) for n in range(workers)]) for entry in ledger
    )
    assert len(acknowledged) == workers * writes  # each made a version of its own
    shown = newsroom.ann.get(at)
    assert shown.version == 1 + workers * writes
    assert shown.data["attributes"]["role_text"] == acknowledged[shown.version]
    told = Event.objects.filter(set_id=row.pk, action="span_changed").order_by("seq")
    values = [event.data["after"]["attributes"]["role_text"] for event in told]
    assert values == [acknowledged[version] for version in sorted(acknowledged)]
    assert newsroom.fresh(row).version == 2 + workers * writes


def test_t1_no_acknowledged_write_is_lost(newsroom: Newsroom) -> None:
    write_to_a_span(newsroom, workers=4, writes=6)


@pytest.mark.slow
def test_t1_no_acknowledged_write_is_lost_in_full(newsroom: Newsroom) -> None:
    write_to_a_span(newsroom, workers=8, writes=60)


def write_to_a_set(newsroom: Newsroom, reviewers: int, turns: int) -> None:
    """Reviewers take a review and give it back, each from the version that they saw."""
    row = newsroom.submitted()
    callers = []
    for _ in range(reviewers):
        user = factories.make_user()
        corpora.add_member(newsroom.user("max"), newsroom.lake.pk, user, Role.REVIEWER)
        callers.append(Caller(user))
    at = f"sets/{row.pk}/"

    def work(caller: Caller) -> list[int]:
        ledger: list[int] = []
        while len(ledger) < turns:
            shown = caller.get(at)
            mine = shown.data["reviewer"] == caller.name
            if shown.data["state"] != "submitted" and not mine:
                time.sleep(random.random() / 200)
                continue
            name = "release-review" if mine else "start-review"
            reply = caller.post(f"{at}{name}/", {}, version=shown.version)
            if reply.status == 200:
                ledger.append(reply.version)
            else:
                assert reply.refusal == (412, "stale"), reply
        if len(ledger) % 2:
            ledger.append(caller.move(row.pk, "release-review").version)
        return ledger

    before = row.version
    acknowledged = [
        version for ledger in at_once([partial(work, caller) for caller in callers]) for version in ledger
    ]
    assert sorted(acknowledged) == list(range(before + 1, before + 1 + len(acknowledged)))
    assert newsroom.fresh(row).version == before + len(acknowledged)
    moves = Event.objects.filter(set_id=row.pk, action__in=("start_review", "release_review")).order_by("seq")
    assert [event.data["after"]["version"] for event in moves] == sorted(acknowledged)
    for taken, given in zip(moves[::2], moves[1::2], strict=True):
        assert (taken.action, given.action) == ("start_review", "release_review")
        assert taken.user_id == given.user_id


def test_t1_no_move_is_lost(newsroom: Newsroom) -> None:
    write_to_a_set(newsroom, reviewers=3, turns=4)


@pytest.mark.slow
def test_t1_no_move_is_lost_in_full(newsroom: Newsroom) -> None:
    write_to_a_set(newsroom, reviewers=8, turns=60)


def test_t3_of_writes_from_one_version_one_wins(newsroom: Newsroom) -> None:
    row = newsroom.set()
    at = f"spans/{newsroom.ann.post(f'sets/{row.pk}/spans/', span()).data['id']}/"

    def write(number: int) -> Reply:
        return twin(newsroom.ann).patch(at, {"end": 60 + number}, 1)

    replies = at_once([partial(write, n) for n in range(1, 9)])
    assert Counter(reply.status for reply in replies) == {200: 1, 412: 7}
    winner = next(reply for reply in replies if reply.status == 200)
    assert newsroom.ann.get(at).data == winner.data
    assert {reply.data["version"] for reply in replies if reply.status == 412} == {2}


def test_two_reviewers_take_one_review(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    replies = at_once(
        [partial(twin(newsroom[who]).move, row.pk, "start-review", row.version) for who in ("rae", "max")]
    )
    assert sorted(reply.status for reply in replies) in ([200, 409], [200, 412])
    winner = next(reply for reply in replies if reply.status == 200)
    assert newsroom.fresh(row).reviewer_id in {newsroom.user(who).pk for who in ("rae", "max")}
    assert winner.data["reviewer"] == newsroom.rae.get(f"sets/{row.pk}/").data["reviewer"]


def both_submitted(newsroom: Newsroom) -> Article:
    """An article that waits for adjudication, with one difference."""
    article = newsroom.article(annotators=2)
    newsroom.submitted("ann", article)
    newsroom.moved(newsroom.set("ben", article), "ben", "submit")
    return article


def test_two_begin_one_adjudication(newsroom: Newsroom) -> None:
    article = both_submitted(newsroom)
    sent = {"kind": "adjudication"}
    replies = at_once(
        [partial(twin(newsroom[who]).post, f"articles/{article.pk}/sets/", sent) for who in ("rae", "max")]
    )
    assert sorted(reply.status for reply in replies) == [201, 409], replies
    assert AnnotationSet.objects.filter(article=article, kind="adjudication").count() == 1


def test_a_decision_is_settled_once_in_two_windows(newsroom: Newsroom) -> None:
    row = newsroom.adjudication()
    decision = Decision.objects.get(set=row)
    at, version = f"decisions/{decision.pk}/settle/", decision.version
    replies = at_once(
        [
            partial(twin(newsroom.rae).post, at, {"choice": choice, "reason": "slip"}, version=version)
            for choice in ("take_a", "drop")
        ]
    )
    assert sorted(reply.status for reply in replies) == [200, 412], replies
    decision.refresh_from_db()
    winner = next(reply.data for reply in replies if reply.status == 200)
    assert (decision.choice, decision.version) == (winner["choice"], version + 1)
    assert Span.objects.filter(set=row).count() == (winner["choice"] == "take_a")


def test_nobody_decides_while_the_work_is_taken_over(newsroom: Newsroom) -> None:
    row = newsroom.adjudication()
    decision = Decision.objects.get(set=row)
    version = newsroom.fresh(row).version
    settled, taken = at_once(
        [
            lambda: twin(newsroom.rae).post(
                f"decisions/{decision.pk}/settle/",
                {"choice": "take_a", "reason": "slip"},
                version=decision.version,
            ),
            lambda: twin(newsroom.max).move(row.pk, "take-over", version, reason="Rae is away."),
        ]
    )
    assert (settled.status, taken.status) in {(200, 412), (409, 201)}, (settled, taken)
    if taken.status == 201:
        assert Decision.objects.get(set=taken.data["id"]).state == "open"


def ask_the_queue(newsroom: Newsroom, clients: int, task: str) -> None:
    role = Role.ANNOTATOR if task == "annotate" else Role.REVIEWER
    callers = []
    for _ in range(clients):
        user = factories.make_user()
        corpora.add_member(newsroom.user("max"), newsroom.lake.pk, user, role)
        callers.append(Caller(user))
    for _ in range(clients - 3):
        if task == "annotate":
            newsroom.article()
        elif task == "review":
            newsroom.submitted()
        else:
            both_submitted(newsroom)
    replies = at_once([partial(caller.post, "corpora/lake/queue/", {"task": task}) for caller in callers])
    assert {reply.status for reply in replies} == {200}
    taken = [reply.data["set"]["id"] for reply in replies if reply.data["set"]]
    assert len(taken) == len(set(taken))
    # whoever came when all was locked asks again
    again = [caller.post("corpora/lake/queue/", {"task": task}).data["set"] for caller in callers]
    held = [row["id"] for row in again if row]
    assert len(held) == len(set(held)) == clients - 3
    assert set(taken) <= set(held)
    articles = AnnotationSet.objects.filter(pk__in=held).values_list("article_id", flat=True)
    assert len(set(articles)) == clients - 3


@pytest.mark.parametrize("task", ["annotate", "review", "adjudicate"])
def test_the_queue_gives_nothing_twice(newsroom: Newsroom, task: str) -> None:
    ask_the_queue(newsroom, 10, task)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["annotate", "review", "adjudicate"])
def test_the_queue_gives_nothing_twice_to_fifty(newsroom: Newsroom, task: str) -> None:
    ask_the_queue(newsroom, 50, task)


def test_no_span_slips_into_a_set_that_is_closing(newsroom: Newsroom) -> None:
    for _ in range(6):
        row = newsroom.set()
        newsroom.ann.post(f"sets/{row.pk}/spans/", span())

        def submit(row: AnnotationSet = row) -> Reply:
            caller = twin(newsroom.ann)
            while True:
                reply = caller.move(row.pk, "submit", caller.get(f"sets/{row.pk}/").version)
                if reply.status != 412:
                    return reply

        def mark(row: AnnotationSet = row, start: int = 0) -> Reply:
            return twin(newsroom.ann).post(f"sets/{row.pk}/spans/", span(start, start + 2))

        jobs: list[Callable[[], Reply]] = [submit, *(partial(mark, row, start) for start in (0, 4, 12, 19))]
        replies = at_once(jobs)
        assert replies[0].status == 200
        for reply in replies[1:]:
            assert reply.status == 201 or reply.refusal == (409, "closed-set"), reply
        actions = [each.action for each in Event.objects.filter(set_id=row.pk).order_by("seq")]
        assert actions[-1] == "submit"
        added = sum(reply.status == 201 for reply in replies[1:])
        assert Span.objects.filter(set=row).count() == 1 + added
    # that the digest of each closed set still holds is asked when the test is over


def test_no_article_gets_more_annotators_than_it_takes(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    replies = at_once(
        [
            partial(twin(newsroom.max).post, f"articles/{article.pk}/sets/", {"owner": owner})
            for owner in ("ann", "ben", "rae", "max", "ann")
        ]
    )
    assert Counter(reply.status for reply in replies) == {201: 2, 409: 3}
    owners = [reply.data["owner"] for reply in replies if reply.status == 201]
    assert len(set(owners)) == 2


def test_one_manager_stays(newsroom: Newsroom) -> None:
    corpora.update_member(newsroom.user("max"), newsroom.lake.pk, "rae", Role.MANAGER, version=1)
    replies = at_once(
        [
            lambda: twin(newsroom.max).patch("corpora/lake/members/rae/", {"role": "viewer"}, 2),
            lambda: twin(newsroom.rae).patch("corpora/lake/members/max/", {"role": "viewer"}, 1),
        ]
    )
    assert sorted(reply.status for reply in replies) in ([200, 403], [200, 409]), replies
    assert Membership.objects.filter(corpus=newsroom.lake, role=Role.MANAGER).count() == 1


@pytest.mark.parametrize("another", [False, True])
def test_one_person_takes_one_set_at_a_time(newsroom: Newsroom, another: bool) -> None:
    """Two tabs that ask at once: each of them finds nothing held, and the limit is not reached yet."""
    for _ in range(8):
        newsroom.article()
    if another:
        Corpus.objects.filter(pk=newsroom.lake.pk).update(most_open=1)
    sent = {"task": "annotate", "another": another}
    replies = at_once([partial(twin(newsroom.ann).post, "corpora/lake/queue/", sent) for _ in range(8)])
    assert {reply.status for reply in replies} == {200}, replies
    assert AnnotationSet.objects.filter(owner=newsroom.user("ann")).count() == 1
    given = {reply.data["set"]["id"] for reply in replies if reply.data["set"]}
    assert len(given) == 1


def test_one_person_joins_once(newsroom: Newsroom) -> None:
    max_, sam = newsroom.user("max"), newsroom.user("sam")
    links = [
        invitations.create_invitation(max_, factories.seen_by(max_, newsroom.lake), Role.ANNOTATOR)[1]
        for _ in range(4)
    ]

    def join(token: str) -> str:
        try:
            invitations.join_corpus(token, sam)
        except DuplicateError:
            return "duplicate"
        return "joined"

    assert sorted(at_once([partial(join, token) for token in links])) == ["duplicate"] * 3 + ["joined"]
