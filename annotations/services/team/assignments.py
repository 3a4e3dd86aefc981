"""Assigning articles: one to one annotator, or many to several in production and calibration rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotations.enums import LIVE, AssignmentStrategy, NotificationKind, Round, SetKind, State
from annotations.exceptions import (
    InvalidInputError,
    NotAllowedNowError,
    NotInCorpusError,
    UnknownUserError,
    error_at,
)
from annotations.messages import join_list, message
from annotations.models import (
    WAITING_STATUSES,
    AnnotationSet,
    Article,
    Corpus,
    Event,
    Membership,
    Role,
    uuid7,
)
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import events, notifications
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error
from annotations.services.core.sets import (
    copy_content,
    create_set,
    find_user,
    lock_article,
    refresh_status,
    require_member,
    require_not_archived,
    summarize_article,
    summarize_articles,
)
from annotations.services.team.choosers import CHOOSERS
from annotations.text.gate import excerpt
from annotations.visibility import get_visible_row
from annotations.workflow import TRANSITIONS, ArticleSummary, has_open_slot, open_slots

UNASSIGN = TRANSITIONS["unassign"].name

#: How many sets one request creates at most.
MAX_SETS = 5_000


@dataclass(frozen=True, kw_only=True)
class AssignmentRequest:
    """The articles to assign and the annotators. Pointers of errors lead into ``articles`` and ``owners``."""

    articles: Sequence[UUID]
    owners: Sequence[str]
    strategy: AssignmentStrategy = AssignmentStrategy.ROUND_ROBIN
    round: Round = Round.PRODUCTION
    due_at: datetime | None = None


def articles_with_open_slot(corpus: Corpus) -> QuerySet[Article]:
    """Return the articles of a corpus that take one more annotator."""
    taking = AnnotationSet.objects.filter(
        article=OuterRef("pk"),
        round=Round.PRODUCTION,
        kind=SetKind.ANNOTATION,
        state__in=[*LIVE, State.APPROVED],
    )
    number = taking.order_by().values("article").annotate(number=Count("pk")).values("number")
    waiting = Article.objects.filter(corpus=corpus, status__in=WAITING_STATUSES)
    return waiting.filter(annotators__gt=Coalesce(Subquery(number), 0))


@retry_on_conflict
@transaction.atomic
def assign_article(
    by: User,
    article_id: UUID,
    *,
    owner: User | str | None = None,
    round_: Round = Round.PRODUCTION,
    due_at: datetime | None = None,
    id: UUID | None = None,
) -> tuple[AnnotationSet, bool]:
    """Assign an article: create an open set; return it and whether it is new. The same id is a repeat."""
    require_permission(
        by, Permission.ASSIGN_SET, get_visible_row(by, Article.objects.only("pk"), pk=article_id)
    )
    article = lock_article(article_id)
    stored = AnnotationSet.objects.filter(pk=id).select_related("owner").first() if id else None
    if stored is not None:
        name = owner if isinstance(owner, str) else (owner or by).get_username()
        same = (stored.article_id, stored.owner.get_username(), stored.kind, stored.round, stored.due_at)
        if same != (article.pk, name, SetKind.ANNOTATION, round_, due_at):
            with error_at("/id"):
                raise id_taken_error(id)
        return stored, False
    require_not_archived(article.corpus)
    _require_open_slot(article, round_)
    person = find_user(owner, location="/owner") if isinstance(owner, str) else owner or by
    _require_first_set(article, person, round_)
    require_member(person, article.corpus, Role.ANNOTATOR)
    with translate_integrity_errors({}):
        row = create_or_resume_set(by, article, person, round_=round_, due_at=due_at, id=id)
    notifications.notify_owners(NotificationKind.ASSIGNED, [row], by)
    return row, True


def create_or_resume_set(
    by: User, article: Article, owner: User, *, round_: Round, **more: Any
) -> AnnotationSet:
    """Create a set with the content of the last unassigned set of the article, or an empty one."""
    old = last_unassigned_set(article) if round_ == Round.PRODUCTION else None
    row = create_set(by, article, owner, round_=round_, based_on=old, **more)
    if old is not None:
        copy_content(old, row)
    return row


def last_unassigned_set(article: Article) -> AnnotationSet | None:
    """Return the last set of an article if it was unassigned, so that the next annotator continues it.

    With several annotators, each begins with an empty set.
    """
    if article.annotators > 1:
        return None
    rows = AnnotationSet.objects.filter(
        article=article, revision_id=article.revision_id, kind=SetKind.ANNOTATION, round=Round.PRODUCTION
    )
    last = rows.order_by("-created_at", "-pk").first()
    if last is None or last.state != State.WITHDRAWN:
        return None
    transitions = Event.objects.filter(set_id=last.pk, action__in=TRANSITIONS).order_by("-seq")
    return last if transitions.values_list("action", flat=True).first() == UNASSIGN else None


def require_assignable(article: Article, person: User, round_: Round) -> None:
    """Raise if the user has a set on the article already, or if it has all its annotators."""
    _require_first_set(article, person, round_)
    _require_open_slot(article, round_)


def _require_open_slot(article: Article, round_: Round) -> None:
    refusal: dict[str, Any] = {"state": article.status, "allowed": []}
    if article.excluded_reason:
        raise NotAllowedNowError(
            message(
                "The article is excluded ({reason}); include it again first.",
                reason=article.excluded_reason,
            ),
            **refusal,
        )
    if round_ == Round.PRODUCTION and not has_open_slot(summarize_article(article)):
        raise NotAllowedNowError(
            message(
                "The article has all the annotators that it takes; withdraw a set, or reopen "
                "the approved one."
            ),
            **refusal,
        )


def _require_first_set(article: Article, person: User, round_: Round) -> None:
    own_sets = AnnotationSet.objects.filter(
        article=article, owner=person, round=round_, kind=SetKind.ANNOTATION
    )
    if own_sets.exclude(state=State.WITHDRAWN).exists():
        raise NotAllowedNowError(
            message(
                "{person} has a set on this article already; nobody annotates one twice.",
                person=person.get_username(),
            ),
            state=article.status,
            allowed=[],
        )


@transaction.atomic
def assign_articles(by: User, seen: VisibleRow[Corpus], request: AssignmentRequest) -> list[AnnotationSet]:
    """Assign as many annotators to each article as it still takes, all sets or none.

    In a calibration, everybody annotates every article.
    """
    corpus = require_permission(by, Permission.ASSIGN_SET, seen)
    require_not_archived(corpus)
    _require_something(request)
    people = _load_annotators(corpus, request.owners)
    articles = _lock_articles(corpus, request.articles)
    summaries = summarize_articles(articles)
    owners_by_article = _owners_by_article(articles, request.round)
    choose = CHOOSERS[request.strategy](corpus, people)
    rows: list[AnnotationSet] = []
    for index, article in enumerate(articles):
        with error_at(f"/articles/{index}"):
            _require_open(article, summaries[article.pk], request.round)
            free = [person for person in people if person.pk not in owners_by_article.get(article.pk, ())]
            _require_people(article, free, people, request.round)
            everybody = request.round == Round.CALIBRATION
            chosen = free if everybody else choose(free, open_slots(summaries[article.pk]))
        rows += [_build_set(article, person, request) for person in chosen]
        if len(rows) > MAX_SETS:
            raise InvalidInputError(
                message(
                    "This would make more than {most:,} sets; send fewer articles at a time.",
                    most=MAX_SETS,
                )
            )
    _store(by, articles, summaries, rows)
    return rows


def _require_something(request: AssignmentRequest) -> None:
    """Raise if nobody or nothing is named: what follows would be about people who are not there."""
    if not request.owners:
        with error_at("/owners"):
            raise InvalidInputError(message("Nobody is chosen; choose at least one person to annotate."))
    if not request.articles:
        with error_at("/articles"):
            raise InvalidInputError(message("No article is chosen; choose at least one."))


def _load_annotators(corpus: Corpus, names: Sequence[str]) -> list[User]:
    """Return the users in the order of the request; raise for one who may not annotate."""
    users = {user.get_username(): user for user in User.objects.filter(username__in=names, is_active=True)}
    members = Membership.objects.filter(corpus=corpus, user__in=users.values())
    roles = {member.user_id: member.role for member in members}
    for index, name in enumerate(names):
        with error_at(f"/owners/{index}"):
            if name not in users:
                raise UnknownUserError(
                    message(
                        "There is no active person called {name!r}; check /owners/{place}.",
                        name=name,
                        place=index,
                    )
                )
            user = users[name]
            if not user.is_superuser and roles.get(user.pk) not in Role.ANNOTATOR.and_above:
                raise NotInCorpusError(
                    message(
                        "{name} cannot annotate in the corpus {corpus}; give them the role annotator first.",
                        name=name,
                        corpus=corpus.slug,
                    )
                )
            if name in names[:index]:
                raise InvalidInputError(
                    message("{name} stands twice in the list; name everybody once.", name=name)
                )
    return [users[name] for name in names]


def _lock_articles(corpus: Corpus, ids: Sequence[UUID]) -> list[Article]:
    """Return the articles in the order of the request, locked in the order of their ids."""
    rows = Article.objects.select_for_update(of=("self",)).filter(corpus=corpus, pk__in=ids)
    found = {article.pk: article for article in rows.select_related("corpus").order_by("pk")}
    seen: set[UUID] = set()
    for index, id in enumerate(ids):
        with error_at(f"/articles/{index}"):
            if id not in found:
                raise NotInCorpusError(message("There is no article with the id {id} in this corpus.", id=id))
            if id in seen:
                raise InvalidInputError(
                    message("The article {id} stands twice in the list; name it once.", id=id)
                )
            seen.add(id)
    return [found[id] for id in ids]


def _owners_by_article(articles: Sequence[Article], round_: Round) -> dict[UUID, set[int]]:
    """Return by article the ids of the users who have a set on it."""
    rows = AnnotationSet.objects.filter(article__in=articles, kind=SetKind.ANNOTATION, round=round_)
    found: dict[UUID, set[int]] = {}
    for article_id, owner_id in rows.exclude(state=State.WITHDRAWN).values_list("article_id", "owner_id"):
        found.setdefault(article_id, set()).add(owner_id)
    return found


def _require_open(article: Article, summary: ArticleSummary, round_: Round) -> None:
    if summary.excluded:
        raise NotAllowedNowError(
            message(
                "The article “{article}” is excluded ({reason}); include it again first.",
                article=excerpt(str(article), 80),
                reason=article.excluded_reason,
            ),
            state=article.status,
            allowed=[],
        )
    if round_ == Round.PRODUCTION and not open_slots(summary):
        raise NotAllowedNowError(
            message(
                "The article “{article}” has all the annotators that it takes; leave it out.",
                article=excerpt(str(article), 80),
            ),
            state=article.status,
            allowed=[],
        )


def _require_people(article: Article, free: Sequence[User], people: Sequence[User], round_: Round) -> None:
    missing = [person.get_username() for person in people if person not in free]
    if not free or (missing and round_ == Round.CALIBRATION):
        raise NotAllowedNowError(
            message(
                "The article “{article}” went to {people} already in this round; nobody annotates one twice.",
                people=join_list(missing),
                article=excerpt(str(article), 80),
            ),
            state=article.status,
            allowed=[],
        )


def _build_set(article: Article, owner: User, job: AssignmentRequest) -> AnnotationSet:
    return AnnotationSet(
        id=uuid7(),
        corpus=article.corpus,
        article=article,
        revision_id=article.revision_id,
        owner=owner,
        round=job.round,
        kind=SetKind.ANNOTATION,
        due_at=job.due_at,
        guideline_version=article.corpus.guideline_version,
        created_at=timezone.now(),
    )


def _store(
    by: User,
    articles: Sequence[Article],
    summaries: Mapping[UUID, ArticleSummary],
    rows: Sequence[AnnotationSet],
) -> None:
    """Store new sets with their content, events and notifications, in a constant number of queries."""
    resumed = {
        row.pk: old
        for row in rows
        if row.round == Round.PRODUCTION
        and summaries[row.article_id].sets
        and (old := last_unassigned_set(row.article))
    }
    for row in rows:
        row.based_on = resumed.get(row.pk)
    AnnotationSet.objects.bulk_create(rows, batch_size=500)
    for row in rows:
        if row.pk in resumed:
            copy_content(resumed[row.pk], row)
    events.store_events([_created_event(by, row) for row in rows])
    refresh_status(*articles)
    notifications.notify_owners(NotificationKind.ASSIGNED, rows, by)


def _created_event(by: User, row: AnnotationSet) -> Event:
    after = {**events.set_payload(row), "owner": row.owner.get_username()}
    if row.based_on is not None:
        after |= {"based_on": str(row.based_on.pk), "reason": ""}
    return events.build_set_event(events.CREATED, row, by, after=after)
