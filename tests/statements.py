"""Statements for tests: DNA's published example over the API, and random ones straight into the tables."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.utils import timezone

from annotations.models import (
    Actor,
    Affiliation,
    AnnotationSet,
    Article,
    Corpus,
    Proposition,
    Relation,
    Revision,
    Span,
    Story,
    StoryMember,
    Topic,
    bulk,
    uuid7,
)
from annotations.services.core import relations
from annotations.services.core.statements import rebuild_statements
from tests import factories
from tests.measures.test_discourse import PUBLISHED
from tests.newsroom import TEXT, Newsroom, span

_numbers = count(1)

#: DNA's example as (actor, issue, stance), one for each statement.
PUBLISHED_STATEMENTS = [
    (actor, issue, stance)
    for actor, row in PUBLISHED.items()
    for issue, sides in enumerate(row, start=1)
    for stance, number in zip(("support", "oppose"), sides, strict=True)
    for _ in range(number)
]


@dataclass
class Entries:
    """The registry of an example by the names that the example uses."""

    actors: dict[Any, str] = field(default_factory=dict)
    issues: dict[Any, str] = field(default_factory=dict)


def enter_published(newsroom: Newsroom) -> Entries:
    """Enter DNA's example over the API as one article; ann marks, rae approves."""
    entries = Entries()
    text, spans, relations = "", [], []
    for number, (actor, issue, stance) in enumerate(PUBLISHED_STATEMENTS):
        if actor not in entries.actors:
            entries.actors[actor] = newsroom.actor(actor, kind="organisation")
        if issue not in entries.issues:
            entries.issues[issue] = newsroom.proposition(f"Concept {issue}")
        start = len(text)
        text += f"Holder says word{number}\n\n"
        holder, position = str(uuid7()), str(uuid7())
        spans.append(span(start, start + 6, id=holder, actor=entries.actors[actor]))
        spans.append(
            span(
                start + 12,
                len(text) - 2,
                "position",
                id=position,
                proposition=entries.issues[issue],
                attributes={"stance": stance, "basis": "stated", "attribution": "named"},
            )
        )
        relations.append({"id": str(uuid7()), "type": "held_by", "source": position, "target": holder})
    row = newsroom.set("ann", newsroom.article(text, published_at=datetime(2024, 5, 6, 12, tzinfo=UTC)))
    assert newsroom.ann.post(f"sets/{row.pk}/spans/", spans, version=1).status == 201
    for relation in relations:
        assert newsroom.ann.post(f"sets/{row.pk}/relations/", relation).status == 201
    for who, name in (("ann", "submit"), ("rae", "start-review"), ("rae", "approve")):
        assert newsroom[who].move(row.pk, name).status == 200, name
    return entries


def own_text() -> str:
    """``TEXT`` with an end of its own: articles of one text would be copies, which count once."""
    return f"{TEXT} Note {next(_numbers)}."


def approve_position(
    newsroom: Newsroom, actor: str, issue: str, *, article: Article | None = None, **attributes: str
) -> AnnotationSet:
    """Approve a set in which an actor opposes an issue, or what the attributes say."""
    row = newsroom.set("ann", article or newsroom.article(own_text()))
    values = {"stance": "oppose", "basis": "stated", "attribution": "named", **attributes}
    holder = factories.make_span(row, actor_id=uuid.UUID(actor))
    position = factories.make_span(
        row, "position", 70, 96, proposition_id=uuid.UUID(issue), attributes=values
    )
    link = relations.RelationDraft(type="held_by", source_id=position.pk, target_id=holder.pk)
    relations.add_relations(newsroom.user("ann"), row.pk, [link])
    newsroom.moved(row, "ann", "submit")
    newsroom.moved(row, "rae", "start_review")
    return newsroom.moved(row, "rae", "approve")


STANCES = ("support", "oppose", "mixed", "undecided", "")
BASES = ("stated", "conduct", "ascribed", "")
DATES = ("", "", "2024", "2024-02", "2024-12-30", "2025-01-01", "2023-11-05", "2025-07")


def make_random(corpus: Corpus, owner: Any, seed: int, *, articles: int = 12) -> None:
    """Fill a corpus with approved sets of every kind of statement, merged actors, topics and affiliations."""
    rng = random.Random(seed)
    actors = [
        _entry(
            Actor,
            corpus,
            name=f"Actor {n}",
            folded_name=f"actor {n}",
            kind=rng.choice(["person", "organisation", "state"]),
        )
        for n in range(8)
    ]
    for part in actors[3:5]:
        part.parent = actors[0]
    for loser, winner in ((actors[6], actors[1]), (actors[7], actors[6])):
        loser.merged_into = winner
        loser.canonical_id = actors[1].pk
    topics = [_entry(Topic, corpus, name=f"Topic {seed}.{n}") for n in range(3)]
    topics[2].merged_into, topics[2].canonical_id = topics[0], topics[0].pk
    issues = [
        _entry(
            Proposition,
            corpus,
            text=f"Issue {n}",
            kind="issue",
            status="accepted",
            topic=rng.choice([None, *topics]),
        )
        for n in range(6)
    ]
    issues[5].merged_into, issues[5].canonical_id = issues[0], issues[0].pk
    for objects in (actors, topics, issues):
        type(objects[0])._default_manager.bulk_create(objects)
    Affiliation.objects.bulk_create(
        Affiliation(
            id=uuid7(), actor=rng.choice(actors[:3]), organisation=rng.choice(actors[3:6]), kind="member",
            since=rng.choice(["", "2024", "2024-06"]), until=rng.choice(["", "2024", "2025-01"]),
        )
        for _ in range(4)
    )  # fmt: skip
    for number in range(articles):
        _random_article((corpus, owner, rng), number, actors, issues)
    rebuild_statements(corpus)


def _entry(model: Any, corpus: Corpus, **values: Any) -> Any:
    id = uuid7()
    return model(id=id, canonical_id=id, corpus=corpus, **values)


def _random_article(
    where: tuple[Corpus, Any, random.Random], number: int, actors: list[Any], issues: list[Any]
) -> None:
    corpus, owner, rng = where
    text = "word " * 60
    published = rng.choice([None, datetime(2024, rng.randint(1, 12), rng.randint(1, 28), 9, tzinfo=UTC)])
    now = timezone.now()
    article = Article(
        id=uuid7(), corpus=corpus, external_id=f"x{number}-{uuid7()}", title=f"Article {number}",
        source=rng.choice(["Herald", "Post", ""]), language=rng.choice(["en", "de"]), published_at=published,
        created_at=now,
    )  # fmt: skip
    revision = Revision(
        id=uuid7(), article=article, number=1, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(),
        length=len(text), created_at=now,
    )  # fmt: skip
    article.revision = revision
    row = AnnotationSet(
        id=uuid7(), corpus=corpus, article=article, revision=revision, owner=owner,
        state=rng.choice(["approved"] * 4 + ["submitted"]), created_at=now, submitted_at=now, approved_at=now,
    )  # fmt: skip
    spans, links = [], []
    mentions = [_span(row, "actor", place, actor=rng.choice([*actors, None])) for place in range(5)]
    for place in range(5, 5 + rng.randint(1, 6)):
        label = rng.choice(["position", "position", "position", "claim"])
        values = {"attribution": rng.choice(["named", "unnamed"]), "statement_date": rng.choice(DATES)}
        if label == "position":
            values |= {"stance": rng.choice(STANCES), "basis": rng.choice(BASES)}
        else:
            values |= {"polarity": rng.choice(["affirm", "deny"]), "mode": rng.choice(["direct", "indirect"])}
        attributes = {name: value for name, value in values.items() if value}
        spans.append(_span(row, label, place, proposition=rng.choice([*issues, None]), attributes=attributes))
        relation = "held_by" if label == "position" else "made_by"
        links += [
            Relation(id=uuid7(), set=row, type=relation, source=spans[-1], target=holder)
            for holder in rng.sample(mentions, rng.choice([0, 1, 1, 2, 3]))
        ]
    for objects in ([revision], [article], [row], [*mentions, *spans], links):
        bulk.create_objects(objects)


def _span(row: AnnotationSet, label: str, place: int, **values: Any) -> Span:
    start = place * 5
    return Span(id=uuid7(), set=row, label=label, start=start, end=start + 4, quote="word", **values)


def join_story(corpus: Corpus, articles: Sequence[Article], state: str = "found") -> Story:
    """Make a story of these articles, the first of them its lead; no text is compared."""
    story = Story.objects.create(corpus=corpus, lead=articles[0], size=len(articles))
    for article in articles:
        StoryMember.objects.create(story=story, article=article, state=state, containment=1.0)
    return story
