"""Attributes are answered in the order of the scheme, whatever the database makes of their keys."""

from __future__ import annotations

import pytest

from tests.newsroom import Newsroom, span

pytestmark = pytest.mark.django_db


def test_every_answer_keeps_the_order_of_the_scheme(newsroom: Newsroom) -> None:
    row = newsroom.set("ann")
    sent = {"attribution": "named", "mode": "direct", "basis": "stated", "stance": "oppose"}
    made = newsroom.ann.post(f"sets/{row.pk}/spans/", span(0, 3, "position", attributes=sent))
    answers = [
        made.data,
        newsroom.ann.get(f"spans/{made.data['id']}/").data,
        newsroom.ann.get(f"sets/{row.pk}/").data["spans"][0],
        newsroom.ann.get(f"sets/{row.pk}/spans/").data["results"][0],
        newsroom.ann.get("corpora/lake/spans/").data["results"][0],
    ]
    for answer in answers:
        assert list(answer["attributes"]) == ["stance", "basis", "mode", "attribution"]
