"""The scripts and style sheets of the workbench, each kind as one file, so that a first visit asks for few.

The modules stay what they are in the repository; here they are put after each other, those that others
import first, each in a function of its own. No tool is needed for that: the modules are plain, import by
name alone and in no circle, which a test proves.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers

FOLDER = Path(__file__).resolve().parent.parent / "static" / "annotations"
MAIN_MODULE = "main"
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
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class JoinedFile:
    """A file made of several, and its name, which is that of its content."""

    name: str
    content: bytes
    compressed: bytes


def join_modules(modules: Mapping[str, str]) -> str:
    """Return the modules as one, each after those that it imports."""
    return "".join(_wrap_module(name, modules[name]) for name in _in_order(modules, MAIN_MODULE, []))


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
    return f"const ${name} = (() => {{\n{code}return {{ {exported} }};\n}})();\n"


def joined_file(kind: str) -> JoinedFile:
    """Return the scripts or the style sheets, ``js`` or ``css``, as one file."""
    sources = (
        sorted(FOLDER.glob("workbench/*.js")) if kind == "js" else [FOLDER / name for name in STYLE_SHEETS]
    )
    # the times, so that a change shows at once while somebody works on a file
    return _join_files(kind, tuple((source, source.stat().st_mtime_ns) for source in sources))


@lru_cache(maxsize=4)
def _join_files(kind: str, sources: tuple[tuple[Path, int], ...]) -> JoinedFile:
    texts = {source.stem: source.read_text(encoding="utf-8") for source, _ in sources}
    joined = (
        join_modules(texts) if kind == "js" else "".join(_COMMENT.sub("", text) for text in texts.values())
    )
    content = joined.encode()
    digest = hashlib.sha256(content).hexdigest()[:16]
    return JoinedFile(f"{digest}.{kind}", content, gzip.compress(content, mtime=0))


def joined_file_url(kind: str) -> str:
    """Return the address of the joined file as it is now."""
    return reverse(URL_NAME, args=[joined_file(kind).name])


def serve_joined_file(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a joined file, for ever: a change gives it another name. An older name is not found."""
    kind = name.rpartition(".")[2]
    if kind not in _TYPES or joined_file(kind).name != name:
        raise Http404
    found = joined_file(kind)
    is_compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    if is_compressed:
        headers["Content-Encoding"] = "gzip"
    content = found.compressed if is_compressed else found.content
    response = HttpResponse(content, content_type=_TYPES[kind], headers=headers)
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


urlpatterns = [path("admin/workbench/<str:name>", serve_joined_file, name=URL_NAME)]
