"""No page of the admin tells anybody of another's open set: all are read before and after work in it.

The addresses come from the site, so that a new page is walked too; ``tests.api.test_blindness`` does
the same to the API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import cycle, groupby, product, zip_longest
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver

from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Event,
    Relation,
    Role,
    Span,
    uuid7,
)
from annotations.services.core import comments, corpora, relations, spans
from tests.admin.conftest import TwoNewsrooms
from tests.factories import make_article, make_set, make_span, move

EVERYBODY = ("ann", "rae", "max", "vic", "sam", "sue", "tom", "nia")
MANAGERS = ("max", "sue")
#: What differs from one answer to the next whatever anybody did, and the row that managers see.
_APART = re.compile(
    rb'name="(csrf[a-z-]*|new_id|seen)" (value|content)="[^"]*"|nonce="[^"]*"|data-version="\d+"'
    rb'|"version": ?\d+'
    rb"|<td class=\"field-version[^\"]*\">\d+</td>"
)
QUERIES: tuple[dict[str, str], ...] = (
    {}, {"q": "ada"}, {"q": "kiwi"}, {"q": "whis"}, {"state__exact": "open"},
    {"label__exact": "actor"}, {"type__exact": "made_by"},
    {"o": "1"}, {"o": "-2"}, {"all": ""}, {"kind__exact": "annotation"}, {"blind__exact": "1"},
)  # fmt: skip
#: Those that find what ben will have written; orders and filters of the same rows are asked in the long walk.
FEW_QUERIES: tuple[dict[str, str], ...] = ({}, {"q": "ada"}, {"q": "whis"})


class Stage:
    """Ann's and ben's open sets on one article of corpus a, and what ben will make, by its ids."""

    def __init__(self, newsrooms: TwoNewsrooms) -> None:
        self.newsrooms = newsrooms
        corpora.add_member(newsrooms.max, newsrooms.a.corpus.pk, newsrooms.ben, Role.ANNOTATOR)
        self.article = make_article(newsrooms.a.corpus, annotators=2, title="kiwi-double")
        self.mine, self.set = make_set(self.article, newsrooms.ann), make_set(self.article, newsrooms.ben)
        make_span(self.mine, start=0, end=3)
        self.span, self.claim, self.relation, self.comment = (uuid7() for _ in range(4))
        last = Event.objects.order_by("-seq")[0].seq
        self.ids: dict[type[Any], list[Any]] = {
            AnnotationSet: [self.set.pk, self.mine.pk],
            Article: [self.article.pk],
            Corpus: [newsrooms.a.corpus.pk],
            Span: [self.span],
            Relation: [self.relation],
            Comment: [self.comment],
            # the first and the last of what ben's work will record
            Event: [last + 1, last + 4],
        }

    def work(self) -> None:
        ben, row = self.newsrooms.ben, self.set.pk
        actor = self.newsrooms.a[Actor]
        drafts = [
            spans.SpanDraft(id=self.span, label="actor", start=60, end=69, actor_id=actor.pk),
            spans.SpanDraft(id=self.claim, label="claim", start=19, end=58),
        ]
        made = spans.add_spans(ben, row, drafts).spans
        link = relations.RelationDraft(
            id=self.relation, type="made_by", source_id=made[1].pk, target_id=made[0].pk
        )
        relations.add_relations(ben, row, [link])
        comments.add_comment(
            ben, row, comments.CommentDraft(id=self.comment, text="whisper", span_id=self.span)
        )


def patterns(urls: list[Any], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in urls:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, route)
        else:
            yield route, each


def addresses(stage: Stage, queries: tuple[dict[str, str], ...]) -> list[str]:
    """Every page of the site that is read, with what is ben's in its place, and lists with each query."""
    models = {f"annotations/{model._meta.model_name}/": model for model in admin.site._registry}
    found: list[str] = []
    for route, _ in patterns(admin.site.get_urls()):
        prefix = next((prefix for prefix in models if route.startswith(prefix)), "")
        model = models.get(prefix)
        ids = (stage.ids.get(model) or _known(stage, model)) if model else []
        if "logout" in route or "(?P" in route:
            continue
        paths = [re.sub(r"<[^>]+>", str(id), route) for id in ids] if "<" in route else [route]
        for path in paths:
            found.append(f"/admin/{path}")
            if model and path == prefix:
                about = [
                    *queries,
                    {"set": str(stage.set.pk)},
                    {"article": str(stage.article.pk)},
                ]
                found += [f"/admin/{path}?{urlencode(query)}" for query in about if query]
    for field, of in (("span", "comment"), ("set", "comment"), ("actor", "span"), ("owner", "annotationset")):
        asked = {"app_label": "annotations", "model_name": of, "field_name": field, "term": "a"}
        found.append(f"/admin/autocomplete/?{urlencode(asked)}")
    return found


def _known(stage: Stage, model: Any) -> list[Any]:
    row = stage.newsrooms.a.rows.get(model)
    return [] if row is None else [row.pk]


def answer(client: Client, path: str) -> tuple[int, bytes]:
    reply = client.get(path)
    body = b"".join(reply.streaming_content) if reply.streaming else reply.content  # type: ignore[attr-defined]
    return reply.status_code, _APART.sub(b"", body)


def difference(one: tuple[int, bytes], other: tuple[int, bytes]) -> tuple[Any, ...]:
    """The first line in which two answers differ."""
    lines = zip_longest(one[1].splitlines(), other[1].splitlines())
    return (one[0], other[0], *next((pair for pair in lines if pair[0] != pair[1]), ()))


def everything(stage: Stage, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, bytes]]:
    """What everybody is answered, by who asks for which page."""
    found: dict[tuple[str, str], tuple[int, bytes]] = {}
    for who, pairs in groupby(asked, itemgetter(0)):
        client = stage.newsrooms.client(who)
        client.get("/admin/")
        found |= {(who, path): answer(client, path) for _, path in pairs}
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "in_turn",
    [
        # which rows are found is decided below all pages: each is asked by a reviewer or a manager
        pytest.param(True, id="in-turn"),
        pytest.param(False, id="everybody", marks=pytest.mark.slow),
    ],
)
def test_no_page_tells_of_an_open_set(newsrooms: TwoNewsrooms, in_turn: bool) -> None:
    stage = Stage(newsrooms)
    paths = addresses(stage, FEW_QUERIES if in_turn else QUERIES)
    assert len(paths) > 150
    asked = zip(cycle(("rae", "max")), paths, strict=False) if in_turn else product(EVERYBODY, paths)
    before = everything(stage, sorted(asked))
    assert {status for status, _ in before.values()} <= {200, 302, 400, 403, 404, 405}
    stage.work()
    assert list(Event.objects.order_by("-seq").values_list("seq", flat=True))[:4:3] == stage.ids[Event][::-1]
    # a list refuses a filter that it does not know, whatever there is
    after = everything(stage, (key for key, (status, _) in before.items() if status != 400))
    changed = {key: difference(before[key], after[key]) for key in after if before[key] != after[key]}
    assert changed == {}
    # ben's own pages show it, so that there was something to learn
    mine = newsrooms.client("ben").get(f"/admin/annotations/span/?set={stage.set.pk}").content
    assert b"Ada Verde" in mine
    # a handover shows managers the row, and nobody anything else
    move(newsrooms.ben, stage.set, "submit")
    # and what it holds of the content is seen without a search
    handed = everything(stage, (key for key in after if key[0] not in MANAGERS or "?" not in key[1]))
    rest = [key for key in handed if key[0] not in MANAGERS]
    told = {key: difference(before[key], handed[key]) for key in rest if before[key] != handed[key]}
    assert told == {}
    # a search shows what was typed
    told_of = [key for key, (_, body) in handed.items() if b"whisper" in body]
    assert [key for key in told_of if "q=whisper" not in key[1]] == []
