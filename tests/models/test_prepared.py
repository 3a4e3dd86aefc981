"""Prepared queries answer as the querysets that they are made of, whatever they are asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from annotations.models import AnnotationSet, Span
from annotations.models.compiled import CompiledQuery
from tests.factories import make_article, make_corpus, make_set, make_span, make_user

pytestmark = pytest.mark.django_db


def of_set() -> CompiledQuery[Span]:
    """The spans of a set from a place on, with what they belong to."""
    rows = Span.objects.select_related("set__article").order_by("start")
    return CompiledQuery(lambda set_id, start: rows.filter(set_id=set_id, start__gte=start), UUID, int)


def sets(number: int) -> list[AnnotationSet]:
    """Sets with three spans each."""
    corpus = make_corpus()
    made = []
    for index in range(number):
        row = make_set(make_article(corpus, text=f"Set {index}: one two three"))
        for start in (7, 11, 15):
            make_span(row, "actor", start, start + 3, attributes={})
        made.append(row)
    return made


def test_each_set_of_values_finds_its_own_rows() -> None:
    spans, (first, second) = of_set(), sets(2)
    assert [span.start for span in spans(first.pk, 0)] == [7, 11, 15]
    assert [span.start for span in spans(second.pk, 11)] == [11, 15]
    assert {span.set_id for span in spans(second.pk, 0)} == {second.pk}
    assert spans(uuid4(), 0) == []
    assert spans.first(uuid4(), 0) is None


def test_rows_are_whole_and_cost_one_query() -> None:
    spans, (row,) = of_set(), sets(1)
    spans(row.pk, 0)
    with CaptureQueriesContext(connection) as captured:
        found = spans.first(row.pk, 11)
        assert found is not None
        assert found.set.article.title == row.article.title
        assert (found.quote, found.attributes, found.pk.version) == ("two", {}, 7)
    assert len(captured) == 1


def test_tuples_are_those_of_values_list() -> None:
    (row,) = sets(1)

    def listed(set_id: UUID) -> Any:
        found = Span.objects.filter(set_id=set_id).order_by("start").annotate(far=F("end") + 1)
        return found.values_list("set_id", "far", "attributes", "set__article__created_at")[:2]

    prepared: CompiledQuery[Any] = CompiledQuery(listed, UUID)
    for _ in range(2):
        assert prepared(row.pk) == list(listed(row.pk))
    assert [far for _, far, *_ in prepared(row.pk)] == [11, 15]


def test_words_are_values_too() -> None:
    named: CompiledQuery[User] = CompiledQuery(lambda name: User.objects.filter(username=name), str)
    made = make_user("o'Neil")
    assert named.first("o'Neil") == made
    assert not named("') OR 1=1 --")


@pytest.mark.parametrize(
    "build",
    [
        lambda start: Span.objects.filter(start=start + 1),
        lambda start: Span.objects.filter(start__in=[start, start * 2]),
        lambda start: Span.objects.filter(start=start) if start % 2 else Span.objects.filter(end=start),
    ],
    ids=["computes", "computes in a list", "decides"],
)
def test_a_query_that_does_more_than_pass_its_values_on_is_refused(
    build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = iter([1_000_000_001, 1_000_000_002])
    monkeypatch.setitem(CompiledQuery.__init__.__globals__["_PROBES"], int, lambda: next(chance))
    with pytest.raises(RuntimeError, match="do without"):
        CompiledQuery(build, int)(5)


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_get_each_others_rows() -> None:
    spans, made = of_set(), sets(4)

    def ask(row: AnnotationSet) -> bool:
        try:
            return all({span.set_id for span in spans(row.pk, 0)} == {row.pk} for _ in range(50))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, made)) == [True] * 4
