"""Nobody learns of a corpus that they are not a member of, by whatever question."""

from __future__ import annotations

import uuid
from itertools import cycle, islice
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import reverse

from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Event,
    Membership,
    Proposition,
    Relation,
    Span,
    Topic,
)
from annotations.services.core import articles
from tests.admin.conftest import TABLES, TwoNewsrooms, page

#: The name of everything in corpus a begins so, and nothing of it may stand in an answer to sam.
TRACE = b"kiwi"


#: How a list is asked; it begins with what is visible, however that is searched, ordered and cut.
QUERIES = ("?q=kiwi", "?q=lynx", "?q=a", "?all=", "?o=-1.2", "?p=1")


@pytest.mark.parametrize("each", [2, pytest.param(len(QUERIES), marks=pytest.mark.slow)])
def test_lists_and_searches_hold_one_s_own_rows_only(newsrooms: TwoNewsrooms, each: int) -> None:
    client = newsrooms.client("sam")
    queries = cycle(QUERIES)
    for model in TABLES:
        for query in ("", *islice(queries, each)):
            answer = client.get(page(model, "changelist") + query)
            assert answer.status_code == 200, (model, query)
            typed = (
                answer.content.replace(b'value="kiwi"', b"").replace(b"q=kiwi", b"").replace(b"q%3Dkiwi", b"")
            )
            at = typed.find(TRACE)
            assert at < 0, (model, query, typed[at - 60 : at + 60])


@pytest.mark.parametrize(
    ("model", "parameter"),
    [
        (Article, "corpus__id__exact"),
        (Membership, "corpus__id__exact"),
        (AnnotationSet, "corpus__id__exact"),
        (Span, "set__corpus__id__exact"),
        (Relation, "set__corpus__id__exact"),
        (Comment, "set__corpus__id__exact"),
        (Actor, "corpus__id__exact"),
        (Topic, "corpus__id__exact"),
        (Proposition, "corpus__id__exact"),
        (Event, "corpus"),
    ],
)
def test_a_filter_by_a_foreign_corpus_finds_what_one_by_no_corpus_finds(
    newsrooms: TwoNewsrooms, model: type[Model], parameter: str
) -> None:
    client = newsrooms.client("sam")
    url = page(model, "changelist")
    foreign, missing = newsrooms.a.corpus.pk, uuid.uuid4()
    answers = [client.get(url, {parameter: str(pk)}) for pk in (foreign, missing)]
    assert [answer.status_code for answer in answers] == [200, 200]
    bodies = [
        answer.content.replace(str(pk).encode(), b"")
        for answer, pk in zip(answers, (foreign, missing), strict=True)
    ]
    assert without_token(bodies[0]) == without_token(bodies[1])
    assert b"lynx-article" not in bodies[0]


def test_content_of_a_foreign_set_is_not_found_by_its_id(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sam")
    for model in (Span, Relation, Comment):
        answer = client.get(page(model, "changelist"), {"set": newsrooms.a[AnnotationSet].pk})
        assert answer.status_code == 200
        assert TRACE not in answer.content
        assert b"lynx-article" not in answer.content


def test_a_row_that_is_foreign_answers_like_one_that_does_not_exist(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sam")
    for model in TABLES:
        for what in ("change", "history"):
            foreign = newsrooms.a[model].pk
            missing = 10**9 if model is Event else uuid.uuid4()
            answers = [client.get(page(model, what, pk), follow=True) for pk in (foreign, missing)]
            bodies = [
                answer.content.replace(f"“{pk}”".encode(), b"")
                for answer, pk in zip(answers, (foreign, missing), strict=True)
            ]
            assert without_token(bodies[0]) == without_token(bodies[1]), (model, what)


@pytest.mark.parametrize(
    "lookup",
    [
        "corpus__memberships__user__password__startswith",
        "corpus__memberships__user__email__icontains",
        "revision__text__contains",
        "corpus__guideline__contains",
        "search_key__contains",
        "annotators",
        "annotators__gt",
        "sets__owner__username",
        "metadata__secret",
        "pk__in",
        "_connector",
        "__class__",
        "id__gte",
        "nothing",
        "title\x00",
    ],
)
def test_only_declared_filters_are_answered(newsrooms: TwoNewsrooms, lookup: str) -> None:
    client = newsrooms.client("max")
    for value in ("1", "a"):
        assert client.get(page(Article, "changelist"), {lookup: value}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"published_at__year": "9999"},
        {"published_at__year": "0"},
        {"published_at__year": "99999999999999999999"},
        {"published_at__year": "2026", "published_at__month": "13"},
        {"published_at__year": "\u0661\u0669\u0669\u0669"},
        {"corpus__id__exact": "a\x00b"},
        {"language": "\x00"},
    ],
)
def test_a_value_that_no_database_takes_is_refused(newsrooms: TwoNewsrooms, query: dict[str, str]) -> None:
    assert newsrooms.client("max").get(page(Article, "changelist"), query).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"corpus__id__exact": "nonsense"},
        {"published_at__year": "2026", "published_at__month": "2", "published_at__day": "30"},
    ],
)
def test_a_value_that_fits_nothing_leads_back_to_the_list(
    newsrooms: TwoNewsrooms, query: dict[str, str]
) -> None:
    answer = newsrooms.client("max").get(page(Article, "changelist"), query)
    assert (answer.status_code, answer["Location"]) == (302, page(Article, "changelist") + "?e=1")


def test_a_set_filter_that_is_no_id_leads_back_to_the_list(newsrooms: TwoNewsrooms) -> None:
    answer = newsrooms.client("max").get(page(Span, "changelist"), {"set": "nonsense"})
    assert answer.status_code == 302


def test_a_search_for_what_no_text_holds_finds_nothing(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    for typed in ("\x00", "a\x00", "%", "_", "\\", "'", '"', "x" * 10_000, "a " * 1_000):
        assert client.get(page(Article, "changelist"), {"q": typed}).status_code == 200
    assert b"kiwi-article" not in client.get(page(Article, "changelist"), {"q": "%"}).content


@pytest.mark.parametrize("typed", ["ÉCOLE", "école", "STRASSE", "straße", "École Straße", "straße kiwi"])
def test_a_search_does_not_mind_case_beyond_ascii(newsrooms: TwoNewsrooms, typed: str) -> None:
    article = newsrooms.a[Article]
    articles.update_article(
        newsrooms.max, article.pk, {"title": "ÉCOLE Straße kiwi"}, version=article.version
    )
    found = newsrooms.client("max").get(page(Article, "changelist"), {"q": typed}).content
    assert "ÉCOLE Straße".encode() in found


def test_a_search_finds_actors_by_their_aliases_and_each_once(newsrooms: TwoNewsrooms) -> None:
    answer = newsrooms.client("max").get(page(Actor, "changelist"), {"q": "KIWI-ALIAS"})
    assert answer.content.count(b"<bdi>kiwi-actor</bdi>") == 1


@pytest.mark.parametrize("name", ["ann", "sam", "tom"])
@pytest.mark.parametrize("field", ["actor.parent", "membership.user", "article.corpus", "user.groups"])
def test_autocomplete_offers_what_the_list_would_show(newsrooms: TwoNewsrooms, name: str, field: str) -> None:
    model, column = field.split(".")
    app = "auth" if model == "user" else "annotations"
    asked = {"app_label": app, "model_name": model, "field_name": column, "term": ""}
    answer = newsrooms.client(name).get(reverse("admin:autocomplete"), asked)
    if name == "tom" or field in {"membership.user", "user.groups"}:
        assert answer.status_code == 403
        return
    assert answer.status_code in {200, 404}
    own, foreign = ("kiwi", b"lynx") if name == "ann" else ("lynx", b"kiwi")
    assert foreign not in answer.content
    if field == "actor.parent":
        assert [row["text"] for row in answer.json()["results"]] == [f"{own}-actor"]


@pytest.mark.parametrize("term", ["\x00", "x\x00y"])
def test_autocomplete_stands_what_no_text_holds(newsrooms: TwoNewsrooms, term: str) -> None:
    asked = {"app_label": "annotations", "model_name": "actor", "field_name": "parent", "term": term}
    assert newsrooms.client("ann").get(reverse("admin:autocomplete"), asked).json()["results"] == []


def test_forms_offer_one_s_own_corpora_only(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sam")
    for model in (Article, Membership, Actor, Topic, Proposition):
        answer = client.get(page(model, "add"))
        assert TRACE not in answer.content, model
        assert str(newsrooms.a.corpus.pk).encode() not in answer.content, model


def test_a_reviewer_is_offered_no_corpus_for_what_only_managers_add(newsrooms: TwoNewsrooms) -> None:
    Membership.objects.create(corpus=newsrooms.b.corpus, user=newsrooms.rae, role="manager")
    answer = newsrooms.client("rae").get(page(Article, "add"))
    assert b"lynx-corpus" in answer.content
    assert b"kiwi-corpus" not in answer.content


@pytest.mark.parametrize("query", ["?_to_field=title", "?_to_field=corpus__slug", "?_to_field=password"])
@pytest.mark.parametrize("name", ["max", "sue"])
def test_no_other_column_stands_for_the_key(newsrooms: TwoNewsrooms, name: str, query: str) -> None:
    client = newsrooms.client(name)
    assert client.get(page(Article, "changelist") + query).status_code == 400
    assert client.get(page(Article, "change", "kiwi-article") + query).status_code == 400
    assert client.get(page(User, "changelist") + query).status_code == (400 if name == "sue" else 403)


def test_pop_ups_and_error_flags_open_no_door(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sam")
    for query in ("?_popup=1", "?e=1", "?_popup=1&e=1", "?_changelist_filters=corpus__id__exact%3D1"):
        for model in (User, Corpus):
            answer = client.get(page(model, "changelist") + query)
            assert answer.status_code in {403, 200, 400}
            assert TRACE not in answer.content
        assert client.get(page(User, "changelist") + query).status_code == 403
        assert client.get(page(Corpus, "change", newsrooms.a.corpus.pk) + query).status_code == 404


def test_there_is_no_redirect_by_content_type(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sam")
    kind = ContentType.objects.get_for_model(Corpus).pk
    for pk in (newsrooms.a.corpus.pk, uuid.uuid4(), "nonsense"):
        assert client.get(f"/admin/r/{kind}/{pk}/").status_code == 404


def test_members_who_left_see_nothing_more(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("rae")
    Membership.objects.filter(user=newsrooms.rae).delete()
    assert client.get(page(Article, "changelist")).status_code == 403
    start = client.get(reverse("admin:index"))
    assert TRACE not in start.content
    assert b"You are not a member of any corpus yet" in start.content


def without_token(body: bytes) -> bytes:
    """A page without what differs from answer to answer."""
    lines: Any = body.split(b"\n")
    changing = (b"csrfmiddlewaretoken", b'name="new_id"')
    return b"\n".join(line for line in lines if not any(each in line for each in changing))


@pytest.mark.parametrize("below", ["nonsense/", "nonsense/more/", "change/nonsense/", "delete/more/"])
def test_a_wrong_address_below_a_row_says_so_without_an_id(newsrooms: TwoNewsrooms, below: str) -> None:
    corpus = newsrooms.a.corpus
    address = page(Corpus, "change", corpus.pk).replace("change/", below)
    answer = newsrooms.client("max").get(address, follow=True)
    words = answer.content.decode()
    assert answer.status_code == 404
    assert "There is no such page" in words
    assert 'href="/"' in words
    assert str(corpus.pk) not in words
