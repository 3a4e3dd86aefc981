"""One thing of every kind, for tests that ask every address."""

from __future__ import annotations

import io
from uuid import UUID

from django.db.models import F

from annotations.models import (
    Actor,
    AnnotationSet,
    CarryItem,
    Corpus,
    Decision,
    EntryKind,
    FeedType,
    Notification,
    Role,
    Span,
    Story,
    StoryMember,
)
from annotations.permissions import VisibleRow
from annotations.services import job_runner, releases
from annotations.services.core import comments, corpora, relations
from annotations.services.correction import revisions
from annotations.services.double_annotation import adjudication
from annotations.services.exchange.exports.jobs import queue_export
from annotations.services.exchange.imports import ImportOptions
from annotations.services.feeds import addresses
from annotations.services.registry import affiliations, entries, merges
from annotations.services.search import saved
from annotations.services.team import assignments, invitations
from annotations.services.webhooks import deliveries, subscriptions
from annotations.visibility import get_visible_row
from tests import factories
from tests.api.matrix_rows import MISSING
from tests.newsroom import TEXT, Newsroom


class Resources(dict[str, str]):
    """One thing of every kind in a corpus, by name; each is made when it is first asked for."""

    def __init__(self, newsroom: Newsroom, corpus: Corpus, manager: str, owner: str, reviewer: str) -> None:
        super().__init__()
        self.corpus, self.by = corpus, newsroom.user(manager)
        self.owner, self.reviewer = newsroom.user(owner), newsroom.user(reviewer)

    def __missing__(self, name: str) -> str:
        self[name] = str(getattr(self, f"_{name}")())
        return self[name]

    def whole(self) -> Resources:
        """All of them."""
        for name in NAMES:
            assert self[name]
        return self

    def _corpus(self) -> str:
        return self.corpus.slug

    def _empty(self) -> str:
        return factories.make_corpus(f"empty-{self.corpus.slug}", manager=self.by).slug

    def _member(self) -> str:
        clerk = factories.make_user(f"clerk-{self.corpus.slug}")
        corpora.add_member(self.by, self.corpus.pk, clerk, Role.VIEWER)
        return clerk.get_username()

    def _article(self) -> object:
        return factories.make_article(self.corpus, TEXT, by=self.by).pk

    def _story(self) -> object:
        lead = factories.make_article(self.corpus, "The story that everybody copies.", by=self.by)
        factories.make_article(self.corpus, lead.revision.text, by=self.by)
        return Story.objects.get(lead=lead).pk

    def _copy(self) -> object:
        members = StoryMember.objects.filter(story=UUID(self["story"])).exclude(article=F("story__lead"))
        return members.get().article_id

    def _stranger(self) -> object:
        return factories.make_article(self.corpus, "A text of its own.", by=self.by).pk

    def _set(self, *moves: str) -> AnnotationSet:
        made = assignments.assign_article(self.by, UUID(str(self._article())), owner=self.owner)[0]
        factories.make_span(made)
        for name in moves:
            factories.move(self.owner if name == "submit" else self.reviewer, made, name)
        return made

    def _open(self) -> object:
        return self._set().pk

    def _submitted(self) -> object:
        return self._set("submit").pk

    def _in_review(self) -> object:
        return self._set("submit", "start_review").pk

    def _approved(self) -> object:
        return self._set("submit", "start_review", "approve").pk

    def _quote(self) -> object:
        made = self._set()
        claim = factories.make_span(made, "claim", 4, 30)
        for by, name in ((self.owner, "submit"), (self.reviewer, "start_review"), (self.reviewer, "approve")):
            factories.move(by, made, name)
        return claim.pk

    def _feed(self) -> object:
        return addresses.create_address(self.by, self._seen(), FeedType.QUOTES)[0].pk

    def _content(self, start: int, end: int, label: str) -> Span:
        row = AnnotationSet.objects.select_related("owner").get(pk=self["open"])
        return factories.make_span(row, label, start, end)

    def _span(self) -> object:
        return self._content(0, 3, "actor").pk

    def _claim(self) -> object:
        return self._content(4, 30, "claim").pk

    def _relation(self) -> object:
        source, target = UUID(self["claim"]), UUID(self["span"])
        draft = relations.RelationDraft(type="made_by", source_id=source, target_id=target)
        return relations.add_relations(self.owner, UUID(self["open"]), [draft])[0][0].pk

    def _comment(self) -> object:
        return comments.add_comment(self.owner, UUID(self["open"]), comments.CommentDraft(text="Is it?"))[
            0
        ].pk

    def _suggestion(self) -> object:
        draft = comments.CommentDraft(text="Longer?", span_id=UUID(self["span"]), suggestion={"end": 4})
        return comments.add_comment(self.owner, UUID(self["open"]), draft)[0].pk

    def _seen(self) -> VisibleRow[Corpus]:
        return factories.seen_by(self.by, self.corpus)

    def _actor(self) -> object:
        return entries.add_actor(self.by, self._seen(), {"name": "Ada Verde", "kind": "person"})[0].pk

    def _topic(self) -> object:
        return entries.add_topic(self.by, self._seen(), {"name": "Water"})[0].pk

    def _organisation(self) -> object:
        return entries.add_actor(self.by, self._seen(), {"name": "Harbour", "kind": "organisation"})[0].pk

    def _affiliation(self) -> object:
        actor = get_visible_row(self.by, Actor.objects.select_related("corpus"), pk=self["actor"])
        values = {"organisation_id": UUID(self["organisation"]), "kind": "member", "since": "2019"}
        return affiliations.add_affiliation(self.by, actor, values)[0].pk

    def _proposition(self) -> object:
        return entries.add_proposition(self.by, self._seen(), {"text": "A toll", "kind": "issue"})[0].pk

    def _other_actor(self) -> object:
        return entries.add_actor(self.by, self._seen(), {"name": "A. Verde", "kind": "person"})[0].pk

    def _other_topic(self) -> object:
        return entries.add_topic(self.by, self._seen(), {"name": "Waters"})[0].pk

    def _other_proposition(self) -> object:
        return entries.add_proposition(self.by, self._seen(), {"text": "Tolls", "kind": "issue"})[0].pk

    def _merge(self) -> object:
        loser = entries.add_actor(self.by, self._seen(), {"name": "Ada V.", "kind": "person"})[0]
        values = {"into": UUID(self["other_actor"]), "reason": "One."}
        return merges.merge_entry(self.reviewer, EntryKind.ACTOR, loser.pk, values, version=1)[0].pk

    def _search(self) -> object:
        values = {"name": "Toll", "query": "toll", "filters": {}, "shared": True}
        return saved.save_search(self.by, self._seen(), values)[0].pk

    def _webhook(self) -> object:
        values = {"url": "https://192.0.9.1/hook", "events": ["article.added"], "payload": "thin"}
        return subscriptions.create_webhook(self.by, self._seen(), values)[0].pk

    def _delivery(self) -> object:
        return deliveries.send_test(self.by, UUID(self["webhook"])).pk

    def _token(self) -> str:
        return MISSING

    def _adjudication(self) -> object:
        """One with one difference between the owner and a second annotator."""
        second = factories.make_user(f"second-{self.corpus.slug}")
        corpora.add_member(self.by, self.corpus.pk, second, Role.ANNOTATOR)
        article = factories.make_article(self.corpus, TEXT, by=self.by, annotators=2)
        rows = [
            assignments.assign_article(self.by, article.pk, owner=each)[0] for each in (self.owner, second)
        ]
        factories.make_span(rows[0])
        for each in rows:
            factories.move(each.owner, each, "submit")
        return adjudication.begin_adjudication(self.reviewer, article.pk)[0].pk

    def _decision(self) -> object:
        return Decision.objects.get(set_id=UUID(self["adjudication"])).pk

    def _invitation(self) -> object:
        return invitations.create_invitation(self.by, self._seen(), Role.VIEWER)[0].pk

    def _notification(self) -> object:
        assert self["open"]
        return Notification.objects.filter(recipient=self.owner)[0].pk

    def _item(self) -> object:
        """A mark of the owner whose sentence was corrected."""
        row = self._set()
        text = TEXT.replace("is opposed", "never was opposed")
        revisions.add_revision(self.by, row.article_id, text, "Typo.")
        return CarryItem.objects.get(set__based_on=row).pk

    def _number(self) -> str:
        return "1"

    def _release(self) -> object:
        return job_runner.make_release(self.by, self.corpus, releases.ReleaseRequest())[0].pk

    def _file(self) -> str:
        return f"{self.corpus.slug}.jsonl"

    def _job(self) -> object:
        source = io.BytesIO(b'{"text": "Read later."}\n')
        job = job_runner.queue_import(self.by, self.corpus, source, ImportOptions())
        job_runner.run_job(job.pk, "worker")
        return job.pk

    def _export(self) -> object:
        job = queue_export(self.by, self.corpus, {})
        job_runner.run_job(job.pk, "worker")
        return job.pk


NAMES = (
    "corpus", "empty", "member", "article", "story", "copy", "stranger",
    "open", "submitted", "in_review", "approved", "span", "claim",
    "relation", "comment", "suggestion", "actor", "organisation", "affiliation", "topic", "proposition",
    "other_actor", "other_topic", "other_proposition", "merge", "search", "token",
    "adjudication", "decision", "item", "number", "invitation", "notification",
    "release", "file", "job", "export", "webhook", "delivery", "feed", "quote",
)  # fmt: skip
