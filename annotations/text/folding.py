"""The one fold of every search: of the columns that are searched, and of what people type.

Databases fold letters differently, SQLite those of ASCII only, so that both sides are folded here, and the
database compares what is equal already.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

#: Signs that nobody sees or types: soft hyphens, joiners, directions, the choice of a glyph.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
#: The combining class of the Japanese marks that make another letter: か is not が.
_KANA_VOICING = 8
#: The shortest Latin form of a question: those of a single ideograph stand in most texts.
MIN_LATIN_LENGTH = 3


def fold_text(text: str) -> str:
    """Return a text for comparison, in which case, accents and invisible signs make no difference."""
    if text.isascii():
        return text.lower()
    # Folding the case can take a letter and its accent apart, as of İ, so it stands between.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = (char for char in plain if unicodedata.combining(char) in (0, _KANA_VOICING))
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", "".join(kept)))


def latin_form(text: str) -> str:
    """Return a text in small Latin letters, without accents, from any script."""
    plain = unicodedata.normalize("NFKC", text)
    return (anyascii(plain) or plain).casefold()


def search_key(*texts: str) -> str:
    """Return the content of a column for searches: the folded texts, and their Latin form if it differs."""
    joined = "\n".join(texts)
    folded = fold_text(joined)
    latin = "" if folded.isascii() else fold_text(latin_form(joined))
    return f"{folded}\n{latin}" if latin else folded


def fold_question(text: str) -> tuple[str, ...]:
    """Return the folded forms of a question; a column that contains one of them fits.

    If folding leaves nothing of a question, it is looked for as it stands, which no column contains.
    """
    folded = fold_text(text) or text
    latin = folded if folded.isascii() else fold_text(latin_form(text))
    return (folded, latin) if latin != folded and len(latin) >= MIN_LATIN_LENGTH else (folded,)


def is_found(question: str, text: str) -> bool:
    """Return whether a search for the question finds the text, as the database would say of its column."""
    key = search_key(text)
    return any(form in key for form in fold_question(question))
