"""What only the service's own code can do; it runs in ``manage.py shell``, where Django is ready."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.permissions import Scope
from annotations.services import tokens
from bench.client import HOST


def prepare() -> str:
    """Make the user who does everything; answers an access token with every scope."""
    user = User.objects.create_user("bench")
    user.user_permissions.add(Permission.objects.get(codename="add_corpus"))
    return tokens.create(user, "bench", list(Scope))[1]


def queries(token: str, path: str) -> int:
    """How many queries one GET makes, when another one has filled all caches."""
    client = Client(headers=_headers(token))
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"GET {path}: {answer.status_code}")
    return len(captured)


def _headers(token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}", "host": HOST}
