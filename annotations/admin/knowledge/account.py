"""The sentence that says what a count left out, and why."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_lazy

from annotations.admin import labels
from annotations.admin.labels import LazyText
from annotations.services.knowledge.queries import LEFT_OUT
from annotations.services.knowledge.tallies import Counted

#: The reasons, in the order in which they are told: those of an account, and those of single pages.
_REASONS: Mapping[str, LazyText] = {
    "duplicates": gettext_lazy("counted once"),
    "copies": gettext_lazy("said alike in copies of a text"),
    "unlinked": gettext_lazy("without a linked actor or issue"),
    "ascribed": gettext_lazy("ascribed by others"),
    "undated": gettext_lazy("without a day that fits"),
    "undecided": gettext_lazy("without a side"),
    "cut_off": gettext_lazy("beyond the rows and columns that are shown"),
}


def describe_left_out(counted: Counted, **more: int) -> str:
    """Return what an account left out by its reasons, and ``more`` of them; "" where nothing was."""
    numbers = {**{name: getattr(counted, name) for name in LEFT_OUT}, **more}
    told = [(text, numbers[name]) for name, text in _REASONS.items() if numbers.get(name)]
    reasons = "; ".join(f"{text} {labels.format_number(number)}" for text, number in told)
    return gettext("Left out: %(reasons)s.") % {"reasons": reasons} if reasons else ""
