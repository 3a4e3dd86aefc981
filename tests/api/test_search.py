"""Search over HTTP: the same hits on both engines, each the very words of the text, and nothing blind."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.models import Article, SearchPart, term_index
from annotations.services.core.search_index import rebuild_search_index
from annotations.services.integrity import run_checks
from tests.newsroom import TEXT, Caller, Newsroom, new_id, span

PROVES = False  # rows of others; the matrix asks for roles

AT = "corpora/lake/search/"

NASTY = {
    "arabic": "قال مُحَمَّد إن الحكومة تعارض الرسوم.",
    "hebrew": "שָׁלוֹם אמר דובר צה״ל, ושלום אמר ראש הממשלה.",
    "thai": "นายกรัฐมนตรีกล่าวว่าไทยจะไม่ขึ้นภาษี",
    "japanese": "東京都庁は新しい税に反対した。京都では賛成した。",
    "tajik": "Президенти Тоҷикистон дар Душанбе гуфт. Тоҷикистон рушд мекунад.",
    "marks": "Cafe\u0301 Müller in O\u0308sterreich, I\u0307stanbul und Straßenbau.",
    "ligatures": "The ﬁne oﬃce of Ａｎｎ O’Brien paid 1,000.5 in the U.S.",
    "emoji": "Toll 👍🏿 yes, toll\u200d no 👩🏽\u200d✈️ lock",
    "soft": "co\u00adop\u00ader\u00adate with the harbour\u200bmaster",
    "turkish": "İstanbul ISTANBUL ıstanbul",
    "greek": "Κνωσσός και ΚΝΩΣΣΟΣ",
    "mixed": "In 東京 the lock closes, says Душанбе radio.",
}

#: A question, and the hits that it has in each text that it finds.
FOUND = [
    ("محمد", {"arabic": ["مُحَمَّد"]}),
    ("שלום", {"hebrew": ["שָׁלוֹם"]}),
    ("ไทย", {"thai": ["ไทย"]}),
    ("京都", {"japanese": ["京都", "京都"]}),
    ('"東京都庁は"', {"japanese": ["東京都庁は"]}),
    ("tokyo", {}),
    ("душанбе", {"tajik": ["Душанбе"], "mixed": ["Душанбе"]}),
    ("dushanbe", {"tajik": ["Душанбе"], "mixed": ["Душанбе"]}),
    ("тоҷик*", {"tajik": ["Тоҷикистон", "Тоҷикистон"]}),
    ("tojik*", {"tajik": ["Тоҷикистон", "Тоҷикистон"]}),
    ("café MULLER österreich", {"marks": ["Cafe\u0301", "Müller", "O\u0308sterreich"]}),
    ("strassenbau", {"marks": ["Straßenbau"]}),
    ("istanbul", {"turkish": ["İstanbul", "ISTANBUL", "ıstanbul"], "marks": ["I\u0307stanbul"]}),
    ("fine office ann", {"ligatures": ["ﬁne", "oﬃce", "Ａｎｎ"]}),
    ("o'brien 1,000.5 u.s", {"ligatures": ["O’Brien", "1,000.5", "U.S"]}),
    ("toll", {"emoji": ["Toll", "toll\u200d"]}),
    ("cooperate", {"soft": ["co\u00adop\u00ader\u00adate"]}),
    ("harbourmaster", {}),
    ("harbour*", {"soft": ["harbour"]}),
    ("κνωσσοσ", {"greek": ["Κνωσσός", "ΚΝΩΣΣΟΣ"]}),
    ("knossos", {"greek": ["Κνωσσός", "ΚΝΩΣΣΟΣ"]}),
    ('"in 東京 the"', {"mixed": ["In 東京 the"]}),
    ('"says dushanbe radio"', {"mixed": ["says Душанбе radio"]}),
    ('"東 jing"', {}),
    ("lock -radio", {"emoji": ["lock"]}),
    ("lock OR knossos -тоҷикистон", {"emoji": ["lock"], "mixed": ["lock"], "greek": ["Κνωσσός", "ΚΝΩΣΣΟΣ"]}),
    ('"the lock', {"mixed": ["the lock"]}),
    ("title:greek", {"greek": []}),
    ("-the title:i*", {}),
    ("👍🏿 !", {}),
    ("", {}),
]


@pytest.fixture
def nasty(newsroom: Newsroom) -> Newsroom:
    for name, text in NASTY.items():
        newsroom.article(text, title=name, external_id=name)
    return newsroom


def hits(caller: Caller, question: str, **parameters: Any) -> dict[str, list[str]]:
    """The quotes of the hits by the title of their article; offsets and context are checked on the way."""
    found = caller.all(AT, q=question, **parameters)
    texts = {row["article"]["id"]: caller.get(f"articles/{row['article']['id']}/text/") for row in found}
    for row in found:
        text = texts[row["article"]["id"]].content.decode()
        assert row["hits_total"] >= len(row["hits"])
        for hit in row["hits"]:
            if parameters.get("in", "texts") in ("texts", "quotes"):
                assert text[hit["start"] : hit["end"]] == hit["quote"]
                assert text[: hit["start"]].endswith(hit["before"])
                assert text[hit["end"] :].startswith(hit["after"])
    return {row["article"]["title"]: [hit["quote"] for hit in row["hits"]] for row in found}


def test_both_engines_find_the_same(nasty: Newsroom, subtests: pytest.Subtests) -> None:
    for question, expected in FOUND:
        with subtests.test(question):
            assert hits(nasty.vic, question) == expected
            listed = nasty.vic.all("corpora/lake/articles/", q=question or "!")
            assert {row["title"] for row in listed} == set(expected)


def test_common_words_are_found_one_by_one(
    nasty: Newsroom, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Common words are looked for in another way than rare ones."""
    monkeypatch.setattr(term_index, "COMMON", 1)
    test_both_engines_find_the_same(nasty, subtests)


def test_what_is_understood_is_told(newsroom: Newsroom) -> None:
    reply = newsroom.vic.get(AT, q='"the lock OR toll -')
    assert list(reply.data) == ["understood", "next", "previous", "results", "facets"]
    assert reply.data["understood"] == '"the lock OR toll"'
    assert reply.data["facets"] is None


def test_a_phrase_across_the_seams_of_a_long_text(newsroom: Newsroom) -> None:
    """A common word fills block after block; every word and phrase of a megabyte is found nevertheless."""
    words = ["the lock"] * 1_000
    places = (0, 255, 256, 300, 511, 777, 999)
    for number in places:
        words[number] = f"the lock number{number} closes"
    filler = "Lorem ipsum dolor sit amet consetetur. " * 24_000
    newsroom.article(" ".join(words) + " " + filler + "and the very last word")
    for number in places:
        for question in (f"number{number}", f'"the lock number{number} closes"'):
            found = newsroom.vic.get(AT, q=question).data["results"]
            assert [row["hits_total"] for row in found] == [1], question
    assert newsroom.vic.get(AT, q='"very last word" number0').data["results"][0]["hits_total"] == 2
    [row] = newsroom.vic.get(AT, q='"the lock"').data["results"]
    assert (row["hits_total"], len(row["hits"])) == (1_000, 20)
    assert SearchPart.objects.filter(place="text").count() > 10


def test_pages_by_date(newsroom: Newsroom) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    names = [
        newsroom.article(
            "A lock.", title=f"{n}", published_at=None if n < 3 else start + timedelta(days=n // 2)
        ).title
        for n in range(11)
    ]
    expected = [*reversed(names[3:]), *reversed(names[:3])]
    first = newsroom.vic.get(AT, q="lock", page_size=4)
    seen = [[row["article"]["title"] for row in first.data["results"]]]
    reply = first
    while reply.data["next"]:
        reply = newsroom.vic.raw("GET", reply.data["next"])
        seen.append([row["article"]["title"] for row in reply.data["results"]])
    assert [name for page in seen for name in page] == expected
    back = newsroom.vic.raw("GET", reply.data["previous"])
    assert [row["article"]["title"] for row in back.data["results"]] == seen[-2]
    back = newsroom.vic.raw("GET", back.data["previous"])
    assert [row["article"]["title"] for row in back.data["results"]] == seen[0]
    assert back.data["previous"] is None
    assert newsroom.vic.get(AT, q="lock", cursor="x").refusal == (400, "invalid")
    foreign = first.data["next"].replace("q=lock", "q=toll")
    assert newsroom.vic.raw("GET", foreign).refusal == (400, "invalid")


def test_relevance_begins_with_titles(newsroom: Newsroom) -> None:
    newsroom.article("The lock.", title="Old lock", published_at=datetime(2020, 1, 1, tzinfo=UTC))
    newsroom.article("The lock.", title="New", published_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert list(hits(newsroom.vic, "lock")) == ["New", "Old lock"]
    assert list(hits(newsroom.vic, "lock", sort="relevance", page_size=1)) == ["Old lock", "New"]


def test_filters_and_fields(newsroom: Newsroom) -> None:
    newsroom.article("A lock.", title="One", source="Straßen-Post", language="de")
    newsroom.article("A lock.", title="Two", source="Sea Times", language="en")
    vic = newsroom.vic
    assert list(hits(vic, "lock", language="de")) == ["One"]
    assert list(hits(vic, "lock source:strassen")) == ["One"]
    assert list(hits(vic, "lock -source:strassen")) == ["Two"]
    assert list(hits(vic, "title:two OR source:post lock")) == ["Two", "One"]
    assert hits(vic, "ONE", **{"in": "titles"}) == {"One": ["One"]}
    found = vic.get(AT, q="lock", facets="true").data["facets"]
    assert {row["value"]: row["count"] for row in found["source"]} == {"Straßen-Post": 1, "Sea Times": 1}
    assert (found["month"], [row["value"] for row in found["language"]]) == ([], ["de", "en"])


@pytest.mark.parametrize(
    "sent",
    [{}, {"q": "a", "in": "x"}, {"q": "a", "context": "501"}, {"q": "a" * 1001}, {"q": "a", "label": "x"}],
)
def test_what_is_no_search(newsroom: Newsroom, sent: dict[str, Any]) -> None:
    assert newsroom.vic.get(AT, **sent).refusal == (400, "invalid")
    assert newsroom.sam.get(AT, q="lock").status == 404


def test_what_is_said_of_spans(newsroom: Newsroom) -> None:
    """Actor, stance and issue are those of one span; a merged actor is found by all its names."""
    ada, bob = newsroom.actor("Ada Verde"), newsroom.actor("Bob Roth")
    issue = newsroom.proposition("A new toll")
    row = newsroom.set(article=newsroom.article(title="First"))
    newsroom.ann.post(f"sets/{row.pk}/spans/", span(actor=ada))
    who = newsroom.ann.get(f"sets/{row.pk}/spans/").data["results"][0]["id"]
    position = newsroom.ann.post(
        f"sets/{row.pk}/spans/",
        span(70, 96, "position", proposition=issue,
             attributes={"stance": "oppose", "basis": "stated", "attribution": "named"}),
    ).data["id"]  # fmt: skip
    newsroom.ann.post(f"sets/{row.pk}/relations/", {"type": "held_by", "source": position, "target": who})
    other = newsroom.set(article=newsroom.article(title="Second"))
    newsroom.ann.post(f"sets/{other.pk}/spans/", span(actor=bob))
    ann = newsroom.ann
    assert list(hits(ann, 'actor:"ada verde" stance:oppose issue:toll')) == ["First"]
    assert list(hits(ann, 'actor:"Bob Roth" stance:oppose')) == []
    assert list(hits(ann, 'toll -actor:"Bob Roth"')) == ["First"]
    assert hits(ann, "actor:verde toll", **{"in": "quotes"}) == {"First": ["toll"]}
    assert hits(ann, "stance:oppose", **{"in": "quotes"}) == {"First": [TEXT[70:96]]}
    assert hits(ann, "ada", **{"in": "quotes"}) == {"Second": ["Ada"], "First": ["Ada"]}
    assert hits(ann, "ada", **{"in": "quotes"}, actor=ada) == {"First": ["Ada"]}
    assert hits(ann, "toll", **{"in": "quotes"}, label="actor") == {}
    assert list(hits(ann, "toll", label="position")) == ["First"]
    assert hits(ann, "lock", **{"in": "quotes"}) == {}
    [found] = ann.get(AT, q="toll", label="position").data["results"]
    assert [hit["spans"] for hit in found["hits"]] == [[position]]
    merged = newsroom.rae.post(f"actors/{bob}/merge/", {"into": ada, "reason": "One person"}, version=1)
    assert merged.status == 201, merged
    for name in ("Bob Roth", "ada verde", "ROTH"):
        assert set(hits(ann, f'actor:"{name}"')) == {"First", "Second"}, name
    [facet] = ann.get(AT, q="toll", facets="true").data["facets"]["actor"]
    assert facet == {"value": ada, "name": "Ada Verde", "count": 2}


def test_comments(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    said = newsroom.rae.post(f"sets/{row.pk}/comments/", {"text": "Is the Straße named?"}).data
    [found] = newsroom.ann.get(AT, q="strasse", **{"in": "comments"}).data["results"]
    [hit] = found["hits"]
    assert (hit["quote"], hit["start"], hit["comment"]) == ("Straße", 7, said["id"])
    assert newsroom.vic.get(AT, q="strasse", **{"in": "comments"}).data["results"] == []
    assert newsroom.ben.get(AT, q="strasse", **{"in": "comments"}).data["results"] == []


def test_a_blind_set_says_nothing(newsroom: Newsroom) -> None:
    """Its owner finds its words; nobody else does, in no hit, facet, count or span."""
    ada, issue = newsroom.actor("Ada Verde"), newsroom.proposition("A new toll")
    article = newsroom.article(annotators=2)
    row = newsroom.set(article=article)
    position = span(70, 96, "position", proposition=issue, attributes={"stance": "oppose"})
    newsroom.ann.post(f"sets/{row.pk}/spans/", [span(actor=ada), position])
    newsroom.set("ben", article)
    asked: list[dict[str, Any]] = [
        {"q": "ada", "in": "quotes"},
        {"q": "actor:verde"},
        {"q": "toll stance:oppose"},
        {"q": "issue:toll"},
        {"q": "toll", "label": "position"},
        {"q": "toll", "actor": ada},
    ]
    for name in ("ann", "ben", "rae", "max", "vic", "ada"):
        for sent in asked:
            reply = newsroom[name].get(AT, **sent, facets="true").data
            assert bool(reply["results"]) == (name == "ann"), (name, sent)
        reply = newsroom[name].get(AT, q="toll", facets="true").data
        assert bool(reply["facets"]["actor"]) == (name == "ann")
        assert any(hit["spans"] for hit in reply["results"][0]["hits"]) == (name == "ann")
        listed = newsroom[name].all("corpora/lake/articles/", q="actor:verde")
        assert bool(listed) == (name == "ann")
        exported = newsroom[name].get("corpora/lake/export/", q="actor:verde", sets="all", format="jsonl")
        assert (b'"type":"article"' in exported.content.replace(b" ", b"")) == (name == "ann")


def test_new_titles_revisions_and_deletions(newsroom: Newsroom) -> None:
    sent = {"text": "The lock.", "title": "First"}
    made = newsroom.max.post("corpora/lake/articles/", sent)
    at = f"articles/{made.data['id']}/"
    assert hits(newsroom.vic, "lock title:first") == {"First": ["lock"]}
    assert newsroom.max.patch(at, {"title": "Zweiter"}, 1).status == 200
    assert hits(newsroom.vic, "lock title:first") == {}
    assert hits(newsroom.vic, "lock title:zweiter") == {"Zweiter": ["lock"]}
    newsroom.max.post(f"{at}revisions/", {"text": "The harbour.", "reason": "x"}, version=2)
    assert hits(newsroom.vic, "lock") == {}
    [found] = newsroom.vic.get(AT, q="harbour").data["results"]
    assert found["revision"]["number"] == 2
    assert newsroom.max.delete(at, 3).status == 204
    assert hits(newsroom.vic, "harbour") == {}
    assert run_checks().checks["search-index"].found == 0


def test_an_import_is_found(newsroom: Newsroom) -> None:
    line = '{"external_id": "a1", "title": "%s", "text": "%s"}\n'
    for title, text in (("Eins", "Der Straßenbau."), ("Zwei", "Der Brückenbau.")):
        reply = newsroom.max.raw(
            "POST", "corpora/lake/imports/?on_conflict=update", (line % (title, text)).encode(),
            "application/x-ndjson",
        )  # fmt: skip
        assert (reply.status, reply.data["failed"]) == (200, 0)
        assert hits(newsroom.vic, f'"{text[4:-1]}" title:{title}') == {title: [text[4:-1]]}
    assert hits(newsroom.vic, "strassenbau") == {}
    assert run_checks().checks["search-index"].noticed == 0


def test_a_rebuilt_index_finds_the_same(nasty: Newsroom) -> None:
    before = [hits(nasty.vic, question) for question, _ in FOUND]
    for corpus in (None, nasty.lake):
        rebuild_search_index(corpus)
        assert [hits(nasty.vic, question) for question, _ in FOUND] == before
    assert run_checks().checks["search-index"].found == 0


@pytest.mark.parametrize("place", ["texts", "titles", "quotes", "comments"])
def test_query_counts_do_not_grow(newsroom: Newsroom, place: str) -> None:
    def ask() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            reply = newsroom.rae.get(AT, q="ada OR toll", **{"in": place}, facets="true")
        assert reply.status == 200
        found.append(len(reply.data["results"]))
        return len(queries)

    def fill() -> None:
        row = newsroom.submitted(article=newsroom.article(title="Ada"))
        newsroom.rae.post(f"sets/{row.pk}/comments/", {"text": "Which toll?"})

    found: list[int] = []
    fill()
    few = ask()
    for _ in range(4):
        fill()
    assert ask() == few
    assert found == [1, 5]
    assert few <= 16


def test_assignments_take_questions(newsroom: Newsroom) -> None:
    wanted = newsroom.article("Der Straßenbau.")
    newsroom.article("Der Brückenbau.")
    body = {"filter": {"q": "strassenbau"}, "owners": ["ann"], "strategy": "round_robin"}
    reply = newsroom.max.post("corpora/lake/assignments/", body)
    assert reply.status == 201, reply
    assert [row["article"] for row in reply.data] == [str(wanted.pk)]


def test_saved_searches(newsroom: Newsroom) -> None:
    at = "corpora/lake/searches/"
    sent = {
        "id": new_id(),
        "name": "Toll",
        "query": "toll -lock",
        "filters": {"in": "quotes"},
        "shared": False,
    }
    made = newsroom.vic.post(at, sent)
    assert (made.status, made.data["owner"]) == (201, "vic")
    assert {name: made.data[name] for name in sent} == sent
    assert made.data["shared"] is False
    assert newsroom.vic.post(at, sent).status == 200
    assert newsroom.vic.post(at, {**sent, "id": new_id()}).refusal == (409, "duplicate")
    assert newsroom.vic.post(at, {**sent, "id": new_id(), "filters": {"in": "x"}}).refusal == (400, "invalid")
    assert newsroom.vic.post(at, {**sent, "id": new_id(), "filters": {"y": "x"}}).refusal == (400, "invalid")
    mine = f"searches/{sent['id']}/"
    assert newsroom.max.get(mine).status == 404
    assert newsroom.max.all(at) == []
    assert newsroom.vic.patch(mine, {"shared": True}, 1).status == 200
    assert [row["name"] for row in newsroom.ann.all(at)] == ["Toll"]
    assert newsroom.ann.patch(mine, {"name": "Other"}, 2).refusal == (403, "role")
    assert newsroom.sam.get(mine).status == 404
    assert newsroom.vic.patch(mine, {"name": "Other"}, 1).refusal == (412, "stale")
    assert newsroom.max.delete(mine, 2).status == 204
    assert newsroom.vic.all(at) == []


def test_the_text_is_in_no_list(newsroom: Newsroom) -> None:
    """Beside its hits and their surroundings, an answer holds nothing of the text."""
    newsroom.article("Secret start. " + "x " * 300 + "lock" + " y" * 300 + " secret end.")
    reply = newsroom.vic.get(f"{AT}?q={quote('lock')}&context=10")
    assert b"ecret" not in reply.content
    assert Article.objects.count() == 1


def test_hits_as_a_table(newsroom: Newsroom) -> None:
    row = newsroom.approved(article=newsroom.article(title="First", external_id="a1"))
    newsroom.article("Der Straßenbau.")
    at = "corpora/lake/export/"
    reply = newsroom.vic.get(at, format="kwic", q='"ada verde" OR toll')
    found = list(csv.DictReader(io.StringIO(reply.content.decode())))
    assert [(hit["external_id"], hit["quote"]) for hit in found] == [("a1", "Ada Verde"), ("a1", "toll")]
    for hit in found:
        start, end = int(hit["start"]), int(hit["end"])
        assert TEXT[start:end] == hit["quote"]
        assert (hit["before"], hit["after"]) == (TEXT[max(0, start - 60) : start], TEXT[end : end + 60])
    assert found[0]["span_ids"] == str(row.spans.get().pk)
    assert newsroom.vic.get(at, format="kwic").refusal == (400, "invalid")
    assert newsroom.vic.get(at, format="kwic", q="title:first").pointers == ["q"]
    release = newsroom.max.post("corpora/lake/releases/", {"formats": ["kwic"], "sets": "none"})
    assert release.refusal == (400, "invalid")
