"""The scripts and style sheets of the workbench, each kind as one file, so that a first visit asks for few.

The modules stay what they are in the repository; here they are put after each other, those that others
import first, each in a function of its own, without comments and indentation. No tool is needed for that:
the modules are plain, import by name alone and in no circle, which a test proves. Each kind of set begins
with the module of its name, so that nobody loads what only the others need.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers

from annotations.enums import SetKind

FOLDER = Path(__file__).resolve().parent.parent / "static" / "annotations"
#: In the order in which they follow each other in the page.
STYLE_SHEETS = (
    "workbench.css",
    "workbench-marks.css",
    "workbench-search.css",
    "workbench-panels.css",
    "workbench-talk.css",
    "workbench-drafts.css",
    "workbench-review.css",
    "workbench-decisions.css",
    "workbench-way.css",
    "workbench-group.css",
    "workbench-small.css",
)
URL_NAME = "workbench-file"
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}

_IMPORT = re.compile(r'^import \{ ([^}]+) \} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async function|function|class|const) (\w+))", re.MULTILINE)
#: Strings that go over lines are lists of words, between which any space does, which a test proves.
_INDENT = re.compile(r"^\s+", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class JoinedFile:
    """A file made of several, and its name, which is that of its content."""

    name: str
    content: bytes
    compressed: bytes


def join_modules(modules: Mapping[str, str], main: str) -> str:
    """Return a module with those that it needs as one, each after those that it imports."""
    return "".join(_wrap_module(name, modules[name]) for name in _in_order(modules, main, []))


def _in_order(modules: Mapping[str, str], name: str, done: list[str]) -> Iterator[str]:
    for _, imported in _IMPORT.findall(modules[name]):
        if imported not in done:
            yield from _in_order(modules, imported, done)
    done.append(name)
    yield name


def _wrap_module(name: str, source: str) -> str:
    """Return a module as a function that is called once, and returns what it exports."""
    code = _COMMENT.sub("", source)
    exported = ", ".join(match[1] for match in _EXPORT.findall(code))
    code = _EXPORT.sub(r"\1", _IMPORT.sub(r"const { \1 } = $\2;\n", code))
    code = _INDENT.sub("", code)
    return f"const ${name} = (() => {{\n{code}return {{ {exported} }};\n}})();\n"


def script_file(kind: SetKind) -> JoinedFile:
    """Return the scripts that the workbench needs for a kind of set as one file."""
    return _join_files(kind, _dated_files(FOLDER.glob("workbench/*.js")))


def style_file() -> JoinedFile:
    """Return the style sheets of the workbench as one file."""
    return _join_files(None, _dated_files(FOLDER / name for name in STYLE_SHEETS))


def _dated_files(paths: Iterable[Path]) -> tuple[tuple[Path, int], ...]:
    """Return the files with their times, so that a change shows at once while somebody works on one."""
    return tuple((path, path.stat().st_mtime_ns) for path in paths)


@lru_cache(maxsize=6)
def _join_files(main: SetKind | None, sources: tuple[tuple[Path, int], ...]) -> JoinedFile:
    texts = {source.stem: source.read_text(encoding="utf-8") for source, _ in sources}
    joined = join_modules(texts, main) if main else _join_styles(texts.values())
    content = joined.encode()
    digest = hashlib.sha256(content).hexdigest()[:16]
    return JoinedFile(f"{digest}.{'js' if main else 'css'}", content, gzip.compress(content, mtime=0))


def _join_styles(texts: Iterable[str]) -> str:
    return "".join(_INDENT.sub("", _COMMENT.sub("", text)) for text in texts)


def joined_file_url(file: JoinedFile) -> str:
    """Return the address of a joined file."""
    return reverse(URL_NAME, args=[file.name])


def serve_joined_file(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a joined file, for ever: a change gives it another name. An older name is not found."""
    files = [style_file(), *(script_file(kind) for kind in SetKind)]
    found = next((file for file in files if file.name == name), None)
    if found is None:
        raise Http404
    is_compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    if is_compressed:
        headers["Content-Encoding"] = "gzip"
    content = found.compressed if is_compressed else found.content
    response = HttpResponse(content, content_type=_TYPES[name.rpartition(".")[2]], headers=headers)
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


urlpatterns = [path("admin/workbench/<str:name>", serve_joined_file, name=URL_NAME)]
