"""The registry: how names are compared and found, what belongs together, and who may change what."""

from __future__ import annotations

import pytest

from annotations.exceptions import (
    DuplicateError,
    IdTakenError,
    InsufficientRoleError,
    InUseError,
    InvalidInputError,
    NotInCorpusError,
    StaleVersionError,
)
from annotations.models import Actor, Corpus, Event, PropositionStatus, RegistryKind, Topic, uuid7
from annotations.permissions import VisibleRow
from annotations.services.registry import entries, search
from annotations.services.registry.names import refresh_names
from annotations.text import names
from annotations.text.names import fold_name
from tests import factories
from tests.newsroom import Newsroom


def seen(newsroom: Newsroom, who: str = "max") -> VisibleRow[Corpus]:
    """The corpus with the role of a person."""
    return factories.seen_by(newsroom.user(who), newsroom.lake)


def actor(newsroom: Newsroom, name: str, **values: object) -> Actor:
    """A person of the registry."""
    made, _ = entries.add_actor(
        newsroom.user("max"), seen(newsroom), {"name": name, "kind": "person", **values}
    )
    return made


def alias(text: str) -> dict[str, str]:
    """An alias as it is sent."""
    return {"text": text, "language": "", "kind": "name"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÉCOLE", "école"),
        ("Straße", "STRASSE"),
        ("Абдуллоев", "abdulloev"),
        ("ﬁn", "FIN"),
        ("  Ada  ", "ada"),
        ("Zoe\u0308", "Zoë"),
    ],
)
def test_names_that_are_the_same_to_a_reader_fold_alike(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


def test_what_has_no_letters_of_ours_folds_to_itself_and_nothing_grows_without_end() -> None:
    assert fold_name("🚧") != ""
    assert len(fold_name("\ufdfa" * 300)) == names.MAX_FOLDED_LENGTH
    assert fold_name("Ada") != fold_name("Ida")


def test_actors_are_found_by_name_alias_and_near_spelling(newsroom: Newsroom) -> None:
    mira = actor(newsroom, "Mira Halvorsen", aliases=[alias("The captain")])
    jon = actor(newsroom, "Jon Halvorsen")
    other = actor(newsroom, "Фирдавс Абдуллоев")
    rows = Actor.objects.filter(corpus=newsroom.lake)
    assert search.suggest_actors(rows, newsroom.lake.pk, "HALVÖRSEN") == [jon, mira]
    assert search.suggest_actors(rows, newsroom.lake.pk, "captain") == [mira]
    assert search.suggest_actors(rows, newsroom.lake.pk, "Abdullaev") == [other]
    assert search.suggest_actors(rows, newsroom.lake.pk, "hal") == [jon, mira]
    assert search.suggest_actors(rows, newsroom.lake.pk, "xyz") == []
    Actor.objects.filter(pk=jon.pk).update(merged_into=mira)
    refresh_names(RegistryKind.ACTOR, newsroom.lake.pk, [jon.pk])
    assert search.suggest_actors(rows, newsroom.lake.pk, "halvorsen") == [mira]


def test_likeness_is_that_of_the_nearest_word() -> None:
    assert names.name_similarity("abdullaev", "firdavs abdulloev") >= names.NEAR_SIMILARITY
    assert names.name_similarity("ada", "mira halvorsen") == 0


def test_a_parent_is_of_the_same_corpus_and_no_part_of_its_part(newsroom: Newsroom) -> None:
    top = actor(newsroom, "Ardenia")
    part = actor(newsroom, "Harbour office", parent_id=top.pk)
    max_ = newsroom.user("max")
    with pytest.raises(InvalidInputError, match="part of itself"):
        entries.update_actor(max_, top.pk, {"parent_id": part.pk}, version=1)
    sam = newsroom.user("sam")
    foreign, _ = entries.add_actor(
        sam, factories.seen_by(sam, newsroom.sea), {"name": "Velmora", "kind": "state"}
    )
    with pytest.raises(NotInCorpusError):
        actor(newsroom, "A part", parent_id=foreign.pk)


def test_a_change_needs_the_version_and_replaces_aliases_whole(newsroom: Newsroom) -> None:
    row = actor(newsroom, "Mira", aliases=[alias("M."), alias("Captain")])
    max_ = newsroom.user("max")
    changed = entries.update_actor(max_, row.pk, {"aliases": [alias("Skipper")]}, version=1)
    assert [each.text for each in changed.aliases.all()] == ["Skipper"]
    with pytest.raises(StaleVersionError):
        entries.update_actor(max_, row.pk, {"name": "Mira H."}, version=1)
    assert entries.update_actor(max_, row.pk, {"name": "Mira"}, version=1).version == 2
    with pytest.raises(DuplicateError, match="same"):
        entries.update_actor(max_, row.pk, {"aliases": [alias("M."), alias("M.")]}, version=2)
    with pytest.raises(InsufficientRoleError):
        entries.update_actor(newsroom.user("vic"), row.pk, {"name": "X"}, version=2)


def test_repeats_by_id(newsroom: Newsroom) -> None:
    id, max_ = uuid7(), newsroom.user("max")
    values = {"id": id, "name": "Mira", "kind": "person", "aliases": [alias("M.")]}
    first = entries.add_actor(max_, seen(newsroom), values)
    assert entries.add_actor(max_, seen(newsroom), values) == (first[0], False)
    with pytest.raises(IdTakenError):
        entries.add_actor(max_, seen(newsroom), {**values, "name": "Jon"})
    sam = newsroom.user("sam")
    with pytest.raises(IdTakenError):
        entries.add_actor(sam, factories.seen_by(sam, newsroom.sea), values)


def test_topics_are_unique_in_a_corpus(newsroom: Newsroom) -> None:
    rae = newsroom.user("rae")
    water, _ = entries.add_topic(rae, seen(newsroom, "rae"), {"name": "Water"})
    fish, _ = entries.add_topic(rae, seen(newsroom, "rae"), {"name": "Fish"})
    with pytest.raises(DuplicateError):
        entries.add_topic(rae, seen(newsroom, "rae"), {"name": "Water"})
    with pytest.raises(DuplicateError):
        entries.update_topic(rae, fish.pk, {"name": "Water"}, version=1)
    with pytest.raises(InsufficientRoleError):
        entries.add_topic(newsroom.user("ann"), seen(newsroom, "ann"), {"name": "Tolls"})
    assert set(Topic.objects.filter(corpus=newsroom.lake)) == {water, fish}


def test_a_proposition_is_proposed_and_accepted_and_an_issue_with_positions_stays_one(
    newsroom: Newsroom,
) -> None:
    ann, rae = newsroom.user("ann"), newsroom.user("rae")
    made, _ = entries.add_proposition(ann, seen(newsroom, "ann"), {"text": "A new toll", "kind": "issue"})
    assert made.status == PropositionStatus.PROPOSED
    with pytest.raises(InsufficientRoleError):
        entries.accept_proposition(ann, made.pk)
    with pytest.raises(StaleVersionError):
        entries.accept_proposition(rae, made.pk, version=2)
    accepted = entries.accept_proposition(rae, made.pk)
    assert entries.accept_proposition(rae, made.pk).version == accepted.version == 2
    factories.make_span(newsroom.set(), "position", 74, 96, proposition_id=made.pk)
    with pytest.raises(InUseError):
        entries.update_proposition(rae, made.pk, {"kind": "assertion"}, version=2)
    actions = Event.objects.filter(action__startswith="proposition").order_by("seq")
    assert [event.action for event in actions] == ["proposition_added", "proposition_accepted"]
