"""Who of a corpus can do what is still to be done, so that no work is handed to nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_lazy

from annotations.models import AnnotationSet, Article, Membership, Role
from annotations.services.authors import authors
from annotations.states import Kind, Round, State
from annotations.workflow import reviewable

#: Beside the annotators, so many others are needed for gold: who approves it, and of several people's
#: work, who settles it before.
OTHERS = {1: 1}
OTHERS_OF_SEVERAL = 2


@dataclass(frozen=True)
class Mode:
    """A way of working, and the smallest team that can finish in it."""

    name: str
    people: int
    says: Any


MODES = (
    Mode("single", 2, gettext_lazy("One annotator, and a reviewer or manager who approves the work.")),
    Mode(
        "double",
        4,
        gettext_lazy(
            "Two annotators, a reviewer or manager who settles their differences, and another one who "
            "approves what was made of them."
        ),
    ),
)


@dataclass(frozen=True)
class Team:
    """The active members of a corpus by their ids."""

    roles: Mapping[int, Role]

    @classmethod
    def of(cls, corpus_id: UUID) -> Team:
        """Ask for them once."""
        rows = Membership.objects.filter(corpus_id=corpus_id, user__is_active=True)
        return cls({row.user_id: Role(row.role) for row in rows})

    def reviewers(self, without: Collection[int] = ()) -> set[int]:
        """Those who may review, but for some."""
        return {id for id, role in self.roles.items() if role in Role.REVIEWER.including} - set(without)

    def annotators(self, without: Collection[int] = ()) -> set[int]:
        """Those who may annotate, reviewers among them, but for some."""
        return {id for id, role in self.roles.items() if role in Role.ANNOTATOR.including} - set(without)

    def can_settle(self, owners: Collection[int]) -> bool:
        """Whether an adjudicator and an approver are left beside those who annotate."""
        return len(self.reviewers(owners)) >= OTHERS_OF_SEVERAL

    def can_double(self, taker: int) -> bool:
        """Whether a second annotator is left beside ``taker``, and who settles and approves."""
        return bool(self.annotators([taker]) - self.reviewers()) and self.can_settle([taker])

    def is_spoilt_by(self, taker: int, annotators: int, owners: Collection[int]) -> bool:
        """Whether too few reviewers were left if this one annotated, although others could."""
        if taker not in self.reviewers():
            return False
        needed = OTHERS.get(annotators, OTHERS_OF_SEVERAL)
        left = self.reviewers([taker, *owners])
        instead = self.annotators([taker, *owners]) - self.reviewers()
        return len(left) == needed - 1 and bool(instead)


def owners_of(article: Article) -> set[int]:
    """Who has a production set on an article."""
    rows = AnnotationSet.objects.filter(article=article, round=Round.PRODUCTION)
    return set(rows.exclude(state=State.WITHDRAWN).order_by().values_list("owner_id", flat=True))


def reviewers_of(row: AnnotationSet) -> dict[str, Any]:
    """Who can review a set, who cannot and why, and what would help where nobody can."""
    barred = authors(row)
    rows = Membership.objects.filter(corpus=row.corpus_id).select_related("user")
    members = list(rows.order_by("user__username"))
    people = [_person(member, row, barred) for member in members]
    return {
        "people": people,
        "reason": _reason(members, barred) if _is_reviewed(row) else str(_NOT_REVIEWED),
        "modes": [{"mode": mode.name, "people": mode.people, "detail": str(mode.says)} for mode in MODES],
    }


_NOT_REVIEWED = gettext_lazy(
    "Sets of this kind are not reviewed one by one: what several people marked is settled in an "
    "adjudication, which is reviewed, and a calibration is only compared."
)


def _is_reviewed(row: AnnotationSet) -> bool:
    return reviewable(Kind(row.kind), Round(row.round), row.article.annotators)


def _person(member: Membership, row: AnnotationSet, barred: Collection[int]) -> dict[str, Any]:
    name = member.user.get_username()
    why: tuple[tuple[bool, str], ...] = (
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
            member.role not in Role.REVIEWER.including,
            gettext("%(name)s has the role %(role)s, without review."),
        ),
    )
    facts = {"name": name, "role": member.get_role_display()}
    reason = next((sentence % facts for fits, sentence in why if fits), None)
    return {"username": name, "role": member.role, "can": reason is None, "reason": reason}


def _reason(members: Sequence[Membership], barred: Collection[int]) -> str | None:
    """Why nobody can review the set, with what would help; None where somebody can."""
    others = [member for member in members if member.user.is_active and member.user_id not in barred]
    if any(member.role in Role.REVIEWER.including for member in others):
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
