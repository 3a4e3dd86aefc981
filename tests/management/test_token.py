"""``manage.py token``: prints the token once, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotations.models import AccessToken
from annotations.services.core import access_tokens
from tests import factories

pytestmark = pytest.mark.django_db


def token(*arguments: str) -> str:
    out = StringIO()
    call_command("token", *arguments, stdout=out)
    return out.getvalue()


def test_the_token_and_nothing_else_is_printed() -> None:
    factories.make_user("ann")
    printed = token("ann", "--scope", "annotate", "--scope", "read", "--name", "laptop")
    row = AccessToken.objects.get()
    assert row.digest == access_tokens.token_digest(printed.removesuffix("\n"))
    assert printed.split() == [printed.removesuffix("\n")]
    assert (row.user.username, row.name, row.expires_at) == ("ann", "laptop", None)
    assert row.scopes == ["read", "annotate"]


def test_it_may_end() -> None:
    factories.make_user("ann")
    token("ann", "--scope", "read", "--expires-days", "30")
    row = AccessToken.objects.get()
    assert row.expires_at is not None
    assert abs(row.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


REFUSED = [
    (("bob", "--scope", "read"), "There is no active person called 'bob'"),
    (("gone", "--scope", "read"), "There is no active person called 'gone'"),
    (("ann",), "A token needs at least one --scope; there are read, annotate, review, manage, ingest."),
    (("ann", "--scope", "all"), "There is no scope 'all'; there are read, annotate"),
    (("ann", "--scope", "read", "--expires-days", "0"), "--expires-days takes 1 to 3650 days, not 0."),
    (("ann", "--scope", "read", "--expires-days", "9" * 12), "--expires-days takes 1 to 3650 days"),
    (("ann", "--scope", "read", "--name", " "), "The name is empty"),
    (("ann", "--scope", "read", "--name", "n" * 101), "The name has 101 code points"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_what_is_refused_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    factories.make_user("ann")
    factories.make_user("gone", is_active=False)
    with pytest.raises(CommandError) as caught:
        token(*arguments)
    assert str(caught.value).startswith(said)
    assert str(caught.value).endswith(".")
    assert not AccessToken.objects.exists()
