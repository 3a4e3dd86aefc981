"""The types of the Python client, written from the OpenAPI document that the service gives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drf_spectacular.generators import SchemaGenerator

FILE = Path(__file__).resolve().parents[2] / "client" / "src" / "standpoint_client" / "shapes.py"

_HEAD = '''"""The shapes of what the service answers.

Written by `manage.py write_client` from the OpenAPI document. Do not edit.
"""

from __future__ import annotations

from typing import Any, Literal, Optional, TypedDict, Union
'''
_PLAIN = {
    "string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None",
    "object": "dict[str, Any]",
}  # fmt: skip


def shapes_module() -> str:
    """Return the module: a literal for each list of values, a typed dictionary for each answer."""
    generator: Any = SchemaGenerator  # drf-spectacular brings no types
    document = generator().get_schema(request=None, public=True)
    components = document["components"]["schemas"].items()
    schemas = {name: schema for name, schema in components if not name.endswith("Request")}
    values = [f"{name} = {_type(schema)}" for name, schema in schemas.items() if "enum" in schema]
    answers = [_typed_dict(name, schema) for name, schema in schemas.items() if "enum" not in schema]
    return "\n".join([_HEAD, *values, *answers]) + "\n"


def _typed_dict(name: str, schema: Mapping[str, Any]) -> str:
    """Return a typed dictionary; in its functional form where a field has a name that is a keyword."""
    fields = {field: _type(each) for field, each in schema.get("properties", {}).items()}
    optional = set(fields) - set(schema.get("required", ()))
    total = ", total=False" if optional else ""
    if any(not field.isidentifier() or field == "from" for field in fields):
        rows = "".join(f'\n        "{field}": {kind!r},' for field, kind in fields.items())
        return f"\n{name} = TypedDict(\n    {name!r},\n    {{{rows}\n    }}{total},\n)"
    rows = "".join(f"\n    {field}: {kind}" for field, kind in fields.items()) or "\n    pass"
    about = str(schema.get("description", "")).split("\n")[0]
    doc = f'\n    """{about}"""\n' if about else ""
    return f"\n\nclass {name}(TypedDict{total}):{doc}{rows}"


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type of a schema; one that may be anything is anything."""
    kinds = list(dict.fromkeys(_kinds(schema)))
    if "Any" in kinds:
        return "Any"
    others = [kind for kind in kinds if kind != "None"]
    if not others:
        return "None"
    text = others[0] if len(others) == 1 else f"Union[{', '.join(others)}]"
    return f"Optional[{text}]" if "None" in kinds else text


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the types of which a value has one."""
    parts = schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf")
    kinds = schema.get("type", [])
    if "$ref" in schema:
        yield str(schema["$ref"]).rsplit("/", 1)[-1]
    elif "enum" in schema:
        yield f"Literal[{', '.join(json.dumps(value) for value in schema['enum'])}]"
    elif parts:
        for part in parts:
            yield from _kinds(part)
    elif not kinds:
        yield "Any"
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if "enum" not in schema and not parts:
            yield f"list[{_type(schema.get('items', {}))}]" if kind == "array" else _PLAIN[kind]
