"""The newsroom of the tests: its people, their corpus, work in every state, and clients that speak HTTP.

It is made through the services, so that a test begins where it has something to say. Tests of services
go on with them, tests of the API with Django's test client, and tests in a browser with their pages.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.utils import timezone

from annotations.enums import Scope
from annotations.models import AccessToken, AnnotationSet, Article, Corpus, Decision, Event, Role
from annotations.services.core import access_tokens, corpora
from annotations.services.double_annotation import adjudication
from tests import factories

API = "/api/v1/"
JSON = "application/json"

#: "Ada Verde" stands from 60 to 69, "is opposed to any new toll" from 70 to 96.
TEXT = factories.TEXT

MEMBERS = {
    "ann": Role.ANNOTATOR,
    "ben": Role.ANNOTATOR,
    "rae": Role.REVIEWER,
    "max": Role.MANAGER,
    "vic": Role.VIEWER,
}
#: Everybody, by what they are to the corpus ``lake``: its members, a stranger, a superuser, nobody.
PERSONAS = (*MEMBERS, "sam", "ada", "anonymous")

ALL_SCOPES = tuple(Scope)


class Reply:
    """An answer: status, headers and content."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        streamed = getattr(response, "streaming", False)
        # read to its end it is closed, without the signal that would close the connection of the test
        self.content: bytes = response.getvalue() if streamed else response.content

    @property
    def data(self) -> Any:
        """The content as JSON."""
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The code of a problem document, whose outer form is checked on the way."""
        found = self.data
        assert self.headers["Content-Type"] == "application/problem+json"
        assert list(found)[:6] == ["type", "title", "status", "detail", "code", "errors"]
        assert found["type"] == f"urn:standpoint:{found['code']}"
        assert found["status"] == self.status
        assert found["detail"].endswith((".", "…")), found["detail"]
        for error in found["errors"]:
            assert set(error) in ({"pointer", "code", "detail"}, {"parameter", "code", "detail"}), error
        return str(found["code"])

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code."""
        return self.status, self.code

    @property
    def version(self) -> int:
        """The version in ``ETag``."""
        return int(self.headers["ETag"].strip('"'))

    @property
    def set_version(self) -> int:
        """The version in ``Set-Version``."""
        return int(self.headers["Set-Version"])

    @property
    def pointers(self) -> list[str]:
        """Where the faults are."""
        return [error.get("pointer", error.get("parameter")) for error in self.data["errors"]]

    def __repr__(self) -> str:
        return f"<{self.status} {self.content[:2000]!r}>"


class Caller:
    """Somebody with a token of some scopes, with a session, or nobody at all."""

    def __init__(
        self, user: User | None = None, scopes: Sequence[Scope] = ALL_SCOPES, **options: Any
    ) -> None:
        self.user = user
        headers = {}
        if user is not None:
            token, secret = access_tokens.create_token(user, "test", scopes)
            # a token notes once a minute that it is used: here never, so that costs do not hang on the clock
            AccessToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now() + timedelta(days=1))
            headers["Authorization"] = f"Bearer {secret}"
        self.client = Client(headers=headers, **options)

    @classmethod
    def with_session(cls, user: User) -> Caller:
        """Somebody who is signed in with a browser."""
        made = cls()
        made.user = user
        made.client.force_login(user)
        return made

    @property
    def name(self) -> str:
        """The username."""
        assert self.user is not None
        return str(self.user.get_username())

    def raw(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        kind: str = JSON,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> Reply:
        """A request as it stands."""
        at = path if path.startswith(("/", "http://")) else API + path
        return Reply(self.client.generic(method, at, body, kind, headers=dict(headers or {}), **extra))

    def call(
        self, method: str, path: str, body: Any = None, *, version: Any = None, **parameters: Any
    ) -> Reply:
        """A request with a JSON body, ``If-Match`` and parameters."""
        at = f"{path}?{urlencode(parameters, doseq=True)}" if parameters else path
        sent = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {} if version is None else {"If-Match": version_tag(version)}
        return self.raw(method, at, sent, headers=headers)

    def get(self, path: str, **parameters: Any) -> Reply:
        """GET."""
        return self.call("GET", path, **parameters)

    def post(self, path: str, body: Any = None, *, version: Any = None, **parameters: Any) -> Reply:
        """POST."""
        return self.call("POST", path, {} if body is None else body, version=version, **parameters)

    def patch(self, path: str, body: Any, version: Any = None) -> Reply:
        """PATCH."""
        return self.call("PATCH", path, body, version=version)

    def delete(self, path: str, version: Any = None) -> Reply:
        """DELETE."""
        return self.call("DELETE", path, version=version)

    def move(self, set_id: Any, name: str, version: int | None = None, **body: Any) -> Reply:
        """A transition, from the version that is stored now where none is given."""
        seen = version or AnnotationSet.objects.values_list("version", flat=True).get(pk=set_id)
        return self.post(f"sets/{set_id}/{name}/", body, version=seen)

    def all(self, path: str, **parameters: Any) -> list[Any]:
        """The results of a list, page by page."""
        found: list[Any] = []
        reply = self.get(path, **parameters)
        while True:
            assert reply.status == 200, reply
            found += reply.data["results"]
            if reply.data["next"] is None:
                return found
            reply = self.raw("GET", reply.data["next"])


def version_tag(version: Any) -> str:
    """An integer as an entity tag; a string as it stands."""
    return f'"{version}"' if isinstance(version, int) else str(version)


@dataclass
class Newsroom:
    """The corpus ``lake`` with everybody in it, and the corpus ``sea``, of which sam is manager."""

    #: Whether its people may sign in to the admin.
    staff: bool = False
    lake: Corpus = field(init=False)
    sea: Corpus = field(init=False)
    callers: dict[str, Caller] = field(init=False)

    def __post_init__(self) -> None:
        people = {name: factories.make_user(name, is_staff=self.staff) for name in (*MEMBERS, "sam")}
        people["ada"] = factories.make_user("ada", is_superuser=True)
        members = {people[name]: role for name, role in MEMBERS.items() if name != "max"}
        self.lake = factories.make_corpus("lake", manager=people["max"], members=members)
        self.sea = factories.make_corpus("sea", manager=people["sam"])
        self.callers = {name: Caller(user) for name, user in people.items()}
        self.callers["anonymous"] = Caller()

    def __getitem__(self, name: str) -> Caller:
        return self.callers[name]

    @property
    def ann(self) -> Caller:
        """Annotator."""
        return self["ann"]

    @property
    def ben(self) -> Caller:
        """Annotator."""
        return self["ben"]

    @property
    def rae(self) -> Caller:
        """Reviewer."""
        return self["rae"]

    @property
    def max(self) -> Caller:
        """Manager."""
        return self["max"]

    @property
    def vic(self) -> Caller:
        """Viewer."""
        return self["vic"]

    @property
    def sam(self) -> Caller:
        """Manager of ``sea``, a stranger to ``lake``."""
        return self["sam"]

    @property
    def ada(self) -> Caller:
        """Superuser."""
        return self["ada"]

    @property
    def anonymous(self) -> Caller:
        """Nobody."""
        return self["anonymous"]

    def user(self, name: str) -> User:
        """The person behind a caller."""
        user = self[name].user
        assert user is not None
        return user

    def article(self, text: str = TEXT, *, corpus: Corpus | None = None, **fields: Any) -> Article:
        """An article, of ``lake`` if no corpus is named."""
        return factories.make_article(corpus or self.lake, text, **fields)

    def set(self, owner: str = "ann", article: Article | None = None, **fields: Any) -> AnnotationSet:
        """An open set, on an article of its own if none is named."""
        return factories.make_set(article or self.article(), self.user(owner), **fields)

    def set_on(self, text: str, owner: str = "ann", **article: Any) -> AnnotationSet:
        """An open set on a new article with this text."""
        return self.set(owner, self.article(text, **article))

    def join(self, user: User, role: Role) -> None:
        """Make somebody a member of ``lake``."""
        corpora.add_member(self.user("max"), self.lake.pk, user, role)

    def submitted(self, owner: str = "ann", article: Article | None = None) -> AnnotationSet:
        """A submitted set with one span."""
        row = self.set(owner, article)
        factories.make_span(row)
        return self.moved(row, owner, "submit")

    def in_review(self, owner: str = "ann", article: Article | None = None, by: str = "rae") -> AnnotationSet:
        """A set that somebody reviews."""
        return self.moved(self.submitted(owner, article), by, "start_review")

    def approved(self, owner: str = "ann", article: Article | None = None, by: str = "rae") -> AnnotationSet:
        """A set that is gold."""
        return self.moved(self.in_review(owner, article, by), by, "approve")

    def moved(self, row: AnnotationSet, by: str, name: str, **fields: Any) -> AnnotationSet:
        """A set after a transition."""
        return self.fresh(factories.move(self.user(by), row, name, **fields))

    def adjudication(self, by: str = "rae") -> AnnotationSet:
        """An adjudication with one difference: ann has marked what ben has not."""
        article = self.article(annotators=2)
        self.submitted("ann", article)
        self.moved(self.set("ben", article), "ben", "submit")
        return self.fresh(adjudication.begin_adjudication(self.user(by), article.pk)[0])

    def decision(self, row: AnnotationSet) -> Decision:
        """One more difference, of an adjudication of which no source has marked anything."""
        sources = row.sources.order_by("position").values_list("source_id", flat=True)
        sides: list[dict[str, Any]] = [
            {"set": str(id), "owner": "somebody", "span": None, "relations": []} for id in sources
        ]
        return Decision.objects.create(set=row, kind="missed", sides=sides)

    def nothing_happens(self, days: int = 30) -> None:
        """So many days pass."""
        Event.objects.update(time=F("time") - timedelta(days=days))

    def fresh(self, row: AnnotationSet) -> AnnotationSet:
        """The set as it is stored now."""
        return AnnotationSet.objects.select_related("owner", "article", "corpus").get(pk=row.pk)

    def topic(self, name: str = "Water") -> str:
        """A topic of ``lake``."""
        return str(self.rae.post("corpora/lake/topics/", {"name": name}).data["id"])

    def actor(self, name: str = "Ada Verde", **fields: Any) -> str:
        """An actor of ``lake``."""
        reply = self.ann.post("corpora/lake/actors/", {"name": name, "kind": "person", **fields})
        return str(reply.data["id"])

    def proposition(self, text: str = "A new toll", *, accepted: bool = True, **fields: Any) -> str:
        """An issue of ``lake``."""
        sent = {"text": text, "kind": "issue", **fields}
        found = str(self.ann.post("corpora/lake/propositions/", sent).data["id"])
        if accepted:
            self.rae.post(f"propositions/{found}/accept/")
        return found


def new_id() -> str:
    """An id as a client makes one."""
    return str(uuid.uuid4())


def span(start: int = 60, end: int = 69, label: str = "actor", **fields: Any) -> dict[str, Any]:
    """A span as a client sends it; without offsets it marks “Ada Verde”."""
    return {"label": label, "start": start, "end": end, **fields}
