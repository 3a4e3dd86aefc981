"""A newsrooms with two corpora, somebody of every kind, and something in every table of both."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from annotations.enums import Scope
from annotations.models import (
    AccessToken,
    Actor,
    Alias,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Event,
    Job,
    Membership,
    Proposition,
    Relation,
    Release,
    Revision,
    Role,
    Span,
    Topic,
)
from annotations.services import releases
from annotations.services.core import access_tokens, comments, relations
from annotations.services.registry import entries
from tests.factories import make_article, make_corpus, make_set, make_span, make_user, move, seen_by
from tests.speed import shared_rows

#: Every table of ours that the admin lists.
TABLES: tuple[type[Model], ...] = (
    Corpus, Membership, Article, Revision, AnnotationSet, Span, Relation, Comment, Actor, Alias, Topic,
    Proposition, Release, Job, Event, AccessToken,
)  # fmt: skip


@dataclass
class CorpusRows:
    """A corpus with one row in every table, all of them named after it."""

    corpus: Corpus
    rows: dict[type[Model], Any] = field(default_factory=dict)

    def __getitem__(self, model: type[Model]) -> Any:
        return self.rows[model]


@dataclass
class TwoNewsrooms:
    """Corpus ``a``, in which everybody but sam and tom works, and sam's corpus ``b``."""

    people: dict[str, User]
    group: Group
    a: CorpusRows
    b: CorpusRows

    def __getattr__(self, name: str) -> User:
        if name == "people":  # not set yet, in a copy that is being made
            raise AttributeError(name)
        try:
            return self.people[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def client(self, name: str, *, csrf: bool = False) -> Client:
        """A browser in which this person is signed in."""
        client = Client(enforce_csrf_checks=csrf)
        client.force_login(self.people[name])
        return client


def _fill(name: str, manager: User, annotator: User, reviewer: User, viewer: User) -> CorpusRows:
    members = {annotator: Role.ANNOTATOR, reviewer: Role.REVIEWER, viewer: Role.VIEWER}
    corpus = make_corpus(name, manager=manager, members=members, name=f"{name}-corpus")
    mine = seen_by(manager, corpus)
    article = make_article(
        corpus, title=f"{name}-article", published_at=datetime(2026, 3, 1, tzinfo=UTC), language="en"
    )
    actor, _ = entries.add_actor(
        manager, mine, {"name": f"{name}-actor", "kind": "person", "aliases": [_alias(f"{name}-alias")]}
    )
    topic, _ = entries.add_topic(manager, mine, {"name": f"{name}-topic"})
    proposition, _ = entries.add_proposition(
        manager, mine, {"text": f"{name}-proposition", "kind": "issue", "topic_id": topic.pk}
    )
    row = make_set(article, annotator)
    span = make_span(row, actor_id=actor.pk)
    claim = make_span(row, "claim", 4, 26, attributes={"attribution": "named"})
    draft = relations.RelationDraft(type="made_by", source_id=claim.pk, target_id=span.pk)
    relation = relations.add_relations(annotator, row.pk, [draft])[0][0]
    remark, _, _ = comments.add_comment(
        annotator, row.pk, comments.CommentDraft(text=f"{name}-comment", span_id=span.pk)
    )
    token, _ = access_tokens.create_token(annotator, f"{name}-token", [Scope.READ])
    release, _ = releases.create_release(manager, mine.row, releases.ReleaseRequest(name=f"{name}-release"))
    rows: dict[type[Model], Any] = {
        Corpus: corpus, Article: article, Revision: article.revision, AnnotationSet: row, Span: span,
        Relation: relation, Comment: remark, Actor: actor, Alias: actor.aliases.get(), Topic: topic,
        Proposition: proposition, AccessToken: token, Release: release, Job: release.job,
        Membership: Membership.objects.get(corpus=corpus, user=viewer),
        Event: Event.objects.filter(set_id=row.pk).order_by("seq")[0],
    }  # fmt: skip
    return CorpusRows(corpus, rows)


def _alias(text: str) -> dict[str, str]:
    return {"text": text, "language": "", "kind": "name"}


@pytest.fixture(scope="module")
def stored_newsrooms(django_db_setup: None, django_db_blocker: Any) -> Iterator[TwoNewsrooms]:
    """Two corpora that know nothing of one another, for all tests of a module."""
    yield from shared_rows(django_db_blocker, _house)


@pytest.fixture
def newsrooms(stored_newsrooms: TwoNewsrooms, db: None) -> TwoNewsrooms:
    """Two corpora that know nothing of one another."""
    return copy.deepcopy(stored_newsrooms)


def _house() -> TwoNewsrooms:
    names = ("ann", "ben", "rae", "max", "vic", "sam", "tom")
    people = {name: make_user(name) for name in names}
    people["sue"] = make_user("sue", is_superuser=True)
    people["nia"] = make_user("nia", is_staff=False)
    strangers = {name: make_user(f"{name}-of-b") for name in ("annotator", "reviewer", "viewer")}
    a = _fill("kiwi", people["max"], people["ann"], people["rae"], people["vic"])
    b = _fill("lynx", people["sam"], strangers["annotator"], strangers["reviewer"], strangers["viewer"])
    return TwoNewsrooms(people, Group.objects.create(name="group"), a, b)


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those of sign-ins, which say nothing about the work."""
    return {
        model._meta.label_lower: sorted(model._default_manager.values_list(), key=repr)
        for model in apps.get_models()
        if model is not Session
    }


def page(model: type[Model], what: str, *args: Any) -> str:
    """The address of a page of a table."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{what}", args=args)


@pytest.fixture
def approved(newsrooms: TwoNewsrooms) -> AnnotationSet:
    """The set of corpus a, submitted and approved."""
    row: AnnotationSet = newsrooms.a[AnnotationSet]
    move(newsrooms.ann, row, "submit")
    move(newsrooms.rae, row, "start_review")
    return move(newsrooms.rae, row, "approve")
