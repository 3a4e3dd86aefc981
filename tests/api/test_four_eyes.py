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
from annotations.services import corpora, integrity
from tests import factories
from tests.api.house import House, span

pytestmark = pytest.mark.django_db

#: Who can have work of their own and the role to review at once; ada is a superuser.
BOTH = ("rae", "max", "ada")
DECISIONS = ("start-review", "return", "approve")


def refused(house: House, who: str, row: Any) -> None:
    """By every way to a decision: the move itself, the queue, and the button of the admin."""
    id = row["id"] if isinstance(row, dict) else row.pk
    for name in DECISIONS:
        body: dict[str, Any] = {"comment": "Mend it."} if name == "return" else {}
        assert house[who].move(id, name, **body).refusal == (403, "four-eyes"), (who, name)
    assert house[who].post("corpora/lake/queue/", {"task": "review"}).data["set"] is None
    User.objects.filter(username=who).update(is_staff=True)
    client = Client()
    client.force_login(house.user(who))
    sent = {"corpus": str(house.lake.pk), "task": "review", "set": str(id), "state": "approved"}
    assert client.post(reverse("admin:take"), sent).status_code in {200, 302, 403, 404}
    for page in ("change", "delete"):
        url = reverse(f"admin:annotations_annotationset_{page}", args=(id,))
        forged = {**sent, "owner": "1", "reviewer": str(house.user(who).pk), "_save": "Save", "post": "yes"}
        assert client.post(url, forged).status_code in {200, 302, 403, 404}
    found = AnnotationSet.objects.get(pk=id)
    assert (found.state, found.reviewer_id) == ("submitted", None)


@pytest.mark.parametrize("who", BOTH)
def test_no_owner_reviews_their_own(house: House, who: str) -> None:
    refused(house, who, house.submitted(who))


@pytest.mark.parametrize("who", BOTH)
def test_no_adjudicator_reviews_what_they_settled(house: House, who: str) -> None:
    row = house.adjudication(who)
    (decision,) = row.decisions.all()
    house[who].post(
        f"decisions/{decision.pk}/settle/", {"choice": "take_a", "reason": "slip"}, version=decision.version
    )
    assert house[who].move(row.pk, "submit").status == 200
    refused(house, who, row)


@pytest.mark.parametrize("who", ["rae", "max"])
def test_no_editor_reviews_what_they_took_over_and_gave_on(house: House, who: str) -> None:
    """Each of a chain of owners is an author, whoever holds the work in the end."""
    first = house.submitted("ann")
    taken = house[who].move(first.pk, "take-over", reason="I mend it.").data
    house[who].post(f"sets/{taken['id']}/spans/", span(0, 3))
    house[who].move(taken["id"], "submit")
    refused(house, who, taken)
    other = next(name for name in ("rae", "max") if name != who)
    again = house[other].move(taken["id"], "take-over", reason="Me too.").data
    house[other].move(again["id"], "submit")
    for author in (who, other):
        refused(house, author, again)
    # somebody who has not touched it can
    assert house.ada.move(again["id"], "start-review").status == 200
    assert house.ada.move(again["id"], "approve").status == 200


@pytest.mark.parametrize("who", BOTH)
def test_no_annotator_reviews_the_gold_that_was_made_of_their_work(house: House, who: str) -> None:
    article = house.article(annotators=2)
    house.submitted("ann", article)
    house.submitted(who, article)
    judge = next(name for name in BOTH if name != who)
    row = house[judge].post(f"articles/{article.pk}/sets/", {"kind": "adjudication"}).data
    assert house[judge].move(row["id"], "submit").status == 200
    refused(house, who, row)


def test_who_leaves_leaves_their_work_under_their_name(house: House) -> None:
    article = house.article(annotators=2)
    house.submitted("ann", article)
    house.submitted("ben", article)
    open_, waiting = house.set("ann"), house.submitted("ann")
    ann = house.user("ann")
    with pytest.raises(ProtectedError):
        ann.delete()
    User.objects.filter(pk=ann.pk).update(is_active=False)
    corpora.remove_member(house.user("max"), house.lake.pk, "ben", version=1)
    assert not Membership.objects.filter(user=house.user("ben"), corpus=house.lake).exists()
    shown = house.max.get(f"sets/{waiting.pk}/").data
    assert (shown["owner"], len(shown["spans"])) == ("ann", 1)
    assert [pair["owners"] for pair in house.max.get("corpora/lake/agreement/").data["pairs"]] == [
        ["ann", "ben"]
    ]
    blocked = house.max.get("corpora/lake/progress/").data["blocked"]
    assert [(row["code"], row["who"], row["articles"]) for row in blocked] == [
        ("inactive-owner", "ann", [str(open_.article_id)])
    ]
    # what they handed in goes on: review, adjudication, approval; what is open goes to somebody else
    assert house.rae.move(waiting.pk, "start-review").status == 200
    assert house.rae.move(waiting.pk, "approve").status == 200
    made = house.rae.post(f"articles/{article.pk}/sets/", {"kind": "adjudication"})
    assert made.status == 201, made
    taken = house.rae.move(open_.pk, "take-over", reason="Ann has left.")
    assert (taken.status, taken.data["based_on"]) == (201, str(open_.pk))
    eve = factories.make_user("eve")
    corpora.add_member(house.user("max"), house.lake.pk, eve, Role.ANNOTATOR)
    assert house.fresh(waiting).owner.get_username() == "ann"
    assert integrity.run().found == 0
