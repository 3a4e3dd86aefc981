"""The rule that docstrings name what there is: a name that was changed is changed in them, too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from tests.architecture import Source, python

#: Names of others, of which our docstrings speak.
NAMES_OF_OTHERS = {"bulk_update", "TestCase"}
#: What stands alone between the signs of code.
_NAME = re.compile(r"``([A-Za-z_]\w*)``")
_NAME_FIELDS: dict[type[ast.AST], str] = {
    ast.Name: "id", ast.Attribute: "attr", ast.arg: "arg", ast.keyword: "arg", ast.alias: "name",
    ast.ClassDef: "name", ast.FunctionDef: "name",
}  # fmt: skip
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def unknown_names(files: Sequence[Source]) -> Iterator[str]:
    """Yield the names in docstrings that stand nowhere in the code of these files."""
    known = set(NAMES_OF_OTHERS)
    for file in python(files):
        known.update(file.module.split("."))
        known.update(_names_of(file))
    for file in python(files):
        for node in file.nodes:
            if isinstance(node, _DOCUMENTED):
                for name in _NAME.findall(ast.get_docstring(node, clean=False) or ""):
                    if name not in known:
                        yield file.at(node, f"nothing is called {name} any more")


def _names_of(file: Source) -> Iterator[str]:
    """Yield what the code of a file calls by a name, and the words of its strings beside docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in file.nodes
        if isinstance(node, _DOCUMENTED) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in file.nodes:
        if name := getattr(node, _NAME_FIELDS.get(type(node), ""), None):
            yield name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from re.findall(r"\w+", node.value)
