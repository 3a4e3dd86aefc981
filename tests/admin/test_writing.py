"""What is written through the admin goes through the services, and refusals come back as sentences."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Corpus,
    Event,
    Membership,
    Proposition,
    Role,
    Topic,
    uuid7,
)
from annotations.services.core import articles, corpora
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.forms import form_of
from tests.factories import make_article, make_corpus, move, seen_by


def fill(client: Client, address: str, **typed: Any) -> dict[str, Any]:
    """What a browser would send: every field of the form as it stands, and what was typed over it."""
    return {**form_of(client.get(address)), **typed}


def said(answer: Any) -> str:
    """The last message of an answer."""
    return str(list(get_messages(answer.wsgi_request))[-1])


def errors(answer: Any) -> str:
    """Every sentence of a form that came back."""
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    return html.unescape(" ".join(str(fault) for faults in form.errors.values() for fault in faults))


# --- articles -----------------------------------------------------------------------------


def test_an_article_is_stored_to_the_character_with_line_ends_as_typed(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    text = "  First line \r\n\r\n\tSecond, with “quotes” and 👩‍👩‍👧.\r\n "
    sent = fill(client, page(Article, "add"), corpus=newsrooms.a.corpus.pk, title="New", text=text)
    assert client.post(page(Article, "add"), sent).status_code == 302
    article = Article.objects.get(title="New")
    assert article.revision.text == text.replace("\r\n", "\n")
    assert article.pk == UUID(str(sent["new_id"]))
    event = Event.objects.get(article_id=article.pk)
    assert (event.action, event.username) == ("article_added", "max")


def test_a_form_that_is_sent_twice_stores_one_article(newsrooms: TwoNewsrooms) -> None:
    client, url = newsrooms.client("max"), page(Article, "add")
    sent = fill(client, url, corpus=newsrooms.a.corpus.pk, title="Once", text="Once.")
    assert [client.post(url, sent).status_code for _ in range(2)] == [302, 302]
    assert Article.objects.filter(title="Once").count() == 1
    again = client.post(url, {**sent, "title": "Another"})
    assert "taken by something else" in errors(again)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("text", "", "required"),
        ("text", "a\x0bb", "U+000B"),
        ("text", "a\x00b", "Null characters"),
        ("title", "a\u2028b", "one line"),
        ("external_id", "a\u202eb", "bidi"),
        ("url", "javascript:alert(1)", "http"),
        ("url", " data:text/html,x", "http"),
        ("url", "vbscript:x", "http"),
        ("url", "java\tscript:x", "spaces"),
        ("url", "https://user@example.org/", "user name"),
        ("url", "//evil.example", "http"),
        ("language", "english!", "BCP 47"),
        ("metadata", "[1]", "object"),
        ("metadata", '{"a": 1, "a": 2}', "twice"),
        ("metadata", '{"a": 1e999}', ""),
        ("metadata", '{"a": {"b": 1}}', "string"),
        ("metadata", '{"a": "\\ud800"}', ""),
        ("metadata", "[" * 100_000, ""),
        ("metadata", "{", ""),
        ("published_at_0", "yesterday", "date"),
    ],
)
def test_what_no_entrance_lets_in_is_refused_here_as_well(
    newsrooms: TwoNewsrooms, field: str, value: str, sentence: str
) -> None:
    client, url = newsrooms.client("max"), page(Article, "add")
    before = Article.objects.count()
    sent = fill(client, url, **{"corpus": newsrooms.a.corpus.pk, "title": "T", "text": "Text.", field: value})
    assert sentence in errors(client.post(url, sent))
    assert Article.objects.count() == before


def test_a_change_writes_what_was_changed_and_nothing_else(newsrooms: TwoNewsrooms) -> None:
    article = make_article(
        newsrooms.a.corpus,
        title=" kept ",
        source="S",
        metadata={"n": 1, "s": "x"},
        published_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    )
    client, url = newsrooms.client("max"), page(Article, "change", article.pk)
    answer = client.post(url, fill(client, url, source=" Changed "))
    assert answer.status_code == 302
    assert "was saved" in said(answer)
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.source, after.version) == (" kept ", "Changed", 2)
    assert (after.metadata, after.published_at) == (article.metadata, article.published_at)
    event = Event.objects.filter(article_id=article.pk).latest("seq")
    differs = {name for name, value in event.data["after"].items() if event.data["before"][name] != value}
    assert differs == {"source"}


def test_saving_without_a_change_writes_nothing(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    events = Event.objects.count()
    for model in (Corpus, Article, Actor, Topic, Proposition, Membership):
        url = page(model, "change", newsrooms.a[model].pk)
        assert client.post(url, fill(client, url)).status_code == 302, model
    assert Event.objects.count() == events


def test_a_stale_form_is_refused_with_the_sentence_of_the_service(newsrooms: TwoNewsrooms) -> None:
    article, client = newsrooms.a[Article], newsrooms.client("max")
    url = page(Article, "change", article.pk)
    sent = fill(client, url, title="mine")
    articles.update_article(newsrooms.max, article.pk, {"title": "theirs"}, version=article.version)
    answer = client.post(url, sent)
    assert "decided on version 1" in errors(answer)
    assert b'value="mine"' in answer.content, "what was typed has to stay in the form"
    assert Article.objects.get(pk=article.pk).title == "theirs"


@pytest.mark.parametrize("model", [Corpus, Article, Actor, Topic, Proposition, Membership])
def test_every_form_needs_the_version_that_was_seen(newsrooms: TwoNewsrooms, model: type[Model]) -> None:
    client, row = newsrooms.client("max"), newsrooms.a[model]
    url = page(model, "change", row.pk)
    sent = fill(client, url, name="other", text="other", title="other", role="annotator")
    for seen in (None, "", "x", "0", "-1", "1e3", "9" * 50, str(row.version + 7)):
        forged = {name: value for name, value in sent.items() if name != "seen"}
        answer = client.post(url, forged if seen is None else {**forged, "seen": seen})
        assert errors(answer), seen
    assert type(row)._default_manager.get(pk=row.pk).version == row.version


def test_a_taken_external_id_is_said_beside_its_field(newsrooms: TwoNewsrooms) -> None:
    make_article(newsrooms.a.corpus, external_id="x1")
    client, url = newsrooms.client("max"), page(Article, "add")
    answer = client.post(
        url, fill(client, url, corpus=newsrooms.a.corpus.pk, title="T", text="T.", external_id="x1")
    )
    assert "external_id" in answer.context["adminform"].form.errors
    assert "already" in errors(answer)


def test_the_number_of_annotators_stays_while_there_are_sets(newsrooms: TwoNewsrooms) -> None:
    client, url = newsrooms.client("max"), page(Article, "change", newsrooms.a[Article].pk)
    assert "stays as it is" in errors(client.post(url, fill(client, url, annotators="2")))


def test_articles_are_assigned_excluded_and_included_from_their_page(newsrooms: TwoNewsrooms) -> None:
    client, article = newsrooms.client("max"), make_article(newsrooms.a.corpus)
    go = {name: reverse(f"admin:annotations_article_{name}", args=(article.pk,)) for name in DEEDS}
    sent = {"owner": newsrooms.ann.pk, "due_at_0": "2026-12-01", "due_at_1": "12:00:00", "new_id": uuid7()}
    for _ in range(2):
        assert "has a set" in said(client.post(go["assign"], sent))
    row = AnnotationSet.objects.get(article=article)
    assert (row.owner, row.due_at) == (newsrooms.ann, datetime(2026, 12, 1, 12, tzinfo=UTC))
    another = {**sent, "new_id": uuid7(), "owner": newsrooms.rae.pk}
    assert "all the annotators" in said(client.post(go["assign"], another))
    assert "Select a valid choice" in said(client.post(go["assign"], {**sent, "owner": newsrooms.vic.pk}))
    version = Article.objects.get(pk=article.pk).version
    assert "required" in said(client.post(go["exclude"], {"seen": version}))
    assert "Say why" in said(client.post(go["exclude"], {"seen": version, "reason": " \r\n "}))
    assert "decided on version" in said(client.post(go["exclude"], {"seen": version + 1, "reason": "no"}))
    assert "is excluded" in said(client.post(go["exclude"], {"seen": version, "reason": "A duplicate."}))
    assert Article.objects.get(pk=article.pk).excluded_reason == "A duplicate."
    assert "back in the work" in said(client.post(go["include"], {"seen": version + 1, "reason": "No."}))
    assert client.get(go["exclude"]).status_code == 405


DEEDS = ("assign", "exclude", "include")


def test_an_article_is_deleted_while_nobody_has_worked_on_it(newsrooms: TwoNewsrooms) -> None:
    client, free = newsrooms.client("max"), make_article(newsrooms.a.corpus)
    kept = newsrooms.a[Article]
    for article in (free, kept):
        url = page(Article, "delete", article.pk)
        assert f'name="seen" value="{article.version}"'.encode() in client.get(url).content
    assert "which version you saw" in said(client.post(page(Article, "delete", free.pk), {"post": "yes"}))
    stale = client.post(page(Article, "delete", free.pk), {"post": "yes", "seen": free.version + 1})
    assert "decided on version" in said(stale)
    gone = client.post(page(Article, "delete", free.pk), {"post": "yes", "seen": free.version})
    assert "was deleted" in said(gone)
    refused = client.post(page(Article, "delete", kept.pk), {"post": "yes", "seen": kept.version})
    assert "work is never deleted" in said(refused)
    assert set(Article.objects.filter(pk__in=(free.pk, kept.pk))) == {kept}


# --- corpora ------------------------------------------------------------------------------


def test_a_corpus_is_founded_by_who_has_the_permission_and_becomes_theirs(newsrooms: TwoNewsrooms) -> None:
    newsrooms.ann.user_permissions.add(DjangoPermission.objects.get(codename="add_corpus"))
    client, url = newsrooms.client("ann"), page(Corpus, "add")
    answer = client.post(url, fill(client, url, name="Harbours", slug="harbours"))
    assert answer.status_code == 302
    corpus = Corpus.objects.get(slug="harbours")
    assert Membership.objects.get(corpus=corpus).role == Role.MANAGER
    assert corpus.guideline, "it starts with the guideline of the product"
    taken = client.post(url, fill(client, url, name="Harbours", slug="harbours"))
    assert "choose another" in errors(taken)
    odd = client.post(url, fill(client, url, name="Harbours", slug="Har bours"))
    assert "lower-case" in errors(odd)


def test_a_new_guideline_raises_its_version_and_line_ends_alone_do_not(newsrooms: TwoNewsrooms) -> None:
    corpora.update_corpus(newsrooms.max, newsrooms.a.corpus.pk, {"guideline": "One\r\ntwo"}, version=1)
    client, url = newsrooms.client("max"), page(Corpus, "change", newsrooms.a.corpus.pk)
    versions = []
    for typed in ("One\r\ntwo", "One\r\n\r\ntwo"):
        assert client.post(url, fill(client, url, guideline=typed)).status_code == 302
        versions.append(Corpus.objects.get(pk=newsrooms.a.corpus.pk).guideline_version)
    assert versions == [2, 3]


@pytest.mark.parametrize("number", ["0", "-1", "101", "9" * 30, "x", "1.5"])
def test_a_number_of_annotators_that_cannot_be_is_an_error_of_the_form(
    newsrooms: TwoNewsrooms, number: str
) -> None:
    client, url = newsrooms.client("max"), page(Corpus, "change", newsrooms.a.corpus.pk)
    assert errors(client.post(url, fill(client, url, annotators_per_article=number)))


def test_an_archived_corpus_can_only_be_read_and_brought_back(newsrooms: TwoNewsrooms) -> None:
    client, url = newsrooms.client("max"), page(Corpus, "change", newsrooms.a.corpus.pk)
    assert client.post(url, fill(client, url, archived="on")).status_code == 302
    for model in (Article, Actor, Topic, Proposition, Membership):
        other = page(model, "change", newsrooms.a[model].pk)
        assert b'name="_save"' not in client.get(other).content, model
        assert client.post(other, {"title": "x", "seen": "1"}).status_code == 403
        assert b"kiwi-corpus" not in client.get(page(model, "add")).content, model
    assert "archived" in errors(client.post(url, fill(client, url, name="x")))
    sent = fill(client, url)
    del sent["archived"]
    assert client.post(url, sent).status_code == 302
    assert not Corpus.objects.get(pk=newsrooms.a.corpus.pk).archived


def test_a_corpus_with_articles_stays(newsrooms: TwoNewsrooms) -> None:
    client, corpus = newsrooms.client("max"), newsrooms.a.corpus
    empty = make_corpus(manager=newsrooms.max)
    for row in (corpus, empty):
        answer = client.post(page(Corpus, "delete", row.pk), {"post": "yes", "seen": row.version})
        assert ("archive it instead" in said(answer)) is (row == corpus)
    assert set(Corpus.objects.filter(pk__in=(corpus.pk, empty.pk))) == {corpus}


def test_members_come_by_name_and_the_last_manager_stays(newsrooms: TwoNewsrooms) -> None:
    client, url = newsrooms.client("max"), page(Membership, "add")
    sent = fill(client, url, corpus=newsrooms.a.corpus.pk, username="tom", role="annotator")
    assert client.post(url, sent).status_code == 302
    assert Membership.objects.get(user=newsrooms.tom).role == Role.ANNOTATOR
    unknown = client.post(
        url, fill(client, url, corpus=newsrooms.a.corpus.pk, username="nobody", role="viewer")
    )
    assert "no active person" in errors(unknown)
    again = client.post(url, fill(client, url, corpus=newsrooms.a.corpus.pk, username="tom", role="viewer"))
    assert "already" in errors(again)
    last = Membership.objects.get(user=newsrooms.max, corpus=newsrooms.a.corpus)
    change = page(Membership, "change", last.pk)
    assert "last manager" in errors(client.post(change, fill(client, change, role="viewer")))
    gone = client.post(page(Membership, "delete", last.pk), {"post": "yes", "seen": last.version})
    assert "last manager" in said(gone)
    tom = Membership.objects.get(user=newsrooms.tom)
    gone = client.post(page(Membership, "delete", tom.pk), {"post": "yes", "seen": tom.version})
    assert "was deleted" in said(gone)
    actions = Event.objects.filter(corpus_id=newsrooms.a.corpus.pk).values_list("action", flat=True)
    assert {"member_added", "member_removed"} <= set(actions)


# --- no way round the workflow ------------------------------------------------------------


def test_a_set_is_not_approved_by_its_author_whatever_is_sent(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    move(newsrooms.ann, row, "submit")
    Membership.objects.filter(user=newsrooms.ann).update(role=Role.MANAGER)
    client = newsrooms.client("ann")
    for url in (page(AnnotationSet, "change", row.pk), page(AnnotationSet, "changelist")):
        client.post(url, {"state": "approved", "_save": "Save", "form-0-state": "approved"})
    client.post(reverse("admin:take"), {"corpus": str(newsrooms.a.corpus.pk), "task": "review"})
    row.refresh_from_db()
    assert (row.state, row.reviewer) == ("submitted", None)


def test_names_are_escaped_and_isolated_wherever_they_stand(newsrooms: TwoNewsrooms) -> None:
    vector = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    corpora.update_corpus(newsrooms.max, newsrooms.a.corpus.pk, {"name": vector}, version=1)
    article = newsrooms.a[Article]
    articles.update_article(newsrooms.max, article.pk, {"title": vector}, version=article.version)
    client = newsrooms.client("max")
    seen_by(newsrooms.max, newsrooms.a.corpus)
    urls = [reverse("admin:index"), reverse("admin:annotations_corpus_import", args=(newsrooms.a.corpus.pk,))]
    for model in (Corpus, Article, AnnotationSet, Membership, Actor):
        urls.append(page(model, "changelist"))
        urls += [page(model, what, newsrooms.a[model].pk) for what in ("change", "history", "delete")]
    for url in urls:
        body = client.get(url).content
        assert b"<script>alert" not in body, url
        assert b"<img src=x" not in body, url
    url = page(Article, "change", article.pk)
    saved = client.post(url, fill(client, url, source="s"), follow=True)
    assert b"<script>alert" not in saved.content
    assert b"<bdi>&quot;&gt;&lt;script&gt;" in saved.content
