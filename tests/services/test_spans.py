"""Spans, relations and the write gate: versions, quotes, repeats, all or none."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.exceptions import (
    ClosedSetError,
    DuplicateError,
    EmptySnapError,
    EmptySpanError,
    IdTakenError,
    InsufficientRoleError,
    InvalidInputError,
    NotInCorpusError,
    NotVisibleError,
    OutOfBoundsError,
    QuoteMismatchError,
    RelationEndsError,
    StaleVersionError,
    StandpointError,
)
from annotations.models import AnnotationSet, Event, Relation, Span, uuid7
from annotations.permissions import Permission
from annotations.services.core import comments, events, relations, sets, spans
from annotations.services.core.relations import RelationDraft
from annotations.services.core.spans import SpanDraft
from tests import factories
from tests.newsroom import TEXT, Newsroom

ADA = SpanDraft(label="actor", start=60, end=69)
CLAIM = SpanDraft(label="claim", start=39, end=58)


def trail(row: AnnotationSet) -> list[str]:
    """The actions on a set since it was made."""
    return list(Event.objects.filter(set_id=row.pk).order_by("seq").values_list("action", flat=True))[1:]


def stored(row: AnnotationSet) -> tuple[int, dict[str, int], int]:
    """Version and counts of a set, and its number of spans."""
    fresh = AnnotationSet.objects.get(pk=row.pk)
    return fresh.version, fresh.span_counts, Span.objects.filter(set=row).count()


def test_several_spans_are_one_write(newsroom: Newsroom) -> None:
    row = newsroom.set()
    added = spans.add_spans(row.owner, row.pk, [ADA, CLAIM])
    assert [(span.label, span.quote) for span in added.spans] == [
        ("actor", "Ada Verde"),
        ("claim", TEXT[39:58]),
    ]
    assert (added.created, added.version) == (True, row.version + 1)
    assert stored(row) == (row.version + 1, {"actor": 1, "claim": 1}, 2)
    assert trail(row) == [events.SPAN_ADDED] * 2


@pytest.mark.parametrize(
    ("draft", "error", "pointer"),
    [
        (
            SpanDraft(label="actor", start=60, end=69, quote="Ada Verd", pointer="/1"),
            QuoteMismatchError,
            "/1/quote",
        ),
        (SpanDraft(label="actor", start=60, end=len(TEXT) + 1, pointer="/1"), OutOfBoundsError, "/1/end"),
        (SpanDraft(label="actor", start=-1, end=3, pointer="/1"), OutOfBoundsError, "/1/start"),
        (SpanDraft(label="actor", start=9, end=9, pointer="/1"), EmptySpanError, "/1/end"),
        (
            SpanDraft(label="actor", start=60, end=69, actor_id=uuid7(), pointer="/1"),
            NotInCorpusError,
            "/1/actor",
        ),
        (SpanDraft(label="claim", start=39, end=58, pointer="/1"), DuplicateError, "/1"),
    ],
)
def test_all_spans_of_a_request_are_stored_or_none(
    newsroom: Newsroom, draft: SpanDraft, error: type[StandpointError], pointer: str
) -> None:
    row = newsroom.set()
    before = stored(row)
    with pytest.raises(error) as refused:
        spans.add_spans(row.owner, row.pk, [CLAIM, draft])
    assert [fault.pointer for fault in refused.value.errors] == [pointer]
    assert stored(row) == before
    assert trail(row) == []


def test_a_repeat_answers_what_is_stored_and_another_content_is_refused(newsroom: Newsroom) -> None:
    row, id = newsroom.set(), uuid7()
    draft = SpanDraft(label="actor", start=60, end=69, id=id)
    first = spans.add_spans(row.owner, row.pk, [draft])
    again = spans.add_spans(row.owner, row.pk, [draft])
    assert (again.spans, again.created, again.version) == (first.spans, False, first.version)
    for other in (
        SpanDraft(label="claim", start=60, end=69, id=id),
        SpanDraft(label="actor", start=0, end=3, id=id),
    ):
        with pytest.raises(IdTakenError):
            spans.add_spans(row.owner, row.pk, [other])
    elsewhere = newsroom.set("ben")
    with pytest.raises(IdTakenError):
        spans.add_spans(elsewhere.owner, elsewhere.pk, [draft])
    with pytest.raises(InvalidInputError, match="twice"):
        spans.add_spans(row.owner, row.pk, [draft, draft])
    assert stored(row)[2] == 1


def test_offsets_in_utf16_and_snapped_edges(newsroom: Newsroom) -> None:
    row = newsroom.set(article=newsroom.article("🚧 “Lorn” — says no."))
    draft = SpanDraft(label="actor", start=3, end=9)
    (span,) = spans.add_spans(row.owner, row.pk, [draft], utf16=True, snap_edges=True).spans
    assert (span.start, span.end, span.quote) == (3, 7, "Lorn")
    with pytest.raises(OutOfBoundsError):
        spans.add_spans(row.owner, row.pk, [SpanDraft(label="actor", start=1, end=9)], utf16=True)
    with pytest.raises(EmptySnapError):
        spans.add_spans(row.owner, row.pk, [SpanDraft(label="actor", start=9, end=10)], snap_edges=True)


def test_a_change_needs_the_version_that_was_seen(newsroom: Newsroom) -> None:
    row = newsroom.set()
    span = factories.make_span(row)
    changed, version = spans.update_span(row.owner, span, {"end": 63}, version=span.version)
    assert (changed.quote, changed.version, version) == ("Ada", 2, stored(row)[0])
    with pytest.raises(StaleVersionError):
        spans.update_span(row.owner, span, {"end": 65}, version=1)
    # what changes nothing is a repeat, whatever the version
    assert spans.update_span(row.owner, span, {"end": 63}, version=1) == (changed, version)
    with pytest.raises(StaleVersionError):
        spans.delete_span(row.owner, span, version=1)
    assert Span.objects.get(pk=span.pk).end == 63
    assert trail(row) == [events.SPAN_ADDED, events.SPAN_CHANGED]


def test_a_quote_binds_a_change(newsroom: Newsroom) -> None:
    row = newsroom.set()
    span = factories.make_span(row)
    with pytest.raises(QuoteMismatchError):
        spans.update_span(row.owner, span, {"start": 64, "quote": "Ada Verde"}, version=1)
    assert spans.update_span(row.owner, span, {"start": 64}, version=1)[0].quote == "Verde"


def test_a_label_that_the_relations_or_attributes_forbid_is_refused(newsroom: Newsroom) -> None:
    row = newsroom.set()
    source, claim = spans.add_spans(row.owner, row.pk, [ADA, CLAIM]).spans
    draft = RelationDraft(type="made_by", source_id=claim.pk, target_id=source.pk)
    relations.add_relations(row.owner, row.pk, [draft])
    with pytest.raises(RelationEndsError):
        spans.update_span(row.owner, source, {"label": "claim"}, version=1)
    named = factories.make_span(row, start=0, end=3, attributes={"mention_type": "name"})
    with pytest.raises(InvalidInputError):
        spans.update_span(row.owner, named, {"label": "claim"}, version=1)
    assert stored(row)[1] == {"actor": 2, "claim": 1}


def test_a_deleted_span_takes_its_relations_along_and_leaves_its_comments(newsroom: Newsroom) -> None:
    row = newsroom.set()
    source, claim = spans.add_spans(row.owner, row.pk, [ADA, CLAIM]).spans
    draft = RelationDraft(type="made_by", source_id=claim.pk, target_id=source.pk)
    (relation,), _, _ = relations.add_relations(row.owner, row.pk, [draft])
    remark = comments.add_comment(row.owner, row.pk, comments.CommentDraft(text="Is it?", span_id=source.pk))[
        0
    ]
    spans.delete_span(row.owner, source, version=1)
    assert not Relation.objects.filter(set=row).exists()
    remark.refresh_from_db()
    assert remark.span_id is None
    told = Event.objects.get(set_id=row.pk, action=events.SPAN_DELETED).data["before"]
    assert [link["id"] for link in told["relations"]] == [str(relation.pk)]
    assert stored(row)[1] == {"claim": 1}


def test_relations_join_two_spans_of_one_set_once(newsroom: Newsroom) -> None:
    row, other = newsroom.set(), newsroom.set("ben")
    source, claim = spans.add_spans(row.owner, row.pk, [ADA, CLAIM]).spans
    foreign = factories.make_span(other)
    draft = RelationDraft(type="made_by", source_id=claim.pk, target_id=source.pk, id=uuid7())
    (made,), created, version = relations.add_relations(row.owner, row.pk, [draft])
    assert created
    assert relations.add_relations(row.owner, row.pk, [draft]) == ([made], False, version)
    cases: list[tuple[dict[str, Any], type[StandpointError]]] = [
        ({"target_id": source.pk}, DuplicateError),
        ({"target_id": foreign.pk}, RelationEndsError),
        ({"target_id": claim.pk}, RelationEndsError),
    ]
    for ends, error in cases:
        with pytest.raises(error):
            relations.add_relations(
                row.owner, row.pk, [RelationDraft(type="made_by", source_id=claim.pk, **ends)]
            )
    with pytest.raises(StaleVersionError):
        relations.delete_relation(row.owner, made, version=made.version + 1)
    assert relations.delete_relation(row.owner, made, version=made.version) == version + 1


def test_a_closed_set_and_an_archived_corpus_take_nothing(newsroom: Newsroom) -> None:
    row = newsroom.submitted()
    span = row.spans.get()
    with pytest.raises(ClosedSetError):
        spans.add_spans(row.owner, row.pk, [CLAIM])
    with pytest.raises(ClosedSetError):
        spans.delete_span(row.owner, span, version=span.version)
    # a repeat is no write
    same = SpanDraft(label="actor", start=60, end=69, id=span.pk)
    assert not spans.add_spans(row.owner, row.pk, [same]).created


def test_only_who_sees_a_set_learns_of_it_and_only_its_owner_writes(newsroom: Newsroom) -> None:
    row = newsroom.set()
    for name, error in (
        ("rae", InsufficientRoleError),
        ("max", InsufficientRoleError),
        ("ben", NotVisibleError),
        ("sam", NotVisibleError),
    ):
        with pytest.raises(error):
            spans.add_spans(newsroom.user(name), row.pk, [ADA])
    assert stored(row)[2] == 0


def test_a_write_that_leaves_no_event_raises_no_version(newsroom: Newsroom) -> None:
    row = newsroom.set()
    with sets.edit_set(row.owner, row.pk, Permission.EDIT_CONTENT):
        pass
    assert stored(row)[0] == row.version
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(row)
    assert stored(row)[0] == row.version
    assert trail(row) == []


def _write_and_fail(row: AnnotationSet) -> None:
    with sets.edit_set(row.owner, row.pk, Permission.EDIT_CONTENT) as work:
        factories.make_span(row)
        work.record("span_added", after={})
        raise ZeroDivisionError
