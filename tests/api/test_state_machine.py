"""A team at work for many random days: what the API answers is what a small model says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from annotations.models import AnnotationSet, Article, Corpus, Decision, Role
from annotations.services import integrity
from annotations.services.core import corpora
from tests import factories, lanes
from tests.api.small_model import EDITABLE, MOVES, ROLES, Model, Work
from tests.newsroom import Caller, Newsroom, Reply

PEOPLE = st.sampled_from(sorted(ROLES))
WORKERS = st.sampled_from(["ann", "ben", "rae", "max"])
MARKS = ((0, 18), (43, 47), (60, 69), (60, 63))
SOME = st.integers(0, 10_000)
REASONED = {"take-over", "reopen", "withdraw"}


def body_of(name: str) -> dict[str, str]:
    reason = {"reason": "It has to be."} if name in REASONED else {}
    return reason | ({"comment": "Mend it."} if name == "return" else {})


class Days(RuleBasedStateMachine):
    """One person does one thing after the other."""

    newsroom: ClassVar[Newsroom]

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()
        self.model = Model({})

    @initialize()
    def articles(self) -> None:
        Corpus.objects.update(double_share=0)
        for annotators in (1, 1, 2, 2):
            article = self.newsroom.article(annotators=annotators)
            self.model.annotators[str(article.pk)] = annotators

    def teardown(self) -> None:
        report = integrity.run_checks()
        findings = [(name, *finding) for name, tally in report.checks.items() for finding in tally.findings]
        transaction.savepoint_rollback(self.before)
        assert findings == []

    def set_of(self, which: int) -> Work | None:
        sets = list(self.model.sets.values())
        return sets[which % len(sets)] if sets else None

    def article_of(self, which: int) -> str:
        return list(self.model.annotators)[which % len(self.model.annotators)]

    @rule(who=WORKERS, task=st.sampled_from(["annotate", "review", "adjudicate"]))
    def take(self, who: str, task: str) -> None:
        reply = self.newsroom[who].post("corpora/lake/queue/", {"task": task})
        if task != "annotate" and ROLES[who] < 2:
            assert reply.refusal == (403, "role")
            return
        assert reply.status == 200, reply
        row = reply.data["set"]
        if task == "annotate" and row is None and ROLES[who] < 2:
            free = [
                id for id in self.model.annotators if self.model.places(id) and not self.model.had(who, id)
            ]
            assert free == []
        if row is not None:
            self.taken(who, task, row)

    def taken(self, who: str, task: str, row: Any) -> None:
        known = self.model.sets.get(row["id"])
        if task == "review":
            assert known is not None
            if known.state != "in_review":
                assert self.model.expect(who, "start-review", known) == 200
                self.model.carry_out(who, "start-review", known, "")
            assert known.reviewer == who
        elif known is not None:
            assert (known.owner, known.state in EDITABLE) == (who, True)
        elif task == "annotate":
            assert self.model.places(row["article"]) > 0
            assert not self.model.had(who, row["article"])
            self.model.start(row["id"], row["article"], who)
        else:
            assert self.model.is_ready(row["article"])
            made = self.model.start(row["id"], row["article"], who, "adjudication")
            assert not any(who in source.authors for source in made.sources)

    @rule(by=PEOPLE, owner=PEOPLE, which=SOME)
    def assign(self, by: str, owner: str, which: int) -> None:
        article = self.article_of(which)
        reply = self.newsroom[by].post(f"articles/{article}/sets/", {"owner": owner})
        model = self.model
        rows = (
            (ROLES[by] < 3, 403),
            (model.places(article) <= 0, 409),
            (model.had(owner, article, withdrawn=False), 409),
            (ROLES[owner] < 1, 422),
        )
        assert reply.status == next((status for fits, status in rows if fits), 201), reply
        if reply.status == 201:
            model.start(reply.data["id"], article, owner)

    @rule(who=PEOPLE, which=SOME)
    def adjudicate(self, who: str, which: int) -> None:
        article, model = self.article_of(which), self.model
        reply = self.newsroom[who].post(f"articles/{article}/sets/", {"kind": "adjudication"})
        involved = model.had(who, article, withdrawn=False) or any(
            who in source.authors for source in model.sources(article)
        )
        rows = ((ROLES[who] < 2, 403), (involved, 403), (not model.is_ready(article), 409))
        assert reply.status == next((status for fits, status in rows if fits), 201), reply
        if reply.status == 201:
            model.start(reply.data["id"], article, who, "adjudication")

    @rule(who=PEOPLE, which=SOME, mark=st.sampled_from(MARKS))
    def mark(self, who: str, which: int, mark: tuple[int, int]) -> None:
        work = self.set_of(which)
        if work is None or work.kind == "adjudication":
            return
        sent = {"label": "actor", "start": mark[0], "end": mark[1]}
        overlaps = {(60, 69), (60, 63)} <= {*work.marks, mark}
        if overlaps and mark not in work.marks:
            return  # the guideline would stop the submission, which is another test
        reply = self.newsroom[who].post(f"sets/{work.id}/spans/", sent)
        rows = (
            (not self.model.sees_row(who, work), 404),
            (who != work.owner or ROLES[who] < 1, 403),
            (work.state not in EDITABLE or mark in work.marks, 409),
        )
        assert reply.status == next((status for fits, status in rows if fits), 201), reply
        if reply.status == 201:
            work.marks.add(mark)

    @rule(who=WORKERS, which=SOME, choice=st.sampled_from(["take_a", "take_b", "drop"]))
    def settle(self, who: str, which: int, choice: str) -> None:
        open_ = list(Decision.objects.filter(state="open").order_by("pk").select_related("set"))
        if not open_:
            return
        decision = open_[which % len(open_)]
        work = self.model.sets[str(decision.set_id)]
        reply = self.newsroom[who].post(
            f"decisions/{decision.pk}/settle/", {"choice": choice, "reason": "slip"}, version=decision.version
        )
        rows = (
            (not self.model.reads(who, work), 404),
            (who != work.owner, 403),
            (work.state not in EDITABLE, 409),
        )
        assert reply.status == next((status for fits, status in rows if fits), 200), reply

    @rule(who=PEOPLE, name=st.sampled_from(sorted(MOVES)), which=SOME)
    def move(self, who: str, name: str, which: int) -> None:
        work = self.set_of(which)
        if work is not None:
            self.moved(who, name, work)

    @rule(name=st.sampled_from(["submit", "start-review", "approve", "return"]), which=SOME)
    def go_on(self, name: str, which: int) -> None:
        """Somebody who may make a move makes it, so that work comes to its end."""
        work = self.set_of(which)
        able = [who for who in ROLES if work is not None and self.model.expect(who, name, work) < 300]
        if work is not None and able:
            self.moved(able[which % len(able)], name, work)

    def moved(self, who: str, name: str, work: Work) -> None:
        open_decisions = Decision.objects.filter(set=UUID(work.id), state="open").count()
        expected = self.model.expect(who, name, work, open_decisions=open_decisions)
        version = AnnotationSet.objects.values_list("version", flat=True).get(pk=work.id)
        reply = self.newsroom[who].post(f"sets/{work.id}/{name}/", body_of(name), version=version)
        assert reply.status == expected, (who, name, work, reply)
        if reply.status < 300:
            self.model.carry_out(who, name, work, reply.data["id"])
            again = self.newsroom[who].post(f"sets/{work.id}/{name}/", body_of(name), version=version)
            assert (again.status, again.data["id"]) == (200, reply.data["id"]), again
            other = self.newsroom["ada"].post(f"sets/{work.id}/{name}/", body_of(name), version=version)
            assert other.status in (403, 412), other

    @invariant()
    def stored_as_the_model_says(self) -> None:
        rows = AnnotationSet.objects.values_list(
            "pk", "owner__username", "state", "reviewer__username", "blind"
        )
        found = {str(pk): (owner, state, blind) for pk, owner, state, _, blind in rows}
        said = {
            work.id: (work.owner, work.state, not self.model.is_unblinded(work.article))
            for work in self.model.sets.values()
        }
        assert found == said


@pytest.mark.django_db
def test_days_of_a_team(newsroom: Newsroom) -> None:
    play(newsroom, runs=lanes.examples(8), steps=25)


@pytest.mark.slow
@pytest.mark.django_db
def test_years_of_a_team(newsroom: Newsroom) -> None:
    play(newsroom, runs=2_000, steps=50)


def play(newsroom: Newsroom, *, runs: int, steps: int) -> None:
    Days.newsroom = newsroom
    chosen = settings(
        max_examples=runs, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Days, settings=chosen)


class Pairs:
    """Two people do something at the same moment, again and again, in a corpus of their own."""

    def __init__(self, people: dict[str, Caller]) -> None:
        self.people = people
        users = {name: caller.user for name, caller in people.items() if caller.user is not None}
        # every hand-out asks for a second annotation, which comes and goes at any moment
        self.corpus = factories.make_corpus(manager=users["max"], double_share=100)
        for name, role in (("ann", Role.ANNOTATOR), ("ben", Role.ANNOTATOR), ("rae", Role.REVIEWER)):
            corpora.add_member(users["max"], self.corpus.pk, users[name], role)
        for annotators in (1, 1, 2):
            factories.make_article(self.corpus, by=users["max"], annotators=annotators)

    def do(self, step: tuple[str, str, int]) -> tuple[Any, Reply | None]:
        """One thing of one person; what it is about is taken from what is there now."""
        who, what, which = step
        try:
            if what in ("annotate", "review", "adjudicate"):
                return None, self.people[who].post(f"corpora/{self.corpus.slug}/queue/", {"task": what})
            rows = list(AnnotationSet.objects.filter(corpus=self.corpus).order_by("pk"))
            if not rows:
                return None, None
            row = rows[which % len(rows)]
            if what == "mark":
                sent = {"label": "actor", "start": 60, "end": 69}
                return None, self.people[who].post(f"sets/{row.pk}/spans/", sent)
            if what == "settle":
                return None, self.settle(who, row)
            reply = self.people[who].post(f"sets/{row.pk}/{what}/", body_of(what), version=row.version)
            return (row.pk, row.version, what, who), reply
        finally:
            connections.close_all()

    def settle(self, who: str, row: AnnotationSet) -> Reply | None:
        decision = Decision.objects.filter(set=row).first()
        if decision is None:
            return None
        sent = {"choice": "take_a", "reason": "slip"}
        return self.people[who].post(f"decisions/{decision.pk}/settle/", sent, version=decision.version)

    def check(self, outcomes: list[tuple[Any, Reply | None]]) -> None:
        """Nobody met a fault of ours, and of two decisions on one version one was told to look again."""
        for _, reply in outcomes:
            assert reply is None or reply.status in {200, 201, 403, 404, 409, 412}, reply
        made = [
            key for key, reply in outcomes if key is not None and reply is not None and reply.status < 300
        ]
        if len(made) == 2 and made[0][:2] == made[1][:2]:
            assert made[0] == made[1], "two different moves were made from one version"

    def is_clean(self) -> None:
        report = integrity.run_checks(self.corpus)
        findings = [(name, *finding) for name, tally in report.checks.items() for finding in tally.findings]
        assert findings == []
        for article in Article.objects.filter(corpus=self.corpus):
            owners = list(
                article.sets.filter(kind="annotation")
                .exclude(state__in=("withdrawn", "superseded"))
                .values_list("owner_id", flat=True)
            )
            assert len(owners) == len(set(owners)) <= article.annotators + 1


WHATS = st.sampled_from(["annotate", "review", "adjudicate", "mark", "settle", *sorted(MOVES)])
STEP = st.tuples(WORKERS, WHATS, SOME)


@pytest.fixture
def stored_newsroom(db: None) -> Newsroom:
    """A newsroom for each test: some tests of this module commit."""
    return Newsroom()


@pytest.fixture
def people(transactional_db: None) -> dict[str, Caller]:
    return {name: Caller(factories.make_user(name)) for name in ("ann", "ben", "rae", "max")}


def two_at_once(people: dict[str, Caller], *, runs: int, steps: int) -> None:
    days = st.lists(st.tuples(STEP, STEP), min_size=steps, max_size=steps)

    @settings(max_examples=runs, deadline=None, suppress_health_check=list(HealthCheck))
    @given(days)
    def run(chosen: list[Any]) -> None:
        pairs = Pairs(people)
        with ThreadPoolExecutor(2) as pool:
            for both in chosen:
                pairs.check(list(pool.map(pairs.do, both)))
        pairs.is_clean()

    run()


def test_two_at_once(people: dict[str, Caller]) -> None:
    two_at_once(people, runs=3, steps=15)


@pytest.mark.slow
def test_two_at_once_for_long(people: dict[str, Caller]) -> None:
    two_at_once(people, runs=2_000, steps=50)
