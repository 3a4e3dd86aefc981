"""What reviewers have to work with: suggested changes, what changed, and names that are found."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from annotations.models import AnnotationSet, Corpus
from annotations.services import integrity
from annotations.services.exchange import exports, imports
from tests import factories
from tests.newsroom import Newsroom, new_id, span

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(newsroom: Newsroom) -> str:
    """A set of ann with the actor “Ada Verde” in it, submitted and taken by rae."""
    article = factories.make_article(newsroom.lake)
    made = factories.make_set(article, newsroom["ann"].user)
    newsroom["ann"].post(f"sets/{made.pk}/spans/", span(60, 69, "actor"))
    newsroom["ann"].move(made.pk, "submit")
    newsroom["rae"].move(made.pk, "start-review")
    return str(made.pk)


def the_span(newsroom: Newsroom, row: str) -> dict[str, Any]:
    return dict(newsroom["ann"].get(f"sets/{row}/").data["spans"][0])


def suggest(newsroom: Newsroom, row: str, suggestion: Any, **more: Any) -> Any:
    body = {"text": "Shorter.", "span": the_span(newsroom, row)["id"], "suggestion": suggestion, **more}
    return newsroom["rae"].post(f"sets/{row}/comments/", body)


def test_the_owner_takes_over_what_a_reviewer_suggests(newsroom: Newsroom, row: str) -> None:
    comment = suggest(newsroom, row, {"end": 63, "attributes": {"mention_type": "name"}}).data
    newsroom["rae"].move(row, "return", comment="See the suggestion.")
    taken = newsroom["ann"].post(f"comments/{comment['id']}/take/", version=comment["version"])
    assert taken.status == 200
    assert (taken.data["quote"], taken.data["attributes"]) == ("Ada", {"mention_type": "name"})
    assert newsroom["ann"].get(f"comments/{comment['id']}/").data["resolved_by"] == "ann"
    again = newsroom["ann"].post(f"comments/{comment['id']}/take/", version=comment["version"])
    assert (again.status, again.data) == (200, taken.data)
    newsroom["ann"].move(row, "submit")
    # Who suggested a change is no author: rae may still decide.
    newsroom["rae"].move(row, "start-review")
    assert newsroom["rae"].move(row, "approve").status == 200
    assert integrity.run_checks().found == 0


@pytest.mark.parametrize("who", ["rae", "max", "ben"])
def test_only_the_owner_takes_over(newsroom: Newsroom, row: str, who: str) -> None:
    comment = suggest(newsroom, row, {"end": 63}).data
    newsroom["rae"].move(row, "return", comment="See there.")
    refused = newsroom[who].post(f"comments/{comment['id']}/take/", version=1)
    assert refused.status == (404 if who == "ben" else 403)
    assert the_span(newsroom, row)["quote"] == "Ada Verde"


def test_taking_over_needs_an_open_set_a_version_and_a_range_that_fits(newsroom: Newsroom, row: str) -> None:
    comment = suggest(newsroom, row, {"end": 100_000}).data
    take = f"comments/{comment['id']}/take/"
    assert newsroom["ann"].post(take).status == 428
    assert newsroom["ann"].post(take, version=9).refusal == (412, "stale")
    assert newsroom["ann"].post(take, version=1).refusal == (409, "closed-set")
    newsroom["rae"].move(row, "return", comment="See there.")
    assert newsroom["ann"].post(take, version=1).refusal == (422, "out-of-bounds")
    assert newsroom["ann"].get(f"comments/{comment['id']}/").data["resolved_at"] is None


@pytest.mark.parametrize(
    "suggestion",
    [
        {},
        {"start": "1"},
        {"label": "nonsense"},
        {"actor": None},
        {"label": "actor", "attributes": {"stance": "oppose"}},
        [],
    ],
)
def test_a_suggestion_has_the_shape_of_a_change(newsroom: Newsroom, row: str, suggestion: Any) -> None:
    refused = suggest(newsroom, row, suggestion)
    assert refused.refusal == (400, "invalid")
    assert all(pointer.startswith("/suggestion") for pointer in refused.pointers)


def test_a_suggestion_is_about_a_span(newsroom: Newsroom, row: str) -> None:
    refused = newsroom["rae"].post(f"sets/{row}/comments/", {"text": "x", "suggestion": {"end": 3}})
    assert (refused.refusal, refused.pointers) == ((400, "invalid"), ["/suggestion"])


def test_a_suggestion_survives_the_exchange(newsroom: Newsroom, row: str) -> None:
    comment = suggest(
        newsroom, row, {"attributes": {"role_text": "x", "mention_type": "name"}, "end": 63}
    ).data
    with exports.export_corpus(None, newsroom.lake, format="jsonl", sets="all").file as file:
        written = file.read()
    said = json.loads(written.splitlines()[-1])["sets"][0]["comments"][0]
    assert said["suggestion"] == comment["suggestion"]
    assert list(said["suggestion"]) == ["end", "attributes"]
    assert list(said["suggestion"]["attributes"]) == ["mention_type", "role_text"]
    empty = Corpus.objects.create(slug="bay", name="Bay")
    assert (
        imports.import_file(None, empty, io.BytesIO(written), imports.ImportOptions(restore=True)).failed == 0
    )
    restored = AnnotationSet.objects.get(corpus=empty).comments.get()
    assert restored.suggestion == comment["suggestion"]


def test_changes_are_the_net_difference_since_the_return(newsroom: Newsroom, row: str) -> None:
    ann = newsroom["ann"]
    assert ann.get(f"sets/{row}/changes/").data == {"since": None, "changes": []}
    newsroom["rae"].move(row, "return", comment="Please mend.")
    old = the_span(newsroom, row)
    moved = ann.patch(f"spans/{old['id']}/", {"end": 63}, old["version"])
    ann.patch(f"spans/{old['id']}/", {"attributes": {"mention_type": "name"}}, moved.version)
    kept = ann.post(f"sets/{row}/spans/", span(4, 10, "claim")).data
    gone = ann.post(f"sets/{row}/spans/", span(11, 17, "claim"))
    ann.delete(f"spans/{gone.data['id']}/", gone.version)
    found = newsroom["rae"].get(f"sets/{row}/changes/").data
    assert [(change["kind"], change["span"]) for change in found["changes"]] == [
        ("added", kept["id"]),
        ("moved", old["id"]),
    ]
    assert found["changes"][1]["before"]["quote"] == "Ada Verde"
    assert found["changes"][1]["after"]["quote"] == "Ada"


def test_changes_of_a_reopened_set_are_those_against_the_gold(newsroom: Newsroom, row: str) -> None:
    newsroom["rae"].move(row, "approve")
    new = newsroom["max"].move(row, "reopen", reason="A slip.").data["id"]
    assert newsroom["ann"].get(f"sets/{new}/changes/").data["changes"] == []
    copied = the_span(newsroom, new)
    newsroom["ann"].delete(f"spans/{copied['id']}/", copied["version"])
    changes = newsroom["ann"].get(f"sets/{new}/changes/").data["changes"]
    assert [change["kind"] for change in changes] == ["removed"]


@pytest.mark.parametrize("typed", ["abdull", "Abdullaev", "ABDULLOYEV", "Абдуллоев", "r. abdulloyev"])
def test_actors_are_found_in_other_spellings_and_scripts(newsroom: Newsroom, typed: str) -> None:
    body = {"name": "Rahmatullo Abdulloyev", "kind": "person", "aliases": [{"text": "R. Abdulloyev"}]}
    newsroom["ann"].post("corpora/lake/actors/", body)
    newsroom["ann"].post("corpora/lake/actors/", {"name": "Mira Halvorsen", "kind": "person"})
    found = newsroom["ann"].get("corpora/lake/actors/suggest/", q=typed).data
    assert [actor["name"] for actor in found] == ["Rahmatullo Abdulloyev"]


def test_an_ambiguous_alias_brings_all_its_actors(newsroom: Newsroom) -> None:
    for name in ("Ministry of Ports", "Ministry of Fisheries"):
        body = {"id": new_id(), "name": name, "kind": "government", "aliases": [{"text": "the ministry"}]}
        newsroom["ann"].post("corpora/lake/actors/", body)
    found = newsroom["ann"].get("corpora/lake/actors/suggest/", q="The Ministry").data
    assert {actor["name"] for actor in found} == {"Ministry of Ports", "Ministry of Fisheries"}


def test_a_patch_snaps_where_it_is_asked_to(newsroom: Newsroom) -> None:
    made = factories.make_set(factories.make_article(newsroom.lake, text="He said “no way” twice."))
    owner = newsroom.callers.setdefault(made.owner.username, type(newsroom["ann"])(made.owner))
    sent = owner.post(f"sets/{made.pk}/spans/", span(9, 11, "claim"))
    assert sent.status == 201
    patched = owner.call(
        "PATCH", f"spans/{sent.data['id']}/", {"start": 8, "end": 16}, version=1, snap="true"
    )
    assert patched.data["quote"] == "no way"
