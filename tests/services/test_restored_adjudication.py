"""An adjudication that comes back from a file keeps its four eyes, although no file says what it settled."""

from __future__ import annotations

import io

import pytest

from annotations.models import AnnotationSet, Source
from annotations.services.authors import authors
from annotations.services.imports import import_file
from tests.api.house import House

pytestmark = pytest.mark.django_db


def test_who_annotated_is_an_author_of_the_restored_gold() -> None:
    house = House()
    row = house.adjudication("rae")
    for decision in row.decisions.all():
        house.rae.post(
            f"decisions/{decision.pk}/settle/",
            {"choice": "take_a", "reason": "slip"},
            version=decision.version,
        )
    assert house.rae.move(row.pk, "submit").status == 200
    data = house.max.get("corpora/lake/export/", format="jsonl", sets="all").content
    import_file(None, "brook", io.BytesIO(data), restore=True)
    restored = AnnotationSet.objects.get(corpus__slug="brook", kind="adjudication")
    assert not Source.objects.filter(set=restored).exists()
    assert authors(restored) == {house.user(name).pk for name in ("ann", "ben", "rae")} == authors(row)
