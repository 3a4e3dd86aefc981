"""Nothing is learnt of another's open set: every address is asked before and after work in it.

Two people annotate the same article. While one of them works, the answers to everybody else must stay
what they were, to the byte: lists, counts, filters, search, exports, events, histories, the registry and
every refusal. The addresses come from the URLconf, so that a new one is walked too. Each
is asked by one person in turn, and by everybody in the slow lane.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import cycle, product
from typing import Any
from uuid import UUID

import pytest
from django.urls import URLPattern

from annotations.enums import Round, SetKind, State
from annotations.formats import FORMATS
from annotations.models import AnnotationSet, Notification, Story
from annotations.services import job_runner, releases
from annotations.services.core import comments, relations, spans
from annotations.services.core.comments import CommentDraft
from annotations.services.core.relations import RelationDraft
from annotations.services.core.spans import SpanDraft
from annotations.services.double_annotation import agreement
from tests import factories
from tests.api.matrix import ask, patterns
from tests.api.matrix_rows import ROWS
from tests.newsroom import PERSONAS, Newsroom, Reply, new_id

pytestmark = pytest.mark.django_db

OTHERS = tuple(name for name in PERSONAS if name != "ben")
#: A manager sees the row of a set: its version, and when something last happened to it.
ROW_SEEN_BY = ("max", "ada")
#: What writes are asked to do with things that are ben's.
OF_BEN = {
    "open": "set", "submitted": "set", "in_review": "set", "approved": "set", "adjudication": "set",
    "span": "span", "claim": "claim", "relation": "relation", "comment": "comment",
}  # fmt: skip
#: When something was counted differs from one answer to the next.
_AS_OF = re.compile(rb'"as_of": ?"[^"]+"')
#: How pages differ from one another by nothing but time, or by being about the caller.
_ROW = re.compile(r'"(version|last_at|median_hours|longest_hours)": ?[^,}]+')


class Stage:
    """An article with two open sets, ann's and ben's, and everything around it."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.article = newsroom.article(annotators=2, source="Lakeside Courier")
        self.mine = newsroom.set("ann", self.article)
        self.set = newsroom.set("ben", self.article)
        factories.make_span(self.mine, start=0, end=3)
        newsroom.approved("ann")
        lead, _ = newsroom.article("What two papers print."), newsroom.article("What two papers print.")
        story = Story.objects.get(lead=lead)
        self.names = {
            "slug": ["lake"],
            "username": ["ann", "ben", "max"],
            "number": ["1"],
            "actor": [newsroom.actor("Ada Verde")],
            "organisation": [newsroom.actor("Harbour", kind="organisation")],
            "other_actor": [newsroom.actor("A. Verde")],
            "other_topic": [newsroom.topic("Waters")],
            "other_proposition": [newsroom.proposition("Tolls")],
            "proposition": [
                newsroom.proposition("A new toll"),
                newsroom.proposition("A lock", accepted=False),
            ],
            "topic": [newsroom.topic()],
            "span": [new_id()],
            "claim": [new_id()],
            "relation": [new_id()],
            "comment": [new_id()],
            "article": [str(self.article.pk)],
            "set": [str(self.set.pk), str(self.mine.pk)],
            "release": [
                str(
                    job_runner.make_release(newsroom.user("max"), newsroom.lake, releases.ReleaseRequest())[
                        0
                    ].pk
                )
            ],
            "job": [],
            "name": ["README.md", "lake.jsonl"],
            "notification": [str(id) for id in Notification.objects.values_list("pk", flat=True)],
            "story": [str(story.pk)],
            "stranger": [str(self.article.pk)],
            "nothing": [new_id()],
        }

    def first(self, name: str) -> str:
        return self.names[name][0]

    def work(self) -> None:
        """Ben marks, links, changes, deletes and remarks."""
        ben, row = self.newsroom.user("ben"), self.set.pk
        drafts = [
            SpanDraft(
                id=UUID(self.first("span")),
                label="actor",
                start=60,
                end=69,
                actor_id=UUID(self.first("actor")),
            ),
            SpanDraft(id=UUID(self.first("claim")), label="claim", start=19, end=58),
            SpanDraft(
                label="position",
                start=70,
                end=96,
                proposition_id=UUID(self.first("proposition")),
            ),
            SpanDraft(label="actor", start=4, end=11),
        ]
        made = spans.add_spans(ben, row, drafts).spans
        draft = RelationDraft(
            id=UUID(self.first("relation")),
            type="made_by",
            source_id=made[1].pk,
            target_id=made[0].pk,
        )
        relations.add_relations(ben, row, [draft])
        remark = CommentDraft(
            id=UUID(self.first("comment")), text="Is it, @rae and @max?", span_id=made[0].pk
        )
        comments.add_comment(ben, row, remark)
        spans.update_span(ben, made[0], {"end": 63}, version=1)
        spans.delete_span(ben, made[3], version=1)


#: Which things have an address below the first part of a path; of others there are none.
KEPT = {
    "sets": ("set",), "articles": ("article",), "spans": ("span", "claim"), "relations": ("relation",),
    "comments": ("comment",), "actors": ("actor",), "topics": ("topic",), "propositions": ("proposition",),
    "notifications": ("notification",), "corpora": (),
    "releases": ("release",), "jobs": ("job",), "stories": ("story",),
}  # fmt: skip


def addresses(stage: Stage, deals: bool) -> Iterator[str]:
    """Every address that answers GET, with everything in the places of its pattern.

    Where values are dealt, each filter of an address gets one of its values in turn, and not all.
    """
    for number, each in enumerate(patterns()):
        if hasattr(each.callback.view_class, "get"):  # type: ignore[attr-defined]
            asked = [
                query
                for values in queries(each, stage)
                for query in (values[number % len(values) :][:1] if deals else values)
            ]
            for path in filled(each, stage.names):
                yield path
                yield from (f"{path}?{query}" for query in asked)


def questions(stage: Stage, deals: bool) -> list[tuple[str, str]]:
    """Who asks which address: one person each in turn, or everybody all."""
    paths = list(addresses(stage, deals))
    assert len(paths) > 150
    return list(zip(cycle(OTHERS), paths, strict=False) if deals else product(OTHERS, paths))


def filled(each: URLPattern, names: Mapping[str, list[str]]) -> Iterator[str]:
    """The paths of a pattern."""
    route = str(each.pattern)
    places = re.findall(r"<(\w+):(\w+)>", route)
    kinds = KEPT.get(route.split("/", 1)[0], ("nothing",))
    values = {**names, "pk": [id for kind in kinds for id in names[kind]]}
    for chosen in product(*(values[name] for _, name in places)):
        path = route
        for (kind, name), value in zip(places, chosen, strict=True):
            path = path.replace(f"<{kind}:{name}>", value)
        yield path


def queries(each: URLPattern, stage: Stage) -> Iterator[list[str]]:
    """Questions that could find out: for every filter of an address every value that fits it."""
    view: Any = each.callback.view_class  # type: ignore[attr-defined]
    values: dict[str, list[str]] = {
        "state": [str(state) for state in State],
        "status": ["annotating", "unassigned", "ready_for_review", "ready_for_adjudication"],
        "owner": ["ann", "ben"],
        "reviewer": ["rae"],
        "kind": [str(kind) for kind in SetKind],
        "round": [str(round_) for round_ in Round],
        "label": ["actor", "claim", "position"],
        "q": ["a", "ada"],
        "search": ["courier", "article"],
        "after": ["0"],
        "days": ["0", "1"],
        "unread": ["true", "false"],
        "sets": ["submitted", "all", "none"],
        "page_size": ["1"],
        **{name: stage.names[name] for name in ("actor", "proposition", "article", "topic")},
    }
    allowed = view.parameters.get("GET", ())
    yield from ([f"{name}={value}" for value in values[name]] for name in allowed if values.get(name))
    if "format" in allowed:
        yield [f"format={name}&sets=all" for name, row in FORMATS.items() if row.writer is not None]


def answer(newsroom: Newsroom, who: str, path: str) -> tuple[int, bytes]:
    reply = newsroom[who].get(path)
    content = _AS_OF.sub(b"", reply.content)
    if who in ROW_SEEN_BY:
        content = _ROW.sub("", content.decode("utf-8", "replace")).encode()
    return reply.status, content


def everything(
    newsroom: Newsroom, asked: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, bytes]]:
    """What these people are answered at these addresses."""
    return {(who, path): answer(newsroom, who, path) for who, path in asked}


def writes(stage: Stage, deals: bool) -> dict[tuple[str, str], Any]:
    """What everybody but ben and the managers, or one in turn, is answered who writes to what is ben's."""
    things = {name: stage.first("nothing") for row in ROWS.values() for name in row.at}
    things |= {"corpus": "lake", "empty": "lake", "member": "ben", "article": stage.first("article")}
    things |= {name: stage.first(name) for name in ("story", "stranger")}
    things |= {name: stage.first(of) for name, of in OF_BEN.items()}
    entries = ("actor", "proposition", "topic", "organisation")
    others = ("other_actor", "other_proposition", "other_topic")
    things |= {name: stage.first(name) for name in (*entries, *others)}
    people = [who for who in OTHERS if who not in ROW_SEEN_BY]
    keys = [key for key in ROWS if not key.startswith("GET")]
    asked = zip(cycle(people), keys, strict=False) if deals else product(people, keys)
    return {(who, key): told(ask(stage.newsroom[who], key, things, version=1)) for who, key in asked}


def told(reply: Reply) -> Any:
    """All of a refusal; of what was made, which has new ids, that it was."""
    return (reply.status, reply.content) if reply.status >= 300 else reply.status


def changed(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[Any]:
    return [(key, before[key], after[key]) for key in before if before[key] != after[key]]


@pytest.mark.parametrize(
    "deals",
    [
        # what anybody finds is decided below all addresses and filters, by who sees which rows
        pytest.param(True, id="in-turn"),
        pytest.param(False, id="everybody", marks=pytest.mark.slow),
    ],
)
def test_nobody_learns_anything_of_an_open_set(newsroom: Newsroom, deals: bool) -> None:
    stage = Stage(newsroom)
    asked = questions(stage, deals)
    read, written = everything(newsroom, asked), writes(stage, deals)
    stage.work()
    assert AnnotationSet.objects.get(pk=stage.set.pk).span_counts == {"actor": 1, "claim": 1, "position": 1}
    assert changed(read, everything(newsroom, asked)) == []
    assert changed(written, writes(stage, deals)) == []
    # ben sees his own, so that there was something to learn
    assert len(newsroom.ben.get(f"sets/{stage.set.pk}/").data["spans"]) == 3
    # a handover shows managers the row, and nobody anything else
    newsroom.moved(stage.set, "ben", "submit")
    rest = everything(newsroom, [(who, path) for who, path in asked if who not in ROW_SEEN_BY])
    assert changed(rest, {key: read[key] for key in rest}) == []
    for who in ROW_SEEN_BY:
        assert newsroom[who].get(f"sets/{stage.set.pk}/").refusal == (403, "blind")
        assert newsroom[who].get("corpora/lake/spans/", article=stage.article.pk).data["results"] == []
    assert agreement.corpus_agreement(newsroom.lake, agreement.AgreementQuery())["articles"] == 0


def test_when_all_have_submitted_reviewers_see_them(newsroom: Newsroom) -> None:
    stage = Stage(newsroom)
    stage.work()
    newsroom.moved(stage.set, "ben", "submit")
    assert newsroom.rae.get(f"sets/{stage.set.pk}/").status == 404
    newsroom.moved(stage.mine, "ann", "submit")
    shown = newsroom.rae.get(f"sets/{stage.set.pk}/")
    assert len(shown.data["spans"]) == 3
    assert newsroom.ann.get(f"sets/{stage.set.pk}/").status == 404
    assert json.loads(newsroom.max.get(f"articles/{stage.article.pk}/").content)["status"] == (
        "ready_for_adjudication"
    )
