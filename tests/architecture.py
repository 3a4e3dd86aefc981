"""The rules of the house, as functions from source to findings.

They read imports and definitions with `ast` and run nothing, so that test_architecture.py can feed
them small bad examples and see that each of them can fail.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

LONGEST_FILE = 400
LONGEST_FUNCTION = 50

# Words with several meanings, and words of a dialect: alone they are no name of a class or a module.
HOMONYMS: dict[str, str] = {
    "share": "overlap, split or archive part",
    "source": "adjudicated set, article source or relation source",
    "token": "AccessToken or word",
    "settle": "refresh_status or resolve",
    "move": "transition",
    "mark": "span",
    "marks": "standoff or spans",
    "selection": "filter",
    "plan": "due dates or LinePlan",
    "part": "RecordSection or split",
    "kind": "SetKind, ActorKind …",
    "facts": "payload, state or statistics",
    "work": "SetEdit",
    "deed": "ObjectAction",
    "shape": "serializer",
    "draft": "ForeignDocument or SpanDraft",
    "says": "message",
    "told": "translation",
    "one": "detail_response",
    "content": "what it is the content of",
    "apart": "a noun",
    "ahead": "prefetch",
}

SIGNALS = ("django.db.models.signals", "django.dispatch")

# Ways in which text of users could become markup, and things that the content security policy
# would drop in silence.
IN_TEMPLATES = {
    r"\|\s*safe\b": "|safe",
    r"{%-?\s*autoescape\s+off": "autoescape off",
    r"\bsrcdoc\b": "srcdoc",
    r"<script(?![^>]*\bsrc=)[^>]*>": "an inline script",
    r"<style\b": "an inline style sheet",
    r"<[^>]*\sstyle\s*=": "a style attribute",
    r"<[^>]*\son[a-z]+\s*=": "an inline event handler",
    r"javascript:": "a javascript: address",
}
IN_SCRIPTS = {
    r"\b(inner|outer)HTML\b": "innerHTML or outerHTML",
    r"\binsertAdjacentHTML\b": "insertAdjacentHTML",
    r"\bsrcdoc\b": "srcdoc",
    r"\bdocument\.write": "document.write",
    r"\beval\s*\(": "eval",
    r"\bnew\s+Function\b": "new Function",
}
# `SafeString` may be named as a type: that is what format_html gives back
NEVER_NAMED = {"mark_safe"}
NEVER_CALLED = {"SafeString", "SafeText", "SafeData"}


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the tree, and its text."""

    path: str
    text: str
    modules: frozenset[str] = field(default_factory=frozenset)  # all modules there are

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    def at(self, node: ast.AST, finding: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)}: {finding}"

    def imported(self) -> Iterator[tuple[ast.AST, str]]:
        """Every imported module; `from a import b` is a.b where that is a module, else a."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                for alias in node.names:
                    name = f"{base}.{alias.name}"
                    # outside our own tree nothing is known, and the longer name says more
                    ours = base.split(".")[0] in {"annotations", "project"}
                    yield node, name if name in self.modules or not ours else base

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module.split(".")
        if not self.path.endswith("/__init__.py"):
            package.pop()
        package = package[: len(package) - node.level + 1]
        return ".".join([*package, *([node.module] if node.module else [])])


def read(root: Path, *folders: str) -> list[Source]:
    """Every file of Python, JavaScript, CSS and HTML below these folders of the tree."""
    paths = sorted(
        path
        for folder in folders
        for path in (root / folder).rglob("*")
        if path.suffix in {".py", ".js", ".css", ".html"} and "node_modules" not in path.parts
    )
    texts = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return sources(texts)


def sources(texts: dict[str, str]) -> list[Source]:
    modules = frozenset(Source(path, "").module for path in texts if path.endswith(".py"))
    return [Source(path, text, modules) for path, text in texts.items()]


def python(files: Sequence[Source]) -> list[Source]:
    return [file for file in files if file.path.endswith(".py")]


def within(module: str, parts: Sequence[str]) -> bool:
    return any(module == part or module.startswith(f"{part}.") for part in parts)


def circles(files: Sequence[Source]) -> Iterator[str]:
    """No module may need itself, however long the way round."""
    graph = {
        file.module: sorted(
            {name for _, name in file.imported() if name in file.modules and name != file.module}
        )
        for file in python(files)
    }
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> Iterator[str]:
        if module in way:
            yield f"circle: {' → '.join([*way[way.index(module) :], module])}"
        elif module not in done:
            for following in graph.get(module, ()):
                yield from visit(following, (*way, module))
            done.add(module)

    for module in graph:
        yield from visit(module, ())


# Optional packages take seconds to load, and most installations lack them: one place may ask for them
# when they are needed.
LATE = ("annotations/formats/core/optional_packages.py",)


def hidden_imports(files: Sequence[Source]) -> Iterator[str]:
    """Imports stand at the top of the file, where the two rules above see them."""
    for file in python(files):
        for function, method_of in functions(file.tree):
            if function.name == "ready" and "AppConfig" in method_of:
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield file.at(node, f"import inside the function {function.name}")
        for node in file.nodes:
            late = file.path in LATE
            if isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"} and not late:
                yield file.at(node, "import by a call")


_OTHER_IMPORT = re.compile(r"(?<!from __future__ )\bimport\b.*(\bannotations\b|\\$)", re.MULTILINE)


def bare_imports(files: Sequence[Source]) -> Iterator[str]:
    """`from __future__ import annotations` binds the same name as `import annotations` would."""
    # few files have to be parsed for it
    suspects = (file for file in python(files) if _OTHER_IMPORT.search(file.text))
    for file in suspects:
        for node in file.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if within(alias.name, ["annotations"]):
                        yield file.at(node, f"write `from annotations… import …`, not `import {alias.name}`")


def homonyms(files: Sequence[Source]) -> Iterator[str]:
    """A name has one meaning: no class and no module is called by one of HOMONYMS alone.

    Commands are named for those who run them, and a model is a table of the database.
    """
    for file in python(files):
        if file.path.startswith(("annotations/management/commands/", "annotations/models/")):
            continue
        name = file.module.rsplit(".", 1)[-1]
        if name in HOMONYMS:
            yield f"{file.path}: {name} has several meanings; say {HOMONYMS[name]}"
        for node in file.nodes:
            if isinstance(node, ast.ClassDef) and (word := node.name.lower()) in HOMONYMS:
                yield file.at(node, f"{node.name} has several meanings; say {HOMONYMS[word]}")


def signals(files: Sequence[Source]) -> Iterator[str]:
    """What happens is written in the service that makes it happen."""
    for file in python(files):
        of_signals: set[str] = set()
        for node, name in file.imported():
            if within(name, SIGNALS):
                yield file.at(node, f"signals are not used here: {name}")
            if ".signals" in name and isinstance(node, ast.ImportFrom):
                of_signals |= {alias.asname or alias.name for alias in node.names}
        for node in file.nodes:
            if isinstance(node, ast.Attribute) and node.attr == "connect":
                root = ast.unparse(node.value).split(".")[0]
                if root in of_signals:
                    yield file.at(node, f"signals are not used here: {root}.connect")


def overridden_saves(files: Sequence[Source]) -> Iterator[str]:
    """A rule in save() is passed by bulk writes; rules live in constraints and services."""
    for file in python(files):
        for function, bases in functions(file.tree):
            is_model = within(file.module, ["annotations.models"]) or re.search(r"\bModel\b", bases)
            if bases and is_model and function.name in {"save", "asave", "delete", "adelete"}:
                yield file.at(function, f"a model must not override {function.name}()")


def sizes(files: Sequence[Source]) -> Iterator[str]:
    """What is longer than this is about more than one thing."""
    for file in files:
        lines = file.text.count("\n")
        if lines > LONGEST_FILE:
            yield f"{file.path}: {lines} lines; split it by resource at {LONGEST_FILE}"
        if not file.path.endswith(".py"):
            continue
        for function, _ in functions(file.tree):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > LONGEST_FUNCTION:
                yield file.at(function, f"{function.name} has {length} lines; the most is {LONGEST_FUNCTION}")


def unsafe_markup(files: Sequence[Source]) -> Iterator[str]:
    """Text reaches a page as text."""
    for file in files:
        if file.path.endswith(".py"):
            for node in file.nodes:
                name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", None)
                if name in NEVER_NAMED:
                    yield file.at(node, f"{name} is not used here")
                if isinstance(node, ast.Call) and called(node) in NEVER_CALLED:
                    yield file.at(node, f"{called(node)} is not called here")
            continue
        patterns = {".html": IN_TEMPLATES, ".js": IN_SCRIPTS}.get(Path(file.path).suffix, {})
        for pattern, what in patterns.items():
            for match in re.finditer(pattern, file.text, re.IGNORECASE):
                line = file.text.count("\n", 0, match.start()) + 1
                yield f"{file.path}:{line}: {what}"


def functions(tree: ast.AST, bases: str = "") -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """Every function, with the bases of the class whose method it is (empty for a plain function)."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, bases
            yield from functions(node)
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, ", ".join(map(ast.unparse, node.bases)) or "object")
        else:
            yield from functions(node, bases)


def called(call: ast.Call) -> str | None:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else None


# What leads out of the house, and what it may be reached by: the gate of rights, or what has passed it.
GATES = (
    "annotations.services.rights",
    "annotations.services.exchange.exports",
    "annotations.services.knowledge.outgoing",
    "annotations.services.releases",
)
#: Names by which a module makes a file for somebody outside, or reads the records of one.
FILE_MAKERS = {
    "FileResponse", "StreamingHttpResponse", "content_disposition_header", "CorpusReader", "OutgoingRecords",
}  # fmt: skip
#: Folders whose modules send or show something outside by themselves.
SENDERS = ("annotations.services.webhooks", "annotations.services.feeds", "annotations.services.embeds")
#: Files that hold nothing of an article or of the registry.
HARMLESS_FILES = {
    "annotations/api/stored_files.py": "what a job or a release has stored, which has passed",
    "annotations/api/views/jobs.py": "the log of an import, for whoever has imported",
}
#: Who hands records to writers: records that have passed, of an export or of a frozen release.
WRITES_RECORDS = ("annotations.services.exchange.exports", "annotations.services.releases.build")


def rights_gate(files: Sequence[Source]) -> Iterator[str]:
    """Whatever leaves has passed the gate of rights: no writer, no file and no sender goes round it."""
    senders: dict[str, bool] = {}
    for file in python(files):
        passes = any(within(name, GATES) for _, name in file.imported())
        for sender in SENDERS:
            if within(file.module, [sender]):
                senders[sender] = senders.get(sender, False) or passes
        writes = within(file.module, ["annotations.formats", *WRITES_RECORDS])
        for call in (node for node in file.nodes if isinstance(node, ast.Call)):
            word = called(call)
            if word in {"write_article", "write_entry"} and not writes:
                yield file.at(call, f"{word} goes round the gate of rights; export_corpus passes it")
            if word in FILE_MAKERS and not passes and file.path not in HARMLESS_FILES:
                yield file.at(call, f"{word} makes a file that has not passed the gate of rights")
    for sender, passes in senders.items():
        if not passes:
            yield f"{sender} sends what has not passed the gate of rights"
