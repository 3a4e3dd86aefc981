"""Who may do what at every address: one table, and no address without its rows.

Each row says for one route and method what each person is answered, and which scopes a token needs.
A route or method that is missing here fails the test, and so does a row that no route has.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern

from annotations.api.urls import urlpatterns
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Decision,
    Invitation,
    Membership,
    Notification,
    Proposition,
    Relation,
    Role,
    Span,
    Topic,
)
from annotations.permissions import Scope
from annotations.services import (
    adjudication,
    background,
    comments,
    corpora,
    invitations,
    registry,
    relations,
    releases,
    sets,
)
from tests import factories
from tests.api.house import API, PERSONAS, TEXT, Caller, House, Reply, span

PROVES = False  # the data of these tests is proved by others

MISSING = "01930000-0000-7000-8000-00000000dead"

# What the persons are answered:    ann ben rae max vic sam ada anonymous
EVERYBODY = "200 200 200 200 200 200 200 401"
MEMBERS = "200 200 200 200 200 404 200 401"
ANNOTATORS_ADD = "201 201 201 201 403 404 201 401"
REVIEWERS_ADD = "403 403 201 201 403 404 201 401"
MANAGERS = "403 403 403 200 403 404 200 401"
MANAGERS_ADD = "403 403 403 201 403 404 201 401"
MANAGERS_DELETE = "403 403 403 204 403 404 204 401"
# of a set of ann's that is not approved: others than reviewers do not know that it exists
SEEN = "200 404 200 200 404 404 200 401"
OWNER = "200 404 403 403 404 404 403 401"
OWNER_ADDS = "201 404 403 403 404 404 403 401"
OWNER_DELETES = "204 404 403 403 404 404 403 401"
TALK = "201 404 201 201 404 404 201 401"
REVIEWERS = "403 404 200 200 404 404 200 401"
THAT_REVIEWER = "403 404 200 403 404 404 403 401"
# rae's adjudication
ADJUDICATED = "404 404 200 200 404 404 200 401"
ADJUDICATOR = "404 404 200 403 404 404 403 401"
SETTLED = {"choice": "drop", "reason": "slip"}
NOBODY = "403 403 403 403 403 403 403 401"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One method of one route.

    ``at`` fills the places of the route with things of ``furnish``. ``scopes``: the person who is let in
    with a token → the scopes of which it needs one.
    """

    statuses: str
    scopes: dict[str, str] = field(default_factory=dict)
    at: tuple[str, ...] = ()
    body: Any = None
    version: bool = False
    query: str = ""
    session: bool = False


def row(statuses: str, scopes: str = "", *at: str, by: str = "", **more: Any) -> Row:
    """A row whose scopes are those of the first person who is let in, or of ``by``."""
    let_in = [who for who, status in zip(PERSONAS, statuses.split(), strict=True) if status < "300"]
    return Row(statuses=statuses, scopes={by or let_in[0]: scopes} if scopes else {}, at=at, **more)


ROWS: dict[str, Row] = {
    "GET me/": row(EVERYBODY, "read"),
    # no token makes or shows tokens: those with a session are in another test
    "GET tokens/": row(NOBODY, session=True),
    "POST tokens/": row(NOBODY, session=True, body={"name": "mine", "scopes": ["read"]}),
    "GET tokens/<uuid:pk>/": row(NOBODY, "", "token", session=True),
    "DELETE tokens/<uuid:pk>/": row(NOBODY, "", "token", session=True),
    "GET corpora/": row(EVERYBODY, "read"),
    "POST corpora/": row(
        "403 403 403 403 403 403 201 401", "manage", body={"slug": "river", "name": "River"}
    ),
    "GET corpora/<slug:slug>/": row(MEMBERS, "read", "corpus"),
    "PATCH corpora/<slug:slug>/": row(MANAGERS, "manage", "corpus", body={"name": "Lake"}, version=True),
    "DELETE corpora/<slug:slug>/": row(MANAGERS_DELETE, "manage", "empty", version=True),
    "GET corpora/<slug:slug>/members/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/members/": row(
        MANAGERS_ADD, "manage", "corpus", body={"username": "newcomer", "role": "viewer"}
    ),
    "PATCH corpora/<slug:slug>/members/<username:username>/": row(
        MANAGERS, "manage", "corpus", "member", body={"role": "reviewer"}, version=True
    ),
    "DELETE corpora/<slug:slug>/members/<username:username>/": row(
        MANAGERS_DELETE, "manage", "corpus", "member", version=True
    ),
    "GET corpora/<slug:slug>/stats/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/articles/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/articles/": row(MANAGERS_ADD, "ingest manage", "corpus", body={"text": "A b."}),
    "GET corpora/<slug:slug>/sets/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/queue/": row(
        "200 200 200 200 403 404 200 401", "annotate", "corpus", body={"task": "annotate"}
    ),
    "GET corpora/<slug:slug>/spans/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/events/": row(MANAGERS, "read manage", "corpus"),
    "GET corpora/<slug:slug>/actors/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/actors/": row(
        ANNOTATORS_ADD, "annotate", "corpus", body={"name": "Lorn", "kind": "state"}
    ),
    "GET corpora/<slug:slug>/actors/suggest/": row(MEMBERS, "read", "corpus", query="?q=a"),
    "GET corpora/<slug:slug>/topics/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/topics/": row(REVIEWERS_ADD, "review", "corpus", body={"name": "Fish"}),
    "GET corpora/<slug:slug>/propositions/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/propositions/": row(
        ANNOTATORS_ADD, "annotate", "corpus", body={"text": "A new toll", "kind": "issue"}
    ),
    "POST corpora/<slug:slug>/imports/": row(
        "403 403 403 200 403 404 200 401", "ingest manage", "corpus", body={"text": "Imported."}
    ),
    "GET corpora/<slug:slug>/export/": row(MEMBERS, "read", "corpus"),
    "GET corpora/<slug:slug>/releases/": row(MEMBERS, "read", "corpus"),
    "POST corpora/<slug:slug>/releases/": row(MANAGERS_ADD, "manage", "corpus", body={"formats": ["jsonl"]}),
    "GET releases/<uuid:pk>/": row(MEMBERS, "read", "release"),
    "GET releases/<uuid:pk>/diff/": row(MEMBERS, "read", "release", query="?to=1"),
    "GET releases/<uuid:pk>/files/<str:name>": row(MEMBERS, "read", "release", "file"),
    "POST releases/<uuid:pk>/withdraw/": row(MANAGERS, "manage", "release", body={"reason": "A mistake."}),
    "GET jobs/<uuid:pk>/": row(MANAGERS, "read ingest manage", "job"),
    "GET jobs/<uuid:pk>/report/": row(MANAGERS, "read ingest manage", "job"),
    "GET articles/<uuid:pk>/": row(MEMBERS, "read", "article"),
    "PATCH articles/<uuid:pk>/": row(
        MANAGERS, "ingest manage", "article", body={"title": "New"}, version=True
    ),
    "DELETE articles/<uuid:pk>/": row(MANAGERS_DELETE, "ingest manage", "article", version=True),
    "GET articles/<uuid:pk>/text/": row(MEMBERS, "read", "article"),
    "POST articles/<uuid:pk>/exclude/": row(MANAGERS, "manage", "article", body={"reason": "Twice."}),
    "POST articles/<uuid:pk>/include/": row(MANAGERS, "manage", "article", body={"reason": "Once."}),
    "GET articles/<uuid:pk>/revisions/": row(MEMBERS, "read", "article"),
    "POST articles/<uuid:pk>/revisions/": row(
        MANAGERS_ADD, "ingest manage", "article", body={"text": "Other text.", "reason": "Typo."}
    ),
    "GET articles/<uuid:pk>/sets/": row(MEMBERS, "read", "article"),
    "POST articles/<uuid:pk>/sets/": row(MANAGERS_ADD, "manage", "article", body={"owner": "ben"}),
    "GET sets/<uuid:pk>/": row(SEEN, "read", "open"),
    "GET sets/<uuid:pk>/spans/": row(SEEN, "read", "open"),
    "POST sets/<uuid:pk>/spans/": row(OWNER_ADDS, "annotate", "open", body=span(4, 11)),
    "GET sets/<uuid:pk>/relations/": row(SEEN, "read", "open"),
    "POST sets/<uuid:pk>/relations/": row(
        OWNER_ADDS,
        "annotate",
        "open",
        body={"type": "about", "source": "{claim}", "target": "{span}"},
    ),
    "GET sets/<uuid:pk>/comments/": row(SEEN, "read", "open"),
    "POST sets/<uuid:pk>/comments/": row(TALK, "annotate review", "open", body={"text": "Why?"}),
    "GET sets/<uuid:pk>/problems/": row(SEEN, "read", "open"),
    "GET sets/<uuid:pk>/history/": row(SEEN, "read", "open"),
    "GET sets/<uuid:pk>/changes/": row(SEEN, "read", "open"),
    "POST sets/<uuid:pk>/submit/": row(OWNER, "annotate", "open", body={}, version=True),
    "POST sets/<uuid:pk>/recall/": row(OWNER, "annotate", "submitted", body={}, version=True),
    "POST sets/<uuid:pk>/start-review/": row(REVIEWERS, "review", "submitted", body={}, version=True),
    "POST sets/<uuid:pk>/release-review/": Row(
        statuses=REVIEWERS,
        scopes={"rae": "review", "max": "manage"},
        at=("in_review",),
        body={},
        version=True,
    ),
    "POST sets/<uuid:pk>/return/": row(
        THAT_REVIEWER, "review", "in_review", body={"comment": "Mend it."}, version=True
    ),
    "POST sets/<uuid:pk>/approve/": row(THAT_REVIEWER, "review", "in_review", body={}, version=True),
    "POST sets/<uuid:pk>/take-over/": row(
        "403 404 201 201 404 404 201 401", "review", "open", body={"reason": "Away."}, version=True
    ),
    # an approved set is seen by all members
    "POST sets/<uuid:pk>/reopen/": row(
        MANAGERS_ADD, "manage", "approved", body={"reason": "A mistake."}, version=True
    ),
    "POST sets/<uuid:pk>/withdraw/": Row(
        statuses="200 404 403 200 404 404 200 401",
        scopes={"ann": "annotate", "max": "manage"},
        at=("open",),
        body={"reason": "Too hard."},
        version=True,
    ),
    "POST sets/<uuid:pk>/release/": row(
        "403 404 403 200 404 404 200 401", "manage", "open", body={}, version=True
    ),
    "GET sets/<uuid:pk>/reviewers/": row(SEEN, "read", "open"),
    "GET sets/<uuid:pk>/decisions/": row(ADJUDICATED, "read", "adjudication"),
    "POST sets/<uuid:pk>/decisions/": row(
        ADJUDICATOR, "annotate review", "adjudication", body={**SETTLED, "id": "{decision}", "version": 1}
    ),
    "GET decisions/<uuid:pk>/": row(ADJUDICATED, "read", "decision"),
    "POST decisions/<uuid:pk>/settle/": row(
        ADJUDICATOR, "annotate review", "decision", body=SETTLED, version=True
    ),
    "POST decisions/<uuid:pk>/reopen/": row(ADJUDICATOR, "annotate review", "decision", version=True),
    "GET articles/<uuid:pk>/history/": row(MANAGERS, "read manage", "article"),
    "GET corpora/<slug:slug>/stuck/": row(MANAGERS, "read manage", "corpus"),
    "GET corpora/<slug:slug>/progress/": row(MANAGERS, "read manage", "corpus"),
    "GET corpora/<slug:slug>/agreement/": row("403 403 200 200 403 404 200 401", "read", "corpus"),
    "POST corpora/<slug:slug>/assignments/": row(
        MANAGERS_ADD, "manage", "corpus", body={"articles": ["{article}"], "owners": ["ben"]}
    ),
    "POST corpora/<slug:slug>/calibrations/": row(
        MANAGERS_ADD, "manage", "corpus", body={"articles": ["{article}"], "owners": ["ann", "ben"]}
    ),
    "GET corpora/<slug:slug>/invitations/": row(MANAGERS, "manage", "corpus"),
    "POST corpora/<slug:slug>/invitations/": row(MANAGERS_ADD, "manage", "corpus", body={"role": "viewer"}),
    "GET invitations/<uuid:pk>/": row(MANAGERS, "manage", "invitation"),
    "DELETE invitations/<uuid:pk>/": row(MANAGERS_DELETE, "manage", "invitation"),
    "GET notifications/": row(EVERYBODY, "read"),
    # what somebody was told is theirs alone
    "POST notifications/<uuid:pk>/read/": row("200 404 404 404 404 404 404 401", "read", "notification"),
    "GET spans/<uuid:pk>/": row(SEEN, "read", "span"),
    "PATCH spans/<uuid:pk>/": row(OWNER, "annotate", "span", body={"end": 63}, version=True),
    "DELETE spans/<uuid:pk>/": row(OWNER_DELETES, "annotate", "span", version=True),
    "GET relations/<uuid:pk>/": row(SEEN, "read", "relation"),
    "DELETE relations/<uuid:pk>/": row(OWNER_DELETES, "annotate", "relation", version=True),
    "GET comments/<uuid:pk>/": row(SEEN, "read", "comment"),
    "PATCH comments/<uuid:pk>/": row(
        OWNER, "annotate review", "comment", body={"text": "Better."}, version=True
    ),
    "POST comments/<uuid:pk>/take/": row(OWNER, "annotate", "suggestion", version=True),
    "GET actors/<uuid:pk>/": row(MEMBERS, "read", "actor"),
    "PATCH actors/<uuid:pk>/": row(
        "200 200 200 200 403 404 200 401", "annotate review", "actor", body={"note": "A poet."}, version=True
    ),
    "GET topics/<uuid:pk>/": row(MEMBERS, "read", "topic"),
    "PATCH topics/<uuid:pk>/": row(
        "403 403 200 200 403 404 200 401", "review", "topic", body={"name": "Rain"}, version=True
    ),
    "GET propositions/<uuid:pk>/": row(MEMBERS, "read", "proposition"),
    "PATCH propositions/<uuid:pk>/": row(
        "403 403 200 200 403 404 200 401",
        "review",
        "proposition",
        body={"text": "A new bridge"},
        version=True,
    ),
    "POST propositions/<uuid:pk>/accept/": row(
        "403 403 200 200 403 404 200 401", "review", "proposition", body={}
    ),
}
#: What is not written to a corpus that is archived: taking it out, another corpus, and what is so already.
#: A project that is over is archived and released, in any order.
UNARCHIVED = (
    "PATCH corpora/<slug:slug>/",
    "POST corpora/",
    "POST articles/<uuid:pk>/include/",
    "POST notifications/<uuid:pk>/read/",
    "POST corpora/<slug:slug>/releases/",
    "POST releases/<uuid:pk>/withdraw/",
)
#: For everybody, signed in or not.
OPEN_TO_ALL = ("schema/", "docs/")
#: The last address, which takes whatever no other does.
UNKNOWN = "<path:unknown>"


class Things(dict[str, str]):
    """One thing of every kind in a corpus, by name; each is made when it is first asked for."""

    def __init__(self, house: House, corpus: Corpus, manager: str, owner: str, reviewer: str) -> None:
        super().__init__()
        self.corpus, self.by = corpus, house.user(manager)
        self.owner, self.reviewer = house.user(owner), house.user(reviewer)

    def __missing__(self, name: str) -> str:
        self[name] = str(getattr(self, f"_{name}")())
        return self[name]

    def whole(self) -> Things:
        """All of them."""
        for name in NAMES:
            assert self[name]
        return self

    def _corpus(self) -> str:
        return self.corpus.slug

    def _empty(self) -> str:
        return factories.make_corpus(f"empty-{self.corpus.slug}", manager=self.by).slug

    def _member(self) -> str:
        clerk = factories.make_user(f"clerk-{self.corpus.slug}")
        corpora.add_member(self.by, self.corpus.pk, clerk, Role.VIEWER)
        return clerk.get_username()

    def _article(self) -> object:
        return factories.make_article(self.corpus, TEXT, by=self.by).pk

    def _set(self, *moves: str) -> AnnotationSet:
        made = sets.assign(self.by, UUID(str(self._article())), owner=self.owner)[0]
        factories.make_span(made)
        for name in moves:
            factories.move(self.owner if name == "submit" else self.reviewer, made, name)
        return made

    def _open(self) -> object:
        return self._set().pk

    def _submitted(self) -> object:
        return self._set("submit").pk

    def _in_review(self) -> object:
        return self._set("submit", "start_review").pk

    def _approved(self) -> object:
        return self._set("submit", "start_review", "approve").pk

    def _content(self, start: int, end: int, label: str) -> Span:
        row = AnnotationSet.objects.select_related("owner").get(pk=self["open"])
        return factories.make_span(row, label, start, end)

    def _span(self) -> object:
        return self._content(0, 3, "actor").pk

    def _claim(self) -> object:
        return self._content(4, 30, "claim").pk

    def _relation(self) -> object:
        source, target = UUID(self["claim"]), UUID(self["span"])
        draft = relations.RelationDraft(type="made_by", source_id=source, target_id=target)
        return relations.add(self.owner, UUID(self["open"]), [draft])[0][0].pk

    def _comment(self) -> object:
        return comments.add(self.owner, UUID(self["open"]), comments.CommentDraft(text="Is it?"))[0].pk

    def _suggestion(self) -> object:
        draft = comments.CommentDraft(text="Longer?", span_id=UUID(self["span"]), suggestion={"end": 4})
        return comments.add(self.owner, UUID(self["open"]), draft)[0].pk

    def _seen(self) -> Corpus:
        return factories.seen_by(self.by, self.corpus)

    def _actor(self) -> object:
        return registry.add_actor(self.by, self._seen(), {"name": "Ada Verde", "kind": "person"})[0].pk

    def _topic(self) -> object:
        return registry.add_topic(self.by, self._seen(), {"name": "Water"})[0].pk

    def _proposition(self) -> object:
        return registry.propose(self.by, self._seen(), {"text": "A toll", "kind": "issue"})[0].pk

    def _token(self) -> str:
        return MISSING

    def _adjudication(self) -> object:
        """One with one difference between the owner and a second annotator."""
        second = factories.make_user(f"second-{self.corpus.slug}")
        corpora.add_member(self.by, self.corpus.pk, second, Role.ANNOTATOR)
        article = factories.make_article(self.corpus, TEXT, by=self.by, annotators=2)
        rows = [sets.assign(self.by, article.pk, owner=each)[0] for each in (self.owner, second)]
        factories.make_span(rows[0])
        for each in rows:
            factories.move(each.owner, each, "submit")
        return adjudication.begin(self.reviewer, article.pk)[0].pk

    def _decision(self) -> object:
        return Decision.objects.get(set_id=UUID(self["adjudication"])).pk

    def _invitation(self) -> object:
        return invitations.create(self.by, self._seen(), Role.VIEWER)[0].pk

    def _notification(self) -> object:
        assert self["open"]
        return Notification.objects.filter(recipient=self.owner)[0].pk

    def _release(self) -> object:
        return background.release(self.by, self.corpus, releases.Order())[0].pk

    def _file(self) -> str:
        return f"{self.corpus.slug}.jsonl"

    def _job(self) -> object:
        source = io.BytesIO(b'{"text": "Read later."}\n')
        job = background.import_later(self.by, self.corpus, source, {"format": "jsonl"})
        background.run(job.pk, "worker")
        return job.pk


NAMES = (
    "corpus", "empty", "member", "article", "open", "submitted", "in_review", "approved", "span", "claim",
    "relation", "comment", "suggestion", "actor", "topic", "proposition", "token",
    "adjudication", "decision", "invitation", "notification",
    "release", "file", "job",
)  # fmt: skip


@pytest.fixture
def things(house: House) -> Things:
    """Everything in ``lake``."""
    factories.make_user("newcomer")
    found = Things(house, house.lake, "max", "ann", "rae").whole()
    empty = Corpus.objects.get(slug=found["empty"])
    for name in ("ann", "ben", "rae", "vic"):
        role = Role(house.lake.memberships.get(user=house.user(name)).role)
        corpora.add_member(house.user("max"), empty.pk, house.user(name), role)
    return found


def patterns() -> list[URLPattern]:
    return [each for each in urlpatterns if str(each.pattern) not in (*OPEN_TO_ALL, UNKNOWN)]


def routes() -> dict[str, set[str]]:
    """Every route of the URLconf with the methods that its view handles."""
    found = {}
    for each in patterns():
        view: Any = each.callback.view_class  # type: ignore[attr-defined]
        found[str(each.pattern)] = {
            name.upper()
            for name in view.http_method_names
            if hasattr(view, name) and name not in ("head", "options")
        }
    return found


def there(key: str) -> bool:
    """Whether the URLconf has this method of a route."""
    method, route = key.split()
    return method in routes().get(route, ())


def address(key: str, things: Mapping[str, str]) -> str:
    """The address of a row."""
    found, rest = "", key.split()[1]
    for name in ROWS[key].at:
        before, rest = rest.split("<", 1)
        found += before + things[name]
        rest = rest.split(">", 1)[1]
    return found + rest + ROWS[key].query


def filled(body: Any, things: Mapping[str, str]) -> Any:
    """A body with the ids of things in it."""
    if isinstance(body, dict):
        return {name: filled(value, things) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, things) for value in body]
    return things[body[1:-1]] if isinstance(body, str) and body.startswith("{") else body


def ask(caller: Caller, key: str, things: Mapping[str, str], version: Any = None) -> Reply:
    """The request of a row by somebody; what it writes is taken back."""
    each = ROWS[key]
    method, at = key.split(maxsplit=1)[0], address(key, things)
    seen = version or (stored_version(each, things) if each.version else None)
    imports = at.endswith("/imports/")
    before = transaction.savepoint()
    if imports:
        reply = caller.raw(method, at, b'{"text": "Imported."}', "application/x-ndjson")
    else:
        reply = caller.call(method, at, filled(each.body, things), version=seen)
    transaction.savepoint_rollback(before)
    return reply


#: Where the version of a thing is stored, and by what it is found; everything else is a set.
STORED: dict[str, tuple[Any, str]] = {
    "corpus": (Corpus, "slug"),
    "empty": (Corpus, "slug"),
    "member": (Membership, "user__username"),
    "article": (Article, "pk"),
    "span": (Span, "pk"),
    "relation": (Relation, "pk"),
    "comment": (Comment, "pk"),
    "suggestion": (Comment, "pk"),
    "actor": (Actor, "pk"),
    "topic": (Topic, "pk"),
    "proposition": (Proposition, "pk"),
    "decision": (Decision, "pk"),
    "invitation": (Invitation, "pk"),
}


def stored_version(each: Row, things: Mapping[str, str]) -> int:
    """The version of what a row writes to."""
    model, key = STORED.get(each.at[-1], (AnnotationSet, "pk"))
    rows = model.objects.filter(**{key: things[each.at[-1]]})
    return int(rows.values_list("version", flat=True).first() or 1)


def present() -> Iterator[str]:
    """The rows whose route exists."""
    return (key for key in ROWS if there(key))


def test_every_method_of_every_route_has_its_row() -> None:
    found = {f"{method} {route}" for route, methods in routes().items() for method in methods}
    assert found - set(ROWS) == set(), "say in ROWS who may do this"
    assert set(ROWS) - found == set(), "these rows are of no route"


def test_every_status_is_as_the_table_says(house: House, things: Things) -> None:
    wrong = []
    for key in present():
        for who, expected in zip(PERSONAS, ROWS[key].statuses.split(), strict=True):
            reply = ask(house[who], key, things)
            if str(reply.status) != expected:
                wrong.append(f"{who}: {key} is {reply.status}, not {expected}: {reply.content[:300]!r}")
            elif reply.status >= 400:
                assert reply.code in ("role", "not-found", "unauthenticated", "scope"), reply
                if reply.status == 403:
                    assert reply.code == ("scope" if ROWS[key].session else "role"), (who, key, reply)
    assert wrong == []


def test_what_is_of_others_does_not_exist(house: House, things: Things) -> None:
    """A thing of a corpus that one is not a member of gets the very answer of no thing at all."""
    ed, joe = factories.make_user("ed"), factories.make_user("joe")
    corpora.add_member(house.user("sam"), house.sea.pk, ed, Role.ANNOTATOR)
    corpora.add_member(house.user("sam"), house.sea.pk, joe, Role.REVIEWER)
    house.callers |= {"ed": Caller(ed), "joe": Caller(joe)}
    foreign = Things(house, house.sea, "sam", "ed", "joe").whole()
    nothing = dict.fromkeys(NAMES, MISSING) | {"corpus": "nowhere", "empty": "nowhere"}
    for key in present():
        if not ROWS[key].at or ROWS[key].session:
            continue
        for who in ("ann", "max"):
            # each part of the address in turn, with the others as they are
            for place in range(len(ROWS[key].at)):
                name = ROWS[key].at[place]
                replies = [
                    ask(house[who], key, {**things, name: other[name]}, version=1)
                    for other in (foreign, nothing)
                ]
                assert [reply.status for reply in replies] == [404, 404], (who, key, name, replies)
                assert replies[0].content == replies[1].content, (who, key)
                assert str(replies[0].headers.get("Allow")) == str(replies[1].headers.get("Allow"))


def test_every_scope_is_as_the_table_says(house: House, things: Things) -> None:
    let_in_somewhere = {who for key in present() for who in ROWS[key].scopes}
    callers = {(who, scope): Caller(house.user(who), [scope]) for who in let_in_somewhere for scope in Scope}
    for caller in callers.values():
        caller.get("me/")  # its use is noted once a minute
    for key in present():
        for who, needed in ROWS[key].scopes.items():
            for scope in Scope:
                reply = ask(callers[who, scope], key, things)
                let_in = reply.status < 300
                assert let_in == (scope in needed.split()), (key, who, scope, reply)
                if not let_in:
                    assert reply.refusal == (403, "scope"), (key, who, scope, reply)
                    assert reply.data["needed"]


def test_tokens_are_made_and_shown_in_sessions_only(house: House) -> None:
    for who in PERSONAS[:-1]:
        caller = Caller.with_session(house.user(who))
        assert caller.get("tokens/").status == 200
        made = caller.post("tokens/", {"name": "mine", "scopes": ["read"]})
        assert made.status == 201
        own = f"tokens/{made.data['id']}/"
        assert caller.get(own).status == 200
        other = Caller.with_session(house.user("max" if who != "max" else "ada"))
        assert other.get(own).content == other.get(f"tokens/{MISSING}/").content
        assert other.get(own).status == other.delete(own).status == 404
        assert caller.delete(own).status == 204
        assert caller.get(own).status == 404


def test_a_session_may_do_what_its_person_may(house: House, things: Things) -> None:
    callers = {who: Caller.with_session(house.user(who)) for who in ("ann", "rae", "max")}
    for key in present():
        if ROWS[key].session:
            continue
        for who, caller in callers.items():
            expected = dict(zip(PERSONAS, ROWS[key].statuses.split(), strict=True))[who]
            assert str(ask(caller, key, things).status) == expected, (who, key)


def test_a_session_writes_nothing_without_its_csrf_token(house: House, things: Things) -> None:
    caller = Caller(enforce_csrf_checks=True)
    caller.client.force_login(house.user("max"))
    for key in present():
        method = key.split()[0]
        reply = ask(caller, key, things)
        if method == "GET":
            assert reply.status in (200, 404), (key, reply)
        else:
            assert reply.refusal == (403, "csrf"), (key, reply)


def test_other_methods_are_refused_everywhere(house: House, things: Things) -> None:
    known = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
    caller = Caller.with_session(house.user("max"))
    for route, methods in routes().items():
        key = next(key for key in ROWS if key.split()[1] == route)
        at = address(key, things).split("?", 1)[0]
        for method in set(known) - methods:
            reply = caller.raw(method, at)
            assert reply.refusal == (405, "method-not-allowed"), (method, route, reply)
            assert set(reply.headers["Allow"].split(", ")) >= methods, (method, route)
        options = caller.raw("OPTIONS", at)
        assert (options.status, options.content) == (204, b"")
        assert set(options.headers["Allow"].split(", ")) >= methods


def test_head_is_get_without_content(house: House, things: Things) -> None:
    for key in present():
        if not key.startswith("GET") or ROWS[key].session:
            continue
        at = address(key, things)
        got, head = house.max.raw("GET", at), house.max.raw("HEAD", at)
        assert (head.status, head.content) == (got.status, b""), key
        assert head.headers.get("ETag") == got.headers.get("ETag"), key


def test_no_answer_is_kept_by_a_cache(house: House, things: Things) -> None:
    for key in present():
        reply = ask(house.max, key, things)
        assert reply.headers["Cache-Control"] == "no-store", key
        assert reply.headers["X-Request-ID"], key
        assert reply.headers["X-Content-Type-Options"] == "nosniff", key


def test_what_is_open_to_all(db: None) -> None:
    for at in (*(f"{API}{each}" for each in OPEN_TO_ALL), "/healthz", "/readyz"):
        assert Client().get(at).status_code == 200, at


def test_unknown_addresses(house: House) -> None:
    known = house.max.get(f"sets/{MISSING}/").content
    for who in PERSONAS:
        for at in ("nothing/", "corpora", "sets/5/", "sets/x/spans/", f"sets/{MISSING}", "releases/"):
            for method in ("GET", "POST", "DELETE"):
                reply = house[who].raw(method, at)
                assert reply.refusal == (404, "not-found"), (who, at, reply)
                assert reply.content == known


def test_an_archived_corpus_is_seen_as_before_and_written_by_nobody(house: House, things: Things) -> None:
    Corpus.objects.filter(slug__in=("lake", "empty-lake")).update(archived=True)
    for key in present():
        each = ROWS[key]
        if key in UNARCHIVED or each.session:
            continue
        for who, expected in zip(PERSONAS, each.statuses.split(), strict=True):
            reply = ask(house[who], key, things)
            if expected < "300" and not key.startswith("GET"):
                assert reply.refusal == (409, "not-allowed-now"), (who, key, reply)
                assert (reply.data["state"], reply.data["allowed"]) == ("archived", [])
            else:
                assert str(reply.status) == expected, (who, key, reply)
