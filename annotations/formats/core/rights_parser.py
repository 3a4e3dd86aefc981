"""The parser of the rights in an article, from the line of a file."""

from __future__ import annotations

from annotations import limits
from annotations.enums import TextRight
from annotations.formats.core import value_checks
from annotations.formats.core.object_reader import FieldErrors, FieldRule, FieldRules, read_object
from annotations.formats.core.records import ArticleRights

#: A null or a missing field is as in the corpus.
RIGHTS: FieldRules = {
    "licence": FieldRule(value_checks.check_licence, ""),
    "licence_url": FieldRule(value_checks.check_url, ""),
    "holder": FieldRule(value_checks.title_check("holder", limits.MAX_RIGHTS_HOLDER), ""),
    "notice": FieldRule(value_checks.prose_check("notice", limits.MAX_PROSE), ""),
    "may_export_text": FieldRule(value_checks.choice_check(TextRight), ""),
    "max_quote_share": FieldRule(value_checks.check_share),
    "may_send_out": FieldRule(value_checks.check_boolean),
    "embargo_until": FieldRule(value_checks.check_timestamp),
}


def parse_rights(raw: object, faults: FieldErrors, at: str) -> ArticleRights | None:
    """Return the rights of an object; None for none, and for one with faults."""
    if raw is None:
        return None
    values = read_object(raw, RIGHTS, faults, at)
    if values is None or not isinstance(raw, dict):
        return None
    return ArticleRights(**values, sent=frozenset(raw))
