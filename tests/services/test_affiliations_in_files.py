"""Affiliations go out with their actor, and come back."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.db import connection

from annotations.models import Actor, Affiliation, Corpus
from annotations.models.term_index import clear_leftovers
from annotations.services.registry import affiliations
from annotations.visibility import get_visible_row
from tests.newsroom import Newsroom
from tests.services.exchange import get, put, restore

HARBOUR = {"type": "actor", "id": "harbour", "name": "Harbour", "kind": "organisation"}


def test_affiliations_survive_a_restore_to_the_byte(newsroom: Newsroom) -> None:
    mira, harbour = newsroom.actor("Mira"), newsroom.actor("Harbour", kind="organisation")
    seen = get_visible_row(newsroom.user("ann"), Actor.objects.select_related("corpus"), pk=mira)
    values = {"organisation_id": harbour, "kind": "leads", "role": "Head", "since": "2019-05"}
    row, _ = affiliations.add_affiliation(newsroom.user("ann"), seen, values)
    data = get(None, newsroom.lake, sets="all")
    line = next(json.loads(each) for each in data.splitlines() if b'"Mira"' in each)
    assert line["affiliations"] == [
        {
            "id": str(row.pk), "organisation": harbour, "role": "Head", "kind": "leads", "since": "2019-05",
            "until": None, "note": None,
        }
    ]  # fmt: skip
    connection.check_constraints()  # PostgreSQL empties no table that a key still waits for
    call_command("flush", verbosity=0, interactive=False)
    clear_leftovers()  # the ids of parts begin anew, and their words would be those of others
    restore(data, "lake")
    assert get(None, Corpus.objects.get(slug="lake"), sets="all") == data


@pytest.mark.parametrize(
    ("affiliation", "pointer"),
    [
        ({"organisation": "nobody", "kind": "member"}, "/affiliations/0/organisation"),
        ({"organisation": "mira", "kind": "member"}, "/affiliations/0/organisation"),
        ({"organisation": "harbour", "kind": "owns"}, "/affiliations/0/kind"),
        ({"organisation": "harbour", "kind": "leads", "since": "2019-13"}, "/affiliations/0/since"),
        (
            {"organisation": "harbour", "kind": "leads", "since": "2020", "until": "2019"},
            "/affiliations/0/until",
        ),
    ],
)
def test_a_wrong_affiliation_refuses_its_line(
    newsroom: Newsroom, affiliation: dict[str, str], pointer: str
) -> None:
    mira = {"type": "actor", "id": "mira", "name": "Mira", "kind": "person", "affiliations": [affiliation]}
    report = put(newsroom.user("max"), newsroom.lake, mira, HARBOUR)
    assert [error.pointer for error in report.errors] == [pointer]
    assert not Affiliation.objects.exists()
