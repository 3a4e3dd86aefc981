"""While several people annotate independently, nobody sees the work of another, whatever the page."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from annotations.models import AnnotationSet, Article, Comment, Event, Relation, Role, Span
from annotations.services.core import comments, corpora
from tests.admin.conftest import TwoNewsrooms, page
from tests.factories import make_article, make_set, make_span, move

SECRET = b"Ada Verde"


@pytest.fixture
def blind(newsrooms: TwoNewsrooms) -> AnnotationSet:
    """Ann's set on an article that two annotate, with a mark and a comment."""
    corpora.add_member(newsrooms.max, newsrooms.a.corpus.pk, newsrooms.ben, Role.ANNOTATOR)
    article = make_article(newsrooms.a.corpus, annotators=2, title="kiwi-double")
    row = make_set(article, newsrooms.ann)
    make_span(row)
    comments.add_comment(newsrooms.ann, row.pk, comments.CommentDraft(text="whisper"))
    row.refresh_from_db()
    assert row.blind
    return row


@pytest.mark.parametrize("name", ["max", "sue"])
def test_managers_see_that_a_blind_set_is_there_and_nothing_of_it(
    newsrooms: TwoNewsrooms, blind: AnnotationSet, name: str
) -> None:
    client = newsrooms.client(name)
    listed = client.get(page(AnnotationSet, "changelist"), {"q": "kiwi-double"}).content
    assert b"kiwi-double" in listed
    assert b"hidden until all have submitted" in listed
    shown = client.get(page(AnnotationSet, "change", blind.pk))
    assert shown.status_code == 200
    assert b"is hidden" in shown.content
    assert b"workbench/" not in shown.content
    assert b"whisper" not in shown.content
    assert client.get(page(AnnotationSet, "history", blind.pk)).status_code == 403
    assert (
        client.get(reverse("admin:annotations_annotationset_workbench", args=(blind.pk,))).status_code == 403
    )
    for url in (page(Article, "change", blind.article_id), page(Article, "history", blind.article_id)):
        body = client.get(url).content.replace(b"marked words alone", b"")  # what rights may let out
        assert b"marked" not in body
        assert b"whisper" not in body


@pytest.mark.parametrize("name", ["rae", "ben", "vic"])
def test_others_do_not_see_that_it_is_there(newsrooms: TwoNewsrooms, blind: AnnotationSet, name: str) -> None:
    client = newsrooms.client(name)
    assert b"kiwi-double" not in client.get(page(AnnotationSet, "changelist")).content
    assert newsrooms.client(name).get(page(AnnotationSet, "change", blind.pk)).status_code == 404
    body = client.get(page(Article, "change", blind.article_id)).content
    assert str(blind.pk).encode() not in body
    assert b">ann<" not in body
    assert b"nnotators:" not in body


@pytest.mark.parametrize("name", ["max", "sue", "rae", "ben", "vic"])
def test_the_content_of_a_blind_set_is_in_no_list(
    newsrooms: TwoNewsrooms, blind: AnnotationSet, name: str
) -> None:
    client = newsrooms.client(name)
    span, remark = blind.spans.get(), blind.comments.get()
    for model, row in ((Span, span), (Comment, remark)):
        for query in ({"set": str(blind.pk)}, {"q": "kiwi-double"}):
            body = client.get(page(model, "changelist"), query).content
            assert SECRET not in body, (model, query)
            assert b"whisper" not in body, (model, query)
        assert client.get(page(model, "change", row.pk)).status_code == 404
    assert b"kiwi-double" not in client.get(page(Relation, "changelist")).content
    if name in {"max", "sue"}:
        told = Event.objects.filter(set_id=blind.pk)
        for event in told:
            assert client.get(page(Event, "change", event.pk)).status_code == 404


def test_its_owner_sees_everything(newsrooms: TwoNewsrooms, blind: AnnotationSet) -> None:
    client = newsrooms.client("ann")
    assert SECRET in client.get(page(Span, "changelist"), {"set": str(blind.pk)}).content
    assert b"Open in the workbench" in client.get(page(AnnotationSet, "change", blind.pk)).content
    assert b"marked" in client.get(page(AnnotationSet, "history", blind.pk)).content


def test_everybody_may_look_once_all_have_submitted(newsrooms: TwoNewsrooms, blind: AnnotationSet) -> None:
    other = make_set(Article.objects.get(pk=blind.article_id), newsrooms.ben)
    move(newsrooms.ann, blind, "submit")
    client = newsrooms.client("max")
    assert SECRET not in client.get(page(Span, "changelist"), {"set": str(blind.pk)}).content
    move(newsrooms.ben, other, "submit")
    assert SECRET in client.get(page(Span, "changelist"), {"set": str(blind.pk)}).content


def test_only_managers_see_or_filter_by_the_number_of_annotators(
    newsrooms: TwoNewsrooms, blind: AnnotationSet
) -> None:
    shown = b'field-annotators_shown">1 of 2: '
    assert shown in newsrooms.client("max").get(page(Article, "changelist")).content
    for name in ("rae", "ann", "vic"):
        content = newsrooms.client(name).get(page(Article, "changelist")).content
        assert b"field-annotators_shown" in content
        assert re.search(rb'field-annotators_shown">[^<]* of 2', content) is None
        assert newsrooms.client(name).get(page(Article, "changelist"), {"annotators": "2"}).status_code == 400
