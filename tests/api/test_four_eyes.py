"""Nobody decides on their own work: not its owner, not who edited it, settled it or runs the service.

And whoever leaves, leaves their work behind under their name.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from annotations.models import AnnotationSet, Membership, Role
from annotations.services import integrity
from annotations.services.core import corpora
from tests import factories
from tests.newsroom import Newsroom, span

pytestmark = pytest.mark.django_db

#: Who can have work of their own and the role to review at once; ada is a superuser.
BOTH = ("rae", "max", "ada")
DECISIONS = ("start-review", "return", "approve")


def refused(newsroom: Newsroom, who: str, row: Any) -> None:
    """By every way to a decision: the move itself, the queue, and the button of the admin."""
    id = row["id"] if isinstance(row, dict) else row.pk
    for name in DECISIONS:
        body: dict[str, Any] = {"comment": "Mend it."} if name == "return" else {}
        assert newsroom[who].move(id, name, **body).refusal == (403, "four-eyes"), (who, name)
    assert newsroom[who].post("corpora/lake/queue/", {"task": "review"}).data["set"] is None
    User.objects.filter(username=who).update(is_staff=True)
    client = Client()
    client.force_login(newsroom.user(who))
    sent = {"corpus": str(newsroom.lake.pk), "task": "review", "set": str(id), "state": "approved"}
    assert client.post(reverse("admin:take"), sent).status_code in {200, 302, 403, 404}
    for page in ("change", "delete"):
        url = reverse(f"admin:annotations_annotationset_{page}", args=(id,))
        forged = {
            **sent,
            "owner": "1",
            "reviewer": str(newsroom.user(who).pk),
            "_save": "Save",
            "post": "yes",
        }
        assert client.post(url, forged).status_code in {200, 302, 403, 404}
    found = AnnotationSet.objects.get(pk=id)
    assert (found.state, found.reviewer_id) == ("submitted", None)


@pytest.mark.parametrize("who", BOTH)
def test_no_owner_reviews_their_own(newsroom: Newsroom, who: str) -> None:
    refused(newsroom, who, newsroom.submitted(who))


@pytest.mark.parametrize("who", BOTH)
def test_no_adjudicator_reviews_what_they_settled(newsroom: Newsroom, who: str) -> None:
    row = newsroom.adjudication(who)
    (decision,) = row.decisions.all()
    newsroom[who].post(
        f"decisions/{decision.pk}/settle/", {"choice": "take_a", "reason": "slip"}, version=decision.version
    )
    assert newsroom[who].move(row.pk, "submit").status == 200
    refused(newsroom, who, row)


@pytest.mark.parametrize("who", ["rae", "max"])
def test_no_editor_reviews_what_they_took_over_and_gave_on(newsroom: Newsroom, who: str) -> None:
    """Each of a chain of owners is an author, whoever holds the work in the end."""
    first = newsroom.submitted("ann")
    taken = newsroom[who].move(first.pk, "take-over", reason="I mend it.").data
    newsroom[who].post(f"sets/{taken['id']}/spans/", span(0, 3))
    newsroom[who].move(taken["id"], "submit")
    refused(newsroom, who, taken)
    other = next(name for name in ("rae", "max") if name != who)
    again = newsroom[other].move(taken["id"], "take-over", reason="Me too.").data
    newsroom[other].move(again["id"], "submit")
    for author in (who, other):
        refused(newsroom, author, again)
    # somebody who has not touched it can
    assert newsroom.ada.move(again["id"], "start-review").status == 200
    assert newsroom.ada.move(again["id"], "approve").status == 200


@pytest.mark.parametrize("who", BOTH)
def test_no_annotator_reviews_the_gold_that_was_made_of_their_work(newsroom: Newsroom, who: str) -> None:
    article = newsroom.article(annotators=2)
    newsroom.submitted("ann", article)
    newsroom.submitted(who, article)
    judge = next(name for name in BOTH if name != who)
    row = newsroom[judge].post(f"articles/{article.pk}/sets/", {"kind": "adjudication"}).data
    assert newsroom[judge].move(row["id"], "submit").status == 200
    refused(newsroom, who, row)


def test_who_leaves_leaves_their_work_under_their_name(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    newsroom.submitted("ann", article)
    newsroom.submitted("ben", article)
    open_, waiting = newsroom.set("ann"), newsroom.submitted("ann")
    ann = newsroom.user("ann")
    with pytest.raises(ProtectedError):
        ann.delete()
    User.objects.filter(pk=ann.pk).update(is_active=False)
    corpora.remove_member(newsroom.user("max"), newsroom.lake.pk, "ben", version=1)
    assert not Membership.objects.filter(user=newsroom.user("ben"), corpus=newsroom.lake).exists()
    shown = newsroom.max.get(f"sets/{waiting.pk}/").data
    assert (shown["owner"], len(shown["spans"])) == ("ann", 1)
    assert [pair["owners"] for pair in newsroom.max.get("corpora/lake/agreement/").data["pairs"]] == [
        ["ann", "ben"]
    ]
    blocked = newsroom.max.get("corpora/lake/progress/").data["blocked"]
    assert [(row["code"], row["who"], row["articles"]) for row in blocked] == [
        ("inactive-owner", "ann", [str(open_.article_id)])
    ]
    # what they handed in goes on: review, adjudication, approval; what is open goes to somebody else
    assert newsroom.rae.move(waiting.pk, "start-review").status == 200
    assert newsroom.rae.move(waiting.pk, "approve").status == 200
    made = newsroom.rae.post(f"articles/{article.pk}/sets/", {"kind": "adjudication"})
    assert made.status == 201, made
    taken = newsroom.rae.move(open_.pk, "take-over", reason="Ann has left.")
    assert (taken.status, taken.data["based_on"]) == (201, str(open_.pk))
    eve = factories.make_user("eve")
    corpora.add_member(newsroom.user("max"), newsroom.lake.pk, eve, Role.ANNOTATOR)
    assert newsroom.fresh(waiting).owner.get_username() == "ann"
    assert integrity.run_checks().found == 0
