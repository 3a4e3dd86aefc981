"""A correction at the moment in which others mark and submit: all of a mark is carried, or it is refused."""

from __future__ import annotations

from functools import partial

import pytest

from annotations.models import AnnotationSet, CarryItem, Revision, Span
from annotations.services import integrity
from tests.api.together import at_once, twin
from tests.newsroom import Newsroom, span

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "ab " * 40, "News. " + "ab " * 40


@pytest.fixture
def stored_newsroom(transactional_db: None) -> Newsroom:
    """A newsroom for each test, which other connections see."""
    return Newsroom()


def test_marks_and_a_correction_at_once(newsroom: Newsroom) -> None:
    row = newsroom.set_on(OLD)
    at = f"articles/{row.article_id}/revisions/"
    marks = [
        partial(twin(newsroom.ann).post, f"sets/{row.pk}/spans/", span(3 * number, 3 * number + 2))
        for number in range(6)
    ]
    correct = partial(twin(newsroom.max).post, at, {"text": NEW, "reason": "Typo."})
    *marked, corrected = at_once([*marks, correct])
    assert corrected.status == 201
    assert {reply.status for reply in marked} <= {201, 409}
    stored = sum(reply.status == 201 for reply in marked)
    new = AnnotationSet.objects.get(based_on=row)
    assert Span.objects.filter(set=row).count() == stored
    assert Span.objects.filter(set=new).count() + CarryItem.objects.filter(span=None).count() == stored
    assert integrity.run_checks().found == 0


def test_two_corrections_and_a_submission_at_once(newsroom: Newsroom) -> None:
    row = newsroom.set_on(OLD)
    at = f"articles/{row.article_id}/revisions/"
    texts = [{"text": f"{NEW} {number}", "reason": "Typo."} for number in range(2)]
    corrections = [partial(twin(newsroom.max).post, at, text) for text in texts]
    submit = partial(twin(newsroom.ann).move, row.pk, "submit", row.version)
    *corrected, submitted = at_once([*corrections, submit])
    added = sum(reply.status == 201 for reply in corrected)
    assert {reply.status for reply in corrected} <= {201, 409}
    assert submitted.status in (200, 409, 412)
    assert Revision.objects.filter(article=row.article_id).count() == 1 + added
    assert (submitted.status == 200) == (added == 0)
    assert integrity.run_checks().found == 0
