"""The same sent by many at once, under one id or one name, is stored once."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from annotations.enums import Scope
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Proposition,
    Relation,
    Role,
    Span,
    Topic,
)
from annotations.services.core import access_tokens, corpora
from tests.api.together import at_once, twin
from tests.newsroom import TEXT, Newsroom, new_id, span

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stored_newsroom(transactional_db: None) -> Newsroom:
    """A newsroom for each test, which other connections see."""
    return Newsroom()


def kinds(newsroom: Newsroom) -> dict[str, tuple[str, str, dict[str, Any], Any]]:
    """Who makes what where, and the table in which it must stand once."""
    row, article = newsroom.set(), newsroom.article()
    ends = [
        newsroom.ann.post(f"sets/{row.pk}/spans/", span(*place)).data["id"]
        for place in ((0, 3), (4, 50, "claim"))
    ]
    link = {"type": "about", "source": ends[1], "target": ends[0]}
    return {
        "article": ("max", "corpora/lake/articles/", {"text": TEXT, "external_id": "x"}, Article),
        "corpus": ("ada", "corpora/", {"slug": "river", "name": "River"}, Corpus),
        "actor": ("ann", "corpora/lake/actors/", {"name": "A", "kind": "state"}, Actor),
        "topic": ("rae", "corpora/lake/topics/", {"name": "Fish"}, Topic),
        "proposition": ("ann", "corpora/lake/propositions/", {"text": "A", "kind": "issue"}, Proposition),
        "span": ("ann", f"sets/{row.pk}/spans/", span(), Span),
        "relation": ("ann", f"sets/{row.pk}/relations/", link, Relation),
        "comment": ("ann", f"sets/{row.pk}/comments/", {"text": "So?"}, Comment),
        "set": ("max", f"articles/{article.pk}/sets/", {"owner": "ben"}, AnnotationSet),
    }


def test_the_same_at_once_is_stored_once(newsroom: Newsroom) -> None:
    """A retry that overtakes its first try: one 201, and the same thing for everybody."""
    for kind, (who, at, body, model) in kinds(newsroom).items():
        sent = {**body, "id": new_id()}
        before = model.objects.count()
        replies = at_once([partial(twin(newsroom[who]).post, at, sent) for _ in range(20)])
        assert Counter(reply.status for reply in replies) == {201: 1, 200: 19}, (kind, replies)
        assert len({reply.content for reply in replies}) == 1, kind
        assert model.objects.count() == before + 1


def test_one_name_for_several_things_at_once(newsroom: Newsroom) -> None:
    """The same id for different things, and the same name under different ids: one wins, all others 409."""
    taken = new_id()
    for bodies, at, who in (
        ([{"text": f"Text {n}.", "id": taken} for n in range(6)], "corpora/lake/articles/", "max"),
        ([{"text": f"Text {n}.", "external_id": "x"} for n in range(6)], "corpora/lake/articles/", "max"),
        ([{"name": "Fish", "id": new_id()} for _ in range(6)], "corpora/lake/topics/", "rae"),
        ([{"slug": "river", "name": f"River {n}"} for n in range(6)], "corpora/", "ada"),
    ):
        replies = at_once([partial(twin(newsroom[who]).post, at, body) for body in bodies])
        assert Counter(reply.status for reply in replies) == {201: 1, 409: 5}, (at, replies)
        assert {reply.code for reply in replies if reply.status == 409} <= {"duplicate", "id-taken"}


def test_one_id_for_spans_of_several_sets_at_once(newsroom: Newsroom) -> None:
    rows, taken = [newsroom.set() for _ in range(6)], new_id()
    replies = at_once(
        [partial(twin(newsroom.ann).post, f"sets/{row.pk}/spans/", span(id=taken)) for row in rows]
    )
    assert Counter(reply.status for reply in replies) == {201: 1, 409: 5}, replies
    assert {reply.code for reply in replies if reply.status == 409} == {"id-taken"}


@pytest.mark.parametrize(("who", "task"), [("ann", "annotate"), ("rae", "review")])
def test_one_id_for_several_requests_takes_one_piece(newsroom: Newsroom, who: str, task: str) -> None:
    """A button that is pressed twice, and a retry: beside what is held, one more and not two."""
    for _ in range(4):
        newsroom.submitted("ben", newsroom.article()) if task == "review" else newsroom.article()
    queue = "corpora/lake/queue/"
    held = newsroom[who].post(queue, {"task": task}).data["set"]["id"]
    sent = {"task": task, "another": True, "id": new_id()}
    replies = at_once([partial(twin(newsroom[who]).post, queue, sent) for _ in range(4)])
    assert {reply.status for reply in replies} == {200}, replies
    given = {reply.data["set"]["id"] for reply in replies}
    assert len(given) == 1
    another = newsroom[who].post(queue, {**sent, "id": new_id()}).data["set"]["id"]
    assert len({held, another, *given}) == 3


def test_one_id_for_several_invitations(newsroom: Newsroom) -> None:
    sent = {"role": "annotator", "id": new_id()}
    replies = at_once([partial(twin(newsroom.max).post, "corpora/lake/invitations/", sent) for _ in range(8)])
    assert Counter(reply.status for reply in replies) == {201: 1, 200: 7}, replies
    assert [bool(reply.data["link"]) for reply in replies].count(True) == 1
    assert {reply.data["id"] for reply in replies} == {sent["id"]}


def test_one_id_for_several_tokens(newsroom: Newsroom) -> None:
    taken = UUID(new_id())

    def create() -> str:
        return access_tokens.create_token(newsroom.user("max"), "one", [Scope.READ], id=taken)[1]

    assert [bool(secret) for secret in at_once([create] * 6)].count(True) == 1


def test_one_id_by_several_people(newsroom: Newsroom) -> None:
    """The lock of the person does not help here; the key of the table does."""
    corpora.update_member(newsroom.user("max"), newsroom.lake.pk, "rae", Role.MANAGER, version=1)
    sent = {"role": "annotator", "id": new_id()}
    replies = at_once(
        [partial(twin(newsroom[who]).post, "corpora/lake/invitations/", sent) for who in ("max", "rae") * 3]
    )
    assert Counter(reply.status for reply in replies) == {201: 1, 200: 2, 409: 3}, replies
    assert {reply.code for reply in replies if reply.status == 409} == {"id-taken"}


@pytest.mark.parametrize(
    ("who", "at", "body", "model"),
    [
        ("ann", "corpora/lake/propositions/", {"text": "A toll", "kind": "issue"}, Proposition),
        ("ann", "corpora/lake/actors/", {"name": "Ada", "kind": "person", "aliases": [{"text": "A"}]}, Actor),
        ("rae", "corpora/lake/topics/", {"name": "Fish"}, Topic),
    ],
)
def test_an_equal_entry_without_an_id_is_stored_once(
    newsroom: Newsroom, who: str, at: str, body: dict[str, Any], model: Any
) -> None:
    replies = at_once([partial(twin(newsroom[who]).post, at, body) for _ in range(8)])
    assert Counter(reply.status for reply in replies) == {201: 1, 200: 7}, replies
    assert len({reply.content for reply in replies}) == 1
    assert model.objects.count() == 1
