"""Releases: frozen, numbered, the same to the byte, told apart, taken back."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest
import yaml

from annotations.enums import DecisionChoice, ReasonCode
from annotations.exceptions import InvalidInputError
from annotations.formats.release.splits import Splits
from annotations.models import Article, Corpus, Release
from annotations.services import job_runner, releases
from annotations.services.core import articles, corpora
from annotations.services.double_annotation import adjudication, decisions
from annotations.services.registry import entries
from annotations.services.releases.build import build_release
from annotations.services.releases.compare import compare_releases
from annotations.services.releases.verify import verify_release
from tests import factories
from tests.services.released import lines, newsroom_with_gold, path, released
from tests.services.small_newsroom import SmallNewsroom

TEXTLESS = ("jsonl", "quotes", "positions", "dna")


@pytest.fixture
def newsroom(db: None, files_dir: Path) -> SmallNewsroom:
    return newsroom_with_gold()


def test_a_release_holds_what_is_approved_and_tells_what_it_holds(newsroom: SmallNewsroom) -> None:
    made = released(newsroom, name="First", formats=["jsonl", "quotes", "brat", "huggingface"])
    assert made.number == 1
    assert made.counts["articles"] == made.counts["sets"] == 3
    assert made.counts["spans"] == {"total": 9, "by_label": {"actor": 3, "claim": 3, "position": 3}}
    told = json.loads(path(made, "manifest.json").read_text())
    assert told["counts"] == made.counts
    assert [line["type"] for line in lines(made, "lake.jsonl")].count("article") == 3
    for row in made.files.all():
        data = path(made, row.name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (row.bytes, row.sha256)
    listed = {one["name"]: one["sha256"] for one in told["files"]}
    stored = {row.name: row.sha256 for row in made.files.all()}
    assert {name: listed[name] for name in listed} == {name: stored[name] for name in listed}
    assert stored.keys() - listed.keys() == {"manifest.json", "lake-1.zip"}
    with zipfile.ZipFile(path(made, "lake-1.zip")) as packed:
        assert set(packed.namelist()) == stored.keys() - {"lake-1.zip"}
        assert packed.read("lake.jsonl") == path(made, "lake.jsonl").read_bytes()


def test_nobody_who_worked_on_it_is_named_and_nobody_changes_numbers(newsroom: SmallNewsroom) -> None:
    first = released(newsroom, formats=["jsonl", "quotes"])
    second = released(newsroom, formats=["jsonl"])
    text = path(first, "lake.jsonl").read_text() + path(first, "lake.quotes.csv").read_text()
    assert not any(f'"{name}"' in text for name in ("ann", "rae", "max"))
    assert "Is it?" not in text
    owners = [line["sets"][0]["owner"] for line in lines(first, "lake.jsonl") if line["type"] == "article"]
    assert set(owners) == {"person-1"}
    assert path(first, "lake.jsonl").read_bytes() == path(second, "lake.jsonl").read_bytes()


def test_built_again_it_is_the_same_whatever_the_corpus_has_become(
    newsroom: SmallNewsroom, tmp_path: Path
) -> None:
    by = newsroom.people["max"]
    made = released(
        newsroom, formats=["jsonl", "quotes", "huggingface"], splits=releases.parse_splits("story_key")
    )
    article = Article.objects.filter(corpus=newsroom.corpus).order_by("pk")[0]
    articles.update_article(by, article.pk, {"title": "Other"}, version=article.version)
    corpus = Corpus.objects.get(pk=newsroom.corpus.pk)
    corpora.update_corpus(by, corpus.pk, {"guideline": "Other."}, version=corpus.version)
    actor = newsroom.corpus.actors.order_by("pk")[0]
    entries.update_actor(by, actor.pk, {"name": "Renamed"}, version=actor.version)
    made = Release.objects.select_related("corpus").get(pk=made.pk)
    assert list(verify_release(made)) == []
    again = build_release(made, tmp_path / "again")
    assert {one.name: one.sha256 for one in again.files} == {row.name: row.sha256 for row in made.files.all()}


def test_what_is_wrong_is_found_and_files_come_back(newsroom: SmallNewsroom) -> None:
    made = released(newsroom, formats=["jsonl"])
    path(made, "lake.jsonl").write_text("other")
    path(made, "README.md").unlink()
    found = sorted(verify_release(made))
    assert len(found) == 2
    assert "lake.jsonl" in found[1]
    assert list(verify_release(made, restore=True)) == []
    assert list(verify_release(made)) == []
    shutil.rmtree(path(made, ""))
    assert list(verify_release(made, restore=True)) == []
    chunk = made.chunks.get(number=1)
    chunk.data = bytes(chunk.data)[:-9] + b"damaged.."
    chunk.save()
    assert "cannot be built again" in next(iter(verify_release(made)))


@pytest.mark.parametrize("by", ["story_key", "time"])
def test_no_story_stands_in_two_parts(newsroom: SmallNewsroom, by: str) -> None:
    shares = {"train": 50, "validation": 25, "test": 25}
    made = released(newsroom, formats=["jsonl"], sets="none", splits=releases.parse_splits(by, shares))
    parts: dict[str, str] = {}
    for part in shares:
        for line in lines(made, f"lake.{part}.jsonl"):
            if line["type"] == "article":
                assert line["story_key"] is None or parts.setdefault(line["story_key"], part) == part
    assert sum(made.counts["parts"].values()) == made.counts["articles"] == 5


def test_a_hash_is_stable_and_shares_are_kept() -> None:
    rule = Splits("story_key", {"train": 80, "validation": 10, "test": 10}, "seed")
    parts = [rule.assign(f"story {number}", None) for number in range(5000)]
    assert [rule.assign(f"story {number}", None) for number in range(5)] == parts[:5]
    assert 0.77 < parts.count("train") / 5000 < 0.83
    assert rule.assign("story 0", None) == "train"
    other = Splits("story_key", {"train": 90, "test": 10}, "seed")
    # growing the first part moves nothing out of it
    assert all(other.assign(f"story {n}", None) == "train" for n, part in enumerate(parts) if part == "train")


def test_texts_are_withheld(newsroom: SmallNewsroom) -> None:
    made = released(newsroom, formats=TEXTLESS, include_text=False)
    for row in made.files.all():
        if not row.name.endswith(".zip"):
            assert "The lock stays shut" not in path(made, row.name).read_text(), row.name
    line = next(line for line in lines(made, "lake.jsonl") if line["type"] == "article")
    assert line["revisions"][0]["text"] is None
    assert line["revision"]["length"] == len(factories.TEXT) or line["revision"]["length"] > 0
    assert line["sets"][0]["spans"][0]["quote"] == "Ardenia"
    with pytest.raises(InvalidInputError, match="holds whole texts"):
        released(newsroom, formats=["brat"], include_text=False)


def test_licences_are_counted_and_told(newsroom: SmallNewsroom) -> None:
    rows = Article.objects.filter(corpus=newsroom.corpus).order_by("pk")
    for row, licence in zip(rows, ("CC-BY-4.0", "CC-BY-4.0", "all rights reserved"), strict=False):
        Article.objects.filter(pk=row.pk).update(metadata={"license": licence})
    made = released(newsroom, formats=["jsonl"])
    assert made.counts["licences"] == {"CC-BY-4.0": 2, "all rights reserved": 1}
    assert "| CC-BY-4.0 | 2 |" in path(made, "README.md").read_text()
    assert json.loads(path(made, "croissant.json").read_text())["license"] == [
        "CC-BY-4.0",
        "all rights reserved",
    ]


def test_the_card_tells_how_far_annotators_agreed(newsroom: SmallNewsroom) -> None:
    alone = released(newsroom)
    assert "Agreement was not measured" in path(alone, "README.md").read_text()
    article = newsroom.article("twice", annotators=2)
    for name in ("ann", "ben"):
        newsroom.move(name, newsroom.work(name, article), "submit")
    gold = adjudication.begin_adjudication(newsroom.people["rae"], article.pk)[0]
    newsroom.move("max", newsroom.move("rae", gold, "submit"), "start_review", "approve")
    card = path(released(newsroom), "README.md").read_text()
    assert "| claim | 1.00 | 1.00 | 1.00 | 1.00 | 0 |" in card
    others = path(released(newsroom, filter={"external_id": "a1"}), "README.md").read_text()
    assert "Agreement was not measured" in others


def test_joined_marks_are_told_on_the_card(newsroom: SmallNewsroom) -> None:
    corpora.update_corpus(
        newsroom.people["max"],
        newsroom.corpus.pk,
        {"same_label_overlap": True},
        version=newsroom.corpus.version,
    )
    article = newsroom.article("nested", annotators=2)
    for name in ("ann", "ben"):
        row = newsroom.work(name, article)
        if name == "ann":
            factories.make_span(row, "claim", 17, 27, attributes={"claim_type": "assertion"})
        newsroom.move(name, newsroom.fresh(row), "submit")
    gold = adjudication.begin_adjudication(newsroom.people["rae"], article.pk)[0]
    verdicts = [
        decisions.DecisionResolution(id=row.pk, version=1, choice=DecisionChoice.DROP, reason=ReasonCode.SLIP)
        for row in gold.decisions.all()
    ]
    decisions.resolve_decisions(newsroom.people["rae"], gold.pk, verdicts)
    newsroom.move("max", newsroom.move("rae", newsroom.fresh(gold), "submit"), "start_review", "approve")
    card = path(released(newsroom), "README.md").read_text()
    (line,) = [line for line in card.splitlines() if line.startswith("| claim | 0.67")]
    assert line.endswith("| 1.00 | 1 |")
    assert "“Joined” are the marks" in card


@pytest.fixture
def twice(newsroom: SmallNewsroom) -> Article:
    """An article with gold that was made of two sets."""
    article = newsroom.article("twice", annotators=2)
    Article.objects.filter(pk=article.pk).update(story_key="2026-01-01")
    for name in ("ann", "ben"):
        newsroom.move(name, newsroom.work(name, article), "submit")
    gold = adjudication.begin_adjudication(newsroom.people["rae"], article.pk)[0]
    newsroom.move("max", newsroom.move("rae", gold, "submit"), "start_review", "approve")
    return article


def test_independent_sets_stand_beside_the_gold_on_request(newsroom: SmallNewsroom, twice: Article) -> None:
    without = released(newsroom, formats=["jsonl", "quotes"])
    assert not any("independent" in row.name for row in without.files.all())
    made = released(newsroom, formats=["jsonl", "quotes", "huggingface"], independent_sets=True)
    assert made.counts["sets"] == without.counts["sets"] == 4
    assert made.counts["independent_sets"] == 2
    assert path(made, "lake.jsonl").read_bytes() == path(without, "lake.jsonl").read_bytes()
    (article,) = [row for row in lines(made, "lake.independent.jsonl") if row["type"] == "article"]
    assert article["id"] == str(twice.pk)
    owners = {row["owner"] for row in article["sets"]}
    assert len(owners) == 2
    assert all(owner.startswith("person-") for owner in owners)
    rows = lines(made, "lake.independent.huggingface.jsonl")
    assert {row["annotator"] for row in rows} == owners
    everything = "".join(
        path(made, row.name).read_text()
        for row in made.files.all()
        if not row.name.endswith(("zip", "parquet"))
    )
    assert not any(f'"{name}"' in everything for name in newsroom.people)
    assert list(verify_release(made)) == []
    with pytest.raises(InvalidInputError, match="Texts alone have no sets"):
        released(newsroom, sets="none", independent_sets=True)


def test_a_part_without_articles_is_told_and_named_to_no_loader(newsroom: SmallNewsroom) -> None:
    Article.objects.filter(corpus=newsroom.corpus).update(story_key="one-story")
    made = released(newsroom, formats=["huggingface"], splits=releases.parse_splits("story_key"))
    (part,) = [name for name, number in made.counts["parts"].items() if number]
    assert sorted(made.counts["parts"].values()) == [0, 0, 3]
    card = path(made, "README.md").read_text()
    head = yaml.safe_load(card.split("---\n")[1])
    assert [[one["split"] for one in config["data_files"]] for config in head["configs"]] == [[part], [part]]
    assert [config["config_name"] for config in head["dataset_info"]] == ["default", "tokens"]
    for name in {"train", "validation", "test"} - {part}:
        assert f"The part {name} has no articles" in card
        assert path(made, f"lake.{name}.huggingface.parquet").exists()


def test_a_release_says_how_to_cite_it(newsroom: SmallNewsroom) -> None:
    made = released(newsroom, name='Spring: "1"')
    cited = yaml.safe_load(path(made, "CITATION.cff").read_text())
    assert (cited["cff-version"], cited["type"], cited["title"]) == ("1.2.0", "dataset", 'Spring: "1"')
    assert cited["version"] == "1.0.0"
    assert cited["authors"]
    assert cited["date-released"] == f"{made.created_at:%Y-%m-%d}"


def test_filters_choose_and_are_told(newsroom: SmallNewsroom) -> None:
    made = released(newsroom, formats=["jsonl"], filter={"story_key": "story 1", "published_after": None})
    assert made.counts["articles"] == 1
    assert made.filter == {"story_key": "story 1", "sets": "approved"}
    actor = newsroom.corpus.actors.get(name="Lorn")
    made = released(newsroom, formats=["jsonl"], filter={"actor": actor.pk})
    assert made.counts["articles"] == 2


def test_two_releases_are_compared(newsroom: SmallNewsroom) -> None:
    first = released(newsroom, formats=["jsonl"])
    row = newsroom.corpus.sets.get(state="open")
    newsroom.move("rae", newsroom.move("ann", row, "submit"), "start_review", "approve")
    article = Article.objects.filter(corpus=newsroom.corpus, external_id="a0").get()
    articles.update_article(newsroom.people["max"], article.pk, {"title": "Other"}, version=article.version)
    newsroom.actor("Newcomer")
    second = released(newsroom, formats=["quotes"])
    told = compare_releases(first, second)
    counts = {
        what: {kind: told[what][kind]["count"] for kind in told[what]}
        for what in ("articles", "spans", "registry")
    }
    assert counts == {
        "articles": {"added": 1, "removed": 0, "changed": 1},
        "spans": {"added": 3, "removed": 0, "changed": 0},
        "registry": {"added": 1, "removed": 0, "changed": 0},
    }
    assert told["articles"]["changed"]["ids"] == [str(article.pk)]
    assert compare_releases(second, first)["articles"]["removed"]["count"] == 1
    assert compare_releases(first, first)["spans"]["changed"]["count"] == 0


def test_the_same_id_makes_one_release(newsroom: SmallNewsroom) -> None:
    first = released(newsroom, formats=["jsonl"])
    order = releases.ReleaseRequest(id=first.pk, formats=["jsonl"])
    again, new = job_runner.make_release(newsroom.people["max"], newsroom.corpus, order)
    assert (again.pk, new) == (first.pk, False)
    assert Release.objects.count() == 1
