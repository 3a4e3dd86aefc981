"""Who is served the workbench, and what the page carries."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import override

from annotations import scheme
from annotations.admin.workbench_files import joined_file_url, script_file, style_file
from annotations.enums import SetKind
from annotations.models import AnnotationSet, Erasure, Role
from annotations.services.core import corpora
from tests.factories import make_article, make_corpus, make_set, make_user

pytestmark = pytest.mark.django_db
TEXT = "The text itself comes by the API."


def get(row: AnnotationSet, user: User | None) -> tuple[int, str]:
    """Status and page as somebody gets them."""
    client = Client()
    if user is not None:
        client.force_login(user)
    answer = client.get(f"/admin/annotations/annotationset/{row.pk}/workbench/")
    return answer.status_code, answer.content.decode()


def carried(page: str, name: str) -> object:
    """JSON that the page carries."""
    found = re.search(f'<script id="{name}" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_page_carries_what_stays_the_same_and_nothing_else() -> None:
    ann = make_user("ann")
    members = {ann: Role.ANNOTATOR, make_user("ben"): Role.ANNOTATOR, make_user("rae"): Role.REVIEWER}
    corpus = make_corpus("lake", members=members)
    manager = corpus.memberships.get(role=Role.MANAGER).user.get_username()
    row = make_set(make_article(corpus, TEXT, title="A title"), ann)
    with override("America/New_York"):
        status, page = get(row, ann)
    assert status == 200
    assert carried(page, "workbench-config") == {
        "set": str(row.pk),
        "api": "/api/v1/",
        "me": {"username": "ann", "role": "annotator", "archived": False, "people": ["ann", manager, "rae"]},
        "time_zone": "America/New_York",
        "correction": {
            "next": None,
            "earlier": [],
            "items": [],
            "items_total": 0,
            "items_url": f"/admin/annotations/annotationset/{row.pk}/items/",
            "diff_url": f"/admin/annotations/article/{row.article_id}/diff/",
        },
        "next": {"home": "/admin/", "queue": "corpora/lake/queue/", "tasks": ["annotate"], "list": None},
        "linked": {"actors": {}, "propositions": {}},
    }
    tables = carried(page, "workbench-scheme")
    assert isinstance(tables, dict)
    assert [label["name"] for label in tables["labels"]] == list(scheme.LABELS)
    assert [attribute["name"] for attribute in tables["attributes"]] == list(scheme.ATTRIBUTES)
    assert [relation["name"] for relation in tables["relations"]] == list(scheme.RELATIONS)
    assert TEXT not in page
    assert "A title" not in page
    for file in (style_file(), script_file(SetKind(row.kind))):
        assert joined_file_url(file) in page


def test_who_is_not_signed_in_is_asked_to() -> None:
    row = make_set(make_article(make_corpus(), TEXT))
    status, page = get(row, None)
    assert (status, page) == (302, "")


def test_a_set_that_one_cannot_see_is_not_there() -> None:
    row = make_set(make_article(make_corpus(), TEXT))
    sam = make_user("sam")
    assert get(row, sam)[0] == 404
    viewer = make_user("vic")
    corpora.add_member(
        row.article.corpus.memberships.get(role=Role.MANAGER).user, row.corpus_id, viewer, Role.VIEWER
    )
    assert get(row, viewer)[0] == 404  # not approved yet


def test_the_set_of_an_erased_article_says_what_happened_and_leads_on() -> None:
    row = make_set(make_article(make_corpus(), TEXT))
    Erasure.objects.create(article=row.article, at=timezone.now(), reason="A court said so.")
    status, page = get(row, row.owner)
    assert status == 410
    assert "The words of this article were erased at" in page
    assert "A court said so." in page
    assert reverse("admin:annotations_article_change", args=[row.article_id]) in page
    assert reverse("admin:index") in page


def test_a_blind_set_is_refused_in_words() -> None:
    max_ = make_user("max")
    corpus = make_corpus(manager=max_, annotators_per_article=2)
    row = make_set(make_article(corpus, TEXT))
    status, page = get(row, max_)
    assert status == 403
    assert "hidden from everybody else until all of them have submitted" in page
