"""Entries of the registry that are written through the admin."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotations.models import (
    Actor,
    Event,
    Proposition,
    PropositionStatus,
    Topic,
)
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.test_writing import errors, fill, said


def test_an_actor_is_written_with_its_aliases(newsrooms: TwoNewsrooms) -> None:
    client, url = newsrooms.client("ann"), page(Actor, "add")
    typed = "Verde\r\nVerdi | it | spelling\r\n\r\nA\\|V | | abbreviation\r\n"
    sent = fill(
        client, url, corpus=newsrooms.a.corpus.pk, name=" Ada Verde ", kind="person", aliases=typed, qid="Q42"
    )
    assert client.post(url, sent).status_code == 302
    actor = Actor.objects.get(name="Ada Verde")
    aliases = list(actor.aliases.order_by("pk").values_list("text", "language", "kind"))
    assert aliases == [("Verde", "", "name"), ("Verdi", "it", "spelling"), ("A|V", "", "abbreviation")]
    change = page(Actor, "change", actor.pk)
    sent = fill(client, change, note="A note.")
    assert sent["aliases"] == "Verde\r\nVerdi | it | spelling\r\nA\\|V |  | abbreviation"
    assert client.post(change, sent).status_code == 302
    after = Event.objects.latest("seq").data
    assert after["before"]["aliases"] == after["after"]["aliases"]
    assert after["after"]["note"] == "A note."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("a\nb | it | nick", "Line 2: The kind of an alias is one of"),
        ("a | it | name | more", "Line 1: Nothing comes after the kind of an alias."),
        ("a | italian!", "Line 1: It takes a BCP 47"),
        ("a\u202eb", "bidi"),
        ("a\na", "the same"),
    ],
)
def test_an_alias_that_cannot_be_read_names_its_line(
    newsrooms: TwoNewsrooms, typed: str, sentence: str
) -> None:
    client, url = newsrooms.client("ann"), page(Actor, "add")
    sent = fill(client, url, corpus=newsrooms.a.corpus.pk, name="N", kind="person", aliases=typed)
    assert sentence in errors(client.post(url, sent))


def test_an_actor_is_no_part_of_itself(newsrooms: TwoNewsrooms) -> None:
    client, actor = newsrooms.client("ann"), newsrooms.a[Actor]
    url = page(Actor, "change", actor.pk)
    assert errors(client.post(url, fill(client, url, parent=actor.pk)))


def test_what_is_proposed_is_accepted_by_a_reviewer(newsrooms: TwoNewsrooms) -> None:
    annotator, reviewer = newsrooms.client("ann"), newsrooms.client("rae")
    add = page(Proposition, "add")
    sent = fill(annotator, add, corpus=newsrooms.a.corpus.pk, text="Tolls should end.", kind="issue")
    assert annotator.post(add, sent).status_code == 302
    row = Proposition.objects.get(text="Tolls should end.")
    url = reverse("admin:annotations_proposition_accept", args=(row.pk,))
    assert url.encode() in reviewer.get(page(Proposition, "change", row.pk)).content
    assert url.encode() not in annotator.get(page(Proposition, "change", row.pk)).content
    assert annotator.post(url, {"seen": row.version}).status_code == 403
    assert "which version" in said(reviewer.post(url))
    assert "is accepted" in said(reviewer.post(url, {"seen": row.version}))
    row.refresh_from_db()
    assert row.status == PropositionStatus.ACCEPTED


def test_two_topics_of_one_name_are_refused(newsrooms: TwoNewsrooms) -> None:
    client, url = newsrooms.client("rae"), page(Topic, "add")
    sent = fill(client, url, corpus=newsrooms.a.corpus.pk, name="kiwi-topic")
    assert "already" in errors(client.post(url, sent))
