"""The gate: what it masks, and who stands in the place of a protected actor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotations.models import Actor, ConfidentialActor, Corpus, EntryKind
from annotations.services.registry import merges
from annotations.services.rights.verdicts import Purpose, load_gate
from tests import factories

pytestmark = pytest.mark.django_db


def protect(actor: Actor, **at: Any) -> ConfidentialActor:
    return ConfidentialActor.objects.create(
        actor=actor,
        reason="She would lose her work.",
        by=factories.manager_of(actor.corpus),
        at=timezone.now() + timedelta(**at),
    )


def make_actor(corpus: Corpus, name: str, *aliases: str) -> Actor:
    actor = Actor.objects.create(corpus=corpus, name=name, kind="person")
    for alias in aliases:
        actor.aliases.create(text=alias)
    return actor


def test_names_and_aliases_are_masked_on_every_way_out() -> None:
    corpus = factories.make_corpus()
    protect(make_actor(corpus, "Anna Kovács", "the baker of Győr"))
    text = "ANNA KOVACS, the baker of Gyor, spoke."
    for purpose in Purpose:
        masked = load_gate(corpus.pk, purpose).mask_text(text)
        assert masked == (text if purpose is Purpose.READ else "███████████, █████████████████, spoke.")
    assert load_gate(factories.make_corpus().pk, Purpose.EXPORT).mask_text(text) == text


def test_entries_that_are_one_after_merges_are_one_source() -> None:
    corpus = factories.make_corpus()
    manager = factories.manager_of(corpus)
    winner, loser = make_actor(corpus, "Anna Kovács"), make_actor(corpus, "Kovács Panni", "Panni néni")
    protect(loser)
    values = {"into": winner.pk, "reason": ""}
    merges.merge_entry(manager, EntryKind.ACTOR, loser.pk, values, version=loser.version)
    gate = load_gate(corpus.pk, Purpose.RELEASE)
    assert gate.sources[str(winner.pk)] == gate.sources[str(loser.pk)]
    assert gate.mask_text("Anna Kovács, Kovács Panni, Panni néni") == "███████████, ████████████, ██████████"


def test_sources_are_numbered_as_they_were_protected_and_their_ids_are_those_of_what_goes_out(
    django_assert_num_queries: Any,
) -> None:
    corpus = factories.make_corpus()
    first, second = make_actor(corpus, "Anna"), make_actor(corpus, "Béla")
    protect(second)
    protect(first, days=1)
    with django_assert_num_queries(4):
        gate = load_gate(corpus.pk, Purpose.RELEASE, secret="release 1")
    assert [gate.sources[str(actor.pk)].name for actor in (first, second)] == ["Source 2", "Source 1"]
    again, other = (load_gate(corpus.pk, Purpose.RELEASE, secret=f"release {n}") for n in (1, 2))
    assert again.sources == gate.sources
    assert not {source.id for source in gate.sources.values()} & {
        source.id for source in other.sources.values()
    }
    assert not {str(first.pk), str(second.pk)} & {source.id for source in gate.sources.values()}
