"""What is done from the pages of a team, by whom, and what forged posts come to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.models import (
    AnnotationSet,
    Article,
    Corpus,
    Event,
    FrozenAgreement,
    Invitation,
    Membership,
    Notification,
    Role,
    uuid7,
)
from annotations.services import comments, invitations
from annotations.states import Kind, Round, State
from tests.admin.conftest import House, page
from tests.admin.forms import form_of
from tests.admin.team_house import doubled, grow, set_url, url
from tests.factories import make_article, make_span, make_user, move, seen_by

PASSWORD = "a ferry in the morning"
DEEDS = ("take_over", "reopen", "release_review", "release", "due", "withdraw")


def said(client: Client) -> str:
    """What the next page tells."""
    return client.get(reverse("admin:notifications")).content.decode().split('id="content"')[0]


# --- handing out ------------------------------------------------------------------------------


def test_work_is_handed_out_in_bulk(house: House) -> None:
    corpus = grow(house)
    articles = [make_article(corpus, title=f"kiwi-{number}") for number in range(4)]
    client = house.client("max")
    sent = {
        "deed": "assign",
        "article": [str(article.pk) for article in articles],
        "owners": ["ann", "ben"],
        "strategy": "round_robin",
        "due_at_0": "2026-12-01",
        "due_at_1": "12:00:00",
    }
    client.post(url(house, "hand_out"), sent)
    made = AnnotationSet.objects.filter(article__in=articles)
    assert sorted(made.values_list("owner__username", flat=True)) == ["ann", "ann", "ben", "ben"]
    assert all(row.due_at for row in made)
    client.post(url(house, "hand_out"), sent)
    assert made.count() == 4, "nobody gets an article twice"


def test_priorities_are_set_in_bulk_and_only_where_the_list_has_them(house: House) -> None:
    corpus = grow(house)
    article = make_article(corpus)
    foreign = house.b[Article]
    sent = {"deed": "priority", "article": [str(article.pk), str(foreign.pk)], "priority": "7"}
    house.client("max").post(url(house, "hand_out"), sent)
    article.refresh_from_db()
    foreign.refresh_from_db()
    assert (article.priority, foreign.priority) == (7, 0)


@pytest.mark.parametrize("name", ["rae", "ann", "vic", "sam"])
@pytest.mark.parametrize("where", ["hand_out", "calibration", "invitations"])
def test_form_tampering_posts_change_nothing(house: House, name: str, where: str) -> None:
    grow(house)
    article = make_article(house.a.corpus)
    before = Event.objects.count()
    sent = {
        "deed": "assign" if where == "hand_out" else "start",
        "article": [str(article.pk)],
        "owners": ["ann", "ben"],
        "role": "manager",
        "days": "3",
        "new_id": str(uuid7()),
    }
    status = 404 if name == "sam" else 403
    assert house.client(name).post(url(house, where), sent).status_code == status
    assert Event.objects.count() == before


def test_no_post_is_taken_without_its_token(house: House) -> None:
    client = house.client("max", csrf=True)
    for name in ("hand_out", "calibration", "invitations"):
        assert client.post(url(house, name), {"deed": "assign"}).status_code == 403
    assert client.post(reverse("admin:notifications_read")).status_code == 403
    token = invitation(house)
    assert Client(enforce_csrf_checks=True).post(invitations.path_of(token)).status_code == 403


def test_unknown_deeds_are_bad_requests(house: House) -> None:
    client = house.client("max")
    for name in ("hand_out", "calibration"):
        assert client.post(url(house, name), {"deed": "explode"}).status_code == 400
        sent = {"deed": "close", "article": "x", "reason": "So."}
        assert client.post(url(house, name), sent).status_code == 400


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"double_share": "20", "most_open": "3"}, (20, 3)),
        ({"double_share": "0", "most_open": ""}, (0, None)),
        ({"double_share": "101"}, (5, None)),
        ({"double_share": "-1"}, (5, None)),
        ({"most_open": "99999999"}, (5, None)),
        ({"most_open": "x"}, (5, None)),
    ],
)
def test_the_share_and_the_limit_are_set_on_the_corpus(
    house: House, sent: dict[str, str], stored: tuple[int, int | None]
) -> None:
    client, here = house.client("max"), page(Corpus, "change", house.a.corpus.pk)
    assert client.post(here, {**form_of(client.get(here)), **sent}).status_code in {200, 302}
    corpus = Corpus.objects.get(pk=house.a.corpus.pk)
    assert (corpus.double_share, corpus.most_open) == stored


# --- moves of a set ---------------------------------------------------------------------------


def test_the_page_of_a_set_offers_what_the_table_allows(house: House) -> None:
    row = house.a[AnnotationSet]
    here = page(AnnotationSet, "change", row.pk)
    boxes = {name: house.client(name).get(here).context["forms"] for name in ("ann", "rae", "max")}
    offered = {name: {box["deed"].name for box in found} for name, found in boxes.items()}
    assert offered == {
        "ann": {"withdraw"},
        "rae": {"take_over"},
        "max": {"take_over", "release", "due", "withdraw"},
    }


def test_a_manager_takes_over_with_a_reason(house: House) -> None:
    row = house.a[AnnotationSet]
    client = house.client("rae")
    client.post(set_url(row, "take_over"), {"seen": row.version})
    assert AnnotationSet.objects.get(pk=row.pk).state == State.OPEN, "without a reason nothing happens"
    row.refresh_from_db()
    answer = client.post(set_url(row, "take_over"), {"seen": row.version, "reason": "Ann is ill."})
    new = AnnotationSet.objects.get(based_on=row)
    assert new.owner == house.rae
    assert answer["Location"] == page(AnnotationSet, "change", new.pk)


def test_the_gold_is_reopened_by_managers_alone(house: House, approved: AnnotationSet) -> None:
    sent = {"seen": approved.version, "reason": "The minister has resigned."}
    assert house.client("rae").post(set_url(approved, "reopen"), sent).status_code == 403
    house.client("max").post(set_url(approved, "reopen"), sent)
    assert AnnotationSet.objects.filter(based_on=approved, owner=house.ann, state=State.OPEN).exists()


@pytest.mark.parametrize("name", ["vic", "sam", "ben"])
@pytest.mark.parametrize("deed", DEEDS)
def test_form_tampering_deeds_change_nothing(house: House, name: str, deed: str) -> None:
    row = house.a[AnnotationSet]
    version = AnnotationSet.objects.get(pk=row.pk).version
    sent = {"seen": version, "reason": "Because.", "due_at_0": "2026-12-01", "due_at_1": "12:00"}
    assert house.client(name).post(set_url(row, deed), sent).status_code == 404
    assert AnnotationSet.objects.get(pk=row.pk).version == version


def test_a_stale_page_is_refused(house: House) -> None:
    row = house.a[AnnotationSet]
    stale = row.version - 1 or 1
    make_span(AnnotationSet.objects.get(pk=row.pk), start=0, end=3)
    client = house.client("max")
    client.post(set_url(row, "release"), {"seen": stale})
    assert AnnotationSet.objects.get(pk=row.pk).state == State.OPEN


def test_the_due_date_is_changed_and_told(house: House) -> None:
    row = AnnotationSet.objects.get(pk=house.a[AnnotationSet].pk)
    sent = {"seen": row.version, "due_at_0": "2026-12-01", "due_at_1": "12:00:00"}
    assert house.client("ann").post(set_url(row, "due"), sent).status_code == 403
    house.client("max").post(set_url(row, "due"), sent)
    row.refresh_from_db()
    assert row.due_at is not None
    assert Event.objects.filter(set_id=row.pk, action="due_changed").count() == 1
    body = house.client("max").get(page(AnnotationSet, "history", row.pk)).content.decode()
    assert "changed the due date" in body


def test_nobody_is_sent_to_another_site(house: House) -> None:
    row = AnnotationSet.objects.get(pk=house.a[AnnotationSet].pk)
    for next_ in ("//elsewhere.example/", "https://elsewhere.example/", "javascript:alert(1)"):
        answer = house.client("max").post(set_url(row, "due"), {"seen": row.version, "next": next_})
        assert answer["Location"] == page(AnnotationSet, "change", row.pk)


def test_a_reviewer_begins_an_adjudication_and_an_author_does_not(house: House) -> None:
    grow(house)
    article, _ = doubled(house)
    begin = page(Article, "adjudicate", article.pk)
    body = house.client("rae").get(page(Article, "change", article.pk)).content.decode()
    assert begin in body
    assert begin not in house.client("ann").get(page(Article, "change", article.pk)).content.decode()
    assert house.client("ann").post(begin, {"new_id": str(uuid7())}).status_code == 403
    house.client("rae").post(begin, {"new_id": str(uuid7())})
    assert AnnotationSet.objects.get(article=article, kind=Kind.ADJUDICATION).owner == house.rae


# --- calibration ------------------------------------------------------------------------------


def test_a_calibration_is_started_and_closed(house: House) -> None:
    corpus = grow(house)
    article = make_article(corpus, title="kiwi-training")
    client = house.client("max")
    names = ["ann", "ben", "tom"]
    client.post(url(house, "calibration"), {"deed": "start", "article": str(article.pk), "owners": names})
    rows = {row.owner.get_username(): row for row in AnnotationSet.objects.filter(article=article)}
    assert set(rows) == set(names)
    assert {row.round for row in rows.values()} == {Round.CALIBRATION}
    for name in ("ann", "ben"):
        make_span(rows[name])
        move(rows[name].owner, rows[name], "submit")
    assert not FrozenAgreement.objects.exists(), "tom is still at work"
    sent = {"deed": "close", "article": str(article.pk), "reason": "Enough."}
    client.post(url(house, "calibration"), sent)
    rows["tom"].refresh_from_db()
    assert rows["tom"].state == State.WITHDRAWN
    frozen = FrozenAgreement.objects.get()
    assert {frozen.first, frozen.second} == {house.ann, house.ben}
    assert not AnnotationSet.objects.filter(article=article, blind=True).exists()


def test_one_person_alone_is_no_calibration(house: House) -> None:
    article = make_article(grow(house))
    sent = {"deed": "start", "article": str(article.pk), "owners": ["ann"]}
    house.client("max").post(url(house, "calibration"), sent)
    assert not AnnotationSet.objects.filter(article=article).exists()


# --- invitations ------------------------------------------------------------------------------


def invitation(house: House, role: Role = Role.ANNOTATOR) -> str:
    """The token of an invitation to corpus a."""
    return invitations.create(house.max, seen_by(house.max, house.a.corpus), role)[1]


def test_the_link_is_shown_once_and_mailed(house: House, django_capture_on_commit_callbacks: object) -> None:
    client = house.client("max")
    sent = {"role": "reviewer", "email": "kim@example.org", "days": "3", "new_id": str(uuid7())}
    answer = client.post(url(house, "invitations"), sent)
    link = answer.context["link"]
    assert link in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert link not in client.get(url(house, "invitations")).content.decode()
    client.post(url(house, "invitations"), sent)
    assert Invitation.objects.filter(corpus=house.a.corpus).count() == 1, "sent twice, it invites once"
    assert not mail.outbox or link in str(mail.outbox[0].body)


def test_somebody_comes_in_without_a_superuser(house: House) -> None:
    path = invitations.path_of(invitation(house, Role.REVIEWER))
    client = Client()
    assert b"kiwi-corpus" in client.get(path).content
    sent = {"username": "kim", "password": PASSWORD, "again": PASSWORD}
    assert client.post(path, sent)["Location"] == reverse("admin:index")
    member = Membership.objects.get(user__username="kim")
    assert (member.corpus, member.role) == (house.a.corpus, Role.REVIEWER)
    assert not member.user.is_superuser
    assert client.get(url(house, "overview")).status_code == 200, "and is signed in"
    assert Client().get(path).status_code == 404, "the link works once"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"username": "ann"}, "There is somebody of this name already"),
        ({"username": "a b"}, "valid username"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"again": "another one"}, "The two passwords differ"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(house: House, sent: dict[str, str], says: str) -> None:
    path = invitations.path_of(invitation(house))
    body = Client().post(path, {"username": "kim", "password": PASSWORD, "again": PASSWORD, **sent})
    assert body.status_code == 200
    assert says in body.content.decode()
    assert not Membership.objects.filter(user__username="kim").exists()


def test_who_has_an_account_joins_with_it_once(house: House) -> None:
    token = invitation(house)
    client = house.client("sam")
    assert b"Join as sam" in client.get(invitations.path_of(token)).content
    client.post(invitations.path_of(token))
    assert Membership.objects.get(user=house.sam, corpus=house.a.corpus).role == Role.ANNOTATOR
    again = invitation(house)
    house.client("sam").post(invitations.path_of(again))
    assert Invitation.objects.filter(used_at__isnull=True).exists(), "a member uses none up"


def test_an_invitation_is_taken_back(house: House) -> None:
    token = invitation(house)
    row = Invitation.objects.get()
    revoke = reverse("admin:annotations_corpus_invitation_delete", args=(house.a.corpus.pk, row.pk))
    for name, status in (("ann", 403), ("rae", 403), ("sam", 404)):
        assert house.client(name).post(revoke).status_code == status
    other = reverse("admin:annotations_corpus_invitation_delete", args=(house.b.corpus.pk, row.pk))
    assert house.client("sue").post(other).status_code == 404
    assert house.client("max").get(revoke).status_code == 405
    house.client("max").post(revoke)
    assert Client().get(invitations.path_of(token)).status_code == 404


def test_old_and_made_up_links_look_the_same(house: House) -> None:
    token = invitation(house)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    bodies = {Client().get(invitations.path_of(each)).status_code for each in (token, "si_x", "x" * 300)}
    assert bodies == {404}


# --- notifications ----------------------------------------------------------------------------


def test_the_bell_counts_and_the_list_is_read(house: House) -> None:
    row = house.a[AnnotationSet]
    comments.add(house.rae, row.pk, comments.CommentDraft(text="Why, @ann?"))
    client = house.client("ann")
    start = client.get(reverse("admin:index")).content.decode()
    waiting = Notification.objects.filter(recipient=house.ann, read_at=None).count()
    assert f'data-unread="{waiting}"' in start
    listed = reverse("admin:notifications")
    assert "Why, @ann?" in client.get(listed).content.decode()
    note = Notification.objects.filter(recipient=house.ann, comment__isnull=False)[0]
    opened = reverse("admin:notification", args=(note.pk,))
    assert house.client("rae").post(opened).status_code == 404
    assert client.get(opened).status_code == 405
    assert client.post(opened)["Location"] == set_url(row, "workbench")
    note.refresh_from_db()
    assert note.read_at is not None
    client.post(reverse("admin:notifications_read"))
    assert not Notification.objects.filter(recipient=house.ann, read_at=None).exists()
    assert "data-unread" not in client.get(listed).content.decode()


def test_who_has_left_reads_nothing_more(house: House) -> None:
    row = house.a[AnnotationSet]
    comments.add(house.rae, row.pk, comments.CommentDraft(text="Why, @ann?"))
    Membership.objects.filter(user=house.ann, corpus=house.a.corpus).delete()
    body = house.client("ann").get(reverse("admin:notifications")).content.decode()
    assert "kiwi-article" not in body
    assert "Why" not in body
    assert "data-unread" not in body


def test_everybody_has_their_own(house: House) -> None:
    stranger = make_user("una")
    assert stranger.is_staff
    client = Client()
    client.force_login(stranger)
    assert "Nobody has told you anything yet." in client.get(reverse("admin:notifications")).content.decode()
