"""Who is blocked by what: the work that cannot go on until somebody does something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q
from django.utils.translation import gettext

from annotations.models import AnnotationSet, Article, Comment, Corpus, Source
from annotations.models.registry import PropositionStatus
from annotations.services.team import Team
from annotations.states import EDITABLE, ArticleStatus, Kind, Round, State

#: So many articles are named for each block; all are counted.
NAMED = 10


@dataclass
class Block:
    """One thing that stops work: for whom it waits (None: for somebody who is missing)."""

    code: str
    who: str | None
    detail: str
    articles: list[UUID] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As the wire has it."""
        ids = list(dict.fromkeys(self.articles))
        return {
            "code": self.code,
            "who": self.who,
            "count": len(ids),
            "articles": [str(id) for id in ids[:NAMED]],
            "detail": self.detail,
        }


@dataclass(frozen=True)
class _View:
    """What every rule looks at."""

    corpus: Corpus
    team: Team
    now: datetime

    @property
    def sets(self) -> Any:
        """The sets of the corpus."""
        return AnnotationSet.objects.filter(corpus=self.corpus).order_by("pk")


def of_corpus(corpus: Corpus, now: datetime) -> list[dict[str, Any]]:
    """Every block, by the table of rules."""
    view = _View(corpus, Team.of(corpus.pk), now)
    return [block.shown() for rule in RULES for block in rule(view) if block.articles]


def _by_person(code: str, detail: str, rows: Sequence[tuple[str, UUID]]) -> Iterator[Block]:
    found: dict[str, list[UUID]] = defaultdict(list)
    for name, article_id in rows:
        found[name].append(article_id)
    for name, ids in sorted(found.items()):
        yield Block(code, name, detail, ids)


def _overdue(view: _View) -> Iterator[Block]:
    rows = view.sets.filter(state__in=EDITABLE, due_at__lt=view.now)
    detail = gettext("These sets are open after the day on which they were due.")
    yield from _by_person("overdue", detail, list(rows.values_list("owner__username", "article_id")))


def _returned(view: _View) -> Iterator[Block]:
    rows = view.sets.filter(state=State.RETURNED)
    detail = gettext("These sets were returned and wait for their owner.")
    yield from _by_person("returned", detail, list(rows.values_list("owner__username", "article_id")))


def _inactive(view: _View) -> Iterator[Block]:
    """Work of people who are shut out, or who no longer annotate in this corpus."""
    rows = view.sets.filter(state__in=EDITABLE).exclude(owner__in=view.team.annotators())
    gone = rows.exclude(owner__is_superuser=True, owner__is_active=True)
    detail = gettext("The owner of these sets works here no longer; give them back to the queue or take them over.")
    yield from _by_person("inactive-owner", detail, list(gone.values_list("owner__username", "article_id")))


def _no_reviewer(view: _View) -> Iterator[Block]:
    """Submitted work whose every reviewer is an author of it, as far as owners tell."""
    waiting = view.sets.filter(state=State.SUBMITTED, article__status=ArticleStatus.READY_FOR_REVIEW)
    barred: dict[UUID, set[int]] = defaultdict(set)
    articles: dict[UUID, UUID] = {}
    for id, article_id, owner_id in waiting.values_list("pk", "article_id", "owner_id"):
        barred[id].add(owner_id)
        articles[id] = article_id
    sources = Source.objects.filter(set__in=waiting.values("pk"))
    for id, owner_id in sources.values_list("set_id", "source__owner_id"):
        barred[id].add(owner_id)
    stopped = [articles[id] for id, owners in barred.items() if not view.team.reviewers(owners)]
    yield Block(
        "no-reviewer",
        None,
        gettext(
            "Everybody who could review these is an author of them; make somebody else "
            "a reviewer or invite one."
        ),
        stopped,
    )


def _no_adjudicator(view: _View) -> Iterator[Block]:
    owners: dict[UUID, set[int]] = defaultdict(set)
    rows = view.sets.filter(
        article__status=ArticleStatus.READY_FOR_ADJUDICATION, round=Round.PRODUCTION, kind=Kind.ANNOTATION
    ).exclude(state=State.WITHDRAWN)
    for article_id, owner_id in rows.values_list("article_id", "owner_id"):
        owners[article_id].add(owner_id)
    stopped = [id for id, barred in owners.items() if not view.team.reviewers(barred)]
    yield Block(
        "no-adjudicator",
        None,
        gettext(
            "Everybody who could settle these has annotated them; make somebody else "
            "a reviewer or invite one."
        ),
        stopped,
    )


def _more_annotators(view: _View) -> Iterator[Block]:
    """Articles on which somebody has finished, and others have not."""
    finished = Count(
        "sets",
        filter=Q(sets__kind=Kind.ANNOTATION, sets__round=Round.PRODUCTION, sets__state=State.SUBMITTED),
    )
    rows = Article.objects.filter(corpus=view.corpus, annotators__gt=1, status=ArticleStatus.ANNOTATING)
    waiting = rows.annotate(finished=finished).filter(finished__gt=0, finished__lt=F("annotators"))
    yield Block(
        "other-annotators",
        None,
        gettext("Somebody has finished these, and they stay hidden until the other annotators have, too."),
        list(waiting.order_by("pk").values_list("pk", flat=True)),
    )


def _comments(view: _View) -> Iterator[Block]:
    rows = Comment.objects.filter(
        set__corpus=view.corpus,
        set__blind=False,
        blocking=True,
        resolved_at__isnull=True,
        set__state__in=[State.RETURNED, State.IN_REVIEW, State.SUBMITTED],
    ).order_by("pk")
    detail = gettext("Blocking comments on these sets are not resolved.")
    yield from _by_person(
        "comment", detail, list(rows.values_list("set__owner__username", "set__article_id"))
    )


def _proposed(view: _View) -> Iterator[Block]:
    rows = view.sets.filter(
        blind=False,
        state__in=[State.SUBMITTED, State.IN_REVIEW],
        spans__proposition__status=PropositionStatus.PROPOSED,
    )
    yield Block(
        "proposed",
        None,
        gettext(
            "These link to propositions that are only proposed; a reviewer has to accept them "
            "before approval."
        ),
        list(rows.values_list("article_id", flat=True)),
    )


#: What stops work, in the order in which it is shown.
RULES: tuple[Callable[[_View], Iterator[Block]], ...] = (
    _no_reviewer,
    _no_adjudicator,
    _inactive,
    _overdue,
    _returned,
    _comments,
    _proposed,
    _more_annotators,
)
