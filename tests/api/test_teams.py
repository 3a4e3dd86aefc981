"""Agreement, calibration, notifications, invitations, reviewers and the manager's numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.exceptions import DuplicateError, InvalidInputError, NotVisibleError
from annotations.models import (
    AnnotationSet,
    Article,
    FrozenAgreement,
    Invitation,
    Membership,
    Notification,
    Role,
)
from annotations.services.core import corpora
from annotations.services.team import invitations
from tests import factories
from tests.newsroom import Newsroom, Reply

pytestmark = pytest.mark.django_db

AGREEMENT = "corpora/lake/agreement/"


def doubled(newsroom: Newsroom, *marks: tuple[int, int], owners: tuple[str, str] = ("ann", "ben")) -> Article:
    """An article on which two people have submitted an actor each."""
    article = newsroom.article(annotators=2)
    for owner, (start, end) in zip(owners, marks or ((60, 69), (60, 69)), strict=True):
        row = newsroom.set(owner, article)
        factories.make_span(row, "actor", start, end)
    for owner in owners:
        newsroom.moved(AnnotationSet.objects.get(article=article, owner__username=owner), owner, "submit")
    return article


def test_agreement_is_frozen_with_the_last_submission(newsroom: Newsroom) -> None:
    article = newsroom.article(annotators=2)
    one, other = newsroom.set("ann", article), newsroom.set("ben", article)
    factories.make_span(one)
    factories.make_span(other)
    newsroom.moved(one, "ann", "submit")
    assert not FrozenAgreement.objects.exists()
    assert newsroom.max.get(AGREEMENT).data["articles"] == 0
    newsroom.moved(other, "ben", "submit")
    frozen = FrozenAgreement.objects.get()
    assert (frozen.first.username, frozen.second.username) == ("ann", "ben")
    newsroom.max.move(one.pk, "withdraw", reason="Wrong guideline.")
    assert FrozenAgreement.objects.get().counts == frozen.counts
    found = newsroom.rae.get(AGREEMENT).data
    assert (found["articles"], found["labels"]["actor"]["exact_f1"]) == (1, 1.0)
    assert found["labels"]["claim"]["exact_f1"] is None
    assert found["labels"]["claim"]["reasons"]["exact_f1"].endswith(".")
    assert found["pairs"][0]["owners"] == ["ann", "ben"]
    assert found["labels"]["actor"]["spans"] == [1, 1]
    assert found["frozen_at"]


def test_the_worst_articles_are_named(newsroom: Newsroom) -> None:
    good, bad = doubled(newsroom), doubled(newsroom, (60, 69), (0, 3))
    worst = newsroom.rae.get(AGREEMENT).data["worst"]
    assert [(row["article"], row["iou_f1"]) for row in worst] == [(str(bad.pk), 0.0), (str(good.pk), 1.0)]
    assert worst[0]["title"] == bad.title
    for article, figure in ((good, 1.0), (bad, 0.0)):
        one = newsroom.rae.get(AGREEMENT, article=article.pk).data
        assert (one["articles"], one["labels"]["actor"]["iou_f1"]) == (1, figure)
        assert [row["article"] for row in one["worst"]] == [str(article.pk)]


def test_agreement_with_the_gold(newsroom: Newsroom) -> None:
    article = doubled(newsroom, (60, 69), (60, 63))
    adjudication = newsroom.rae.post(f"articles/{article.pk}/sets/", {"kind": "adjudication"}).data["id"]
    (decision,) = newsroom.rae.all(f"sets/{adjudication}/decisions/")
    newsroom.rae.post(
        f"decisions/{decision['id']}/settle/", {"choice": "take_a", "reason": "boundary"}, version=1
    )
    newsroom.rae.move(adjudication, "submit")
    newsroom.max.move(adjudication, "start-review")
    newsroom.max.move(adjudication, "approve")
    found = newsroom.max.get(AGREEMENT, kind="adjudication").data
    figures = {tuple(pair["owners"]): pair["labels"]["actor"]["exact_f1"] for pair in found["pairs"]}
    assert figures == {("ann", "rae"): 1.0, ("ben", "rae"): 0.0}


def test_who_sees_agreement(newsroom: Newsroom) -> None:
    assert newsroom.vic.get(AGREEMENT).refusal == (403, "role")
    assert newsroom.ann.get(AGREEMENT).refusal == (403, "role")
    assert newsroom.ann.get(AGREEMENT, round="calibration").status == 200
    assert newsroom.sam.get(AGREEMENT).refusal == (404, "not-found")
    assert newsroom.rae.get(AGREEMENT, round="training").refusal == (400, "invalid")


def calibrated(newsroom: Newsroom, *owners: str) -> Article:
    article = newsroom.article()
    sent = {"articles": [str(article.pk)], "owners": list(owners)}
    reply = newsroom.max.post("corpora/lake/calibrations/", sent)
    assert reply.status == 201, reply
    assert {(row["round"], row["owner"]) for row in reply.data} == {
        ("calibration", owner) for owner in owners
    }
    return article


def test_a_calibration_is_blind_compared_and_never_gold(newsroom: Newsroom) -> None:
    article = calibrated(newsroom, "ann", "ben", "rae")
    rows = {row.owner.get_username(): row for row in AnnotationSet.objects.filter(article=article)}
    assert all(row.blind for row in rows.values())
    assert newsroom.max.get(f"articles/{article.pk}/").data["status"] == "unassigned"
    for name, row in rows.items():
        assert newsroom.max.get(f"sets/{row.pk}/").refusal == (403, "blind")
        factories.make_span(row, end=63 if name == "ben" else 69)
        newsroom.moved(row, name, "submit")
    assert newsroom.ann.move(rows["ann"].pk, "recall").refusal == (409, "not-allowed-now")
    assert newsroom.rae.move(rows["ann"].pk, "start-review").refusal == (409, "not-allowed-now")
    assert FrozenAgreement.objects.filter(round="calibration").count() == 3
    assert newsroom.max.get(AGREEMENT).data["articles"] == 0
    everything = newsroom.max.get(AGREEMENT, round="calibration").data
    assert (everything["articles"], len(everything["pairs"])) == (1, 3)
    own = newsroom.ben.get(AGREEMENT, round="calibration").data
    assert [pair["owners"] for pair in own["pairs"]] == [["ann", "ben"], ["ben", "rae"]]
    assert own["labels"]["actor"]["exact_f1"] == 0.0
    # production goes on beside it, and a changed guideline is told apart
    assert newsroom.max.post(f"articles/{article.pk}/sets/", {"owner": "ann"}).status == 201
    seen = newsroom.max.get("corpora/lake/")
    changed = newsroom.max.patch("corpora/lake/", {"guideline": "Mark names."}, seen.version)
    assert changed.data["guideline_version"] == 2
    assert everything["guideline_versions"] == [1]
    later = newsroom.max.get(AGREEMENT, round="calibration", guideline_version=2).data
    assert (later["articles"], later["frozen_at"]) == (0, None)


def test_nobody_is_calibrated_twice_on_one_article(newsroom: Newsroom) -> None:
    article = calibrated(newsroom, "ann", "ben")
    sent = {"articles": [str(article.pk)], "owners": ["ben", "rae"]}
    reply = newsroom.max.post("corpora/lake/calibrations/", sent)
    assert (reply.refusal, reply.pointers) == ((409, "not-allowed-now"), ["/articles/0"])


def told(newsroom: Newsroom, who: str, **parameters: Any) -> list[tuple[str, str | None]]:
    return [(row["kind"], row["by"]) for row in newsroom[who].all("notifications/", **parameters)]


def test_people_are_told_what_concerns_them(newsroom: Newsroom) -> None:
    article = newsroom.article()
    row = newsroom.max.post(f"articles/{article.pk}/sets/", {"owner": "ann"}).data["id"]
    newsroom.ann.post(f"sets/{row}/comments/", {"text": "Is this one, @rae? Or @ben, @vic, @nobody."})
    assert told(newsroom, "rae") == [("mention", "ann")]
    # who cannot read the set could not read the comment either
    assert told(newsroom, "ben") == told(newsroom, "vic") == []
    newsroom.rae.post(f"sets/{row}/comments/", {"text": "It is."})
    newsroom.ann.move(row, "submit")
    newsroom.rae.move(row, "start-review")
    newsroom.rae.move(row, "return", comment="Mend it.")
    newsroom.ann.move(row, "submit")
    newsroom.rae.move(row, "start-review")
    newsroom.rae.move(row, "approve")
    assert told(newsroom, "ann") == [
        ("assigned", "max"), ("comment", "rae"), ("comment", "rae"), ("returned", "rae"), ("approved", "rae"),
    ]  # fmt: skip
    first = newsroom.ann.get("notifications/").data["results"][0]
    assert (first["corpus"], first["set"], first["article"]) == ("lake", row, str(article.pk))
    read = newsroom.ann.post(f"notifications/{first['id']}/read/")
    assert read.data["read_at"]
    assert newsroom.ann.post(f"notifications/{first['id']}/read/").data == read.data
    assert len(told(newsroom, "ann", unread="true")) == 4
    assert newsroom.rae.post(f"notifications/{first['id']}/read/").refusal == (404, "not-found")


def test_an_edited_comment_tells_only_whom_it_did_not_name(newsroom: Newsroom) -> None:
    row = newsroom.submitted("ann")
    comment = newsroom.rae.post(f"sets/{row.pk}/comments/", {"text": "See @max."})
    newsroom.rae.patch(f"comments/{comment.data['id']}/", {"text": "See @max and @ann."}, comment.version)
    assert told(newsroom, "max") == [("mention", "rae")]
    assert told(newsroom, "ann") == [("assigned", "max"), ("comment", "rae"), ("mention", "rae")]


def test_the_digest_is_one_mail_for_each_and_nothing_twice(newsroom: Newsroom) -> None:
    User.objects.filter(username="ann").update(email="ann@lakeside.example")
    for _ in range(2):
        article = newsroom.article()
        newsroom.max.post(f"articles/{article.pk}/sets/", {"owner": "ann"})
        newsroom.max.post(f"articles/{newsroom.article().pk}/sets/", {"owner": "ben"})
    call_command("send_digest")
    assert [message.to for message in mail.outbox] == [["ann@lakeside.example"]]
    assert mail.outbox[0].body.count("Assigned to you by max") == 2
    call_command("send_digest")
    assert len(mail.outbox) == 1
    assert Notification.objects.filter(mailed_at__isnull=False).count() == 2


def test_a_mail_that_fails_is_tried_again(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.filter(username="ann").update(email="ann@lakeside.example")
    newsroom.max.post(f"articles/{newsroom.article().pk}/sets/", {"owner": "ann"})

    def fail(**_: Any) -> None:
        raise OSError("The server of the mail is away.")

    with monkeypatch.context() as patch:
        patch.setattr("annotations.services.team.notification_digest.send_mail", fail)
        with pytest.raises(OSError, match="away"):
            call_command("send_digest")
    call_command("send_digest")
    assert len(mail.outbox) == 1


def test_why_nobody_can_review(newsroom: Newsroom) -> None:
    row = newsroom.submitted("ann")
    found = newsroom.rae.get(f"sets/{row.pk}/reviewers/").data
    assert found["reason"] is None
    assert {person["username"]: person["can"] for person in found["people"]} == {
        "ann": False, "ben": False, "max": True, "rae": True, "vic": False,
    }  # fmt: skip
    assert [(mode["mode"], mode["people"]) for mode in found["modes"]] == [("single", 2), ("double", 4)]
    alone = newsroom.submitted("max")
    corpora.update_member(newsroom.user("max"), newsroom.lake.pk, "rae", Role.ANNOTATOR, version=1)
    blocked = newsroom.max.get(f"sets/{alone.pk}/reviewers/").data
    assert "make somebody else a reviewer, such as ann" in blocked["reason"]
    codes = [row["code"] for row in newsroom.max.get("corpora/lake/progress/").data["blocked"]]
    assert "no-reviewer" in codes
    blind = newsroom.set("ann", newsroom.article(annotators=2))
    assert newsroom.rae.get(f"sets/{blind.pk}/reviewers/").status == 404
    assert "settled in an adjudication" in newsroom.max.get(f"sets/{blind.pk}/reviewers/").data["reason"]


def invited(newsroom: Newsroom, **sent: Any) -> Reply:
    return newsroom.max.post("corpora/lake/invitations/", {"role": "annotator", **sent})


def token_of(reply: Reply) -> str:
    return str(reply.data["link"]).rstrip("/").rsplit("/", 1)[1]


def test_an_invitation_makes_a_member_once(newsroom: Newsroom) -> None:
    reply = invited(newsroom)
    assert reply.status == 201
    token = token_of(reply)
    listed = newsroom.max.all("corpora/lake/invitations/")
    assert [row["id"] for row in listed] == [reply.data["id"]]
    assert "link" not in listed[0]
    assert token not in Invitation.objects.get().digest
    user = invitations.accept_invitation(token, "eve", "Correct-horse-9")
    assert user.check_password("Correct-horse-9")
    assert Membership.objects.get(user=user).role == "annotator"
    with pytest.raises(NotVisibleError):
        invitations.accept_invitation(token, "mallory", "Correct-horse-9")
    used = newsroom.max.get(f"invitations/{reply.data['id']}/").data
    assert used["used_by"] == "eve"
    assert newsroom.max.delete(f"invitations/{reply.data['id']}/").refusal == (409, "not-allowed-now")


def test_an_invitation_ends(newsroom: Newsroom) -> None:
    old, gone = invited(newsroom), invited(newsroom)
    Invitation.objects.filter(pk=old.data["id"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert newsroom.max.delete(f"invitations/{gone.data['id']}/").status == 204
    for reply in (old, gone):
        with pytest.raises(NotVisibleError):
            invitations.find_invitation(token_of(reply))


def test_an_invitation_refuses_bad_names_and_passwords(newsroom: Newsroom) -> None:
    token = token_of(invited(newsroom))
    with pytest.raises(InvalidInputError):
        invitations.accept_invitation(token, "eve", "1234")
    with pytest.raises(InvalidInputError):
        invitations.accept_invitation(token, "e v e", "Correct-horse-9")
    with pytest.raises(DuplicateError):
        invitations.accept_invitation(token, "Ann", "Correct-horse-9")
    with pytest.raises(DuplicateError):
        invitations.join_corpus(token, newsroom.user("ann"))
    assert invitations.join_corpus(token, newsroom.user("sam")).role == "annotator"


def test_who_invites(newsroom: Newsroom) -> None:
    assert newsroom.rae.post("corpora/lake/invitations/", {"role": "viewer"}).refusal == (403, "role")
    assert invited(newsroom, email="nobody").pointers == ["/email"]
    assert invited(newsroom, days=0).pointers == ["/days"]


def test_an_invitation_is_mailed(newsroom: Newsroom, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        reply = invited(newsroom, email="eve@lakeside.example")
    (message,) = mail.outbox
    assert message.to == ["eve@lakeside.example"]
    assert reply.data["link"] in message.body
    assert (
        invitations.accept_invitation(token_of(reply), "eve", "Correct-horse-9").email
        == "eve@lakeside.example"
    )


def test_progress_tells_what_a_manager_asks(newsroom: Newsroom) -> None:
    doubled(newsroom)
    newsroom.approved("ann")
    row = newsroom.in_review("ann")
    newsroom.moved(row, "rae", "return", comment="Mend it.")
    late = newsroom.set("ben")
    AnnotationSet.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=1))
    waiting = newsroom.article(annotators=2)
    newsroom.submitted("ann", waiting)
    found = newsroom.max.get("corpora/lake/progress/", days=7).data
    assert (found["articles"]["total"], found["articles"]["done"]) == (5, 1)
    assert len(found["throughput"]) == 7
    assert found["throughput"][-1]["submit"] == 5
    assert {row["state"]: row["sets"] for row in found["waiting"]} == {
        "open": 1, "submitted": 3, "in_review": 0, "returned": 1,
    }  # fmt: skip
    ben = next(row for row in found["people"] if row["username"] == "ben")
    assert (ben["open"], ben["overdue"], ben["submitted"]) == (1, 1, 1)
    assert {(row["code"], row["who"]) for row in found["blocked"]} == {
        ("overdue", "ben"), ("returned", "ann"), ("other-annotators", None),
    }  # fmt: skip
    assert [week["iou_f1"] for week in found["agreement"]] == [1.0]
    assert newsroom.rae.get("corpora/lake/progress/").refusal == (403, "role")


def test_progress_costs_the_same_for_more(newsroom: Newsroom) -> None:
    doubled(newsroom)

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert newsroom.max.get("corpora/lake/progress/").status == 200
        return len(caught)

    few = cost()
    for _ in range(3):
        doubled(newsroom)
        newsroom.submitted("ann")
        newsroom.set("ben")
    assert cost() == few


def test_the_history_of_an_article_is_one_page(newsroom: Newsroom) -> None:
    article = newsroom.approved("ann").article
    found = [row["action"] for row in newsroom.max.all(f"articles/{article.pk}/history/")]
    assert found == [
        "article_added",
        "created",
        "span_added",
        "submit",
        "start_review",
        "approve",
        "article_done",
    ]
    assert newsroom.rae.get(f"articles/{article.pk}/history/").refusal == (403, "role")
    assert newsroom.sam.get(f"articles/{article.pk}/history/").refusal == (404, "not-found")
