"""Which sentences of the code nobody could translate: found in the source, which is not run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from annotations import exceptions
from annotations.api import problems
from project.messages import extract


def _refuses(made: object) -> bool:
    kinds = (exceptions.StandpointError, problems.HTTPProblemError)
    return isinstance(made, type) and issubclass(made, kinds)


#: Calls that make words which can be translated.
SAYING = frozenset(extract.CALLS)
#: Calls whose words are for programs, for the log, for the documents of the API, or for who runs commands.
FOR_OTHERS = frozenset(
    {
        *("AssertionError", "RuntimeError", "TypeError"),  # faults of ours
        *(
            "ProblemCode",
            "Transition",
            "Parameter",
            "boolean",
            "choice",
            "identifier",
            "number",
            "text",
            "time",
            "choices",
            "day",
            "decimal",
            "moment",
        ),
        *(
            "extend_schema_field",
            "DamagedChunkError",
            "TransitionResult",
            "DemoResult",
            "ImportOutcome",
            "execute",
        ),
    }
)
#: What a refusal is made with: its sentence is the first argument, or the one called ``detail``.
REFUSING = frozenset(
    {
        *("FieldError", "ErrorDetail", "ValidationError", "ValueError"),
        *(name for module in (exceptions, problems) for name, made in vars(module).items() if _refuses(made)),
    }
)
#: Under these names, and under those of headers, stand texts of the OpenAPI document.
_DESCRIBING = re.compile(r"ETag|help_text|description|when|Link|[A-Z][a-z]+-[A-Z][a-z]+")
_WORDS = re.compile(
    r"[A-Za-z]{2,}[,;:]? [a-z]{2,}.*[.;]|^[A-Z“{][^\s]* (?:[\w{}]+ )+[\w{}]+[.:;]?$", re.DOTALL
)


def untranslatable(source: str) -> Iterator[str]:
    """The sentences of a module that pass no function which makes them translatable."""
    tree = ast.parse(source)
    for node, text in _strings(tree):
        if _WORDS.search(text):
            yield f"{node.lineno}: {text}"
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func) in REFUSING:
            given = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "detail")]
            yield from (f"{one.lineno}: {ast.unparse(one)}" for one in given if _is_bare(one))


def _strings(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Strings and f-strings outside of docstrings and of calls that are for something else."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if isinstance(node, ast.Call) and (_name(node.func) in SAYING | FOR_OTHERS or _is_log(node.func)):
            yield from _values_of(node)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if not _DESCRIBING.fullmatch(str(getattr(key, "value", ""))):
                    yield from _strings(ast.Expression(value))
        elif isinstance(node, ast.JoinedStr):
            yield node, "".join(_shown(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value
        elif not _is_description(node):
            yield from _strings(node)


def _values_of(call: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    """What stands in the values of a sentence has to be translatable like the sentence itself."""
    for value in (keyword.value for keyword in call.keywords):
        if not isinstance(value, (ast.Constant, ast.JoinedStr)):
            yield from _strings(value)


def _is_log(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "logger"


def _is_bare(given: ast.expr) -> bool:
    """Whether it is a string that was written or put together here; ``gettext(…) % …`` is not."""
    if isinstance(given, ast.BinOp) and isinstance(given.left, ast.Call):
        return _name(given.left.func) not in SAYING
    return isinstance(given, (ast.Constant, ast.JoinedStr, ast.BinOp))


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _shown(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "{}"


def _is_description(node: ast.AST) -> bool:
    """Texts of the OpenAPI document: descriptions and help, by the names that they are given under."""
    if isinstance(node, ast.keyword):
        return bool(_DESCRIBING.fullmatch(node.arg or ""))
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(getattr(target, "id", "") in ("title", "when") for target in targets)
    return False
