"""What is told of the problems of a set after one of thousands has changed."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from annotations.services.review.problem_changes import describe_changes, parse_state

DETAIL = (
    "Claim “it would close” has no source; connect it with made_by to the actor who says it, "
    "or set the attribution to unnamed or author."
)


def problem(number: int) -> dict[str, Any]:
    """A problem of a span of its own."""
    span = str(UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128))
    return {"code": "C7", "span": span, "relation": None, "blocking": True, "detail": DETAIL}


def test_one_change_among_thousands_travels_with_few_others() -> None:
    before = [problem(number) for number in range(16_666)]
    state = describe_changes(before, None)["state"]
    after = [problem(20_000), *before[:700], *before[701:]]
    told = describe_changes(after, parse_state(state))
    assert len(state) <= 4_096
    assert len(json.dumps(told)) + len(state) < 20_000
    replaced = [row for row in before if int(row["span"][-4:], 16) % 1024 not in told["buckets"]]
    assert {row["span"]: row["detail"] for row in [*replaced, *told["problems"]]} == {
        row["span"]: row["detail"] for row in after
    }
    assert told["state"] == describe_changes(after, None)["state"]


def test_a_state_of_few_holds_when_many_are_added() -> None:
    few, many = [problem(1)], [problem(number) for number in range(2_000)]
    state = describe_changes(few, None)["state"]
    told = describe_changes(many, parse_state(state))
    assert told["bucket_count"] == 64
    assert len(told["problems"]) == 2_000
    assert describe_changes(many, parse_state(told["state"]))["problems"] == []
