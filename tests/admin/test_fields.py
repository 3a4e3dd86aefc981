"""Text of forms to values, and back without a change."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from annotations.admin.form_fields import AliasesField, MetadataField, check_wikidata_item
from annotations.models import AliasKind

NAMES = st.text(
    st.characters(blacklist_categories=("C", "Z")) | st.sampled_from("|\\ "), min_size=1, max_size=20
).filter(lambda text: text == text.strip())
ALIASES = st.lists(
    st.fixed_dictionaries(
        {
            "text": NAMES,
            "language": st.sampled_from(["", "en", "tg-Cyrl"]),
            "kind": st.sampled_from([str(kind) for kind in AliasKind]),
        }
    ),
    max_size=5,
)
VALUES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | NAMES


@given(ALIASES)
def test_aliases_that_nobody_touched_come_back_unchanged(aliases: list[dict[str, str]]) -> None:
    field = AliasesField()
    shown = field.prepare_value(aliases)
    assert field.to_python(shown.replace("\n", "\r\n")) == aliases
    assert not field.has_changed(aliases, shown)


@given(st.dictionaries(NAMES, VALUES, max_size=10))
def test_metadata_that_nobody_touched_comes_back_unchanged(stored: dict[str, Any]) -> None:
    field = MetadataField()
    shown = field.prepare_value(stored)
    assert field.to_python(shown.replace("\n", "\r\n")) == stored
    assert not field.has_changed(stored, shown)


@pytest.mark.parametrize("typed", ["{", "[]", "1", '{"a": 1.5}', '{"": 1}', '{"a": [1]}', "{" * 5000, "null"])
def test_what_is_no_flat_object_is_refused(typed: str) -> None:
    field = MetadataField()
    with pytest.raises(ValidationError):
        field.to_python(typed)
    assert field.has_changed({}, typed)


def test_nothing_typed_is_an_empty_object() -> None:
    assert MetadataField().to_python(" \r\n") == {}


@pytest.mark.parametrize("typed", ["Q0", "q1", "Q", "Q1 ", "Q01", "Q1\n"])
def test_what_is_no_item_of_wikidata_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="Wikidata"):
        check_wikidata_item(typed)
