"""While several people annotate independently, nothing of what one marks is seen by another.

Every address that can be read is asked before and after one set gets its content, by one person each in
turn, and by everybody in the slow lane; for others than its owner the answers have to be the same to the
byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import cycle
from typing import Any

import pytest

from annotations.formats import FORMATS
from tests.api.matrix import there
from tests.api.matrix_rows import MISSING, ROWS
from tests.api.resources import NAMES
from tests.newsroom import PERSONAS, Newsroom, span

OTHERS = tuple(who for who in PERSONAS if who not in ("ben", "anonymous"))
QUOTE = "is opposed to any new toll"
#: What goes on while a slow machine asks: how long work has waited, and when something was counted.
TIMES = re.compile(rb'"(?:(?:median|longest)_hours": ?[\d.]+|as_of": ?"[^"]+")')


class Study:
    """An article for two, ann's set on it, and ben's, of which nobody else may see the content."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.actor, self.issue = newsroom.actor("Ardenia"), newsroom.proposition("A levy")
        self.article = newsroom.article(annotators=2, title="Shared")
        self.mine = newsroom.set("ann", self.article)
        self.hidden = newsroom.set("ben", self.article)
        self.span = self.relation = self.comment = MISSING

    def fill(self) -> None:
        """Let ben mark, link and comment."""
        ben, at = self.newsroom.ben, f"sets/{self.hidden.pk}"
        mention = ben.post(f"{at}/spans/", span(60, 69, actor=self.actor)).data
        stand = {"stance": "oppose", "basis": "stated", "attribution": "named"}
        body = span(70, 96, "position", proposition=self.issue, attributes=stand, quote=QUOTE)
        self.span = ben.post(f"{at}/spans/", body).data["id"]
        link = {"type": "held_by", "source": self.span, "target": mention["id"]}
        self.relation = ben.post(f"{at}/relations/", link).data["id"]
        missing = {"text": "Secret?", "start": 4, "end": 18, "suggestion": {"label": "actor"}}
        assert ben.post(f"{at}/comments/", missing).status == 201
        self.comment = ben.post(f"{at}/comments/", {"text": "Secret?", "span": self.span}).data["id"]

    def addresses(self) -> list[str]:
        """Everything that can be read and could tell of it, with every filter that could ask for it."""
        found = []
        for key, row in ROWS.items():
            if key.startswith("GET") and there(key):
                address = key.split()[1]
                for name in row.at:
                    address = re.sub("<.*?>", f"{{{name}}}", address, count=1)
                found.append(address + row.query)
        linked = ("actor={actor}", "proposition={proposition}")
        of_it = (*linked, "article={article}", "state=open", "label=position")
        asked = {
            "articles": (*linked, "status=annotating", "search=toll"),
            "spans": of_it,
            "sets": ("owner=ben", "article={article}", "state=open", "owner=ben&state=submitted"),
            "export": [f"sets=all&{more}" for more in (*(f"format={name}" for name in FORMATS), *linked)],
            "events": ("after=0",),
            "propositions": ("status=accepted",),
        }
        return found + [f"corpora/lake/{path}/?{query}" for path in asked for query in asked[path]]

    def seen(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
        """What these people are answered at these addresses."""
        things = dict.fromkeys(NAMES, MISSING) | {
            "corpus": "lake",
            "empty": "lake",
            "member": "ben",
            "article": self.article.pk,
            "open": self.hidden.pk,
            "span": self.span,
            "relation": self.relation,
            "comment": self.comment,
            "actor": self.actor,
            "proposition": self.issue,
        }
        found = {}
        for who, address in asked:
            reply = self.newsroom[who].raw("GET", address.format_map(things))
            found[who, address] = (reply.status, TIMES.sub(b"", reply.content))
        return found


@pytest.fixture
def study(newsroom: Newsroom) -> Study:
    return Study(newsroom)


@pytest.mark.parametrize(
    "people",
    [
        pytest.param((), id="in-turn"),
        *(pytest.param((who,), id=who, marks=pytest.mark.slow) for who in OTHERS),
    ],
)
def test_nothing_changes_for_others_when_somebody_marks(study: Study, people: tuple[str, ...]) -> None:
    asked = list(zip(cycle(people or OTHERS), study.addresses(), strict=False))
    before = study.seen(asked)
    study.fill()
    after = study.seen(asked)
    version = study.newsroom.fresh(study.hidden).version
    assert version == 6
    # managers see the row, and with it its version
    of_row = re.compile(rb'("id":"%s".*?"version":)6' % str(study.hidden.pk).encode())
    for (who, address), (status, content) in after.items():
        assert b"Secret?" not in content
        shown = of_row.sub(rb"\g<1>1", content) if who in ("max", "ada") else content
        assert (status, shown) == before[who, address], (who, address)


def test_what_its_owner_sees(study: Study) -> None:
    study.fill()
    ben, hidden = study.newsroom.ben, study.hidden.pk
    shown = ben.get(f"sets/{hidden}/").data
    assert [each["quote"] for each in shown["spans"]] == ["Ada Verde", QUOTE]
    assert (len(shown["relations"]), len(shown["comments"])) == (1, 2)
    assert len(ben.all("corpora/lake/spans/")) == 2
    assert len(ben.all(f"sets/{hidden}/history/")) == 6
    assert ben.get("corpora/lake/stats/").data["spans"]["total"] == 2
    assert [each["id"] for each in ben.all("corpora/lake/articles/", actor=study.actor)] == [
        str(study.article.pk)
    ]
    assert shown["article"]["annotators"] is None


def test_managers_see_the_row_and_are_told_that_the_rest_is_hidden(study: Study) -> None:
    study.fill()
    for who in ("max", "ada"):
        caller, at = study.newsroom[who], f"sets/{study.hidden.pk}/"
        rows = {each["id"]: each for each in caller.all("corpora/lake/sets/")}
        assert rows[str(study.hidden.pk)]["owner"] == "ben"
        for path in ("", "spans/", "relations/", "comments/", "problems/", "history/"):
            assert caller.get(at + path).refusal == (403, "blind"), (who, path)
        assert caller.post(f"{at}comments/", {"text": "Well?"}).refusal == (403, "blind")
        assert caller.move(study.hidden.pk, "take-over", reason="So.").refusal == (403, "blind")
        # also where the version is stale or missing: who may not see is told that first
        assert caller.post(f"{at}take-over/", {"reason": "So."}).refusal == (403, "blind")
        assert caller.get(f"spans/{study.span}/").status == 404
    for who in ("ann", "rae", "vic", "sam"):
        for path in ("", "spans/", "relations/", "comments/", "problems/", "history/"):
            assert study.newsroom[who].get(f"sets/{study.hidden.pk}/{path}").refusal == (404, "not-found")


def test_a_manager_who_annotates_sees_no_more_than_others(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    own, hidden = newsroom.set("max", article), newsroom.set("ben", article)
    newsroom.ben.post(f"sets/{hidden.pk}/spans/", span())
    assert newsroom.max.get(f"sets/{hidden.pk}/").refusal == (403, "blind")
    assert newsroom.max.get(f"sets/{own.pk}/").status == 200
    newsroom.max.post(f"sets/{own.pk}/spans/", span())
    assert newsroom.max.move(own.pk, "submit").status == 200
    assert newsroom.max.get(f"sets/{hidden.pk}/").refusal == (403, "blind")
    assert newsroom.rae.get(f"sets/{own.pk}/").status == 404


def test_all_is_seen_when_all_have_submitted(study: Study) -> None:
    newsroom = study.newsroom
    study.fill()
    assert newsroom.ann.move(study.mine.pk, "submit").status == 200
    for who in ("rae", "max", "ada"):
        assert newsroom[who].get(f"sets/{study.mine.pk}/").status == (404 if who == "rae" else 403)
    # one may still take one's own back
    assert newsroom.ann.move(study.mine.pk, "recall").status == 200
    newsroom.ann.move(study.mine.pk, "submit")
    assert newsroom.ben.move(study.hidden.pk, "submit").status == 200
    for who in ("rae", "max", "ada"):
        caller = newsroom[who]
        assert [each["quote"] for each in caller.get(f"sets/{study.hidden.pk}/").data["spans"]][-1] == QUOTE
        assert len(caller.all("corpora/lake/spans/", proposition=study.issue)) == 1
        assert len(caller.all(f"sets/{study.hidden.pk}/history/")) == 7
        assert caller.get(f"spans/{study.span}/").status == 200
    assert len(newsroom.max.all("corpora/lake/articles/", actor=study.actor)) == 1
    # annotators still do not see one another's
    assert newsroom.ann.get(f"sets/{study.hidden.pk}/").status == 404
    article = newsroom.vic.get(f"articles/{study.article.pk}/").data
    assert article["status"] == "ready_for_adjudication"
    for who, row in (("ann", study.mine), ("ben", study.hidden)):
        assert newsroom[who].move(row.pk, "recall").refusal == (409, "not-allowed-now")
    # independent sets are not reviewed one by one
    assert newsroom.rae.move(study.mine.pk, "start-review").refusal == (409, "not-allowed-now")
    assert newsroom.rae.post("corpora/lake/queue/", {"task": "review"}).data["set"] is None


def test_calibration_is_hidden_too(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    rows = {}
    for who in ("ann", "ben"):
        body = {"owner": who, "round": "calibration"}
        rows[who] = newsroom.max.post(f"articles/{article.pk}/sets/", body).data["id"]
        newsroom[who].post(f"sets/{rows[who]}/spans/", span())
    assert newsroom.max.get(f"sets/{rows['ann']}/").refusal == (403, "blind")
    newsroom.ann.move(rows["ann"], "submit")
    assert newsroom.max.get(f"sets/{rows['ann']}/").refusal == (403, "blind")
    newsroom.ben.move(rows["ben"], "submit")
    assert newsroom.max.get(f"sets/{rows['ann']}/").status == 200


def test_a_withdrawn_set_hides_the_others_again(study: Study) -> None:
    newsroom = study.newsroom
    for who, row in (("ann", study.mine), ("ben", study.hidden)):
        newsroom[who].post(f"sets/{row.pk}/spans/", span())
        newsroom[who].move(row.pk, "submit")
    assert newsroom.rae.get(f"sets/{study.hidden.pk}/").status == 200
    newsroom.max.move(study.mine.pk, "withdraw", reason="By mistake.")
    assert newsroom.rae.get(f"sets/{study.hidden.pk}/").status == 404
    assert newsroom.max.get(f"sets/{study.hidden.pk}/").refusal == (403, "blind")


def test_whether_there_is_a_second_annotator_is_told_to_managers_only(study: Study) -> None:
    newsroom = study.newsroom
    for who in ("ann", "ben", "rae", "vic"):
        caller = newsroom[who]
        assert caller.get(f"articles/{study.article.pk}/").data["annotators"] is None
        assert {each["annotators"] for each in caller.all("corpora/lake/articles/")} == {None}
    assert newsroom.max.get(f"articles/{study.article.pk}/").data["annotators"] == 2
    assert [each["owner"] for each in newsroom.ann.all(f"articles/{study.article.pk}/sets/")] == ["ann"]
    assert newsroom.rae.all(f"articles/{study.article.pk}/sets/") == []
    assert newsroom.ann.get("corpora/lake/stats/").data["sets"]["total"] == 1
