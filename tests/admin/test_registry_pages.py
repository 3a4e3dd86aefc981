"""The page Duplicates, and the affiliations on the page of an actor."""

from __future__ import annotations

import pytest
from django.test import Client

from annotations.models import Affiliation, Judgement
from tests.newsroom import Newsroom


@pytest.fixture
def newsroom(db: None) -> Newsroom:
    return Newsroom(staff=True)


def signed_in(newsroom: Newsroom, name: str) -> Client:
    client = Client()
    client.force_login(newsroom.user(name))
    return client


def test_pairs_are_judged_one_by_one(newsroom: Newsroom) -> None:
    left, right = sorted((newsroom.actor("Bekzod Osmanow"), newsroom.actor("Bekzod Osmanov")))
    at = f"/admin/annotations/corpus/{newsroom.lake.pk}/duplicates/"
    rae = signed_in(newsroom, "rae")
    page = rae.get(at).content.decode()
    assert "1 of 1" in page
    assert f"/admin/annotations/actor/{right}/merge/?into={left}&amp;pairs=" in page
    assert ("<mark>w</mark>" in page, "<mark>v</mark>" in page) == (True, True)
    sent = {"left": left, "right": right}
    after = rae.post(f"{at}?kind=actor&state=open", {**sent, "verdict": "different"})
    assert Judgement.objects.get().verdict == "different"
    page = rae.get(at + after.headers["Location"]).content.decode()
    assert ("There are no such pairs" in page, 'data-key="u"' in page) == (True, True)
    rae.post(at, {**sent, "verdict": "undo"})
    assert not Judgement.objects.exists()
    assert "All names were compared anew." in rae.post(at, {"search": "1"}, follow=True).content.decode()
    assert 'data-key="2"' not in signed_in(newsroom, "ann").get(at).content.decode()
    signed_in(newsroom, "ann").post(at, {**sent, "verdict": "different"})
    assert not Judgement.objects.exists()
    assert signed_in(newsroom, "sam").get(at).status_code == 404


def test_after_a_merge_the_next_pair_is_shown(newsroom: Newsroom) -> None:
    for name in ("Bekzod Osmanow", "Bekzod Osmanov", "Ludmila Petrowa", "Ludmila Petrova"):
        newsroom.actor(name)
    rae = signed_in(newsroom, "rae")
    at = f"/admin/annotations/corpus/{newsroom.lake.pk}/duplicates/?kind=actor&state=open"
    first = rae.get(at)
    assert b"1 of 2" in first.content
    preview = rae.get(first.context["merge_url"])
    assert preview.context["cancel_url"].endswith("/duplicates/?kind=actor&state=open&at=1")
    winner = preview.context["preview"]["winner"]
    sent = {
        "into": winner.pk, "seen": 1, "reason": "One.", "new_id": preview.context["form"]["new_id"].value()
    }  # fmt: skip
    after = rae.post(first.context["merge_url"], sent, follow=True)
    page = after.content.decode()
    assert "1 of 1" in page
    assert f'They are merged into <a href="/admin/annotations/actor/{winner.pk}/change/">' in page
    assert after.redirect_chain[-1][0].endswith("/duplicates/?kind=actor&state=open&at=1")
    strange = rae.get(first.context["merge_url"], {"into": str(winner.pk), "pairs": "//evil.example/\r\n\0"})
    assert strange.context["cancel_url"].startswith(
        f"/admin/annotations/corpus/{newsroom.lake.pk}/duplicates/?"
    )


@pytest.mark.parametrize(
    "query", ["kind=x", "state=x", "at=0", "at=99999999999", "at=x", "undo=a.b.c", "at=5"]
)
def test_what_an_address_holds_does_not_break_the_page(newsroom: Newsroom, query: str) -> None:
    newsroom.actor("Bekzod Osmanow")
    newsroom.actor("Bekzod Osmanov")
    at = f"/admin/annotations/corpus/{newsroom.lake.pk}/duplicates/"
    assert signed_in(newsroom, "rae").get(f"{at}?{query}").status_code == 200


def test_affiliations_are_added_changed_and_deleted_on_the_page_of_an_actor(newsroom: Newsroom) -> None:
    mira, harbour = newsroom.actor("Mira"), newsroom.actor("Harbour", kind="organisation")
    page, at = (f"/admin/annotations/actor/{mira}/{part}/" for part in ("change", "affiliations"))
    ann = signed_in(newsroom, "ann")
    form = ann.get(page).context["new_affiliation"]
    values = {
        "organisation": harbour,
        "kind": "leads",
        "role": "",
        "since": "2019-05",
        "until": "",
        "note": "",
    }
    sent = {**values, "action": "add", "new_id": str(form["new_id"].value())}
    for _ in range(2):  # sent twice, stored once
        ann.post(at, sent)
    row = Affiliation.objects.get()
    shown = ann.get(page).content.decode()
    assert ("2019-05" in shown, 'class="period ends"' in shown) == (True, True)
    wrong = {**values, "until": "2018", "action": "change", "affiliation": row.pk, "seen": 1}
    assert "It ends in 2018" in ann.post(at, wrong, follow=True).content.decode()
    ann.post(at, {**wrong, "until": "2021"})
    row.refresh_from_db()
    assert (row.until, row.version) == ("2021", 2)
    stale = ann.post(at, {"action": "delete", "affiliation": row.pk, "seen": 1}, follow=True)
    assert "version" in stale.content.decode()
    ann.post(at, {"action": "delete", "affiliation": row.pk, "seen": 2})
    assert not Affiliation.objects.exists()
    assert signed_in(newsroom, "vic").post(at, sent).status_code == 403
    assert signed_in(newsroom, "sam").post(at, sent).status_code == 404


def test_an_entry_of_the_same_name_is_shown_before_one_is_added(newsroom: Newsroom) -> None:
    first = newsroom.actor("Abdulloev")
    ann = signed_in(newsroom, "ann")
    add = "/admin/annotations/actor/add/"
    form = ann.get(add).context["adminform"].form
    sent = {
        "corpus": newsroom.lake.pk, "name": "Абдуллоев", "kind": "person", "aliases": "", "qid": "",
        "parent": "", "note": "", "new_id": str(form["new_id"].value()),
    }  # fmt: skip
    page = ann.post(add, sent).content.decode()
    assert ("There is one already" in page, first in page) == (True, True)
    assert ann.post(add, {**sent, "add_anyway": "on"}).status_code == 302
