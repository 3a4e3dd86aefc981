"""Feeds: what is new, at a private address that opens nothing else, as far as rights allow it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from xml.etree import ElementTree as ET

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.enums import PROGRAM_SCOPES
from annotations.models import (
    AccessToken,
    AnnotationSet,
    ArticleRights,
    ConfidentialActor,
    CorpusRights,
    Event,
    FeedAddress,
    Membership,
    Statement,
)
from annotations.services.core import access_tokens, relations
from tests import factories
from tests.newsroom import TEXT, Caller, Newsroom, Reply, new_id

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "corpora/lake/feed/"
#: "is opposed to any new toll" in the text of the tests.
POSITION = {
    "attributes": {"stance": "oppose", "basis": "stated", "attribution": "named"},
}


def approve(
    newsroom: Newsroom, text: str = TEXT, other_words: tuple[int, int] | None = None, **article: Any
) -> AnnotationSet:
    """An approved set in which an actor takes a position; ``other_words`` stand for the actor, too."""
    row = newsroom.set_on(text, url="https://example.org/a?b=1&c=2", **article)
    actor = newsroom.actor()
    issue = newsroom.proposition(f"A new toll {row.pk}")
    speaker = factories.make_span(row, actor_id=UUID(actor), attributes={"mention_type": "name"})
    if other_words is not None:
        factories.make_span(
            row, "actor", *other_words, actor_id=UUID(actor), attributes={"mention_type": "name"}
        )
    position = factories.make_span(row, "position", 70, 96, proposition_id=UUID(issue), **POSITION)
    draft = relations.RelationDraft(type="held_by", source_id=position.pk, target_id=speaker.pk)
    relations.add_relations(row.owner, row.pk, [draft])
    for by, name in (("ann", "submit"), ("rae", "start_review"), ("rae", "approve")):
        row = newsroom.moved(row, by, name)
    return row


def entries(reply: Reply) -> list[dict[str, Any]]:
    """The items of a JSON Feed."""
    assert reply.status == 200, reply
    found: list[dict[str, Any]] = reply.data["items"]
    return found


def make_address(newsroom: Newsroom, who: str = "vic", **body: Any) -> dict[str, Any]:
    """A private address of somebody who is signed in."""
    session = Caller.with_session(newsroom.user(who))
    reply = session.post("corpora/lake/feeds/", {"type": "quotes", **body})
    assert reply.status == 201, reply
    found: dict[str, Any] = reply.data
    return found


def read(newsroom: Newsroom, address: Mapping[str, Any], **headers: str) -> Reply:
    """What a program gets that has only the address."""
    return newsroom.anonymous.raw("GET", address["url"], headers=headers)


def test_the_newest_come_first_in_both_documents(newsroom: Newsroom) -> None:
    first, second = approve(newsroom, title="First & <only>"), approve(newsroom, title="Second")
    newsroom.set_on(TEXT)  # not approved
    reply = newsroom.vic.get(FEED, type="approved", format="json")
    assert reply.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    assert [each["id"] for each in entries(reply)] == [f"urn:uuid:{row.pk}" for row in (second, first)]
    item = entries(reply)[1]
    assert item["title"] == "First & <only>"
    assert item["url"] == "https://example.org/a?b=1&c=2"
    assert "“is opposed to any new toll”" in item["content_text"]
    assert "Ada Verde" in item["content_text"]
    reply = newsroom.vic.get(FEED)
    assert reply.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(reply.content)  # noqa: S314 - our own
    assert [each.findtext(f"{ATOM}id") for each in root.iter(f"{ATOM}entry")] == [
        f"urn:uuid:{row.pk}" for row in (second, first)
    ]
    entry = list(root.iter(f"{ATOM}entry"))[1]
    assert entry.findtext(f"{ATOM}title") == "First & <only>"
    assert "<blockquote" in str(entry.findtext(f"{ATOM}content"))
    quotes = entries(newsroom.vic.get(FEED, type="quotes", format="json"))
    assert [each["title"] for each in quotes] == ["Ada Verde: “is opposed to any new toll”"] * 2
    assert newsroom.vic.raw("GET", FEED, headers={"Accept": "application/feed+json"}).data["items"]
    for wrong in ("type=all", "format=rss", "actor=x", "page_size=3"):
        assert newsroom.vic.raw("GET", f"{FEED}?{wrong}").refusal == (400, "invalid")


def test_an_actor_stands_for_all_that_are_merged_into_it(newsroom: Newsroom) -> None:
    approve(newsroom)
    known = newsroom.rae.get("corpora/lake/actors/").data["results"][0]["id"]
    other = newsroom.actor("Somebody Else")
    assert len(entries(newsroom.vic.get(FEED, type="quotes", actor=known, format="json"))) == 1
    for kind in ("quotes", "approved"):
        assert entries(newsroom.vic.get(FEED, type=kind, actor=other, format="json")) == []
        merged = {"into": other, "reason": "One."}
        version = newsroom.rae.get(f"actors/{known}/").version
        assert newsroom.rae.post(f"actors/{known}/merge/", merged, version=version).status == 201
        assert len(entries(newsroom.vic.get(FEED, type=kind, actor=other, format="json"))) == 1
        for row in newsroom.rae.get("corpora/lake/merges/").data["results"]:
            newsroom.rae.post(f"merges/{row['id']}/undo/", {"reason": "Two."})


def test_a_private_address_opens_this_one_feed(newsroom: Newsroom) -> None:
    approve(newsroom)
    address = make_address(newsroom)
    secret = parse_qs(urlsplit(address["url"]).query)["token"][0]
    reply = read(newsroom, address)
    assert reply.status == 200
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert "private" in reply.headers["Cache-Control"]
    assert secret.encode() not in reply.content
    other = address["url"].replace("type=quotes", "type=approved")
    foreign = address["url"].replace("corpora/lake", "corpora/sea")
    for wrong in (other, f"{address['url']}&actor={new_id()}", address["url"] + "x"):
        assert newsroom.anonymous.raw("GET", wrong).refusal == (401, "unauthenticated"), wrong
    assert newsroom.anonymous.raw("GET", foreign).refusal == (404, "not-found")
    bearer = {"Authorization": f"Bearer {secret}"}
    for path in ("me/", FEED, "corpora/lake/articles/", "tokens/"):
        assert newsroom.anonymous.raw("GET", path, headers=bearer).refusal == (403, "scope"), path
    full = access_tokens.create_token(newsroom.user("vic"), "x", PROGRAM_SCOPES)[1]
    assert newsroom.anonymous.raw("GET", f"{FEED}?token={full}").refusal == (401, "unauthenticated")


def test_an_address_is_listed_and_revoked_and_ends_with_its_owner(newsroom: Newsroom) -> None:
    approve(newsroom)
    session = Caller.with_session(newsroom.user("vic"))
    address = make_address(newsroom)
    assert AccessToken.objects.get(pk=address["id"]).digest not in address["url"]
    listed = session.get("corpora/lake/feeds/").data["results"]
    assert [(each["id"], each["type"], "url" in each) for each in listed] == [
        (address["id"], "quotes", False)
    ]
    assert session.get(f"tokens/{address['id']}/").data["scopes"] == ["feed"]
    assert Caller.with_session(newsroom.user("ann")).get("corpora/lake/feeds/").data["results"] == []
    assert Caller.with_session(newsroom.user("ann")).delete(f"feeds/{address['id']}/").status == 404
    assert read(newsroom, address).status == 200
    assert session.get(f"feeds/{address['id']}/").data["last_used_at"] is not None
    vic = newsroom.user("vic")
    vic.is_active = False
    vic.save()
    assert read(newsroom, address).refusal == (401, "unauthenticated")
    vic.is_active = True
    vic.save()
    Membership.objects.filter(user=vic, corpus=newsroom.lake).delete()
    assert read(newsroom, address).refusal == (404, "not-found")
    newsroom.join(vic, "viewer")  # type: ignore[arg-type]
    assert session.delete(f"feeds/{address['id']}/").status == 204
    assert read(newsroom, address).refusal == (401, "unauthenticated")
    again = make_address(newsroom, id=new_id())
    sent = {"id": again["id"], "type": "quotes"}
    assert session.post("corpora/lake/feeds/", sent).data["url"] is None
    assert session.post("corpora/lake/feeds/", {**sent, "type": "approved"}).refusal == (409, "id-taken")
    assert session.post("corpora/lake/feeds/", {"type": "quotes", "actor": new_id()}).refusal == (
        422,
        "not-in-corpus",
    )
    assert newsroom.max.post("corpora/lake/feeds/", {"type": "quotes"}).refusal == (403, "scope")
    assert session.post("tokens/", {"name": "x", "scopes": ["feed"]}).refusal == (400, "invalid")


def test_what_did_not_change_is_not_sent_again(newsroom: Newsroom) -> None:
    approve(newsroom)
    Event.objects.update(time=timezone.now() - timedelta(minutes=1))
    address = make_address(newsroom)
    reply = read(newsroom, address)
    for header, name in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = read(newsroom, address, **{header: reply.headers[name]})
        assert (again.status, again.content) == (304, b""), header
        assert again.headers["ETag"] == reply.headers["ETag"]
    as_json = newsroom.anonymous.raw(
        "GET", address["url"] + "&format=json", headers={"If-None-Match": reply.headers["ETag"]}
    )
    assert as_json.status == 200
    with CaptureQueriesContext(connection) as cheap:
        read(newsroom, address, **{"If-None-Match": reply.headers["ETag"]})
    assert not any("annotations_span" in each["sql"] for each in cheap.captured_queries)
    approve(newsroom)
    assert read(newsroom, address, **{"If-None-Match": reply.headers["ETag"]}).status == 200
    # the end of an embargo is no event
    tag = read(newsroom, address).headers["ETag"]
    row = newsroom.article()
    tag = read(newsroom, address).headers["ETag"]
    ArticleRights.objects.create(article=row, embargo_until=timezone.now() - timedelta(seconds=1))
    assert read(newsroom, address).headers["ETag"] != tag


def test_the_gate_of_rights_decides(newsroom: Newsroom) -> None:
    row = approve(newsroom)
    later = timezone.now() + timedelta(days=1)
    shut: list[dict[str, Any]] = [
        {"embargo_until": later},
        {"taken_down_at": timezone.now(), "taken_down_by": newsroom.user("max")},
        {"may_send_out": False},
    ]
    for terms in shut:
        rights = ArticleRights.objects.create(article=row.article, **terms)
        for kind in ("approved", "quotes"):
            assert entries(newsroom.vic.get(FEED, type=kind, format="json")) == [], terms
        rights.delete()
    for terms in ({"may_export_text": "no"}, {"max_quote_share": 0.1}):
        rights = ArticleRights.objects.create(article=row.article, **terms)
        reply = newsroom.vic.get(FEED, type="approved", format="json")
        assert len(entries(reply)) == 1
        assert "opposed" not in reply.content.decode(), terms
        assert entries(newsroom.vic.get(FEED, type="quotes", format="json")) == []
        rights.delete()
    CorpusRights.objects.create(corpus=newsroom.lake, may_send_out=False)
    assert entries(newsroom.vic.get(FEED, type="quotes", format="json")) == []


def test_protected_names_are_masked(newsroom: Newsroom) -> None:
    """Nothing of a feed goes round the gate: names, and words that are linked to a source."""
    # "any new toll", as if it were another word for the source
    row = approve(
        newsroom, other_words=(84, 96), title="Ada Verde speaks", author="Ada Verde", source="Ada Verde Times"
    )
    said = Statement.objects.filter(span__set=row).exclude(actor=None).select_related("actor").first()
    assert said is not None
    assert said.actor is not None
    for actor in {UUID(newsroom.actor("Ada Verde")), said.actor.pk}:
        ConfidentialActor.objects.create(
            actor_id=actor, reason="Threats.", by=newsroom.user("max"), at=timezone.now()
        )
    for kind in ("approved", "quotes"):
        for document in ("atom", "json"):
            content = newsroom.vic.get(FEED, type=kind, format=document).content.decode()
            assert "█████" in content
            assert "Source " in content
            assert "Verde" not in content, (kind, document)
            assert said.actor.name not in content, (kind, document)
            assert "any new toll" not in content, (kind, document)


def test_what_no_xml_holds_is_left_out(newsroom: Newsroom) -> None:
    approve(newsroom, TEXT.replace("new toll", "n\ufffe<]&>xw"))
    root = ET.fromstring(newsroom.vic.get(FEED, type="quotes").content)  # noqa: S314 - our own
    assert "any n<]&>xw" in str(root.findtext(f"{ATOM}entry/{ATOM}title"))
    assert "any n&lt;]&amp;&gt;xw" in str(root.findtext(f"{ATOM}entry/{ATOM}content"))


def test_reading_costs_the_same_however_much_there_is(newsroom: Newsroom) -> None:
    newsroom.vic.get(FEED)
    counts = []
    for _ in range(2):
        approve(newsroom)
        with CaptureQueriesContext(connection) as found:
            newsroom.vic.get(FEED, type="approved")
            newsroom.vic.get(FEED, type="quotes")
        counts.append(len(found))
        assert not any('revision"."text' in each["sql"] for each in found.captured_queries)
    assert counts[0] == counts[1], counts
    newsroom.max.delete("corpora/lake/", version=1)
    assert FeedAddress.objects.count() == 0
