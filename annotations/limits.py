"""The limits of what is stored, and the checks that need nothing but a value.

Models, serializers, forms, file readers and the JSON schema of files all use these. Lengths are in code
points. A check raises ``ValueError`` or ``TextNotAllowedError`` with a whole sentence. The limits of texts
and of general values are in ``annotations.text``, those of the scheme in ``annotations.scheme``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from annotations.exceptions import TextNotAllowedError
from annotations.messages import message, term
from annotations.text import gate

MAX_PROSE = 10_000
"""The length of a description, a note, a reason, a comment."""
MAX_GUIDELINE = 200_000

MAX_SLUG = 50
MAX_CORPUS_NAME = 200
MAX_ANNOTATORS = 100
"""The number of annotators of one article."""
MAX_DOUBLE_SHARE = 100
"""In per cent."""
MAX_OPEN_SETS = 1_000
"""The highest limit of open and returned sets of one owner."""

MAX_EXTERNAL_ID = 255
MAX_TITLE = 500
MAX_SOURCE = 200
MAX_AUTHOR = 500
MAX_LICENCE = 100
MAX_RIGHTS_HOLDER = 300
MAX_STORY_KEY = 255
MAX_PRIORITY = 1_000
"""Priorities go from minus this to this."""

MAX_METADATA_KEYS = 50
MAX_METADATA_KEY = 100
MAX_METADATA_TEXT = 2_000
MAX_METADATA_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly, also that of JavaScript."""

MAX_ACTOR_NAME = 300
MAX_ALIAS = 300
MAX_ALIASES = 200
"""The number of aliases of one actor in a file."""
MAX_QID = 20
MAX_AFFILIATION_ROLE = 200
MAX_AFFILIATIONS = 200
"""The number of affiliations of one actor in a file."""
MAX_TOPIC_NAME = 200
MAX_PROPOSITION = 500

MAX_SPAN = 10_000
"""The length of a span: some four printed pages."""
MAX_QUOTES_PER_REQUEST = 1_000_000
"""The length of all spans of one request together: each is stored with the words that it covers."""
MAX_QUOTES_PER_LINE = 4_000_000
"""The same for one line of an import, which may hold the work of several people on a long text."""
MAX_COMMENTS_SHOWN = 500
"""The number of comments that stand in the detail of a set; the others are pages of their own."""

MAX_USERNAME = 150
MAX_EMAIL = 254
MAX_TOKEN_NAME = 100
MAX_TOKEN_DAYS = 3_650
MAX_RELEASE_NAME = 200
MAX_SEARCH_NAME = 200
MAX_WEBHOOK_DESCRIPTION = 200
MAX_QUESTION = 1_000
"""The length of what is searched for in texts."""

FREE_FAILURES_OF_ACCOUNT = 5
"""The number of failed sign-ins in a row after which an account has to wait, longer each time."""
FREE_FAILURES_OF_ADDRESS = 20
LONGEST_SIGN_IN_DELAY = 900
"""In seconds."""

MAX_ARTICLES_PER_REQUEST = 1_000
"""The number of articles that one bulk assignment names."""
MAX_OWNERS_PER_REQUEST = 100
MAX_VALUES_PER_BODY = 100_000
"""The number of objects, arrays and members in the JSON of one request; 1,000 spans have some 12,000."""

SLUG_PATTERN = r"[a-z0-9]+(?:-[a-z0-9]+)*"
SLUG_RULE = message("A slug has lower-case letters a to z, digits and single hyphens between them.")
QID_PATTERN = r"Q[1-9][0-9]{0,18}"

_SLUG = re.compile(SLUG_PATTERN)
_QID = re.compile(QID_PATTERN)
_KEY, _VALUE = term("field", "key"), term("field", "value")


def check_slug(value: str) -> None:
    """Raise ``ValueError`` unless the value is a slug."""
    if len(value) > MAX_SLUG or not _SLUG.fullmatch(value):
        raise ValueError(message("{slug} It has at most 50 of them.", slug=SLUG_RULE))


def check_qid(value: str) -> None:
    """Raise ``ValueError`` unless the value is the id of a Wikidata item."""
    if not _QID.fullmatch(value):
        raise ValueError(message("It takes an item of Wikidata such as Q42."))


def span_error(length: int) -> str | None:
    """Return what is wrong with the length of a span, or None."""
    if length <= MAX_SPAN:
        return None
    return message(
        "The span covers {count:,} code points; at most {limit:,} are taken; mark a part of it.",
        count=length,
        limit=MAX_SPAN,
    )


def quotes_error(length: int, limit: int) -> str | None:
    """Return what is wrong with the length of several spans together, or None."""
    if length <= limit:
        return None
    return message(
        "The spans together cover {count:,} code points; at most {limit:,} are taken at once. Send them in "
        "parts, or mark less.",
        count=length,
        limit=limit,
    )


class MetadataError(NamedTuple):
    """One error of metadata; ``key`` is the entry that has it, or None if it is about all of them."""

    key: str | None
    code: str
    detail: str


def check_metadata(value: object) -> Iterator[MetadataError]:
    """Yield the errors of metadata: a flat object of strings, integers, booleans and nulls."""
    if not isinstance(value, Mapping):
        yield MetadataError(None, "type", message("It has to be an object."))
        return
    if len(value) > MAX_METADATA_KEYS:
        detail = message(
            "It has {count:,} keys; at most {limit} are taken.", count=len(value), limit=MAX_METADATA_KEYS
        )
        yield MetadataError(None, "too-long", detail)
        return
    for key, item in value.items():
        error = _metadata_error(key, item)
        if error is not None:
            yield MetadataError(key, *error)


def _metadata_error(key: str, item: object) -> tuple[str, str] | None:
    """Return the code and the detail of the error of one entry, or None."""
    try:
        gate.check_line(key, _KEY, MAX_METADATA_KEY, required=True)
        if isinstance(item, str):
            gate.check_prose(item, _VALUE, MAX_METADATA_TEXT)
            return None
    except TextNotAllowedError as error:
        return ("too-long" if "limit" in error.data else "characters"), error.detail
    if item is None or isinstance(item, bool):
        return None
    if not isinstance(item, int):
        return "type", message(
            "It has to be a string, an integer, a boolean or null; send a fraction as a string."
        )
    if abs(item) > MAX_METADATA_INTEGER:
        return ("too-large" if item > 0 else "too-small"), message(
            "It has more than 53 bits; send it as a string, or at most {most}.", most=MAX_METADATA_INTEGER
        )
    return None
