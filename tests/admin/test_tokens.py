"""An access token is shown once, and its secret is nowhere else."""

from __future__ import annotations

from django.apps import apps
from django.contrib.admin.models import LogEntry

from annotations.models import AccessToken
from annotations.services.core.access_tokens import token_digest
from tests.admin.conftest import TwoNewsrooms, page


def test_the_secret_is_in_one_answer_and_nowhere_else(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("ann")
    form = client.get(page(AccessToken, "add")).context["adminform"].form
    sent = {
        "name": "my script",
        "chosen": ["read", "annotate"],
        "days": "7",
        "new_id": form["new_id"].value(),
    }
    answer = client.post(page(AccessToken, "add"), sent)
    assert answer.status_code == 200
    secret = answer.context["secret"]
    assert f'value="{secret}"'.encode() in answer.content
    assert "no-store" in answer["Cache-Control"]
    token = AccessToken.objects.get(name="my script")
    assert (token.user, token.digest, token.scopes) == (
        newsrooms.ann,
        token_digest(secret),
        ["read", "annotate"],
    )
    assert token.expires_at is not None
    assert (token.expires_at - token.created_at).days in {6, 7}
    pages = [page(AccessToken, "changelist"), page(AccessToken, "change", token.pk)]
    for name in ("ann", "sue"):
        for url in pages:
            body = newsrooms.client(name).get(url).content.decode()
            assert "my script" in body
            assert secret not in body
            assert token.digest not in body
    cookies = " ".join(cookie.output() for cookie in client.cookies.values())
    stored = repr([list(model._default_manager.values_list()) for model in apps.get_models()])
    for place in (cookies, repr(dict(client.session)), stored):
        assert secret not in place
    assert not LogEntry.objects.exists()


def test_a_form_that_is_sent_again_makes_no_second_token(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("ann")
    form = client.get(page(AccessToken, "add")).context["adminform"].form
    sent = {"name": "once", "chosen": "read", "days": "", "new_id": form["new_id"].value()}
    answers = [client.post(page(AccessToken, "add"), sent) for _ in range(2)]
    assert "secret" in answers[0].context
    assert "secret" not in answers[1].context
    token = AccessToken.objects.get(name="once")
    assert token.expires_at is None


def test_a_token_is_not_made_for_others_nor_with_scopes_that_do_not_exist(newsrooms: TwoNewsrooms) -> None:
    client, before = newsrooms.client("ann"), AccessToken.objects.count()
    new = "0193a4c1-7a3e-7c11-8f0e-0123456789ab"
    for wrong in (
        {"chosen": "admin"}, {"chosen": ""}, {"days": "0"}, {"days": "99999"}, {"name": " "},
        {"name": "a\u202eb"}, {"new_id": "x"},
    ):  # fmt: skip
        sent = {"name": "n", "chosen": "read", "days": "1", "new_id": new, **wrong}
        assert "secret" not in client.post(page(AccessToken, "add"), sent).context, wrong
    assert AccessToken.objects.count() == before
    sent = {"name": "n", "chosen": "read", "days": "1", "new_id": new, "user": str(newsrooms.max.pk)}
    client.post(page(AccessToken, "add"), sent)
    assert AccessToken.objects.get(pk=new).user == newsrooms.ann


def test_only_its_owner_revokes_a_token_and_nobody_changes_one(newsrooms: TwoNewsrooms) -> None:
    token = newsrooms.a[AccessToken]
    for name in ("max", "sue", "sam"):
        client = newsrooms.client(name)
        client.post(page(AccessToken, "delete", token.pk), {"post": "yes"})
        client.post(page(AccessToken, "change", token.pk), {"name": "x", "scopes": "manage", "_save": "1"})
    token.refresh_from_db()
    assert token.name == "kiwi-token"
    assert (
        newsrooms.client("ann").post(page(AccessToken, "delete", token.pk), {"post": "yes"}).status_code
        == 302
    )
    assert not AccessToken.objects.filter(pk=token.pk).exists()
