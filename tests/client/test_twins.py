"""Each request that a guide makes by curl has a twin in Python, which sends the same."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import pytest

from standpoint_client import Client
from standpoint_client.transport import Transport

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "howto"
TWINS = GUIDES / "from-python.md"
TOKEN = "secret"
#: Variables whose values the address has; all others are their own names.
VALUES = {"AFTER": "7", "FORMAT": "quotes"}
#: What the client sends of its own accord: articles that are there are brought up to date.
OWN = {("on_conflict", "update")}
#: A command, which goes on behind a line that ends with a backslash or within its quotes.
CURL = re.compile(r"^ *curl (?:[^\n]*\\\n|[^\n]*'\[\n(?:.*\n)*?\]'|[^\n]*\{[^\n}]*\n)*[^\n]*", re.MULTILINE)
NAMES = ["ARTICLE", "DECISION", "ID", "ITEM", "JOB", "LOSER", "SET", "SPAN", "STORY", "WINNER"]
#: Options of curl with a value that says nothing about the request.
_IGNORED = {"-o", "-w", "--output", "-b", "-H"}
_DOWNLOADS = ("/export/", "/file/")
EMPTY = b64encode(hashlib.sha256(b"").digest()).decode()


class Sent(NamedTuple):
    """A request: what a guide and its twin have in common."""

    method: str
    path: str
    query: frozenset[tuple[str, str]]
    body: str


def as_sent(method: str, address: str, body: str, query: dict[str, str] | None = None) -> Sent:
    """Return a request without what depends on the machine, and without ids that the client makes."""
    parts = urlsplit(address)
    pairs = {*parse_qsl(parts.query, keep_blank_values=True), *(query or {}).items()} - OWN
    if parts.path.endswith("/exports/"):  # takes its parameters in the address or in the body
        pairs |= json.loads(body or "{}").items()
        body = ""
    return Sent(method, unquote(parts.path), frozenset(pairs), canonical(body))


def canonical(body: str) -> str:
    try:
        value = json.loads(body)
    except ValueError:
        return ""  # the content of a file
    if isinstance(value, dict):
        value.pop("id", None)
        value = {name: ["…"] if name == "articles" else item for name, item in value.items()}
    return json.dumps(value, sort_keys=True) if value else ""


def curls(page: Path) -> Iterator[Sent]:
    """Yield the requests to the API that a guide makes by curl, but those of a browser session."""
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for found in CURL.finditer(block):
            words = shlex.split(re.sub(r"\\\n", " ", found[0]), comments=True)[1:]
            if "$COOKIES" not in words and any("/api/v1/" in word or "$API" in word for word in words):
                yield parse_curl(words)


def parse_curl(words: list[str]) -> Sent:
    method, body, address = "", "", ""
    query: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word in ("-X", "--request"):
            method = next(rest)
        elif word in ("-d", "--data-binary", "--data-urlencode"):
            value = next(rest)
            if "-G" in words:
                name, _, given = value.partition("=")
                query[name] = given
            else:
                body = value
        elif word in _IGNORED:
            next(rest)
        elif not word.startswith("-"):
            address = word
    address = re.sub(r"^.*?(?:\$API|/api/v1)/", "/api/v1/", address)
    method = method or ("POST" if body else "GET")
    return as_sent(method, fill(address), fill(body), query)


def fill(text: str) -> str:
    """Return a text with a value for each variable of the shell."""
    return re.sub(r"\$([A-Z]+)", lambda found: VALUES.get(found[1], found[1].lower()), text)


class Recorder(httpx.BaseTransport):
    """A service that notes what it is sent, and answers with what the client goes on with."""

    def __init__(self) -> None:
        self.sent: set[Sent] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.add(as_sent(request.method, str(request.url), request.read().decode()))
        if request.url.path.endswith(_DOWNLOADS):
            headers = {"Repr-Digest": f"sha-256=:{EMPTY}:"}
            return httpx.Response(200, headers=headers, content=b"")
        digest = {"sha256": hashlib.sha256(b"").hexdigest()}
        state = "queued" if request.method == "POST" else "done"
        row: dict[str, Any] = {
            "results": [],
            "next": None,
            "failed": 0,
            "id": "job",
            "state": state,
            "result": digest,
        }
        number = {} if request.url.path.endswith("/exports/") else {"number": 1}
        return httpx.Response(200, headers={"ETag": '"1"'}, json=row | number)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> set[Sent]:
    """What the page of twins sends, run from its first line to its last."""
    recorder, folder = Recorder(), tmp_path_factory.mktemp("twins")
    for name in ("a1.txt", "articles.jsonl", "project.json"):
        (folder / name).write_text("…")
    client = Client("http://127.0.0.1:8000", TOKEN)
    client.transport = Transport(
        "http://127.0.0.1:8000", TOKEN, http=httpx.Client(transport=recorder), sleep=lambda _: None
    )
    values: dict[str, Any] = {name: name.lower() for name in NAMES} | {"TOKEN": TOKEN, "AFTER": 7}
    code = "\n".join(re.findall(r"```python\n(.*?)```", TWINS.read_text(encoding="utf-8"), re.DOTALL))
    code = code.replace('Client("http://127.0.0.1:8000", TOKEN)', "CLIENT")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(code, values | {"CLIENT": client})  # noqa: S102 - the page of our own documentation
    return recorder.sent


@pytest.mark.parametrize("guide", [page.name for page in sorted(GUIDES.glob("*.md")) if any(curls(page))])
def test_each_request_of_a_guide_has_a_twin_in_python(guide: str, sent: set[Sent]) -> None:
    assert [request for request in curls(GUIDES / guide) if request not in sent] == []


def test_the_page_names_each_guide_with_requests() -> None:
    named = set(re.findall(r"\(([a-z-]+\.md)\)", TWINS.read_text(encoding="utf-8")))
    assert {page.name for page in GUIDES.glob("*.md") if any(curls(page))} <= named
