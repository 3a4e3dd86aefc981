"""Between entries of the registry: affiliations, pairs that look alike, and entries of the same name."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.models import DuplicatePair, EntryKind, Event, JobKind, NameGram
from annotations.services import job_runner
from annotations.services.jobs import duplicates as jobs
from annotations.services.jobs import leases
from annotations.services.registry import duplicates
from annotations.services.registry.duplicates import rebuild_pairs
from tests.newsroom import Newsroom, new_id, span

PAIRS = "corpora/lake/duplicates/"
#: Of a few pairs the database joins the sets, of more they are read.
ways_to_find_sets = pytest.mark.parametrize("joined", [1_000, 0], ids=["joined", "read"])


def actions() -> list[str]:
    """The actions of all events, in their order."""
    return list(Event.objects.order_by("seq").values_list("action", flat=True))


# --- Affiliations ------------------------------------------------------------------------------


def test_an_affiliation_is_added_changed_and_deleted(newsroom: Newsroom) -> None:
    mira, harbour = newsroom.actor("Mira"), newsroom.actor("Harbour", kind="organisation")
    sent = {"id": new_id(), "organisation": harbour, "kind": "leads", "role": "Head", "since": "2019-02"}
    added = newsroom.ann.post(f"actors/{mira}/affiliations/", sent)
    whole = {**sent, "actor": mira, "until": None, "note": None, "version": 1}
    assert (added.status, added.data, added.version) == (201, whole, 1)
    assert newsroom.ann.post(f"actors/{mira}/affiliations/", sent).status == 200
    other = {**sent, "role": "Deputy"}
    assert newsroom.ann.post(f"actors/{mira}/affiliations/", other).refusal == (409, "id-taken")
    at = f"affiliations/{sent['id']}/"
    assert newsroom.ann.patch(at, {"until": "2021"}).refusal == (428, "precondition-required")
    changed = newsroom.ann.patch(at, {"until": "2021"}, 1)
    assert (changed.status, changed.data["until"], changed.version) == (200, "2021", 2)
    assert newsroom.ann.patch(at, {"until": "2022"}, 1).refusal == (412, "stale")
    assert newsroom.vic.all(f"actors/{mira}/affiliations/") == [changed.data]
    assert newsroom.ann.delete(at, 2).status == 204
    assert newsroom.ann.get(at).status == 404
    assert actions()[-3:] == ["affiliation_added", "affiliation_changed", "affiliation_deleted"]


def test_a_merged_actor_gets_no_affiliation(newsroom: Newsroom) -> None:
    mira, other = newsroom.actor("Mira"), newsroom.actor("Mira H.")
    sent = {"organisation": newsroom.actor("Harbour", kind="organisation"), "kind": "member"}
    assert (
        newsroom.rae.post(f"actors/{other}/merge/", {"into": mira, "reason": "One."}, version=1).status == 201
    )
    assert newsroom.ann.post(f"actors/{other}/affiliations/", sent).refusal == (409, "merge-conflict")
    assert newsroom.ann.post(f"actors/{mira}/affiliations/", sent).status == 201


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"since": "2019-13"}, 400, "/since"),
        ({"since": "2019-02-30"}, 400, "/since"),
        ({"since": "19"}, 400, "/since"),
        ({"since": "2020-06", "until": "2020-05"}, 400, "/until"),
        ({"kind": "owns"}, 400, "/kind"),
        ({"organisation": "{self}"}, 400, "/organisation"),
        ({"organisation": "{foreign}"}, 422, "/organisation"),
        ({"role": "x" * 201}, 400, "/role"),
    ],
)
def test_a_wrong_affiliation_is_refused(
    newsroom: Newsroom, fields: dict[str, Any], status: int, pointer: str
) -> None:
    mira, harbour = newsroom.actor("Mira"), newsroom.actor("Harbour", kind="organisation")
    foreign = newsroom.callers["sam"].post("corpora/sea/actors/", {"name": "Sea", "kind": "group"}).data["id"]
    places = {"{self}": mira, "{foreign}": foreign}
    sent = {"organisation": harbour, "kind": "member", **fields}
    sent["organisation"] = places.get(sent["organisation"], sent["organisation"])
    reply = newsroom.ann.post(f"actors/{mira}/affiliations/", sent)
    assert (reply.status, reply.pointers) == (status, [pointer])


def test_a_period_of_one_month_may_end_where_its_year_does(newsroom: Newsroom) -> None:
    mira, harbour = newsroom.actor("Mira"), newsroom.actor("Harbour", kind="organisation")
    sent = {"organisation": harbour, "kind": "member", "since": "2020-06", "until": "2020"}
    assert newsroom.ann.post(f"actors/{mira}/affiliations/", sent).status == 201


# --- Entries of the same name --------------------------------------------------------------------


def test_a_new_entry_names_others_of_the_same_name(newsroom: Newsroom) -> None:
    alias = {"text": "Абдуллоев", "language": "tg", "kind": "name"}
    first = newsroom.actor("Firdavs Abdulloev", aliases=[alias])
    second = newsroom.ann.post("corpora/lake/actors/", {"name": "ABDULLOEV", "kind": "group"})
    assert (second.status, [row["id"] for row in second.data["similar"]]) == (201, [first])
    assert newsroom.ann.post("corpora/lake/actors/", {"name": "Lorn", "kind": "state"}).data["similar"] == []
    topic = newsroom.topic("Straße")
    assert [
        row["id"] for row in newsroom.rae.post("corpora/lake/topics/", {"name": "STRASSE"}).data["similar"]
    ] == [topic]
    issue = newsroom.proposition("A new toll")
    again = newsroom.ann.post("corpora/lake/propositions/", {"text": "A NEW TOLL", "kind": "issue"})
    assert [row["id"] for row in again.data["similar"]] == [issue]


# --- Pairs ------------------------------------------------------------------------------------------


def scores(newsroom: Newsroom, **parameters: Any) -> list[tuple[str, str, int, list[str]]]:
    """The names, the score and the reasons of the listed pairs."""
    return [
        (*sorted((row["left"].get("name", ""), row["right"].get("name", ""))), row["score"], row["reasons"])
        for row in newsroom.rae.all(PAIRS, **parameters)
    ]


def test_spellings_are_paired_when_they_are_written(newsroom: Newsroom) -> None:
    newsroom.actor("Bekzod Osmanow")
    newsroom.actor("Bekzod Osmanov")
    newsroom.actor("Lena Brandt")
    newsroom.actor("Jonas Brandt")
    other = newsroom.actor("Jan Novak", qid="Q7")
    newsroom.actor("Bureau of Ports", kind="organisation", qid="Q7")
    found = scores(newsroom)
    assert [row[:3] for row in found] == [
        ("Bureau of Ports", "Jan Novak", 100),
        ("Bekzod Osmanov", "Bekzod Osmanow", 93),
    ]
    assert [row[3] for row in found] == [["same qid"], ["name 93"]]
    assert scores(newsroom, min_score=94) == found[:1]
    version = newsroom.ann.get(f"actors/{other}/").version
    alias = {"text": "Osmanoff Bekzod", "language": "", "kind": "spelling"}
    newsroom.ann.patch(f"actors/{other}/", {"aliases": [alias], "qid": None}, version)
    assert [row[:2] for row in scores(newsroom)] == [
        ("Bekzod Osmanov", "Bekzod Osmanow"),
        ("Bekzod Osmanov", "Jan Novak"),
    ] or len(scores(newsroom)) == 3


@ways_to_find_sets
def test_other_first_names_and_one_set_rank_lower(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, joined: int
) -> None:
    monkeypatch.setattr(duplicates, "MAX_JOINED", joined)
    newsroom.actor("Maria Kellermann")
    newsroom.actor("Mario Kellermann")
    assert [row[2:] for row in scores(newsroom)] == [(74, ["name 94", "other first name"])]
    one, other = (
        newsroom.actor("Port of Ardenia", kind="group"),
        newsroom.actor("Ports of Ardenia", kind="group"),
    )
    row = newsroom.set("ann")
    for at, actor in ((0, one), (10, other)):
        assert newsroom.ann.post(f"sets/{row.pk}/spans/", span(at, at + 3, actor=actor)).status == 201
    rebuild_pairs(EntryKind.ACTOR, newsroom.lake.pk)
    pair = newsroom.rae.all(PAIRS)[0]
    assert pair["reasons"][-1] == "both in one set"
    assert (pair["together"], pair["score"]) == (1, 77)
    assert [len(pair["contexts"][side]) for side in ("left", "right")] == [1, 1]
    assert {quote["set"] for quote in pair["contexts"]["left"]} == {str(row.pk)}
    # ben may not see the open set of ann
    hidden = newsroom.ben.all(PAIRS)[0]
    assert (hidden["together"], hidden["contexts"]) == (0, {"left": [], "right": []})


@ways_to_find_sets
def test_a_blind_set_is_neither_quoted_nor_counted(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, joined: int
) -> None:
    monkeypatch.setattr(duplicates, "MAX_JOINED", joined)
    one, other = (
        newsroom.actor("Port of Ardenia", kind="group"),
        newsroom.actor("Ports of Ardenia", kind="group"),
    )
    row = newsroom.set("ann", newsroom.article(annotators=2))
    for at, actor in ((0, one), (10, other)):
        assert newsroom.ann.post(f"sets/{row.pk}/spans/", span(at, at + 3, actor=actor)).status == 201
    rebuild_pairs(EntryKind.ACTOR, newsroom.lake.pk)
    for caller in (newsroom.rae, newsroom.max):
        (pair,) = caller.all(PAIRS)
        assert (pair["together"], pair["score"]) == (0, 97)
        assert pair["contexts"] == {"left": [], "right": []}


def test_a_judged_pair_is_not_shown_again(newsroom: Newsroom) -> None:
    left, right = sorted((newsroom.actor("Bekzod Osmanow"), newsroom.actor("Bekzod Osmanov")))
    sent = {"left": right, "right": left, "verdict": "unsure", "reason": "Ask Rae."}
    judged = newsroom.rae.post(PAIRS, sent)
    assert judged.status == 201
    assert {name: judged.data[name] for name in ("kind", "left", "right", "verdict", "reason", "by")} == {
        "kind": "actor", "left": left, "right": right, "verdict": "unsure", "reason": "Ask Rae.", "by": "rae",
    }  # fmt: skip
    assert newsroom.rae.post(PAIRS, sent).status == 200
    assert (scores(newsroom), len(scores(newsroom, state="unsure"))) == ([], 1)
    assert newsroom.rae.post(PAIRS, {**sent, "verdict": "different"}).status == 200
    assert (scores(newsroom), len(scores(newsroom, state="different"))) == ([], 1)
    rebuild_pairs(EntryKind.ACTOR, newsroom.lake.pk)
    assert (scores(newsroom), len(scores(newsroom, state="different"))) == ([], 1)
    assert newsroom.rae.post(PAIRS, {**sent, "verdict": None}).data["verdict"] is None
    assert len(scores(newsroom)) == 1
    assert actions().count("pair_judged") == 3


def test_what_is_no_pair_is_refused(newsroom: Newsroom) -> None:
    actor, topic = newsroom.actor(), newsroom.topic()
    for left, right, status in ((actor, actor, 400), (actor, topic, 422), (actor, new_id(), 422)):
        assert newsroom.rae.post(PAIRS, {"left": left, "right": right, "verdict": "unsure"}).status == status


def test_topics_and_propositions_are_paired_too(newsroom: Newsroom) -> None:
    newsroom.topic("Fishing quotas")
    newsroom.topic("Fishing quota")
    newsroom.proposition("The lock is to close at night.")
    newsroom.proposition("The locks are to close at night.")
    for kind in ("topic", "proposition"):
        (pair,) = newsroom.rae.all(PAIRS, kind=kind)
        assert pair["score"] >= 84


def test_pages_of_pairs_are_whole_and_in_order(newsroom: Newsroom) -> None:
    for n in range(5):
        newsroom.actor(f"Bekzod Osmano{'vwfbk'[n]}")
    pages = newsroom.rae.all(PAIRS, page_size=3)
    assert len(pages) == 10
    assert [(row["left"]["id"], row["right"]["id"]) for row in pages] == [
        (str(row.left), str(row.right)) for row in DuplicatePair.objects.order_by("rank")
    ]


def test_a_worker_finds_the_pairs_of_a_large_registry(newsroom: Newsroom, monkeypatch: Any) -> None:
    newsroom.actor("Bekzod Osmanow")
    newsroom.actor("Bekzod Osmanov")
    DuplicatePair.objects.all().delete()
    monkeypatch.setattr(jobs, "MAX_NAMES_AT_ONCE", 1)
    leases.record_worker_heartbeat("worker")
    job = jobs.schedule_duplicates(newsroom.user("rae"), newsroom.lake)
    assert job is not None
    assert jobs.schedule_duplicates(None, newsroom.lake) == job
    assert (job.kind, DuplicatePair.objects.count()) == (JobKind.DUPLICATES, 0)
    job_runner.run_job(job.pk, "worker")
    job.refresh_from_db()
    assert job.result == {"pairs": {"actor": 1, "topic": 0, "proposition": 0}}
    leases.remove_worker("worker")
    DuplicatePair.objects.all().delete()
    assert jobs.schedule_duplicates(None, newsroom.lake) is None
    assert DuplicatePair.objects.count() == 1


def test_the_index_follows_the_names(newsroom: Newsroom) -> None:
    actor = newsroom.actor("Mira Halvorsen")
    newsroom.ann.patch(f"actors/{actor}/", {"name": "Jo Li"}, 1)
    grams = set(NameGram.objects.values_list("gram", flat=True))
    assert grams == {"a jo", "ajo ", "ao l", "a li", "ali "}
