"""Below a path of its host everything works by one setting: no page, file, link or answer leaves it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import get_script_prefix, set_script_prefix

from annotations.models import AnnotationSet, Corpus
from annotations.services.team import invitations
from project.path_prefix import PathPrefix
from tests.newsroom import Newsroom, span
from tests.speed import shared_rows

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "/standpoint"
ADDRESS = re.compile(rb"""\s(?:href|src|action|data-[a-z-]+)=["'](/[^"']*)["']""")
#: A server's start, and what it answers to the paths of its arguments.
SERVER = """
import sys
from project.wsgi import application

for path in sys.argv[1:]:
    seen = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.input": sys.stdin.buffer,
        "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "SCRIPT_NAME": "",
    }
    body = b"".join(application(environ, lambda status, headers, *_: seen.append((status, dict(headers)))))
    status, headers = seen[0]
    print(status.split()[0], headers.get("Location", ""))
"""

SETTINGS = """
import json
from django.conf import settings

names = ("STATIC_URL", "SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH", "SECURE_REDIRECT_EXEMPT")
print(json.dumps([*(getattr(settings, name) for name in names), settings.SPECTACULAR_SETTINGS["SERVERS"]]))
"""


@pytest.fixture
def prefixed(settings: LazySettings) -> Iterator[None]:
    """The settings that URL_PREFIX=/standpoint makes."""
    settings.FORCE_SCRIPT_NAME = PREFIX
    settings.STATIC_URL = f"{PREFIX}/static/"
    before = get_script_prefix()
    set_script_prefix(f"{PREFIX}/")
    yield
    set_script_prefix(before)


def paths_of(corpus: Corpus, row: AnnotationSet) -> list[str]:
    """Pages of every kind, as they stand below the prefix."""
    return [
        "admin/",
        "admin/login/",
        "admin/annotations/article/",
        "admin/annotations/job/",
        f"admin/annotations/corpus/{corpus.pk}/change/",
        f"admin/annotations/corpus/{corpus.pk}/team/",
        f"admin/annotations/corpus/{corpus.pk}/overview/",
        f"admin/annotations/corpus/{corpus.pk}/hand_out/",
        f"admin/annotations/article/{row.article_id}/change/",
        f"admin/annotations/annotationset/{row.pk}/change/",
        f"admin/annotations/annotationset/{row.pk}/workbench/",
        "api/v1/docs/",
        "admin/nowhere/",
    ]


@pytest.fixture(scope="module")
def stored_newsroom(django_db_setup: None, django_db_blocker: Any) -> Iterator[Newsroom]:
    """A newsroom whose people may sign in to the admin."""
    yield from shared_rows(django_db_blocker, lambda: Newsroom(staff=True))


@pytest.mark.usefixtures("prefixed")
def test_no_address_on_a_page_leaves_the_prefix(newsroom: Newsroom) -> None:
    row = newsroom.set()
    client = Client()
    client.force_login(newsroom.user("max"))
    for path in paths_of(newsroom.lake, row):
        answer = client.get(f"/{path}", follow=False)
        assert answer.status_code in {200, 302, 404}, path
        found = [match.decode() for match in ADDRESS.findall(answer.content)]
        found += [answer["Location"]] if "Location" in answer else []
        assert all(address.startswith(f"{PREFIX}/") for address in found), (path, found)
        assert found or answer.status_code == 404, path
    page = client.get(f"/{paths_of(newsroom.lake, row)[-3]}").content.decode()
    assert f'"api": "{PREFIX}/api/v1/"' in page
    assert client.get("/")["Location"] == f"{PREFIX}/admin/"
    assert Client().get("/admin/")["Location"].startswith(f"{PREFIX}/admin/login/?next={PREFIX}/admin/")


@pytest.mark.usefixtures("prefixed")
def test_no_address_of_the_api_leaves_the_prefix(newsroom: Newsroom) -> None:
    row = newsroom.set()
    at = f"http://testserver{PREFIX}/api/v1/"
    made = newsroom.ann.post(f"sets/{row.pk}/spans/", [span(), span(0, 3)])
    assert made.status == 201, made
    one = newsroom.ann.post(f"sets/{row.pk}/spans/", span(4, 11))
    assert one.headers["Location"].startswith(f"{at}spans/")
    topic = newsroom.max.post("corpora/lake/topics/", {"name": "Water"})
    assert topic.headers["Location"] == f"{at}topics/{topic.data['id']}/"
    page = newsroom.ann.get("corpora/lake/spans/", page_size=1).data
    assert page["next"].startswith(f"{at}corpora/lake/spans/?")
    following = newsroom.ann.raw("GET", page["next"].removeprefix(f"http://testserver{PREFIX}"))
    assert following.data["previous"].startswith(f"{at}corpora/lake/spans/?")
    invited = newsroom.max.post("corpora/lake/invitations/", {"role": "viewer"})
    assert invited.data["link"].startswith(f"http://testserver{PREFIX}/admin/invitation/")
    assert invited.headers["Location"].startswith(f"{at}invitations/")
    job = newsroom.max.raw(
        "POST",
        "corpora/lake/imports/?format=jsonl&background=true",
        b'{"text": "x"}\n',
        "application/x-ndjson",
    )
    assert job.headers["Location"] == f"{at}jobs/{job.data['id']}/"
    assert invitations.invitation_path("si_x") == f"{PREFIX}/admin/invitation/si_x/"


def test_the_server_answers_with_the_prefix_and_without(tmp_path: Path) -> None:
    environment = {**os.environ, "URL_PREFIX": PREFIX, "DATA_DIR": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "project.settings"
    environment.pop("DATABASE_URL", None)
    static = "static/admin/css/base.css"
    paths = [
        f"{PREFIX}/healthz", "/healthz", PREFIX, "/", f"{PREFIX}/{static}", f"/{static}",
        f"{PREFIX}/admin/login/", "/admin/login/", f"{PREFIX}/api/v1/docs/", f"{PREFIX}x/",
    ]  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", SERVER, *paths],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    answers = [line.split(" ") for line in ran.stdout.splitlines()]
    assert [answer[0] for answer in answers] == ["200", "200", "302", "302", *["200"] * 5, "404"], ran.stderr
    assert [answer[1] for answer in answers[2:4]] == [f"{PREFIX}/admin/"] * 2
    ran = subprocess.run(
        [sys.executable, "-c", SETTINGS], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert json.loads(ran.stdout) == [
        f"{PREFIX}/static/",
        PREFIX,
        PREFIX,
        ["^standpoint/healthz$", "^standpoint/readyz$"],
        [{"url": PREFIX}],
    ]


@pytest.mark.parametrize(
    ("path", "rest"),
    [("/standpoint/admin/", "/admin/"), ("/standpoint", ""), ("/standpoints/", "/standpoints/"), ("/", "/")],
)
def test_a_path_that_only_begins_like_the_prefix_is_left(path: str, rest: str) -> None:
    application = PathPrefix(lambda environ, _: [environ["PATH_INFO"].encode()], PREFIX)
    assert list(application({"PATH_INFO": path}, None)) == [rest.encode()]


LITERAL = re.compile(r"""["'`(=]/(?:admin|api|static|healthz)\b""")


def test_no_source_holds_an_address_from_the_root() -> None:
    """But where paths without the prefix are meant: what a request asks for, and the texts of the docs."""
    allowed = {
        "annotations/api/error_views.py", "project/language.py", "project/reference/endpoints.py",
        "project/settings.py", "project/healthcheck.py", "project/env.py", "project/slow_clients.py",
        "project/env_addresses.py",
        "annotations/api/urls.py", "project/refused_requests.py",
    }  # fmt: skip
    sources = [
        file
        for folder in ("annotations", "project")
        for kind in ("*.py", "*.html", "*.js")
        for file in (ROOT / folder).rglob(kind)
    ]
    found = {
        str(file.relative_to(ROOT)) for file in sources if LITERAL.search(file.read_text(encoding="utf-8"))
    }
    assert found <= allowed
