"""Corrections over the wire: what would become of the sets, what became of them, and settling the rest."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

from annotations.models import AnnotationSet, CarryItem, Event, Revision, Span
from annotations.text.align import SILENT, carry, mapping
from annotations.text.ranges import Range
from tests import factories
from tests.newsroom import TEXT, Newsroom, Reply, new_id, span

TOUCHED = TEXT.replace("is opposed", "never was opposed")
GONE = TEXT.replace("Ada Verde", "The mayor")
STATUSES = ("exact", "shifted", "touched", "uncertain", "moved", "lost")
ITEM = (
    "id set article status label start end quote proposal attributes actor proposition decision by at span "
    "set_version"
)


def correct(newsroom: Newsroom, row: AnnotationSet, text: str, **parameters: Any) -> Reply:
    """A correction by the manager."""
    at = f"articles/{row.article_id}/revisions/"
    return newsroom.max.post(at, {"text": text, "reason": "Typo."}, **parameters)


def marked(newsroom: Newsroom, owner: str = "ann", **fields: Any) -> AnnotationSet:
    """An open set with one mark."""
    row = newsroom.set(owner, newsroom.article(**fields))
    factories.make_span(row)
    return row


def counts(**numbers: int) -> dict[str, int]:
    return {status: numbers.get(status, 0) for status in STATUSES}


def test_a_correction_says_what_became_of_the_sets(newsroom: Newsroom) -> None:
    row = marked(newsroom)
    preview = correct(newsroom, row, TOUCHED, dry_run="true")
    assert (preview.status, list(preview.data)) == (
        200,
        ["counts", "sets", "items", "approved_by_equivalence"],
    )
    assert Revision.objects.filter(article=row.article_id).count() == 1
    assert [item["id"] for item in preview.data["items"]] == [None]
    reply = correct(newsroom, row, TOUCHED)
    assert (reply.status, reply.data["number"]) == (201, 2)
    carry = reply.data["carry"]
    assert (carry["counts"], carry["approved_by_equivalence"]) == (counts(touched=1), 0)
    (went_on,) = carry["sets"]
    new = AnnotationSet.objects.get(based_on=row)
    assert went_on == {
        "from_set": str(row.pk), "to_set": str(new.pk), "owner": "ann", "state": "open",
        "counts": counts(touched=1), "approved_by_equivalence": False,
    }  # fmt: skip
    assert preview.data == {
        **carry,
        "sets": [{**went_on, "to_set": None}],
        "items": [
            {**carry["items"][0], "id": None, "set": str(row.pk), "span": preview.data["items"][0]["span"],
             "set_version": preview.data["items"][0]["set_version"]}
        ],
    }  # fmt: skip
    (item,) = newsroom.ann.all("corpora/lake/carry-items/")
    assert list(item) == ITEM.split()
    assert item == carry["items"][0]
    assert (item["status"], item["quote"], item["proposal"], item["decision"]) == (
        "touched",
        "Ada Verde",
        None,
        None,
    )


def test_a_repeated_correction_says_the_same(newsroom: Newsroom) -> None:
    row, id = marked(newsroom), new_id()
    at, body = f"articles/{row.article_id}/revisions/", {"id": id, "text": TOUCHED, "reason": "Typo."}
    first, again = newsroom.max.post(at, body), newsroom.max.post(at, body)
    assert (first.status, again.status, first.data) == (201, 200, again.data)
    refused = correct(newsroom, row, TOUCHED)
    assert refused.refusal == (409, "duplicate")


def test_what_is_under_review_is_recalled_only_on_request(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    refused = correct(newsroom, row, TOUCHED)
    assert refused.refusal == (409, "not-allowed-now")
    assert (refused.data["state"], refused.data["set"], refused.data["owner"]) == (
        "submitted",
        str(row.pk),
        "ann",
    )
    assert correct(newsroom, row, TOUCHED, dry_run="true").refusal == (409, "not-allowed-now")
    assert correct(newsroom, row, TOUCHED, dry_run="true", recall="true").status == 200
    assert newsroom.fresh(row).state == "submitted"
    assert correct(newsroom, row, TOUCHED, recall="true").status == 201
    assert Event.objects.filter(set_id=row.pk, action="recall").exists()
    assert correct(newsroom, newsroom.in_review(), TOUCHED, recall="true").refusal == (409, "not-allowed-now")


def test_open_items_stop_the_submission_until_they_are_settled(newsroom: Newsroom) -> None:
    row = marked(newsroom)
    correct(newsroom, row, TOUCHED)
    new = AnnotationSet.objects.get(based_on=row)
    refused = newsroom.ann.move(new.pk, "submit")
    assert (refused.refusal, refused.data["items"]) == ((409, "open-items"), 1)
    (item,) = newsroom.ann.all("corpora/lake/carry-items/", state="open")
    at = f"carry-items/{item['id']}/settle/"
    assert newsroom.ann.post(at, {"decision": "fine"}).refusal == (428, "precondition-required")
    assert newsroom.ann.post(at, {"decision": "fine"}, version=99).refusal == (412, "stale")
    assert newsroom.ann.post(at, {"decision": "good"}, version=99).refusal == (400, "invalid")
    kept = newsroom.ann.post(at, {"decision": "kept"}, version=item["set_version"])
    assert (kept.refusal, kept.data["allowed"]) == ((409, "not-allowed-now"), ["fine", "moved", "dropped"])
    reply = newsroom.ann.post(at, {"decision": "fine"}, version=item["set_version"])
    assert (reply.status, reply.data["decision"], reply.data["by"]) == (200, "fine", "ann")
    assert reply.set_version == reply.data["set_version"] == item["set_version"] + 1
    assert newsroom.ann.post(at, {"decision": "fine"}, version=item["set_version"]).data == reply.data
    assert newsroom.ann.all("corpora/lake/carry-items/", state="open") == []
    assert len(newsroom.ann.all("corpora/lake/carry-items/", state="settled", article=row.article_id)) == 1
    assert newsroom.ann.all("corpora/lake/carry-items/", status="lost") == []
    assert newsroom.ann.move(new.pk, "submit").status == 200


def test_a_lost_mark_is_marked_again(newsroom: Newsroom) -> None:
    row = marked(newsroom)
    correct(newsroom, row, GONE)
    (item,) = newsroom.ann.all("corpora/lake/carry-items/")
    at, version = f"carry-items/{item['id']}/settle/", item["set_version"]
    assert item["status"] == "lost"
    for shape, pointers in (
        ({"decision": "moved"}, ["/start", "/end"]),
        ({"decision": "moved", "start": 60}, ["/end"]),
        ({"decision": "dropped", "start": 60, "end": 69}, ["/start", "/end"]),
        ({"decision": "fine", "quote": "The mayor"}, ["/quote"]),
    ):
        reply = newsroom.ann.post(at, shape, version=99)
        assert (reply.refusal, [error["pointer"] for error in reply.data["errors"]]) == (
            (400, "invalid"),
            pointers,
        )
    for wrong, refusal in (
        ({"start": 60, "end": 9_999}, (422, "out-of-bounds")),
        ({"start": -1, "end": 5}, (422, "out-of-bounds")),
        ({"start": 60, "end": 60}, (422, "empty-span")),
        ({"start": 60, "end": 69, "quote": "Ada Verde"}, (422, "quote-mismatch")),
    ):
        assert newsroom.ann.post(at, {"decision": "moved", **wrong}, version=version).refusal == refusal
    sent = {"decision": "moved", "start": 60, "end": 69, "quote": "The mayor"}
    reply = newsroom.ann.post(at, sent, version=version)
    assert (reply.status, reply.data["decision"]) == (200, "moved")
    stored = newsroom.ann.get(f"spans/{reply.data['span']}/").data
    assert (stored["quote"], stored["label"]) == ("The mayor", "actor")


def test_a_mark_that_stands_there_is_taken_or_told(newsroom: Newsroom) -> None:
    row = newsroom.set()
    factories.make_span(row, attributes={"mention_type": "name", "role_text": "Mayor"})
    correct(newsroom, row, GONE)
    (item,) = newsroom.ann.all("corpora/lake/carry-items/")
    sent = {"start": 60, "end": 69, "label": "actor", "attributes": {"mention_type": "name"}}
    stands = newsroom.ann.post(f"sets/{item['set']}/spans/", sent)
    at, moved = f"carry-items/{item['id']}/settle/", {"decision": "moved", "start": 60, "end": 69}
    refused = newsroom.ann.post(at, moved, version=stands.set_version)
    assert (refused.refusal, refused.data["span"]) == ((409, "duplicate"), stands.data["id"])
    assert "differ in: role_text" in refused.data["detail"]
    full = newsroom.ann.patch(f"spans/{stands.data['id']}/", {"attributes": item["attributes"]}, 1)
    reply = newsroom.ann.post(at, moved, version=full.set_version)
    assert (reply.status, reply.data["span"]) == (200, stands.data["id"])
    assert len(newsroom.ann.all(f"sets/{item['set']}/spans/")) == 1
    # once more, as after a lost answer
    assert newsroom.ann.post(at, moved, version=full.set_version).data == reply.data


def test_the_difference_of_two_revisions(newsroom: Newsroom) -> None:
    row = marked(newsroom)
    correct(newsroom, row, TOUCHED)
    found = newsroom.ann.get(f"articles/{row.article_id}/revisions/2/diff/")
    assert (found.status, list(found.data)) == (200, ["from", "to", "blocks", "spans"])
    assert (found.data["from"], found.data["to"]) == (1, 2)
    assert "".join(TEXT[slice(*block["from"])] for block in found.data["blocks"]) == TEXT
    assert "".join(TOUCHED[slice(*block["to"])] for block in found.data["blocks"]) == TOUCHED
    assert {block["op"] for block in found.data["blocks"]} == {"equal", "replace"}
    assert [len(found.data["spans"][name]) for name in STATUSES[2:]] == [1, 0, 0, 0]
    # whoever may not read the set does not see its marks
    assert newsroom.vic.get(f"articles/{row.article_id}/revisions/2/diff/").data["spans"]["touched"] == []
    back = newsroom.ann.get(f"articles/{row.article_id}/revisions/1/diff/", **{"from": 2})
    assert (back.data["from"], back.data["to"]) == (2, 1)
    assert newsroom.ann.get(f"articles/{row.article_id}/revisions/3/diff/").refusal == (404, "not-found")
    assert newsroom.ann.get(f"articles/{row.article_id}/revisions/2/diff/", **{"from": "x"}).refusal == (
        400,
        "invalid",
    )


def test_the_difference_of_any_two_revisions_is_what_carrying_directly_says(newsroom: Newsroom) -> None:
    row = marked(newsroom, annotators=2)
    texts = [TEXT, TOUCHED, f"News. {TOUCHED}", GONE, TEXT]
    for text in texts[1:]:
        assert correct(newsroom, row, text).status == 201
    at = f"articles/{row.article_id}/revisions/"
    owners = dict(AnnotationSet.objects.filter(article=row.article).values_list("revision__number", "pk"))
    for old, new in product(range(1, 6), repeat=2):
        spans = list(Span.objects.filter(set=owners[old]))
        carried = carry(
            mapping(texts[old - 1], texts[new - 1]), [Range(span.start, span.end) for span in spans]
        )
        expected = Counter(str(each.status) for each in carried if each.status not in SILENT)
        if new == old + 1:  # a mark that was touched before and not looked at since stays so
            items = CarryItem.objects.filter(carry__from_set=owners[old])
            stored = items.filter(old_span__in=[span.pk for span in spans])
            expected = Counter(stored.values_list("status", flat=True))
        reply = newsroom.ann.get(f"{at}{new}/diff/", **{"from": old})
        shown = {name: items for name, items in reply.data["spans"].items() if items}
        assert {name: len(items) for name, items in shown.items()} == expected, (old, new)
        for item in (item for items in shown.values() for item in items):
            assert texts[old - 1][item["start"] : item["end"]] == item["quote"]
            assert (item["id"] is None) is (new != old + 1)
        for other in (newsroom.ben, newsroom.max):
            assert not any(other.get(f"{at}{new}/diff/", **{"from": old}).data["spans"].values())


def test_blind_work_stays_hidden_from_whoever_corrects_the_text(newsroom: Newsroom) -> None:
    row = marked(newsroom, annotators=2)
    for reply in (correct(newsroom, row, TOUCHED, dry_run="true"), correct(newsroom, row, TOUCHED)):
        carry = reply.data.get("carry", reply.data)
        assert (carry["items"], carry["counts"], carry["sets"][0]["counts"]) == ([], counts(), None)
    assert newsroom.max.all("corpora/lake/carry-items/") == []
    assert len(newsroom.ann.all("corpora/lake/carry-items/")) == 1


def test_an_approval_that_holds_is_told(newsroom: Newsroom) -> None:
    version = newsroom.max.get("corpora/lake/").version
    newsroom.max.patch("corpora/lake/", {"carry_approval": "when_untouched"}, version)
    row = newsroom.approved()
    reply = correct(newsroom, row, "News.\n\n" + TEXT)
    assert reply.data["carry"]["approved_by_equivalence"] == 1
    shown = newsroom.vic.get(f"sets/{reply.data['carry']['sets'][0]['to_set']}/").data
    assert (shown["state"], shown["approved_by"], shown["reviewer"]) == ("approved", "equivalence", "rae")
    assert [each["start"] for each in shown["spans"]] == [67]


def test_an_import_does_not_tell_what_is_marked_in_blind_sets(newsroom: Newsroom) -> None:
    marked(newsroom, external_id="a1", annotators=2)
    body = b'{"external_id": "a1", "text": "%s"}\n' % TOUCHED.encode()
    for dry_run in ("true", "false"):
        at = f"corpora/lake/imports/?on_conflict=update&dry_run={dry_run}"
        report = newsroom.max.raw("POST", at, body, "application/x-ndjson")
        assert (report.data["updated"], report.data["carried"]) == (1, counts()), report
    assert CarryItem.objects.count() == 1


def test_a_proposal_is_taken_only_if_the_words_are_those_that_were_seen(newsroom: Newsroom) -> None:
    row = newsroom.set()
    newsroom.ann.post(f"sets/{row.pk}/spans/", span(0, 21))
    correct(newsroom, row, TEXT[:10] + "(so to say) " + TEXT[10:])
    (item,) = newsroom.ann.all("corpora/lake/carry-items/", status="uncertain")
    at, version = f"carry-items/{item['id']}/settle/", item["set_version"]
    other = newsroom.ann.post(at, {"decision": "kept", "quote": "other"}, version=version)
    assert other.refusal == (422, "quote-mismatch")
    same = newsroom.ann.post(at, {"decision": "kept", "quote": item["proposal"]["quote"]}, version=version)
    assert (same.status, same.data["decision"]) == (200, "kept")


def test_an_import_that_updates_carries_the_marks(newsroom: Newsroom) -> None:
    row = marked(newsroom, external_id="a1")
    in_review = newsroom.in_review("ben", newsroom.article(external_id="a2"))
    body = b"".join(
        b'{"external_id": "%s", "text": "%s"}\n' % (id, TOUCHED.encode()) for id in (b"a1", b"a2")
    )
    for dry_run in ("true", "false"):
        at = f"corpora/lake/imports/?on_conflict=update&dry_run={dry_run}"
        report = newsroom.max.raw("POST", at, body, "application/x-ndjson")
        assert (report.status, report.data["updated"], report.data["failed"]) == (200, 1, 1), report
        assert report.data["carried"] == counts(touched=1)
        (error,) = report.data["errors"]
        assert (error["line"], error["pointer"], error["code"]) == (2, "/text", "not-allowed-now")
    assert CarryItem.objects.get().set.based_on_id == row.pk
    assert newsroom.fresh(in_review).revision.number == 1


def test_what_is_marked_at_the_moment_of_a_correction_is_carried_or_refused(newsroom: Newsroom) -> None:
    row = marked(newsroom)
    correct(newsroom, row, TOUCHED)
    refused = newsroom.ann.post(f"sets/{row.pk}/spans/", span(0, 3))
    assert (refused.refusal, refused.data["state"]) == ((409, "closed-set"), "superseded")
    new = AnnotationSet.objects.get(based_on=row)
    assert refused.data["successor"] == str(new.pk)
