"""How many questions a page asks the database: pinned, and the same however many rows there are."""

from __future__ import annotations

from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.enums import Scope
from annotations.models import (
    AccessToken,
    Actor,
    Alias,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Event,
    Job,
    Membership,
    Proposition,
    Relation,
    Release,
    Revision,
    Role,
    Span,
    Topic,
)
from annotations.services import releases
from annotations.services.core import access_tokens, comments, corpora, relations
from annotations.services.registry import entries
from tests.admin.conftest import TwoNewsrooms, page
from tests.factories import make_article, make_corpus, make_set, make_span, make_user, seen_by

#: A query for each row shows with a few more of them.
FEW, MANY = 5, 12

#: The queries of a list. Eight come with every page that lists something: session, account, roles, what
#: is to be read, two for the permission to found a corpus, the count and the rows; filters ask for the rest.
LISTS: dict[type[Model], int] = {
    Corpus: 8,
    Membership: 9,
    Article: 15,
    Revision: 9,
    AnnotationSet: 11,
    Span: 9,
    Relation: 9,
    Comment: 9,
    Actor: 9,
    Alias: 9,
    Topic: 9,
    Proposition: 9,
    Release: 9,
    Job: 9,
    Event: 11,
    AccessToken: 8,
}
#: The page of an article says of which story it is a copy, and draws its marks; that of an actor says
#: what it says, and where.
PAGES: dict[type[Model], int] = {Corpus: 7, Article: 23, AnnotationSet: 8, Actor: 16}
#: The first page asks once for each list, and a list for its number and its rows.
START = 17
WORK_LIST = 7
#: The workbench of a set asks for its neighbours in the list that one comes from.
WORKBENCH = 12


def add(newsrooms: TwoNewsrooms, count: int) -> None:
    """So many more rows in every table, spread over several people, articles and sets."""
    by, mine = newsrooms.max, seen_by(newsrooms.max, newsrooms.a.corpus)
    for number in range(count):
        annotator = make_user()
        corpora.add_member(by, mine.row.pk, annotator, Role.ANNOTATOR)
        make_corpus(manager=by)
        article = make_article(mine.row, by=by, source=f"source {number}", language="en")
        actor, _ = entries.add_actor(
            by, mine, {"name": annotator.username, "kind": "person", "aliases": [_alias]}
        )
        topic, _ = entries.add_topic(by, mine, {"name": annotator.username})
        entries.add_proposition(by, mine, {"text": annotator.username, "kind": "issue", "topic_id": topic.pk})
        row = make_set(article, annotator)
        span = make_span(row, actor_id=actor.pk)
        claim = make_span(row, "claim", 4, 26)
        draft = relations.RelationDraft(type="made_by", source_id=claim.pk, target_id=span.pk)
        relations.add_relations(annotator, row.pk, [draft])
        comments.add_comment(annotator, row.pk, comments.CommentDraft(text="so", span_id=span.pk))
        access_tokens.create_token(by, f"k{number}", [Scope.READ])
        releases.create_release(by, mine.row, releases.ReleaseRequest())


_alias = {"text": "alias", "language": "", "kind": "name"}


def queries(client: Client, url: str) -> int:
    """How many queries a page asks; what begins, ends and sets up transactions is not counted."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SET LOCAL")) for query in asked)


def counted(newsrooms: TwoNewsrooms, client: Client) -> dict[str, int]:
    """The queries of every list, of some pages, and of the start."""
    found = {f"{model.__name__} list": queries(client, page(model, "changelist")) for model in LISTS}
    for model in PAGES:
        found[f"{model.__name__} page"] = queries(client, page(model, "change", newsrooms.a[model].pk))
    found["work list"] = queries(client, reverse("admin:work_list", args=("waiting",)))
    bench = page(AnnotationSet, "workbench", newsrooms.a[AnnotationSet].pk)
    found["workbench"] = queries(client, f"{bench}?list=waiting")
    return {**found, "start": queries(client, reverse("admin:index"))}


def test_the_number_of_queries_is_pinned_and_does_not_grow(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    for model in PAGES:
        # Django remembers content types as long as the process lives.
        client.get(page(model, "change", newsrooms.a[model].pk))
    add(newsrooms, FEW)
    few = counted(newsrooms, client)
    add(newsrooms, MANY - FEW)
    assert counted(newsrooms, client) == few
    pinned = {f"{model.__name__} list": number for model, number in LISTS.items()}
    pinned |= {f"{model.__name__} page": number for model, number in PAGES.items()}
    assert few == {**pinned, "start": START, "work list": WORK_LIST, "workbench": WORKBENCH}
