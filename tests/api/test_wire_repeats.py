"""Whoever creates with an id may send it again: 200 and what is stored if it is the same, else 409.

The table has a row for every POST that takes an ``id``; one that is missing fails.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail

from annotations.api.urls import urlpatterns
from annotations.models import AccessToken, Corpus, Event, Invitation, Role
from annotations.services.core import corpora
from tests.newsroom import TEXT, Caller, Newsroom, new_id, span
from tests.speed import shared_rows

DAY, NEXT_DAY = "2030-01-01T12:00:00.5Z", "2030-01-02T12:00:00Z"

#: Route → who creates, the smallest body, further fields, and for fields of both another value.
ROWS: dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "corpora/": (
        "ada",
        {"slug": "pond", "name": "Pond"},
        {"description": "Small.", "guideline": "Mark.", "annotators_per_article": 2, "most_open": 3},
        {"slug": "pool", "name": "Pool", "description": "", "guideline": "Do.", "most_open": None},
    ),
    "tokens/": (
        "session",
        {"name": "mine", "scopes": ["read"]},
        {"scopes": ["annotate", "read"], "expires_at": DAY},
        {"name": "ours", "scopes": ["review"], "expires_at": NEXT_DAY},
    ),
    "corpora/<slug:slug>/invitations/": (
        "max",
        {"role": "viewer"},
        {"email": "Kim@example.org", "days": 30},
        {"role": "reviewer", "email": "joe@example.org", "days": 29},
    ),
    "corpora/<slug:slug>/articles/": (
        "max",
        {"text": TEXT},
        {"external_id": "a1", "title": "T", "metadata": {"a": 1}, "annotators": 2, "published_at": DAY},
        {"text": "Other.", "external_id": "a2", "title": "", "metadata": {"a": True}, "annotators": 3},
    ),
    "corpora/<slug:slug>/actors/": (
        "ann",
        {"name": "Ada Verde", "kind": "person"},
        {"qid": "Q42", "note": "N", "aliases": [{"text": "AV"}, {"text": "A. V.", "language": "en"}]},
        {"name": "Ada", "kind": "group", "qid": "Q43", "note": "", "aliases": [{"text": "AV"}]},
    ),
    "corpora/<slug:slug>/searches/": (
        "vic",
        {"name": "Tolls", "query": "toll"},
        {"filters": {"source": "The Post"}, "shared": True},
        {"name": "Locks", "query": "lock", "filters": {"source": "", "in": "quotes"}, "shared": False},
    ),
    "corpora/<slug:slug>/topics/": ("rae", {"name": "Water"}, {}, {"name": "Fish"}),
    "corpora/<slug:slug>/propositions/": (
        "ann",
        {"text": "A toll", "kind": "issue"},
        {"topic": "@topic"},
        {"text": "No toll", "kind": "assertion", "topic": None},
    ),
    "corpora/<slug:slug>/releases/": (
        "max",
        {"formats": ["jsonl"]},
        {
            "name": "One", "formats": ["jsonl", "quotes", "jsonl"], "sets": "none", "language": "en",
            "splits": {"by": "story_key", "shares": {"train": 80, "test": 20}}, "published_after": DAY,
        },
        {
            "name": "Two", "formats": ["quotes"], "sets": "approved", "language": "de",
            "splits": {"by": "story_key", "shares": {"train": 70, "test": 30}}, "published_after": NEXT_DAY,
        },
    ),
    **{
        f"{kind}s/<uuid:pk>/merge/": (
            "rae", {"into": f"@{kind}", "reason": "One."}, {}, {"into": f"@other_{kind}", "reason": "Two."},
        )
        for kind in ("actor", "topic", "proposition")
    },
    "actors/<uuid:pk>/affiliations/": (
        "ann",
        {"organisation": "@actor", "kind": "member"},
        {"role": "Clerk", "since": "2020-05", "until": "2021", "note": "N"},
        {
            "organisation": "@other_actor", "kind": "leads", "role": "Head", "since": "2019", "until": None,
            "note": None,
        },
    ),
    "articles/<uuid:pk>/revisions/": (
        "max", {"text": "New.", "reason": "So."}, {}, {"text": "Newer.", "reason": "Why?"},
    ),
    "articles/<uuid:pk>/sets/": (
        "max",
        {"owner": "ann"},
        {"due_at": DAY, "round": "calibration"},
        {"owner": "ben", "due_at": NEXT_DAY, "round": "production"},
    ),
    "sets/<uuid:pk>/spans/": (
        "ann",
        span(),
        {"quote": "Ada Verde", "actor": "@actor"},
        {"start": 61, "end": 68, "actor": None},
    ),
    "sets/<uuid:pk>/relations/": (
        "ann",
        {"type": "made_by", "source": "@claim", "target": "@span"},
        {},
        {"source": "@claim2"},
    ),
    "sets/<uuid:pk>/comments/": (
        "ann", {"text": "So?"}, {"span": "@span"}, {"text": "Why?", "span": None},
    ),
    "corpora/<slug:slug>/feeds/": (
        "max session", {"type": "quotes"}, {"actor": "@actor"}, {"type": "approved", "actor": "@other_actor"},
    ),
    "corpora/<slug:slug>/webhooks/": (
        "max",
        {"url": "https://93.184.215.14/hook", "events": ["set.approved"]},
        {"description": "The CMS.", "payload": "full"},
        {"url": "https://93.184.215.14/other", "events": ["article.done"], "payload": "thin"},
    ),
    "corpora/<slug:slug>/queue/": ("ann", {"task": "annotate"}, {"another": True}, {}),
}  # fmt: skip


class _Scene:
    """The places where things are created, and the things that bodies name."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.row = newsroom.set()
        at = f"sets/{self.row.pk}/spans/"
        self.ids = {
            "topic": newsroom.topic("Tolls"),
            "other_topic": newsroom.topic("Levies"),
            "actor": newsroom.actor("Somebody"),
            "other_actor": newsroom.actor("Nobody"),
            "proposition": newsroom.proposition("A levy"),
            "other_proposition": newsroom.proposition("A lock"),
            "span": newsroom.ann.post(at, span(0, 3)).data["id"],
            "claim": newsroom.ann.post(at, span(4, 30, "claim")).data["id"],
            "claim2": newsroom.ann.post(at, span(4, 31, "claim")).data["id"],
        }

    def caller(self, who: str) -> Caller:
        name, _, session = who.rpartition(" ")
        if session != "session":
            return self.newsroom[who]
        return Caller.with_session(self.newsroom.user(name or "ann"))

    def address(self, route: str) -> str:
        makers: dict[str, Callable[[], object]] = {
            "sets": lambda: self.row.pk,
            "articles": lambda: self.newsroom.article(annotators=3).pk,
            "actors": lambda: self.newsroom.actor("Ada Verde"),
            "topics": lambda: self.newsroom.topic("Water"),
            "propositions": lambda: self.newsroom.proposition("A toll", accepted=False),
            "corpora": str,
            "tokens": str,
        }
        pk = makers[route.split("/", maxsplit=1)[0]]()
        return route.replace("<slug:slug>", "lake").replace("<uuid:pk>", str(pk))

    def body(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self.ids[value[1:]] if str(value).startswith("@") else value
            for name, value in values.items()
        }


@pytest.fixture(scope="module")
def stored_scene(stored_newsroom: Newsroom, django_db_blocker: Any) -> Iterator[_Scene]:
    yield from shared_rows(django_db_blocker, lambda: _Scene(stored_newsroom))


@pytest.fixture
def scene(newsroom: Newsroom, stored_scene: _Scene) -> _Scene:
    mine = copy.copy(stored_scene)
    mine.newsroom = newsroom
    return mine


def _version(route: str) -> int | None:
    """The version that goes along: a merge says which loser its sender saw."""
    return 1 if route.endswith("merge/") else None


def _takes_id(view: Any) -> bool:
    """Whether the POST of a view takes an ``id`` for what it creates."""
    body = view.request_bodies.get("POST") if hasattr(view, "request_bodies") else None
    fields: dict[str, Any] = getattr(getattr(body, "content", body), "_declared_fields", {})
    return "id" in fields and not fields["id"].required and not fields["id"].read_only


def test_every_post_with_an_id_has_its_row() -> None:
    views = {str(row.pattern): getattr(row.callback, "cls", None) for row in urlpatterns}
    assert {route for route, view in views.items() if _takes_id(view)} == set(ROWS)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("route", ROWS)
def test_the_same_again_is_what_is_stored(scene: _Scene, route: str, whole: bool) -> None:
    who, least, more, _ = ROWS[route]
    body = {"id": new_id(), **scene.body({**least, **(more if whole else {})})}
    caller, at = scene.caller(who), scene.address(route)
    first = caller.post(at, body, version=_version(route))
    events = Event.objects.count()
    again = caller.post(at, body, version=_version(route))
    assert (first.status, again.status) == (200 if route.endswith("queue/") else 201, 200), again
    names = ("token", "link", "secret", *(["url"] if route.endswith("feeds/") else []))
    secrets = {name: None for name in names if name in first.data}
    assert again.data == {**first.data, **secrets}
    assert all(first.data[name] for name in secrets)
    assert Event.objects.count() == events


@pytest.mark.parametrize("route", ROWS)
def test_something_else_with_the_same_id_is_refused(scene: _Scene, route: str) -> None:
    who, least, more, others = ROWS[route]
    body = {"id": new_id(), **scene.body({**least, **more})}
    caller, at = scene.caller(who), scene.address(route)
    assert caller.post(at, body, version=_version(route)).status in (200, 201)
    for name, value in scene.body(others).items():
        changed = {**body, name: value}
        if name in ("start", "end"):
            del changed["quote"]
        reply = caller.post(at, changed, version=_version(route))
        assert reply.refusal == (409, "id-taken"), name
    assert caller.post(at, body, version=_version(route)).status == 200


def test_the_secret_of_others_is_not_theirs_to_repeat(newsroom: Newsroom) -> None:
    corpora.update_member(newsroom.user("max"), newsroom.lake.pk, "rae", Role.MANAGER, version=1)
    invitation = {"id": new_id(), "role": "viewer"}
    assert newsroom.max.post("corpora/lake/invitations/", invitation).status == 201
    for caller, corpus in ((newsroom.rae, "lake"), (newsroom.sam, "sea")):
        reply = caller.post(f"corpora/{corpus}/invitations/", invitation)
        assert (reply.refusal, reply.pointers) == ((409, "id-taken"), ["/id"])
    token = {"id": new_id(), "name": "mine", "scopes": ["read"]}
    assert Caller.with_session(newsroom.user("max")).post("tokens/", token).status == 201
    reply = Caller.with_session(newsroom.user("rae")).post("tokens/", token)
    assert (reply.refusal, reply.pointers) == ((409, "id-taken"), ["/id"])
    assert (Invitation.objects.count(), AccessToken.objects.filter(name="mine").count()) == (1, 1)


def test_a_repeated_invitation_is_mailed_once(
    newsroom: Newsroom, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    body = {"id": new_id(), "role": "viewer", "email": "kim@example.org"}
    with django_capture_on_commit_callbacks(execute=True):
        replies = [newsroom.max.post("corpora/lake/invitations/", body) for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 200]
    assert len(mail.outbox) == 1
    # a repeat writes nothing, so that it is one in an archived corpus, too
    Corpus.objects.filter(slug="lake").update(archived=True)
    assert newsroom.max.post("corpora/lake/invitations/", body).data == replies[1].data


def test_an_id_of_another_kind_of_set_is_taken(newsroom: Newsroom) -> None:
    adjudication = newsroom.adjudication("rae")
    sent = {"id": str(adjudication.pk), "kind": "annotation", "owner": "rae"}
    at = f"articles/{adjudication.article_id}/sets/"
    assert newsroom.max.post(at, sent).refusal == (409, "id-taken")
    again = {"id": str(adjudication.pk), "kind": "adjudication"}
    assert newsroom.rae.post(at, again).status == 200
    assert newsroom.rae.post(at, {**again, "due_at": DAY}).refusal == (409, "id-taken")
    for task, status in (("annotate", 409), ("review", 409), ("adjudicate", 200)):
        asked = {"task": task, "id": str(adjudication.pk), "another": True}
        assert newsroom.rae.post("corpora/lake/queue/", asked).status == status, task
