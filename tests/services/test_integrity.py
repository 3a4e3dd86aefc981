"""The oracle finds nothing where nothing is wrong, and each of its checks can fail."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from annotations.models import (
    AnnotationSet,
    Revision,
    Span,
)
from annotations.services import integrity
from tests import factories, soundness, speed
from tests.services.broken_rows import BROKEN, spans
from tests.services.checked_desk import change, make_desk
from tests.services.small_newsroom import TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def stored_desk(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    """One desk for all tests; none of them touches the files of its release."""
    with override_settings(DATA_DIR=tmp_path_factory.mktemp("desk")):
        yield from speed.shared_rows(django_db_blocker, make_desk)


@pytest.fixture
def desk(stored_desk: SimpleNamespace, db: None) -> SimpleNamespace:
    """Sets in every state, and another corpus to which nothing may be linked."""
    return copy.deepcopy(stored_desk)


def failing(report: integrity.IntegrityReport) -> list[str]:
    return [name for name, tally in report.checks.items() if tally.found]


def test_a_clean_database_gives_nothing(desk: SimpleNamespace) -> None:
    report = integrity.run_checks()
    assert [tally.findings for tally in report.checks.values() if tally.findings] == []
    assert report.found == 0
    untouched = {name for name, tally in report.checks.items() if not tally.examined}
    # nothing is merged yet, but parts of actors are looked at
    assert untouched == set()


@pytest.mark.parametrize(
    "alone",
    [
        pytest.param(True, id="its-check"),
        # that no other check finds it hangs on what the checks are about
        pytest.param(False, id="all-checks", marks=pytest.mark.slow),
    ],
)
def test_each_check_can_fail(desk: SimpleNamespace, subtests: pytest.Subtests, alone: bool) -> None:
    """One newsroom for all, put right again after each breach: to build it takes longer than to break it."""
    assert failing(soundness.run_checks()) == []
    for name, how, corrupt in BROKEN:
        intact = transaction.savepoint()
        with subtests.test(f"{name}: {how}"):
            corrupt(desk)
            report = soundness.run_checks([name] if alone else None)
            # a change of gold is one of its statements, too, and one of a text one of its words
            found = [each for each in failing(report) if each in (name, "statements", "search-index")]
            assert name in found, [tally.findings for tally in report.checks.values()]
            assert found == failing(report)
            for finding in report.checks[name].findings:
                assert finding.id
                assert finding.sentence.endswith(".")
        transaction.savepoint_rollback(intact)


def test_every_check_is_shown_to_fail() -> None:
    assert {name for name, _, _ in BROKEN} | {"empty-sets"} == set(integrity.CHECKS)


def test_what_was_handed_in_empty_is_told_and_no_fault(desk: SimpleNamespace) -> None:
    empty = {}
    for state in ("open", "submitted", "in_review", "approved"):
        empty[state] = factories.make_set(desk.lake.article(state), desk.lake.people["ann"])
    desk.lake.move("ann", empty["submitted"], "submit")
    for state, moves in (("in_review", ("start_review",)), ("approved", ("start_review", "approve"))):
        desk.lake.move("ann", empty[state], "submit")
        desk.lake.move("rae", empty[state], *moves)
    report = integrity.run_checks()
    assert (report.found, report.noticed) == (0, 3)
    told = {finding.id: finding.sentence for finding in report.checks["empty-sets"].notices}
    assert told == {
        str(empty["submitted"].pk): "The set is submitted and has no span.",
        str(empty["in_review"].pk): "The set is in review and has no span.",
        str(empty["approved"].pk): "The set is approved and has no span.",
    }


def test_one_corpus_is_looked_at_alone(desk: SimpleNamespace) -> None:
    spans(desk.sea_set).update(quote="the lock leak!")
    assert failing(integrity.run_checks(desk.lake.corpus)) == []
    assert failing(integrity.run_checks(desk.sea.corpus)) == ["quote"]


def test_findings_are_counted_and_the_first_are_kept(
    desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert integrity.MAX_FINDINGS >= 100
    monkeypatch.setattr(integrity.checks, "MAX_FINDINGS", 3)
    Revision.objects.update(sha256="0" * 64)
    tally = integrity.run_checks().checks["text"]
    assert tally.found == tally.examined > 3
    assert len(tally.findings) == 3


def test_the_number_of_queries_does_not_grow_with_the_content(
    desk: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10_000) as before:
        integrity.run_checks()
    for row in (desk.work, desk.two):
        Span.objects.bulk_create(
            Span(set=row, label="actor", start=start, end=start + 1, quote=TEXT[start]) for start in range(20)
        )
        change(AnnotationSet, row, span_counts={"actor": 21, "claim": 1, "position": 1})
    with django_assert_max_num_queries(len(before)):
        assert integrity.run_checks().found == 0
