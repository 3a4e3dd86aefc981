"""The rights in articles come with files and leave with ours; what does not fit is told by its row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotations.models import Article, ArticleRights, Event
from annotations.text.parsing import format_timestamp
from tests.newsroom import Newsroom

FULL = {
    "licence": "CC-BY-NC-4.0",
    "licence_url": "https://creativecommons.org/licenses/by-nc/4.0/",
    "holder": "Lakeside Agency",
    "notice": "© 2026\nAll rights reserved.",
    "may_export_text": "quotes",
    "max_quote_share": 0.25,
    "may_send_out": False,
    "embargo_until": "2020-03-01T12:00:00Z",
}
WXR = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel><item>'
    "<title>The lock</title><content:encoded><![CDATA[<p>A text.</p>]]></content:encoded>"
    "<dc:rights>Ask the desk.</dc:rights><wp:post_id>1</wp:post_id></item></channel></rss>"
)
TEI = (
    '<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="a1"><teiHeader><fileDesc><publicationStmt>'
    '<availability><licence target="https://creativecommons.org/licenses/by/4.0/">'
    "By name.</licence></availability>"
    "</publicationStmt></fileDesc></teiHeader><text><body><p>A text.</p></body></text></TEI>"
)


@pytest.fixture
def newsroom(db: None) -> Newsroom:
    return Newsroom()


def send(newsroom: Newsroom, content: str, format: str, **options: Any) -> Any:
    path = f"corpora/lake/imports/?format={format}"
    path += "".join(f"&{name}={value}" for name, value in options.items())
    kind = "application/x-ndjson" if format == "jsonl" else "application/octet-stream"
    reply = newsroom.max.raw("POST", path, content.encode(), kind)
    assert reply.status == 200, reply
    return reply.data


def line(**fields: Any) -> str:
    return json.dumps({"external_id": "a1", "text": "A text.", **fields}) + "\n"


def rights_of(external_id: str = "a1") -> dict[str, Any]:
    row = ArticleRights.objects.get(article__external_id=external_id)
    until = row.embargo_until and format_timestamp(row.embargo_until)
    values = {name: getattr(row, name) for name in FULL if name != "embargo_until"}
    return {
        name: value for name, value in {**values, "embargo_until": until}.items() if value not in ("", None)
    }


def test_lines_bring_rights_and_exports_hold_them(newsroom: Newsroom) -> None:
    assert send(newsroom, line(rights=FULL) + line(external_id="a2"), "jsonl")["created"] == 2
    assert rights_of() == FULL
    rows = newsroom.max.get("corpora/lake/export/", format="jsonl", sets="none").content.decode().splitlines()
    articles = {row["external_id"]: row for row in map(json.loads, rows) if row["type"] == "article"}
    assert articles["a1"]["rights"] == FULL
    assert "rights" not in articles["a2"]
    assert list(articles["a1"])[-6:-3] == ["excluded_reason", "rights", "revision"]
    # its text does not leave, so that what left cannot bring it back
    again = send(newsroom, line(rights=articles["a1"]["rights"]), "jsonl", on_conflict="update")
    assert (again["updated"], again["skipped"]) == (0, 1)
    actions = Event.objects.filter(article_id=articles["a1"]["id"]).order_by("seq")
    assert list(actions.values_list("action", flat=True)) == ["article_added", "article_rights_changed"]


def test_an_update_changes_the_rights_that_it_sends_and_no_others(newsroom: Newsroom) -> None:
    send(newsroom, line(rights=FULL), "jsonl")
    assert send(newsroom, line(title="New"), "jsonl", on_conflict="update")["updated"] == 1
    assert rights_of() == FULL
    sent = line(rights={"holder": "Another", "licence": None})
    assert send(newsroom, sent, "jsonl", on_conflict="update")["updated"] == 1
    assert rights_of() == {name: value for name, value in FULL.items() if name != "licence"} | {
        "holder": "Another"
    }
    before = Article.objects.get(external_id="a1").version
    assert send(newsroom, line(rights=None), "jsonl", on_conflict="update")["updated"] == 1
    assert rights_of() == {}
    assert Article.objects.get(external_id="a1").version == before + 1


@pytest.mark.parametrize(
    ("rights", "pointer"),
    [
        ({"licence": "Free"}, "/rights/licence"),
        ({"max_quote_share": 2}, "/rights/max_quote_share"),
        ({"may_send_out": "no"}, "/rights/may_send_out"),
        ({"embargo_until": "2026-03-01"}, "/rights/embargo_until"),
        ({"license": "MIT"}, "/rights/license"),
        ([], "/rights"),
    ],
)
def test_a_line_whose_rights_do_not_fit_fails_at_their_place(
    newsroom: Newsroom, rights: Any, pointer: str
) -> None:
    report = send(newsroom, line(rights=rights) + line(external_id="a2"), "jsonl")
    assert (report["created"], report["failed"]) == (1, 1)
    assert [(row["line"], row["pointer"]) for row in report["errors"]] == [(1, pointer)]


def test_a_table_has_a_column_for_each_right(newsroom: Newsroom) -> None:
    table = (
        "external_id,text,Licence,licence_url,holder,notice,may_export_text,max_quote_share,may_send_out,"
        "embargo_until\n"
        "a1,A text.,MIT,https://agency.example/,Lakeside,Ask.,Quotes,0.5,no,2026-03-01 06:00+0100\n"
        "a2,A text.,,,,,,,,\n"
        "a3,A text.,Free,,,,,,,\n"
        "a4,A text.,,,,,,half,,\n"
        "a5,A text.,,,,,,,perhaps,\n"
        "a6,A text.,,,,,,,,2026-03-01T06:00\n"
    )
    report = send(newsroom, table, "csv")
    assert (report["created"], report["failed"]) == (2, 4)
    assert [(row["external_id"], row["pointer"]) for row in report["errors"]] == [
        ("a3", "/rights/licence"),
        ("a4", "/rights/max_quote_share"),
        ("a5", "/rights/may_send_out"),
        ("a6", "/rights/embargo_until"),
    ]
    assert rights_of() == {
        "licence": "MIT", "licence_url": "https://agency.example/", "holder": "Lakeside", "notice": "Ask.",
        "may_export_text": "quotes", "max_quote_share": 0.5, "may_send_out": False,
        "embargo_until": "2026-03-01T05:00:00Z",
    }  # fmt: skip
    assert not ArticleRights.objects.filter(article__external_id="a2").exists()
    assert Article.objects.get(external_id="a1").metadata == {}


def test_columns_of_other_names_are_mapped(newsroom: Newsroom) -> None:
    report = send(newsroom, "external_id,text,rights\na1,A text.,MIT\n", "csv", map="licence:rights")
    assert (report["created"], rights_of()) == (1, {"licence": "MIT"})


def item(**fields: Any) -> str:
    return json.dumps({"uri": "a1", "body_text": "A text.", **fields})


@pytest.mark.parametrize("camel", [False, True])
def test_an_item_of_an_agency_brings_its_rights(newsroom: Newsroom, camel: bool) -> None:
    names = ("copyrightholder", "copyrightnotice", "usageterms", "pubstatus", "rightsinfo", "linkedrights")
    if camel:
        names = (
            "copyrightHolder",
            "copyrightNotice",
            "usageTerms",
            "pubStatus",
            "rightsInfo",
            "linkedRights",
        )
    holder, notice, usage, status, info, linked = names
    sent = {
        holder: "Lakeside Agency", notice: "© 2026 Lakeside Agency", usage: "Not after 2027.",
        status: "usable", info: {linked: "https://agency.example/terms"},
        "embargoed": "2026-03-01T06:00:00+01:00",
    }  # fmt: skip
    report = send(newsroom, item(**sent), "ninjs")
    assert (report["created"], report["losses"]) == (1, [])
    assert rights_of() == {
        "holder": "Lakeside Agency",
        "notice": "© 2026 Lakeside Agency\nNot after 2027.",
        "licence_url": "https://agency.example/terms",
        "embargo_until": "2026-03-01T05:00:00Z",
    }


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_an_item_that_its_agency_takes_back_is_taken_down(newsroom: Newsroom, status: str) -> None:
    assert send(newsroom, item(pubstatus=status), "ninjs")["created"] == 1
    row = ArticleRights.objects.get()
    assert row.taken_down_at is not None
    assert status in row.taken_down_reason
    ArticleRights.objects.update(taken_down_at=None, taken_down_reason="")
    again = send(newsroom, item(pubstatus=status), "ninjs", on_conflict="update")
    assert (again["updated"], again["failed"]) == (1, 0)
    assert ArticleRights.objects.get().taken_down_at is not None
    # a manager decides whether it may be used again
    send(newsroom, item(pubstatus="usable"), "ninjs", on_conflict="update")
    assert ArticleRights.objects.get().taken_down_at is not None
    assert newsroom.max.get("corpora/lake/rights/").data["counts"]["taken_down"] == 1


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"embargoed": "tomorrow"}, "/rights/embargo_until"),
        ({"embargoed": "2026-03-01T06:00:00"}, "/rights/embargo_until"),
        ({"embargoed": True}, "/rights/embargo_until"),
        ({"pubstatus": "perhaps"}, "/pubstatus"),
        ({"pubstatus": 3}, "/pubstatus"),
        ({"copyrightholder": "x" * 301}, "/rights/holder"),
        ({"rightsinfo": {"linkedrights": "ftp://x"}}, "/rights/licence_url"),
    ],
)
def test_an_item_whose_rights_cannot_be_read_is_refused(
    newsroom: Newsroom, sent: dict[str, Any], pointer: str
) -> None:
    report = send(newsroom, item(**sent), "ninjs")
    assert (report["created"], report["failed"]) == (0, 1)
    assert [row["pointer"] for row in report["errors"]] == [pointer]


def test_wordpress_and_tei_say_what_they_know(newsroom: Newsroom) -> None:
    assert send(newsroom, WXR, "wordpress")["created"] == 1
    assert rights_of("1") == {"notice": "Ask the desk."}
    assert send(newsroom, TEI, "tei")["created"] == 1
    assert rights_of() == {
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "notice": "By name.",
    }
