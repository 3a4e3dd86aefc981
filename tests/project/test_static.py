"""Static files get their lasting names, however deep the modules import each other."""

from __future__ import annotations

import posixpath
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client

from project.storage import DigestStaticFilesStorage, HashedStaticFilesStorage

STATIC = Path(__file__).resolve().parent.parent.parent / "annotations" / "static"


def test_every_module_imports_lasting_names(tmp_path: Path) -> None:
    shutil.copytree(STATIC, tmp_path, dirs_exist_ok=True)
    storage = HashedStaticFilesStorage(location=str(tmp_path), base_url="/static/")
    names = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")]
    made = {}
    for name, hashed, processed in storage.post_process({name: (storage, name) for name in names}):
        assert not isinstance(processed, Exception), f"{name}: {processed}"
        if not hashed.endswith(".gz"):
            made[name] = hashed
    modules = [name for name in names if name.endswith(".js")]
    assert modules
    for name in modules:
        for imported in re.findall(r'from "(\.[^"]+)"', (tmp_path / made[name]).read_text(encoding="utf-8")):
            address = posixpath.normpath(posixpath.join(posixpath.dirname(name), imported))
            assert address in made.values(), f"{name} imports {imported}"


@pytest.mark.django_db  # the end of a request looks at the connection
def test_files_in_their_packages_are_kept_under_the_digest_of_their_content(client: Client) -> None:
    def kept(address: str) -> bool:
        with closing(client.get(address)) as answer:
            assert answer.status_code == 200
            return "immutable" in answer["Cache-Control"]

    storage = DigestStaticFilesStorage(base_url="/static/")
    for name in ("admin/css/base.css", "annotations/admin.css", "annotations/icon.svg"):
        address = storage.url(name)
        assert re.fullmatch(rf"/static/{name}\?[0-9a-f]{{12}}", address)
        assert kept(address)
        assert not kept(f"/static/{name}")
        assert not kept(f"/static/{name}?{'0' * 12}"), "that of another content"
    assert storage.url("annotations/nothing.css") == "/static/annotations/nothing.css"
