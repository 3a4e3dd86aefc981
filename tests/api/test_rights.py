"""Rights over the API: terms of articles and corpora, takedown, protected actors."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from annotations.enums import Scope
from annotations.models import ArticleRights, ConfidentialActor, Event, Role
from annotations.services.releases.takedown import releases_with_article
from annotations.services.rights.verdicts import Purpose, open_articles
from annotations.text.parsing import format_timestamp
from tests import factories
from tests.newsroom import Caller, Newsroom

NULL = {
    "licence": None,
    "licence_url": None,
    "holder": None,
    "notice": None,
    "may_export_text": None,
    "max_quote_share": None,
    "may_send_out": None,
    "embargo_until": None,
}
WIDEST = {
    "licence": None,
    "licence_url": None,
    "holder": None,
    "notice": None,
    "may_export_text": "yes",
    "max_quote_share": 1.0,
    "may_send_out": True,
}
FULL = {
    "licence": "CC-BY-NC-4.0",
    "licence_url": "https://creativecommons.org/licenses/by-nc/4.0/",
    "holder": "Lakeside Agency",
    "notice": "© 2026 Lakeside Agency\nAll rights reserved.",
    "may_export_text": "quotes",
    "max_quote_share": 0.25,
    "may_send_out": False,
    "embargo_until": "2099-03-01T12:00:00Z",
}


@pytest.fixture
def newsroom(db: None) -> Newsroom:
    return Newsroom()


@pytest.fixture
def second(newsroom: Newsroom) -> Caller:
    """Another manager of ``lake``."""
    user = factories.make_user("mia")
    newsroom.join(user, Role.MANAGER)
    return Caller(user)


def last_event() -> Event:
    event = Event.objects.order_by("seq").last()
    assert event is not None
    return event


def test_an_article_without_rights_has_the_widest_terms(newsroom: Newsroom) -> None:
    article = newsroom.article()
    shown = newsroom.vic.get(f"articles/{article.pk}/").data["rights"]
    assert shown == {**NULL, "taken_down": None, "effective": WIDEST}


def test_terms_are_set_one_by_one_and_taken_back(newsroom: Newsroom) -> None:
    article, at = newsroom.article(), ""
    at = f"articles/{article.pk}/"
    first = newsroom.max.patch(at, {"rights": FULL}, 1)
    assert (first.status, first.version) == (200, 2)
    expected = {name: value for name, value in FULL.items() if name != "embargo_until"}
    assert first.data["rights"] == {**FULL, "taken_down": None, "effective": expected}
    # a repeat changes nothing, whatever version it names; another change from an old version is stale
    assert newsroom.max.patch(at, {"rights": FULL}, 1).version == 2
    assert newsroom.max.patch(at, {"rights": {"holder": "X"}}, 1).refusal == (412, "stale")
    part = newsroom.max.patch(at, {"rights": {"licence": "", "embargo_until": None}}, 2).data["rights"]
    assert (part["licence"], part["embargo_until"], part["holder"]) == (None, None, FULL["holder"])
    event = last_event()
    assert event.action == "article_rights_changed"
    assert event.data["before"]["licence"] == FULL["licence"]
    assert event.data["after"]["licence"] is None
    assert newsroom.max.patch(at, {"rights": None}, 3).data["rights"] == {
        **NULL,
        "taken_down": None,
        "effective": WIDEST,
    }


def test_title_and_rights_in_one_request_are_one_change(newsroom: Newsroom) -> None:
    article = newsroom.article()
    sent = {"title": "New", "rights": {"holder": "Lakeside"}}
    reply = newsroom.max.patch(f"articles/{article.pk}/", sent, 1)
    assert (reply.status, reply.data["title"], reply.data["rights"]["holder"]) == (200, "New", "Lakeside")
    assert newsroom.max.get(f"articles/{article.pk}/").version == reply.version
    refused = {"title": "Newer", "rights": {"licence": "Mine"}}
    assert newsroom.max.patch(f"articles/{article.pk}/", refused, reply.version).status == 400
    assert newsroom.max.get(f"articles/{article.pk}/").data["title"] == "New"


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [
        ({"licence": "cc by 4.0"}, "format", "CC-BY-4.0"),
        ({"licence": "mit"}, "format", "did you mean MIT"),
        ({"licence": "Our own terms"}, "format", "LicenseRef-"),
        ({"licence": "LicenseRef-"}, "format", "LicenseRef-"),
        ({"licence": 4}, "type", ""),
        ({"licence_url": "javascript:alert(1)"}, "format", ""),
        ({"licence_url": "https://user:pw@agency.example/"}, "format", ""),
        ({"may_export_text": "maybe"}, "choice", "yes, quotes, no"),
        ({"may_export_text": True}, "type", ""),
        ({"max_quote_share": 1.5}, "too-large", "1"),
        ({"max_quote_share": -0.1}, "too-small", "0"),
        ({"max_quote_share": "0.5"}, "type", ""),
        ({"max_quote_share": True}, "type", ""),
        ({"may_send_out": "no"}, "type", ""),
        ({"embargo_until": "tomorrow"}, "format", ""),
        ({"embargo_until": "2026-03-01"}, "format", ""),
        ({"holder": "a\nb"}, "characters", ""),
        ({"taken_down": None}, "read-only", ""),
        ({"license": "MIT"}, "unknown", ""),
    ],
)
def test_what_is_no_term_is_refused_with_a_sentence(
    newsroom: Newsroom, sent: dict[str, Any], code: str, says: str
) -> None:
    article = newsroom.article()
    for reply in (
        newsroom.max.patch(f"articles/{article.pk}/", {"rights": sent}, 1),
        newsroom.max.post("corpora/lake/articles/", {"text": "A text.", "rights": sent}),
    ):
        assert reply.status == 400
        assert reply.pointers == [f"/rights/{next(iter(sent))}"]
        assert (reply.data["errors"][0]["code"] == code) or code in ("read-only", "unknown")
        assert says in reply.data["errors"][0]["detail"]
    assert not ArticleRights.objects.exists()


@pytest.mark.parametrize(
    "licence",
    ["CC0-1.0", "CC-BY-SA-4.0", "CC-BY-NC-ND-3.0-DE", "CC-BY-3.0-IGO", "ODbL-1.0", "LicenseRef-Agency.2026"],
)
def test_licences_are_known_by_their_identifiers(newsroom: Newsroom, licence: str) -> None:
    reply = newsroom.max.post("corpora/lake/articles/", {"text": "A b.", "rights": {"licence": licence}})
    assert reply.status == 201
    assert reply.data["rights"]["effective"]["licence"] == licence


def test_an_article_is_created_with_its_rights_and_again_is_a_repeat(newsroom: Newsroom) -> None:
    id = "01930000-0000-7000-8000-0000000000aa"
    sent = {"id": id, "text": "A text.", "rights": FULL}
    first, again = (newsroom.max.post("corpora/lake/articles/", sent) for _ in range(2))
    assert (first.status, again.status) == (201, 200)
    assert first.data["rights"]["licence"] == again.data["rights"]["licence"] == FULL["licence"]
    other = {**sent, "rights": {**FULL, "holder": "Another"}}
    assert newsroom.max.post("corpora/lake/articles/", other).refusal == (409, "id-taken")
    actions = list(Event.objects.filter(article_id=id).order_by("seq").values_list("action", flat=True))
    assert actions == ["article_added", "article_rights_changed"]


def test_the_terms_of_a_corpus_fill_what_is_empty(newsroom: Newsroom) -> None:
    own = newsroom.article("One.")
    newsroom.max.patch(f"articles/{own.pk}/", {"rights": {"licence": "MIT", "may_send_out": True}}, 1)
    other = newsroom.article("Two.")
    assert newsroom.max.patch("corpora/lake/rights/", {"licence": "ODbL-1.0"}).refusal == (
        428,
        "precondition-required",
    )
    sent = {
        "licence": "ODbL-1.0",
        "licence_url": "https://opendatacommons.org/licenses/odbl/1-0/",
        "may_export_text": "no",
        "may_send_out": False,
        "max_quote_share": 0.1,
    }
    reply = newsroom.max.patch("corpora/lake/rights/", sent, 1)
    assert (reply.status, reply.version) == (200, 2)
    assert reply.data["licence"] == "ODbL-1.0"
    assert newsroom.max.patch("corpora/lake/rights/", {"holder": "X"}, 1).refusal == (412, "stale")
    first, second = (
        newsroom.vic.get(f"articles/{row.pk}/").data["rights"]["effective"] for row in (own, other)
    )
    # the address of a licence goes with its name
    assert (first["licence"], first["licence_url"], first["may_send_out"]) == ("MIT", None, True)
    assert second == {**WIDEST, **sent}
    assert last_event().action == "corpus_rights_changed"
    assert newsroom.max.patch("corpora/lake/rights/", {"embargo_until": None}, 2).status == 400


def test_rights_are_counted(newsroom: Newsroom) -> None:
    soon, later = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=9)
    rows = [newsroom.article(f"Text {number}.") for number in range(5)]
    for row, rights in zip(
        rows,
        [
            {"licence": "MIT", "embargo_until": format_timestamp(later)},
            {"licence": "MIT", "embargo_until": format_timestamp(soon)},
            {"may_export_text": "quotes", "embargo_until": "2020-01-01T00:00:00Z"},
            {"may_export_text": "no", "may_send_out": False},
        ],
        strict=False,
    ):
        assert newsroom.max.patch(f"articles/{row.pk}/", {"rights": rights}, 1).status == 200
    newsroom.max.post(f"articles/{rows[4].pk}/take-down/", {"reason": "A lawyer."})
    actor = newsroom.actor("Quiet Source")
    newsroom.max.patch(f"actors/{actor}/", {"confidential": {"reason": "Promised."}}, 1)
    assert newsroom.vic.get("corpora/lake/rights/").data["counts"] == {
        "licences": [{"licence": None, "articles": 3}, {"licence": "MIT", "articles": 2}],
        "embargoed": {
            "articles": 2,
            "until": [
                {"until": format_timestamp(soon), "articles": 1},
                {"until": format_timestamp(later), "articles": 1},
            ],
        },
        "taken_down": 1,
        "text_withheld": {"quotes": 1, "no": 1},
        "not_sent_out": 1,
        "protected_actors": 1,
    }


def test_a_takedown_is_out_of_what_leaves_until_it_is_restored(newsroom: Newsroom) -> None:
    article = newsroom.article()
    at = f"articles/{article.pk}/"
    reply = newsroom.max.post(f"{at}take-down/", {"reason": "A lawyer."}, version=1)
    assert (reply.status, reply.version, reply.data["releases"]) == (200, 2, [])
    down = reply.data["article"]["rights"]["taken_down"]
    assert (down["by"], down["reason"]) == ("max", "A lawyer.")
    assert newsroom.max.post(f"{at}take-down/", {"reason": "A lawyer."}, version=1).version == 2
    assert newsroom.max.post(f"{at}take-down/", {"reason": "Two."}, version=1).refusal == (412, "stale")
    assert newsroom.max.post(f"{at}take-down/").status == 400
    assert not open_articles(newsroom.lake, Purpose.EXPORT).exists()
    # members go on reading and working
    assert newsroom.vic.get(f"{at}text/").status == 200
    back = newsroom.max.post(f"{at}restore/", {"reason": "Settled."})
    assert (back.version, back.data["rights"]["taken_down"]) == (3, None)
    assert newsroom.max.post(f"{at}restore/", {"reason": "Settled."}).version == 3
    actions = Event.objects.filter(article_id=article.pk).order_by("seq").values_list("action", flat=True)
    assert list(actions)[-2:] == ["article_taken_down", "article_restored"]
    assert last_event().data["after"]["reason"] == "Settled."


def test_a_list_shows_of_each_article_what_its_own_address_shows(newsroom: Newsroom) -> None:
    """Both are the same JSON to the byte, with terms and without, for managers and for others."""
    first, second, third, _ = (newsroom.article(title=title) for title in ("a", "", "c", "d"))
    own = {"rights": FULL, "language": "de", "metadata": {"z": 1, "a": "b"}, "annotators": 2}
    assert newsroom.max.patch(f"articles/{first.pk}/", own, 1).status == 200
    licence = {"rights": {"licence": "CC0-1.0"}, "published_at": "2024-05-01T09:00:00.120000Z"}
    assert newsroom.max.patch(f"articles/{second.pk}/", licence, 1).status == 200
    down = newsroom.max.post(f"articles/{third.pk}/take-down/", {"reason": "A lawyer."}, version=1)
    assert down.status == 200
    for terms in ({}, {"licence": "CC-BY-4.0", "holder": "Lake"}):
        if terms:
            assert newsroom.max.patch("corpora/lake/rights/", terms, 1).status == 200
        for caller in (newsroom.max, newsroom.vic):
            listed = caller.get("corpora/lake/articles/").data["results"]
            assert len(listed) >= 4
            for article in listed:
                assert json.dumps(article) == json.dumps(caller.get(f"articles/{article['id']}/").data)


@pytest.fixture
def released(newsroom: Newsroom, settings: Any, tmp_path: Path) -> tuple[Newsroom, Any]:
    settings.FILES_DIR = tmp_path / "files"
    row = newsroom.approved()
    for _ in range(2):
        assert newsroom.max.post("corpora/lake/releases/", {"formats": ["jsonl"]}).status == 201
    return newsroom, row.article


def test_releases_that_hold_the_article_are_listed_and_withdrawn(released: tuple[Newsroom, Any]) -> None:
    newsroom, article = released
    other = newsroom.article("Not released.")
    assert not releases_with_article(other.corpus_id, other.pk)
    at = f"articles/{article.pk}/take-down/"
    refused = newsroom.max.post(at, {"reason": "A lawyer.", "also_withdraw": [1, 7]})
    assert refused.refusal == (422, "not-in-corpus")
    assert refused.pointers == ["/also_withdraw/1"]
    assert not ArticleRights.objects.exists()
    assert newsroom.max.post(at, {"reason": "x", "also_withdraw": ["1"]}).status == 400
    reply = newsroom.max.post(at, {"reason": "A lawyer.", "also_withdraw": [1]})
    found = [(row["number"], row["withdrawn_at"] is None) for row in reply.data["releases"]]
    assert found == [(2, True), (1, False)]
    again = newsroom.max.post(at, {"reason": "A lawyer.", "also_withdraw": [2, 1]})
    assert [row["withdrawn_at"] is None for row in again.data["releases"]] == [False, False]


def test_one_manager_protects_and_two_lift(newsroom: Newsroom, second: Caller) -> None:
    at = f"actors/{newsroom.actor('Quiet Source')}/"
    reply = newsroom.max.patch(at, {"confidential": {"reason": "Promised."}}, 1)
    assert (reply.status, reply.version) == (200, 2)
    shown = reply.data["confidential"]
    assert (shown["reason"], shown["by"], shown["lift_asked_by"]) == ("Promised.", "max", None)
    assert newsroom.max.patch(at, {"confidential": {"reason": "Promised."}}, 1).version == 2
    asked = newsroom.max.patch(at, {"confidential": None}, 2)
    assert (asked.version, asked.data["confidential"]["lift_asked_by"]) == (3, "max")
    # the same request again is a repeat; to confirm it takes somebody else
    assert newsroom.max.patch(at, {"confidential": None}, 2).version == 3
    refused = newsroom.max.patch(at, {"confidential": None}, 3)
    assert refused.refusal == (409, "not-allowed-now")
    assert "second manager" in refused.data["detail"]
    assert second.patch(at, {"confidential": None}, 2).refusal == (412, "stale")
    lifted = second.patch(at, {"confidential": None}, 3)
    assert (lifted.version, lifted.data["confidential"]) == (4, None)
    assert second.patch(at, {"confidential": None}, 3).version == 4
    actions = Event.objects.filter(action__contains="protect").order_by("seq")
    assert list(actions.values_list("action", flat=True)) == [
        "actor_protected",
        "actor_unprotection_asked",
        "actor_unprotected",
    ]
    assert "Quiet Source" not in str([row.data for row in actions])


def test_a_reason_sent_again_keeps_the_protection(newsroom: Newsroom, second: Caller) -> None:
    at = f"actors/{newsroom.actor('Quiet Source')}/"
    newsroom.max.patch(at, {"confidential": {"reason": "Promised."}}, 1)
    newsroom.max.patch(at, {"confidential": None}, 2)
    kept = second.patch(at, {"confidential": {"reason": "Still."}}, 3)
    assert (kept.data["confidential"]["lift_asked_by"], kept.data["confidential"]["reason"]) == (
        None,
        "Still.",
    )
    assert second.patch(at, {"confidential": None}, 4).data["confidential"]["lift_asked_by"] == "mia"


def test_only_managers_protect_and_only_they_read_why(newsroom: Newsroom) -> None:
    at = f"actors/{newsroom.actor('Quiet Source')}/"
    for name in ("ann", "rae"):
        assert newsroom[name].patch(at, {"confidential": {"reason": "x"}}, 1).refusal == (403, "role")
    assert newsroom.vic.patch(at, {"confidential": None}, 1).status == 403
    annotating = Caller(newsroom.user("max"), [Scope.ANNOTATE])
    assert annotating.patch(at, {"confidential": {"reason": "x"}}, 1).refusal == (403, "scope")
    managing = Caller(newsroom.user("max"), [Scope.MANAGE])
    assert managing.patch(at, {"note": "x"}, 1).refusal == (403, "scope")
    assert managing.patch(at, {"confidential": {"reason": "Why."}}, 1).status == 200
    for sent in ({}, {"reason": ""}, {"reason": None}, {"reason": "x", "by": "max"}, "x"):
        assert newsroom.max.patch(at, {"confidential": sent}, 2).status == 400, sent
    for name in ("ann", "rae", "vic"):
        for shown in (
            newsroom[name].get(at).data,
            newsroom[name].get("corpora/lake/actors/").data["results"][0],
        ):
            assert (shown["confidential"]["by"], shown["confidential"]["reason"]) == ("max", None)
        assert newsroom[name].get("corpora/lake/events/").status == 403
    assert newsroom.max.get("corpora/lake/actors/").data["results"][0]["confidential"]["reason"] == "Why."
    assert newsroom.sam.get(at).status == 404


@pytest.mark.parametrize("loser_is_protected", [True, False])
def test_protection_follows_merges_and_their_undoing(newsroom: Newsroom, loser_is_protected: bool) -> None:
    protected, other = newsroom.actor("Quiet Source"), newsroom.actor("A Friend")
    newsroom.max.patch(f"actors/{protected}/", {"confidential": {"reason": "Promised."}}, 1)
    loser, winner = (protected, other) if loser_is_protected else (other, protected)
    version = newsroom.max.get(f"actors/{loser}/").version
    merged = newsroom.rae.post(f"actors/{loser}/merge/", {"into": winner, "reason": "One."}, version=version)
    assert merged.status == 201
    for id in (loser, winner):
        assert newsroom.max.get(f"actors/{id}/").data["confidential"]["reason"] == "Promised."
    assert newsroom.max.get("corpora/lake/rights/").data["counts"]["protected_actors"] == 1
    assert newsroom.rae.post(f"merges/{merged.data['id']}/undo/", {"reason": "Two."}).status == 200
    assert newsroom.max.get(f"actors/{protected}/").data["confidential"]["reason"] == "Promised."
    assert newsroom.max.get(f"actors/{other}/").data["confidential"] is None


def test_what_is_protected_and_lifted_after_a_merge_holds_for_all_of_it(
    newsroom: Newsroom, second: Caller
) -> None:
    loser, winner = newsroom.actor("A Friend"), newsroom.actor("Quiet Source")
    merge = newsroom.rae.post(f"actors/{loser}/merge/", {"into": winner, "reason": "One."}, version=1)
    version = newsroom.max.get(f"actors/{winner}/").version
    protected = newsroom.max.patch(f"actors/{winner}/", {"confidential": {"reason": "Why."}}, version)
    assert ConfidentialActor.objects.count() == 2
    assert newsroom.max.patch(f"actors/{loser}/", {"confidential": {"reason": "x"}}, 2).status == 409
    newsroom.max.patch(f"actors/{winner}/", {"confidential": None}, protected.version)
    lifted = second.patch(f"actors/{winner}/", {"confidential": None}, protected.version + 1)
    assert (lifted.status, lifted.data["confidential"]) == (200, None)
    assert not ConfidentialActor.objects.exists()
    assert merge.status == 201
