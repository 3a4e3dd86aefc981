"""Merging on the pages of the admin: found, previewed, made, shown, taken back; and only by reviewers."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotations.models import Actor, EntryKind, Merge, Proposition, Topic
from annotations.services.registry import entries, merges
from tests.admin.conftest import CorpusRows, TwoNewsrooms, page
from tests.factories import seen_by

MODELS = {EntryKind.ACTOR: Actor, EntryKind.TOPIC: Topic, EntryKind.PROPOSITION: Proposition}


def other(newsrooms: TwoNewsrooms, kind: EntryKind, name: str = "kiwi other") -> Actor | Topic | Proposition:
    """One more entry of the corpus ``a``."""
    seen = seen_by(newsrooms.max, newsrooms.a.corpus)
    if kind == EntryKind.ACTOR:
        return entries.add_actor(newsrooms.max, seen, {"name": name, "kind": "person"})[0]
    if kind == EntryKind.TOPIC:
        return entries.add_topic(newsrooms.max, seen, {"name": name})[0]
    return entries.add_proposition(newsrooms.max, seen, {"text": name, "kind": "issue"})[0]


def merge_url(kind: EntryKind, entry: object) -> str:
    return reverse(f"admin:annotations_{kind}_merge", args=(getattr(entry, "pk"),))  # noqa: B009


def own(rows: CorpusRows, kind: EntryKind) -> Actor | Topic | Proposition:
    found: Actor | Topic | Proposition = rows[MODELS[kind]]
    return found


@pytest.mark.parametrize("kind", list(EntryKind))
def test_an_entry_is_merged_and_taken_back_on_its_pages(newsrooms: TwoNewsrooms, kind: EntryKind) -> None:
    client, loser, winner = newsrooms.client("rae"), own(newsrooms.a, kind), other(newsrooms, kind)
    loser_page, winner_page = page(MODELS[kind], "change", loser.pk), page(MODELS[kind], "change", winner.pk)
    assert merge_url(kind, loser) in client.get(loser_page).content.decode()
    found = client.get(merge_url(kind, loser), {"q": "kiwi", "into": str(winner.pk)}).content.decode()
    assert f"?into={winner.pk}" in found
    assert f"“{loser}” becomes “{winner}”" in found
    sent = {"into": str(winner.pk), "seen": "1", "new_id": "01930000-0000-7000-8000-000000000001"}
    again = client.post(merge_url(kind, loser), sent)
    assert "This field is required" in again.content.decode()
    for _ in range(2):  # a form that is sent twice merges once
        reply = client.post(merge_url(kind, loser), {**sent, "reason": "The same one."})
        assert reply.headers["Location"] == winner_page
    merge = Merge.objects.get()
    assert (merge.loser, merge.winner, merge.by, merge.reason) == (
        loser.pk, winner.pk, newsrooms.rae, "The same one."
    )  # fmt: skip
    undo = reverse(f"admin:annotations_{kind}_unmerge", args=(merge.pk,))
    shown = client.get(winner_page).content.decode()
    assert undo in shown
    assert "The same one." in shown
    merged = client.get(loser_page).content.decode()
    assert winner_page in merged
    assert 'name="_save"' not in merged, "what is merged is changed no more"
    assert 'affiliations/"' not in merged, "nor are its affiliations"
    listed = client.get(page(MODELS[kind], "changelist")).content.decode()
    assert "merged into" in listed
    assert "icon-no" not in listed, "words, and no red cross on all others"
    assert "kiwi" in client.get(undo).content.decode()
    reply = client.post(undo, {"reason": "Two.", "new_id": "01930000-0000-7000-8000-000000000002"})
    assert reply.headers["Location"] == loser_page
    assert MODELS[kind].objects.get(pk=loser.pk).merged_into_id is None  # type: ignore[attr-defined]
    history = newsrooms.client("max").get(page(MODELS[kind], "history", winner.pk)).content.decode()
    assert "into another" in history
    assert "back" in history


def test_only_reviewers_merge_and_strangers_see_nothing(newsrooms: TwoNewsrooms) -> None:
    loser, winner = newsrooms.a[Actor], other(newsrooms, EntryKind.ACTOR)
    merge, _ = merges.merge_entry(
        newsrooms.rae, EntryKind.ACTOR, loser.pk, {"into": winner.pk, "reason": "One."}, version=1
    )
    undo = reverse("admin:annotations_actor_unmerge", args=(merge.pk,))
    for who, status in (("ann", 403), ("vic", 403), ("sam", 404), ("rae", 200), ("max", 200)):
        client = newsrooms.client(who)
        for url in (merge_url(EntryKind.ACTOR, winner), undo):
            assert client.get(url).status_code == status, (who, url)
            if status != 200:
                assert client.post(url, {"reason": "x", "into": str(loser.pk)}).status_code == status
    assert "/merge/" not in newsrooms.client("ann").get(page(Actor, "change", winner.pk)).content.decode()
    foreign = {"into": str(newsrooms.b[Actor].pk)}
    assert (
        "lynx-actor"
        not in newsrooms.client("rae").get(merge_url(EntryKind.ACTOR, winner), foreign).content.decode()
    )


def test_conflicts_are_said_and_nothing_is_merged(newsrooms: TwoNewsrooms) -> None:
    issue = newsrooms.a[Proposition]
    seen = seen_by(newsrooms.max, newsrooms.a.corpus)
    assertion = entries.add_proposition(newsrooms.max, seen, {"text": "It rains", "kind": "assertion"})[0]
    url = merge_url(EntryKind.PROPOSITION, issue)
    shown = newsrooms.client("rae").get(url, {"into": str(assertion.pk)}).content.decode()
    assert "One is an issue and the other an assertion" in shown
    assert "<textarea" not in shown
    sent = {
        "into": str(assertion.pk),
        "seen": "1",
        "reason": "x",
        "new_id": "01930000-0000-7000-8000-000000000001",
    }
    reply = newsrooms.client("rae").post(url, sent)
    assert "One is an issue and the other an assertion" in reply.content.decode()
    assert not Merge.objects.exists()


def test_an_undoing_that_is_refused_says_what_changed(newsrooms: TwoNewsrooms) -> None:
    loser, winner = newsrooms.a[Actor], other(newsrooms, EntryKind.ACTOR)
    merge, _ = merges.merge_entry(
        newsrooms.rae, EntryKind.ACTOR, loser.pk, {"into": winner.pk, "reason": "One."}, version=1
    )
    entries.update_actor(newsrooms.ann, winner.pk, {"aliases": []}, version=2)
    undo = reverse("admin:annotations_actor_unmerge", args=(merge.pk,))
    shown = newsrooms.client("rae").post(undo, {"reason": "x", "new_id": str(merge.pk)}).content.decode()
    assert "The alias “kiwi-alias” was changed or deleted" in shown


def test_lists_show_and_sort_by_the_use_that_one_sees(newsrooms: TwoNewsrooms) -> None:
    unused = other(newsrooms, EntryKind.ACTOR, "aaa")
    actor = newsrooms.a[Actor]
    client = newsrooms.client("max")
    columns = {name: number for number, name in enumerate(("name", "kind", "qid", "use"))}
    for column, first in (("name", unused), ("use", unused)):
        shown = client.get(page(Actor, "changelist"), {"o": str(columns[column])}).content.decode()
        assert shown.index(page(Actor, "change", first.pk)) < shown.index(page(Actor, "change", actor.pk))
    down = client.get(page(Actor, "changelist"), {"o": f"-{columns['use']}"}).content.decode()
    assert down.index(page(Actor, "change", actor.pk)) < down.index(page(Actor, "change", unused.pk))
    assert '<td class="field-use">1</td>' in down
    # a viewer does not see the open set of ann
    assert (
        '<td class="field-use">1</td>'
        not in newsrooms.client("vic").get(page(Actor, "changelist")).content.decode()
    )


@pytest.mark.parametrize("kind", list(EntryKind))
def test_the_winner_is_found_by_every_spelling(newsrooms: TwoNewsrooms, kind: EntryKind) -> None:
    winner = other(newsrooms, kind, "Österreich baut die Straße")
    for typed in ("österreich", "ÖSTERREICH", "STRASSE", "osterreich"):
        reply = newsrooms.client("rae").get(merge_url(kind, own(newsrooms.a, kind)), {"q": typed})
        assert f"?into={winner.pk}" in reply.content.decode(), typed
