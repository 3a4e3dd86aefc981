"""The annotation scheme: labels, attributes, relations, and the rules between them.

Pure tables and functions over plain values. Serializer choices, menus, OpenAPI enums, exports,
reference pages and tests derive from the tables; a new attribute is one row of ``tables.ATTRIBUTES``.
Values are lower-case, as in the API.
"""

from __future__ import annotations

from annotations.scheme.checks import (
    check_attributes,
    check_comment_place,
    check_links,
    check_relation,
    default_attributes,
    order_attributes,
)
from annotations.scheme.problems import (
    BLOCKING_EVERYWHERE,
    Problem,
    RelationData,
    SpanData,
    find_problems,
    find_range_problems,
    find_statement_problems,
    is_blocking,
)
from annotations.scheme.tables import (
    ATTRIBUTES,
    DEPTHS,
    GUIDELINE_RULES,
    LABEL_NAMES,
    LABELS,
    MAX_ROLE_TEXT,
    PROPOSITION_KINDS,
    RELATION_NAMES,
    RELATIONS,
    Attribute,
    AttributeUse,
    Choice,
    Label,
    RelationType,
)

__all__ = [
    "ATTRIBUTES",
    "BLOCKING_EVERYWHERE",
    "DEPTHS",
    "GUIDELINE_RULES",
    "LABELS",
    "LABEL_NAMES",
    "MAX_ROLE_TEXT",
    "PROPOSITION_KINDS",
    "RELATIONS",
    "RELATION_NAMES",
    "Attribute",
    "AttributeUse",
    "Choice",
    "Label",
    "Problem",
    "RelationData",
    "RelationType",
    "SpanData",
    "check_attributes",
    "check_comment_place",
    "check_links",
    "check_relation",
    "default_attributes",
    "find_problems",
    "find_range_problems",
    "find_statement_problems",
    "is_blocking",
    "order_attributes",
]
