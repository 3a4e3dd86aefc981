"""Corpora, members, tokens, articles as a whole, and text that comes back as it went in."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission as DjangoPermission
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from annotations import limits
from annotations.enums import Scope
from annotations.models import AccessToken, Article, Event, Membership
from tests import factories
from tests.newsroom import TEXT, Caller, Newsroom, new_id, span
from tests.text.strategies import nasty_texts

NASTY = {
    "line ends": "a\r\nb\rc\nd\r\n",
    "byte order mark": "\ufeffa\ufeffb",
    "separators": "a\u2028b\u2029c\u0020\u00a0d",
    "emoji": "👩‍👩‍👧‍👦 🇩🇪 👍🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "right to left": "שלום \u202eabc\u202c العربية ﷽",
    "decomposed": unicodedata.normalize("NFD", "Åström Ệ 각"),
    "composed": unicodedata.normalize("NFC", "Åström Ệ 각"),
    "space": " \t leading and trailing \n\n ",
    "one space": " ",
    "private use": "\ue000 \U000f0000 \U0010fffd",
    "not characters": "\ufffe \uffff \U0001fffe",
    "joiners": "\u200c\u200d\u2060\u00ad",
    "marks": "a" + "\u0301" * 10_000,
    "tags": "a\U000e0061\U000e0062",
    "markup": "<script>alert(1)</script> &amp; {{ x }} {% y %}",
    "json": '{"a": "\\u0000"} \\',
}


def stored(newsroom: Newsroom, text: str, **fields: Any) -> Any:
    reply = newsroom.max.post("corpora/lake/articles/", {"text": text, **fields})
    assert reply.status == 201, reply
    return reply.data


@pytest.mark.parametrize("kind", NASTY)
def test_text_comes_back_to_the_byte(newsroom: Newsroom, kind: str) -> None:
    text = NASTY[kind]
    found = stored(newsroom, text)
    assert found["revision"] == {
        "id": found["revision"]["id"],
        "number": 1,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "length": len(text),
    }
    for query in ("", "?revision=1"):
        reply = newsroom.vic.raw("GET", f"articles/{found['id']}/text/{query}")
        assert (reply.content, reply.headers["Content-Type"]) == (text.encode(), "text/plain; charset=utf-8")
    row = newsroom.max.post(f"articles/{found['id']}/sets/", {"owner": "ann"}).data["id"]
    assert newsroom.ann.get(f"sets/{row}/").data["revision"]["text"] == text
    beginning = text[: limits.MAX_SPAN]
    marked = newsroom.ann.post(f"sets/{row}/spans/", span(0, len(beginning), quote=beginning))
    assert (marked.status, marked.data["quote"]) == (201, beginning)


@given(text=nasty_texts)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_to_the_byte(newsroom: Newsroom, text: str) -> None:
    legal = bool(text) and not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)
    reply = newsroom.max.post("corpora/lake/articles/", {"text": text})
    assert reply.status == (201 if legal else 422), reply
    if legal:
        assert newsroom.vic.get(f"articles/{reply.data['id']}/text/").content == text.encode()
        assert reply.data["revision"]["length"] == len(text)


@pytest.mark.slow
def test_a_megabyte(newsroom: Newsroom) -> None:
    text = ("Zoë said “no” 👩‍👩‍👧.\r\n" * 60_000)[:1_000_000]
    found = stored(newsroom, text)
    assert newsroom.vic.get(f"articles/{found['id']}/text/").content == text.encode()
    longest = "é" * 2_000_000
    assert stored(newsroom, longest)["revision"]["length"] == 2_000_000
    reply = newsroom.max.post("corpora/lake/articles/", {"text": longest + "e"})
    assert (reply.refusal, reply.pointers) == ((422, "text-not-allowed"), ["/text"])


REFUSED = ["", "a\x00b", "a\x0bb", "a\x1bb", "a\x7fb", "a\x85b", "a\x9fb", "\x08"]


@pytest.mark.parametrize("text", REFUSED)
def test_text_that_cannot_be_stored(newsroom: Newsroom, text: str) -> None:
    reply = newsroom.max.post("corpora/lake/articles/", {"text": text})
    assert (reply.refusal, reply.pointers) == ((422, "text-not-allowed"), ["/text"])
    article = newsroom.article()
    reply = newsroom.max.post(f"articles/{article.pk}/revisions/", {"text": text, "reason": "So."})
    assert reply.refusal == (422, "text-not-allowed")
    assert Article.objects.count() == 1


def test_half_a_pair_is_no_text(newsroom: Newsroom) -> None:
    for half in (b"\\ud800", b"\\udc00", b"\\udc00\\ud800"):
        reply = newsroom.max.raw("POST", "corpora/lake/articles/", b'{"text": "a' + half + b'"}')
        assert reply.status in (400, 422), reply
    reply = newsroom.max.raw("POST", "corpora/lake/articles/", b'{"text": "\\ud83d\\udc69"}')
    assert newsroom.vic.get(f"articles/{reply.data['id']}/text/").content == "👩".encode()


def test_titles_and_names_are_not_trimmed(newsroom: Newsroom) -> None:
    found = stored(newsroom, TEXT, title="  Two  ", source=" S ", author="\u00a0A", external_id=" x ")
    assert [found[name] for name in ("title", "source", "author", "external_id")] == [
        "  Two  ",
        " S ",
        "\u00a0A",
        " x ",
    ]
    assert newsroom.vic.all("corpora/lake/articles/", external_id=" x ") == newsroom.vic.all(
        "corpora/lake/articles/"
    )
    assert newsroom.vic.all("corpora/lake/articles/", external_id="x") == []


# --- Articles ------------------------------------------------------------------------------


def test_external_ids_are_unique_in_a_corpus(newsroom: Newsroom) -> None:
    stored(newsroom, TEXT, external_id="a1")
    reply = newsroom.max.post("corpora/lake/articles/", {"text": "Other.", "external_id": "a1"})
    assert (reply.refusal, reply.pointers) == ((409, "duplicate"), ["/external_id"])
    assert stored(newsroom, TEXT, external_id="A1")["external_id"] == "A1"
    other = stored(newsroom, TEXT)
    assert newsroom.max.patch(f"articles/{other['id']}/", {"external_id": "a1"}, 1).refusal == (
        409,
        "duplicate",
    )
    assert newsroom.sam.post("corpora/sea/articles/", {"text": TEXT, "external_id": "a1"}).status == 201
    assert stored(newsroom, TEXT)["external_id"] == stored(newsroom, TEXT)["external_id"] is None


def test_true_is_not_one(newsroom: Newsroom) -> None:
    sent: dict[str, Any] = {"text": TEXT, "metadata": {"a": 1, "b": False}, "id": new_id()}
    at = f"articles/{stored(newsroom, **sent)['id']}/"
    other = {**sent, "metadata": {"a": True, "b": 0}}
    assert newsroom.max.post("corpora/lake/articles/", other).refusal == (409, "id-taken")
    changed = newsroom.max.patch(at, {"metadata": other["metadata"]}, 1)
    assert changed.version == 2
    assert changed.data["metadata"]["a"] is True
    assert newsroom.max.get(at).data["metadata"]["a"] is True


def test_an_article_with_sets(newsroom: Newsroom) -> None:
    row = newsroom.set()
    at = f"articles/{row.article_id}/"
    assert newsroom.max.delete(at, 1).refusal == (409, "in-use")
    assert newsroom.max.patch(at, {"annotators": 2}, 1).refusal == (409, "in-use")
    assert newsroom.max.patch(at, {"annotators": 1, "title": "New"}, 1).status == 200
    newsroom.moved(row, "ann", "submit")
    reply = newsroom.max.post(f"{at}revisions/", {"text": "New.", "reason": "So."})
    assert reply.refusal == (409, "not-allowed-now")
    assert newsroom.max.get(at).data["revision"]["number"] == 1


def test_revisions(newsroom: Newsroom) -> None:
    article = newsroom.article()
    at = f"articles/{article.pk}/revisions/"
    same = newsroom.max.post(at, {"text": TEXT, "reason": "So."})
    assert same.refusal == (409, "duplicate")
    assert newsroom.max.post(at, {"text": "New."}).refusal == (400, "invalid")
    assert newsroom.max.post(at, {"text": "New.", "reason": " "}).refusal == (400, "invalid")
    for number in (2, 3):
        assert newsroom.max.post(at, {"text": f"Text {number}.", "reason": "So."}).data["number"] == number
    assert [each["number"] for each in newsroom.vic.all(at)] == [1, 2, 3]
    assert newsroom.max.get(f"articles/{article.pk}/").version == 3
    for asked, status in (("1", 200), ("3", 200), ("4", 404), ("99999999999", 404)):
        assert newsroom.vic.get(f"articles/{article.pk}/text/", revision=asked).status == status, asked
    for asked in ("0", "-1", "x", "1.0", "", "99999999999999999999"):
        assert newsroom.vic.get(f"articles/{article.pk}/text/", revision=asked).refusal == (400, "invalid")


def test_excluding_and_including(newsroom: Newsroom) -> None:
    row = newsroom.set()
    at = f"articles/{row.article_id}/"
    for body in ({}, {"reason": ""}, {"reason": None}, {"reason": "x" * 10_001}):
        assert newsroom.max.post(f"{at}exclude/", body).refusal == (400, "invalid")
    reply = newsroom.max.post(f"{at}exclude/", {"reason": "Twice."}, version=1)
    assert (reply.status, reply.data["status"], reply.data["excluded_reason"]) == (200, "excluded", "Twice.")
    assert reply.version == 2
    assert newsroom.max.post(f"{at}exclude/", {"reason": "Twice."}, version=1).data == reply.data
    assert newsroom.max.post(f"{at}exclude/", {"reason": "Other."}, version=1).refusal == (412, "stale")
    assert newsroom.max.post(f"{at}sets/", {"owner": "ben"}).refusal == (409, "not-allowed-now")
    # what is begun is not lost
    assert newsroom.ann.get(f"sets/{row.pk}/").data["state"] == "open"
    back = newsroom.max.post(f"{at}include/", {"reason": "Once."})
    assert (back.data["status"], back.data["excluded_reason"]) == ("annotating", None)
    assert newsroom.max.post(f"{at}include/", {"reason": "Once."}).data == back.data
    actions = [each["action"] for each in newsroom.max.all("corpora/lake/events/")]
    assert actions[-2:] == ["article_excluded", "article_included"]


def test_nobody_has_two_sets_on_an_article(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    at = f"articles/{article.pk}/sets/"
    assert newsroom.max.post(at, {"owner": "ann"}).status == 201
    assert newsroom.max.post(at, {"owner": "ann"}).refusal == (409, "not-allowed-now")
    assert newsroom.max.post(at, {"owner": "ben"}).status == 201
    assert newsroom.max.post(at, {"owner": "rae"}).refusal == (409, "not-allowed-now")
    # training comes beside it
    assert newsroom.max.post(at, {"owner": "ann", "round": "calibration"}).status == 201
    assert newsroom.max.post(at, {"owner": "rae", "round": "calibration"}).status == 201
    for owner, refusal in (("sam", "not-in-corpus"), ("vic", "not-in-corpus"), ("nobody", "unknown-user")):
        reply = newsroom.max.post(f"articles/{newsroom.article().pk}/sets/", {"owner": owner})
        assert reply.refusal == (422, refusal)


# --- Corpora and members -------------------------------------------------------------------


def test_who_may_found_a_corpus(newsroom: Newsroom) -> None:
    ann = newsroom.user("ann")
    ann.user_permissions.add(DjangoPermission.objects.get(codename="add_corpus"))
    reply = newsroom.ann.post("corpora/", {"slug": "river", "name": "River"})
    assert (reply.status, reply.data["my_role"]) == (201, "manager")
    assert {each["slug"]: each["my_role"] for each in newsroom.ann.all("corpora/")} == {
        "lake": "annotator", "river": "manager"
    }  # fmt: skip
    # the very same again, by somebody who does not see it
    newsroom.user("ben").user_permissions.add(DjangoPermission.objects.get(codename="add_corpus"))
    body = {"slug": "pond", "name": "Pond", "id": new_id()}
    assert [newsroom.ann.post("corpora/", body).status for _ in range(2)] == [201, 200]
    assert newsroom.ben.post("corpora/", body).refusal == (409, "id-taken")
    taken = newsroom.ann.post("corpora/", {"slug": "sea", "name": "Sea"})
    assert (taken.refusal, taken.pointers) == ((409, "duplicate"), ["/slug"])


def test_changing_a_corpus(newsroom: Newsroom) -> None:
    reply = newsroom.max.patch("corpora/lake/", {"guideline": "Mark **it**.\r\n"}, 1)
    assert (reply.data["guideline"], reply.data["guideline_version"]) == ("Mark **it**.\r\n", 2)
    reply = newsroom.max.patch("corpora/lake/", {"guideline": "Mark **it**.\r\n", "name": "Lake!"}, 2)
    assert (reply.data["name"], reply.data["guideline_version"]) == ("Lake!", 2)
    assert newsroom.max.patch("corpora/lake/", {"slug": "pond"}, 3).refusal == (400, "invalid")
    row = newsroom.set()
    assert newsroom.max.get(f"sets/{row.pk}/").data["guideline_version"] == 2
    newsroom.max.patch("corpora/lake/", {"guideline": "New."}, 3)
    assert newsroom.ann.move(row.pk, "submit").data["guideline_version"] == 3
    assert newsroom.max.patch("corpora/lake/", {"annotators_per_article": 2}, 4).status == 200
    assert stored(newsroom, TEXT)["annotators"] == 2
    assert newsroom.max.delete("corpora/lake/", 5).refusal == (409, "in-use")


def test_the_archive(newsroom: Newsroom) -> None:
    row = newsroom.set()
    assert newsroom.max.patch("corpora/lake/", {"archived": True}, 1).status == 200
    assert newsroom.ann.get(f"sets/{row.pk}/").data["allowed"] == []
    assert newsroom.ann.get("corpora/lake/").data["archived"] is True
    assert newsroom.max.patch("corpora/lake/", {"name": "Pond"}, 2).refusal == (409, "not-allowed-now")
    assert newsroom.max.patch("corpora/lake/", {"archived": True}, 1).status == 200  # it is so already
    assert newsroom.max.patch("corpora/lake/", {"archived": False, "name": "Pond"}, 2).data["name"] == "Pond"
    assert newsroom.ann.post(f"sets/{row.pk}/spans/", span()).status == 201


def test_the_last_manager_stays(newsroom: Newsroom) -> None:
    at = "corpora/lake/members/"
    assert newsroom.max.patch(f"{at}max/", {"role": "viewer"}, 1).refusal == (409, "not-allowed-now")
    assert newsroom.ada.patch(f"{at}max/", {"role": "viewer"}, 1).refusal == (409, "not-allowed-now")
    assert newsroom.max.delete(f"{at}max/", 1).refusal == (409, "not-allowed-now")
    session = Caller.with_session(newsroom.user("max"))
    assert session.patch(f"{at}rae/", {"role": "manager"}, 1).status == 200
    assert newsroom.max.patch(f"{at}max/", {"role": "viewer"}, 1).status == 200
    assert newsroom.max.patch(f"{at}rae/", {"role": "viewer"}, 2).refusal == (403, "role")
    assert newsroom.rae.delete(f"{at}max/", 2).status == 204
    assert newsroom.max.get("corpora/lake/").status == 404


def test_members(newsroom: Newsroom) -> None:
    at = "corpora/lake/members/"
    body = {"username": "sam", "role": "viewer"}
    assert newsroom.max.post(at, body).status == 201
    assert newsroom.max.post(at, body).status == 200
    assert newsroom.max.post(at, {**body, "role": "reviewer"}).refusal == (409, "duplicate")
    reply = newsroom.max.post(at, {"username": "nobody", "role": "viewer"})
    assert (reply.refusal, reply.pointers) == ((422, "unknown-user"), ["/username"])
    gone = factories.make_user("gone", is_active=False)
    assert newsroom.max.post(at, {"username": gone.get_username(), "role": "viewer"}).refusal == (
        422,
        "unknown-user",
    )
    odd = factories.make_user("o.d-d+x@example.org")
    made = newsroom.max.post(at, {"username": odd.get_username(), "role": "viewer"})
    assert newsroom.max.raw("DELETE", made.headers["Location"], headers={"If-Match": '"1"'}).status == 204
    assert newsroom.max.get(f"{at}sam/").refusal == (405, "method-not-allowed")
    assert newsroom.sam.get("corpora/lake/").data["my_role"] == "viewer"


def test_what_a_role_loses_it_loses_at_once(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    at = "corpora/lake/members/rae/"
    newsroom.rae.move(row.pk, "start-review")
    assert newsroom.max.patch(at, {"role": "annotator"}, 1).status == 200
    assert newsroom.rae.get(f"sets/{row.pk}/").status == 404
    assert newsroom.rae.move(row.pk, "approve").status == 404
    assert newsroom.max.move(row.pk, "release-review").status == 200


# --- Tokens --------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_stored_as_a_digest(newsroom: Newsroom) -> None:
    caller = Caller.with_session(newsroom.user("ann"))
    made = caller.post("tokens/", {"name": "mine", "scopes": ["read"]}).data
    secret = made["token"]
    row = AccessToken.objects.get(pk=made["id"])
    assert row.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in (*caller.get("tokens/").content.decode().split('"'), row.prefix)
    assert "token" not in caller.get(f"tokens/{made['id']}/").data
    assert secret.encode() not in caller.get("me/").content
    assert not Event.objects.filter(data__icontains=secret).exists()
    for body in (
        {"name": "x", "scopes": []}, {"name": "x", "scopes": ["all"]}, {"name": "x"},
        {"name": "", "scopes": ["read"]},
        {"name": "x", "scopes": "read"}, {"name": "x", "scopes": ["read"], "user": "max"},
        {"name": "x", "scopes": ["read"], "token": "sp_mine"},
        {"name": "x", "scopes": ["read"], "expires_at": "tomorrow"},
    ):  # fmt: skip
        assert caller.post("tokens/", body).refusal == (400, "invalid"), body


def test_a_token_that_is_no_longer_good(newsroom: Newsroom) -> None:
    ann = newsroom.user("ann")
    session = Caller.with_session(ann)

    def works(secret: str) -> bool:
        reply = Caller().raw("GET", "me/", headers={"Authorization": f"Bearer {secret}"})
        assert reply.status == 200 or reply.refusal == (401, "unauthenticated")
        return reply.status == 200

    made = session.post(
        "tokens/", {"name": "t", "scopes": ["read"], "expires_at": "2100-01-01T00:00:00Z"}
    ).data
    assert works(made["token"])
    AccessToken.objects.filter(pk=made["id"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not works(made["token"])
    made = session.post("tokens/", {"name": "t", "scopes": ["read"]}).data
    assert works(made["token"])
    assert session.delete(f"tokens/{made['id']}/").status == 204
    assert not works(made["token"])
    made = session.post("tokens/", {"name": "t", "scopes": ["read"]}).data
    ann.is_active = False
    ann.save()
    assert not works(made["token"])
    assert session.get("me/").refusal == (401, "unauthenticated")
    past = Caller.with_session(newsroom.user("max")).post(
        "tokens/", {"name": "t", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}
    )
    assert past.status == 400 or not works(past.data["token"])


def test_a_token_does_no_more_than_its_owner(newsroom: Newsroom) -> None:
    everything = Caller(newsroom.user("vic"), tuple(Scope))
    assert everything.post("corpora/lake/articles/", {"text": TEXT}).refusal == (403, "role")
    nothing = Caller(newsroom.user("max"), [Scope.INGEST])
    assert nothing.get("corpora/lake/").refusal == (403, "scope")
    reply = nothing.post("corpora/lake/articles/", {"text": TEXT, "id": new_id()})
    assert reply.status == 201
    blocking = Caller(newsroom.user("rae"), [Scope.ANNOTATE])
    row = newsroom.submitted()
    assert blocking.post(f"sets/{row.pk}/comments/", {"text": "So?"}).status == 201
    reply = blocking.post(f"sets/{row.pk}/comments/", {"text": "No.", "blocking": True})
    assert (reply.refusal, reply.data["needed"]) == ((403, "scope"), ["review"])
    assert Membership.objects.get(user=newsroom.user("rae")).role == "reviewer"
