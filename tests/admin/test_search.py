"""One fold for what is searched and what is typed, in every table of the admin and on both engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model

from annotations.models import (
    AccessToken,
    Actor,
    Alias,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Event,
    Membership,
    Proposition,
    Relation,
    Release,
    Revision,
    Span,
    Topic,
)
from annotations.services.core.articles import build_search_key
from annotations.services.core.search_index import index_articles
from annotations.services.registry import entries
from tests.admin.conftest import TwoNewsrooms, page

SPELLINGS = ("Straßenbau", "STRASSENBAU", "straßen", "strassen", "STRAẞENBAU")
WORD = SPELLINGS[0]


def rename(model: type[Model], column: str) -> Callable[[TwoNewsrooms, Any], None]:
    """Write the word into a column of the row."""

    def write(newsrooms: TwoNewsrooms, row: Any) -> None:
        del newsrooms
        model._default_manager.filter(pk=row.pk).update(**{column: WORD})

    return write


def retitle(newsrooms: TwoNewsrooms, _: Any) -> None:
    """Write the word into the title of the article of every row."""
    article = newsrooms.a[Article]
    article.title = WORD
    Article.objects.filter(pk=article.pk).update(title=WORD, search_key=build_search_key(article))


def entry(name: str, change: Callable[..., Any]) -> Callable[[TwoNewsrooms, Any], None]:
    """Write the word into a registry entry, through its service."""

    def write(newsrooms: TwoNewsrooms, row: Any) -> None:
        change(newsrooms.max, row.pk, {name: WORD}, version=row.version)

    return write


def rename_actor(newsrooms: TwoNewsrooms, _: Any) -> None:
    """Give the actor of the span the word as a name."""
    row = newsrooms.a[Actor]
    entries.update_actor(newsrooms.max, row.pk, {"name": WORD}, version=row.version)


def add_alias(newsrooms: TwoNewsrooms, _: Any) -> None:
    """Give the actor of the corpus the word as an alias."""
    row = newsrooms.a[Actor]
    changes = {"aliases": [{"text": WORD, "language": "", "kind": "name"}]}
    entries.update_actor(newsrooms.max, row.pk, changes, version=row.version)


def requote(newsrooms: TwoNewsrooms, row: Any, text: str = WORD) -> None:
    """Write words into a span."""
    del newsrooms
    Span.objects.filter(pk=row.pk).update(quote=text, end=row.start + len(text))


def requote_source(newsrooms: TwoNewsrooms, row: Any) -> None:
    """Write the word into the quote at one end of the relation."""
    requote(newsrooms, row.source, f"The {WORD}")


def rewrite_text(newsrooms: TwoNewsrooms, row: Any) -> None:
    """Let the text of the article have words that begin with each spelling."""
    revision = row.revision
    text = f"The {WORD}, the straßen, the strassen. {revision.text}"
    Revision.objects.filter(pk=revision.pk).update(text=text, length=len(text))
    index_articles([row.pk])


def rename_owner(newsrooms: TwoNewsrooms, _: Any) -> None:
    """Give ann, whose work is in every table, the word as her name."""
    User.objects.filter(pk=newsrooms.ann.pk).update(username=WORD)
    Event.objects.filter(user_id=newsrooms.ann.pk).update(username=WORD)


WAYS: list[tuple[type[Model], Callable[[TwoNewsrooms, Any], None]]] = [
    (Corpus, rename(Corpus, "name")),
    (Membership, rename_owner),
    (Article, retitle),
    (Revision, retitle),
    (AnnotationSet, retitle),
    (AnnotationSet, rename_owner),
    (Article, rewrite_text),
    (Span, retitle),
    (Span, requote),
    (Span, rename_actor),
    (Relation, retitle),
    (Relation, requote_source),
    (Comment, retitle),
    (Comment, rename(Comment, "text")),
    (Comment, rename_owner),
    (Actor, entry("name", entries.update_actor)),
    (Actor, add_alias),
    (Alias, add_alias),
    (Topic, entry("name", entries.update_topic)),
    (Proposition, entry("text", entries.update_proposition)),
    (Release, rename(Release, "name")),
    (Event, rename_owner),
    (AccessToken, rename(AccessToken, "name")),
    (User, rename_owner),
    (User, rename(User, "last_name")),
    (Group, rename(Group, "name")),
]


@pytest.mark.parametrize(
    ("model", "write", "spellings"),
    [
        # one fold makes all spellings the same: each table is asked for one in turn
        *(
            pytest.param(*way, SPELLINGS[number % len(SPELLINGS) :][:1], id=f"{way[0].__name__}-{number}")
            for number, way in enumerate(WAYS)
        ),
        *(
            pytest.param(*way, SPELLINGS, id=f"{way[0].__name__}-{number}-all", marks=pytest.mark.slow)
            for number, way in enumerate(WAYS)
        ),
    ],
)
def test_every_spelling_finds_the_row(
    newsrooms: TwoNewsrooms,
    model: type[Model],
    write: Callable[[TwoNewsrooms, Any], None],
    spellings: tuple[str, ...],
) -> None:
    own = {User: newsrooms.ann, Group: newsrooms.group}.get(model) or newsrooms.a[model]
    client = newsrooms.client("ann" if model is AccessToken else "sue")
    write(newsrooms, own)
    for typed in spellings:
        found = client.get(page(model, "changelist"), {"q": typed}).context["cl"].result_list
        assert len(found), typed
    assert not len(client.get(page(model, "changelist"), {"q": "strase"}).context["cl"].result_list)


def test_every_table_with_a_search_is_tried() -> None:
    tables = {
        model for model, table in admin.site._registry.items() if table.search_fields or _columns(table)
    }
    assert tables == {model for model, _ in WAYS}


def _columns(table: Any) -> bool:
    return bool(getattr(table, "search_columns", ()))


def test_the_search_of_people_finds_what_an_engine_would_not_fold(newsrooms: TwoNewsrooms) -> None:
    User.objects.filter(pk=newsrooms.ann.pk).update(username="Çağla")
    client = newsrooms.client("sue")
    for typed in ("çağla", "ÇAĞLA", "cagla", "c\u0327ag\u0306la"):
        assert list(client.get(page(User, "changelist"), {"q": typed}).context["cl"].result_list) == [
            newsrooms.ann
        ]


@pytest.mark.parametrize(
    ("text", "typed", "other"),
    [
        ("The Harbour’s dues", "HARBOUR’S", "harbours"),
        ("The harbour dues", "BOUR d", "boor"),
        ("100% of dues_paid", "100%", "00_"),
        ("رئيس مُحَمَّد", "محمد", "محمود"),
        ("Душанбе", "dushanbe", "tashkent"),
        ("co\u00adoperate", "cooperate", "co-operate"),
    ],
)
def test_quotes_and_comments_are_folded_whatever_their_letters(
    newsrooms: TwoNewsrooms, text: str, typed: str, other: str
) -> None:
    requote(newsrooms, newsrooms.a[Span], text)
    Comment.objects.filter(pk=newsrooms.a[Comment].pk).update(text=text)
    client = newsrooms.client("max")
    for model in (Span, Comment):
        for question, found in ((typed, True), (other, False)):
            rows = client.get(page(model, "changelist"), {"q": question}).context["cl"].result_list
            assert (newsrooms.a[model] in rows) == found, (model, question)


def test_articles_are_found_by_questions(newsrooms: TwoNewsrooms) -> None:
    """The box of the list takes what the page Search takes, and columns are found as before."""
    article = newsrooms.a[Article]
    first, second = article.revision.text.split()[:2]
    client = newsrooms.client("max")
    for typed, found in (
        (f'"{first} {second}"', True),
        (f'"{second} {first}"', False),
        (f"{first} -{second}", False),
        (f"{first[:3]}*", True),
    ):
        rows = client.get(page(Article, "changelist"), {"q": typed}).context["cl"].result_list
        assert (article in rows) == found, typed
