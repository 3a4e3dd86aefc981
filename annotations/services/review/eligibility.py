"""Which members of a corpus can still do the work: annotate, adjudicate, review."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_lazy

from annotations.enums import Round, SetKind, State
from annotations.models import AnnotationSet, Article, Membership, Role
from annotations.models.ordering import text_order
from annotations.services.core.authors import author_ids
from annotations.workflow import is_reviewable

#: How many reviewers a set needs besides its annotators: one to approve it and, with several annotators,
#: another one to adjudicate.
REVIEWERS_NEEDED = {1: 1}
REVIEWERS_NEEDED_FOR_SEVERAL = 2


@dataclass(frozen=True)
class WorkingMode:
    """A way of working, and the size of the smallest team for it."""

    name: str
    people: int
    description: Any


WORKING_MODES = (
    WorkingMode("single", 2, gettext_lazy("One annotator, and a reviewer or manager who approves the work.")),
    WorkingMode(
        "double",
        4,
        gettext_lazy(
            "Two annotators, a reviewer or manager who settles their differences, and another one who "
            "approves what was made of them."
        ),
    ),
)


@dataclass(frozen=True)
class CorpusTeam:
    """The roles of the active members of a corpus by user id."""

    roles: Mapping[int, Role]

    @classmethod
    def load(cls, corpus_id: UUID) -> CorpusTeam:
        """Load the team of a corpus in one query."""
        rows = Membership.objects.filter(corpus_id=corpus_id, user__is_active=True)
        return cls({row.user_id: Role(row.role) for row in rows})

    def reviewer_ids(self, excluded: Collection[int] = ()) -> set[int]:
        """Return the ids of the users who may review, except some."""
        return set(self._reviewers.difference(excluded))

    def annotator_ids(self, excluded: Collection[int] = ()) -> set[int]:
        """Return the ids of the users who may annotate, including reviewers, except some."""
        return set(self._annotators.difference(excluded))

    @cached_property
    def _reviewers(self) -> frozenset[int]:
        return self._holders(Role.REVIEWER)

    @cached_property
    def _annotators(self) -> frozenset[int]:
        return self._holders(Role.ANNOTATOR)

    def _holders(self, least: Role) -> frozenset[int]:
        roles = frozenset(least.and_above)
        return frozenset(id for id, role in self.roles.items() if role in roles)

    def can_adjudicate(self, owners: Collection[int]) -> bool:
        """Return whether an adjudicator and an approver remain besides the owners."""
        return len(self.reviewer_ids(owners)) >= REVIEWERS_NEEDED_FOR_SEVERAL

    def can_annotate_twice(self, taker: int) -> bool:
        """Return whether a second annotator, an adjudicator and an approver remain besides ``taker``."""
        return bool(self.annotator_ids([taker]) - self.reviewer_ids()) and self.can_adjudicate([taker])

    def lacks_reviewers_after(self, taker: int, annotators: int, owners: Collection[int]) -> bool:
        """Return whether ``taker`` should not annotate: too few reviewers would remain, others can."""
        if taker not in self.reviewer_ids():
            return False
        required = REVIEWERS_NEEDED.get(annotators, REVIEWERS_NEEDED_FOR_SEVERAL)
        remaining = self.reviewer_ids([taker, *owners])
        alternatives = self.annotator_ids([taker, *owners]) - self.reviewer_ids()
        return len(remaining) == required - 1 and bool(alternatives)


def article_owner_ids(article: Article) -> set[int]:
    """Return the ids of the users who have a production set on an article."""
    rows = AnnotationSet.objects.filter(article=article, round=Round.PRODUCTION)
    return set(rows.exclude(state=State.WITHDRAWN).order_by().values_list("owner_id", flat=True))


def describe_reviewers(row: AnnotationSet) -> dict[str, Any]:
    """Return who can review a set, who cannot and why, and what would help if nobody can."""
    barred = author_ids(row)
    rows = Membership.objects.filter(corpus=row.corpus_id).select_related("user")
    members = list(rows.order_by(text_order("user__username")))
    people = [_reviewer_row(member, row, barred) for member in members]
    return {
        "people": people,
        "reason": _why_nobody(members, barred) if _is_reviewed(row) else str(_NOT_REVIEWED),
        "modes": [
            {"mode": mode.name, "people": mode.people, "detail": str(mode.description)}
            for mode in WORKING_MODES
        ],
    }


_NOT_REVIEWED = gettext_lazy(
    "Sets of this kind are not reviewed one by one: what several people marked is settled in an "
    "adjudication, which is reviewed, and a calibration is only compared."
)


def _is_reviewed(row: AnnotationSet) -> bool:
    return is_reviewable(SetKind(row.kind), Round(row.round), row.article.annotators)


def _reviewer_row(member: Membership, row: AnnotationSet, barred: Collection[int]) -> dict[str, Any]:
    name = member.user.get_username()
    reasons: tuple[tuple[bool, str], ...] = (
        (not member.user.is_active, gettext("%(name)s is no longer active.")),
        (
            member.user_id == row.owner_id,
            gettext("%(name)s owns the set, and nobody decides on their own work."),
        ),
        (
            member.user_id in barred,
            gettext("%(name)s is an author of the work, by a change to it or by work that it was made from."),
        ),
        (
            member.role not in Role.REVIEWER.and_above,
            gettext("%(name)s has the role %(role)s, without review."),
        ),
    )
    names = {"name": name, "role": member.get_role_display()}
    reason = next((sentence % names for fits, sentence in reasons if fits), None)
    return {"username": name, "role": member.role, "can": reason is None, "reason": reason}


def _why_nobody(members: Sequence[Membership], barred: Collection[int]) -> str | None:
    """Return why nobody can review the set and what would help, or None if somebody can."""
    others = [member for member in members if member.user.is_active and member.user_id not in barred]
    if any(member.role in Role.REVIEWER.and_above for member in others):
        return None
    if not others:
        return gettext(
            "Nobody in this corpus can review the set, because every reviewer and manager is one of its "
            "authors or no longer active; make somebody else a reviewer, or invite one."
        )
    return gettext(
        "Nobody in this corpus can review the set, because every reviewer and manager is one of its authors "
        "or no longer active; make somebody else a reviewer, such as %(name)s, or invite one."
    ) % {"name": others[0].user.get_username()}
