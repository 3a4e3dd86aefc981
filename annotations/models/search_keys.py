"""Searches in columns that hold ``search_key`` of their row."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q

from annotations.text.folding import fold_question


def contains_folded(column: str, question: str) -> Q:
    """Return the condition that a column contains what somebody has typed, in any spelling of its letters."""
    return reduce(or_, (Q((f"{column}__contains", form)) for form in fold_question(question)))
