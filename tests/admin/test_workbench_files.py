"""The scripts and style sheets of the workbench as one file each."""

from __future__ import annotations

import gzip
import re

import pytest
from django.test import Client

from annotations.admin.workbench_files import (
    FOLDER,
    STYLE_SHEETS,
    JoinedFile,
    join_modules,
    joined_file_url,
    script_file,
    style_file,
)
from annotations.enums import SetKind
from project.compression import StaticCompressionMiddleware

MODULES = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("workbench/*.js")}


def modules_of(kind: SetKind) -> list[str]:
    """The modules that a kind of set loads, in their order."""
    return re.findall(r"^const \$(\w+) = \(\(\) => \{$", join_modules(MODULES, kind), re.MULTILINE)


@pytest.mark.parametrize("kind", SetKind)
def test_each_module_stands_once_and_after_those_that_it_imports(kind: SetKind) -> None:
    names = modules_of(kind)
    assert len(set(names)) == len(names)
    for name in names:
        for imported in re.findall(r'from "\./(\w+)\.js"', MODULES[name]):
            assert names.index(imported) < names.index(name)
    assert not re.search(r"^(import|export) ", join_modules(MODULES, kind), re.MULTILINE)


def test_a_set_loads_nothing_that_only_the_other_kind_needs() -> None:
    annotation, adjudication = (set(modules_of(kind)) for kind in SetKind)
    assert annotation | adjudication == set(MODULES)
    assert annotation - adjudication == {"annotation"}
    assert {"decisionsPanel", "decisionItem", "ownSpanForm"} <= adjudication - annotation


def test_modules_are_written_as_they_can_be_joined() -> None:
    """Other forms of importing and exporting would have to be joined in other ways."""
    for name, source in MODULES.items():
        imports = re.findall(r"^import .*$", source, re.MULTILINE)
        assert all(re.fullmatch(r'import \{ [\w, ]+ \} from "\./\w+\.js";', row) for row in imports), name
        exports = re.findall(r"^export .*$", source, re.MULTILINE)
        assert all(re.match(r"export (async function|function|class|const) \w", row) for row in exports), name


def test_a_string_over_several_lines_is_a_list_of_words() -> None:
    """The joined file has no indentation, which such a list does not miss."""
    for name, source in MODULES.items():
        code = re.sub(r"/\*.*?\*/|^\s*//.*?$", "", source, flags=re.DOTALL | re.MULTILINE)
        lists = [text for text in re.findall(r"`[^`]*`", code) if "\n" in text]
        assert not lists or r"split(/\s+/)" in code, name


def test_a_module_keeps_its_code_and_loses_its_comments() -> None:
    main = 'import { one } from "./other.js";\n\n/** Says. */\none(/* here */ "// no");\n// gone\n'
    other = "/* a\n * b */\nexport function one(word) {\n  /** @type {X} */ (word);\n}\nexport const A = 2;\n"
    assert join_modules({"main": main, "other": other}, "main") == (
        "const $other = (() => {\nfunction one(word) {\n/** @type {X} */ (word);\n}\nconst A = 2;\n"
        "return { one, A };\n})();\n"
        'const $main = (() => {\nconst { one } = $other;\none(/* here */ "// no");\nreturn {  };\n})();\n'
    )


def test_every_style_sheet_of_the_workbench_is_in() -> None:
    assert {path.name for path in FOLDER.glob("workbench*.css")} == set(STYLE_SHEETS)


@pytest.mark.parametrize("found", [style_file(), *map(script_file, SetKind)], ids=["css", *SetKind])
def test_a_joined_file_is_kept_for_ever_under_the_name_of_its_content(found: JoinedFile) -> None:
    client, url = Client(), joined_file_url(found)
    plain = client.get(url)
    assert plain.content == found.content
    assert plain["Cache-Control"] == "public, max-age=31536000, immutable"
    packed = client.get(url, headers={"Accept-Encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == found.content
    assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert client.get(url.replace(found.name, f"0000.{found.name}")).status_code == 404
    assert client.get(url.replace(found.name, "x.txt")).status_code == 404


def test_static_files_of_packages_are_compressed() -> None:
    assert StaticCompressionMiddleware.__module__ == "project.compression"
    path, client = "/static/admin/css/base.css", Client()
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.getvalue()) == plain.getvalue()
    assert packed["ETag"] == plain["ETag"]
    assert "Accept-Encoding" in packed["Vary"]
    same = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
    assert same.status_code == 304
    small = client.get("/static/annotations/icon.svg", headers={"Accept-Encoding": "gzip"})
    assert small.getvalue().startswith(b"<svg")
    assert not small.has_header("Content-Encoding")
