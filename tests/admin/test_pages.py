"""Who gets which page: one table for every table of ours, kept whole by a test."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

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
    Span,
    Topic,
)
from tests.admin.conftest import TABLES, TwoNewsrooms, all_rows, page

#: Manager, reviewer, annotator and viewer of the corpus; manager of another one; staff without any
#: corpus; superuser.
PEOPLE = ("max", "rae", "ann", "vic", "sam", "tom", "sue")
PAGES = ("changelist", "add", "change", "delete", "history")

#: A letter for each of PEOPLE: + the page, - forbidden, > no such page, as for a row that is not there.
EXPECTED: dict[type[Model], tuple[str, ...]] = {
    Corpus: ("+++++-+", "------+", "++++>-+", "+--->-+", "+--->>+"),
    Membership: ("+++++-+", "+---+-+", "++++>-+", "+--->-+", "---->>-"),
    Article: ("+++++-+", "+---+-+", "++++>-+", "+--->-+", "+--->>+"),
    Revision: ("+++++-+", "-------", "++++>-+", "-------", "---->>-"),
    AnnotationSet: ("+++++-+", "-------", "+++>>-+", "-------", "+++>>>+"),
    Span: ("+++++-+", "-------", "+++>>-+", "-------", "--->>>-"),
    Relation: ("+++++-+", "-------", "+++>>-+", "-------", "--->>>-"),
    Comment: ("+++++-+", "-------", "+++>>-+", "-------", "--->>>-"),
    Actor: ("+++++-+", "+++-+-+", "++++>-+", "-------", "+--->>+"),
    Alias: ("+++++-+", "-------", "++++>-+", "-------", "---->>-"),
    Topic: ("+++++-+", "++--+-+", "++++>-+", "-------", "+--->>+"),
    Proposition: ("+++++-+", "+++-+-+", "++++>-+", "-------", "+--->>+"),
    Release: ("+++++-+", "-------", "++++>-+", "-------", "---->>-"),
    Job: ("+---+-+", "-------", "+--->-+", "-------", "->>>>>-"),
    Event: ("+---+-+", "-------", "+--->-+", "-------", "->>>>>-"),
    # ann’s own token: nobody else sees it, superusers see that it is there
    AccessToken: ("+++++++", "+++++++", ">>+>>>+", ">>+>>>-", ">>->>>-"),
    User: ("------+", "------+", "------+", "------+", "------+"),
    Group: ("------+", "------+", "------+", "------+", "------+"),
}
LETTERS = {200: "+", 403: "-", 404: ">"}


def row_of(newsrooms: TwoNewsrooms, model: type[Model]) -> Any:
    """A row of the corpus a, or the account of a colleague."""
    return {User: newsrooms.vic, Group: newsrooms.group}.get(model) or newsrooms.a[model]


def test_every_table_is_listed_and_has_a_row_here() -> None:
    assert set(admin.site._registry) == set(EXPECTED)
    assert set(TABLES) | {User, Group} == set(EXPECTED)


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_gets_their_pages(newsrooms: TwoNewsrooms, name: str) -> None:
    client, place = newsrooms.client(name), PEOPLE.index(name)
    found, expected = {}, {}
    User.objects.filter(username=name).update(last_login=None)
    before = all_rows()
    for url in (reverse("admin:index"), reverse("admin:password_change")):
        check_page(client.get(url), url)
    for model, rows in EXPECTED.items():
        for what, letters in zip(PAGES, rows, strict=True):
            pk = () if what in {"changelist", "add"} else (row_of(newsrooms, model).pk,)
            key = f"{model.__name__} {what}"
            answer = client.get(page(model, what, *pk))
            found[key], expected[key] = LETTERS[answer.status_code], letters[place]
            check_page(answer, key)
    assert found == expected
    assert all_rows() == before, "reading writes nothing"


def check_page(answer: Any, name: str) -> None:
    """No page can be kept by a browser, shown in a frame, or run what stands in it."""
    assert "no-store" in answer["Cache-Control"], name
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], name
    assert b"<style" not in answer.content, name
    assert b" style=" not in answer.content, name
    assert b" onclick=" not in answer.content, name


@pytest.mark.parametrize("name", ["nia", "nobody"])
def test_who_is_no_staff_signs_in_first(newsrooms: TwoNewsrooms, name: str) -> None:
    client = newsrooms.client(name) if name == "nia" else Client()
    for model in EXPECTED:
        for what in PAGES:
            pk = () if what in {"changelist", "add"} else (row_of(newsrooms, model).pk,)
            answer = client.get(page(model, what, *pk))
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("admin:login"))


def test_a_deactivated_account_is_shut_out_at_once(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    User.objects.filter(username="max").update(is_active=False)
    assert client.get(reverse("admin:index")).status_code == 302


def test_no_text_of_an_article_and_no_guideline_is_loaded_in_a_list(
    newsrooms: TwoNewsrooms, django_assert_max_num_queries: Any
) -> None:
    client = newsrooms.client("max")
    for model in TABLES:
        with django_assert_max_num_queries(20) as queries:
            client.get(page(model, "changelist"))
        loaded = " ".join(query["sql"] for query in queries.captured_queries)
        for column in ('"annotations_revision"."text"', '."guideline",', '."search_key",', '."digest"'):
            assert column not in loaded, (model, column)
