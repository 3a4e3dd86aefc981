"""Handing out much work at once: in production to whom it suits, in calibration to everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotations.exceptions import Invalid, NotAllowedNow, NotInCorpus, UnknownUser, located
from annotations.models import WAITING, AnnotationSet, Article, Corpus, Event, Membership, Role, uuid7
from annotations.permissions import HasRole, Permission, require
from annotations.says import listed, says
from annotations.services import events, notices
from annotations.services.sets import (
    copy_content,
    facts_of_many,
    unassigned_before,
    require_not_archived,
    settle,
)
from annotations.states import EDITABLE, LIVE, Kind, Notice, Round, State, Strategy
from annotations.workflow import ArticleFacts, places

#: How many sets one request makes at most.
MOST_SETS = 5_000


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is handed out to whom. Pointers of refusals lead into ``articles`` and ``owners``."""

    articles: Sequence[UUID]
    owners: Sequence[str]
    strategy: Strategy = Strategy.ROUND_ROBIN
    round: Round = Round.PRODUCTION
    due_at: datetime | None = None


#: Chooses so many of the people who are free for an article; each keeps what it has to remember.
Chooser = Callable[[Sequence[User], int], list[User]]


def with_room(corpus: Corpus) -> QuerySet[Article]:
    """The articles of a corpus that take one more annotator."""
    taking = AnnotationSet.objects.filter(
        article=OuterRef("pk"),
        round=Round.PRODUCTION,
        kind=Kind.ANNOTATION,
        state__in=[*LIVE, State.APPROVED],
    )
    number = taking.order_by().values("article").annotate(number=Count("pk")).values("number")
    waiting = Article.objects.filter(corpus=corpus, status__in=WAITING)
    return waiting.filter(annotators__gt=Coalesce(Subquery(number), 0))


@transaction.atomic
def assign_many(by: User, corpus: Corpus, job: Job) -> list[AnnotationSet]:
    """Give each article as many of the people as it still takes: all that is asked for, or nothing.

    In a calibration everybody does every article.
    """
    require(by, Permission.ASSIGN_SET, cast("HasRole", corpus))
    require_not_archived(corpus)
    people = _people(corpus, job.owners)
    articles = _locked(corpus, job.articles)
    facts = facts_of_many(articles)
    busy = _busy(articles, job.round)
    choose = _CHOOSERS[job.strategy](corpus, people)
    rows: list[AnnotationSet] = []
    for place, article in enumerate(articles):
        with located(f"/articles/{place}"):
            _require_open(article, facts[article.pk], job.round)
            free = [person for person in people if person.pk not in busy.get(article.pk, ())]
            _require_people(article, free, people, job.round)
            everybody = job.round == Round.CALIBRATION
            chosen = free if everybody else choose(free, places(facts[article.pk]))
        rows += [_row(article, person, job) for person in chosen]
        if len(rows) > MOST_SETS:
            raise Invalid(
                says(
                    "This would make more than {most:,} sets; send fewer articles at a time.",
                    most=MOST_SETS,
                )
            )
    _store(by, articles, facts, rows)
    return rows


def _people(corpus: Corpus, names: Sequence[str]) -> list[User]:
    """The people in the order of the request, each able to annotate."""
    users = {user.get_username(): user for user in User.objects.filter(username__in=names, is_active=True)}
    members = Membership.objects.filter(corpus=corpus, user__in=users.values())
    roles = {member.user_id: member.role for member in members}
    for place, name in enumerate(names):
        with located(f"/owners/{place}"):
            if name not in users:
                raise UnknownUser(
                    says(
                        "There is no active person called {name!r}; check /owners/{place}.",
                        name=name,
                        place=place,
                    )
                )
            user = users[name]
            if not user.is_superuser and roles.get(user.pk) not in Role.ANNOTATOR.including:
                raise NotInCorpus(
                    says(
                        "{name} cannot annotate in the corpus {corpus}; give them the role annotator first.",
                        name=name,
                        corpus=corpus.slug,
                    )
                )
            if name in names[:place]:
                raise Invalid(says("{name} stands twice in the list; name everybody once.", name=name))
    return [users[name] for name in names]


def _locked(corpus: Corpus, ids: Sequence[UUID]) -> list[Article]:
    """The articles in the order of the request, locked in the order of their ids."""
    rows = Article.objects.select_for_update(of=("self",)).filter(corpus=corpus, pk__in=ids)
    found = {article.pk: article for article in rows.select_related("corpus").order_by("pk")}
    for place, id in enumerate(ids):
        with located(f"/articles/{place}"):
            if id not in found:
                raise NotInCorpus(says("There is no article with the id {id} in this corpus.", id=id))
            if id in ids[:place]:
                raise Invalid(says("The article {id} stands twice in the list; name it once.", id=id))
    return [found[id] for id in ids]


def _busy(articles: Sequence[Article], round_: Round) -> dict[UUID, set[int]]:
    """By article, who has a set on it."""
    rows = AnnotationSet.objects.filter(article__in=articles, kind=Kind.ANNOTATION, round=round_)
    found: dict[UUID, set[int]] = {}
    for article_id, owner_id in rows.exclude(state=State.WITHDRAWN).values_list("article_id", "owner_id"):
        found.setdefault(article_id, set()).add(owner_id)
    return found


def _require_open(article: Article, facts: ArticleFacts, round_: Round) -> None:
    if facts.excluded:
        raise NotAllowedNow(
            says(
                "The article is excluded ({reason}); include it again first.",
                reason=article.excluded_reason,
            ),
            state=article.status,
            allowed=[],
        )
    if round_ == Round.PRODUCTION and not places(facts):
        raise NotAllowedNow(
            says("The article has all the annotators that it takes; leave it out."),
            state=article.status,
            allowed=[],
        )


def _require_people(article: Article, free: Sequence[User], people: Sequence[User], round_: Round) -> None:
    missing = [person.get_username() for person in people if person not in free]
    if not free or (missing and round_ == Round.CALIBRATION):
        raise NotAllowedNow(
            says(
                "{people} had this article already in this round; nobody annotates one twice.",
                people=listed(missing),
            ),
            state=article.status,
            allowed=[],
        )


def _round_robin(_: Corpus, people: Sequence[User]) -> Chooser:
    turn = cycle(people)

    def choose(free: Sequence[User], number: int) -> list[User]:
        chosen: list[User] = []
        while len(chosen) < min(number, len(free)):
            person = next(turn)
            if person in free and person not in chosen:
                chosen.append(person)
        return chosen

    return choose


def _least_loaded(corpus: Corpus, people: Sequence[User]) -> Chooser:
    at_work = AnnotationSet.objects.filter(corpus=corpus, owner__in=people, state__in=EDITABLE).order_by()
    load = Counter(dict(at_work.values_list("owner").annotate(number=Count("pk"))))

    def choose(free: Sequence[User], number: int) -> list[User]:
        chosen = sorted(free, key=lambda person: load[person.pk])[:number]
        load.update(person.pk for person in chosen)
        return chosen

    return choose


_CHOOSERS: Mapping[Strategy, Callable[[Corpus, Sequence[User]], Chooser]] = {
    Strategy.ROUND_ROBIN: _round_robin,
    Strategy.LEAST_LOADED: _least_loaded,
}


def _row(article: Article, owner: User, job: Job) -> AnnotationSet:
    return AnnotationSet(
        id=uuid7(),
        corpus=article.corpus,
        article=article,
        revision_id=article.revision_id,
        owner=owner,
        round=job.round,
        kind=Kind.ANNOTATION,
        due_at=job.due_at,
        guideline_version=article.corpus.guideline_version,
        created_at=timezone.now(),
    )


def _store(
    by: User,
    articles: Sequence[Article],
    facts: Mapping[UUID, ArticleFacts],
    rows: Sequence[AnnotationSet],
) -> None:
    """Store new sets with what belongs to them, in as many queries as for one."""
    resumed = {
        row.pk: old
        for row in rows
        if row.round == Round.PRODUCTION
        and facts[row.article_id].sets
        and (old := unassigned_before(row.article))
    }
    for row in rows:
        row.based_on = resumed.get(row.pk)
    AnnotationSet.objects.bulk_create(rows, batch_size=500)
    for row in rows:
        if row.pk in resumed:
            copy_content(resumed[row.pk], row)
    events.store([_told(by, row) for row in rows])
    settle(*articles)
    notices.tell_each(Notice.ASSIGNED, rows, by)


def _told(by: User, row: AnnotationSet) -> Event:
    after = {**events.set_facts(row), "owner": row.owner.get_username()}
    if row.based_on is not None:
        after |= {"based_on": str(row.based_on.pk), "reason": ""}
    return events.of_set(events.CREATED, row, by, after=after)
