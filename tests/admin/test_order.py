"""Both engines sort alike: rows without a value come last, and text is compared by its code points."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import CharField, TextField
from django.db.models.expressions import OrderBy
from django.test import RequestFactory

from annotations.admin import changelist
from annotations.admin.my_work import load_my_work
from annotations.models import AnnotationSet, Article, Corpus, Event
from annotations.models.ordering import CodePoints, portable_order
from annotations.services.team import queue
from tests.admin.conftest import TABLES, TwoNewsrooms, page
from tests.factories import make_article, make_set

DAYS = (datetime(2026, 3, 1, tzinfo=UTC), None, datetime(2026, 1, 1, tzinfo=UTC), None)


@pytest.fixture
def due(newsrooms: TwoNewsrooms) -> list[AnnotationSet]:
    """Four open sets of ann, two of them with a due date."""
    AnnotationSet.objects.filter(corpus=newsrooms.a.corpus).update(state="withdrawn")
    rows = []
    for number, day in enumerate(DAYS):
        row = make_set(make_article(newsrooms.a.corpus, title=f"due-{number}"), newsrooms.ann)
        AnnotationSet.objects.filter(pk=row.pk).update(due_at=day)
        Article.objects.filter(pk=row.article_id).update(published_at=day)
        rows.append(row)
    return rows


def positions(newsrooms: TwoNewsrooms, model: type[Any], column: str, days: str) -> list[Any]:
    """The values of a column as the list of the table has them."""
    view = newsrooms.client("max").get(page(model, "changelist"), {"o": column})
    return [getattr(row, days) for row in view.context["cl"].result_list if getattr(row, days) in DAYS]


def column_of(newsrooms: TwoNewsrooms, model: type[Any], name: str) -> int:
    """The number of a column in the address of its list."""
    columns = newsrooms.client("max").get(page(model, "changelist")).context["cl"].list_display
    return list(columns).index(name)


@pytest.mark.parametrize(
    ("model", "name", "days"),
    [(AnnotationSet, "due_day", "due_at"), (Article, "day_shown", "published_at")],
)
@pytest.mark.usefixtures("due")
def test_a_list_puts_what_has_no_date_last_in_both_directions(
    newsrooms: TwoNewsrooms, model: type[Any], name: str, days: str
) -> None:
    Article.objects.filter(title="kiwi-article").update(published_at=datetime(2030, 1, 1, tzinfo=UTC))
    number = column_of(newsrooms, model, name)
    up, down = (positions(newsrooms, model, sign + str(number), days) for sign in ("", "-"))
    late, early = DAYS[0], DAYS[2]
    own = [value for value in up if value is not None]
    assert own == [early, late]
    assert up[:2] == [early, late]
    assert down[:2] == [late, early]
    assert up[2:] == [None] * len(up[2:])
    assert down[2:] == [None] * len(down[2:])


def test_the_first_page_and_the_queue_begin_with_what_is_due(
    newsrooms: TwoNewsrooms, due: list[AnnotationSet]
) -> None:
    expected = [due[2].pk, due[0].pk, due[1].pk, due[3].pk]
    (found,) = load_my_work(newsrooms.ann).lists
    assert [task.row.pk for task in found.tasks] == expected
    assert queue._by_urgency(AnnotationSet.objects.filter(pk__in=expected)).first() == due[2]


@pytest.mark.parametrize("model", TABLES)
def test_no_table_sorts_an_empty_column_as_the_engine_likes(
    newsrooms: TwoNewsrooms, model: type[Any]
) -> None:
    """Also a column that somebody makes sortable tomorrow."""
    table = admin.site._registry[model]
    request = RequestFactory().get("/")
    request.user = newsrooms.sue
    lists: Any = table.get_changelist_instance(request)
    terms = [f.name for f in model._meta.concrete_fields]
    for term in (*terms, *(f"-{name}" for name in terms)):
        ordered = lists._order(term)
        field = model._meta.get_field(term.removeprefix("-"))
        assert not field.null or ordered.nulls_last, term
        assert not isinstance(field, CharField | TextField) or isinstance(ordered.expression, CodePoints)


def test_a_link_that_may_be_missing_makes_its_columns_empty() -> None:
    def has_nulls(model: type[Any], term: str) -> bool:
        order = portable_order(model, term)
        return isinstance(order, OrderBy) and bool(order.nulls_last)

    assert has_nulls(AnnotationSet, "-reviewer__username")
    assert not has_nulls(AnnotationSet, "owner__username")
    assert has_nulls(AnnotationSet, "an_annotation")
    assert not has_nulls(Corpus, "-pk")


def test_a_long_list_says_that_it_is_longer_and_offers_no_dates(
    newsrooms: TwoNewsrooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = newsrooms.client("max").get(page(Event, "changelist"))
    assert whole.context["cl"].date_hierarchy == "time"
    assert "more than" not in whole.content.decode()
    monkeypatch.setattr(changelist, "MAX_COUNTED", 3)
    view = newsrooms.client("max").get(page(Event, "changelist"))
    assert "more than 3 events" in view.content.decode()
    assert view.context["cl"].date_hierarchy is None
    articles = newsrooms.client("max").get(page(Article, "changelist"))
    assert not hasattr(articles.context["cl"].paginator, "is_capped"), "bulk actions tell the whole number"
