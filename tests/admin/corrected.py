"""A text with marks that is corrected, and the pages that show it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from annotations.models import AnnotationSet, Article
from annotations.services.correction import revisions
from tests import factories
from tests.admin.forms import form_of
from tests.newsroom import Newsroom

FIRST, LAST = "The harbour office spoke on Monday.", "Nobody answered."
BODY = "Ada Verde is opposed to any new toll."
TEXT = f"{FIRST}\n\n{BODY}\n\n{LAST}"
TYPO = TEXT.replace("spoke", "spoke up")
TOUCHED = TEXT.replace("Ada Verde is", "Ada Verde never was")
CUT = TEXT.replace("opposed to any new toll", "opposed to any toll")
REWRITTEN = TEXT.replace(BODY, "It rained.")


@pytest.fixture(autouse=True)
def staff(newsroom: Newsroom) -> None:
    User.objects.update(is_staff=True)


def signed_in(newsroom: Newsroom, name: str) -> Client:
    client = Client()
    client.force_login(newsroom.user(name))
    return client


def marked_set(newsroom: Newsroom, owner: str = "ann", article: Article | None = None) -> AnnotationSet:
    """An open set with an actor and a position on the middle sentence."""
    row = newsroom.set(owner, article or newsroom.article(TEXT, title="Tolls"))
    text = row.revision.text
    for label, quote in (("actor", "Ada Verde"), ("position", "is opposed to any new toll")):
        start = text.index(quote)
        factories.make_span(row, label, start, start + len(quote))
    return row


def correct(newsroom: Newsroom, row: AnnotationSet, text: str) -> AnnotationSet:
    """Correct the text; return the set that goes on."""
    revisions.add_revision(newsroom.user("max"), row.article_id, text, "A correction.")
    return AnnotationSet.objects.select_related("article", "revision").get(based_on=row)


def correct_url(article_id: UUID) -> str:
    return reverse("admin:annotations_article_correct", args=(article_id,))


def diff_url(article_id: UUID, query: str = "") -> str:
    return reverse("admin:annotations_article_diff", args=(article_id,)) + query


def items_url(row: AnnotationSet) -> str:
    return reverse("admin:annotations_annotationset_items", args=(row.pk,))


def preview(client: Client, article_id: UUID, text: str, **more: Any) -> Any:
    """Ask what a text would do."""
    sent = {**form_of(client.get(correct_url(article_id))), "text": text, "reason": "A typo.", **more}
    return client.post(correct_url(article_id), {**sent, "preview": "1"})


def store(client: Client, article_id: UUID, answer: Any, **more: Any) -> Any:
    """Press the button under an outcome."""
    return client.post(correct_url(article_id), {**form_of(answer), "store": "1", **more})


def body(answer: Any) -> str:
    return str(answer.content.decode())
