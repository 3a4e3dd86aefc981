"""What is done from the pages of a team, by whom, and what forged posts come to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.enums import NotificationKind, Round, SetKind, State
from annotations.models import (
    AnnotationSet,
    Article,
    Corpus,
    Event,
    FrozenAgreement,
    Membership,
    Notification,
    uuid7,
)
from annotations.services.core import comments
from annotations.services.team import assignments, invitations
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.forms import form_of
from tests.admin.team_work import doubled, grow, set_url, url
from tests.admin.test_invitations import invitation
from tests.factories import make_article, make_span, make_user, move

DEEDS = ("take_over", "reopen", "release_review", "unassign", "due", "withdraw")


def said(client: Client) -> str:
    """What the next page tells."""
    return client.get(reverse("admin:notifications")).content.decode().split('id="content"')[0]


# --- handing out ------------------------------------------------------------------------------


def test_work_is_handed_out_in_bulk(newsrooms: TwoNewsrooms) -> None:
    corpus = grow(newsrooms)
    articles = [make_article(corpus, title=f"kiwi-{number}") for number in range(4)]
    client = newsrooms.client("max")
    sent = {
        "bulk_action": "assign",
        "article": [str(article.pk) for article in articles],
        "owners": ["ann", "ben"],
        "strategy": "round_robin",
        "due_at_0": "2026-12-01",
        "due_at_1": "12:00:00",
    }
    client.post(url(newsrooms, "hand_out"), sent)
    made = AnnotationSet.objects.filter(article__in=articles)
    assert sorted(made.values_list("owner__username", flat=True)) == ["ann", "ann", "ben", "ben"]
    assert all(row.due_at for row in made)
    client.post(url(newsrooms, "hand_out"), sent)
    assert made.count() == 4, "nobody gets an article twice"


def test_priorities_are_set_in_bulk_and_only_where_the_list_has_them(newsrooms: TwoNewsrooms) -> None:
    corpus = grow(newsrooms)
    article = make_article(corpus)
    foreign = newsrooms.b[Article]
    sent = {"bulk_action": "priority", "article": [str(article.pk), str(foreign.pk)], "priority": "7"}
    newsrooms.client("max").post(url(newsrooms, "hand_out"), sent)
    article.refresh_from_db()
    foreign.refresh_from_db()
    assert (article.priority, foreign.priority) == (7, 0)


@pytest.mark.parametrize("name", ["rae", "ann", "vic", "sam"])
@pytest.mark.parametrize("where", ["hand_out", "calibration", "invitations"])
def test_form_tampering_posts_change_nothing(newsrooms: TwoNewsrooms, name: str, where: str) -> None:
    grow(newsrooms)
    article = make_article(newsrooms.a.corpus)
    before = Event.objects.count()
    sent = {
        "bulk_action": "assign" if where == "hand_out" else "start",
        "article": [str(article.pk)],
        "owners": ["ann", "ben"],
        "role": "manager",
        "days": "3",
        "new_id": str(uuid7()),
    }
    status = 404 if name == "sam" else 403
    assert newsrooms.client(name).post(url(newsrooms, where), sent).status_code == status
    assert Event.objects.count() == before


def test_no_post_is_taken_without_its_token(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max", csrf=True)
    for name in ("hand_out", "calibration", "invitations"):
        assert client.post(url(newsrooms, name), {"bulk_action": "assign"}).status_code == 403
    assert client.post(reverse("admin:notifications_read")).status_code == 403
    token = invitation(newsrooms)
    assert Client(enforce_csrf_checks=True).post(invitations.invitation_path(token)).status_code == 403


def test_unknown_deeds_are_bad_requests(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    for name in ("hand_out", "calibration"):
        assert client.post(url(newsrooms, name), {"bulk_action": "explode"}).status_code == 400
        sent = {"bulk_action": "close", "article": "x", "reason": "So."}
        assert client.post(url(newsrooms, name), sent).status_code == 400


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
    newsrooms: TwoNewsrooms, sent: dict[str, str], stored: tuple[int, int | None]
) -> None:
    client, here = newsrooms.client("max"), page(Corpus, "change", newsrooms.a.corpus.pk)
    assert client.post(here, {**form_of(client.get(here)), **sent}).status_code in {200, 302}
    corpus = Corpus.objects.get(pk=newsrooms.a.corpus.pk)
    assert (corpus.double_share, corpus.most_open) == stored


# --- moves of a set ---------------------------------------------------------------------------


def test_the_page_of_a_set_offers_what_the_table_allows(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    here = page(AnnotationSet, "change", row.pk)
    boxes = {name: newsrooms.client(name).get(here).context["forms"] for name in ("ann", "rae", "max")}
    offered = {name: {box.action.name for box in found} for name, found in boxes.items()}
    assert offered == {
        "ann": {"withdraw"},
        "rae": {"take_over"},
        "max": {"take_over", "unassign", "due", "withdraw"},
    }


def test_a_manager_takes_over_with_a_reason(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    client = newsrooms.client("rae")
    client.post(set_url(row, "take_over"), {"seen": row.version})
    assert AnnotationSet.objects.get(pk=row.pk).state == State.OPEN, "without a reason nothing happens"
    row.refresh_from_db()
    answer = client.post(set_url(row, "take_over"), {"seen": row.version, "reason": "Ann is ill."})
    new = AnnotationSet.objects.get(based_on=row)
    assert new.owner == newsrooms.rae
    assert answer["Location"] == page(AnnotationSet, "change", new.pk)


def test_the_gold_is_reopened_by_managers_alone(newsrooms: TwoNewsrooms, approved: AnnotationSet) -> None:
    sent = {"seen": approved.version, "reason": "The minister has resigned."}
    assert newsrooms.client("rae").post(set_url(approved, "reopen"), sent).status_code == 403
    newsrooms.client("max").post(set_url(approved, "reopen"), sent)
    assert AnnotationSet.objects.filter(based_on=approved, owner=newsrooms.ann, state=State.OPEN).exists()


@pytest.mark.parametrize("name", ["vic", "sam", "ben"])
@pytest.mark.parametrize("deed", DEEDS)
def test_form_tampering_deeds_change_nothing(newsrooms: TwoNewsrooms, name: str, deed: str) -> None:
    row = newsrooms.a[AnnotationSet]
    version = AnnotationSet.objects.get(pk=row.pk).version
    sent = {"seen": version, "reason": "Because.", "due_at_0": "2026-12-01", "due_at_1": "12:00"}
    assert newsrooms.client(name).post(set_url(row, deed), sent).status_code == 404
    assert AnnotationSet.objects.get(pk=row.pk).version == version


def test_a_stale_page_is_refused(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    stale = row.version - 1 or 1
    make_span(AnnotationSet.objects.get(pk=row.pk), start=0, end=3)
    client = newsrooms.client("max")
    client.post(set_url(row, "unassign"), {"seen": stale})
    assert AnnotationSet.objects.get(pk=row.pk).state == State.OPEN


def test_the_due_date_is_changed_and_told(newsrooms: TwoNewsrooms) -> None:
    row = AnnotationSet.objects.get(pk=newsrooms.a[AnnotationSet].pk)
    sent = {"seen": row.version, "due_at_0": "2026-12-01", "due_at_1": "12:00:00"}
    assert newsrooms.client("ann").post(set_url(row, "due"), sent).status_code == 403
    newsrooms.client("max").post(set_url(row, "due"), sent)
    row.refresh_from_db()
    assert row.due_at is not None
    assert Event.objects.filter(set_id=row.pk, action="due_changed").count() == 1
    body = newsrooms.client("max").get(page(AnnotationSet, "history", row.pk)).content.decode()
    assert "changed the due date" in body


def test_nobody_is_sent_to_another_site(newsrooms: TwoNewsrooms) -> None:
    row = AnnotationSet.objects.get(pk=newsrooms.a[AnnotationSet].pk)
    for next_ in ("//elsewhere.example/", "https://elsewhere.example/", "javascript:alert(1)"):
        answer = newsrooms.client("max").post(set_url(row, "due"), {"seen": row.version, "next": next_})
        assert answer["Location"] == page(AnnotationSet, "change", row.pk)


def test_a_reviewer_begins_an_adjudication_and_an_author_does_not(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    article, _ = doubled(newsrooms)
    begin = page(Article, "adjudicate", article.pk)
    body = newsrooms.client("rae").get(page(Article, "change", article.pk)).content.decode()
    assert begin in body
    assert begin not in newsrooms.client("ann").get(page(Article, "change", article.pk)).content.decode()
    assert newsrooms.client("ann").post(begin, {"new_id": str(uuid7())}).status_code == 403
    newsrooms.client("rae").post(begin, {"new_id": str(uuid7())})
    assert AnnotationSet.objects.get(article=article, kind=SetKind.ADJUDICATION).owner == newsrooms.rae


# --- calibration ------------------------------------------------------------------------------


def test_a_calibration_is_started_and_closed(newsrooms: TwoNewsrooms) -> None:
    corpus = grow(newsrooms)
    article = make_article(corpus, title="kiwi-training")
    client = newsrooms.client("max")
    names = ["ann", "ben", "tom"]
    client.post(
        url(newsrooms, "calibration"), {"bulk_action": "start", "article": str(article.pk), "owners": names}
    )
    rows = {row.owner.get_username(): row for row in AnnotationSet.objects.filter(article=article)}
    assert set(rows) == set(names)
    assert {row.round for row in rows.values()} == {Round.CALIBRATION}
    for name in ("ann", "ben"):
        make_span(rows[name])
        move(rows[name].owner, rows[name], "submit")
    assert not FrozenAgreement.objects.exists(), "tom is still at work"
    sent = {"bulk_action": "close", "article": str(article.pk), "reason": "Enough."}
    client.post(url(newsrooms, "calibration"), sent)
    rows["tom"].refresh_from_db()
    assert rows["tom"].state == State.WITHDRAWN
    frozen = FrozenAgreement.objects.get()
    assert {frozen.first, frozen.second} == {newsrooms.ann, newsrooms.ben}
    assert not AnnotationSet.objects.filter(article=article, blind=True).exists()


def test_one_person_alone_is_no_calibration(newsrooms: TwoNewsrooms) -> None:
    article = make_article(grow(newsrooms))
    sent = {"bulk_action": "start", "article": str(article.pk), "owners": ["ann"]}
    newsrooms.client("max").post(url(newsrooms, "calibration"), sent)
    assert not AnnotationSet.objects.filter(article=article).exists()


# --- notifications ----------------------------------------------------------------------------


def test_the_bell_counts_and_the_list_is_read(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    comments.add_comment(newsrooms.rae, row.pk, comments.CommentDraft(text="Why, @ann?"))
    client = newsrooms.client("ann")
    start = client.get(reverse("admin:index")).content.decode()
    waiting = Notification.objects.filter(recipient=newsrooms.ann, read_at=None).count()
    assert f'data-unread="{waiting}"' in start
    listed = reverse("admin:notifications")
    assert "Why, @ann?" in client.get(listed).content.decode()
    note = Notification.objects.filter(recipient=newsrooms.ann, comment__isnull=False)[0]
    opened = reverse("admin:notification", args=(note.pk,))
    assert newsrooms.client("rae").post(opened).status_code == 404
    assert client.get(opened).status_code == 405
    place = f"{set_url(row, 'workbench')}#comment={note.comment_id}"
    assert client.post(opened)["Location"] == place, "with one click in its thread"
    note.refresh_from_db()
    assert note.read_at is not None
    client.post(reverse("admin:notifications_read"))
    assert not Notification.objects.filter(recipient=newsrooms.ann, read_at=None).exists()
    assert "data-unread" not in client.get(listed).content.decode()


def test_what_somebody_gave_out_on_one_day_is_one_line(newsrooms: TwoNewsrooms) -> None:
    for _ in range(60):
        article = make_article(newsrooms.a.corpus)
        assignments.assign_article(newsrooms.max, article.pk, owner=newsrooms.ann)
    row = newsrooms.a[AnnotationSet]
    comments.add_comment(newsrooms.rae, row.pk, comments.CommentDraft(text="Why, @ann?"))
    own = Notification.objects.filter(recipient=newsrooms.ann)
    earlier = own.filter(kind=NotificationKind.ASSIGNED).order_by("pk").values_list("pk", flat=True)[:20]
    own.filter(pk__in=list(earlier)).update(created_at=timezone.now() - timedelta(days=2))
    client, listed = newsrooms.client("ann"), reverse("admin:notifications")
    lines = client.get(listed).context["lines"]
    assert [(str(line.subject), line.is_unread) for line in lines] == [
        ("kiwi-article", True), ("41 articles", True), ("20 articles", True)
    ]  # fmt: skip
    news = client.get(reverse("admin:index")).context["news"]
    assert [line.subject for line in news] == [line.subject for line in lines]
    opened = reverse("admin:notification", args=(lines[1].row.pk,))
    assert client.post(opened, {"all": "1"})["Location"] == reverse("admin:work_list", args=("in-progress",))
    assert own.filter(read_at=None).count() == 21
    assert [line.is_unread for line in client.get(listed).context["lines"]] == [True, False, True]
    assert client.post(opened, {"stay": "1"})["Location"] == listed


def test_who_has_left_reads_nothing_more(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    comments.add_comment(newsrooms.rae, row.pk, comments.CommentDraft(text="Why, @ann?"))
    Membership.objects.filter(user=newsrooms.ann, corpus=newsrooms.a.corpus).delete()
    body = newsrooms.client("ann").get(reverse("admin:notifications")).content.decode()
    assert "kiwi-article" not in body
    assert "Why" not in body
    assert "data-unread" not in body


def test_everybody_has_their_own(newsrooms: TwoNewsrooms) -> None:
    stranger = make_user("una")
    assert stranger.is_staff
    client = Client()
    client.force_login(stranger)
    assert "Nobody has told you anything yet." in client.get(reverse("admin:notifications")).content.decode()
