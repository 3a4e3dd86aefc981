"""An adjudication that comes back from a file keeps its four eyes, although no file says what it settled."""

from __future__ import annotations

import io

import pytest

from annotations.models import AnnotationSet, Source
from annotations.services.core.authors import author_ids
from annotations.services.exchange.imports import ImportOptions, import_file
from tests.newsroom import Newsroom

pytestmark = pytest.mark.django_db


def test_who_annotated_is_an_author_of_the_restored_gold() -> None:
    newsroom = Newsroom()
    row = newsroom.adjudication("rae")
    for decision in row.decisions.all():
        newsroom.rae.post(
            f"decisions/{decision.pk}/settle/",
            {"choice": "take_a", "reason": "slip"},
            version=decision.version,
        )
    assert newsroom.rae.move(row.pk, "submit").status == 200
    data = newsroom.max.get("corpora/lake/export/", format="jsonl", sets="all").content
    import_file(None, "brook", io.BytesIO(data), ImportOptions(restore=True))
    restored = AnnotationSet.objects.get(corpus__slug="brook", kind="adjudication")
    assert not Source.objects.filter(set=restored).exists()
    assert (
        author_ids(restored) == {newsroom.user(name).pk for name in ("ann", "ben", "rae")} == author_ids(row)
    )
