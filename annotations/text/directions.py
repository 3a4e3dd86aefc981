"""The direction in which a language is written."""

from __future__ import annotations

from typing import Literal

Direction = Literal["ltr", "rtl", "auto"]

_RTL_LANGUAGES = frozenset(
    ("ar", "arc", "ckb", "dv", "fa", "he", "iw", "khw", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi")
)
_RTL_SCRIPTS = frozenset(("adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"))


def text_direction(language: str) -> Direction:
    """Return the direction of a BCP 47 tag; ``auto`` lets the text itself decide where there is no tag."""
    first, *rest = language.lower().split("-")
    if not first:
        return "auto"
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    if script:
        return "rtl" if script in _RTL_SCRIPTS else "ltr"
    return "rtl" if first in _RTL_LANGUAGES else "ltr"
