"""A client that openapi-python-client makes of the document, at work with a running server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.server import Server, running_server

pytestmark = pytest.mark.slow
#: Not the name of the client that is written by hand, which is there in the same process.
NAME = "generated_client"
ARTICLES = 7


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("data")) as running:
        running.manage("demo")
        yield running


@pytest.fixture(scope="module")
def generated(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the generator says; the client can be imported, and is installed nowhere."""
    pytest.importorskip("openapi_python_client")
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.yml").write_text("post_hooks: []\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    # the generator itself waits five seconds for the document, which a busy machine may exceed
    (folder / "openapi.json").write_bytes(server.request("GET", "/api/v1/schema/")[1])
    command += ["--path", str(folder / "openapi.json"), "--output-path", str(folder / NAME)]
    done = subprocess.run(
        [*command, "--config", str(folder / "config.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield done.stdout + done.stderr


def module(name: str) -> Any:
    """A module of the client."""
    return import_module(f"{NAME}.{name}")


@pytest.fixture
def client(server: Server, generated: str) -> Iterator[Any]:
    scopes = [part for scope in ("read", "ingest", "manage") for part in ("--scope", scope)]
    made = module("client").AuthenticatedClient(server.url, server.manage("token", "max", *scopes))
    yield made
    made.get_httpx_client().close()  # an open connection would be a fault of whichever test comes next


def test_every_operation_is_in_the_client(server: Server, generated: str) -> None:
    left_out = set(re.findall(r"WARNING parsing (\S+ \S+)", generated))
    # the generator knows no lines of JSON, and makes what else these take or answer
    assert left_out <= {"POST /api/v1/corpora/{slug}/imports/", "GET /api/v1/jobs/{id}/report/"}, generated
    document = json.loads(server.request("GET", "/api/v1/schema/")[1])
    ids = {row["operationId"] for methods in document["paths"].values() for row in methods.values()}
    folder = Path(str(module("api").__file__)).parent
    assert ids == {path.stem for path in folder.glob("*/*.py") if path.stem != "__init__"}
    models = Path(str(module("models").__file__)).parent
    assert {"role.py", "state.py", "article.py", "problem.py"} <= {path.name for path in models.iterdir()}


def test_it_imports_pages_and_exports(server: Server, client: Any) -> None:
    slug = module("api.corpus.corpus_list").sync(client=client).results[0].slug
    types, formats = module("types"), module("models.import_format").ImportFormat
    lines = "".join(f'{{"external_id": "made-{n}", "text": "Text {n}."}}\n' for n in range(ARTICLES))
    body = types.File(payload=BytesIO(lines.encode()), mime_type="application/octet-stream")
    report = module("api.import_.import_create").sync(slug, client=client, body=body, format_=formats.JSONL)
    assert (report.created, report.failed) == (ARTICLES, 0)

    found, cursor = [], types.UNSET
    while cursor is not None:
        page = module("api.article.article_list").sync(slug, client=client, page_size=3, cursor=cursor)
        found += page.results
        cursor = page.next_ and parse_qs(urlsplit(page.next_).query)["cursor"][0]
    assert len({row.id for row in found}) == len(found)
    made = {row.external_id: row for row in found if str(row.external_id).startswith("made-")}
    assert len(made) == ARTICLES
    assert (
        module("api.article_text.article_text_retrieve").sync(made["made-3"].id, client=client) == "Text 3."
    )

    wanted = module("models.export_format").ExportFormat
    export = module("api.export.export_retrieve").sync_detailed
    sets = module("models.export_sets").ExportSets.NONE
    exported = export(slug, client=client, format_=wanted.JSONL, sets=sets, external_id="made-3")
    articles = [json.loads(line) for line in exported.content.decode().splitlines()]
    assert [line["external_id"] for line in articles if line["type"] == "article"] == ["made-3"]
    assert export(slug, client=client, format_=wanted.QUOTES).parsed.startswith("article_id,")


def test_a_refusal_is_a_problem(client: Any) -> None:
    problem = module("api.corpus.corpus_retrieve").sync("nowhere", client=client)
    assert (problem.code.value, problem.status) == ("not-found", 404)
