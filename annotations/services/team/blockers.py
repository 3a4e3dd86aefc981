"""Blockers: the work of a corpus that cannot go on until a user acts, and who that user is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext

from annotations.enums import EDITABLE, ArticleStatus, Round, SetKind, State
from annotations.models import AnnotationSet, Article, Comment, Corpus, Source
from annotations.models.registry import PropositionStatus
from annotations.services.review.eligibility import CorpusTeam

#: How many articles a blocker lists; all are counted.
MAX_NAMED_ARTICLES = 10


@dataclass
class Blocker:
    """A cause that stops work, and the user who can remove it (None if such a user is missing)."""

    code: str
    username: str | None
    detail: str
    articles: list[UUID] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the blocker as the API shows it."""
        ids = list(dict.fromkeys(self.articles))
        return {
            "code": self.code,
            "who": self.username,
            "count": len(ids),
            "articles": [str(id) for id in ids[:MAX_NAMED_ARTICLES]],
            "detail": self.detail,
        }


@dataclass(frozen=True)
class _Context:
    """The corpus, its team and the time, which every rule reads."""

    corpus: Corpus
    team: CorpusTeam
    now: datetime

    @property
    def sets(self) -> Any:
        """The sets of the corpus."""
        return AnnotationSet.objects.filter(corpus=self.corpus).order_by("pk")

    def without_reviewer(self, rows: Any, is_author: Callable[[int], Any]) -> Any:
        """Return the rows of which every reviewer is an author: none, if one reviewer is author of nothing.

        Each further reviewer leaves fewer rows, so that the size of the team makes no difference.
        """
        for reviewer in self.team.reviewer_ids():
            rows = rows.filter(is_author(reviewer))
            if not rows.exists():
                return rows.none()
        return rows


def find_blockers(corpus: Corpus, now: datetime) -> list[dict[str, Any]]:
    """Return every blocker of a corpus, by the table of rules."""
    context = _Context(corpus, CorpusTeam.load(corpus.pk), now)
    return [block.as_dict() for rule in BLOCKER_RULES for block in rule(context) if block.articles]


def _by_user(code: str, detail: str, rows: Sequence[tuple[str, UUID]]) -> Iterator[Blocker]:
    articles_by_user: dict[str, list[UUID]] = defaultdict(list)
    for name, article_id in rows:
        articles_by_user[name].append(article_id)
    for name, ids in sorted(articles_by_user.items()):
        yield Blocker(code, name, detail, ids)


def _overdue(context: _Context) -> Iterator[Blocker]:
    rows = context.sets.filter(state__in=EDITABLE, due_at__lt=context.now)
    detail = gettext("These sets are open after the day on which they were due.")
    yield from _by_user("overdue", detail, list(rows.values_list("owner__username", "article_id")))


def _returned(context: _Context) -> Iterator[Blocker]:
    rows = context.sets.filter(state=State.RETURNED)
    detail = gettext("These sets were returned and wait for their owner.")
    yield from _by_user("returned", detail, list(rows.values_list("owner__username", "article_id")))


def _inactive_owner(context: _Context) -> Iterator[Blocker]:
    """Yield the work of inactive users and of users who no longer annotate in this corpus."""
    rows = context.sets.filter(state__in=EDITABLE).exclude(owner__in=context.team.annotator_ids())
    inactive = rows.exclude(owner__is_superuser=True, owner__is_active=True)
    detail = gettext(
        "The owner of these sets works here no longer; give them back to the queue or take them over."
    )
    yield from _by_user("inactive-owner", detail, list(inactive.values_list("owner__username", "article_id")))


def _no_reviewer(context: _Context) -> Iterator[Blocker]:
    """Yield submitted work of which every reviewer is an author, judged by the owners alone."""
    waiting = context.sets.filter(state=State.SUBMITTED, article__status=ArticleStatus.READY_FOR_REVIEW)
    blocked = context.without_reviewer(
        waiting,
        lambda reviewer: (
            Q(owner=reviewer)
            | Q(pk__in=Source.objects.filter(source__owner=reviewer).order_by().values("set"))
        ),
    )
    yield Blocker(
        "no-reviewer",
        None,
        gettext(
            "Everybody who could review these is an author of them; make somebody else "
            "a reviewer or invite one."
        ),
        list(blocked.values_list("article_id", flat=True)),
    )


def _no_adjudicator(context: _Context) -> Iterator[Blocker]:
    ready = Article.objects.filter(corpus=context.corpus, status=ArticleStatus.READY_FOR_ADJUDICATION)
    sets = AnnotationSet.objects.filter(
        article=OuterRef("pk"), round=Round.PRODUCTION, kind=SetKind.ANNOTATION
    ).exclude(state=State.WITHDRAWN)
    blocked = context.without_reviewer(
        ready.filter(Exists(sets)).order_by("pk"), lambda reviewer: Exists(sets.filter(owner=reviewer))
    )
    yield Blocker(
        "no-adjudicator",
        None,
        gettext(
            "Everybody who could settle these has annotated them; make somebody else "
            "a reviewer or invite one."
        ),
        list(blocked.values_list("pk", flat=True)),
    )


def _other_annotators(context: _Context) -> Iterator[Blocker]:
    """Yield the articles on which one annotator has finished and another one has not."""
    rows = Article.objects.filter(corpus=context.corpus, annotators__gt=1, status=ArticleStatus.ANNOTATING)
    finished = AnnotationSet.objects.filter(
        article=OuterRef("pk"), kind=SetKind.ANNOTATION, round=Round.PRODUCTION, state=State.SUBMITTED
    )
    number = finished.order_by().values("article").annotate(number=Count("pk")).values("number")
    waiting = rows.annotate(finished=Subquery(number)).filter(finished__lt=F("annotators"))
    yield Blocker(
        "other-annotators",
        None,
        gettext("Somebody has finished these, and they stay hidden until the other annotators have, too."),
        list(waiting.order_by("pk").values_list("pk", flat=True)),
    )


def _blocking_comments(context: _Context) -> Iterator[Blocker]:
    rows = Comment.objects.filter(
        set__corpus=context.corpus,
        set__blind=False,
        blocking=True,
        resolved_at__isnull=True,
        set__state__in=[State.RETURNED, State.IN_REVIEW, State.SUBMITTED],
    ).order_by("pk")
    detail = gettext("Blocking comments on these sets are not resolved.")
    yield from _by_user("comment", detail, list(rows.values_list("set__owner__username", "set__article_id")))


def _unaccepted_propositions(context: _Context) -> Iterator[Blocker]:
    rows = context.sets.filter(
        blind=False,
        state__in=[State.SUBMITTED, State.IN_REVIEW],
        spans__proposition__status=PropositionStatus.PROPOSED,
    )
    yield Blocker(
        "proposed",
        None,
        gettext(
            "These link to propositions that are only proposed; a reviewer has to accept them "
            "before approval."
        ),
        list(rows.values_list("article_id", flat=True)),
    )


#: The rules that find blockers, in the order in which they are shown.
BLOCKER_RULES: tuple[Callable[[_Context], Iterator[Blocker]], ...] = (
    _no_reviewer,
    _no_adjudicator,
    _inactive_owner,
    _overdue,
    _returned,
    _blocking_comments,
    _unaccepted_propositions,
    _other_annotators,
)
