"""Corpora, members, articles and their texts: who may, from which version, and what stays."""

from __future__ import annotations

import pytest

from annotations.exceptions import (
    DuplicateError,
    IdTakenError,
    InsufficientRoleError,
    InUseError,
    NotAllowedNowError,
    NotVisibleError,
    StaleVersionError,
    TextNotAllowedError,
)
from annotations.models import Article, Corpus, Event, Membership, Revision, Role, uuid7
from annotations.services.core import articles, corpora
from annotations.services.correction import revisions
from annotations.services.exchange import filters
from annotations.services.team import corpus_counts
from tests import factories
from tests.newsroom import TEXT, Newsroom


def test_a_corpus_is_founded_with_the_permission_only(newsroom: Newsroom) -> None:
    with pytest.raises(InsufficientRoleError):
        corpora.create_corpus(newsroom.user("max"), {"slug": "river", "name": "River"})
    ada = newsroom.user("ada")
    made, created = corpora.create_corpus(ada, {"slug": "river", "name": "River"})
    assert (created, made.memberships.get().role) == (True, Role.MANAGER)
    with pytest.raises(DuplicateError):
        corpora.create_corpus(ada, {"slug": "river", "name": "Another"})


def test_a_change_needs_the_version_and_a_new_guideline_raises_its_own(newsroom: Newsroom) -> None:
    max_, id = newsroom.user("max"), newsroom.lake.pk
    changed = corpora.update_corpus(max_, id, {"guideline": "Mark less."}, version=1)
    assert (changed.version, changed.guideline_version) == (2, 2)
    with pytest.raises(StaleVersionError):
        corpora.update_corpus(max_, id, {"name": "Pond"}, version=1)
    renamed = corpora.update_corpus(max_, id, {"name": "Pond"}, version=2)
    assert (renamed.version, renamed.guideline_version) == (3, 2)
    with pytest.raises(InsufficientRoleError):
        corpora.update_corpus(newsroom.user("rae"), id, {"name": "Sea"}, version=3)
    with pytest.raises(NotVisibleError):
        corpora.update_corpus(newsroom.user("sam"), id, {"name": "Sea"}, version=3)


def test_an_archived_corpus_only_leaves_the_archive(newsroom: Newsroom) -> None:
    max_, id = newsroom.user("max"), newsroom.lake.pk
    corpora.update_corpus(max_, id, {"archived": True}, version=1)
    with pytest.raises(NotAllowedNowError, match="archived"):
        corpora.update_corpus(max_, id, {"name": "Pond"}, version=2)
    with pytest.raises(NotAllowedNowError, match="archived"):
        factories.make_article(newsroom.lake)
    assert not corpora.update_corpus(max_, id, {"archived": False}, version=2).archived


def test_work_is_never_deleted(newsroom: Newsroom) -> None:
    max_, article = newsroom.user("max"), newsroom.article()
    with pytest.raises(InUseError, match="archive it"):
        corpora.delete_corpus(max_, newsroom.lake.pk, version=1)
    row = newsroom.set(article=article)
    with pytest.raises(InUseError, match="exclude it"):
        articles.delete_article(max_, article.pk, version=1)
    assert newsroom.fresh(row).article_id == article.pk
    articles.delete_article(max_, newsroom.article().pk, version=1)
    sam = newsroom.user("sam")
    corpora.delete_corpus(sam, newsroom.sea.pk, version=1)
    assert not Corpus.objects.filter(slug="sea").exists()


def test_the_last_manager_stays(newsroom: Newsroom) -> None:
    max_, id = newsroom.user("max"), newsroom.lake.pk
    for write in (
        lambda: corpora.update_member(max_, id, "max", Role.VIEWER, version=1),
        lambda: corpora.remove_member(max_, id, "max", version=1),
    ):
        with pytest.raises(NotAllowedNowError, match="last manager"):
            write()
    corpora.update_member(max_, id, "rae", Role.MANAGER, version=1)
    corpora.remove_member(max_, id, "max", version=1)
    roles = dict(Membership.objects.filter(corpus=id).values_list("user__username", "role"))
    assert roles == {"ann": "annotator", "ben": "annotator", "rae": "manager", "vic": "viewer"}


def test_an_article_is_stored_once_and_its_text_to_the_character(newsroom: Newsroom) -> None:
    max_ = newsroom.user("max")
    corpus = factories.seen_by(max_, newsroom.lake)
    text = "  One\r\n\r\n\ttwo 👩‍👩‍👧 "
    values = {"id": uuid7(), "text": text, "external_id": "a1"}
    made, created = articles.create_article(max_, corpus, values)
    assert (created, made.revision.text) == (True, text)
    assert articles.create_article(max_, corpus, values) == (made, False)
    with pytest.raises(IdTakenError):
        articles.create_article(max_, corpus, {**values, "text": "Two."})
    with pytest.raises(DuplicateError):
        articles.create_article(max_, corpus, {"text": "Two.", "external_id": "a1"})
    with pytest.raises(TextNotAllowedError):
        articles.create_article(max_, corpus, {"text": "a\x00b"})


def test_a_new_text_is_a_new_revision(newsroom: Newsroom) -> None:
    max_, article = newsroom.user("max"), newsroom.article()
    added = revisions.add_revision(max_, article.pk, "Another text.", "A misprint.")
    assert (added.created, added.revision.number, added.carries) == (True, 2, [])
    with pytest.raises(DuplicateError, match="same"):
        revisions.add_revision(max_, article.pk, "Another text.", "Again.")
    assert Revision.objects.filter(article=article).count() == 2


def test_an_exclusion_has_a_reason_and_an_end(newsroom: Newsroom) -> None:
    max_, article = newsroom.user("max"), newsroom.article()
    with pytest.raises(StaleVersionError):
        articles.exclude_article(max_, article.pk, "Twice.", version=2)
    assert articles.exclude_article(max_, article.pk, "Twice.").excluded_reason == "Twice."
    assert articles.exclude_article(max_, article.pk, "Twice.").version == 2
    assert articles.include_article(max_, article.pk, "It is not.").excluded_reason == ""
    event = Event.objects.filter(article_id=article.pk).latest("seq")
    assert (event.action, event.data["after"]["reason"]) == ("article_included", "It is not.")


def test_counts_and_filters_show_what_one_sees(newsroom: Newsroom) -> None:
    gold = newsroom.approved()
    hidden = newsroom.set("ben", newsroom.article(annotators=2))
    factories.make_span(hidden, start=0, end=3)
    counted = {
        name: corpus_counts.count_corpus(newsroom.user(name), newsroom.lake) for name in ("ben", "max", "vic")
    }
    assert {name: found["spans"]["total"] for name, found in counted.items()} == {
        "ben": 2,
        "max": 1,
        "vic": 1,
    }
    assert counted["vic"]["sets"]["total"] == 1
    assert counted["max"]["articles"]["by_status"]["done"] == 1
    today = corpus_counts.count_per_day(newsroom.user("max"), newsroom.lake, days=2)[-1]
    assert (today.submitted, today.approved) == (1, 1)
    rows = Article.objects.filter(corpus=newsroom.lake)
    done = filters.filter_articles(rows, newsroom.user("vic"), {"status": "done"})
    assert [article.pk for article in done] == [gold.article_id]
    assert gold.revision.text == TEXT
