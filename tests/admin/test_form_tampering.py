"""Whatever somebody sends to the admin: nothing changes but what their role and the services allow."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.urls import reverse

from annotations.models import (
    AccessToken,
    Actor,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Membership,
    Proposition,
    Revision,
    Role,
    Span,
    Topic,
    uuid7,
)
from tests.admin.conftest import TABLES, TwoNewsrooms, all_rows, page

#: Everything that a forged form might hope to set, whatever the model.
WISHES: dict[str, Any] = {
    "id": str(uuid.uuid4()), "pk": str(uuid.uuid4()), "version": "99", "status": "done", "state": "approved",
    "owner": "1", "reviewer": "1", "user": "1", "username": "tom", "role": "manager", "is_staff": "on",
    "is_superuser": "on", "is_active": "on", "password": "x", "groups": "1", "user_permissions": "1",
    "title": "forged", "name": "forged", "slug": "forged", "text": "forged", "kind": "person",
    "label": "claim", "start": "0", "end": "3", "quote": "The", "type": "made_by", "number": "7",
    "sha256": "0" * 64, "digest": "0" * 64, "prefix": "sp_", "scopes": '["manage"]', "chosen": "manage",
    "revision": "1", "search_key": "forged", "folded_name": "forged", "guideline_version": "99",
    "merged_into": "1", "blind": "", "span_counts": "{}", "seen": "1", "new_id": str(uuid.uuid4()),
    "form-TOTAL_FORMS": "5", "form-INITIAL_FORMS": "0", "form-0-id": "1", "form-0-name": "forged",
    "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0", "memberships-0-role": "manager",
    "aliases-TOTAL_FORMS": "2", "aliases-INITIAL_FORMS": "0", "aliases-0-text": "forged",
    "action": "delete_selected", "select_across": "1", "index": "0", "post": "yes", "_save": "Save",
    "_saveasnew": "1", "_popup": "1",
}  # fmt: skip


def forged(newsrooms: TwoNewsrooms, model: type[Model]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every address of a table to which something can be sent, with what to send."""
    foreign = newsrooms.a[model].pk if model in TABLES else newsrooms.vic.pk
    corpus = str(newsrooms.a.corpus.pk)
    sent = {
        **WISHES,
        "corpus": corpus,
        "set": str(newsrooms.a[AnnotationSet].pk),
        "_selected_action": str(foreign),
    }
    plain = {name: value for name, value in sent.items() if name not in ("_saveasnew", "_popup")}
    change = page(model, "change", foreign)
    yield page(model, "changelist"), sent
    yield page(model, "add"), sent
    yield page(model, "add"), plain
    yield change, sent
    yield change, plain
    yield f"{change}?_popup=1&_to_field=id", plain
    yield page(model, "delete", foreign), plain
    yield page(model, "history", foreign), sent


def in_turn(*names: str) -> pytest.MarkDecorator:
    """Who sends the forms: one of them each in turn, or each of them all, in the slow lane."""
    alone = [pytest.param((name,), id=name, marks=pytest.mark.slow) for name in names]
    return pytest.mark.parametrize("names", [pytest.param(names, id="in-turn"), *alone])


@in_turn("sam", "tom", "vic", "nia")
def test_who_may_nothing_here_changes_nothing(newsrooms: TwoNewsrooms, names: tuple[str, ...]) -> None:
    senders = cycle([(name, newsrooms.client(name)) for name in names])
    before = all_rows()
    tables: tuple[type[Model], ...] = (*TABLES, User, Group)
    for model in tables:
        if model is AccessToken:
            continue
        for (url, sent), (_, client) in zip(forged(newsrooms, model), senders, strict=False):
            answer = client.post(url, sent)
            assert answer.status_code in {200, 302, 400, 403, 404, 405}, url
        next(senders)  # so that the next table's first address is somebody else's
    for url, (name, client) in zip(_deeds(newsrooms), senders, strict=False):
        answer = client.post(
            url, {"seen": "1", "reason": "forged", "owner": newsrooms.ann.pk, "new_id": uuid7()}
        )
        assert answer.status_code in ({302} if name == "nia" else {403, 404}), url
    assert all_rows() == before


def _deeds(newsrooms: TwoNewsrooms) -> list[str]:
    article, proposition = newsrooms.a[Article].pk, newsrooms.a[Proposition].pk
    return [
        reverse("admin:annotations_article_assign", args=(article,)),
        reverse("admin:annotations_article_exclude", args=(article,)),
        reverse("admin:annotations_article_include", args=(article,)),
        reverse("admin:annotations_proposition_accept", args=(proposition,)),
        reverse("admin:annotations_corpus_import", args=(newsrooms.a.corpus.pk,)),
    ]


@in_turn("ann", "rae")
def test_annotators_and_reviewers_change_no_more_than_the_registry(
    newsrooms: TwoNewsrooms, names: tuple[str, ...]
) -> None:
    senders = cycle([newsrooms.client(name) for name in names])
    before = all_rows()
    tables: tuple[type[Model], ...] = (*TABLES, User, Group)
    for model in tables:
        if model in {Actor, Topic, Proposition, AccessToken}:
            continue
        for (url, sent), client in zip(forged(newsrooms, model), senders, strict=False):
            assert client.post(url, sent).status_code in {200, 302, 400, 403, 404}, url
    for url, client in zip(_deeds(newsrooms), senders, strict=False):
        if "accept" not in url:
            assert client.post(url, {"seen": "1", "reason": "forged"}).status_code == 403
    assert all_rows() == before


@in_turn("max", "sue")
def test_no_form_reaches_what_only_the_workflow_writes(
    newsrooms: TwoNewsrooms, names: tuple[str, ...]
) -> None:
    senders = cycle([newsrooms.client(name) for name in names])
    untouchable = (AnnotationSet, Span, Comment, Revision)
    before = {model: all_rows()[model._meta.label_lower] for model in untouchable}
    for model in untouchable:
        for (url, sent), client in zip(forged(newsrooms, model), senders, strict=False):
            assert client.post(url, sent).status_code in {200, 302, 400, 403, 404}, url
    assert {model: all_rows()[model._meta.label_lower] for model in untouchable} == before


def test_fields_that_no_form_has_are_ignored(newsrooms: TwoNewsrooms) -> None:
    client, article = newsrooms.client("max"), Article.objects.get(pk=newsrooms.a[Article].pk)
    sent = {
        **WISHES, "title": "changed", "seen": str(article.version), "corpus": str(newsrooms.b.corpus.pk),
        "published_at_0": "2026-03-01", "published_at_1": "00:00:00", "language": "en", "annotators": "1",
        "priority": "0", "metadata": "{}",
        "external_id": "", "source": "", "author": "", "url": "", "story_key": "",
        "created_at": "2000-01-01", "excluded_reason": "forged",
    }  # fmt: skip
    del sent["_saveasnew"], sent["_popup"]
    assert client.post(page(Article, "change", article.pk), sent).status_code == 302
    after = Article.objects.get(pk=article.pk)
    columns = [field.attname for field in Article._meta.concrete_fields]
    changed = {name for name in columns if getattr(after, name) != getattr(article, name)}
    assert changed == {"title", "search_key", "version"}
    assert after.version == article.version + 1


@pytest.mark.parametrize("model", [Article, Actor, Topic, Proposition, Membership])
def test_nothing_is_added_to_somebody_else_s_corpus(newsrooms: TwoNewsrooms, model: type[Model]) -> None:
    client = newsrooms.client("sam")
    before = all_rows()
    sent = {
        **WISHES,
        "corpus": str(newsrooms.a.corpus.pk),
        "kind": "issue" if model is Proposition else "person",
    }
    del sent["_saveasnew"], sent["_popup"]
    answer = client.post(page(model, "add"), sent)
    assert answer.status_code == 200
    assert b"Select a valid choice" in answer.content
    assert all_rows() == before


def test_an_actor_gets_no_parent_and_a_proposition_no_topic_of_another_corpus(
    newsrooms: TwoNewsrooms,
) -> None:
    clients = [newsrooms.client(name) for name in ("sam", "sue")]
    before = all_rows()
    for model, column in ((Actor, "parent"), (Proposition, "topic")):
        linked = newsrooms.a[Actor if model is Actor else Topic].pk
        sent = {
            "corpus": str(newsrooms.b.corpus.pk),
            "name": "n",
            "text": "t",
            "new_id": uuid7(),
            column: linked,
        }
        sent["kind"] = "person" if model is Actor else "issue"
        for client in clients:
            assert client.post(page(model, "add"), sent).status_code == 200, model
    assert all_rows() == before


def test_a_link_to_what_is_no_id_is_refused_and_shown_again(newsrooms: TwoNewsrooms) -> None:
    client, actor = newsrooms.client("sam"), newsrooms.b[Actor]
    before = all_rows()
    for odd in ("x", "\u202e9", "0" * 40, "-1"):
        for at in (page(Actor, "add"), page(Actor, "change", actor.pk)):
            assert client.get(at, {"parent": odd}).status_code == 200, at
            reply = client.post(at, {"name": "n", "kind": "person", "parent": odd, "seen": "1"})
            assert reply.status_code == 200, at
            assert "parent" in reply.context["adminform"].form.errors, at
        at = reverse("admin:annotations_actor_affiliations", args=[actor.pk])
        assert client.post(at, {"organisation": odd, "kind": "member"}).status_code < 500
    assert all_rows() == before


def test_bulk_actions_are_gone(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sue")
    before = all_rows()
    for model in set(TABLES) | {User, Group}:
        pk = newsrooms.a[model].pk if model in TABLES else newsrooms.vic.pk
        for sent in (
            {"action": "delete_selected", "_selected_action": [pk], "index": "0", "select_across": "1"},
            {"action": "delete_selected", "_selected_action": [pk], "post": "yes"},
        ):
            assert client.post(page(model, "changelist"), sent).status_code == 200
        assert b"delete_selected" not in client.get(page(model, "changelist")).content
    assert all_rows() == before


def test_a_form_from_elsewhere_is_refused(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max", csrf=True)
    before = all_rows()
    urls = [
        page(Topic, "add"),
        page(Corpus, "delete", newsrooms.a.corpus.pk),
        reverse("admin:take"),
        *_deeds(newsrooms),
    ]
    for url in urls:
        assert client.post(url, {"corpus": str(newsrooms.a.corpus.pk), "name": "n"}).status_code == 403
    assert all_rows() == before


def test_a_manager_makes_nobody_a_manager_elsewhere(newsrooms: TwoNewsrooms) -> None:
    member = Membership.objects.get(corpus=newsrooms.a.corpus, user=newsrooms.ann)
    sent = {"role": "manager", "seen": member.version}
    assert newsrooms.client("sam").post(page(Membership, "change", member.pk), sent).status_code == 404
    assert newsrooms.client("ann").post(page(Membership, "change", member.pk), sent).status_code == 403
    member.refresh_from_db()
    assert member.role == Role.ANNOTATOR
