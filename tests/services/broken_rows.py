"""Rows as no service leaves them: for each check of integrity, what it has to find."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.utils import timezone

from annotations.models import (
    Actor,
    Alias,
    AnnotationSet,
    Article,
    CarryItem,
    CarryOver,
    Comment,
    Decision,
    Event,
    Fingerprint,
    FingerprintHash,
    FrozenAgreement,
    Merge,
    NameGram,
    Notification,
    Proposition,
    RegistryName,
    Relation,
    Release,
    ReleaseChunk,
    ReleaseFile,
    Revision,
    SearchPart,
    Source,
    Span,
    SpanSource,
    Statement,
    Story,
    StoryMember,
    Topic,
    uuid7,
)
from annotations.models.term_index import PARTS, TERMS
from tests import factories
from tests.services.checked_desk import change, long_ago, put_event, rewrite

Break = Callable[[SimpleNamespace], object]


def a_text_with(desk: SimpleNamespace, text: str) -> None:
    """A text that no gate has seen, with everything else about it right."""
    article = desk.lake.article("plain")
    Revision.objects.filter(article=article).update(
        text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), length=len(text)
    )
    clear(Fingerprint.objects.filter(article=article))


def lose_terms() -> None:
    """The words of all articles vanish from what the engine keeps."""
    statements = {
        "sqlite": f"INSERT INTO {TERMS} ({TERMS}) VALUES ('delete-all')",  # noqa: S608
        "postgresql": f"UPDATE {PARTS} SET folded = ''",  # noqa: S608
    }
    with connection.cursor() as cursor:
        cursor.execute(statements[connection.vendor])


def a_late_change(desk: SimpleNamespace) -> None:
    put_event(desk.gold, "span_changed", before=None, after=None)


def an_event_without_digest(desk: SimpleNamespace) -> None:
    event = Event.objects.get(set_id=desk.gold.pk, action="submit")
    del event.data["after"]["digest"]
    Event.objects.filter(pk=event.pk).update(data=event.data)


def a_third_set(desk: SimpleNamespace) -> None:
    """An open set beside the one of ann, as no service would start it."""
    twin = desk.lake.fresh(desk.work)
    twin.pk, twin.owner, twin.span_counts, twin.version = uuid7(), desk.lake.people["ben"], {}, 1
    twin.save(force_insert=True)
    put_event(twin, "created", before=None, after={"state": "open", "version": 1})


def one_pointer(elsewhere: Span) -> None:
    first = SpanSource.objects.order_by("pk")[0]
    SpanSource.objects.filter(pk=first.pk).update(source=elsewhere)


def a_source_of_an_annotation(desk: SimpleNamespace) -> None:
    Source.objects.create(set=desk.work, source=desk.left, position=0)


def a_source_on_another_text(desk: SimpleNamespace) -> None:
    """The adjudication goes on with the newer text of its article, and what it settles does not."""
    revision = desk.merged.revision
    revision.pk, revision.number = uuid7(), 2
    revision.save(force_insert=True)
    change(AnnotationSet, desk.merged, revision=revision)


def a_second_gold(desk: SimpleNamespace) -> None:
    """The superseded gold is approved again; the database has to be robbed of its index first."""
    desk.lake.move("ann", desk.reopened, "submit")
    desk.lake.move("rae", desk.reopened, "start_review", "approve")
    Event.objects.get(set_id=desk.gold.pk, action="supersede").delete()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX set_approved_once")
    change(AnnotationSet, desk.gold, state="approved")


def a_circle(desk: SimpleNamespace) -> None:
    change(Actor, desk.part, merged_into=desk.actor)
    change(Actor, desk.actor, merged_into=desk.part)


def merged_into(loser: Actor, winner: Actor, _: object = None) -> None:
    """Merge an actor as it would be in its own row."""
    change(Actor, loser, merged_into=winner, canonical=winner)


def a_merge(loser: Actor, winner: Actor, **moved: Any) -> Merge:
    """A merge that stands, whatever the actors say."""
    return Merge.objects.create(
        corpus_id=winner.corpus_id, kind="actor", loser=loser.pk, winner=winner.pk, at=timezone.now(),
        moved=moved,
    )  # fmt: skip


def an_alias_that_stayed(desk: SimpleNamespace) -> None:
    alias = {"text": "L.", "language": "", "kind": "name"}
    Alias.objects.create(actor=desk.other, folded="l.", **alias)
    merged_into(desk.other, desk.actor)
    a_merge(desk.other, desk.actor, aliases=[alias])


def a_story(desk: SimpleNamespace) -> Story:
    return Story.objects.filter(corpus=desk.lake.corpus).earliest("pk")


def a_lead(desk: SimpleNamespace) -> Article:
    return a_story(desk).lead


def a_member_from_elsewhere(desk: SimpleNamespace) -> None:
    story = a_story(desk)
    StoryMember.objects.create(story=story, article=desk.sea_set.article, state="apart", containment=0)


def a_copy_of_nothing(desk: SimpleNamespace) -> None:
    """An article that stands among the copies of a text with which it shares no word."""
    own = factories.make_article(desk.lake.corpus, "Nothing of the kind.", external_id="own")
    story = a_story(desk)
    StoryMember.objects.create(story=story, article=own, state="found", containment=1)
    Story.objects.filter(pk=story.pk).update(size=story.size + 1)
    Fingerprint.objects.filter(article=own).update(place=2)


def spans(row: AnnotationSet, label: str = "claim") -> Any:
    return Span.objects.filter(set=row, label=label)


def commented(row: AnnotationSet) -> Any:
    """The comments of a set that are on words of the text."""
    return Comment.objects.filter(set=row, start__isnull=False)


def other_carry(desk: SimpleNamespace) -> CarryOver:
    return CarryOver.objects.get(to_set=desk.equivalent)


def told(row: Any, action: str) -> Any:
    return Event.objects.filter(set_id=row.pk, action=action)


def clear(rows: Any) -> None:
    """Delete behind the back of everything that would go along."""
    assert rows._raw_delete(rows.db)


def statement(desk: SimpleNamespace) -> Any:
    return Statement.objects.filter(set=desk.gold)


def another_statement(row: AnnotationSet) -> None:
    Statement.objects.create(**{**Statement.objects.filter(set=row).values()[0], "id": None})


BROKEN: list[tuple[str, str, Break]] = [
    ("text", "other checksum", lambda d: Revision.objects.filter(article=d.second).update(sha256="0" * 64)),
    ("text", "other length", lambda d: Revision.objects.filter(article=d.second).update(length=3)),
    ("text", "control character", lambda d: a_text_with(d, "a\x0bb")),
    ("quote", "other quote", lambda d: spans(d.work).update(quote="the lock leak!")),
    ("quote", "words of a comment", lambda d: commented(d.work).update(quote="sea")),
    ("quote", "beyond the text", lambda d: spans(d.work).update(start=1000, end=1014)),
    ("quote", "shifted", lambda d: spans(d.work).update(start=14, end=28)),
    ("attributes", "unknown value", lambda d: spans(d.work).update(attributes={"claim_type": "song"})),
    ("attributes", "not for the label", lambda d: spans(d.work).update(attributes={"stance": "oppose"})),
    ("attributes", "linked", lambda d: spans(d.work).update(actor=d.actor)),
    ("json", "metadata", lambda d: change(Article, d.first, metadata={"a\x01": "b"})),
    ("json", "event", lambda d: told(d.work, "span_added").update(data={"after": {"quote": "\x01"}})),
    ("trail", "an event is missing", lambda d: clear(told(d.gold, "start_review"))),
    ("trail", "no beginning", lambda d: clear(told(d.work, "created"))),
    ("trail", "other state", lambda d: change(AnnotationSet, d.work, state="returned")),
    ("trail", "born in another state", lambda d: rewrite(d.work, "created", state="returned")),
    (
        "trail",
        "imported as approved",
        lambda d: rewrite(d.work, "created", action="imported", state="approved"),
    ),
    ("trail", "no restore", lambda d: change(AnnotationSet, d.work, imported=True)),
    ("trail", "a move that there is not", lambda d: told(d.gold, "start_review").update(action="recall")),
    ("trail", "born twice", lambda d: told(d.gold, "submit").update(action="created")),
    ("version", "older than told", lambda d: change(AnnotationSet, d.one, version=1)),
    ("statements", "they are gone", lambda d: clear(Statement.objects.filter(set=d.gold))),
    ("statements", "one too many", lambda d: another_statement(d.gold)),
    ("statements", "of a set that does not count", lambda d: statement(d).update(set=d.work)),
    ("statements", "other day", lambda d: statement(d).update(day=date(2020, 1, 1))),
    ("statements", "other last day", lambda d: statement(d).update(day_last=date(2030, 1, 1))),
    ("statements", "other actor", lambda d: statement(d).update(actor=d.other)),
    ("statements", "other issue", lambda d: statement(d).update(proposition=d.issue)),
    ("statements", "other article", lambda d: statement(d).update(article=d.second)),
    ("statements", "other corpus", lambda d: statement(d).update(corpus=d.sea.corpus)),
    ("statements", "other polarity", lambda d: statement(d).update(polarity="deny")),
    ("statements", "other source", lambda d: statement(d).update(source="Elsewhere")),
    ("closed", "a relation is gone", lambda d: clear(Relation.objects.filter(set=d.gold))),
    ("closed", "a span is another", lambda d: spans(d.gold).update(attributes={"claim_type": "demand"})),
    ("closed", "no digest", an_event_without_digest),
    ("closed", "changed after closing", a_late_change),
    ("closed", "between closing and approval", lambda d: rewrite(d.gold, "submit", digest="0" * 64)),
    (
        "four-eyes",
        "approved by its owner",
        lambda d: told(d.gold, "approve").update(user_id=d.lake.people["ann"].pk),
    ),
    (
        "four-eyes",
        "changed by its reviewer",
        lambda d: told(d.under_review, "span_added").update(user_id=d.lake.people["rae"].pk),
    ),
    ("stamps", "no time", lambda d: change(AnnotationSet, d.gold, approved_at=None)),
    ("stamps", "no reviewer", lambda d: change(AnnotationSet, d.under_review, reviewer=None)),
    ("article-status", "other status", lambda d: change(Article, d.second, status="done")),
    ("blindness", "seen", lambda d: change(AnnotationSet, d.one, blind=False)),
    ("blindness", "hidden", lambda d: change(AnnotationSet, d.work, blind=True)),
    ("annotators", "one too many", a_third_set),
    ("span-counts", "other number", lambda d: change(AnnotationSet, d.work, span_counts={"actor": 5})),
    ("name-index", "name", lambda _: RegistryName.objects.filter(is_alias=False).delete()),
    ("name-index", "trigram", lambda _: NameGram.objects.all().delete()),
    ("search-index", "other number", lambda _: SearchPart.objects.filter(place="title").update(number=9)),
    ("search-index", "no title", lambda _: SearchPart.objects.filter(place="title").delete()),
    (
        "search-index",
        "other revision",
        lambda _: SearchPart.objects.filter(place="text").update(revision=None),
    ),
    ("search-index", "no terms", lambda _: lose_terms()),
    ("search", "article", lambda d: change(Article, d.first, search_key="")),
    ("search", "actor", lambda d: change(Actor, d.actor, folded_name="")),
    ("search", "alias", lambda _: Alias.objects.update(folded="")),
    ("corpus", "set", lambda d: change(AnnotationSet, d.work, corpus=d.sea.corpus)),
    ("corpus", "actor", lambda d: spans(d.work, "actor").update(actor=d.foreign)),
    ("corpus", "proposition", lambda d: spans(d.sea_set, "position").update(proposition=d.issue)),
    ("corpus", "parent", lambda d: change(Actor, d.foreign, parent=d.actor)),
    ("corpus", "merged actor", lambda d: change(Actor, d.foreign, merged_into=d.actor)),
    ("corpus", "merged topic", lambda d: change(Topic, d.topic, merged_into=d.sea.topic("Sea"))),
    ("corpus", "topic", lambda d: change(Proposition, d.issue, topic=d.sea.topic("Sea"))),
    (
        "corpus",
        "merged proposition",
        lambda d: change(Proposition, d.issue, merged_into=d.sea.issue("Shut the sea")),
    ),
    ("article", "its text", lambda d: change(Article, d.second, revision=d.first.revision)),
    (
        "article",
        "text of a set",
        lambda d: change(AnnotationSet, d.work, revision=d.lake.article("other").revision),
    ),
    ("article", "based on", lambda d: change(AnnotationSet, d.taken, based_on=d.work)),
    (
        "comments",
        "span",
        lambda d: Comment.objects.filter(set=d.work, span__isnull=False).update(span=spans(d.one).get()),
    ),
    (
        "comments",
        "parent",
        lambda d: Comment.objects.filter(set=d.work, parent__isnull=False).update(
            parent=Comment.objects.filter(set=d.one)[0]
        ),
    ),
    ("corpus", "item", lambda d: CarryItem.objects.filter(set=d.checked).update(actor=d.foreign)),
    ("article", "carry-over", lambda d: CarryOver.objects.filter(to_set=d.checked).update(from_set=d.work)),
    ("article", "item", lambda d: CarryItem.objects.filter(set=d.checked).update(carry=other_carry(d))),
    ("equivalence", "nothing before", lambda d: change(AnnotationSet, d.gold, approved_by="equivalence")),
    (
        "equivalence",
        "other sentences",
        lambda d: change(AnnotationSet, d.reviewed_again, approved_by="equivalence"),
    ),
    (
        "carry-items",
        "nobody looked",
        lambda d: CarryItem.objects.filter(set=d.checked).update(decision="", at=None, by=None),
    ),
    (
        "carry-items",
        "another set",
        lambda d: CarryItem.objects.filter(set=d.checked).update(span=spans(d.work, "actor").get()),
    ),
    ("events", "article", lambda d: told(d.work, "created").update(article_id=d.first.pk)),
    ("events", "corpus", lambda d: told(d.work, "created").update(corpus_id=d.sea.corpus.pk)),
    ("relations", "does not fit", lambda d: Relation.objects.filter(set=d.work).update(type="held_by")),
    (
        "relations",
        "ends elsewhere",
        lambda d: Relation.objects.filter(set=d.work).update(target=spans(d.one, "actor").get()),
    ),
    ("approved-once", "two of them", a_second_gold),
    ("corpus", "agreement", lambda d: FrozenAgreement.objects.update(corpus=d.sea.corpus)),
    ("corpus", "notification", lambda d: Notification.objects.update(corpus=d.sea.corpus)),
    ("sources", "of an annotation", a_source_of_an_annotation),
    ("sources", "another text", a_source_on_another_text),
    ("taken", "from elsewhere", lambda d: one_pointer(spans(d.work, "actor").get())),
    ("decisions", "other sides", lambda _: Decision.objects.update(sides=[])),
    ("decisions", "side that is none", lambda _: Decision.objects.update(taken=None)),
    ("decisions", "another letter", lambda _: Decision.objects.update(choice="take_b")),
    ("decisions", "another set", lambda d: Decision.objects.update(span=spans(d.work, "actor").get())),
    ("agreement", "nonsense", lambda _: FrozenAgreement.objects.update(counts={"format": 0})),
    (
        "agreement",
        "somebody else",
        lambda d: FrozenAgreement.objects.update(second=d.lake.people["max"]),
    ),
    ("agreement", "never frozen", lambda _: clear(FrozenAgreement.objects.all())),
    ("releases", "never frozen", lambda d: change(Release, d.release, frozen_at=None)),
    ("releases", "a chunk lost", lambda _: ReleaseChunk.objects.filter(number=0).delete()),
    ("releases", "no manifest", lambda _: ReleaseFile.objects.filter(name="manifest.json").delete()),
    ("releases", "no reason", lambda d: change(Release, d.release, withdrawn_reason="Wrong")),
    ("releases", "no recipe", lambda d: change(Release, d.release, recipe={})),
    ("frozen", "other bytes", lambda _: ReleaseChunk.objects.filter(number=1).update(data=b"x")),
    ("release-files", "longer", lambda _: ReleaseFile.objects.filter(name="manifest.json").update(bytes=1)),
    ("release-files", "lost", lambda _: ReleaseFile.objects.filter(name="README.md").update(name="me")),
    (
        "release-files",
        "not gone",
        lambda d: change(Release, d.release, withdrawn_at=long_ago(), withdrawn_reason="Wrong"),
    ),
    ("fingerprints", "other words", lambda _: Fingerprint.objects.update(digest="0" * 32)),
    (
        "fingerprints",
        "a hash of no run of words",
        lambda d: FingerprintHash.objects.create(article=d.first, corpus=d.lake.corpus, hash=1, place=0),
    ),
    ("fingerprints", "a copy that leads", lambda _: Fingerprint.objects.filter(place=2).update(place=0)),
    ("stories", "other size", lambda _: Story.objects.update(size=2)),
    ("stories", "its lead is gone", lambda d: clear(StoryMember.objects.filter(article=a_lead(d)))),
    ("stories", "an article from elsewhere", a_member_from_elsewhere),
    ("copies", "another text", a_copy_of_nothing),
    ("canonical", "nothing was merged", lambda d: change(Actor, d.actor, canonical=d.part)),
    ("canonical", "a topic", lambda d: change(Topic, d.topic, canonical=d.lake.topic("Other"))),
    ("merges", "no merge", lambda d: merged_into(d.other, d.actor)),
    ("merges", "not merged", lambda d: a_merge(d.other, d.actor)),
    ("merges", "other winner", lambda d: merged_into(d.other, d.part, a_merge(d.other, d.actor))),
    ("merges", "not of the corpus", lambda d: a_merge(d.foreign, d.actor)),
    ("merges", "an alias", an_alias_that_stayed),
    ("circles", "merged", a_circle),
    ("circles", "parts", lambda d: change(Actor, d.actor, parent=d.part)),
    ("circles", "itself", lambda d: change(Topic, d.topic, merged_into=d.topic)),
    ("circles", "proposition", lambda d: change(Proposition, d.issue, merged_into=d.issue)),
]
