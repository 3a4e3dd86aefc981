"""Parts of JSON Schemas: objects without other fields, references, texts, lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]


def object_of(**properties: Schema) -> Schema:
    """Return the schema of an object with exactly these properties, all of them required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    """Return a reference to a part that is described below ``$defs``."""
    return {"$ref": f"#/$defs/{name}"}


def or_null(schema: Schema) -> Schema:
    """Return the schema of what may also be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def text_of(most: int) -> Schema:
    """Return the schema of a text of at most so many code points, which is not empty."""
    return {"type": "string", "minLength": 1, "maxLength": most}


def enum_of(words: Iterable[str]) -> Schema:
    """Return the schema of one of some words."""
    return {"enum": [str(word) for word in words]}


def list_of(of: str) -> Schema:
    """Return the schema of a list of parts of a name."""
    return {"type": "array", "items": ref(of)}
