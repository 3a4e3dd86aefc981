"""The order of the rows and columns of a matrix that is cut."""

from __future__ import annotations

from tests.newsroom import Newsroom
from tests.statements import approve_position


def test_rows_and_columns_stand_by_all_that_they_have(newsroom: Newsroom) -> None:
    """What is cut off counts for the order, as it does for the choice and for the numbers of the page."""
    much, little = newsroom.actor("Much"), newsroom.actor("Little")
    shown, other, third = (newsroom.proposition(text) for text in ("A lock", "A dam", "A toll"))
    for actor, issue in ((much, shown), (much, other), (much, third), (little, shown), (little, shown)):
        approve_position(newsroom, actor, issue)
    matrix = newsroom.vic.get("corpora/lake/matrix/", columns=1).data
    assert [column["id"] for column in matrix["columns"]] == [shown]
    assert [row["id"] for row in matrix["rows"]] == [much, little]
    assert [cell["oppose"] for cell in matrix["cells"]] == [1, 2]
