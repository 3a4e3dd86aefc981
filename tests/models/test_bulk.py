"""Many rows go in by one helper, and come out as if each had been saved."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.models import AnnotationSet, Event, Span, bulk, uuid7
from annotations.services.core.constraints import constraint_name
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> AnnotationSet:
    return factories.make_set(factories.make_article(factories.make_corpus()))


def span(row: AnnotationSet, start: int, end: int) -> Span:
    quote = factories.TEXT[start:end]
    return Span(
        set=row, label="actor", start=start, end=end, quote=quote, attributes={"mention_type": "name"}
    )


def test_objects_come_back_as_they_went_in(row: AnnotationSet) -> None:
    spans = [span(row, 60, 69), span(row, 0, 3)]
    bulk.create_objects(spans)
    for made in spans:
        stored = Span.objects.get(pk=made.pk)
        for field in Span._meta.concrete_fields:
            assert getattr(stored, field.attname) == getattr(made, field.attname), field.name
        made.save(force_update=True)


def test_rows_get_their_numbers_in_order(row: AnnotationSet) -> None:
    told = [
        Event(corpus_id=row.corpus_id, action=f"{number}", data={"before": None, "after": {"é": "“”\\\n\t"}})
        for number in range(5)
    ]
    for event in told:
        event.time = timezone.now()
    bulk.create_objects(told)
    stored = Event.objects.filter(action__in=[event.action for event in told]).order_by("seq")
    assert [event.action for event in stored] == ["0", "1", "2", "3", "4"]
    assert all(event.data == told[0].data for event in stored)
    assert all(event.article_id is None for event in stored)


def test_a_broken_constraint_is_djangos_error(row: AnnotationSet) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.create_objects([span(row, 60, 69), span(row, 60, 69)])
    twins = [span(row, 60, 69), span(row, 0, 3)]
    twins[0].pk = twins[1].pk = uuid7()
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.create_objects(twins)
    assert not Span.objects.filter(set=row).exists()


def test_nothing_is_no_rows() -> None:
    bulk.create_objects([])


def test_statements_that_go_together_come_back_as_they_went_in(row: AnnotationSet) -> None:
    made = span(row, 0, 3)
    with bulk.statements_together():
        bulk.create_objects([made])
        updated = bulk.update_row(row, {"version": 7, "span_counts": {"actor": 1}}, version=row.version)
        missed = bulk.update_row(row, {"version": 8}, version=row.version)
    assert (updated.rowcount, missed.rowcount) == (1, 0)
    assert AnnotationSet.objects.values_list("version", "span_counts").get(pk=row.pk) == (7, {"actor": 1})
    assert Span.objects.get(pk=made.pk).attributes == made.attributes


def test_an_error_among_them_is_djangos_and_takes_all_of_them_back(row: AnnotationSet) -> None:
    stored = span(row, 0, 3)
    bulk.create_objects([stored])
    again = span(row, 60, 69)
    again.pk = stored.pk

    def write() -> None:
        with transaction.atomic(), bulk.statements_together():
            bulk.update_row(row, {"version": 7}, version=row.version)
            bulk.create_objects([again])
            bulk.create_objects([span(row, 10, 12)])

    with pytest.raises(IntegrityError) as error:
        write()
    assert (constraint_name(error.value) or "").endswith("_pkey")
    # the transaction around goes on
    assert AnnotationSet.objects.values_list("version", flat=True).get(pk=row.pk) == row.version
    assert Span.objects.filter(set=row).count() == 1
