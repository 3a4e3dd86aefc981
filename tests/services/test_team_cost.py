"""What a report costs whose work is sets times members, where nothing is asked twice."""

from __future__ import annotations

import time

import pytest

from annotations.models import Role
from annotations.services.review.eligibility import CorpusTeam

SETS, MEMBERS = 14_500, 213


def test_who_can_review_thousands_of_sets() -> None:
    """It took nine seconds of the processor when the roles of everybody were looked through for each set."""
    roles = list(Role)
    team = CorpusTeam({number: roles[number % len(roles)] for number in range(MEMBERS)})
    begun = time.process_time()
    assert all(team.has_reviewer({number % MEMBERS}) for number in range(SETS))
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("without", [set(), {1}, {2}, {2, 3}])
def test_somebody_besides(without: set[int]) -> None:
    team = CorpusTeam({1: Role.ANNOTATOR, 2: Role.REVIEWER, 3: Role.MANAGER})
    assert team.has_reviewer(without) == bool(team.reviewer_ids(without)) == (without != {2, 3})
    assert team.annotator_ids(without) == {1, 2, 3} - without
