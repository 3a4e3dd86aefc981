"""Restores: what went out comes back, to the byte, and nothing that could not have come about."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from annotations.enums import ArticleStatus, CarryDecision, State
from annotations.exceptions import InUseError, NotAllowedNowError
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    CarryItem,
    CarryOver,
    Comment,
    Corpus,
    Event,
    Judgement,
    Membership,
    Proposition,
    Role,
    Story,
    Topic,
    uuid7,
)
from annotations.models.term_index import clear_leftovers
from annotations.services import integrity
from annotations.services.core import articles, corpora, stories
from annotations.services.correction import items, revisions
from tests import factories
from tests.services.exchange import SEEDS, TEXT, get, lines_of, put, restore
from tests.services.small_newsroom import SmallNewsroom

pytestmark = pytest.mark.django_db

NASTY = '\ufeffArdenia 👩🏽‍🚒 “the lock”\r\n\r\nمرحبا\u202e x\u202c e\u0301 \u2028\ttab \\ "q" end\r'
Line = dict[str, Any]


def corpus_of(slug: str = "demo") -> Corpus:
    return Corpus.objects.get(slug=slug)


def assert_sound(corpus: Corpus | None = None) -> None:
    report = integrity.run_checks(corpus)
    assert {name: tally.findings for name, tally in report.checks.items() if tally.found} == {}


def flush() -> None:
    call_command("flush", verbosity=0, interactive=False)
    clear_leftovers()  # the ids of parts begin anew, and their words would be those of others


MOVES: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("ann", "submit"),),
    (("ann", "submit"), ("rae", "start_review")),
    (("ann", "submit"), ("rae", "start_review"), ("rae", "approve")),
    (("ann", "withdraw"),),
)


def busy_corpus() -> Corpus:
    """Work in every state, with comments, relations, links, merged entries and nasty texts."""
    newsroom = SmallNewsroom("lake")
    max_, corpus = newsroom.people["max"], newsroom.corpus
    whole = newsroom.actor("Ardenia", qid="Q1", note="Line one.\r\nLine two.")
    part = newsroom.actor(
        "Mira", parent_id=whole.pk, aliases=[{"text": "M. H.", "language": "", "kind": "name"}]
    )
    Actor.objects.filter(pk=whole.pk).update(merged_into=part.pk)
    issue = newsroom.issue("Open the lock.", newsroom.topic("Lock").pk)
    nasty = {
        "external_id": "nasty",
        "text": NASTY,
        "title": "\u202eTitle",
        "metadata": {"ä": 1, "b": "\u2028", "a": None},
        "published_at": "2026-03-01T12:00:00.000007Z",
        "annotators": 3,
        "spans": [{"label": "actor", "start": 9, "end": 13, "attributes": {"role_text": 'e\u0301 \\ "'}}],
    }
    put(max_, corpus, nasty)
    for number, moves in enumerate(MOVES):
        row = newsroom.work("ann", newsroom.article(f"w{number}"), actor=part.pk, issue=issue.pk)
        for name, move in moves:
            row = newsroom.move(name, row, move, reason="Enough.")
    judge_what_is_alike(newsroom)
    correct_texts(newsroom, part.pk)
    excluded = newsroom.article("x1")
    revisions.add_revision(max_, excluded.pk, NASTY, "typo")
    articles.exclude_article(max_, excluded.pk, "A\r\ndouble.")
    return corpus


def judge_what_is_alike(newsroom: SmallNewsroom) -> None:
    """Two entries that are different, and copies: one confirmed, one apart, and a lead that was chosen."""
    pair = sorted((newsroom.actor("Lorn").pk, newsroom.actor("Lorne").pk))
    rae = newsroom.people["rae"]
    Judgement.objects.create(
        corpus=newsroom.corpus, kind="actor", left=pair[0], right=pair[1], verdict="unsure", reason="Twins?",
        by=rae, at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    story = Story.objects.get()
    copies = list(story.members.exclude(article=story.lead).order_by("article"))
    stories.set_apart(rae, story.pk, copies[0].article_id, version=story.version)
    other = factories.make_article(newsroom.corpus, "A text of its own.", external_id="own")
    stories.confirm_copy(rae, story.pk, other.pk)
    story.refresh_from_db()
    stories.choose_lead(rae, story.pk, copies[1].article_id, version=story.version)


def correct_texts(newsroom: SmallNewsroom, actor: UUID) -> None:
    """Sets on corrected texts: one with marks to look at, which rae took over; one that stays approved."""
    max_, corpus = newsroom.people["max"], newsroom.corpus
    corpus.carry_approval = "when_untouched"
    corpus.save()
    row = newsroom.work("ann", newsroom.article("corrected"), actor=actor)
    text = row.revision.text.replace("the lock leaks", "it rained").replace("against", "never against")
    for more in ("", " More."):
        revisions.add_revision(max_, row.article_id, text + more, "A correction.")
    second = AnnotationSet.objects.get(article=row.article_id, state="open")
    lost = CarryItem.objects.waiting().get(set=second, status="lost")
    moved = items.ItemDecision(decision=CarryDecision.MOVED, start=13, end=22)
    items.settle_item(newsroom.people["ann"], lost, moved, version=second.version)
    newsroom.move("rae", newsroom.fresh(second), "take_over", reason="Urgent.")
    gold = newsroom.move("ann", newsroom.work("ann", newsroom.article("untouched")), "submit")
    gold = newsroom.move("rae", gold, "start_review", "approve")
    revisions.add_revision(max_, gold.article_id, f"{gold.revision.text} More.", "A correction.")


class TestRoundTrip:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("source", ["demo", "lake"])
    def test_an_export_restored_is_the_same_export(self, source: str) -> None:
        if source == "demo":
            restore(SEEDS.read_bytes())
        else:
            busy_corpus()
        first = get(None, corpus_of(source), sets="all")
        assert len(lines_of(first)) > 5
        flush()
        report = restore(first, source)
        assert (report.failed, report.ids_replaced, len(report.losses)) == (0, 0, 0)
        assert get(None, corpus_of(source), sets="all") == first
        assert_sound()
        if source == "lake":
            states = {row["state"] for line in lines_of(first, "story") for row in line["members"]}
            assert states == {"found", "confirmed", "apart"}
            assert [line["verdict"] for line in lines_of(first, "judgement")] == ["unsure"]

    def test_what_corrections_left_behind_comes_along(self) -> None:
        source = busy_corpus()
        first = get(None, source, sets="all")
        restore(first, "sea")
        sea = corpus_of("sea")
        assert sea.carry_approval == "when_untouched"
        assert AnnotationSet.objects.filter(
            corpus=sea, approved_by="equivalence", based_on__state="superseded"
        ).exists()
        assert CarryOver.objects.filter(to_set__corpus=sea).count() == 3
        rows = CarryItem.objects.filter(set__corpus=sea)
        ours = CarryItem.objects.filter(set__corpus=source)
        assert rows.count() == ours.count() > 3
        assert not set(rows.values_list("old_span", flat=True)) & set(ours.values_list("old_span", flat=True))
        waiting = rows.filter(decision="").exclude(relations=[])[0]
        assert {link["type"] for link in waiting.relations} == {"made_by"}
        rae = User.objects.get(username="rae")
        Membership.objects.create(corpus=sea, user=rae, role=Role.REVIEWER)
        for item in rows.filter(set__state="open"):
            settled = items.settle_item(
                rae, item, items.ItemDecision(decision=CarryDecision.DROPPED),
                version=AnnotationSet.objects.get(pk=item.set_id).version,
            )  # fmt: skip
            assert settled[0].decision == "dropped"
        assert_sound(corpus_of("sea"))

    def test_a_file_from_before_corrections_has_the_defaults(self) -> None:
        lines = [json.loads(raw) for raw in get(None, busy_corpus(), sets="all").splitlines()]
        del lines[0]["corpus"]["carry_approval"]
        for line in lines_of(b"\n".join(json.dumps(line).encode() for line in lines)):
            for row in line["sets"]:
                del row["approved_by"], row["carry"], row["carry_items"]
            lines[[one.get("id") for one in lines].index(line["id"])] = line
        report = restore(b"\n".join(json.dumps(line).encode() for line in lines), "sea")
        assert (report.failed, corpus_of("sea").carry_approval) == (0, "review")
        approved = AnnotationSet.objects.filter(corpus=corpus_of("sea"), state="approved")
        assert set(approved.values_list("approved_by", flat=True)) == {"review"}
        assert_sound(corpus_of("sea"))

    def test_gold_without_what_it_is_based_on(self) -> None:
        report = restore(get(None, busy_corpus()), "sea")
        assert report.failed == 0
        lost = {loss["what"]: loss["count"] for loss in report.losses.as_list()}
        assert lost == {"based_on": 1, "carry": 1}
        assert_sound(corpus_of("sea"))

    def test_texts_are_the_same_to_the_byte(self) -> None:
        text = NASTY + "".join(map(chr, (*range(0xA0, 0x250), *range(0x1F600, 0x1F650)))) + "\U0010ffff"
        data = json.dumps({"text": text}).encode()
        restore(data, "lake")
        assert Article.objects.get().revision.text.encode() == text.encode()
        (line,) = lines_of(get(None, corpus_of("lake")))
        assert line["revisions"][0]["text"] == text

    def test_the_settings_of_the_corpus_come_along(self) -> None:
        restore(SEEDS.read_bytes(), "sea")
        corpus = corpus_of("sea")
        header = json.loads(SEEDS.read_bytes().split(b"\n")[0])["corpus"]
        assert str(corpus.pk) == header["id"]
        assert (corpus.name, corpus.depth) == (header["name"], header["depth"])
        assert corpus.guideline.startswith("# Annotation guideline")  # the file has none
        assert list(Event.objects.order_by("seq").values_list("action", "user_id")[:2]) == [
            ("corpus_created", None),
            ("corpus_changed", None),
        ]

    def test_into_a_corpus_that_is_there(self) -> None:
        max_ = factories.make_user("max")
        corpus = factories.make_corpus("demo", manager=max_)
        assert restore(SEEDS.read_bytes()).failed == 0
        assert corpus_of().pk == corpus.pk
        assert corpus_of().version == 2
        with pytest.raises(InUseError, match="has articles"):
            restore(SEEDS.read_bytes())
        corpora.update_corpus(max_, corpus.pk, {"archived": True}, version=2)
        with pytest.raises(NotAllowedNowError):
            restore(SEEDS.read_bytes())

    def test_a_second_copy_gets_ids_of_its_own(self) -> None:
        restore(SEEDS.read_bytes())
        report = restore(SEEDS.read_bytes(), "copy")
        assert report.failed == 0
        assert report.ids_replaced > 500
        copy_of = lines_of(get(None, corpus_of("copy"), sets="all"))
        original = lines_of(get(None, corpus_of(), sets="all"))
        assert [line["external_id"] for line in sorted(copy_of, key=lambda line: line["external_id"])] == [
            line["external_id"] for line in sorted(original, key=lambda line: line["external_id"])
        ]
        assert_sound()

    def test_a_dry_run_founds_nothing(self) -> None:
        report = restore(SEEDS.read_bytes(), dry_run=True)
        assert (report.created, report.failed) == (26, 0)
        assert not Corpus.objects.exists()
        assert not Event.objects.exists()
        assert not User.objects.exists()


class TestSets:
    def test_states_people_and_times_are_kept(self) -> None:
        factories.make_user("rae")
        restore(SEEDS.read_bytes())
        row = AnnotationSet.objects.filter(state=State.APPROVED).order_by("pk")[0]
        assert (row.owner.username, row.reviewer and row.reviewer.username) == ("ann", "rae")
        assert row.submitted_at == datetime(2026, 10, 1, 10, 5, tzinfo=UTC)
        assert row.imported
        people = dict(User.objects.values_list("username", "is_active"))
        assert people["rae"] is True
        assert people["ann"] is False
        assert not User.objects.get(username="ann").has_usable_password()
        told = Event.objects.get(set_id=row.pk)
        assert (told.action, told.user_id, told.username) == ("imported", None, "")
        after = told.data["after"]
        assert (after["state"], after["version"], after["owner"], after["reviewer"]) == (
            "approved", row.version, "ann", "rae",
        )  # fmt: skip
        assert len(after["digest"]) == 64
        assert set(Article.objects.values_list("status", flat=True)) >= {
            ArticleStatus.DONE, ArticleStatus.IN_REVIEW, ArticleStatus.EXCLUDED,
        }  # fmt: skip
        assert_sound()

    def test_a_set_based_on_one_that_is_not_in_the_file(self) -> None:
        restore(SEEDS.read_bytes())
        based = AnnotationSet.objects.filter(based_on__isnull=False).order_by("pk")[0]
        lines = [json.loads(line) for line in get(None, corpus_of(), sets="all").splitlines()]
        for line in lines:
            if line["type"] == "article":
                line["sets"] = [row for row in line["sets"] if row["id"] != str(based.based_on_id)]
        report = put(None, "copy", *lines, restore=True)
        assert report.failed == 0
        assert {"what": "based_on", "count": 1, "ids": [str(based.pk)]} in report.losses.as_list()
        copied = AnnotationSet.objects.filter(corpus__slug="copy", based_on__isnull=False)
        assert not copied.filter(article__external_id=based.article.external_id).exists()

    def test_comments_keep_their_threads(self) -> None:
        corpus = busy_corpus()
        data = get(None, corpus, sets="all")
        before = Comment.objects.filter(parent__isnull=False).count()
        assert before
        report = restore(data, "copy")
        assert report.failed == 0
        assert Comment.objects.filter(parent__isnull=False).count() == 2 * before


def whole_line() -> Line:
    """An article with one approved set, as an export writes it."""
    id, revision, row = str(uuid7()), str(uuid7()), str(uuid7())
    return {
        "type": "article", "id": id, "external_id": "a1",
        "revisions": [{"id": revision, "number": 1, "text": TEXT}],
        "sets": [
            {
                "id": row, "article": id, "revision": revision, "owner": "ann", "reviewer": "rae",
                "kind": "annotation", "round": "production", "state": "approved", "version": 9,
                "guideline_version": 1, "based_on": None, "due_at": None,
                "created_at": "2026-03-01T12:00:00Z",
                "submitted_at": "2026-03-02T12:00:00Z", "approved_at": "2026-03-03T12:00:00Z",
                "spans": [{"label": "actor", "start": 0, "end": 7, "quote": "Ardenia"}],
                "relations": [], "comments": [],
            }
        ],
    }  # fmt: skip


def another(line: Line, **fields: Any) -> None:
    """Put a second set beside the first."""
    line["sets"].append({**copy.deepcopy(line["sets"][0]), "id": str(uuid7()), **fields})


def own_gold(line: Line) -> None:
    another(line, owner="ben", based_on=line["sets"][0]["id"], reviewer="ann", state="in_review")


LIVE = {"state": "open", "reviewer": None, "submitted_at": None, "approved_at": None}


def two_more(line: Line, *owners: str) -> None:
    for owner in owners:
        another(line, owner=owner, **LIVE)


UNLAWFUL: list[tuple[Callable[[Line], Any], str, str]] = [
    (lambda line: line["sets"][0].update(reviewer="ann"), "four-eyes", "/sets/0/reviewer"),
    (lambda line: line["sets"][0].update(state="finished"), "choice", "/sets/0/state"),
    (lambda line: line["sets"][0].update(owner=None), "required", "/sets/0/owner"),
    (lambda line: line["sets"][0].update(reviewer=None), "required", "/sets/0/reviewer"),
    (lambda line: line["sets"][0].update(approved_at=None), "required", "/sets/0/approved_at"),
    (lambda line: line["sets"][0].update(round="calibration"), "invalid", "/sets/0/state"),
    (lambda line: another(line, owner="ben"), "duplicate", "/sets/1/state"),
    (own_gold, "four-eyes", "/sets/1/reviewer"),
    (lambda line: two_more(line, "ann", "ann"), "duplicate", "/sets/2/owner"),
    (lambda line: two_more(line, "ben", "cleo"), "invalid", "/sets"),
]


@pytest.mark.parametrize(("spoil", "code", "pointer"), UNLAWFUL)
def test_what_could_not_have_come_about_is_refused(
    spoil: Callable[[Line], Any], code: str, pointer: str
) -> None:
    line = whole_line()
    spoil(line)
    report = put(None, "lake", line, {"external_id": "a2", "text": "x"}, restore=True)
    assert (report.created, report.failed) == (1, 1)
    assert (code, pointer) in [(error.code, error.pointer) for error in report.errors]
    assert not AnnotationSet.objects.exists()


def test_the_same_line_unspoilt_is_taken() -> None:
    line = whole_line()
    another(line, owner="ben", **LIVE)
    assert put(None, "lake", line, restore=True).failed == 0
    assert_sound()


def test_people_are_found_once_and_never_made_twice() -> None:
    factories.make_user("ann")
    lines = []
    for number in range(5):
        line = whole_line()
        line["external_id"] = f"a{number}"
        lines.append(line)
    put(None, "lake", *lines, restore=True)
    assert sorted(User.objects.values_list("username", flat=True)) == ["ann", "rae"]
    assert Role.MANAGER  # nobody becomes a member by being named
    assert not corpus_of("lake").memberships.exists()


def test_registry_and_links_are_kept() -> None:
    restore(SEEDS.read_bytes())
    assert Topic.objects.count() == 5
    assert Proposition.objects.filter(status="proposed").count() == 1
    russia = Actor.objects.get(name="Russian ministries").parent
    assert russia is not None
    assert russia.pk == UUID("01a0e708-0e60-7a71-a142-309ee3fa39bd")
