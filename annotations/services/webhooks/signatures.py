"""Secrets of webhooks, and the signatures that the Standard Webhooks specification (v1) makes of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from annotations.models import Webhook

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix is no secret
_SECRET_BYTES = 32
#: For so long the old secret signs beside the new one.
ROTATION = timedelta(hours=24)


def make_secret() -> str:
    """Return a new secret."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def valid_secrets(webhook: Webhook, now: datetime) -> list[str]:
    """Return the secrets that sign: two while the webhook is being rotated."""
    until = webhook.old_secret_until
    is_rotating = bool(webhook.old_secret) and until is not None and now < until
    return [webhook.secret, webhook.old_secret] if is_rotating else [webhook.secret]


def signed_headers(webhook: Webhook, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of one attempt: the id of the message, the time and a signature by each secret."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(each, signed) for each in valid_secrets(webhook, now)),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
