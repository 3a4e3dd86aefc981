"""Every entry of the registry has exactly the fields of the contract, and so have suggestions."""

from __future__ import annotations

from typing import Any

from tests.api.test_wire_shapes import has_shape, is_created, same_everywhere
from tests.newsroom import Newsroom, Reply

PROVES = False  # the data of these tests is proved by others


def new_entry(reply: Reply, name: str) -> dict[str, Any]:
    """What was created, without the ``similar`` entries that only a POST answers: here there are none."""
    found = dict(is_created(reply, f"{name}s/{{id}}/"))
    has_shape(found, name, "similar")
    assert found.pop("similar") == []
    return found


def test_the_registry(newsroom: Newsroom) -> None:
    parent = newsroom.actor("Ardenia", kind="state")
    sent = {
        "name": "Ada Verde", "kind": "person", "qid": "Q42", "parent": parent, "note": "A poet.",
        "aliases": [{"text": "A. Verde", "language": "en", "kind": "spelling"}, {"text": "she"}],
    }  # fmt: skip
    found = new_entry(newsroom.ann.post("corpora/lake/actors/", sent), "actor")
    assert found["aliases"] == [
        {"text": "A. Verde", "language": "en", "kind": "spelling"},
        {"text": "she", "language": None, "kind": "name"},
    ]
    same_everywhere(newsroom.vic, found, f"actors/{found['id']}/", "corpora/lake/actors/")
    bare = newsroom.ann.get(f"actors/{parent}/").data
    assert [bare[name] for name in ("qid", "parent", "note", "aliases", "merged_into")] == [
        None, None, None, [], None
    ]  # fmt: skip
    topic = new_entry(newsroom.rae.post("corpora/lake/topics/", {"name": "Water"}), "topic")
    same_everywhere(newsroom.vic, topic, f"topics/{topic['id']}/", "corpora/lake/topics/")
    sent = {"topic": topic["id"], "text": "A new toll", "kind": "issue"}
    issue = new_entry(newsroom.ann.post("corpora/lake/propositions/", sent), "proposition")
    assert (issue["status"], issue["merged_into"]) == ("proposed", None)
    at = f"propositions/{issue['id']}/"
    same_everywhere(newsroom.vic, issue, at, "corpora/lake/propositions/")
    accepted = newsroom.rae.post(f"{at}accept/")
    assert (accepted.status, accepted.data["status"], accepted.version) == (200, "accepted", 2)
    again = newsroom.rae.post(f"{at}accept/")
    assert (again.status, again.data) == (200, accepted.data)
    stale = newsroom.rae.post(
        f"propositions/{newsroom.proposition('Other', accepted=False)}/accept/", version=7
    )
    assert stale.refusal == (412, "stale")


def test_suggestions(newsroom: Newsroom) -> None:
    ada = newsroom.actor("Ada Verde", aliases=[{"text": "die Grüne"}])
    ines = newsroom.actor("Inés Straße")
    for typed, expected in (
        ("VERDE", [ada]), ("grüne", [ada]), ("GRÜNE", [ada]), ("strasse", [ines]), ("inés", [ines]),
        ("de", [ada]), ("x", []),
    ):  # fmt: skip
        reply = newsroom.vic.get("corpora/lake/actors/suggest/", q=typed)
        assert [each["id"] for each in reply.data] == expected, typed
        for each in reply.data:
            has_shape(each, "actor")
    assert newsroom.vic.get("corpora/lake/actors/suggest/").refusal == (400, "invalid")
