"""A small newsroom on top of the factories: named people, and sets with something in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from annotations.models import AnnotationSet, Article, Role
from annotations.services.core import comments, relations
from annotations.services.core.comments import CommentDraft
from annotations.services.core.relations import RelationDraft
from annotations.services.registry import entries
from tests import factories

TEXT = "Ardenia said the lock leaks. Lorn is against the toll.\n\nThe lock stays shut 🚧."
ROLES = {"ann": Role.ANNOTATOR, "ben": Role.ANNOTATOR, "rae": Role.REVIEWER}


def person(name: str) -> User:
    """A person, the same one where the name exists."""
    return User.objects.filter(username=name).first() or factories.make_user(name)


@dataclass
class SmallNewsroom:
    """One corpus and its people, with short ways to let them work."""

    slug: str = "lake"
    people: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = {name: person(name) for name in ("max", *ROLES)}
        members = {self.people[name]: role for name, role in ROLES.items()}
        self.corpus = factories.make_corpus(self.slug, manager=self.people["max"], members=members)

    def article(self, external_id: str, *, annotators: int = 1) -> Article:
        """A new article."""
        return factories.make_article(
            self.corpus, TEXT, external_id=external_id, annotators=annotators, source="Lakeside Courier"
        )

    def actor(self, name: str, **values: Any) -> Any:
        """A new actor of the registry."""
        seen = factories.seen_by(self.people["max"], self.corpus)
        return entries.add_actor(self.people["max"], seen, {"name": name, "kind": "state", **values})[0]

    def topic(self, name: str) -> Any:
        """A new topic."""
        seen = factories.seen_by(self.people["max"], self.corpus)
        return entries.add_topic(self.people["max"], seen, {"name": name})[0]

    def issue(self, text: str, topic: UUID | None = None) -> Any:
        """A new proposition that one can be for or against, accepted."""
        seen = factories.seen_by(self.people["max"], self.corpus)
        values = {"text": text, "kind": "issue", "topic_id": topic}
        made, _ = entries.add_proposition(self.people["max"], seen, values)
        return entries.accept_proposition(self.people["rae"], made.pk)

    def work(
        self, name: str, article: Article, *, actor: UUID | None = None, issue: UUID | None = None
    ) -> AnnotationSet:
        """An open set with an actor, a claim made by it, a position, and a comment with its answer."""
        who = self.people[name]
        row = factories.make_set(article, who)
        source = factories.make_span(row, "actor", 0, 7, actor_id=actor)
        claim = factories.make_span(row, "claim", 13, 27, attributes={"claim_type": "assertion"})
        factories.make_span(row, "position", 29, 53, proposition_id=issue)
        draft = RelationDraft(type="made_by", source_id=claim.pk, target_id=source.pk)
        relations.add_relations(who, row.pk, [draft])
        remark = comments.add_comment(who, row.pk, CommentDraft(text="Is it?", span_id=claim.pk))[0]
        comments.add_comment(who, row.pk, CommentDraft(text="It is.", parent_id=remark.pk))
        missing = CommentDraft(text="And who?", start=54, end=57, suggestion={"label": "actor"})
        comments.add_comment(who, row.pk, missing)
        return self.fresh(row)

    def move(self, name: str, row: AnnotationSet, *moves: str, **sent: Any) -> AnnotationSet:
        """Let somebody make some moves; answers the set as it is then."""
        for move in moves:
            row = factories.move(self.people[name], row, move, **sent)
        return self.fresh(row)

    def fresh(self, row: AnnotationSet) -> AnnotationSet:
        """The set as it is stored now."""
        return AnnotationSet.objects.get(pk=row.pk)
