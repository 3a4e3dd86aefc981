"""The figures of the agreement page are rounded, as in every other table that shows them."""

from __future__ import annotations

import pytest

from annotations.admin.team import agreement


@pytest.mark.parametrize(
    ("value", "shown"), [(16 / 18, "0.89"), (2 / 3, "0.67"), (0.125, "0.13"), (1.0, "1.00")]
)
def test_a_figure_is_rounded_and_not_cut(value: float, shown: str) -> None:
    assert agreement._cell(value, "", agreement.ReasonNotes()).text == shown
