"""Text is in one order on both engines, whatever the language of the database."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import CharField, TextField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.models import Actor, Corpus, EntryKind, RegistryName, Release, ReleaseFile, Role
from annotations.models.ordering import portable_order, text_order
from annotations.services.core.notifications import set_readers
from annotations.services.registry.search import suggest_actors
from tests.factories import make_article, make_corpus, make_set, make_user
from tests.newsroom import Newsroom

SOURCES = Path(__file__).parents[2] / "annotations"
#: In the order of their code points; most languages put them into another.
NAMES = ["Zoe", "_a", "a-b", "aa", "ab", "Äb", "éa"]
#: Small letters alone, or digits in places that are the same in every row: each language sorts them alike.
SORTED_ALIKE = {"rank", "round", "place"}


@contextmanager
def code_points_counted() -> Iterator[None]:
    """Fail unless a query says that code points count; the database for tests has no language."""
    with CaptureQueriesContext(connection) as queries:
        yield
    if connection.vendor == "postgresql":
        assert any('COLLATE "C"' in query["sql"].partition("ORDER BY")[2] for query in queries)


@pytest.mark.django_db
def test_names_come_in_the_order_of_their_code_points() -> None:
    people = [make_user(name) for name in reversed(NAMES)]
    corpus = make_corpus("names", members=dict.fromkeys(people, Role.REVIEWER))
    row = make_set(make_article(corpus), people[0])
    with code_points_counted():
        found = [reader.username for reader in set_readers(row)]
    assert [name for name in found if name in NAMES] == NAMES
    assert list(User.objects.filter(username__in=NAMES).order_by(text_order("-username"))) == people
    order = portable_order(Corpus, "memberships__user__username")
    rows = Corpus.objects.filter(memberships__user__in=people).order_by(order)
    with code_points_counted():
        assert list(rows.values_list("memberships__user__username", flat=True)) == NAMES


def test_the_files_of_a_release_come_in_the_order_of_their_code_points(newsroom: Newsroom) -> None:
    release = Release.objects.create(
        corpus=newsroom.lake, number=1, name="One", by=newsroom.user("max"), created_at=timezone.now()
    )
    ReleaseFile.objects.bulk_create(
        ReleaseFile(release=release, name=name, media_type="", sha256="", bytes=1, records=1)
        for name in reversed(NAMES)
    )
    with code_points_counted():
        assert [row.name for row in release.files.all()] == NAMES


def test_the_first_names_are_suggested_by_their_code_points(newsroom: Newsroom) -> None:
    """The list is cut, so that another order would leave out others."""
    names = ["lake_z", "lake-a", "lake a", "lakea"]
    for name in names:
        newsroom.actor(name)
    with code_points_counted():
        found = suggest_actors(Actor.objects.filter(corpus=newsroom.lake), newsroom.lake.pk, "lake")
    assert [actor.name for actor in found] == sorted(names)
    folded = RegistryName.objects.filter(corpus=newsroom.lake, kind=EntryKind.ACTOR)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = folded.order_by(text_order("folded"))[:5].explain()
    assert "registry_name_order" in plan
    assert "TEMP B-TREE" not in plan


def sorted_columns() -> Iterator[tuple[str, int, str]]:
    """Every column that the code names as plain text in an ``order_by``, with its place."""
    for path in sorted(SOURCES.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "attr", "")
            if isinstance(node, ast.Call) and name == "order_by":
                for term in node.args:
                    if isinstance(term, ast.Constant):
                        yield path.name, node.lineno, str(term.value).lstrip("-").split("__")[-1]


def test_no_text_is_sorted_as_the_engine_likes() -> None:
    models: list[Any] = [User, *apps.get_app_config("annotations").get_models()]
    fields = [field for model in models for field in model._meta.fields]
    texts = {field.name for field in fields if isinstance(field, CharField | TextField)} - SORTED_ALIKE
    found = list(sorted_columns())
    assert len(found) > 100, "the search itself is broken"
    assert [each for each in found if each[2] in texts] == []
