"""The pages of corrections: what happens is shown before it does, what differs, and what waits for a look."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotations.enums import State
from annotations.models import AnnotationSet, Corpus, Revision, Span
from annotations.services.correction import revisions
from tests import factories
from tests.admin.corrected import (
    CUT,
    TEXT,
    TOUCHED,
    TYPO,
    body,
    correct,
    correct_url,
    diff_url,
    items_url,
    marked_set,
    preview,
    signed_in,
    staff,
    store,
)
from tests.admin.forms import form_of
from tests.admin.test_queries import queries
from tests.newsroom import Newsroom

__all__ = ["staff"]


# --- Correct the text -----------------------------------------------------------------------------


def test_managers_alone_correct_texts(newsroom: Newsroom) -> None:
    row = marked_set(newsroom)
    url = correct_url(row.article_id)
    for name, status in (("max", 200), ("rae", 403), ("ann", 403), ("vic", 403), ("sam", 404)):
        client = signed_in(newsroom, name)
        assert client.get(url).status_code == status, name
        assert client.post(url, {"text": TYPO}).status_code == status, name
    page = reverse("admin:annotations_article_change", args=(row.article_id,))
    assert url in body(signed_in(newsroom, "max").get(page))
    assert url not in body(signed_in(newsroom, "rae").get(page))
    Corpus.objects.update(archived=True)
    assert signed_in(newsroom, "max").get(url).status_code == 404
    assert url not in body(signed_in(newsroom, "max").get(page))


def test_the_outcome_is_shown_before_anything_is_stored(newsroom: Newsroom) -> None:
    row, max_ = marked_set(newsroom), signed_in(newsroom, "max")
    shown = preview(max_, row.article_id, CUT)
    text = body(shown)
    assert "Nothing is stored yet." in text
    assert "1 mark stays, but its sentence has changed" in text
    assert "1 mark is changed in its middle or cut" in text
    assert "It goes on in a new open set of its owner" in text
    assert '<td dir="auto">is opposed to any toll</td>' in text
    assert "<del>" in text
    assert Revision.objects.filter(article=row.article_id).count() == 1
    stored = store(max_, row.article_id, shown)
    assert stored.status_code == 302
    assert Revision.objects.get(article=row.article_id, number=2).text == CUT
    assert AnnotationSet.objects.get(based_on=row).state == State.OPEN
    again = store(max_, row.article_id, shown)
    assert (again.status_code, Revision.objects.count()) == (302, 2), "sent twice, stored once"
    landed = body(max_.get(stored.headers["Location"]))
    assert "The text is stored as revision 2" in landed
    assert diff_url(row.article_id, "?from=1&amp;to=2") in landed


def test_an_approval_that_holds_is_told(newsroom: Newsroom) -> None:
    Corpus.objects.update(carry_approval="when_untouched")
    row, max_ = newsroom.approved(), signed_in(newsroom, "max")
    text = row.revision.text
    touched = body(preview(max_, row.article_id, text.replace("Verde is", "Verde was")))
    assert "The approved set stays with the text before, since marks or sentences of it change." in touched
    assert "It stays the gold of revision 1" in touched
    shown = preview(max_, row.article_id, text.replace("on Monday", "on Tuesday"))
    assert "The approval holds for the new text, by equivalence" in body(shown)
    store(max_, row.article_id, shown)
    gold = AnnotationSet.objects.get(article=row.article_id, state=State.APPROVED)
    page = reverse("admin:annotations_annotationset_change", args=(gold.pk,))
    assert "approved by equivalence: the text was corrected" in body(max_.get(page))
    history = reverse("admin:annotations_annotationset_history", args=(gold.pk,))
    assert "approved by equivalence" in body(max_.get(history))
    Corpus.objects.update(carry_approval="review")
    again = preview(max_, row.article_id, text)
    assert "this corpus has every correction reviewed" in body(again)


def test_a_set_under_review_blocks_unless_it_is_recalled(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    article, max_ = row.article_id, signed_in(newsroom, "max")
    text = row.revision.text.replace("Monday", "Tuesday")
    blocked = body(preview(max_, article, text))
    assert "submitted (ann)" in blocked
    assert "what is only submitted goes back to its owner first" in blocked
    assert "on Tuesday" in blocked, "what was written is kept"
    shown = preview(max_, article, text, recall="on")
    assert "It is recalled, and goes on in a new open set of its owner." in body(shown)
    assert newsroom.fresh(row).state == State.SUBMITTED
    assert store(max_, article, shown).status_code == 302
    assert newsroom.fresh(row).state == State.SUPERSEDED
    other = newsroom.in_review("ben")
    blocked = body(preview(max_, other.article_id, text, recall="on"))
    assert "in review (rae)" in blocked
    assert "goes back to its owner first" not in blocked


def test_what_was_not_shown_is_not_stored(newsroom: Newsroom) -> None:
    row, max_ = marked_set(newsroom), signed_in(newsroom, "max")
    shown = preview(max_, row.article_id, TYPO)
    for sent in ({"text": CUT}, {"shown": ""}, {"shown": "é" * 64}):
        answer = store(max_, row.article_id, shown, **sent)
        assert "have changed since; look at what happens now" in body(answer)
    actor = Span.objects.get(set=row, label="actor")
    assert newsroom.ann.delete(f"spans/{actor.pk}/", version=actor.version).status == 204
    answer = store(max_, row.article_id, shown)
    assert "have changed since" in body(answer), "the marks have changed"
    assert Revision.objects.count() == 1
    assert store(max_, row.article_id, answer).status_code == 302


def test_a_text_that_somebody_else_corrected_is_told(newsroom: Newsroom) -> None:
    row, max_ = marked_set(newsroom), signed_in(newsroom, "max")
    shown = preview(max_, row.article_id, CUT)
    revisions.add_revision(newsroom.user("ada"), row.article_id, TYPO, "Meanwhile.")
    answer = store(max_, row.article_id, shown)
    text = body(answer)
    assert "corrected to revision 2 meanwhile" in text
    assert diff_url(row.article_id, "?from=1&amp;to=2") in text
    assert "opposed to any toll" in text, "what was written is kept"
    assert Revision.objects.count() == 2
    answer = max_.post(correct_url(row.article_id), {**form_of(answer), "preview": "1"})
    assert store(max_, row.article_id, answer).status_code == 302
    assert Revision.objects.get(number=3).text == CUT


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"text": TEXT}, "The text is the same as that of revision 1"),
        ({"text": "x\x00y"}, "Null characters are not allowed"),
        ({"text": ""}, "required"),
        ({"seen": "x"}, "whole number"),
        ({"seen": str(2**40)}, "less than or equal to"),
        ({"new_id": "x"}, "valid UUID"),
    ],
)
def test_refusals_keep_what_was_written(newsroom: Newsroom, sent: dict[str, str], message: str) -> None:
    row, max_ = marked_set(newsroom), signed_in(newsroom, "max")
    answer = body(preview(max_, row.article_id, **{"text": TYPO, **sent}))
    assert message in answer
    assert "A typo." in answer
    assert Revision.objects.count() == 1


def test_storing_asks_for_a_reason(newsroom: Newsroom) -> None:
    row, max_ = marked_set(newsroom), signed_in(newsroom, "max")
    shown = preview(max_, row.article_id, TYPO, reason="")
    assert "Nothing is stored yet." in body(shown)
    assert "Say why, in a sentence." in body(store(max_, row.article_id, shown, reason=" "))
    assert Revision.objects.count() == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_stay_as_they_were(newsroom: Newsroom, end: str) -> None:
    article, max_ = newsroom.article("One.\nTwo.\n".replace("\n", end)), signed_in(newsroom, "max")
    shown = preview(max_, article.pk, "\r\nOne.\r\nThree.\r\n ")
    assert store(max_, article.pk, shown).status_code == 302
    stored = Revision.objects.get(article=article, number=2).text
    assert stored == "\nOne.\nThree.\n ".replace("\n", end)


def test_blind_sets_are_named_and_no_more(newsroom: Newsroom) -> None:
    article = newsroom.article(TEXT, annotators=2)
    row = marked_set(newsroom, "ann", article)
    newsroom.set("ben", article)
    max_ = signed_in(newsroom, "max")
    shown = body(preview(max_, article.pk, CUT))
    assert "Hidden, as long as its annotators work independently." in shown
    assert "Marks that somebody has to look at" not in shown
    assert "changed in its middle" not in shown
    new = correct(newsroom, row, CUT)
    assert "<mark" not in body(max_.get(diff_url(article.pk)))
    assert "Marks that needed a look" not in body(max_.get(diff_url(article.pk)))
    assert "<mark" not in body(signed_in(newsroom, "ben").get(diff_url(article.pk)))
    assert "Marks that needed a look" in body(signed_in(newsroom, "ann").get(diff_url(article.pk)))
    for name, status in (("max", 403), ("rae", 404), ("ben", 404), ("sam", 404), ("ann", 200)):
        answer = signed_in(newsroom, name).get(items_url(new))
        assert answer.status_code == status, name
        assert ("Ada Verde" in body(answer)) == (name == "ann")


@pytest.mark.slow
def test_a_megabyte_is_corrected_and_compared(newsroom: Newsroom) -> None:
    lines = [
        f"Line {n}: the council of place {n} met, and nobody said more than “no”.\n" for n in range(16_000)
    ]
    article, max_ = newsroom.article("".join(lines)), signed_in(newsroom, "max")
    lines[8_000] = "Somebody said “yes”.\n"
    shown = preview(max_, article.pk, "".join(lines))
    assert "Somebody said" in body(shown)
    assert store(max_, article.pk, shown).status_code == 302
    page = body(max_.get(diff_url(article.pk)))
    assert "unchanged characters" in page
    assert page.count("Line 12: ") == page.count("Line 15999: ") == 1, "unchanged text stands there once"


# --- What changed ---------------------------------------------------------------------------------


def test_everybody_in_the_corpus_compares_and_sees_their_marks(newsroom: Newsroom) -> None:
    row = marked_set(newsroom)
    correct(newsroom, row, TOUCHED)
    url = diff_url(row.article_id)
    shown = body(signed_in(newsroom, "ann").get(url))
    assert '<del><span class="visually-hidden">[deleted: </span>' in shown
    assert (
        '<mark class="actor" title="Actor"><span class="visually-hidden">Actor: </span>Ada Verde</mark>'
        in shown
    )
    assert "Its sentence has changed" in shown
    assert "not decided yet" in shown
    for name in ("vic", "ben"):
        theirs = body(signed_in(newsroom, name).get(url))
        assert "<ins>" in theirs
        assert "<mark" not in theirs
        assert "not decided yet" not in theirs
    assert signed_in(newsroom, "sam").get(url).status_code == 404


def test_the_address_says_which_revisions_and_how(newsroom: Newsroom) -> None:
    row, vic = marked_set(newsroom), signed_in(newsroom, "vic")
    newest = correct(newsroom, correct(newsroom, row, TYPO), TOUCHED)
    url = diff_url(row.article_id)
    assert "[inserted: </span>" in body(vic.get(f"{url}?from=1&to=2"))
    inline = body(vic.get(f"{url}?from=1&to=3&view=inline"))
    assert 'class="row' not in inline
    assert body(vic.get(f"{url}?from=1&to=3")).count('class="row') > 1
    assert "The two texts are the same." in body(vic.get(f"{url}?from=2&to=2"))
    assert vic.get(f"{url}?from=1&to=9").status_code == 404
    for odd in ("?from=x", "?to=0", f"?to={2**40}", "?view=x", "?page=x", "?page=99", "?from=3&to=1"):
        assert vic.get(f"{url}{odd}").status_code == 200, odd
    page = body(vic.get(reverse("admin:annotations_article_change", args=(newest.article_id,))))
    assert diff_url(row.article_id, "?from=2&amp;to=3") in page


def test_very_many_changes_come_in_pages(newsroom: Newsroom) -> None:
    old = "".join(f"Word{n} here stays and goes.\n" for n in range(500))
    article, max_ = newsroom.article(old), signed_in(newsroom, "max")
    revisions.add_revision(newsroom.user("max"), article.pk, old.replace("here", "there"), "All.")
    first = body(max_.get(diff_url(article.pk)))
    assert "Changes 1 to 200 of 500" in first
    assert "Word0 " in first
    assert "Word300 " not in first
    last = body(max_.get(diff_url(article.pk, "?page=3")))
    assert "Changes 401 to 500 of 500" in last
    assert "Word499 " in last
    assert "Word100 " not in last


def test_hostile_words_are_only_text(newsroom: Newsroom) -> None:
    villain = "<script>alert(1)</script>"
    row = newsroom.set_on(f"{villain} said Lorn.", title=villain)
    factories.make_span(row, "actor", 1, 7)
    max_ = signed_in(newsroom, "max")
    shown = preview(max_, row.article_id, f"{villain} & {villain} said Lorn.", reason=villain)
    assert villain not in body(shown)
    store(max_, row.article_id, shown)
    new = AnnotationSet.objects.get(based_on=row)
    assert villain not in body(max_.get(diff_url(row.article_id)))
    assert villain not in body(signed_in(newsroom, "ann").get(items_url(new)))


def test_pages_cost_the_same_however_much_is_marked(newsroom: Newsroom) -> None:
    few, ann = correct(newsroom, marked_set(newsroom), CUT), signed_in(newsroom, "ann")
    pages = (items_url(few), diff_url(few.article_id))
    before = [queries(ann, url) for url in pages]
    many = newsroom.set_on("\n".join(f"Ada Verde of place {n} is opposed." for n in range(40)))
    text = many.revision.text
    for n in range(40):
        start = text.index(f"Verde of place {n} ")
        factories.make_span(many, "actor", start, start + 5)
    new = correct(newsroom, many, text.replace("opposed", "not opposed"))
    assert [queries(ann, url) for url in (items_url(new), diff_url(new.article_id))] == before
    assert before == [13, 15]
