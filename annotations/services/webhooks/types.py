"""What webhooks tell: one table from the events of the trail to the types that receivers know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from annotations.messages import message
from annotations.services.core import events


class WebhookSubject(StrEnum):
    """What a type is about."""

    ARTICLE = "article"
    SET = "set"
    ACTOR = "actor"
    RELEASE = "release"
    JOB = "job"


@dataclass(frozen=True, kw_only=True)
class WebhookType:
    """One type: the actions of the trail that it tells, and what it is about.

    ``needs_items``: only where a correction left marks that somebody has to look at.
    """

    subject: WebhookSubject
    actions: tuple[str, ...]
    description: str
    needs_items: bool = False


#: The type of a test, which nobody subscribes to.
TEST_TYPE: Final = "webhook.test"
TAKEN_DOWN: Final = "article.taken_down"


def _type(subject: WebhookSubject, description: str, *actions: str, needs_items: bool = False) -> WebhookType:
    return WebhookType(subject=subject, actions=actions, description=description, needs_items=needs_items)


_ARTICLE, _SET, _ACTOR = WebhookSubject.ARTICLE, WebhookSubject.SET, WebhookSubject.ACTOR
_RELEASE, _JOB = WebhookSubject.RELEASE, WebhookSubject.JOB

WEBHOOK_TYPES: Mapping[str, WebhookType] = {
    "article.added": _type(_ARTICLE, message("An article was added."), "article_added"),
    "article.text_corrected": _type(_ARTICLE, message("An article has another text."), "revision_added"),
    "article.excluded": _type(_ARTICLE, message("An article was excluded."), "article_excluded"),
    "article.done": _type(
        _ARTICLE, message("An article has approved work, and nothing more to be done."), events.ARTICLE_DONE
    ),
    TAKEN_DOWN: _type(
        _ARTICLE, message("An article was taken down; delete your copy."), "article_taken_down"
    ),
    "set.submitted": _type(_SET, message("A set was submitted."), "submit"),
    "set.returned": _type(_SET, message("A set was returned to its owner."), "return"),
    "set.approved": _type(
        _SET, message("A set was approved, by a review or as equal to an approved one."),
        "approve", "approve_by_equivalence",
    ),
    "set.withdrawn": _type(
        _SET, message("A set was withdrawn, given back or taken over."), "withdraw", "unassign", "take_over"
    ),
    "adjudication.ready": _type(
        _ARTICLE, message("All independent sets of an article are there to be compared."),
        events.ADJUDICATION_READY,
    ),
    "carry.items_open": _type(
        _SET, message("A corrected text left marks of a set that somebody has to look at."),
        events.CREATED, needs_items=True,
    ),
    "actor.merged": _type(_ACTOR, message("An actor was merged into another."), "actor_merged"),
    "actor.unmerged": _type(_ACTOR, message("A merge of actors was taken back."), "actor_unmerged"),
    "release.ready": _type(
        _RELEASE, message("The files of a release can be downloaded."), events.RELEASE_READY
    ),
    "release.withdrawn": _type(_RELEASE, message("A release was withdrawn."), "release_withdrawn"),
    "job.failed": _type(_JOB, message("A job failed for good."), events.JOB_FAILED),
}  # fmt: skip


def types_by_action(names: list[str]) -> dict[str, list[str]]:
    """Return the types that are asked for by the actions that they tell."""
    found: dict[str, list[str]] = {}
    for name, row in WEBHOOK_TYPES.items():
        if name in names:
            for action in row.actions:
                found.setdefault(action, []).append(name)
    return found
