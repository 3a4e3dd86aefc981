"""Webhooks of a corpus: made, changed, rotated, disabled and deleted by its managers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from annotations.enums import NotificationKind
from annotations.exceptions import error_at
from annotations.models import (
    Corpus,
    DisabledReason,
    Membership,
    Notification,
    Role,
    Webhook,
    WebhookState,
    uuid7,
)
from annotations.permissions import Permission, VisibleRow, require_permission
from annotations.services.core import events
from annotations.services.core.constraints import retry_on_conflict, translate_integrity_errors
from annotations.services.core.errors import id_taken_error, require_current_version
from annotations.services.core.sets import require_not_archived
from annotations.services.outgoing.addresses import require_callable
from annotations.services.webhooks import outbox, signatures
from annotations.visibility import get_visible_row

_CONTENT = ("url", "description", "events", "payload")


def webhook_payload(row: Webhook) -> dict[str, Any]:
    """Return the payload of an event about a webhook, without its secrets."""
    values = {name: getattr(row, name) for name in (*_CONTENT, "state")}
    return {"id": str(row.pk), **values, "reason": row.disabled_reason or None}


@retry_on_conflict
def create_webhook(
    by: User, seen: VisibleRow[Corpus], values: Mapping[str, Any], *, origin: str = ""
) -> tuple[Webhook, str]:
    """Create a webhook; return it and its secret, which cannot be shown again.

    It is told what happens from now on. The same id with the same content is a repeat: the stored webhook is
    returned, with "" as its secret. ``origin`` is the address of the service for links.
    """
    corpus = require_permission(by, Permission.CHANGE_WEBHOOK, seen)
    stored = (
        Webhook.objects.select_related("created_by").filter(pk=values["id"]).first()
        if values.get("id")
        else None
    )
    if stored is not None:
        same = (stored.corpus_id, stored.created_by_id) == (corpus.pk, by.pk)
        if not same or any(getattr(stored, name) != values[name] for name in _CONTENT if name in values):
            with error_at("/id"):
                raise id_taken_error(stored.pk)
        return stored, ""
    require_not_archived(corpus)
    with error_at("/url"):
        require_callable(values["url"])
    row = Webhook(
        **{"id": uuid7(), **values},
        corpus=corpus,
        secret=signatures.make_secret(),
        origin=origin,
        created_by=by,
        created_at=timezone.now(),
    )
    with transaction.atomic(), translate_integrity_errors({}):
        row.cursor = events.max_committed_seq()
        row.save(force_insert=True)
        events.record_event("webhook_added", by=by, corpus_id=corpus.pk, after=webhook_payload(row))
    return row, row.secret


def update_webhook(by: User, id: UUID, changes: Mapping[str, Any], *, version: int) -> Webhook:
    """Change a webhook; one that is made active again goes on where it stopped."""
    if "url" in changes and not Webhook.objects.filter(pk=id, url=changes["url"]).exists():
        # a name may take seconds to be resolved, for which nothing is locked
        with error_at("/url"):
            require_callable(changes["url"])
    with transaction.atomic():
        row = lock_webhook(by, id)
        if all(getattr(row, name) == value for name, value in changes.items()):
            return row
        require_current_version("webhook", row.version, version)
        require_not_archived(row.corpus)
        before = webhook_payload(row)
        state = changes.get("state", row.state)
        if state != row.state:
            _set_state(row, WebhookState(state), timezone.now())
        for name, value in changes.items():
            setattr(row, name, value)
        row.version += 1
        row.save(update_fields=[*_CONTENT, *_STATE, "version"])
        after = webhook_payload(row)
        events.record_event("webhook_changed", by=by, corpus_id=row.corpus_id, before=before, after=after)
        if row.state == WebhookState.ACTIVE:
            outbox.wake(Webhook.objects.filter(pk=row.pk), timezone.now())
    return row


_STATE = ("state", "disabled_reason", "disabled_at", "failing_since")


def _set_state(
    row: Webhook, state: WebhookState, now: datetime, reason: DisabledReason = DisabledReason.BY_HAND
) -> None:
    is_active = state == WebhookState.ACTIVE
    row.state = state
    row.disabled_reason = "" if is_active else reason
    row.disabled_at = None if is_active else now
    row.failing_since = None if is_active else row.failing_since


@transaction.atomic
def rotate_secret(by: User, id: UUID) -> tuple[Webhook, str]:
    """Give a webhook a new secret; return it and the secret. For a day the old one signs beside it."""
    row = lock_webhook(by, id)
    require_not_archived(row.corpus)
    row.old_secret, row.secret = row.secret, signatures.make_secret()
    row.old_secret_until = timezone.now() + signatures.ROTATION
    row.version += 1
    row.save(update_fields=["old_secret", "secret", "old_secret_until", "version"])
    events.record_event("webhook_rotated", by=by, corpus_id=row.corpus_id, after=webhook_payload(row))
    return row, row.secret


@transaction.atomic
def delete_webhook(by: User, id: UUID, *, version: int) -> None:
    """Delete a webhook with its deliveries."""
    row = lock_webhook(by, id)
    require_current_version("webhook", row.version, version)
    require_not_archived(row.corpus)
    events.record_event("webhook_deleted", by=by, corpus_id=row.corpus_id, before=webhook_payload(row))
    row.delete()


def lock_webhook(by: User, id: UUID) -> Webhook:
    """Return a webhook locked, if the user may change it."""
    rows = Webhook.objects.select_for_update(of=("self",)).select_related("corpus", "created_by")
    seen = get_visible_row(by, rows.defer("corpus__guideline"), pk=id)
    return require_permission(by, Permission.CHANGE_WEBHOOK, seen)


@transaction.atomic
def disable_webhook(webhook: Webhook, reason: DisabledReason, now: datetime) -> None:
    """Disable a webhook whose receiver does not take anything, and tell the managers of the corpus."""
    row = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if row.state == WebhookState.DISABLED:
        return
    before = webhook_payload(row)
    _set_state(row, WebhookState.DISABLED, now, reason)
    row.version += 1
    row.save(update_fields=[*_STATE, "version"])
    after = webhook_payload(row)
    events.record_event("webhook_disabled", by=None, corpus_id=row.corpus_id, before=before, after=after)
    managers = Membership.objects.filter(corpus=row.corpus_id, role=Role.MANAGER, user__is_active=True)
    Notification.objects.bulk_create(
        Notification(
            recipient_id=id,
            corpus_id=row.corpus_id,
            kind=NotificationKind.WEBHOOK_DISABLED,
            webhook=row,
            created_at=now,
        )
        for id in managers.order_by("user_id").values_list("user_id", flat=True)
    )
