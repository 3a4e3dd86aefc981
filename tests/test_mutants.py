"""The mutants can still be made: each of their lines stands once in the code, each of their tests exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.mutants import MUTANTS, files_with

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_has_its_line_and_its_tests(name: str) -> None:
    mutant = MUTANTS[name]
    assert len(files_with(mutant, ROOT)) == 1, mutant.line
    assert all((ROOT / file).is_file() for file in mutant.tests)
